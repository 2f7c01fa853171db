"""Giving old history back: what no later question needs goes, what is stored today stays for good.

Of a product, every sending counts until a later one has said something about each of its fields; only then can nobody
tell whether the earlier one is there. What goes of a request are its payloads and its list of products: its line in
``requests`` is slim and keeps the counts of its run right. What a request leaves in doubt is never touched, and events
are known by their keys for good: a second one would mail people.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from smnotebook.ledger import runs
from smnotebook.ledger.database import Database
from smnotebook.ledger.knowing import learn
from smnotebook.ledger.leaves import leaves
from smnotebook.ledger.records import RequestState, RunState

__all__ = ["Pruned", "forget_sandboxes", "prune_history"]

_AT_ONCE = 200

# A sandbox goes by a digest of its key, a live server by its host: see Client.server.
_SANDBOX = "sandbox@" + "[0-9a-f]" * 12
_IDLE_SANDBOXES = """
SELECT book FROM books JOIN runs USING (book) WHERE server GLOB ?
GROUP BY book HAVING max(max(seen_at, ifnull(ended_at, 0))) < ?
"""
_LAST_OLD_RUN = "SELECT max(run) FROM runs WHERE book = ? AND started_at < ? AND state <> ?"
_OLD = """
SELECT request, state, product_ids, lines FROM requests
JOIN manifests USING (request) JOIN payloads USING (request)
WHERE book = ? AND run <= ? AND request < ? ORDER BY request DESC LIMIT ?
"""
_PARTS = ("payloads", "manifests", "refusals", "event_contacts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What a pruning gave back."""

    requests: int = 0
    sandboxes: int = 0
    freed_bytes: int = 0


def forget_sandboxes(database: Database, *, idle_since: float) -> int:
    """Drop all that is known of sandboxes that nobody has sent to since; returns how many catalogs that were."""
    idle = [row[0] for row in database.rows(_IDLE_SANDBOXES, (_SANDBOX, idle_since))]
    for book in idle:
        with database.transaction() as connection:
            for part in _PARTS:
                connection.execute(
                    f"DELETE FROM {part} WHERE request IN (SELECT request FROM requests WHERE book = ?)",  # noqa: S608 - names of tables above
                    (book,),
                )
            for table in ("known", "doubts", "requests", "runs", "books"):
                connection.execute(f"DELETE FROM {table} WHERE book = ?", (book,))  # noqa: S608 - names of tables
    return len(idle)


def prune_history(database: Database, *, before: float, steady: float) -> int:
    """Drop what older runs sent and later ones have overwritten; returns how many requests gave their content back.

    Parameters
    ----------
    before : float
        Runs that began earlier are old; how the catalog stood at the end of the last of them can still be told.
    """
    books = database.rows("SELECT book FROM books WHERE catalog <> '(events)'")
    return sum(_prune_book(database, book, before=before, steady=steady) for (book,) in books)


def _prune_book(database: Database, book: int, *, before: float, steady: float) -> int:
    with database.transaction() as connection:
        runs.settle_lost_runs(connection, book, liveness=database.liveness, steady=steady)
        learn(connection, book)
    (last_run,) = database.rows(_LAST_OLD_RUN, (book, before, RunState.RUNNING))[0]
    if last_run is None:
        return 0
    needless = list(_needless(database, book, last_run))
    for start in range(0, len(needless), _AT_ONCE):  # short transactions: an upload may be waiting
        some = needless[start : start + _AT_ONCE]
        with database.transaction() as connection:
            # said before anything is gone, so that nobody is told half a history
            connection.execute("UPDATE books SET pruned_run = max(pruned_run, ?) WHERE book = ?", (last_run, book))
            _drop(connection, some)
    return len(needless)


def _drop(connection: sqlite3.Connection, requests: list[int]) -> None:
    marks = ",".join("?" * len(requests))
    for part in _PARTS:
        connection.execute(f"DELETE FROM {part} WHERE request IN ({marks})", requests)  # noqa: S608 - question marks


def _needless(database: Database, book: int, last_run: int) -> Iterator[int]:
    """Old requests that were refused, or all of whose products later ones have said all about; newest first."""
    said: dict[str, frozenset[str]] = {}
    shared: dict[frozenset[str], frozenset[str]] = {}  # products of a catalog have few sets of fields between them
    last = 1 << 62
    while rows := database.rows(_OLD, (book, last_run, last, _AT_ONCE)):
        last = rows[-1][0]
        unaccepted = _unaccepted(database, last, rows[0][0])
        for request, state, product_ids, lines in rows:
            if state in (RequestState.REFUSED, RequestState.PLANNED):
                yield request
            elif state == RequestState.ACKNOWLEDGED:
                is_needed = False
                for product_id, payload in zip(json.loads(product_ids), lines.split(b"\n"), strict=True):
                    if (request, product_id) in unaccepted:
                        continue
                    fields, later = frozenset(leaves(payload)), said.get(product_id)
                    if later is None or not fields <= later:
                        is_needed = True
                        union = fields if later is None else fields | later
                        said[product_id] = shared.setdefault(union, union)
                if not is_needed:
                    yield request


def _unaccepted(database: Database, first: int, last: int) -> frozenset[tuple[int, str]]:
    return frozenset(
        database.rows("SELECT request, product_id FROM refusals WHERE request BETWEEN ? AND ?", (first, last))
    )
