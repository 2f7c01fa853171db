"""A form in a notebook: a state, and the panel that shows it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from smnotebook.client import Client
from smnotebook.forms.panel import Tree
from smnotebook.forms.panel.widget import Panel
from smnotebook.forms.state import FormState

__all__ = ["Form"]


class Form(ABC):
    """What all forms do: show themselves as the last line of a cell, and know their client.

    Attributes
    ----------
    widget : anywidget.AnyWidget
        For layouts of one's own, such as ``ipywidgets.Tab``.
    """

    def __init__(self, state: FormState) -> None:
        self._state = state
        self.widget = Panel(state, self._draw)

    @abstractmethod
    def _draw(self) -> Tree:
        """The form as it should look now."""

    @property
    @abstractmethod
    def client(self) -> Client | None:
        """The connection in use, None before there is one."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = self.widget._repr_mimebundle_(**kwargs)
        shown, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        # a short text that is the same each time: for terminals, for diffs, for nbval
        return {**(shown or {}), "text/plain": repr(self)}, metadata
