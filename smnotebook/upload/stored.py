"""The ledger's book of a catalog, opened for as long as it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from smnotebook.catalog import Catalog
from smnotebook.ledger import Book, Ledger

__all__ = ["open_book"]


@contextmanager
def open_book(catalog: Catalog) -> Iterator[Book]:
    """What this machine knows of a catalog.

    Raises
    ------
    LedgerError
        The ledger can't be used; the message says what to do.
    """
    with Ledger.open(catalog.client.ledger_path) as ledger:
        yield ledger.book(catalog.client.server, catalog.id)
