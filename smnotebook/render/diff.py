"""A diff against a catalog as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smnotebook.render.html import bar, element, page, table

__all__ = ["DiffSummary", "diff_html", "diff_text", "headline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSummary:
    """The figures of a diff; ``fields`` are names with the number of values that differ, the most frequent first.

    ``doubtful`` are names with the number of values of which the server may hold another than the known one.
    """

    catalog: str
    rows: int
    changed: int
    new: int
    unchanged: int
    refused: int
    known: int
    fields: tuple[tuple[str, int], ...]
    alerts: tuple[str, ...]
    doubtful: tuple[tuple[str, int], ...] = ()


def headline(summary: DiffSummary) -> str:
    """One sentence that says how much would change."""
    return (
        f"{summary.rows:,} row{'' if summary.rows == 1 else 's'} against {summary.catalog} "
        f"({summary.known:,} product{'' if summary.known == 1 else 's'} known): "
        f"{summary.changed:,} differ, {summary.new:,} new, {summary.unchanged:,} the same, {summary.refused:,} refused"
    )


def diff_text(summary: DiffSummary) -> str:
    """The diff for a plain terminal."""
    fields = [f"  {count:>9,} x {name}" for name, count in summary.fields]
    warnings = [*summary.alerts, *_doubts(summary)]
    return "\n".join([f"Diff: {headline(summary)}", *(f"  ! {warning}" for warning in warnings), *fields])


def _doubts(summary: DiffSummary) -> list[str]:
    """What is said of fields in doubt: one line, or none."""
    if not summary.doubtful:
        return []
    fields = ", ".join(f"{name} ({count:,})" for name, count in summary.doubtful)
    return [f"in doubt, so neither the same nor different: {fields}; diff.doubtful lists both values"]


def diff_html(summary: DiffSummary, columns: Sequence[str], changes: Sequence[Sequence[object]]) -> str:
    """The diff for a notebook, with its first changes."""
    parts = [element("p", headline(summary), css="sm-headline")]
    parts += [element("p", alert, css="sm-error") for alert in summary.alerts]
    parts += [element("p", doubt, css="sm-warning") for doubt in _doubts(summary)]
    if summary.fields:
        most = summary.fields[0][1]
        rows = [(name, f"{count:,}", bar(count / most, css="sm-warning")) for name, count in summary.fields]
        total = sum(count for _, count in summary.fields)
        word = "Changes" if total <= len(changes) else f"The first {len(changes):,} of {total:,} changes"
        parts += [table(("field", "values that differ", ""), rows)]
        parts += [element("details", element("summary", word), table(columns, changes))]
    return page(*parts)
