"""HTML, built in one place: text becomes markup only by being escaped.

A function here takes text and markup alike; what is not :class:`Markup` is escaped. No script, nothing loaded from
elsewhere; colours are the notebook's own where it has any, so light and dark both read well.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["Markup", "bar", "element", "page", "table"]


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


_STYLE = """
.sm-report{font:13px/1.45 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit);
max-width:100%;overflow-x:auto}
.sm-report .sm-headline{font-size:15px;font-weight:600;margin:.4em 0}
.sm-report table{border-collapse:collapse;margin:.4em 0}
.sm-report th,.sm-report td{text-align:left;vertical-align:top;padding:3px 10px 3px 0;max-width:34em;
border-bottom:1px solid var(--jp-border-color2,#8884);overflow-wrap:anywhere;white-space:normal}
.sm-report th{font-weight:600}
.sm-report .sm-bar{display:inline-block;height:.8em;background:currentColor;min-width:2px;vertical-align:middle}
.sm-report .sm-error{color:var(--jp-error-color0,#b3261e)}
.sm-report .sm-warning{color:var(--jp-warn-color0,#8a5300)}
.sm-report .sm-good{color:var(--jp-success-color0,#1b6e2e)}
.sm-report summary{cursor:pointer}
"""


def _markup(content: object) -> str:
    return content if isinstance(content, Markup) else html.escape("" if content is None else str(content))


def element(tag: str, *contents: object, css: str = "") -> Markup:
    """One element; contents that are not markup are escaped."""
    attribute = f' class="{html.escape(css)}"' if css else ""
    return Markup(f"<{tag}{attribute}>{''.join(map(_markup, contents))}</{tag}>")


def table(columns: Sequence[object], rows: Iterable[Sequence[object]]) -> Markup:
    """A table with a header row."""
    head = element("tr", *(element("th", column) for column in columns))
    body = [element("tr", *(element("td", cell) for cell in row)) for row in rows]
    return element("table", element("thead", head), element("tbody", *body))


def bar(share: float, *, css: str = "") -> Markup:
    """A bar of at most eight characters' width, ``share`` of it filled; for the eye only."""
    return Markup(f'<span class="sm-bar {html.escape(css)}" style="width:{8 * share:.2f}em" aria-hidden="true"></span>')


def page(*contents: object) -> Markup:
    """A report with its style."""
    return Markup(f'<div class="sm-report"><style>{_STYLE}</style>{"".join(map(_markup, contents))}</div>')
