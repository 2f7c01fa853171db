"""The preflight report as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smnotebook.render.html import bar, element, page, table
from smnotebook.render.issue_table import issue_table

__all__ = ["PreflightSummary", "SummaryLine", "summary_html", "summary_text"]

#: Kinds of finding that a report shows: dicts with names of their own in every cell make thousands.
SHOWN_LINES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryLine:
    """How often one field breaks one rule."""

    field: str
    column: str
    severity: str
    reason_code: int | None
    message: str
    count: int
    example: str | None
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightSummary:
    """The figures of a report: rows, rows ready to be sent, findings by severity, and one line a field and rule.

    ``reading`` is what the reading of the file asks or warns of.
    """

    rows: int
    ready: int
    errors: int
    warnings: int
    lines: tuple[SummaryLine, ...]
    reading: tuple[str, ...] = ()


def headline(summary: PreflightSummary) -> str:
    """One sentence that says how things stand."""
    mend = summary.rows - summary.ready
    verdict = "nothing to mend" if mend == 0 and summary.errors == 0 else f"{mend:,} to mend"
    return (
        f"{_counted(summary.rows, 'row')}: {summary.ready:,} ready, {verdict} "
        f"({_counted(summary.errors, 'error')}, {_counted(summary.warnings, 'warning')})"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def summary_text(summary: PreflightSummary) -> str:
    """The report for a plain terminal."""
    lines = [f"Preflight: {headline(summary)}"]
    for line in summary.lines[:SHOWN_LINES]:
        code = f" [{line.reason_code}]" if line.reason_code is not None else ""
        example = f", e.g. {line.example!r}" if line.example is not None else ""
        lines.append(f"  {line.severity:<7} {line.count:>7,} x {_name(line)}{code} {line.message}{example}")
        lines.append(f"            {line.suggestion}")
    reading = [f"  reading {word}" for word in summary.reading]
    return "\n".join([*lines, *_left_out(summary), *reading])


def _left_out(summary: PreflightSummary) -> Sequence[str]:
    """A word on the lines that are not shown."""
    more = len(summary.lines) - SHOWN_LINES
    return [f"  and {more:,} more kinds of finding; all of them are in report.summary()"] if more > 0 else []


def _name(line: SummaryLine) -> str:
    if line.column and line.field and line.column != line.field:
        return f"{line.field} (column {line.column})"
    return line.field or line.column


def summary_html(
    summary: PreflightSummary,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    total: int,
    csv: str | None,
) -> str:
    """The report for a notebook: headline, a bar for each field and rule, and the first issues.

    Parameters
    ----------
    csv : str or None
        All issues as CSV, offered as a download; None where they are too many to travel with the page.
    """
    parts = [element("p", headline(summary), css="sm-headline")]
    if summary.lines:
        most = {line.severity: line.count for line in sorted(summary.lines, key=lambda line: line.count)}
        heads = ["field", "what", "count", "", "example", "what to do"]
        parts.append(table(heads, [_line_cells(line, most[line.severity]) for line in summary.lines[:SHOWN_LINES]]))
        parts += [element("p", word) for word in _left_out(summary)]
        parts.append(issue_table(columns, rows, total=total, csv=csv))
    parts += [element("p", f"Reading: {word}", css="sm-warning") for word in summary.reading]
    return page(*parts)


def _line_cells(line: SummaryLine, most: int) -> Sequence[object]:
    code = "" if line.reason_code is None else f" [{line.reason_code}]"
    what = element("span", f"{line.severity}{code}: {line.message}", css=f"sm-{line.severity}")
    count = element("span", f"{line.count:,}", css="sm-number")
    share = bar(line.count / most, css=f"sm-{line.severity}")
    return [_name(line), what, count, share, line.example or "", line.suggestion]
