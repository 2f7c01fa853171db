"""A form's job that waits for the hourly quota: how long it still takes, said while it waits, and a way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, runtime_checkable

from smnotebook.client import Client
from smnotebook.errors import UsageError

__all__ = ["WaitStopped", "told_of_waits", "watch_waits"]

# requests are made in the thread of the job that wants them, and several forms may share one quota
_told: ContextVar[Callable[[float], None] | None] = ContextVar("told of waits", default=None)


class WaitStopped(UsageError):
    """Somebody pressed the button that ends a wait."""


@runtime_checkable
class _Telling(Protocol):
    """A quota that says how many seconds are left while somebody waits."""

    on_wait: Callable[[float], None] | None


def watch_waits(client: Client) -> None:
    """Have the quota of this client tell the job that waits for it."""
    quota = client.connection.quota
    if isinstance(quota, _Telling) and quota.on_wait is None:
        quota.on_wait = _tell


def _tell(seconds: float) -> None:
    told = _told.get()
    if told is not None:
        told(seconds)


@contextmanager
def told_of_waits(tell: Callable[[float], None]) -> Iterator[None]:
    """While this is open, ``tell`` hears of the waits of this thread; what it raises ends the wait."""
    before = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(before)
