"""HTML, built in one place: text becomes markup only by being escaped.

A function here takes text and markup alike; what is not :class:`Markup` is escaped. No script, nothing loaded from
elsewhere; colours are the notebook's own where it has any, so light and dark both read well.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["Markup", "bar", "element", "link", "page", "table"]


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


# a class three times over: JupyterLab aligns the cells of every table to the right, by two
_STYLE = """
.sm-report{font:13px/1.45 var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit);
max-width:100%;overflow-x:auto}
.sm-report .sm-headline{font-size:15px;font-weight:600;margin:.4em 0}
.sm-report table{border-collapse:collapse;margin:.4em 0}
.sm-report.sm-report.sm-report th,.sm-report.sm-report.sm-report td{text-align:left;vertical-align:top;
padding:3px 10px 3px 0;max-width:34em;
border-bottom:1px solid var(--jp-border-color2,#8884);overflow-wrap:anywhere;white-space:normal}
.sm-report th{font-weight:600;overflow-wrap:normal}
.sm-report.sm-report.sm-report td:has(>.sm-number){text-align:right}
.sm-report .sm-number{white-space:nowrap;font-variant-numeric:tabular-nums}
.sm-report .sm-scroll{max-height:24em;overflow:auto}
.sm-report th button{all:unset;cursor:pointer;font-weight:600}
.sm-report th button:focus-visible,.sm-report summary:focus-visible{outline:2px solid currentColor;outline-offset:2px}
.sm-report th[aria-sort=ascending] button::after{content:" ▲"}
.sm-report th[aria-sort=descending] button::after{content:" ▼"}
.sm-report .sm-bar{display:inline-block;height:.8em;background:currentColor;min-width:2px;vertical-align:middle}
.sm-report .sm-error{color:var(--jp-error-color0,#b3261e)}
.sm-report .sm-warning{color:var(--jp-warn-color0,#8a5300)}
.sm-report .sm-good{color:var(--jp-success-color0,#1b6e2e)}
.sm-report summary{cursor:pointer}
@media (prefers-color-scheme:dark){
body:not([data-jp-theme-light=true]) .sm-report .sm-error{color:var(--jp-error-color0,#ff8a80)}
body:not([data-jp-theme-light=true]) .sm-report .sm-warning{color:var(--jp-warn-color0,#ffb74d)}
body:not([data-jp-theme-light=true]) .sm-report .sm-good{color:var(--jp-success-color0,#81c784)}}
body[data-jp-theme-light=false] .sm-report .sm-error{color:#ff8a80}
body[data-jp-theme-light=false] .sm-report .sm-warning{color:#ffb74d}
body[data-jp-theme-light=false] .sm-report .sm-good{color:#81c784}
"""


def _markup(content: object) -> str:
    return content if isinstance(content, Markup) else html.escape("" if content is None else str(content))


def element(tag: str, *contents: object, css: str = "") -> Markup:
    """One element; contents that are not markup are escaped."""
    attribute = f' class="{html.escape(css)}"' if css else ""
    return Markup(f"<{tag}{attribute}>{''.join(map(_markup, contents))}</{tag}>")


def link(text: object, target: str, *, download: str) -> Markup:
    """A link that saves its target as a file of that name."""
    return Markup(f'<a href="{html.escape(target)}" download="{html.escape(download)}">{_markup(text)}</a>')


def table(columns: Sequence[object], rows: Iterable[Sequence[object]]) -> Markup:
    """A table with a header row."""
    head = element("tr", *(element("th", column) for column in columns))
    body = [element("tr", *(element("td", cell) for cell in row)) for row in rows]
    return element("table", element("thead", head), element("tbody", *body))


def bar(share: float, *, css: str = "") -> Markup:
    """A bar of at most eight characters' width, ``share`` of it filled, nothing for nothing; for the eye only."""
    if not share:
        return Markup()
    return Markup(f'<span class="sm-bar {html.escape(css)}" style="width:{8 * share:.2f}em" aria-hidden="true"></span>')


def page(*contents: object) -> Markup:
    """A report with its style."""
    return Markup(f'<div class="sm-report"><style>{_STYLE}</style>{"".join(map(_markup, contents))}</div>')
