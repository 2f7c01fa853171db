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
from smnotebook.ledger.pruning import Pruned, forget_sandboxes, prune_history
from smnotebook.ledger.quota import Quota, steady_clock

__all__ = ["HISTORY_DAYS", "SANDBOX_DAYS", "Ledger"]

#: How long the history of a live catalog is kept at least when a ledger is pruned, and the record of an idle sandbox.
HISTORY_DAYS = 365.0
SANDBOX_DAYS = 30.0

_DAY_SECONDS = 86_400.0

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

    def forget_sandboxes(self, *, idle_seconds: float = SANDBOX_DAYS * _DAY_SECONDS) -> int:
        """Drop the records of sandboxes that nobody has sent to for so long; returns how many catalogs those held."""
        return forget_sandboxes(self._database, idle_since=self._clock() - idle_seconds)

    def prune(self, *, keep_days: float = HISTORY_DAYS) -> Pruned:
        """Give back what runs older than this sent and later ones have overwritten, and idle sandboxes.

        What is known to be stored stays, and so do events, and all that is in doubt.
        """
        self._database.checkpoint()
        before, now = self.path.stat().st_size, self._clock()
        sandboxes = self.forget_sandboxes()
        requests = prune_history(self._database, before=now - keep_days * _DAY_SECONDS, now=now)
        self._database.shrink()
        return Pruned(requests=requests, sandboxes=sandboxes, freed_bytes=max(0, before - self.path.stat().st_size))

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
