"""One SQLite file: opened safely by many threads and processes, its failures told in words."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

from smnotebook.errors import LedgerError
from smnotebook.ledger.liveness import Liveness
from smnotebook.ledger.migrations import LATEST, migrate
from smnotebook.private_files import make_private_file, restrict
from smnotebook.process import renew_in_children

__all__ = ["DAMAGED", "Busy", "Database"]

# Marks the file as a ledger, so that another program's SQLite file is never written into ("smnb" in ASCII).
_APPLICATION_ID = 0x736D6E62

# How long to wait for another process's transaction before Busy is raised; no transaction of ours takes this long.
_BUSY_SECONDS = 30.0

_NO_LEDGER = "it is no smnotebook ledger. Nothing was changed; give the path of another file."
DAMAGED = (
    "it is damaged or no SQLite file. Nothing was changed; move it away together with its -wal and -shm files (the"
    " sqlite3 shell's .recover reads what is left). A new ledger starts empty, so the next upload sends every product"
    " once more."
)
_READ_ONLY = (
    "it can't be written. Nothing was changed; allow writing to the file and its folder, or choose another folder with"
    " SMNOTEBOOK_HOME."
)
_FULL = "the disk is full. What was recorded so far is safe; free some space and call again."
_UNREACHABLE = "it can't be opened. Check the rights of its folder, or choose another folder with SMNOTEBOOK_HOME."
_BUSY = "another process keeps it locked. Nothing was changed; call again once that one is done."

_ADVICE = {
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _UNREACHABLE,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
}


class Busy(LedgerError):
    """Another connection held the write lock for longer than this one was ready to wait."""


# SQLite allows a child neither to use nor to close what its parent opened, so these are kept to the child's end.
_LEFT_TO_PARENTS: list[sqlite3.Connection] = []


class Database:
    """A connection shared by the threads of this process, one at a time; a forked child opens its own.

    The file, and those that SQLite keeps beside it, can be read by their owner alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        #: Shows the runs of this connection to be alive, and tells whether those of others are.
        self.liveness = Liveness(path.with_name(f"{path.name}-runs"))
        self._lock = threading.RLock()
        self._busy_seconds = _BUSY_SECONDS
        self._is_syncing = True
        self._opened: sqlite3.Connection | None = self._open()
        renew_in_children(self, Database._renew)

    def _renew(self) -> None:
        """Leave the parent's connection alone; the next call opens one for this process."""
        self._lock = threading.RLock()
        self._is_syncing = True
        if self._opened is not None:
            _LEFT_TO_PARENTS.append(self._opened)
            self._opened = None

    @property
    def identity(self) -> object:
        """Which file is open here; another one at the same path compares differently."""
        return self._file

    @property
    def is_in_place(self) -> bool:
        """Whether the file that is open here is still the one that others find; false once it was deleted."""
        return self._file == _identity(self.path)

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> sqlite3.Connection:
        try:
            make_private_file(self.path)
        except OSError as error:
            raise LedgerError(
                f"The ledger {self.path} can't be made: {error.strerror}. Choose another folder with SMNOTEBOOK_HOME."
            ) from error
        # earlier versions left the file open to all; SQLite gives the ones beside it the rights of the ledger itself
        for ending in ("", "-wal", "-shm"):
            restrict(self.path.with_name(self.path.name + ending))
        with self._told():
            connection = sqlite3.connect(
                self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._file = _identity(self.path)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        with self._told():
            # in this order: another process that creates the file marks it before it makes a table
            empty = connection.execute("SELECT count(*) = 0 FROM sqlite_master").fetchone()[0]
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            if mark != _APPLICATION_ID and not (mark == 0 and empty):
                raise LedgerError(f"{self.path} was not opened: {_NO_LEDGER}")
            _enter_wal(connection)
            if mark == 0:
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute("PRAGMA synchronous = FULL")
            found = migrate(connection, keep_copy=partial(self._keep_copy, connection))
        if found > LATEST:
            raise LedgerError(
                f"{self.path} was written by a newer smnotebook (ledger version {found}, this one knows {LATEST})."
                " Nothing was changed; upgrade smnotebook, or choose another path."
            )

    def _keep_copy(self, connection: sqlite3.Connection, version: int) -> None:
        """Put a copy of an older ledger beside it, in the transaction that brings it up to date.

        Raises
        ------
        LedgerError
            An upload of the older version goes on: it would write into a file that it doesn't know any more.
        """
        if process := _running_process(connection, self.liveness):
            raise LedgerError(
                f"The ledger {self.path} is of an older smnotebook (version {version}), and process {process} is"
                " sending with it. Nothing was changed; call again when that upload has ended."
            )
        copy = self.path.with_name(f"{self.path.name}.version-{version}")
        copy.unlink(missing_ok=True)
        make_private_file(copy)
        # read by connections of their own, which see the file as it is before this transaction
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)

    @contextmanager
    def transaction(self, *, is_synced: bool = True) -> Iterator[sqlite3.Connection]:
        """A write transaction: the whole of it is kept, or nothing.

        Parameters
        ----------
        is_synced : bool
            False spares the disk: a power failure may undo it, up to the next transaction that is synced.
        """
        with self._lock, self._told():
            if is_synced is not self._is_syncing:
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if is_synced else 'NORMAL'}")
                self._is_syncing = is_synced
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # after a full disk SQLite has rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for a few looks, each by itself: nobody's writing is waited for."""
        with self._lock, self._told():
            yield self._connection

    def set_busy_seconds(self, seconds: float) -> None:
        """Change how long a transaction waits for another process's."""
        with self._lock, self._told():
            self._connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000):d}")
            self._busy_seconds = seconds

    def rows(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        """All rows of a query."""
        with self._lock, self._told():
            return self._connection.execute(sql, parameters).fetchall()

    def shrink(self) -> None:
        """Give the room of what was deleted back to the disk; rewrites the file."""
        with self._lock, self._told():
            self._connection.execute("VACUUM")
        self.checkpoint()

    def checkpoint(self) -> None:
        """Carry the write-ahead log over into the file itself, as far as nobody is reading it."""
        with self._lock, self._told():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give the file back, and lose the runs that have no end yet; a second call does nothing."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
        self.liveness.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            # a text that is no UTF-8 comes without a code: a page was overwritten
            unreadable = sqlite3.SQLITE_CORRUPT if "decode" in str(error) else sqlite3.SQLITE_ERROR
            code = getattr(error, "sqlite_errorcode", unreadable) & 0xFF
            advice = _ADVICE.get(code, f"SQLite says: {error}.")
            kind = Busy if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else LedgerError
            raise kind(f"The ledger {self.path} can't be used: {advice}") from error


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file is at a path; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _enter_wal(connection: sqlite3.Connection, *, attempts: int = 200) -> None:
    """Switch to write-ahead logging, which readers and one writer share.

    SQLite doesn't wait for a lock in this one statement, so two processes that open a new file at once must ask again.
    """
    for attempt in range(attempts):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or attempt == attempts - 1:
                raise
            time.sleep(0.01)
        else:
            return


# Before version 6 a run showed itself by its process and a sign of life every ten seconds.
_OLD_SILENCE_SECONDS = 60.0


def _running_process(connection: sqlite3.Connection, liveness: Liveness) -> int | None:
    """The process of a run that goes on; None where there is none."""
    running = connection.execute("SELECT pid, owner, seen_at FROM runs WHERE state = 'running'").fetchall()
    for process, owner, seen_at in running:
        was_just_seen = abs(time.time() - seen_at) < _OLD_SILENCE_SECONDS and _may_exist(process)
        if was_just_seen or liveness.is_alive(owner):
            return int(process)
    return None


def _may_exist(process: int) -> bool:
    if os.name == "nt":  # there, asking by os.kill would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
