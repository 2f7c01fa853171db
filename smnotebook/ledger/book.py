"""One catalog's pages in the ledger: what is written before a request leaves and after its answer came.

A request's life: :meth:`Book.record_sent` writes it down (or says who else has its products), the caller sends it,
:meth:`Book.record_receipt` writes the end. Each is one short transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from smnotebook.errors import LedgerError
from smnotebook.ledger import runs
from smnotebook.ledger.database import Database
from smnotebook.ledger.doubts import LATE_SECONDS, Cause, clear_of_blame, drop_doubts, enter_doubts, read_doubts
from smnotebook.ledger.history import read_history, read_payloads, read_sent_products
from smnotebook.ledger.knowing import IS_BEHIND, last_accepted, last_requests, learn, read_stretches
from smnotebook.ledger.records import (
    Contested,
    Doubt,
    HistoryEntry,
    Holder,
    KnownProducts,
    KnownStretch,
    Outgoing,
    Receipt,
    Refusal,
    RequestState,
    RunRecord,
    RunState,
    RunTotals,
    Sent,
    SentProduct,
)
from smnotebook.ledger.unwritten import keep_unwritten, take_unwritten

__all__ = ["Book"]

# Looking up more at once is slower again: SQLite sorts them first.
_IDS_AT_ONCE = 500

_UNSETTLED = """
SELECT run, request, requests.state, product_ids, pid, seen_at
FROM requests JOIN manifests USING (request) JOIN runs USING (run)
WHERE requests.book = ? AND requests.state IN ('sent', 'unknown')
"""
_MAY_DOUBT = """
SELECT 1 FROM doubts WHERE book = :book
UNION ALL SELECT 1 FROM requests WHERE book = :book AND state = 'sent' LIMIT 1
"""


class Book:
    """The record of one catalog of one account; get it from :meth:`Ledger.book`."""

    def __init__(
        self,
        database: Database,
        book: int,
        *,
        clock: Callable[[], float],
        steady: Callable[[], float],
        late_seconds: float = LATE_SECONDS,
    ) -> None:
        self._database = database
        self._book = book
        self._clock = clock
        self._steady = steady
        self._late_seconds = late_seconds

    def start_run(self, operation: str, *, fields: Sequence[str] | None = None) -> int:
        """Begin a run and return its number; runs that died without an end are marked lost.

        Parameters
        ----------
        fields : sequence of str, optional
            What of each payload its requests carry; None for all of it.
        """
        owner = self._database.liveness.token
        with self._database.transaction() as connection:
            self._settle_lost_runs(connection)
            return runs.add_run(
                connection, book=self._book, operation=operation, fields=fields, owner=owner, now=self._clock()
            )

    def _settle_lost_runs(self, connection: sqlite3.Connection) -> None:
        runs.settle_lost_runs(connection, self._book, liveness=self._database.liveness, steady=self._steady())

    def touch_run(self, run: int) -> None:
        """Leave a sign of life: who waits for the run's answers sees that it goes on."""
        with self._database.transaction() as connection:
            runs.touch_run(connection, run, now=self._clock())

    def finish_run(self, run: int, totals: RunTotals, *, state: RunState = RunState.FINISHED) -> None:
        """End a run; what it sent and never saw answered becomes unknown."""
        self.record_unwritten()
        with self._database.transaction() as connection:
            runs.close_run(connection, run, state=state, totals=totals, now=self._clock(), steady=self._steady())

    def record_sent(
        self, run: int, product_ids: Sequence[str], fingerprints: Sequence[bytes], payloads: Sequence[bytes]
    ) -> Sent | Contested:
        """Write one request down before it leaves; see :meth:`record_sent_all`."""
        with self._database.transaction() as connection:
            return self._record_sent(connection, run, product_ids, fingerprints, payloads)

    def record_sent_all(
        self,
        run: int,
        requests: Sequence[Outgoing],
        *,
        over_running: bool = False,
        bases: Mapping[str, int] | None = None,
    ) -> list[Sent | Contested]:
        """Write several requests down, all or none, before the first of them leaves.

        Parameters
        ----------
        over_running : bool
            Don't wait for what earlier runs have under way: these must not send it any more, and until they end their
            products stay in doubt.
        bases : mapping of str to int, optional
            Of filled-up products their :meth:`latest_requests` then; those that another run sent since are outdated.

        Returns
        -------
        list of Sent or Contested
            Contested where another upload has some of the products; that request was not written then.
        """
        with self._database.transaction() as connection:
            return [
                self._record_sent(
                    connection, run, request.product_ids, request.fingerprints, request.payloads, over_running, bases
                )
                for request in requests
            ]

    def _record_sent(
        self,
        connection: sqlite3.Connection,
        run: int,
        product_ids: Sequence[str],
        fingerprints: Sequence[bytes],
        payloads: Sequence[bytes],
        over_running: bool = False,  # noqa: FBT001, FBT002 - private, and by its name in the public call
        bases: Mapping[str, int] | None = None,
    ) -> Sent | Contested:
        if not len(product_ids) == len(fingerprints) == len(payloads):
            raise ValueError("a product needs an id, a fingerprint and a payload")
        contested = self._contested(connection, run, product_ids, over_running=over_running)
        if bases:
            learn(connection, self._book, late_seconds=self._late_seconds)
            latest = last_requests(connection, self._book, product_ids)
            since = frozenset(one for one, request, by in latest if by != run and bases.get(one, request) < request)
            contested = replace(contested, outdated=since - contested.superseded)
        if contested != Contested():
            return contested
        added = connection.execute(
            "INSERT INTO requests (run, book, state, products, sent_at, left_at) VALUES (?, ?, ?, ?, ?, ?)",
            (run, self._book, RequestState.SENT, len(product_ids), self._clock(), self._steady()),
        )
        request = int(added.lastrowid or 0)
        ids = json.dumps(product_ids, ensure_ascii=False)
        connection.execute("INSERT INTO manifests VALUES (?, ?, ?)", (request, ids, b"".join(fingerprints)))
        connection.execute("INSERT INTO payloads VALUES (?, ?)", (request, b"\n".join(payloads)))
        return Sent(request=request, product_ids=product_ids, fingerprints=fingerprints)

    def _contested(
        self, connection: sqlite3.Connection, run: int, product_ids: Sequence[str], *, over_running: bool
    ) -> Contested:
        others = connection.execute(
            "SELECT 1 FROM runs WHERE book = ? AND run <> ? AND (run > ? OR state = ?) LIMIT 1",
            (self._book, run, run, RunState.RUNNING),
        ).fetchone()
        if others is None:
            return Contested()
        self._settle_lost_runs(connection)
        wanted = set(product_ids)
        superseded = {one for one, _, by in self._last_accepted(connection, product_ids) if by > run}
        in_flight = set[str]()
        holders = set[Holder]()
        for other, request, state, ids, process, seen_at in connection.execute(_UNSETTLED, (self._book,)).fetchall():
            shared = wanted.intersection(json.loads(ids))
            if not shared or other == run:
                continue
            if other > run:
                superseded |= shared
            elif state == RequestState.SENT and over_running:
                connection.execute("UPDATE requests SET state = ? WHERE request = ?", (RequestState.UNKNOWN, request))
                enter_doubts(connection, request, cause=Cause.UNANSWERED)
            elif state == RequestState.SENT:
                in_flight |= shared
                holders.add(Holder(run=other, process=process, seen_at=seen_at))
        return Contested(superseded=frozenset(superseded), in_flight=frozenset(in_flight), holders=frozenset(holders))

    def _last_accepted(self, connection: sqlite3.Connection, product_ids: Sequence[str]) -> list[tuple[str, int, int]]:
        learn(connection, self._book, late_seconds=self._late_seconds)
        return last_accepted(connection, self._book, product_ids)

    def record_receipt(self, sent: Sent, receipt: Receipt) -> None:
        """Write down how a request ended; see :meth:`record_receipts`."""
        self.record_receipts([(sent, receipt)])

    def record_receipts(self, ended: Iterable[tuple[Sent, Receipt]]) -> None:
        """Write down how requests ended, all or none; what they got accepted is known from now on.

        Synced, as all that is written here: were the receipts since the last request left to a power failure, all of
        those requests would be sent a second time, and not only the few that were under way.
        """
        ended = list(ended)
        try:
            with self._database.transaction() as connection:
                for sent, receipt in ended:
                    self._record_receipt(connection, sent, receipt)
        except LedgerError:
            keep_unwritten(self._database, ended)
            raise

    def record_unwritten(self) -> None:
        """Write the receipts down that this process could not write when they came; where it can't yet, they are kept.

        Done whenever a book is opened, and before a run ends.
        """
        with suppress(LedgerError):
            if ended := take_unwritten(self._database):
                self.record_receipts(ended)

    def _record_receipt(self, connection: sqlite3.Connection, sent: Sent, receipt: Receipt) -> None:
        facts = (self._clock(), receipt.attempts, receipt.status, receipt.request_id, sent.request)
        end = (
            "UPDATE requests SET state = ?, answered_at = ?, attempts = ?, status = ?, request_id = ? WHERE request = ?"
        )
        was_own = connection.execute(f"{end} AND state = 'sent'", (receipt.state, *facts)).rowcount
        # who was overrun and was accepted all the same can't say which of the two the server carried out last
        is_overrun = not was_own and receipt.state is RequestState.ACKNOWLEDGED
        if not was_own:
            connection.execute(end, (RequestState.UNKNOWN if is_overrun else receipt.state, *facts))
            drop_doubts(connection, sent.request)
        _record_refusals(connection, sent.request, receipt.refusals)
        match receipt.state:
            case RequestState.UNKNOWN:
                self._enter_late(connection, sent)
            case RequestState.REFUSED if len(sent.product_ids) > 1:
                self._enter(connection, sent, Cause.REFUSED)  # the server may have taken the others
            case RequestState.REFUSED:
                clear_of_blame(connection, sent.request, sent.product_ids[0])
            case RequestState.ACKNOWLEDGED:
                if receipt.has_open_attempts:
                    self._enter_late(connection, sent)
                elif is_overrun:
                    self._enter(connection, sent, Cause.UNANSWERED)
                if unlisted := [one for one, said in receipt.refusals.items() if said.state is RequestState.UNKNOWN]:
                    self._enter(connection, sent, Cause.UNLISTED, product_ids=unlisted)
                if receipt.cut:
                    self._enter(connection, sent, Cause.CUT, values=receipt.cut)

    def _enter_late(self, connection: sqlite3.Connection, sent: Sent) -> None:
        last = runs.last_request(connection)
        enter_doubts(connection, sent.request, cause=Cause.UNANSWERED, ended_at=self._steady(), ended_request=last)

    def _enter(self, connection: sqlite3.Connection, sent: Sent, cause: Cause, **which: Any) -> None:
        enter_doubts(connection, sent.request, cause=cause, ended_request=runs.last_request(connection), **which)

    def record_refusals(self, sent: Sent, refusals: Mapping[str, Refusal]) -> None:
        """Write down for which products a request of several was refused: those are not stored for certain."""
        with self._database.transaction() as connection:
            _record_refusals(connection, sent.request, refusals)
            for product_id in refusals:
                drop_doubts(connection, sent.request, product_id=product_id)

    def is_still_own(self, sent: Sent) -> bool:
        """Whether a request may be sent, or sent again: no other run has taken its products meanwhile.

        To be asked before every attempt: the machine may have slept, the process may have been stopped.
        """
        rows = self._database.rows("SELECT state FROM requests WHERE request = ?", (sent.request,))
        return bool(rows) and rows[0][0] == RequestState.SENT

    def known(self, *, chunk: int = 100_000) -> Iterator[KnownProducts]:
        """What each product was last acknowledged with, in the order of the ids' UTF-8 bytes.

        Products in doubt are among them: look at :meth:`doubts` before trusting a fingerprint.
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

    def latest_requests(self, product_ids: Sequence[str]) -> dict[str, int]:
        """The last request that each product was acknowledged in or left in doubt by."""
        with self._database.transaction() as connection:
            learn(connection, self._book, late_seconds=self._late_seconds)
            return {one: request for one, request, _ in last_requests(connection, self._book, product_ids)}

    def count_known(self) -> int:
        """How many products are known to be stored."""
        self._learn()
        return int(self._database.rows("SELECT count(*) FROM known WHERE book = ?", (self._book,))[0][0])

    def doubts(self) -> list[Doubt]:
        """Every field of which the server may hold another value than the acknowledged one, products in their order.

        What a living run has under way is among it.
        """
        if not self._database.rows(_MAY_DOUBT, {"book": self._book}):
            return []
        with self._database.transaction() as connection:
            self._settle_lost_runs(connection)
            learn(connection, self._book, late_seconds=self._late_seconds)
            return read_doubts(connection, self._book, steady=self._steady(), late_seconds=self._late_seconds)

    def in_doubt(self) -> frozenset[str]:
        """Products of which a field is in doubt."""
        return frozenset(doubt.product_id for doubt in self.doubts())

    def forget(self) -> None:
        """End what is known of the catalog, and all doubt: it was deleted. Its runs and their requests stay listed."""
        with self._database.transaction() as connection:
            learn(connection, self._book)
            for table in ("known", "doubts"):
                connection.execute(f"DELETE FROM {table} WHERE book = ?", (self._book,))  # noqa: S608 - names of tables
            connection.execute(
                "UPDATE books SET forgotten_request = ?,"
                " pruned_run = (SELECT ifnull(max(run), 0) FROM runs WHERE runs.book = books.book) WHERE book = ?",
                (runs.last_request(connection), self._book),
            )

    def payloads(self, product_ids: Sequence[str]) -> dict[str, bytes]:
        """The payload each product was last acknowledged with; products that are not known are left out."""
        self._learn()
        return read_payloads(self._database, self._book, product_ids)

    def sent_products(self, *, until_run: int | None = None, with_run: int | None = None) -> Iterator[SentProduct]:
        """Every accepted sending in the order of the requests; laid over each other they make the catalog.

        Parameters
        ----------
        until_run : int, optional
            As it was after this run.
        with_run : int, optional
            A run of which also that is among it which may have been carried out and was never acknowledged.
        """
        return read_sent_products(self._database, self._book, until_run=until_run, with_run=with_run)

    def _learn(self) -> None:
        if self._database.rows(IS_BEHIND, (self._book,)):
            with self._database.transaction() as connection:
                learn(connection, self._book, late_seconds=self._late_seconds)

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


def _record_refusals(connection: sqlite3.Connection, request: int, refusals: Mapping[str, Refusal]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?, ?, ?)",
        [
            (request, product_id, refusal.state, refusal.reason_code, refusal.field, refusal.message)
            for product_id, refusal in refusals.items()
        ],
    )
