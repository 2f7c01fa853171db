"""From receipts back to the analyst's rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smnotebook.contract.reasons import Violation
from smnotebook.errors import UsageError
from smnotebook.frame.arrow import Positions
from smnotebook.frame.display import harmless_in_a_spreadsheet, visible
from smnotebook.frame.report import PreflightReport
from smnotebook.render.upload import UploadSummary, upload_html, upload_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["AttemptMark", "Outcomes", "Status", "UploadReport"]


class Status(IntEnum):
    """What became of a row. Every row has exactly one.

    ``UNSENT`` rows never left this machine, or were turned away with their whole request, for its key, its address or
    its size: they are as they were before. ``UNKNOWN`` rows may have arrived.
    """

    UNKNOWN = 0
    SENT = 1
    UNCHANGED = 2
    REFUSED = 3
    UNSENT = 4


_NAMES = np.array([status.name.lower() for status in Status], dtype=object)

#: Columns that :attr:`UploadReport.rejected` adds to the analyst's own.
ADDED_COLUMNS = ("reason", "suggestion")


class Outcomes:
    """The outcome of every row while an upload runs: rows begin as unsent, and each method settles some.

    Parameters
    ----------
    rows : int
        Rows of the frame.
    """

    def __init__(self, rows: int) -> None:
        self.status: npt.NDArray[np.int8] = np.full(rows, Status.UNSENT, dtype=np.int8)
        self.reason_code: npt.NDArray[np.int32] = np.full(rows, -1, dtype=np.int32)
        self.message: npt.NDArray[Any] = np.full(rows, None, dtype=object)
        self.suggestion: npt.NDArray[Any] = np.full(rows, None, dtype=object)
        self.request_id: npt.NDArray[Any] = np.full(rows, None, dtype=object)

    def accept(self, positions: Positions | Sequence[int], *, request_id: str | None) -> None:
        """The server took these rows."""
        self.status[positions] = Status.SENT
        self.request_id[positions] = request_id
        self._say(positions, None)

    @property
    def is_settled(self) -> bool:
        """Whether it is known of every row whether the server has it, and none is still to be sent."""
        return not bool(np.isin(self.status, (Status.UNKNOWN, Status.UNSENT)).any())

    @property
    def waiting(self) -> Positions:
        """Rows that nothing was said of yet, ascending."""
        return np.flatnonzero((self.status == Status.UNSENT) & pd.isna(self.message))

    def leave(self, positions: Positions | Sequence[int]) -> None:
        """These rows were not sent: the server has them already."""
        self.status[positions] = Status.UNCHANGED
        self.request_id[positions] = None
        self._say(positions, None)

    def refuse(
        self, positions: Positions | Sequence[int], violation: Violation, *, request_id: str | None = None
    ) -> None:
        """Preflight or the server refused these rows."""
        self.status[positions] = Status.REFUSED
        self.request_id[positions] = request_id
        self._say(positions, violation)

    def doubt(self, positions: Positions | Sequence[int], why: str) -> None:
        """These rows were sent, and nobody knows whether they arrived."""
        self.status[positions] = Status.UNKNOWN
        self._say(positions, None)
        self.message[positions] = why

    def hold_back(self, positions: Positions | Sequence[int], why: str) -> None:
        """These rows never left, or were turned away with their whole request."""
        self.status[positions] = Status.UNSENT
        self._say(positions, None)
        self.message[positions] = why

    def refuse_by_preflight(self, report: PreflightReport) -> None:
        """Settle every row that preflight refuses, with the first error it found there."""
        for found in report.table_findings:
            if found.severity == "error" and found.refuses_rows:
                violation = Violation(field=found.field, reason_code=found.reason_code, message=found.message)
                self.refuse(np.arange(len(self.status)), violation)
        for cells in reversed(report.findings):
            if cells.severity == "error":
                self.refuse(cells.faults.positions, cells.faults.rule.violation(cells.binding.path))

    def copy(self, positions: Positions, originals: Positions) -> None:
        """Rows that share another row's outcome, being its identical copies."""
        for settled in (self.status, self.reason_code, self.message, self.suggestion, self.request_id):
            settled[positions] = settled[originals]

    def _say(self, positions: Positions | Sequence[int], violation: Violation | None) -> None:
        code = None if violation is None else violation.reason_code
        self.reason_code[positions] = -1 if code is None else code
        self.message[positions] = None if violation is None else violation.message
        self.suggestion[positions] = None if violation is None else violation.suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptMark:
    """One attempt of one request, for the picture.

    Attributes
    ----------
    ended_after, seconds : float
        Seconds from the upload's start to the attempt's end, and how long it took.
    status : int or None
        HTTP status, None where no answer came.
    number : int
        Counted from 1 within the request.
    wait_seconds : float or None
        Pause before the next attempt; None where this was the last.
    """

    ended_after: float
    seconds: float
    status: int | None
    number: int
    wait_seconds: float | None


