"""Proposed fixes as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smnotebook.render.html import element, page, table

__all__ = ["FixLine", "fixes_html", "fixes_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FixLine:
    """How often one kind of fix would be made in one column, with the first case before and after."""

    kind: str
    text: str
    column: str
    field: str
    count: int
    before: str
    after: str


def _headline(lines: Sequence[FixLine]) -> str:
    total = sum(line.count for line in lines)
    return (
        f"{total:,} fix{'' if total == 1 else 'es'} proposed; nothing is changed yet" if lines else "nothing to propose"
    )


def _unclear_line(column: str, count: int) -> str:
    return f"{column}: {count:,} text{'' if count == 1 else 's'} could mean several things or nothing known; left alone"


def fixes_text(lines: Sequence[FixLine], unclear: Sequence[tuple[str, int]]) -> str:
    """The proposals for a plain terminal."""
    shown = [
        f"  {line.kind:<10} {line.count:>7,} x {line.column}: {line.before!r} -> {line.after!r} ({line.text})"
        for line in lines
    ]
    left = [f"  unclear    {_unclear_line(*item)}" for item in unclear]
    return "\n".join([f"Fixes: {_headline(lines)}", *shown, *left])


def fixes_html(lines: Sequence[FixLine], unclear: Sequence[tuple[str, int]]) -> str:
    """The proposals for a notebook."""
    parts = [element("p", f"Fixes: {_headline(lines)}", css="sm-headline")]
    if lines:
        cells = [
            (
                line.kind,
                line.column,
                f"{line.count:,}",
                line.before,
                element("span", line.after, css="sm-good"),
                line.text,
            )
            for line in lines
        ]
        parts.append(table(("kind", "column", "count", "before", "after", "what it does"), cells))
    parts += [element("p", _unclear_line(*item), css="sm-warning") for item in unclear]
    return page(*parts)
