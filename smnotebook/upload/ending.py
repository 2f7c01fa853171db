"""How rows end, and how a whole run does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from smnotebook.contract import Violation
from smnotebook.frame.arrow import Positions
from smnotebook.frame.outcome import Outcomes, Status
from smnotebook.ledger import RunTotals

__all__ = ["Ending", "Sink", "totals_of"]


class Sink(Protocol):
    """Takes the end of every row."""

    def accept(self, positions: Positions, *, request_id: str | None) -> None:
        """The server took these rows."""

    def refuse(self, positions: Positions, violation: Violation, *, request_id: str | None = None) -> None:
        """These rows are refused."""

    def doubt(self, positions: Positions, why: str) -> None:
        """Whether these rows were stored is unknown, or they were never sent."""


@dataclass(slots=True, kw_only=True)
class Ending:
    """What a run came to, counted while it runs.

    Attributes
    ----------
    requests : int
        Requests that left, repeated attempts not counted.
    search_requests : int
        Those of them spent on finding out who a refusal was for.
    error : Exception or None
        Why the run was given up; None where it was not.
    """

    requests: int = 0
    search_requests: int = 0
    settled: int = 0
    is_interrupted: bool = False
    error: BaseException | None = None
    warnings: dict[Violation, int] = field(default_factory=dict)


def totals_of(outcomes: Outcomes) -> RunTotals:
    """Rows of a run by what became of them, for the ledger."""
    counts = np.bincount(outcomes.status, minlength=len(Status)).tolist()
    return RunTotals(
        rows=len(outcomes.status),
        sent=counts[Status.SENT],
        unchanged=counts[Status.UNCHANGED],
        refused=counts[Status.REFUSED],
        unknown=counts[Status.UNKNOWN],
    )
