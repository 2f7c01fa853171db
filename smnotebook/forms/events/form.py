"""EventForm: one event tried out in a notebook."""

from __future__ import annotations

from smnotebook.client import Client
from smnotebook.forms.connection import Connected
from smnotebook.forms.events.state import EventState
from smnotebook.forms.events.view import draw_event
from smnotebook.forms.form import Form
from smnotebook.forms.panel import Tree

__all__ = ["EventForm"]


class EventForm(Form):
    """Fill in an event, see the requests it makes, send it, and see what came back.

    The contact's address stays in the kernel: it is in no output, no saved widget state and no code to copy.

    Parameters
    ----------
    client : Client or form
        A ConnectForm that is not connected yet will do.
    state : EventState, optional
        In place of a new one.
    """

    def __init__(self, client: Client | Connected, *, state: EventState | None = None) -> None:
        self.state = state or EventState(client)
        super().__init__(self.state)

    def _draw(self) -> Tree:
        return draw_event(self.state)

    @property
    def client(self) -> Client | None:
        """The connection in use; None until the form it follows is connected."""
        return self.state.client
