"""The kinds of faults, and one fault as a value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from smnotebook.errors import UsageError

__all__ = ["Fault", "FaultKind", "read_script"]

_MAX_REQUESTS = 100_000


class FaultKind(Enum):
    """What happens to a request that meets a fault.

    Attributes
    ----------
    commits : bool
        Whether the operation is carried out all the same, unless the fault says otherwise.
    """

    UNAVAILABLE = ("unavailable", False, "503 with a JSON message")
    THROTTLED = ("throttled", False, "429 with a JSON message")
    HTML = ("html", False, "an HTML error page (503 unless a status is given)")
    EMPTY = ("empty", False, "204 without a body")
    FLAT_ERROR = ("flat_error", False, "the flat error shape with a reason code")
    WRONG_REASON = ("wrong_reason", False, "a reason code that has nothing to do with the request")
    REFUSE_BATCH = ("refuse_batch", False, "product calls: all of the batch is refused, for the products named if any")
    ACCEPT_PARTLY = ("accept_partly", True, "product calls: the rest of the batch is stored and the answer is an error")
    LATENCY = ("latency", True, "the answer comes late")
    SLOW = ("slow", True, "the answer comes a byte at a time")
    TRUNCATED = ("truncated", True, "half of the JSON, well framed")
    CUT_BEFORE = ("cut_before", False, "the connection breaks and nothing was done")
    CUT_ANSWER = ("cut_answer", True, "the connection breaks in the middle of the answer")
    COMMIT_THEN_CUT = ("commit_then_cut", True, "all was done and the connection breaks without an answer")
    COMMIT_THEN_SILENCE = ("commit_then_silence", True, "all was done and no answer comes, until the connection breaks")

    def __init__(self, wire_name: str, commits: bool, meaning: str) -> None:  # noqa: FBT001 - a column of the table above
        self.wire_name = wire_name
        self.commits = commits
        self.meaning = meaning

    @property
    def leaves_unanswered(self) -> bool:
        """Whether not a single byte comes back."""
        return self in (FaultKind.CUT_BEFORE, FaultKind.COMMIT_THEN_CUT, FaultKind.COMMIT_THEN_SILENCE)

    @property
    def has_words_of_its_own(self) -> bool:
        """Whether what it answers is JSON of its own, whatever became of the operation."""
        return self in (
            FaultKind.UNAVAILABLE,
            FaultKind.THROTTLED,
            FaultKind.FLAT_ERROR,
            FaultKind.WRONG_REASON,
            FaultKind.REFUSE_BATCH,
        )

    @classmethod
    def named(cls, name: object) -> FaultKind:
        """The kind of this wire name.

        Raises
        ------
        UsageError
            When there is no such kind.
        """
        for kind in cls:
            if name in (kind, kind.wire_name):
                return kind
        known = ", ".join(kind.wire_name for kind in cls)
        raise UsageError(f"there is no fault of this kind; the kinds are {known}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong, and when.

    Attributes
    ----------
    kind : FaultKind or str
        What happens.
    endpoint : str
        Path it is for; ``*`` stands for any text, as in ``/v3/product/*``.
    rate : float
        Share of the matching requests that meet it, drawn from the sandbox's seed.
    requests : iterable of int, or str
        The script: which of the matching requests meet it, counted from 1 since the fault was added; empty for any.
        As text, numbers and ranges joined by ``+``: ``1+3-5``.
    times : int or None
        How often it happens at most.
    seconds : float
        Length of a delay: of ``latency``, of ``commit_then_silence``, between the bytes of ``slow``.
    retry_after : float or None
        Seconds in the Retry-After header of ``unavailable``, ``throttled`` and ``html``.
    status : int or None
        HTTP status in place of the kind's usual one.
    reason_code : int
        Of ``flat_error``, ``wrong_reason``, ``refuse_batch`` and ``accept_partly``.
    field : str
        The field that these name.
    product_ids : iterable of str, or str
        Products that ``refuse_batch`` and ``accept_partly`` object to; empty for all, or for every second one.
    commits : bool or None
        Whether the operation is carried out; None for what the kind usually does.
    """

    kind: FaultKind
    endpoint: str = "*"
    rate: float = 1.0
    requests: Iterable[int] | str = ()
    times: int | None = None
    seconds: float = 1.0
    retry_after: float | None = None
    status: int | None = None
    reason_code: int = 18
    field: str = "productUrl"
    product_ids: Iterable[str] | str = ()
    commits: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", FaultKind.named(self.kind))
        object.__setattr__(self, "requests", read_script(self.requests))
        object.__setattr__(self, "product_ids", _as_tuple(self.product_ids))
        if not 0 <= self.rate <= 1:
            raise UsageError(f"a fault's rate is a share between 0 and 1, got {self.rate}")
        if not all(0 <= seconds < math.inf for seconds in (self.seconds, self.retry_after or 0)):
            raise UsageError("a fault's seconds and retry_after are numbers, not negative; leave them out for none")
        if self.status is not None and not 200 <= self.status <= 599:
            raise UsageError(f"a fault's status is an HTTP status from 200 to 599, got {self.status}")

    @property
    def is_carried_out(self) -> bool:
        """Whether the operation happens although the answer is spoilt."""
        return self.kind.commits if self.commits is None else self.commits

    def to_json(self) -> dict[str, Any]:
        """The fault as plain values, what the fault path and the command line take."""
        return {**asdict(self), "kind": self.kind.wire_name}


def read_script(script: Iterable[int] | str) -> tuple[int, ...]:
    """Numbers of requests, from numbers or from text such as ``1+3-5``.

    Raises
    ------
    UsageError
        When it is neither, or counts from less than 1.
    """
    try:
        numbers = tuple(_numbers_in(script) if isinstance(script, str) else script)
    except ValueError as error:
        raise UsageError("a fault's requests are numbers and ranges joined by +, as in 1+3-5") from error
    if not all(type(number) is int and number >= 1 for number in numbers):
        raise UsageError("a fault's requests are whole numbers, counted from 1")
    return numbers


def _numbers_in(text: str) -> Iterator[int]:
    for part in filter(None, text.split("+")):
        first, dash, last = part.partition("-")
        yield from range(int(first), min(int(last if dash else first), _MAX_REQUESTS) + 1)


def _as_tuple(ids: Iterable[str] | str) -> tuple[str, ...]:
    return (ids,) if isinstance(ids, str) else tuple(ids)
