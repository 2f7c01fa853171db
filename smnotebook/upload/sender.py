"""Batches through a few connections at once, until every product has an end.

One thread, the caller's, decides: it draws batches, hands them to a few workers and judges what comes back. A batch's
life: drawn, written down and sent by a worker, settled; or refused, searched for the products to blame, and the rest
sent again. Nothing is drawn before a worker is free, so memory holds a handful of batches whatever the plan's size.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Protocol

from smnotebook.contract import Violation
from smnotebook.frame.arrow import Positions
from smnotebook.ledger import Book, RequestState
from smnotebook.upload.batch import Batch
from smnotebook.upload.blame import (
    Recheck,
    Search,
    Verdict,
    concerns_whole_request,
    judge,
    merge,
    recheck_product,
    split,
)
from smnotebook.upload.delivery import Delivery, Send, deliver
from smnotebook.upload.pace import Pace

__all__ = ["STOPPED", "Ending", "Sender", "Sink"]

# How long the deciding thread sleeps at most: an interrupt is noticed and progress told that often.
_TICK_SECONDS = 0.1
_SIGN_OF_LIFE_SECONDS = 10.0
_CONTESTED_SECONDS = 0.2
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


class Sink(Protocol):
    """Takes the end of every row."""

    def accept(self, positions: Positions, *, request_id: str | None) -> None:
        """The server took these rows."""

    def refuse(self, positions: Positions, violation: Violation, *, request_id: str | None = None) -> None:
        """These rows are refused."""

    def doubt(self, positions: Positions, why: str) -> None:
        """Whether these rows were stored is unknown, or they were never sent."""


@dataclass(slots=True, kw_only=True)
class Ending:
    """What a run came to, counted while it runs.

    Attributes
    ----------
    requests : int
        Requests that left, repeated attempts not counted.
    search_requests : int
        Those of them spent on finding out who a refusal was for.
    error : Exception or None
        Why the run was given up; None where it was not.
    """

    requests: int = 0
    search_requests: int = 0
    settled: int = 0
    is_interrupted: bool = False
    error: BaseException | None = None
    warnings: dict[Violation, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Task:
    """A batch that waits or is under way.

    ``search`` is the search it belongs to, ``twin`` the other half of a refused batch: if this half is accepted the
    twin is known to hold a product to blame, and need not be sent whole.
    """

    batch: Batch
    search: Search | None = None
    twin: Batch | None = None
    is_rest: bool = False
    not_before: float = 0.0


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
        self._waiting: deque[_Task] = deque()
        self._under_way: dict[Future[Delivery], _Task] = {}
        self._landed: SimpleQueue[Future[Delivery]] = SimpleQueue()
        self._ids_under_way: set[str] = set()
        self._is_drained = False
        self._failures_in_a_row = 0
        self._seen_at = clock()
        self._ending = Ending()

    def run(self, batches: Iterable[Batch]) -> Ending:
        """Send all of them; ends early, with what is under way finished, when stopped or when there is no hope."""
        source = iter(batches)
        with ThreadPoolExecutor(self._pace.most, thread_name_prefix="smnotebook-send") as workers:
            try:
                while self._fill(source, workers):
                    self._rest()
                    self._tick()
            except BaseException:
                self._stop.set()  # the pool waits for its workers, and they must not wait for the quota any more
                raise
        self._ending.is_interrupted = self._stop.is_set() and self._ending.error is None
        return self._ending

    # --- handing out -------------------------------------------------------------------------------------------

    def _fill(self, source: Iterator[Batch], workers: ThreadPoolExecutor) -> bool:
        """Give every free worker a batch; false when all is done."""
        if self._stop.is_set() or self._ending.error is not None:
            self._is_drained = True
            while self._waiting:
                dropped = self._waiting.popleft()
                self._settle_as_doubtful(dropped.batch.positions, STOPPED)
                self._free_twin(dropped)
        while len(self._under_way) < self._pace.allowed and (task := self._next(source)) is not None:
            self._submit(task, workers)
        return bool(self._under_way or self._waiting or not self._is_drained)

    def _next(self, source: Iterator[Batch]) -> _Task | None:
        """What may go now: of what waits, then of what is new; None where nothing may."""
        for task in self._waiting:
            if task.not_before <= self._clock() and self._ids_under_way.isdisjoint(task.batch.product_ids):
                self._waiting.remove(task)
                return task
        if self._is_drained:
            return None
        batch = next(source, None)
        if batch is None:
            self._is_drained = True
            return None
        if self._ids_under_way.isdisjoint(batch.product_ids):
            return _Task(batch=batch)
        self._waiting.append(_Task(batch=batch))
        return None

    def _submit(self, task: _Task, workers: ThreadPoolExecutor) -> None:
        self._ending.search_requests += task.search is not None and not task.is_rest
        self._ids_under_way.update(task.batch.product_ids)
        future = workers.submit(deliver, task.batch, book=self._book, run=self._run, send=self._send, stop=self._stop)
        self._under_way[future] = task
        future.add_done_callback(self._landed.put)

    # --- taking back -------------------------------------------------------------------------------------------

    def _rest(self) -> None:
        if not self._under_way:
            self._stop.wait(_TICK_SECONDS)
            return
        try:
            future = self._landed.get(timeout=_TICK_SECONDS)
        except Empty:
            return
        task = self._under_way.pop(future)
        self._ids_under_way.difference_update(task.batch.product_ids)
        self._land(task, future)

    def _land(self, task: _Task, future: Future[Delivery]) -> None:
        try:
            delivery = future.result()
        except Exception as error:  # noqa: BLE001 - kept for the caller, who is told once the others are finished
            self._settle_as_doubtful(task.batch.positions, f"{type(error).__name__}: {error}")
            self._free_twin(task)
            self._give_up(error)
            return
        if delivery.state is RequestState.ACKNOWLEDGED and task.search is not None and task.twin is not None:
            self._search_on(split(task.twin, task.search), task.search)
        else:
            self._free_twin(task)
        if delivery.state is None:
            self._land_contested(task, delivery)
            return
        self._ending.requests += delivery.state is not RequestState.PLANNED
        self._failures_in_a_row += 1
        match delivery.state:
            case RequestState.ACKNOWLEDGED:
                self._land_acknowledged(delivery)
            case RequestState.REFUSED:
                self._land_refused(task, delivery)
            case RequestState.UNKNOWN:
                self._settle_as_doubtful(task.batch.positions, str(delivery.error))
                if self._failures_in_a_row >= _HOPELESS_AFTER:
                    self._give_up(delivery.error)
            case _:
                self._settle_as_doubtful(task.batch.positions, STOPPED)

    def _land_contested(self, task: _Task, delivery: Delivery) -> None:
        contested = delivery.contested
        superseded = [line for line, key in enumerate(task.batch.product_ids) if key in contested.superseded]
        if superseded:
            positions = task.batch.pick(superseded).positions
            self._sink.refuse(positions, _SUPERSEDED)
            self._ending.settled += len(positions)
        left = task.batch.pick(set(range(len(task.batch))).difference(superseded))
        if len(left):
            self._waiting.append(replace(task, batch=left, twin=None, not_before=self._clock() + _CONTESTED_SECONDS))

    def _land_acknowledged(self, delivery: Delivery) -> None:
        self._failures_in_a_row = 0
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

    def _land_refused(self, task: _Task, delivery: Delivery) -> None:
        self._failures_in_a_row = 0
        if concerns_whole_request(delivery.violations):
            self._settle_as_refused(task.batch, merge(delivery.violations), delivery.request_id)
            self._give_up(delivery.error)
            return
        if not delivery.violations and len(task.batch) > 1:  # too large: nobody is to blame
            middle = len(task.batch) // 2
            self._waiting.append(_Task(batch=task.batch.pick(range(middle))))
            self._waiting.append(_Task(batch=task.batch.pick(range(middle, len(task.batch)))))
            return
        search = task.search or Search(violations=delivery.violations)
        verdict = judge(task.batch, delivery.violations, search, recheck=self._recheck)
        for line, violation in verdict.refused.items():
            self._settle_as_refused(task.batch.pick([line]), violation, delivery.request_id)
        if verdict.rest is not None:
            self._waiting.append(_Task(batch=verdict.rest, search=search, is_rest=True))
        self._search_on(verdict, search)

    def _search_on(self, verdict: Verdict, search: Search) -> None:
        """Queue the next step of a search, if the budget allows it."""
        batches = verdict.halves or verdict.singles
        owed = sum(1 + (task.twin is not None) for task in self._waiting if task.search is not None)
        owed += sum(task.twin is not None for task in self._under_way.values())
        if self._ending.search_requests + owed + len(batches) > self._search_requests:
            for batch in batches:
                self._settle_as_refused(batch, _not_searched(search), None)
        elif verdict.halves is not None:
            search.requests += 2
            first, second = verdict.halves
            self._waiting.append(_Task(batch=first, search=search, twin=second))
        else:
            self._waiting.extend(_Task(batch=batch, search=search) for batch in verdict.singles)

    def _free_twin(self, task: _Task) -> None:
        """Nothing can be concluded for the other half: it goes its own way."""
        if task.twin is not None:
            self._waiting.append(_Task(batch=task.twin, search=task.search))

    # --- settling ----------------------------------------------------------------------------------------------

    def _settle_as_refused(self, batch: Batch, violation: Violation, request_id: str | None) -> None:
        self._sink.refuse(batch.positions, violation, request_id=request_id)
        self._ending.settled += len(batch)

    def _settle_as_doubtful(self, positions: Positions, why: str) -> None:
        self._sink.doubt(positions, why)
        self._ending.settled += len(positions)

    def _give_up(self, error: BaseException | None) -> None:
        self._ending.error = self._ending.error or error

    def _tick(self) -> None:
        if self._clock() - self._seen_at >= _SIGN_OF_LIFE_SECONDS:
            self._seen_at = self._clock()
            self._book.touch_run(self._run)
        if self._on_tick is not None:
            self._on_tick(self._ending)


def _not_searched(search: Search) -> Violation:
    said = merge(search.violations)
    return replace(said, message=_NOT_SEARCHED.format(message=said.message))
