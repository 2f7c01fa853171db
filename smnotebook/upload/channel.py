"""One way of sending, as the sender sees it: products, price and stock updates, contacts, events.

The sender knows batches, attempts, concurrency, interrupts and the search for rows to blame. What differs from one
operation to the next is behind a channel: how a batch is written down, what travels, and what an answer says of rows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from smnotebook.contract import Violation
from smnotebook.ledger import Receipt, Refusal, Sent
from smnotebook.upload.batch import Batch
from smnotebook.wire import Answer

__all__ = ["Channel", "LineEnds", "Policy", "PutOff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEnds:
    """Lines of a batch that ended by themselves; the others share their request's end.

    Attributes
    ----------
    refused : mapping of int to Violation
    doubtful : mapping of int to str
        Why nobody can tell.
    unchanged : collection of int
        Lines that the server has already.
    cut : mapping of int to mapping of str to str
        Accepted lines of which the server says that it cut a text: by field, the text as it may be stored.
    """

    refused: Mapping[int, Violation] = field(default_factory=dict)
    doubtful: Mapping[int, str] = field(default_factory=dict)
    unchanged: Collection[int] = ()
    cut: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def lines(self) -> frozenset[int]:
        """Those that did not share their request's end."""
        return frozenset([*self.refused, *self.doubtful, *self.unchanged])


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """A batch that was not written down, since somebody else has sent, or is sending, some of its lines.

    Attributes
    ----------
    ends : LineEnds
        What that means for these lines; the others are to be written down anew.
    wait_seconds : float
        After which they may be.
    """

    ends: LineEnds
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a channel's requests are treated.

    Attributes
    ----------
    trusts_busy : bool
        Whether 429 and 503 are taken for the word that nothing was done.
    isolates : bool
        Whether the rows to blame for a refusal are searched for, by sending parts of the batch; if not, all of its rows
        are refused.
    written_at_once : int
        Batches written down in one transaction.
    hopeless_after : int
        Requests in a row without an answer before the run is given up: more would only join them.
    """

    trusts_busy: bool
    isolates: bool = False
    written_at_once: int = 1
    hopeless_after: int = 2


class Channel(Protocol):
    """One way of sending. ``send``, ``read`` and ``record`` are called in the sending threads."""

    @property
    def policy(self) -> Policy:
        """The same for the whole run."""

    def claim(self, batches: Sequence[Batch]) -> Sequence[Sent | PutOff]:
        """Write batches down, all or none, before the first of them leaves."""

    def send(self, batch: Batch, *, stop: threading.Event, may_leave: Callable[[], bool]) -> Answer:
        """The server's success; raises where there is none. ``may_leave`` is to be asked before every attempt."""

    def read(self, batch: Batch, answer: Answer) -> LineEnds:
        """What a success says of single lines."""

    def is_still_own(self, sent: Sent) -> bool:
        """Whether no other run has taken the request's records over."""

    def record(self, sent: Sent, receipt: Receipt) -> None:
        """Write down how a request ended."""

    def record_refusals(self, sent: Sent, refusals: Mapping[str, Refusal]) -> None:
        """Write down which records of a refused request are to blame: these are not stored for certain."""

    def give_sign_of_life(self) -> None:
        """Say that the run goes on; called every few seconds."""

    def in_words(self, text: str) -> str:
        """A message about the batch without what must not be kept."""
