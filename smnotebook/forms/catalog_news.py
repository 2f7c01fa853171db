"""What one form did to the catalogs of a connection, told to the other forms that use it: nobody should look again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakMethod

from smnotebook.catalog import Catalog
from smnotebook.client import Client

__all__ = ["CatalogNews", "hear_of_catalogs", "tell_of_catalogs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogNews:
    """The catalogs as they are now, and the one just made, if one was."""

    catalogs: list[Catalog]
    made: Catalog | None = None


_listeners: WeakKeyDictionary[Client, list[WeakMethod[Callable[[CatalogNews], None]]]] = WeakKeyDictionary()


def hear_of_catalogs(client: Client, listener: Callable[[CatalogNews], None]) -> None:
    """Call a form's method with what other forms do, for as long as there is that form."""
    _listeners.setdefault(client, []).append(WeakMethod(listener))


def tell_of_catalogs(client: Client, news: CatalogNews) -> None:
    """Tell every form that listens."""
    known = _listeners.get(client, [])
    for listener in [method() for method in list(known)]:
        if listener is not None:
            listener(news)
    known[:] = [method for method in known if method() is not None]
