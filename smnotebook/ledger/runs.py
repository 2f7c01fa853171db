"""Runs: one call of the analyst each, and whether the process that made it is still alive."""

from __future__ import annotations

import os
import secrets
import sqlite3

from smnotebook.ledger.database import Database
from smnotebook.ledger.records import RequestState, RunRecord, RunState, RunTotals

__all__ = ["add_run", "close_run", "list_runs", "settle_lost_runs", "touch_run"]

#: A run whose process can't be asked is taken for dead after so many seconds without a sign of life.
SILENCE_SECONDS = 60.0

# Two kernels may follow each other under one process number (containers do that); this tells them apart.
_OWNER = secrets.token_hex(8)


def add_run(connection: sqlite3.Connection, *, book: int, operation: str, now: float) -> int:
    """Write a new run down."""
    added = connection.execute(
        "INSERT INTO runs (book, operation, state, pid, owner, started_at, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (book, operation, RunState.RUNNING, os.getpid(), _OWNER, now, now),
    )
    return int(added.lastrowid or 0)


def touch_run(connection: sqlite3.Connection, run: int, *, now: float) -> None:
    """Leave a sign of life."""
    connection.execute("UPDATE runs SET seen_at = ? WHERE run = ?", (now, run))


def close_run(connection: sqlite3.Connection, run: int, *, state: RunState, totals: RunTotals, now: float) -> None:
    """End a run; what it sent and never saw answered becomes unknown."""
    connection.execute(
        "UPDATE runs SET state = ?, ended_at = ?, rows = ?, sent = ?, unchanged = ?, refused = ?, unknown = ?"
        " WHERE run = ?",
        (state, now, totals.rows, totals.sent, totals.unchanged, totals.refused, totals.unknown, run),
    )
    _leave_in_doubt(connection, run)


def settle_lost_runs(connection: sqlite3.Connection, book: int, *, now: float) -> None:
    """Mark the runs whose process is gone, so that nobody waits for their answers."""
    running = connection.execute(
        "SELECT run, pid, owner, seen_at FROM runs WHERE book = ? AND state = ?", (book, RunState.RUNNING)
    ).fetchall()
    for run, pid, owner, seen_at in running:
        if not _is_alive(pid, owner, silence=abs(now - seen_at)):
            connection.execute("UPDATE runs SET state = ? WHERE run = ?", (RunState.LOST, run))
            _leave_in_doubt(connection, run)


def _leave_in_doubt(connection: sqlite3.Connection, run: int) -> None:
    connection.execute(
        "UPDATE requests SET state = ? WHERE run = ? AND state = ?", (RequestState.UNKNOWN, run, RequestState.SENT)
    )


def _is_alive(pid: int, owner: str, *, silence: float) -> bool:
    if silence > SILENCE_SECONDS:
        return False
    # a forked process has its parent's mark and a number of its own
    return owner == _OWNER if pid == os.getpid() else _may_exist(pid)


def _may_exist(pid: int) -> bool:
    if os.name == "nt":  # there, asking by os.kill would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


_LIST_RUNS = """
SELECT run, operation, state, started_at, ended_at,
       (SELECT count(*) FROM requests WHERE requests.run = runs.run),
       rows, sent, unchanged, refused, unknown
FROM runs WHERE book = ? ORDER BY run
"""


def list_runs(database: Database, book: int) -> list[RunRecord]:
    """Every run of a book, oldest first."""
    return [_record(*row) for row in database.rows(_LIST_RUNS, (book,))]


def _record(
    run: int, operation: str, state: str, started_at: float, ended_at: float | None, requests: int, *totals: int | None
) -> RunRecord:
    names = ("rows", "sent", "unchanged", "refused", "unknown")
    known = {name: total for name, total in zip(names, totals, strict=True) if total is not None}
    return RunRecord(
        run=run,
        operation=operation,
        state=RunState(state),
        started_at=started_at,
        ended_at=ended_at,
        requests=requests,
        totals=RunTotals(**known) if known else None,
    )
