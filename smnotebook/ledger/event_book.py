"""An account's pages for events: what may not be sent twice, under keys that say nothing about anybody.

An event's life: :meth:`EventBook.claim` writes its key down, in the same transaction in which it looks whether anybody
claimed it before; the caller sends it; :meth:`Book.record_receipt` writes the end. A key that was claimed and never
answered stays in doubt for good: only the analyst can say that it may be claimed again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from smnotebook.ledger.book import Book
from smnotebook.ledger.database import Database
from smnotebook.ledger.knowing import learn
from smnotebook.ledger.records import RequestState, Sent

__all__ = ["Claimed", "EventBook", "Past"]

_OPEN = "SELECT request, run, state FROM requests WHERE book = ? AND state IN ('sent', 'unknown') ORDER BY request"
_DOUBTFUL_LINES = """
SELECT request, product_id FROM refusals JOIN requests USING (request)
WHERE book = ? AND refusals.state = 'unknown'
"""
_ACCEPTED = """
SELECT product_id, fingerprint, request FROM json_each(?) CROSS JOIN known ON product_id = value WHERE book = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known about keys that were claimed before.

    Attributes
    ----------
    accepted : dict of str to bytes
        Keys that the server took, with the fingerprint of what it took.
    in_doubt : frozenset of str
        Keys that were sent and never answered.
    under_way : frozenset of str
        Keys that a living run is sending right now.
    """

    accepted: dict[str, bytes] = field(default_factory=dict)
    in_doubt: frozenset[str] = frozenset()
    under_way: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Keys that somebody claimed first, so that nothing was written down."""

    past: Past


class EventBook(Book):
    """The record of one account's events; get it from :meth:`Ledger.event_book`."""

    def __init__(
        self, database: Database, book: int, *, clock: Callable[[], float], steady: Callable[[], float]
    ) -> None:
        super().__init__(database, book, clock=clock, steady=steady)
        self._manifests: dict[int, frozenset[str]] = {}

    def past(self, keys: Collection[str]) -> Past:
        """What became of these keys so far; runs that died are settled first."""
        with self._database.transaction() as connection:
            return self._past(connection, keys, run=0)

    def claim(
        self,
        run: int,
        keys: Sequence[str],
        fingerprints: Sequence[bytes],
        *,
        accepted_again: Collection[str] = (),
        doubted_again: Collection[str] = (),
    ) -> Sent | Claimed:
        """Write a request of events down before it leaves, unless one of them was claimed before.

        Parameters
        ----------
        accepted_again, doubted_again : collection of str
            Keys that may go again although they were accepted, or are in doubt; not while another run sends them.
        """
        with self._database.transaction() as connection:
            # two accounts that turned out to be one may have become one book since the run began
            (self._book,) = connection.execute("SELECT book FROM runs WHERE run = ?", (run,)).fetchone()
            past = self._past(connection, keys, run=run)
            if (
                past.under_way
                or not past.in_doubt.issubset(doubted_again)
                or not past.accepted.keys() <= set(accepted_again)
            ):
                return Claimed(past=past)
            added = connection.execute(
                "INSERT INTO requests (run, book, state, products, sent_at, left_at) VALUES (?, ?, ?, ?, ?, ?)",
                (run, self._book, RequestState.SENT, len(keys), self._clock(), self._steady()),
            )
            request = int(added.lastrowid or 0)
            connection.execute(
                "INSERT INTO manifests VALUES (?, ?, ?)", (request, json.dumps(list(keys)), b"".join(fingerprints))
            )
        return Sent(request=request, product_ids=keys, fingerprints=fingerprints)

    def _past(self, connection: sqlite3.Connection, keys: Collection[str], *, run: int) -> Past:
        self._settle_lost_runs(connection)
        learn(connection, self._book)
        found_before = connection.execute(_ACCEPTED, (json.dumps(list(keys)), self._book)).fetchall()
        accepted = {key: (fingerprint, request) for key, fingerprint, request in found_before}
        wanted = frozenset(keys)
        under_way: set[str] = set()
        doubt: set[str] = set()
        for request, other, state in connection.execute(_OPEN, (self._book,)).fetchall():
            found = wanted & self._keys_of(connection, request)
            if state == RequestState.SENT and other != run:
                under_way |= found
            else:
                doubt |= {key for key in found if key not in accepted or accepted[key][1] < request}
        for request, key in connection.execute(_DOUBTFUL_LINES, (self._book,)):
            if key in wanted and (key not in accepted or accepted[key][1] < request):
                doubt.add(key)
        return Past(
            accepted={key: row[0] for key, row in accepted.items() if key not in doubt},
            in_doubt=frozenset(doubt),
            under_way=frozenset(under_way),
        )

    def _keys_of(self, connection: sqlite3.Connection, request: int) -> frozenset[str]:
        """The keys of one request, read once: what is written down of a request never changes."""
        if request not in self._manifests:
            (ids,) = connection.execute("SELECT product_ids FROM manifests WHERE request = ?", (request,)).fetchone()
            self._manifests[request] = frozenset(json.loads(ids))
        return self._manifests[request]
