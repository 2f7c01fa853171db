"""FixForm: a few prices, stocks or switches changed in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smnotebook.client import Client
from smnotebook.forms.connection import Connected
from smnotebook.forms.fix.state import FixState
from smnotebook.forms.fix.view import draw_fix
from smnotebook.forms.form import Form
from smnotebook.forms.panel import Tree

if TYPE_CHECKING:
    from smnotebook.frame.outcome import UploadReport

__all__ = ["FixForm"]


class FixForm(Form):
    """Find products that this machine has sent, change them in a table, see the difference, send it, take it back.

    Parameters
    ----------
    client : Client or form
        A ConnectForm that is not connected yet will do.
    state : FixState, optional
        In place of a new one.
    """

    def __init__(self, client: Client | Connected, *, state: FixState | None = None) -> None:
        self.state = state or FixState(client)
        super().__init__(self.state)

    def _draw(self) -> Tree:
        return draw_fix(self.state)

    @property
    def client(self) -> Client | None:
        """The connection in use; None until the form it follows is connected."""
        return self.state.client

    @property
    def report(self) -> UploadReport | None:
        """What became of every product of the last sending; None before it."""
        return self.state.report
