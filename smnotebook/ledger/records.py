"""The values a ledger takes and gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

__all__ = [
    "Contested",
    "Doubt",
    "HistoryEntry",
    "Holder",
    "KnownProducts",
    "Outgoing",
    "Receipt",
    "Refusal",
    "RequestState",
    "RunRecord",
    "RunState",
    "RunTotals",
    "Sent",
    "SentProduct",
]


class RequestState(StrEnum):
    """Where a request stands.

    ``planned`` was written down and provably never left this machine; ``sent`` may be under way; ``unknown`` may or
    may not have been carried out, since no answer came.
    """

    PLANNED = "planned"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class RunState(StrEnum):
    """How a run ended; ``lost`` ones were killed and found later."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    LOST = "lost"


class Outgoing(Protocol):
    """Products of one request: an id, a fingerprint and a payload each; a payload is JSON without a line break."""

    @property
    def product_ids(self) -> Sequence[str]:
        """The products' ids."""

    @property
    def fingerprints(self) -> Sequence[bytes]:
        """16 bytes that depend on a product's content alone."""

    @property
    def payloads(self) -> Sequence[bytes]:
        """The products as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request that was written down and may now leave.

    Attributes
    ----------
    request : int
        Number of the request in the ledger: a later request always has a higher one, in any process.
    """

    request: int
    product_ids: Sequence[str]
    fingerprints: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A living run that has products under way which another one wants to send.

    Attributes
    ----------
    process : int
        Number of its process.
    seen_at : float
        Its last sign of life, by a clock that may be set: of use only to see whether another one came since.
    """

    run: int
    process: int
    seen_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """Why a request was not written down: another upload to the same catalog has some of its products.

    Attributes
    ----------
    superseded : frozenset of str
        Sent by an upload that began later; sending them now would put older data over newer.
    in_flight : frozenset of str
        Under way in another living upload; ask again once that is answered.
    outdated : frozenset of str
        Accepted from another upload since the request's payloads were made from what was known.
    holders : frozenset of Holder
        The runs that have them under way.
    """

    superseded: frozenset[str] = frozenset()
    in_flight: frozenset[str] = frozenset()
    outdated: frozenset[str] = frozenset()
    holders: frozenset[Holder] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A field of which the server may hold either of two values; None stands for none at all.

    Attributes
    ----------
    field : str
        Its dotted path; ``productId`` stands for the product's being there.
    acknowledged : object
        What was acknowledged last.
    attempted : object
        What may have been carried out and was never acknowledged; the text as it may have been cut where it was.
    run, request : int
        Which attempted it.
    is_cut : bool
        Whether the server said that it cut this text. Sending it again would end the same way, so such doubt is shown
        and is no reason to send.
    """

    product_id: str
    field: str
    acknowledged: object
    attempted: object
    run: int
    request: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What became of one product that its request did not simply share."""

    state: RequestState = RequestState.REFUSED
    reason_code: int | None = None
    field: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How a request ended.

    Attributes
    ----------
    status : int or None
        HTTP status, None when nothing came back.
    request_id : str or None
        The server's own id of the request.
    refusals : mapping of str to Refusal
        Products that fared differently from their request, by productId.
    cut : mapping of str to mapping of str to str
        Texts that the server says it cut: by productId and field, the text as it may be stored.
    has_open_attempts : bool
        Whether an earlier attempt of an acknowledged request was never answered and may still be carried out.
    """

    state: RequestState
    status: int | None = None
    request_id: str | None = None
    attempts: int = 1
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    cut: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    has_open_attempts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTotals:
    """Rows of a run by what became of them; unsent ones never left this machine."""

    rows: int = 0
    sent: int = 0
    unchanged: int = 0
    refused: int = 0
    unknown: int = 0
    unsent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run as the ledger has it; times are seconds since 1970, ``totals`` is None where it never ended."""

    run: int
    operation: str
    state: RunState
    started_at: float
    ended_at: float | None
    requests: int
    totals: RunTotals | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProducts:
    """A stretch of what is known to be stored, in the order of the ids' UTF-8 bytes."""

    product_ids: Sequence[str]
    fingerprints: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStretch:
    """The same without an object for each product.

    Attributes
    ----------
    ids : bytes
        The ids in UTF-8, parted by the byte 255, which is in no text.
    fingerprints : bytes
        16 bytes a product.
    last : str
        The highest id, in the order of the ids' UTF-8 bytes: the next stretch has higher ones only.
    """

    ids: bytes
    fingerprints: bytes
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentProduct:
    """One product as a request carried it.

    Attributes
    ----------
    fields : tuple of str, or None
        What of the payload travelled; None for all of it.
    is_accepted : bool
        False where it may have been carried out and was never acknowledged.
    """

    run: int
    request: int
    operation: str
    product_id: str
    payload: bytes
    fields: tuple[str, ...] | None = None
    is_accepted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One sending of one product, and its end."""

    run: int
    request: int
    operation: str
    state: RequestState
    sent_at: float
    answered_at: float | None
    status: int | None
    request_id: str | None
    payload: bytes
    reason_code: int | None
    field: str | None
    message: str
