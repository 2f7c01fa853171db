"""What was asked of the sandbox: the latest requests, without a key in them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal, overload

__all__ = ["LoggedRequest", "RequestLog"]

MAX_ENTRIES = 1_000
MAX_BODY_BYTES = 16 * 1024 * 1024  # of all entries together

REDACTED = "[redacted]"
#: Members of a body whose value opens an account, or proves that one has what does.
SECRET_NAMES = frozenset({"apikey", "apisecret", "sha", "sha1", "password", "token"})

KeyVerdict = Literal["valid", "refused", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """One request and its answer.

    Attributes
    ----------
    number : int
        Counted from 1 since the start or the last reset.
    at : float
        When it arrived, by the sandbox's clock, in seconds since 1970.
    key : {"valid", "refused", "none"}
        What became of the API-KEY header; never the key.
    records : int
        Products, events or contacts in the body.
    status : int or None
        None where no answer went out.
    fault : str or None
        Kind of the fault it met.
    body : bytes or None
        As it was sent, secrets taken out; None where it was too large to keep, or is no longer kept.
    """

    number: int
    at: float
    method: str
    path: str
    key: KeyVerdict
    records: int
    status: int | None
    reason_codes: tuple[int, ...] = ()
    fault: str | None = None
    body: bytes | None = field(default=None, repr=False)

    @property
    def json(self) -> Any:
        """The body read as JSON.

        Raises
        ------
        ValueError
            Where it is no JSON, or was not kept.
        """
        if self.body is None:
            raise ValueError(f"the body of request {self.number} was not kept; look at it sooner")
        return json.loads(self.body)


class RequestLog(Sequence[LoggedRequest]):
    """The latest requests, oldest first; a sequence that may be read while the sandbox serves.

    Attributes
    ----------
    total : int
        Requests since the start or the last :meth:`clear`, those no longer kept included.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: deque[LoggedRequest] = deque()
        self._body_bytes = 0
        self.total = 0

    def add(self, *, body: bytes, **known: Any) -> LoggedRequest:
        """Append an entry; the oldest ones go when there are too many or their bodies grow too large."""
        kept = redact(body)
        with self._lock:
            self.total += 1
            entry = LoggedRequest(number=self.total, body=kept, **known)
            self._entries.append(entry)
            self._body_bytes += len(kept or b"")
            while len(self._entries) > MAX_ENTRIES or self._body_bytes > MAX_BODY_BYTES:
                self._body_bytes -= len(self._entries.popleft().body or b"")
        return entry

    def clear(self) -> None:
        """Forget all entries and count from 1 again."""
        with self._lock:
            self._entries.clear()
            self._body_bytes = 0
            self.total = 0

    @overload
    def __getitem__(self, position: int) -> LoggedRequest: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[LoggedRequest]: ...
    def __getitem__(self, position: int | slice) -> LoggedRequest | Sequence[LoggedRequest]:
        return self._snapshot()[position]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self._snapshot())

    def __repr__(self) -> str:
        return f"RequestLog({self.total} requests, {len(self)} kept)"

    def _snapshot(self) -> list[LoggedRequest]:
        with self._lock:
            return list(self._entries)


def redact(body: bytes) -> bytes | None:
    """The body without secrets; None where it can't be read and something in it is called like one."""
    lowered = body.lower()
    if not any(name.encode() in lowered for name in SECRET_NAMES) and b"\\u" not in lowered:
        return body
    try:
        return json.dumps(_without_secrets(json.loads(body)), separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return None


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: REDACTED if name.casefold() in SECRET_NAMES else _without_secrets(member)
            for name, member in value.items()
        }
    return [_without_secrets(member) for member in value] if isinstance(value, list) else value
