"""How rows end, and how a whole run does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from smnotebook.contract import Violation
from smnotebook.errors import AuthenticationFailed, UploadFailed, UploadNotAuthenticated
from smnotebook.frame.arrow import Positions
from smnotebook.frame.outcome import Outcomes, Status, UploadReport
from smnotebook.ledger import RunState, RunTotals
from smnotebook.upload.mishaps import Mishaps
from smnotebook.upload.options import OnErrors

__all__ = ["STOPPED", "Ending", "Sink", "raise_unless_well", "state_of", "totals_of", "warnings_of"]


STOPPED = "not sent: the run was stopped before; the next call sends it"


class Sink(Protocol):
    """Takes the end of every row."""

    def accept(self, positions: Positions, *, request_id: str | None) -> None:
        """The server took these rows."""

    def leave(self, positions: Positions) -> None:
        """The server has these rows already."""

    def refuse(self, positions: Positions, violation: Violation, *, request_id: str | None = None) -> None:
        """These rows are refused."""

    def doubt(self, positions: Positions, why: str) -> None:
        """Whether these rows were stored is unknown."""

    def hold_back(self, positions: Positions, why: str) -> None:
        """These rows never left, or were turned away with their whole request."""


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
    reason : str
        The same in words that may be kept.
    """

    requests: int = 0
    search_requests: int = 0
    settled: int = 0
    is_interrupted: bool = False
    error: BaseException | None = None
    reason: str = ""
    warnings: dict[Violation, int] = field(default_factory=dict)

    @property
    def why_unsent(self) -> str:
        """What is said of rows whose turn never came."""
        if self.error is None:
            return STOPPED
        return f"not sent, since the run was given up before; the next call sends it. {self.reason}".rstrip()


def totals_of(outcomes: Outcomes) -> RunTotals:
    """Rows of a run by what became of them, for the ledger."""
    counts = np.bincount(outcomes.status, minlength=len(Status)).tolist()
    return RunTotals(
        rows=len(outcomes.status),
        sent=counts[Status.SENT],
        unchanged=counts[Status.UNCHANGED],
        refused=counts[Status.REFUSED],
        unknown=counts[Status.UNKNOWN],
        unsent=counts[Status.UNSENT],
    )


def state_of(ending: Ending, outcomes: Outcomes) -> RunState:
    """How the ledger calls the run's end: an interrupt that found everything on its way has interrupted nothing."""
    is_cut_short = ending.is_interrupted and not outcomes.is_settled
    return RunState.INTERRUPTED if is_cut_short else RunState.FINISHED


def warnings_of(ending: Ending, mishaps: Mishaps) -> tuple[tuple[Violation, int], ...]:
    """What the server trimmed, and what went wrong beside the sending."""
    return (*ending.warnings.items(), *((found, 1) for found in mishaps.found))


def raise_unless_well(
    report: UploadReport, error: BaseException | None, *, errors: OnErrors, noun: str = "row"
) -> None:
    """Raise where rows ended otherwise than the caller wants; ``errors="skip"`` skips bad rows, not outages.

    Parameters
    ----------
    error : Exception or None
        Why the run was given up.

    Raises
    ------
    UploadFailed
        With the report. Rows are unknown or unsent and nobody interrupted it, the run was given up, or rows are refused
        and ``errors`` is ``raise``.
    """
    is_open = report.unknown + report.unsent > 0 and not report.is_interrupted
    if not (is_open or error is not None or (errors == "raise" and report.refused and not report.is_interrupted)):
        return
    message = f"Not every {noun} was accepted. {report!r}"
    if isinstance(error, AuthenticationFailed):
        raise UploadNotAuthenticated(
            message, report=report, violations=error.violations, status=error.status
        ) from error
    raise UploadFailed(message, report=report) from error
