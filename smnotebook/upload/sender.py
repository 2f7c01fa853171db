"""Batches through a few connections at once, until every product has an end.

One thread, the caller's, decides: it draws batches, hands them to a few workers and judges what comes back. A batch's
life: drawn, written down, sent by a worker, settled; or refused, searched for the products to blame, and the rest sent
again. Nothing is drawn before a worker is free, so memory holds a handful of batches whatever the plan's size.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from queue import Empty, SimpleQueue

from smnotebook.contract import Violation
from smnotebook.errors import LedgerError
from smnotebook.frame.arrow import Positions
from smnotebook.ledger import Book, Contested, Receipt, RequestState, Sent
from smnotebook.upload.backlog import Backlog, Task
from smnotebook.upload.batch import Batch
from smnotebook.upload.blame import (
    Recheck,
    Search,
    Verdict,
    concerns_whole_request,
    halve,
    judge,
    merge,
    recheck_product,
    split,
)
from smnotebook.upload.delivery import Delivery, Send, deliver
from smnotebook.upload.ending import Ending, Sink
from smnotebook.upload.pace import Pace

__all__ = ["STOPPED", "Sender"]

# How long the deciding thread sleeps at most: an interrupt is noticed and progress told that often.
_TICK_SECONDS = 0.1
_SIGN_OF_LIFE_SECONDS = 10.0
_CONTESTED_SECONDS = 0.2
_WRITTEN_AT_ONCE = 8
# So many requests in a row without an answer: the server is gone, and the rest would only join them.
_HOPELESS_AFTER = 4

_NOT_SEARCHED = "{message} (its request was refused for this; which of its products is at fault was not searched for)"
_SUPERSEDED = Violation(
    field=None,
    reason_code=None,
    message="A later upload has sent this product; sending it now would put older data over newer.",
    suggestion="Nothing to do, unless this is the newer data: then upload it again.",
)
STOPPED = "not sent: the upload was stopped; the next call sends it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A task that is written down in the ledger and may leave."""

    task: Task
    sent: Sent


