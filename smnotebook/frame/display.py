"""Cells as short, harmless text."""

from __future__ import annotations

__all__ = ["harmless_in_a_spreadsheet", "show_value"]

#: Characters of a value that a report shows.
SHOWN_CHARACTERS = 80


def show_value(value: object) -> str | None:
    """A cell as text of at most 80 characters; None where nothing is there.

    Characters that would steer a terminal or disguise the text are written as escapes.
    """
    if value is None or (isinstance(value, float) and value != value):
        return None
    text = value if isinstance(value, str) else repr(value) if isinstance(value, (bytes, list, dict)) else str(value)
    shown = text[: SHOWN_CHARACTERS + 1]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(map(_visible, shown))
    return shown if len(shown) <= SHOWN_CHARACTERS else shown[: SHOWN_CHARACTERS - 1] + "…"


def _visible(character: str) -> str:
    # not printable are controls (ANSI sequences begin with one), format characters (bidirectional overrides, zero
    # widths), all blanks but the common one, line separators, lone surrogates, unassigned characters
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def harmless_in_a_spreadsheet(value: object) -> object:
    """A text that begins as a formula does, led by an apostrophe; anything else unchanged."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
