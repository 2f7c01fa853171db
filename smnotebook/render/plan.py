"""The upload plan as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smnotebook.render.html import bar, element, page, table

__all__ = ["PlanSummary", "plan_html", "plan_text"]

_MEANINGS = {
    "new": "not known to be stored",
    "changed": "stored with other content",
    "unsettled": "in doubt since a sending was not answered, sent again",
    "forced": "sent again as asked",
    "unchanged": "stored already, not sent",
    "refused": "preflight refuses them, not sent",
    "copy": "repeat an earlier row, share its outcome",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """The figures of a plan."""

    place: str
    catalog: str
    rows: int
    kinds: tuple[tuple[str, int], ...]
    requests: int
    payload_bytes: int
    quota_left: int | None
    seconds: float
    notes: tuple[str, ...] = ()


def headline(summary: PlanSummary) -> str:
    """One sentence that says how much travels, and where to."""
    size = f"{summary.payload_bytes / 1e6:,.1f} MB" if summary.payload_bytes >= 1e5 else f"{summary.payload_bytes:,} B"
    requests = f"{summary.requests:,} request{'' if summary.requests == 1 else 's'}"
    rows = f"{summary.rows:,} row{'' if summary.rows == 1 else 's'}"
    return f"{rows} for {summary.catalog} ({summary.place}): {requests}, {size}"


def outlook(summary: PlanSummary) -> str:
    """What the quota means for it."""
    minutes = summary.seconds / 60
    time = f"about {minutes / 60:.1f} h" if minutes >= 90 else f"about {max(1, round(minutes))} min"
    time = "under a minute" if summary.seconds < 60 else time
    if summary.quota_left is None:
        return f"No hourly limit is set; {time}."
    return f"{summary.quota_left:,} request{'' if summary.quota_left == 1 else 's'} left this hour; {time}."


def plan_text(summary: PlanSummary) -> str:
    """The plan for a plain terminal."""
    lines = [f"Upload plan: {headline(summary)}"]
    lines += [f"  {count:>9,} {name:<9} {_MEANINGS[name]}" for name, count in _shown(summary)]
    lines += [f"  note: {note}" for note in summary.notes]
    return "\n".join([*lines, f"  {outlook(summary)} Nothing has been sent; plan.send() does."])


def plan_html(summary: PlanSummary, columns: Sequence[str], changes: Sequence[Sequence[object]]) -> str:
    """The plan for a notebook, with the first changes."""
    rows = [(name, f"{count:,}", bar(count / max(1, summary.rows)), _MEANINGS[name]) for name, count in _shown(summary)]
    parts = [element("p", headline(summary), css="sm-headline"), table(("rows", "", "", ""), rows)]
    if changes:
        word = element("summary", "First changes (all of them: plan.changes())")
        parts.append(element("details", word, table(columns, changes)))
    parts += [element("p", f"Note: {note}", css="sm-warning") for note in summary.notes]
    parts.append(element("p", f"{outlook(summary)} Nothing has been sent; plan.send() does."))
    return page(*parts)


def _shown(summary: PlanSummary) -> list[tuple[str, int]]:
    order = list(_MEANINGS)
    return sorted(((name, count) for name, count in summary.kinds if count), key=lambda kind: order.index(kind[0]))
