"""From acknowledged requests to what each product was last acknowledged with."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence

from smnotebook.fingerprints import FINGERPRINT_BYTES
from smnotebook.ledger.database import Database
from smnotebook.ledger.doubts import LATE_SECONDS, settle
from smnotebook.ledger.records import KnownStretch

__all__ = ["IS_BEHIND", "last_accepted", "last_requests", "learn", "read_stretches"]

#: A row comes back where :func:`learn` has something to do.
IS_BEHIND = "SELECT 1 FROM requests WHERE book = ? AND state = 'acknowledged' AND NOT is_known LIMIT 1"

# A few ten thousand products at once: in the order of their ids they are written far faster than as they came.
_REQUESTS_AT_ONCE = 500

_WAITING = """
SELECT request, product_ids, fingerprints FROM requests JOIN manifests USING (request)
WHERE book = ? AND state = 'acknowledged' AND NOT is_known ORDER BY request LIMIT ?
"""
_LEARN = """
INSERT INTO known (book, product_id, fingerprint, request, line) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (book, product_id) DO UPDATE
SET fingerprint = excluded.fingerprint, request = excluded.request, line = excluded.line
WHERE excluded.request > known.request
"""

_LAST_ACCEPTED = """
SELECT product_id, request, run FROM json_each(?) CROSS JOIN known ON product_id = value JOIN requests USING (request)
WHERE known.book = ?
"""

_Row = tuple[int, str, bytes, int, int]


def learn(connection: sqlite3.Connection, book: int, *, late_seconds: float = LATE_SECONDS) -> None:
    """Enter all that was acknowledged since the last time, and end the doubt that it ends.

    Part of the caller's transaction.
    """
    while requests := connection.execute(_WAITING, (book, _REQUESTS_AT_ONCE)).fetchall():
        doubted = {row[0] for row in connection.execute("SELECT product_id FROM doubts WHERE book = ?", (book,))}
        first, last = requests[0][0], requests[-1][0]
        refused = set(
            connection.execute("SELECT request, product_id FROM refusals WHERE request BETWEEN ? AND ?", (first, last))
        )
        latest: dict[str, _Row] = {}
        for request, product_ids, fingerprints in requests:
            ids = json.loads(product_ids)
            unproven: frozenset[str] = frozenset()
            if doubted and (doubtful := doubted.intersection(ids)):
                accepted = {one for one in doubtful if (request, one) not in refused}
                unproven = settle(connection, book, request, accepted, late_seconds=late_seconds)
            for row in _rows(book, request, ids, fingerprints):
                if (request, row[1]) not in refused and row[1] not in unproven:
                    latest[row[1]] = row
        connection.executemany(_LEARN, [latest[product_id] for product_id in sorted(latest)])
        connection.executemany("UPDATE requests SET is_known = 1 WHERE request = ?", [(row[0],) for row in requests])


def last_accepted(connection: sqlite3.Connection, book: int, product_ids: Sequence[str]) -> list[tuple[str, int, int]]:
    """Those of the products that are known, each with the request and the run that it was last accepted in."""
    return connection.execute(_LAST_ACCEPTED, (json.dumps(list(product_ids)), book)).fetchall()


def last_requests(connection: sqlite3.Connection, book: int, product_ids: Sequence[str]) -> list[tuple[str, int, int]]:
    """The requests and runs by which products are known, and those that left them in doubt; ascending by request."""
    doubted = connection.execute(
        "SELECT product_id, request, run FROM doubts JOIN requests USING (request)"
        " WHERE doubts.book = ? AND product_id IN (SELECT value FROM json_each(?))",
        (book, json.dumps(list(product_ids))),
    ).fetchall()
    return sorted(last_accepted(connection, book, product_ids) + doubted, key=lambda row: row[1])


def _rows(book: int, request: int, product_ids: list[str], fingerprints: bytes) -> Iterator[_Row]:
    for line, product_id in enumerate(product_ids):
        start = line * FINGERPRINT_BYTES
        yield book, product_id, fingerprints[start : start + FINGERPRINT_BYTES], request, line


_END_OF_STRETCH = """
SELECT ifnull(
    (SELECT product_id FROM known WHERE book = :book AND product_id > :last ORDER BY product_id LIMIT 1 OFFSET :rows),
    (SELECT max(product_id) FROM known WHERE book = :book)
)
"""
# Joined by SQLite itself, which lets other threads work meanwhile; a row each for a million products would keep
# Python's lock for most of a second. The two agree in their order, whatever it is.
_STRETCH = """
SELECT CAST(group_concat(product_id, X'FF') AS BLOB), CAST(group_concat(fingerprint, '') AS BLOB)
FROM known WHERE book = ? AND product_id > ? AND product_id <= ?
"""


def read_stretches(database: Database, book: int, *, chunk: int) -> Iterator[KnownStretch]:
    """All that is known, so many products at once."""
    last = ""
    while True:
        end = database.rows(_END_OF_STRETCH, {"book": book, "last": last, "rows": chunk - 1})[0][0]
        if end is None or end == last:
            return
        ids, fingerprints = database.rows(_STRETCH, (book, last, end))[0]
        if ids is not None:  # another process may have pruned them meanwhile
            yield KnownStretch(ids=ids, fingerprints=fingerprints, last=end)
        last = end
