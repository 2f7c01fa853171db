"""Where a form works: the badge, and a connection that another form may still have to make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from smnotebook.client import Client
from smnotebook.errors import UsageError
from smnotebook.forms.panel import Badge
from smnotebook.forms.quota_wait import watch_waits

__all__ = ["Connected", "badge", "follow"]


@runtime_checkable
class Connected(Protocol):
    """A form that has, or will have, a client."""

    def on_connect(self, listener: Callable[[Client], None]) -> None:
        """Call ``listener`` with the client there is, if there is one, and with each new one."""


def badge(client: Client | None) -> Badge:
    """LIVE or SANDBOX with the server's name."""
    if client is None:
        return Badge(text="NOT CONNECTED", tone="none")
    return Badge(text=client.place, tone="live" if client.is_live else "sandbox")


def follow(source: Client | Connected, listener: Callable[[Client], None]) -> None:
    """Tell ``listener`` the client now, or whenever the form ``source`` has made one.

    Raises
    ------
    UsageError
        ``source`` is neither.
    """

    def take(client: Client) -> None:
        watch_waits(client)
        listener(client)

    if isinstance(source, Client):
        take(source)
    elif isinstance(source, Connected):
        source.on_connect(take)
    else:
        raise UsageError(
            f"A form needs a client or a ConnectForm, not {type(source).__name__}. sm.connect() makes one."
        )
