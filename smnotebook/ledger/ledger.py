"""The ledger: one SQLite file that remembers what was sent where, and shares out the hourly quota.

It holds product payloads, fingerprints and receipts. It never holds contact data or a credential: an account is told
apart by a name the caller chooses.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from smnotebook.ledger.book import Book
from smnotebook.ledger.database import Database
from smnotebook.ledger.event_book import EventBook
from smnotebook.ledger.quota import Quota, steady_clock

__all__ = ["Ledger"]

# In the place of a catalog's id, which is a UUID.
_EVENTS = "(events)"


class Ledger:
    """An open ledger; any number of threads and processes may hold the same file.

    Attributes
    ----------
    path : pathlib.Path
        The file; SQLite keeps two more beside it, ending in ``-wal`` and ``-shm``.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float]) -> None:
        self.path = database.path
        self._database = database
        self._clock = clock

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, clock: Callable[[], float] = time.time) -> Self:
        """Open a ledger, made on first use together with its folder; an older one is brought up to date.

        Raises
        ------
        LedgerError
            When the file is damaged, no ledger, from a newer smnotebook, or can't be written; it is left as it is.
        """
        return cls(Database(Path(path).expanduser()), clock=clock)

    def book(self, account: str, catalog: str) -> Book:
        """The record of one catalog of one account; books never mix."""
        return Book(self._database, self._book_number(account, catalog), clock=self._clock)

    def event_book(self, account: str) -> EventBook:
        """The record of one account's events."""
        return EventBook(self._database, self._book_number(account, _EVENTS), clock=self._clock)

    def _book_number(self, account: str, catalog: str) -> int:
        with self._database.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO books (account, catalog) VALUES (?, ?)", (account, catalog))
            (book,) = connection.execute(
                "SELECT book FROM books WHERE account = ? AND catalog = ?", (account, catalog)
            ).fetchone()
        return int(book)

    def quota(self, account: str, *, limit: int | None) -> Quota:
        """The hourly quota of an account, shared with every other process that opens this file; close it when done."""
        # a turned clock is its own truth: it doesn't jump, it was turned
        steady = steady_clock if self._clock is time.time else self._clock
        return Quota(self.path, account, limit=limit, clock=self._clock, steady=steady)

    def close(self) -> None:
        """Give the file back; books of this ledger can't be used afterwards."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
