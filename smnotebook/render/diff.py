"""A diff against a catalog as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smnotebook.render.html import bar, element, page, table

__all__ = ["DiffSummary", "diff_html", "diff_text", "headline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSummary:
    """The figures of a diff; ``fields`` are names with the number of values that differ, the most frequent first."""

    catalog: str
    rows: int
    changed: int
    new: int
    unchanged: int
    refused: int
    known: int
    fields: tuple[tuple[str, int], ...]
    alerts: tuple[str, ...]


def headline(summary: DiffSummary) -> str:
    """One sentence that says how much would change."""
    return (
        f"{summary.rows:,} rows against {summary.catalog} ({summary.known:,} products known): "
        f"{summary.changed:,} differ, {summary.new:,} new, {summary.unchanged:,} the same, {summary.refused:,} refused"
    )


def diff_text(summary: DiffSummary) -> str:
    """The diff for a plain terminal."""
    fields = [f"  {count:>9,} x {name}" for name, count in summary.fields]
    return "\n".join([f"Diff: {headline(summary)}", *(f"  ! {alert}" for alert in summary.alerts), *fields])


def diff_html(summary: DiffSummary, columns: Sequence[str], changes: Sequence[Sequence[object]]) -> str:
    """The diff for a notebook, with its first changes."""
    parts = [element("p", headline(summary), css="sm-headline")]
    parts += [element("p", alert, css="sm-error") for alert in summary.alerts]
    if summary.fields:
        most = summary.fields[0][1]
        rows = [(name, f"{count:,}", bar(count / most, css="sm-warning")) for name, count in summary.fields]
        total = sum(count for _, count in summary.fields)
        word = "Changes" if total <= len(changes) else f"The first {len(changes):,} of {total:,} changes"
        parts += [table(("field", "values that differ", ""), rows)]
        parts += [element("details", element("summary", word), table(columns, changes))]
    return page(*parts)
