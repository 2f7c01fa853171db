"""ConnectForm: the first form of a notebook."""

from __future__ import annotations

from collections.abc import Callable

from smnotebook.client import Client
from smnotebook.forms.connect.state import ConnectState
from smnotebook.forms.connect.view import draw_connect
from smnotebook.forms.form import Form
from smnotebook.forms.panel import Tree

__all__ = ["ConnectForm"]


class ConnectForm(Form):
    """Choose the sandbox or an account, give the key, and see whether the server takes it.

    The key goes from the browser to the kernel in a message of its own, and from there to the keyring if you say so; it
    is in no output, no saved widget state and no history.

    Parameters
    ----------
    profile : str, optional
        A saved account's name to begin with, or ``sandbox``.
    state : ConnectState, optional
        In place of a new one.

    Examples
    --------
    >>> from smnotebook import forms
    >>> forms.ConnectForm()
    ConnectForm()
    """

    def __init__(self, profile: str | None = None, *, state: ConnectState | None = None) -> None:
        self.state = state or ConnectState(profile)
        super().__init__(self.state)

    def _draw(self) -> Tree:
        return draw_connect(self.state)

    @property
    def client(self) -> Client | None:
        """The connection; None until Connect was pressed and the server agreed."""
        connection = self.state.connection
        return None if connection is None else connection.client

    def on_connect(self, listener: Callable[[Client], None]) -> None:
        """Call ``listener`` with the client there is, if there is one, and with each that is connected later."""
        self.state.on_connect(listener)
