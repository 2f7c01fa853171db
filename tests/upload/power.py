"""What a power failure leaves of the ledger's files.

SQLite appends every change to the write-ahead log. What a synced transaction had appended, and all before it, is on
the disk; of what came after, each sector may be there or not. Checkpoints are switched off: they are SQLite's own
business, and sync by themselves.
"""

import shutil
import sqlite3
import struct
import threading
from contextlib import contextmanager
from itertools import count

from smnotebook.errors import ServerUnreachable
from smnotebook.ledger.database import Database
from smnotebook.wire import RequestsTransport

_HEADER, _FRAME_HEADER, _SECTOR = 32, 24, 512


def end_of_log(content):
    """Bytes of a write-ahead log that belong to its present generation: frames carry the salts of the header."""
    if len(content) < _HEADER:
        return 0
    page_bytes = struct.unpack(">I", content[8:12])[0]
    salts, end = content[16:24], _HEADER
    while content[end + 8 : end + 16] == salts:
        end += _FRAME_HEADER + page_bytes
    return min(end, len(content))


class Disk:
    """Knows what of a ledger's log has reached the disk."""

    def __init__(self, monkeypatch):
        self._synced = {}
        self._lock = threading.RLock()
        honest, prepare, disk = Database.transaction, Database._prepare, self

        @contextmanager
        def watched(database, *, is_synced=True):
            with disk._lock:
                with honest(database, is_synced=is_synced) as connection:
                    yield connection
                if is_synced:
                    log = _log_of(database.path).read_bytes()
                    disk._synced[database.path] = (log[16:24], end_of_log(log))

        def prepared(database, connection):
            prepare(database, connection)
            connection.execute("PRAGMA wal_autocheckpoint = 0")

        monkeypatch.setattr(Database, "transaction", watched)
        monkeypatch.setattr(Database, "_prepare", prepared)

    def fail(self, ledger, into, draw):
        """Copy the files to ``into`` as a failure at this moment would leave them; returns how many bytes were lost."""
        into.mkdir(parents=True)
        with self._lock:
            shutil.copy(ledger, into / ledger.name)
            log = _log_of(ledger).read_bytes()
            salts, synced = self._synced.get(ledger, (b"", 0))
        log = log[: end_of_log(log)]
        safe = synced if salts == log[16:24] else 0
        left = log[:safe] + _torn(log[safe:], draw)
        _log_of(into / ledger.name).write_bytes(left)
        return len(log) - safe


def _log_of(ledger):
    return ledger.with_name(ledger.name + "-wal")


def _torn(tail, draw):
    match draw.choice(["gone", "cut", "patchy", "whole"]):
        case "gone":
            return b""
        case "cut":
            return tail[: draw.randrange(len(tail) + 1)]
        case "patchy":
            sectors = [tail[start : start + _SECTOR] for start in range(0, len(tail), _SECTOR)]
            return b"".join(sector if draw.random() < 0.5 else bytes(len(sector)) for sector in sectors)
    return tail


class FailingTransport(RequestsTransport):
    """Carries requests until the power fails, at the nth one to a path: before it leaves, or once it was answered."""

    def __init__(self, path, *, nth, is_answered, fail):
        super().__init__()
        self._path, self._nth, self._is_answered, self._fail = path, nth, is_answered, fail
        self._numbers = count(1)
        self._is_dark = threading.Event()

    def send(self, method, url, **request):
        if not url.endswith(self._path):
            return super().send(method, url, **request)
        number = next(self._numbers)
        if number == self._nth and not self._is_answered:
            self._go_dark()
        if self._is_dark.is_set():
            raise ServerUnreachable("dark", maybe_received=False)
        answer = super().send(method, url, **request)
        if number == self._nth:
            self._go_dark()
        return answer

    def _go_dark(self):
        self._is_dark.set()
        self._fail()
        raise ServerUnreachable("dark", maybe_received=True)


def is_sound(ledger):
    """Whether SQLite finds the file in order."""
    with sqlite3.connect(ledger) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    return verdict == "ok"
