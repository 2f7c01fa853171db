"""Runs: one call of the analyst each, and what becomes of those whose process is gone."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Sequence

from smnotebook.ledger.database import Database
from smnotebook.ledger.doubts import Cause, end_doubts, enter_doubts
from smnotebook.ledger.liveness import Liveness
from smnotebook.ledger.records import RequestState, RunRecord, RunState, RunTotals

__all__ = ["add_run", "close_run", "last_request", "list_runs", "settle_lost_runs", "touch_run"]


def add_run(
    connection: sqlite3.Connection, *, book: int, operation: str, fields: Sequence[str] | None, owner: str, now: float
) -> int:
    """Write a new run down.

    Parameters
    ----------
    fields : sequence of str, optional
        What of each product its requests carry; None for all of the payload.
    owner : str
        The name under which :class:`Liveness` shows it to be alive.
    """
    added = connection.execute(
        "INSERT INTO runs (book, operation, fields, state, pid, owner, started_at, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            book,
            operation,
            None if fields is None else json.dumps(list(fields)),
            RunState.RUNNING,
            os.getpid(),
            owner,
            now,
            now,
        ),
    )
    return int(added.lastrowid or 0)


def touch_run(connection: sqlite3.Connection, run: int, *, now: float) -> None:
    """Leave a sign of life: others see that the run is not only alive, but goes on."""
    connection.execute("UPDATE runs SET seen_at = ? WHERE run = ?", (now, run))


def close_run(
    connection: sqlite3.Connection, run: int, *, state: RunState, totals: RunTotals, now: float, steady: float
) -> None:
    """End a run; what it sent and never saw answered becomes unknown."""
    connection.execute(
        "UPDATE runs SET state = ?, ended_at = ?, rows = ?, sent = ?, unchanged = ?, refused = ?, unknown = ?,"
        " unsent = ? WHERE run = ?",
        (
            state,
            now,
            totals.rows,
            totals.sent,
            totals.unchanged,
            totals.refused,
            totals.unknown,
            totals.unsent,
            run,
        ),
    )
    _leave_in_doubt(connection, run, steady=steady)


def settle_lost_runs(connection: sqlite3.Connection, book: int, *, liveness: Liveness, steady: float) -> None:
    """Mark the runs whose process is gone, so that nobody waits for their answers."""
    running = connection.execute(
        "SELECT run, owner FROM runs WHERE book = ? AND state = ?", (book, RunState.RUNNING)
    ).fetchall()
    for run, owner in running:
        if not liveness.is_alive(owner):
            connection.execute("UPDATE runs SET state = ? WHERE run = ?", (RunState.LOST, run))
            _leave_in_doubt(connection, run, steady=steady)


def _leave_in_doubt(connection: sqlite3.Connection, run: int, *, steady: float) -> None:
    last = last_request(connection)
    end_doubts(connection, run, ended_at=steady, ended_request=last)
    sent = connection.execute(
        "SELECT request FROM requests WHERE run = ? AND state = ?", (run, RequestState.SENT)
    ).fetchall()
    for (request,) in sent:
        connection.execute("UPDATE requests SET state = ? WHERE request = ?", (RequestState.UNKNOWN, request))
        enter_doubts(connection, request, cause=Cause.UNANSWERED, ended_at=steady, ended_request=last)


def last_request(connection: sqlite3.Connection) -> int:
    """The number of the ledger's last request: what is written down from now on has a higher one."""
    return int(connection.execute("SELECT ifnull(max(request), 0) FROM requests").fetchone()[0])


_LIST_RUNS = """
SELECT run, operation, state, started_at, ended_at,
       (SELECT count(*) FROM requests WHERE requests.run = runs.run),
       rows, sent, unchanged, refused, unknown, unsent
FROM runs WHERE book = ? ORDER BY run
"""


def list_runs(database: Database, book: int) -> list[RunRecord]:
    """Every run of a book, oldest first."""
    return [_record(*row) for row in database.rows(_LIST_RUNS, (book,))]


def _record(
    run: int, operation: str, state: str, started_at: float, ended_at: float | None, requests: int, *totals: int | None
) -> RunRecord:
    names = ("rows", "sent", "unchanged", "refused", "unknown", "unsent")
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
