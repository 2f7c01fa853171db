"""An account's pages for events: what may not be sent twice, under keys that say nothing about anybody.

An event's life: :meth:`EventBook.claim` writes its key down, in the same transaction in which it looks whether anybody
claimed it before; the caller sends it; :meth:`Book.record_receipt` writes the end. A key that was claimed and never
answered stays in doubt for good: only the analyst can say that it may be claimed again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
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
_CONTACTS = """
SELECT request, digests, product_ids, fingerprints
FROM requests JOIN event_contacts USING (request) JOIN manifests USING (request) WHERE book = ?
"""
_DIGEST_BYTES = 16


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
        contacts: Sequence[bytes],
        accepted_again: Collection[str] = (),
        doubted_again: Collection[str] = (),
    ) -> Sent | Claimed:
        """Write a request of events down before it leaves, unless one of them was claimed before.

        Parameters
        ----------
        contacts : sequence of bytes
            16 bytes for each event, the same for the same contact, that say nothing about who it is.
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
            connection.execute("INSERT INTO event_contacts VALUES (?, ?)", (request, b"".join(contacts)))
        return Sent(request=request, product_ids=keys, fingerprints=fingerprints)

    def forget_contact(self, digests: Collection[bytes]) -> int:
        """Take the keys and fingerprints of a contact's events out, so that nothing here can be linked to it any more.

        How many events a request had stays. An event that is forgotten may be claimed again.

        Parameters
        ----------
        digests : collection of bytes
            What stands for the contact; see :meth:`claim`.

        Returns
        -------
        int
            How many events were forgotten.
        """
        forgotten = 0
        with self._database.transaction() as connection:
            learn(connection, self._book)
            for request, contacts, ids, fingerprints in connection.execute(_CONTACTS, (self._book,)).fetchall():
                lines = [line for line, digest in enumerate(_each(contacts)) if digest in digests]
                if lines:
                    forgotten += len(lines)
                    self._blank(connection, request, lines, contacts, json.loads(ids), fingerprints)
        self._manifests.clear()
        return forgotten

    def _blank(
        self,
        connection: sqlite3.Connection,
        request: int,
        lines: Sequence[int],
        contacts: bytes,
        keys: list[str],
        fingerprints: bytes,
    ) -> None:
        gone = [keys[line] for line in lines]
        blanked = [bytearray(contacts), bytearray(fingerprints)]
        for line in lines:
            keys[line] = ""
            for digests in blanked:
                digests[line * _DIGEST_BYTES : (line + 1) * _DIGEST_BYTES] = bytes(_DIGEST_BYTES)
        connection.execute("UPDATE event_contacts SET digests = ? WHERE request = ?", (bytes(blanked[0]), request))
        connection.execute(
            "UPDATE manifests SET product_ids = ?, fingerprints = ? WHERE request = ?",
            (json.dumps(keys), bytes(blanked[1]), request),
        )
        # of a request with one event the server's id is that of the event
        connection.execute("UPDATE requests SET request_id = NULL WHERE request = ? AND products = 1", (request,))
        connection.executemany(
            "DELETE FROM known WHERE book = ? AND product_id = ?", [(self._book, key) for key in gone]
        )
        connection.executemany(
            "DELETE FROM refusals WHERE request = ? AND product_id = ?", [(request, key) for key in gone]
        )

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


def _each(digests: bytes) -> Iterator[bytes]:
    for start in range(0, len(digests), _DIGEST_BYTES):
        yield digests[start : start + _DIGEST_BYTES]
