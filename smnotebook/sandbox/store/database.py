"""The sandbox's SQLite database: one connection a process, short explicit transactions, a numbered schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from smnotebook.errors import SandboxError

__all__ = ["Database", "Rows"]

Rows = sqlite3.Connection
"""The database within a transaction."""

# Another process may hold the file while it stores a batch; that is over in milliseconds.
_BUSY_SECONDS = 30.0
_SWITCH_ATTEMPTS = 100

# Step n leads from version n to n + 1. Never change a step that was released: add one.
_STEPS = (
    """
    CREATE TABLE catalogs (
        number INTEGER PRIMARY KEY, catalog_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
        set_as_default INTEGER NOT NULL, currency TEXT NOT NULL, location TEXT NOT NULL, changed_at REAL NOT NULL
    );
    CREATE TABLE products (
        catalog INTEGER NOT NULL REFERENCES catalogs(number) ON DELETE CASCADE,
        product_id TEXT NOT NULL, payload TEXT NOT NULL, changed_at REAL NOT NULL,
        UNIQUE (catalog, product_id)
    );
    CREATE INDEX products_by_catalog ON products (catalog);
    CREATE TABLE keys (
        key_hash TEXT PRIMARY KEY, name TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL, revoked_at REAL
    );
    CREATE TABLE account (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE collections (
        collection_id TEXT PRIMARY KEY, name TEXT NOT NULL,
        catalog INTEGER NOT NULL REFERENCES catalogs(number) ON DELETE CASCADE
    );
    CREATE TABLE collection_products (
        collection_id TEXT NOT NULL REFERENCES collections(collection_id) ON DELETE CASCADE,
        contact_id TEXT NOT NULL, product_id TEXT NOT NULL,
        UNIQUE (collection_id, contact_id, product_id)
    );
    CREATE TABLE contacts (
        contact_id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, payload TEXT NOT NULL, changed_at REAL NOT NULL
    );
    CREATE TABLE events (
        number INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, contact_id TEXT, email TEXT,
        payload TEXT NOT NULL, received_at REAL NOT NULL
    );
    CREATE INDEX events_by_email ON events (email) WHERE contact_id IS NULL;
    CREATE TABLE requests_counted (number INTEGER PRIMARY KEY, at REAL NOT NULL);
    CREATE INDEX requests_by_time ON requests_counted (at);
    """,
)

#: Tables that hold what clients sent, each before the ones it is referred to by.
CONTENT_TABLES = (
    "collection_products",
    "collections",
    "products",
    "catalogs",
    "events",
    "contacts",
    "requests_counted",
)


class Database:
    """Everything the sandbox remembers.

    Opened by the constructor, used from any thread, closed by :meth:`close`. Several processes may open one file.

    Parameters
    ----------
    path : Path or None
        The file; None keeps everything in memory.

    Raises
    ------
    SandboxError
        When the file can't be opened, is no database, or was written by a newer version.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = RLock()
        try:
            self._connection = _connect(path)
        except sqlite3.Error as error:
            raise SandboxError(
                f"the sandbox can't use {path} as its database ({error}); give another file, or none for memory"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[Rows]:
        """A write transaction: committed at the end, undone by an exception."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:  # whatever it was, the half-done change must go; the exception goes on
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """One consistent view of the data."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                self._connection.execute("ROLLBACK")

    def clear(self) -> None:
        """Forget everything that clients sent; keys and account stay."""
        with self.transaction() as rows:
            for table in CONTENT_TABLES:
                rows.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the tuple above

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        with self._lock:
            self._connection.close()


def _connect(path: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(
        ":memory:" if path is None else path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _switch_to_wal(connection)
        # FULL: an accepted product survives a power cut, not only a killed process
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _migrate(connection)
    except BaseException:  # an open file must not outlive the failure; the exception goes on
        connection.close()
        raise
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Write ahead, so that several processes can read while one writes.

    The switch itself does not wait for others that open a new file at the same moment; a transaction does.
    """
    for _ in range(_SWITCH_ATTEMPTS):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date; each step and its number are one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_STEPS):
        connection.execute("ROLLBACK")
        raise sqlite3.DatabaseError("written by a newer version of smnotebook")
    for step in _STEPS[version:]:
        for statement in step.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(_STEPS)}")
    connection.execute("COMMIT")
