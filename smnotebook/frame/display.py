"""Cells as short, harmless text."""

from __future__ import annotations

import re

__all__ = ["harmless_in_a_spreadsheet", "show_value", "visible"]

#: Characters of a value that a report shows.
SHOWN_CHARACTERS = 80

# the wide forms count too: East Asian spreadsheets take them for the narrow ones
_FORMULA = re.compile(r'(^|;"?)(?=[=+@\t\r\n\uff1d\uff0b\uff0d\uff20-])')


def show_value(value: object) -> str | None:
    """A cell as text of at most 80 characters; None where nothing is there.

    Characters that would steer a terminal or disguise the text are written as escapes.
    """
    if value is None or (isinstance(value, float) and value != value):
        return None
    text = visible(_written(value)[: SHOWN_CHARACTERS + 1])
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return repr(value) if isinstance(value, (bytes, list, dict)) else str(value)
    except ValueError:  # an integer of thousands of digits, which Python refuses to write
        return f"{type(value).__name__} too long to write"


def visible(text: str) -> str:
    """The text with escapes for all that would steer the display instead of being displayed.

    That is what is not printable: controls (ANSI sequences begin with one), format characters (bidirectional
    overrides, zero widths), all blanks but the common one, line separators, lone surrogates, unassigned characters.
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def harmless_in_a_spreadsheet(value: object) -> object:
    """A text that begins as a formula does, led by an apostrophe; anything else unchanged.

    So is what follows a semicolon: where cells are separated by semicolons, it begins a cell of its own.
    """
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
