"""Fields with what stands in them: value, last edit and error taken from a form's entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smnotebook.forms.entries import Entries
from smnotebook.forms.panel import Choice, Secret, Text, Tick

__all__ = ["Filled"]


class Filled:
    """Makes the nodes of fields; further looks are passed on.

    Parameters
    ----------
    errors : mapping
        By field name, in words; shown beside the field.
    """

    def __init__(self, entries: Entries, errors: Mapping[str, str]) -> None:
        self._entries = entries
        self._errors = errors

    def text(self, name: str, label: str, **looks: Any) -> Text:
        """A line of text."""
        return Text(name=name, label=label, value=self._entries.raw(name), **self._state_of(name), **looks)

    def private_text(self, name: str, label: str, **looks: Any) -> Text:
        """A line of text that the browser keeps to itself: what stands in it is not sent back."""
        is_filled = bool(self._entries.raw(name))
        return Text(name=name, label=label, private=True, is_filled=is_filled, **self._state_of(name), **looks)

    def choice(self, name: str, label: str, **looks: Any) -> Choice:
        """One of several."""
        return Choice(name=name, label=label, value=self._entries.raw(name), **self._state_of(name), **looks)

    def tick(self, name: str, label: str, **looks: Any) -> Tick:
        """Yes or no."""
        return Tick(name=name, label=label, value=self._entries.ticked(name), **self._state_of(name), **looks)

    def secret(self, name: str, label: str, **looks: Any) -> Secret:
        """A key or password."""
        return Secret(name=name, label=label, value=self._entries.ticked(name), **self._state_of(name), **looks)

    def _state_of(self, name: str) -> dict[str, Any]:
        return {"seen": self._entries.seen(name), "error": self._errors.get(name, "")}