class Sender:
    """Sends batches to one catalog.

    Parameters
    ----------
    book, run
        Where everything is written down.
    send : Send
        Sends the payloads of a batch.
    sink : Sink
        Told the end of every row.
    pace : Pace, optional
        How many requests may be under way.
    stop : threading.Event, optional
        When set, what is under way is finished and nothing else begun.
    search_requests : int
        Requests that the search for bad products may cost in all.
    on_tick : callable, optional
        Called several times a second with the ending so far.
    """

    def __init__(
        self,
        *,
        book: Book,
        run: int,
        send: Send,
        sink: Sink,
        pace: Pace | None = None,
        stop: threading.Event | None = None,
        search_requests: int = 200,
        recheck: Recheck = recheck_product,
        on_tick: Callable[[Ending], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._book = book
        self._run = run
        self._send = send
        self._sink = sink
        self._pace = pace or Pace()
        self._stop = stop or threading.Event()
        self._search_requests = search_requests
        self._recheck = recheck
        self._on_tick = on_tick
        self._clock = clock
        self._written: deque[_Written] = deque()
        self._under_way: dict[Future[Delivery], Task] = {}
        self._landed: SimpleQueue[Future[Delivery]] = SimpleQueue()
        self._failures_in_a_row = 0
        self._seen_at = clock()
        self._ending = Ending()

    def run(self, batches: Iterable[Batch]) -> Ending:
        """Send all of them; ends early, with what is under way finished, when stopped or when there is no hope."""
        backlog = Backlog(batches, search_requests=self._search_requests, clock=self._clock)
        with ThreadPoolExecutor(self._pace.most, thread_name_prefix="smnotebook-send") as workers:
            try:
                while self._fill(backlog, workers):
                    self._rest(backlog)
                    self._tick(backlog)
            except BaseException:
                self._stop.set()  # the pool waits for its workers, and they must not wait for the quota any more
                raise
        self._ending.is_interrupted = self._stop.is_set() and self._ending.error is None
        return self._ending

    # --- handing out -------------------------------------------------------------------------------------------

    def _fill(self, backlog: Backlog, workers: ThreadPoolExecutor) -> bool:
        """Give every free worker a batch; false when all is done."""
        while len(self._under_way) < self._pace.allowed and not self._is_over:
            if not self._written:
                self._write_down(backlog)
            if not self._written:
                break
            self._submit(self._written.popleft(), workers)
        if self._is_over:
            self._call_off(backlog)
        return bool(self._under_way or self._written or not backlog.is_done)

    @property
    def _is_over(self) -> bool:
        return self._stop.is_set() or self._ending.error is not None

    def _write_down(self, backlog: Backlog) -> None:
        """Several batches in one transaction: making it safe from a power failure is the dearest part of sending."""
        tasks = list(islice(iter(backlog.draw, None), _WRITTEN_AT_ONCE))
        if not tasks:
            return
        try:
            answers = self._book.record_sent_all(self._run, [task.batch for task in tasks])
        except LedgerError as error:
            for task in tasks:
                self._come_to_nothing(task, backlog, str(error))
            self._give_up(error)
            return
        for task, answer in zip(tasks, answers, strict=True):
            if isinstance(answer, Sent):
                self._written.append(_Written(task=task, sent=answer))
            else:
                self._put_off(task, answer, backlog)

    def _put_off(self, task: Task, contested: Contested, backlog: Backlog) -> None:
        """Another upload has some of the products: what it sent later stays, what it is sending is waited for."""
        backlog.take_back(task)
        backlog.free_twin(task)
        superseded = [line for line, key in enumerate(task.batch.product_ids) if key in contested.superseded]
        if superseded:
            self._settle_as_refused(task.batch.pick(superseded), _SUPERSEDED, None)
        left = task.batch.pick(set(range(len(task.batch))).difference(superseded))
        if len(left):
            backlog.put(replace(task, batch=left, twin=None, not_before=self._clock() + _CONTESTED_SECONDS))

    def _submit(self, written: _Written, workers: ThreadPoolExecutor) -> None:
        future = workers.submit(
            deliver, written.task.batch, written.sent, book=self._book, send=self._send, stop=self._stop
        )
        self._under_way[future] = written.task
        future.add_done_callback(self._landed.put)

    def _call_off(self, backlog: Backlog) -> None:
        while self._written:
            written = self._written.popleft()
            self._book.record_receipt(written.sent, Receipt(state=RequestState.PLANNED))
            self._come_to_nothing(written.task, backlog, STOPPED)
        for batch in backlog.close():
            self._settle_as_doubtful(batch.positions, STOPPED)

    def _come_to_nothing(self, task: Task, backlog: Backlog, why: str) -> None:
        backlog.take_back(task)
        backlog.free_twin(task)
        self._settle_as_doubtful(task.batch.positions, why)

    # --- taking back -------------------------------------------------------------------------------------------

    def _rest(self, backlog: Backlog) -> None:
        if not self._under_way:
            self._stop.wait(_TICK_SECONDS)
            return
        try:
            future = self._landed.get(timeout=_TICK_SECONDS)
        except Empty:
            return
        self._land(self._under_way.pop(future), future, backlog)

    def _land(self, task: Task, future: Future[Delivery], backlog: Backlog) -> None:
        try:
            delivery = future.result()
        except Exception as error:  # noqa: BLE001 - kept for the caller, who is told once the others are finished
            self._come_to_nothing(task, backlog, f"{type(error).__name__}: {error}")
            self._give_up(error)
            return
        backlog.take_back(task)
        self._ending.requests += delivery.state is not RequestState.PLANNED
        self._failures_in_a_row = self._failures_in_a_row + 1 if delivery.state is RequestState.UNKNOWN else 0
        if delivery.state is RequestState.ACKNOWLEDGED and task.twin is not None and task.search is not None:
            self._search_on(split(task.twin, task.search), task.search, backlog)
        else:
            backlog.free_twin(task)
        match delivery.state:
            case RequestState.ACKNOWLEDGED:
                self._land_acknowledged(delivery)
            case RequestState.REFUSED:
                self._land_refused(task, delivery, backlog)
            case RequestState.UNKNOWN:
                self._settle_as_doubtful(task.batch.positions, str(delivery.error))
                if self._failures_in_a_row >= _HOPELESS_AFTER:
                    self._give_up(delivery.error)
            case _:
                self._settle_as_doubtful(task.batch.positions, STOPPED)

    def _land_acknowledged(self, delivery: Delivery) -> None:
        self._pace.approve()
        for violation in delivery.warnings:
            self._ending.warnings[violation] = self._ending.warnings.get(violation, 0) + 1
        positions = delivery.batch.positions
        if delivery.doubtful:
            for line, violation in delivery.doubtful.items():
                self._settle_as_doubtful(positions[[line]], violation.message)
            positions = delivery.batch.pick(set(range(len(positions))).difference(delivery.doubtful)).positions
        self._sink.accept(positions, request_id=delivery.request_id)
        self._ending.settled += len(positions)

    def _land_refused(self, task: Task, delivery: Delivery, backlog: Backlog) -> None:
        if concerns_whole_request(delivery.violations):
            self._settle_as_refused(task.batch, merge(delivery.violations), delivery.request_id)
            self._give_up(delivery.error)
            return
        if not delivery.violations and len(task.batch) > 1:  # too large: nobody is to blame
            for half in halve(task.batch):
                backlog.put(Task(batch=half))
            return
        search = task.search or Search(violations=delivery.violations)
        verdict = judge(task.batch, delivery.violations, search, recheck=self._recheck)
        for line, violation in verdict.refused.items():
            self._settle_as_refused(task.batch.pick([line]), violation, delivery.request_id)
        if verdict.rest is not None:
            backlog.put(Task(batch=verdict.rest, search=search, is_rest=True))
        self._search_on(verdict, search, backlog)

    def _search_on(self, verdict: Verdict, search: Search, backlog: Backlog) -> None:
        for batch in backlog.put_search(verdict, search):
            self._settle_as_refused(batch, _not_searched(search), None)

    # --- settling ----------------------------------------------------------------------------------------------

    def _settle_as_refused(self, batch: Batch, violation: Violation, request_id: str | None) -> None:
        self._sink.refuse(batch.positions, violation, request_id=request_id)
        self._ending.settled += len(batch)

    def _settle_as_doubtful(self, positions: Positions, why: str) -> None:
        self._sink.doubt(positions, why)
        self._ending.settled += len(positions)

    def _give_up(self, error: BaseException | None) -> None:
        self._ending.error = self._ending.error or error

    def _tick(self, backlog: Backlog) -> None:
        self._ending.search_requests = backlog.searched
        if self._clock() - self._seen_at >= _SIGN_OF_LIFE_SECONDS:
            self._seen_at = self._clock()
            self._book.touch_run(self._run)
        if self._on_tick is not None:
            self._on_tick(self._ending)


def _not_searched(search: Search) -> Violation:
    said = merge(search.violations)
    return replace(said, message=_NOT_SEARCHED.format(message=said.message))
