"""The ledger: one SQLite file that remembers what was sent where, and shares out the hourly quota.

It holds product payloads, fingerprints and receipts. It never holds contact data or a credential: an account goes by
keyed digests.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from smnotebook.errors import LedgerError
from smnotebook.ledger.accounts import EVENTS, AccountNames, find_account
from smnotebook.ledger.book import Book
from smnotebook.ledger.database import DAMAGED, Database
from smnotebook.ledger.doubts import LATE_SECONDS
from smnotebook.ledger.event_book import EventBook
from smnotebook.ledger.pruning import Pruned, forget_sandboxes, prune_history
from smnotebook.ledger.quota import Quota, steady_clock

__all__ = ["HISTORY_DAYS", "SANDBOX_DAYS", "Ledger"]

#: How long the history of a live catalog is kept at least when a ledger is pruned, and the record of an idle sandbox.
HISTORY_DAYS = 365.0
SANDBOX_DAYS = 30.0

_DAY_SECONDS = 86_400.0


class Ledger:
    """An open ledger; any number of threads and processes may hold the same file.

    Attributes
    ----------
    path : pathlib.Path
        The file; SQLite keeps two more beside it, ending in ``-wal`` and ``-shm``.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float], late_seconds: float) -> None:
        self.path = database.path
        self._database = database
        self._clock = clock
        # a turned clock is its own truth: it doesn't jump, it was turned
        self._steady = steady_clock if clock is time.time else clock
        self._late_seconds = late_seconds

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        clock: Callable[[], float] | None = None,
        late_seconds: float = LATE_SECONDS,
    ) -> Self:
        """Open a ledger, made on first use together with its folder.

        An older one is brought up to date, and copied first: the copy's name ends in its version.

        Parameters
        ----------
        clock : callable, optional
            Seconds since 1970.
        late_seconds : float
            How long after its end an attempt that was never answered may still be carried out.

        Raises
        ------
        LedgerError
            When the file is damaged, no ledger, from a newer smnotebook, or can't be written; or when it is older and
            an upload is going on. It is left as it is.
        """
        return cls(Database(Path(path).expanduser()), clock=clock or time.time, late_seconds=late_seconds)

    def book(self, server: str, catalog: str) -> Book:
        """The record of one catalog of one server; books never mix."""
        with self._database.transaction() as connection:
            number = _book_number(connection, server, catalog)
        book = Book(self._database, number, clock=self._clock, steady=self._steady, late_seconds=self._late_seconds)
        book.record_unwritten()
        return book

    def event_book(self, account: AccountNames) -> EventBook:
        """The record of one account's events."""
        with self._database.transaction() as connection:
            number = _book_number(connection, f"account {find_account(connection, account)}", EVENTS)
        book = EventBook(self._database, number, clock=self._clock, steady=self._steady)
        book.record_unwritten()
        return book

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
        requests = prune_history(self._database, before=now - keep_days * _DAY_SECONDS, steady=self._steady())
        self._database.shrink()
        return Pruned(requests=requests, sandboxes=sandboxes, freed_bytes=max(0, before - self.path.stat().st_size))

    def quota(self, account: AccountNames, *, limit: int | None) -> Quota:
        """The hourly quota of an account, shared with every other process that opens this file; close it when done."""
        return Quota(self.path, lambda: account, limit=limit, clock=self._clock, steady=self._steady)

    def close(self) -> None:
        """Give the file back; books of this ledger can't be used afterwards, and a run without an end is lost."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self.close()
        # SQLite tells of damage to its own structure, not of bytes that were overwritten inside a cell
        if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)):
            raise LedgerError(f"The ledger {self.path} can't be used: {DAMAGED}") from error


def _book_number(connection: sqlite3.Connection, server: str, catalog: str) -> int:
    connection.execute("INSERT OR IGNORE INTO books (server, catalog) VALUES (?, ?)", (server, catalog))
    found = connection.execute("SELECT book FROM books WHERE server = ? AND catalog = ?", (server, catalog))
    return int(found.fetchone()[0])
