"""The frame around every view, and the parts that views share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from smnotebook.sandbox.page.markup import Markup, element, joined
from smnotebook.sandbox.store.listings import SCREEN_ROWS

__all__ = ["cell", "document", "fold", "moment", "payload", "section", "table", "turn_over"]

_NAVIGATION = (
    ("/", "Overview"),
    ("/contacts", "Contacts"),
    ("/events", "Events"),
    ("/requests", "Requests"),
    ("/claims", "What to believe"),
)
_AMOUNTS = frozenset({"price", "discountPrice", "value"})
_SHOWN_CHARACTERS = 20_000


def document(title: str, here: str, *sections: Markup) -> str:
    """A whole page; ``here`` is the path that the navigation marks."""
    links = (
        element("a", label, href=path, aria_current="page" if path == here else None) for path, label in _NAVIGATION
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("link", rel="icon", href="data:,"),
        element("title", f"{title} · SALESmanago sandbox"),
        element("style", _style()),
    )
    body = element(
        "body",
        element(
            "header",
            element("h1", "SALESmanago sandbox"),
            element("p", "Runs on this machine only. Nothing here reaches SALESmanago."),
            element("nav", *links, aria_label="Views"),
        ),
        element("main", *sections),
    )
    return "<!DOCTYPE html>" + element("html", head, body, lang="en")


@cache
def _style() -> Markup:
    return Markup(files("smnotebook.sandbox.page").joinpath("style.css").read_text(encoding="utf-8"))


def section(heading: str, *children: Any) -> Markup:
    """A sheet with a heading."""
    return element("section", element("h2", heading), *children)


def table(columns: Sequence[str], rows: Iterable[Sequence[Markup]], *, empty: str) -> Markup:
    """A table of ready-made cells; ``empty`` is said where there are no rows. A column ending in # is of numbers."""
    listed = [element("tr", *cells) for cells in rows]
    if not listed:
        return element("p", empty, class_="empty")
    heads = (
        element("th", name.rstrip("#"), scope="col", class_="number" if name.endswith("#") else None)
        for name in columns
    )
    whole = element("table", element("thead", element("tr", *heads)), element("tbody", *listed))
    return element("div", whole, class_="scroll", tabindex="0", role="group", aria_label="Table")


def cell(*children: Any, kind: str | None = None) -> Markup:
    """A table cell; ``kind`` is number, time, id or wide."""
    return element("td", *children, class_=kind)


def moment(seconds: float) -> Markup:
    """A time of the sandbox's clock in UTC, to the second."""
    try:
        text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):  # a clock that a test set beyond the calendar
        text = f"{seconds:g} s"
    return joined(text)


def payload(text: str, label: str = "payload") -> Markup:
    """Stored JSON behind a fold, amounts as numbers."""
    shown = json.dumps(_with_numbers(json.loads(text)), indent=2, ensure_ascii=False)
    return fold(label, shown)


def fold(label: str, text: str) -> Markup:
    """Text behind a fold, its end left out where it is very long."""
    if len(text) > _SHOWN_CHARACTERS:
        text = text[:_SHOWN_CHARACTERS] + f"\n… {len(text) - _SHOWN_CHARACTERS} more characters"
    return element("details", element("summary", label), element("pre", text))


def _with_numbers(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {
        name: _number(entry) if name in ("price", "discountPrice", "value") else entry for name, entry in value.items()
    }


def _number(text: Any) -> Any:
    """The number that an amount's text stands for; the text where a float would not be exact."""
    try:
        exact = Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        return text
    return float(exact) if Decimal(repr(float(exact))) == exact else text


def turn_over(here: str, screen: int, count: int, **query: str) -> Markup | None:
    """Links to the screens before and after, None where one is enough."""
    last = max(0, (count - 1) // SCREEN_ROWS)
    if last == 0:
        return None
    kept = {name: value for name, value in query.items() if value}

    def link(label: str, target: int) -> Markup:
        if not 0 <= target <= last:
            return element("span", label, class_="soft")
        return element("a", label, href=f"{here}?{urlencode({**kept, 'screen': target})}")

    place = element("span", f"{screen + 1:,} of {last + 1:,}")
    return element("div", link("← newer", screen - 1), place, link("older →", screen + 1), class_="turn")
