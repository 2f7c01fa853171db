"""What stands in a form's fields, whoever put it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Entries"]

Entry = str | bool


class Entries:
    """Values by field name.

    An edit from the browser carries a stamp. Messages may arrive in another order than they were sent (ipykernel 7.4
    handles them in two threads), so an edit older than the last one is passed over.

    Parameters
    ----------
    initial : mapping
        Every field's first value; its type stays the field's type.
    """

    def __init__(self, initial: Mapping[str, Entry]) -> None:
        self._values: dict[str, Entry] = dict(initial)
        self._seen: dict[str, float] = {}
        self._touched: set[str] = set()

    def take(self, name: str, value: Any, stamp: float) -> bool:
        """An edit from the browser; whether it counts."""
        if name not in self._values or type(value) is not type(self._values[name]):
            return False
        if stamp <= self.seen(name):
            return False
        self._seen[name] = stamp
        self._touched.add(name)
        self._values[name] = value
        return True

    def text(self, name: str) -> str:
        """A text field's value without blanks at its ends."""
        return str(self._values[name]).strip()

    def raw(self, name: str) -> str:
        """A text field's value as it was typed."""
        return str(self._values[name])

    def ticked(self, name: str) -> bool:
        """Whether a tick is set, or a secret filled in."""
        return self._values[name] is True

    def put(self, name: str, value: Entry) -> None:
        """The form's own word: a proposal, or a field emptied."""
        self._values[name] = value

    def start_over(self, values: Mapping[str, Entry]) -> None:
        """New values, as if nobody had typed; edits from before still count as taken in, however late they come."""
        self._values = dict(values)
        self._touched.clear()

    def replace_group(self, prefix: str, values: Mapping[str, Entry]) -> None:
        """New fields in place of all whose names begin so."""
        kept = {name: value for name, value in self._values.items() if not name.startswith(prefix)}
        self._values = {**kept, **values}

    def seen(self, name: str) -> float:
        """Stamp of the last edit that counted; 0 where nobody typed."""
        return self._seen.get(name, 0.0)

    def is_touched(self, name: str) -> bool:
        """Whether somebody typed into the field since the form began, or began again."""
        return name in self._touched

    def __contains__(self, name: object) -> bool:
        return name in self._values
