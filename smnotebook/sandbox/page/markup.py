"""HTML from Python values; what is not markup already is escaped, so nothing can be forgotten."""

from __future__ import annotations

from html import escape
from typing import Any

__all__ = ["Markup", "element", "joined"]

_VOID = frozenset({"img", "input", "meta", "link"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(tag: str, *children: Any, **attributes: Any) -> Markup:
    """An element; ``class_`` stands for class, an attribute of None or False is left out, True has no value."""
    listed = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Markup(f"<{tag}{listed}>")
    return Markup(f"<{tag}{listed}>{joined(*children)}</{tag}>")


def joined(*children: Any) -> Markup:
    """Children one after the other, each escaped unless it is markup; None is nothing."""
    return Markup("".join(_escaped(child) for child in children if child is not None))


def _escaped(child: Any) -> str:
    return child if isinstance(child, Markup) else escape(str(child))


def _attribute(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
