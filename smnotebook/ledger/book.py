"""One catalog's pages in the ledger: what is written before a request leaves and after its answer came.

A request's life: :meth:`Book.record_sent` writes it down (or says who else has its products), the caller sends it,
:meth:`Book.record_receipt` writes the end. Each is one short transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence

from smnotebook.ledger import runs
from smnotebook.ledger.database import Database
from smnotebook.ledger.history import read_history, read_payloads, read_sent_products
from smnotebook.ledger.knowing import IS_BEHIND, learn, read_stretches
from smnotebook.ledger.records import (
    Contested,
    HistoryEntry,
    KnownProducts,
    KnownStretch,
    Outgoing,
    Receipt,
    RequestState,
    RunRecord,
    RunState,
    RunTotals,
    Sent,
    SentProduct,
)

__all__ = ["Book"]

# Looking up more at once is slower again: SQLite sorts them first.
_IDS_AT_ONCE = 500

_UNSETTLED = """
SELECT run, request, state, product_ids FROM requests JOIN manifests USING (request)
WHERE book = ? AND state IN ('sent', 'unknown')
"""
_LAST_ACCEPTED = "SELECT run, request FROM known JOIN requests USING (request) WHERE known.book = ? AND product_id = ?"


class Book:
    """The record of one catalog of one account; get it from :meth:`Ledger.book`."""

    def __init__(self, database: Database, book: int, *, clock: Callable[[], float]) -> None:
        self._database = database
        self._book = book
        self._clock = clock

    def start_run(self, operation: str) -> int:
        """Begin a run and return its number; runs that died without an end are marked lost."""
        with self._database.transaction() as connection:
            runs.settle_lost_runs(connection, self._book, now=self._clock())
            return runs.add_run(connection, book=self._book, operation=operation, now=self._clock())

    def touch_run(self, run: int) -> None:
        """Leave a sign of life; due at least once in :data:`runs.SILENCE_SECONDS`."""
        with self._database.transaction() as connection:
            runs.touch_run(connection, run, now=self._clock())

    def finish_run(self, run: int, totals: RunTotals, *, state: RunState = RunState.FINISHED) -> None:
        """End a run; what it sent and never saw answered becomes unknown."""
        with self._database.transaction() as connection:
            runs.close_run(connection, run, state=state, totals=totals, now=self._clock())

    def record_sent(
        self, run: int, product_ids: Sequence[str], fingerprints: Sequence[bytes], payloads: Sequence[bytes]
    ) -> Sent | Contested:
        """Write one request down before it leaves; see :meth:`record_sent_all`."""
        with self._database.transaction() as connection:
            return self._record_sent(connection, run, product_ids, fingerprints, payloads)

    def record_sent_all(self, run: int, requests: Sequence[Outgoing]) -> list[Sent | Contested]:
        """Write several requests down, all or none, before the first of them leaves.

        Returns
        -------
        list of Sent or Contested
            Contested where another upload has some of the products; that request was not written then.
        """
        with self._database.transaction() as connection:
            return [
                self._record_sent(connection, run, request.product_ids, request.fingerprints, request.payloads)
                for request in requests
            ]

    def _record_sent(
        self,
        connection: sqlite3.Connection,
        run: int,
        product_ids: Sequence[str],
        fingerprints: Sequence[bytes],
        payloads: Sequence[bytes],
    ) -> Sent | Contested:
        if not len(product_ids) == len(fingerprints) == len(payloads):
            raise ValueError("a product needs an id, a fingerprint and a payload")
        now = self._clock()
        contested = self._contested(connection, run, product_ids, now=now)
        if contested != Contested():
            return contested
        added = connection.execute(
            "INSERT INTO requests (run, book, state, products, sent_at) VALUES (?, ?, ?, ?, ?)",
            (run, self._book, RequestState.SENT, len(product_ids), now),
        )
        request = int(added.lastrowid or 0)
        ids = json.dumps(product_ids, ensure_ascii=False)
        connection.execute("INSERT INTO manifests VALUES (?, ?, ?)", (request, ids, b"".join(fingerprints)))
        connection.execute("INSERT INTO payloads VALUES (?, ?)", (request, b"\n".join(payloads)))
        return Sent(request=request, product_ids=product_ids, fingerprints=fingerprints)

    def _contested(
        self, connection: sqlite3.Connection, run: int, product_ids: Sequence[str], *, now: float
    ) -> Contested:
        others = connection.execute(
            "SELECT 1 FROM runs WHERE book = ? AND run <> ? AND (run > ? OR state = ?) LIMIT 1",
            (self._book, run, run, RunState.RUNNING),
        ).fetchone()
        if others is None:
            return Contested()
        runs.settle_lost_runs(connection, self._book, now=now)
        wanted = set(product_ids)
        superseded, in_flight = self._accepted_later(connection, run, product_ids), set[str]()
        for other, _, state, ids in connection.execute(_UNSETTLED, (self._book,)):
            if other > run:
                superseded |= wanted.intersection(json.loads(ids))
            elif other < run and state == RequestState.SENT:
                in_flight |= wanted.intersection(json.loads(ids))
        return Contested(superseded=frozenset(superseded), in_flight=frozenset(in_flight))

    def _accepted_later(self, connection: sqlite3.Connection, run: int, product_ids: Sequence[str]) -> set[str]:
        learn(connection, self._book)
        found = set()
        for product_id in product_ids:
            row = connection.execute(_LAST_ACCEPTED, (self._book, product_id)).fetchone()
            if row is not None and row[0] > run:
                found.add(product_id)
        return found

    def record_receipt(self, sent: Sent, receipt: Receipt) -> None:
        """Write down how a request ended; see :meth:`record_receipts`."""
        self.record_receipts([(sent, receipt)])

    def record_receipts(self, ended: Iterable[tuple[Sent, Receipt]]) -> None:
        """Write down how requests ended, all or none; what they got accepted is known from now on.

        Synced, as all that is written here: were the receipts since the last request left to a power failure, all of
        those requests would be sent a second time, and not only the few that were under way.
        """
        with self._database.transaction() as connection:
            for sent, receipt in ended:
                connection.execute(
                    "UPDATE requests SET state = ?, answered_at = ?, attempts = ?, status = ?, request_id = ?"
                    " WHERE request = ?",
                    (receipt.state, self._clock(), receipt.attempts, receipt.status, receipt.request_id, sent.request),
                )
                _record_refusals(connection, sent, receipt)

    def known(self, *, chunk: int = 100_000) -> Iterator[KnownProducts]:
        """What each product was last acknowledged with, in the order of the ids' UTF-8 bytes.

        Products in doubt are among them: take :meth:`in_doubt` off before trusting a fingerprint.
        """
        self._learn()
        last = ""
        while rows := self._database.rows(
            "SELECT product_id, fingerprint FROM known WHERE book = ? AND product_id > ? ORDER BY product_id LIMIT ?",
            (self._book, last, chunk),
        ):
            product_ids = [product_id for product_id, _ in rows]
            yield KnownProducts(product_ids=product_ids, fingerprints=[fingerprint for _, fingerprint in rows])
            last = product_ids[-1]

    def known_stretches(self, *, chunk: int = 100_000) -> Iterator[KnownStretch]:
        """The same as :meth:`known`, in any order within a stretch; other threads go on while it is read."""
        self._learn()
        return read_stretches(self._database, self._book, chunk=chunk)

    def fingerprints_of(self, product_ids: Sequence[str]) -> dict[str, bytes]:
        """The fingerprint each product was last acknowledged with; products that are not known are left out."""
        self._learn()
        found: dict[str, bytes] = {}
        for start in range(0, len(product_ids), _IDS_AT_ONCE):
            some = product_ids[start : start + _IDS_AT_ONCE]
            marks = ",".join("?" * len(some))
            found.update(
                self._database.rows(
                    f"SELECT product_id, fingerprint FROM known WHERE book = ? AND product_id IN ({marks})",  # noqa: S608 - question marks only
                    (self._book, *some),
                )
            )
        return found

    def count_known(self) -> int:
        """How many products are known to be stored."""
        self._learn()
        return int(self._database.rows("SELECT count(*) FROM known WHERE book = ?", (self._book,))[0][0])

    def in_doubt(self) -> frozenset[str]:
        """Products whose last sending was never answered: the server may hold either content."""
        self._learn()
        doubted = set()
        for _, request, _, ids in self._database.rows(_UNSETTLED, (self._book,)):
            for product_id in json.loads(ids):
                accepted = self._database.rows(_LAST_ACCEPTED, (self._book, product_id))
                if not accepted or accepted[0][1] < request:
                    doubted.add(product_id)
        return frozenset(doubted)

    def payloads(self, product_ids: Sequence[str]) -> dict[str, bytes]:
        """The payload each product was last acknowledged with; products that are not known are left out."""
        self._learn()
        return read_payloads(self._database, self._book, product_ids)

    def sent_products(self, *, until_run: int | None = None) -> Iterator[SentProduct]:
        """Every accepted sending in the order of the requests; laid over each other they make the catalog."""
        return read_sent_products(self._database, self._book, until_run=until_run)

    def _learn(self) -> None:
        if self._database.rows(IS_BEHIND, (self._book,)):
            with self._database.transaction() as connection:
                learn(connection, self._book)

    def history(self, product_id: str) -> list[HistoryEntry]:
        """Every sending of one product, oldest first, whatever came of it."""
        return read_history(self._database, self._book, product_id)

    @property
    def pruned_run(self) -> int:
        """The last run of which only how it left the catalog is still known; 0 where all is."""
        return int(self._database.rows("SELECT pruned_run FROM books WHERE book = ?", (self._book,))[0][0])

    def runs(self) -> list[RunRecord]:
        """Every run, oldest first."""
        return runs.list_runs(self._database, self._book)


def _record_refusals(connection: sqlite3.Connection, sent: Sent, receipt: Receipt) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?, ?, ?)",
        [
            (sent.request, product_id, refusal.state, refusal.reason_code, refusal.field, refusal.message)
            for product_id, refusal in receipt.refusals.items()
        ],
    )