@dataclass(frozen=True, kw_only=True)
class UploadReport:
    """What became of every row; ``sent + unchanged + refused + unknown + unsent`` is always the number of rows.

    It can be pickled: what a pickle gives back can be asked everything, but can't send again.

    Attributes
    ----------
    frame : DataFrame
        The frame as it was; it shares the columns' memory with yours, and keeps its rows when yours is sorted, cut or
        given other columns.
    preflight : PreflightReport
    requests : int
        Requests answered or in doubt; ``len(attempts)`` counts those that were tried again each time.
    attempts : tuple of AttemptMark
        Every attempt, in the order they ended.
    seconds : float
        How long it took.
    is_interrupted : bool
        Whether it was stopped before every row had its end; the next call goes on from here.
    run : int or None
        Its number in the ledger: ``catalog.as_of(run)`` gives the catalog back as it was then.
    warnings : tuple of (Violation, int)
        What the server took and trimmed, and how often it said so; and what went wrong beside the sending, such as a
        progress line that could not be written, which has no reason code.
    notes : tuple of str
        What the plan said could not be brought back, or stays in doubt.
    """

    frame: pd.DataFrame
    preflight: PreflightReport
    outcomes: Outcomes = field(repr=False)
    requests: int
    catalog_name: str
    resend: Callable[[pd.DataFrame], UploadReport] = field(repr=False)
    attempts: tuple[AttemptMark, ...] = field(default=(), repr=False)
    seconds: float = 0.0
    is_interrupted: bool = False
    run: int | None = None
    warnings: tuple[tuple[Violation, int], ...] = ()
    notes: tuple[str, ...] = ()
    _refused_rows: pd.DataFrame = field(init=False, repr=False)

    def __post_init__(self) -> None:
        positions = np.flatnonzero(self.outcomes.status == Status.REFUSED)
        object.__setattr__(self, "frame", self.frame.copy(deep=False))
        # a cell of yours that is written to later must not show here; where all rows are refused that is not worth
        # the memory of a second table
        is_all = len(positions) == len(self.frame)
        object.__setattr__(self, "_refused_rows", self.frame if is_all else self.frame.take(positions))

    def __getstate__(self) -> dict[str, Any]:
        # what sends again holds the client, with its secrets
        return {**self.__dict__, "resend": _resend_nothing}

    @property
    def sent(self) -> int:
        """Rows the server accepted."""
        return self._count(Status.SENT)

    @property
    def unchanged(self) -> int:
        """Rows not sent, since the server is known to have them so."""
        return self._count(Status.UNCHANGED)

    @property
    def refused(self) -> int:
        """Rows refused by preflight or by the server."""
        return self._count(Status.REFUSED)

    @property
    def unknown(self) -> int:
        """Rows that may have arrived: their request left, and no answer said what became of it."""
        return self._count(Status.UNKNOWN)

    @property
    def unsent(self) -> int:
        """Rows that never left this machine, or were turned away with their whole request; the next call sends them."""
        return self._count(Status.UNSENT)

    def _count(self, status: Status) -> int:
        return int(np.count_nonzero(self.outcomes.status == status))

    @property
    def rows(self) -> pd.DataFrame:
        """One row for each row of the frame, on its own index.

        Returns
        -------
        DataFrame
            ``status`` (sent, unchanged, refused, unknown or unsent), ``reason_code`` (Int64, missing where there is
            none), ``message`` (missing where all is well), ``request_id`` (missing where the row was in no request).
        """
        codes = pd.array(self.outcomes.reason_code, dtype="Int64")
        codes[self.outcomes.reason_code < 0] = pd.NA
        columns = {
            "status": _NAMES[self.outcomes.status],
            "reason_code": codes,
            "message": self.outcomes.message,
            "request_id": self.outcomes.request_id,
        }
        return pd.DataFrame(columns, index=self.frame.index)

    @property
    def rejected(self) -> pd.DataFrame:
        """The analyst's own refused rows, index and dtypes as they were, with ``reason`` and ``suggestion`` added.

        Where the frame has columns of these names, the added ones are ``upload_reason`` and ``upload_suggestion``.
        """
        positions = np.flatnonzero(self.outcomes.status == Status.REFUSED)
        rejected = self._refused_rows.copy()
        for name, cells in zip(self._added_columns, (self.outcomes.message, self.outcomes.suggestion), strict=True):
            rejected[name] = cells[positions]
        return rejected

    @property
    def _added_columns(self) -> tuple[str, ...]:
        prefix = "upload_" if any(name in self.frame.columns for name in ADDED_COLUMNS) else ""
        return tuple(prefix + name for name in ADDED_COLUMNS)

    def retry(self, fixed: pd.DataFrame) -> UploadReport:
        """Upload mended rows to the same catalog with the same options.

        Parameters
        ----------
        fixed : DataFrame
            As :attr:`rejected` gave it, mended; its two added columns are dropped.
        """
        return self.resend(fixed.drop(columns=[name for name in self._added_columns if name in fixed.columns]))

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the rejected rows as CSV in UTF-8; what a spreadsheet would run as a formula gets an apostrophe."""
        rows = self.rejected.map(harmless_in_a_spreadsheet)
        names = [harmless_in_a_spreadsheet(name) for name in rows.index.names]
        rows.index, rows.columns = _harmless_labels(rows.index), _harmless_labels(rows.columns)
        rows.rename_axis(names).to_csv(path, encoding="utf-8-sig")

    def plot(self) -> Figure:
        """Draw the requests over time, with the waits and the repeated attempts.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from smnotebook.render.upload_picture import draw_upload  # matplotlib loads when first used

        return draw_upload([(mark.ended_after, mark.seconds, mark.status, mark.number) for mark in self.attempts])

    @property
    def reasons(self) -> tuple[tuple[str, int], ...]:
        """Why rows were refused: each distinct message with its number of rows, the most frequent first."""
        return self._said_of(Status.REFUSED)

    @property
    def open_reasons(self) -> tuple[tuple[str, int], ...]:
        """Why rows are unsent or unknown: each distinct message with its number of rows, unsent ones first."""
        return self._said_of(Status.UNSENT) + self._said_of(Status.UNKNOWN)

    def _said_of(self, status: Status) -> tuple[tuple[str, int], ...]:
        messages = pd.Series(self.outcomes.message[self.outcomes.status == status], dtype=object).value_counts()
        return tuple((visible(str(message)), int(count)) for message, count in messages.items())

    def _summary(self) -> UploadSummary:
        return UploadSummary(
            catalog=visible(self.catalog_name),
            rows=len(self.frame),
            sent=self.sent,
            unchanged=self.unchanged,
            refused=self.refused,
            unknown=self.unknown,
            unsent=self.unsent,
            requests=self.requests,
            attempts=len(self.attempts),
            notes=self._notes(),
            reasons=self.reasons,
        )

    def _notes(self) -> tuple[str, ...]:
        notes = list(self.notes)
        if self.is_interrupted:
            notes.append("Stopped before its end; the same call again goes on from here.")
        for status in (Status.UNSENT, Status.UNKNOWN):
            notes += [f"{status.name.lower()} {count:,} x {message}" for message, count in self._said_of(status)]
        for violation, count in self.warnings:
            is_ours = violation.reason_code is None
            notes.append(violation.message if is_ours else f"the server said {count:,} x {violation.message}")
        return tuple(map(visible, notes))

    def __repr__(self) -> str:
        return upload_text(self._summary())

    def _repr_html_(self) -> str:
        return upload_html(self._summary())


def _resend_nothing(_: pd.DataFrame) -> UploadReport:
    raise UsageError(
        "This report comes out of a pickle, which keeps no connection. Upload the rows with "
        "df.salesmanago.upsert_products(catalog)."
    )


def _harmless_labels(labels: pd.Index[Any]) -> pd.Index[Any]:
    if isinstance(labels, pd.MultiIndex) and len(labels):
        labels = pd.MultiIndex.from_tuples([tuple(map(harmless_in_a_spreadsheet, label)) for label in labels])
    elif not isinstance(labels, pd.MultiIndex):
        labels = labels.map(harmless_in_a_spreadsheet)
    return labels
