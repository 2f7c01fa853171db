"""PreflightReport: what failed, as something to ask, to draw and to export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from smnotebook.contract.reasons import Severity
from smnotebook.contract.records import Record
from smnotebook.frame.arrow import Positions, take_rows
from smnotebook.frame.display import harmless_in_a_spreadsheet, show_value, visible
from smnotebook.frame.findings import Finding, TableFinding
from smnotebook.frame.fixes import Fixes, Keep, find_fixes
from smnotebook.frame.summary_lines import line_of_cells, line_of_table, notes_of_reading
from smnotebook.render.preflight import PreflightSummary, SummaryLine, summary_html, summary_text
from smnotebook.values import Question

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ISSUE_COLUMNS", "PreflightReport"]

ISSUE_COLUMNS = (
    "position",
    "index",
    "productId",
    "field",
    "column",
    "value",
    "severity",
    "reason_code",
    "message",
    "suggestion",
)

#: Characters of a productId that are shown; a longer one is refused anyway.
MAX_PRODUCT_ID = 255

#: Rows of issues that an HTML report shows; all of them are in ``issues``.
SHOWN_ISSUES = 200

#: Issues that an HTML report offers as a download within the page; more would make the notebook heavy.
DOWNLOADED_ISSUES = 5_000


@dataclass(frozen=True, kw_only=True)
class PreflightReport:
    """What the API would refuse, and what it would take and ignore.

    Attributes
    ----------
    rows : int
        Rows of the frame.
    frame : DataFrame
        The frame itself, not a copy.
    model : type of Record
        What a row was held to be.
    product_ids : ChunkedArray or None
        The productId of every row as text, None without such a column.
    findings, table_findings : tuple
        The findings in columnar form; :attr:`issues` is the same as a table.
    questions : tuple of Question
        What only a person can decide, and the argument that answers it.
    """

    rows: int
    frame: pd.DataFrame
    model: type[Record]
    product_ids: pa.ChunkedArray | None
    findings: tuple[Finding, ...]
    table_findings: tuple[TableFinding, ...] = field(default=())
    questions: tuple[Question, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing would be refused."""
        return self.errors == 0

    @property
    def errors(self) -> int:
        """Findings the API would refuse: cells, list entries, and faults of the table as a whole."""
        return self._count("error")

    @property
    def warnings(self) -> int:
        """Findings the API takes, but that are hardly meant."""
        return self._count("warning")

    def _count(self, severity: Severity) -> int:
        cells = sum(len(found.faults.positions) for found in self.findings if found.severity == severity)
        return cells + sum(found.severity == severity for found in self.table_findings)

    @cached_property
    def refused(self) -> Positions:
        """Positions of the rows that would be refused, ascending; all of them where the table itself is at fault."""
        if any(found.severity == "error" and found.refuses_rows for found in self.table_findings):
            return np.arange(self.rows)
        parts = [found.faults.positions for found in self.findings if found.severity == "error"]
        return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *parts]))

    @property
    def ready(self) -> int:
        """Rows that can be sent as they are."""
        return self.rows - len(self.refused)

    @property
    def issues(self) -> pd.DataFrame:
        """Every finding as a row, ordered by position; faults of the table as a whole come first.

        Returns
        -------
        DataFrame
            ``position`` (Int64, missing for the table as a whole), ``index`` (the frame's own label), ``productId``,
            ``field`` (the API's name), ``column`` (the analyst's), ``value`` (as text, shortened, control characters
            made visible), ``severity`` (error or warning), ``reason_code`` (Int64, missing where the API has none),
            ``message`` (in the API's format), ``suggestion``.
        """
        return pd.concat([self._whole_table(), self._ordered(self.findings)], ignore_index=True)

    def _ordered(self, findings: Sequence[Finding], most: int | None = None) -> pd.DataFrame:
        """The first issues of these findings by position."""
        parts = [self._rows_of(found, most) for found in findings]
        issues = _issue_frame(**{name: chain.from_iterable([part[name] for part in parts]) for name in ISSUE_COLUMNS})
        order = np.argsort(issues["position"].to_numpy(dtype=np.int64), kind="stable")
        return issues.iloc[order[:most]].reset_index(drop=True)

    def _whole_table(self) -> pd.DataFrame:
        found = self.table_findings
        return _issue_frame(
            position=[pd.NA] * len(found),
            index=[None] * len(found),
            productId=[None] * len(found),
            field=[item.field and visible(item.field) for item in found],
            column=[item.column and visible(item.column) for item in found],
            value=[None] * len(found),
            severity=[item.severity for item in found],
            reason_code=[item.reason_code for item in found],
            message=[visible(item.message) for item in found],
            suggestion=[visible(item.suggestion) for item in found],
        )

    def _rows_of(self, found: Finding, most: int | None) -> dict[str, Iterable[object]]:
        positions = found.faults.positions[:most]
        size, path = len(positions), found.binding.path
        violation = found.faults.rule.violation(path)
        ids = [None] * size if self.product_ids is None else take_rows(self.product_ids, positions).to_pylist()
        return {
            "position": positions,
            "index": self.frame.index.take(positions),
            "productId": [None if text is None else visible(text[:MAX_PRODUCT_ID]) for text in ids],
            "field": [visible(path)] * size,
            "column": [visible(str(found.binding.label))] * size,
            "value": [show_value(found.value_at(number)) for number in range(size)],
            "severity": [violation.severity] * size,
            "reason_code": [violation.reason_code] * size,
            "message": [visible(violation.message)] * size,
            "suggestion": [violation.suggestion] * size,
        }

    def summary(self) -> pd.DataFrame:
        """One row for each field and rule.

        Returns
        -------
        DataFrame
            ``field``, ``column``, ``severity``, ``reason_code`` (Int64), ``message``, ``count``, ``example``,
            ``suggestion``; errors first, then by count.
        """
        lines = pd.DataFrame([_as_dict(line) for line in self._lines()], columns=list(_SUMMARY_COLUMNS))
        lines["reason_code"] = lines["reason_code"].astype("Int64")
        return lines

    def _lines(self) -> list[SummaryLine]:
        lines = [*map(line_of_table, self.table_findings), *map(line_of_cells, self.findings)]
        return sorted(lines, key=lambda line: (line.severity, -line.count))

    def to_csv(self, path: str | PathLike[str] | None = None) -> str | None:
        """Write all issues as CSV in UTF-8; what a spreadsheet would run as a formula is led by an apostrophe.

        Returns
        -------
        str or None
            The CSV itself where no path is given.
        """
        issues = self.issues
        issues["index"] = issues["index"].map(lambda label: visible(label) if isinstance(label, str) else label)
        for name in ("index", "productId", "field", "column", "value", "message", "suggestion"):
            issues[name] = issues[name].map(harmless_in_a_spreadsheet)
        if path is None:
            return issues.to_csv(index=False)
        issues.to_csv(path, index=False, encoding="utf-8-sig")
        return None

    def fixes(self, *, trim: bool = False, drop_bad_images: bool = False, duplicates: Keep | None = None) -> Fixes:
        """Propose repairs, before and after; see :func:`smnotebook.frame.fixes.find_fixes`."""
        return find_fixes(self.frame, self.model, trim=trim, drop_bad_images=drop_bad_images, duplicates=duplicates)

    def plot(self) -> Figure:
        """Draw where in the file the findings are, in which fields and for which reasons.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from smnotebook.render.preflight_picture import draw_preflight  # matplotlib loads when first used

        places = {line_of_cells(found): found.faults.positions for found in self.findings}
        return draw_preflight(self._overview(), places)

    def _overview(self) -> PreflightSummary:
        return PreflightSummary(
            rows=self.rows,
            ready=self.ready,
            errors=self.errors,
            warnings=self.warnings,
            lines=tuple(self._lines()),
            reading=tuple(notes_of_reading(self.frame)),
        )

    def __repr__(self) -> str:
        return summary_text(self._overview())

    def _repr_html_(self) -> str:
        # errors first: a page shows a few hundred issues, and a thousand warnings must not hide the one error
        ranked = [self._ordered([f for f in self.findings if f.severity == kind], SHOWN_ISSUES) for kind in _RANKED]
        shown = pd.concat(ranked, ignore_index=True).head(SHOWN_ISSUES).astype(object)
        shown["index"] = shown["index"].map(show_value)
        total = self.errors + self.warnings
        return summary_html(
            self._overview(),
            list(ISSUE_COLUMNS),
            shown.where(shown.notna(), None).to_numpy().tolist(),
            total=total,
            csv=self.to_csv() if total <= DOWNLOADED_ISSUES else None,
        )


_RANKED: tuple[Severity, ...] = ("error", "warning")

_SUMMARY_COLUMNS = ("field", "column", "severity", "reason_code", "message", "count", "example", "suggestion")


def _as_dict(line: SummaryLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in _SUMMARY_COLUMNS}


def _issue_frame(**columns: Any) -> pd.DataFrame:
    """The columns with the same dtypes whatever they hold, so that parts can be put together."""
    frame = pd.DataFrame({name: pd.Series(list(cells), dtype=object) for name, cells in columns.items()})
    for name in ("position", "reason_code"):
        frame[name] = frame[name].astype("Int64")
    return frame
