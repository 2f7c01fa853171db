"""Batches through a few connections at once, until every row has an end; the same for every channel.

One thread, the caller's, decides: it draws batches, hands them to a few workers and judges what comes back. A batch's
life: drawn, written down, sent by a worker, settled; or refused, searched for the rows to blame, and the rest sent
again. Nothing is drawn before a worker is free, so memory holds a handful of batches whatever the plan's size.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import islice
from queue import Empty, SimpleQueue

from smnotebook.contract import Violation
from smnotebook.errors import BadAnswer, LedgerError
from smnotebook.frame.arrow import Positions
from smnotebook.ledger import Receipt, RequestState, Sent
from smnotebook.upload.backlog import Backlog, Task
from smnotebook.upload.batch import Batch
from smnotebook.upload.blame import Recheck, Search, Verdict, judge, merge, recheck_product, split
from smnotebook.upload.channel import Channel, LineEnds, PutOff
from smnotebook.upload.delivery import Delivery, deliver, refusal_of
from smnotebook.upload.ending import STOPPED, Ending, Sink
from smnotebook.upload.interrupt import Interrupts
from smnotebook.upload.pace import Pace
from smnotebook.wire import Consequence, RowsEnd, RunGoes

__all__ = ["ABANDONED", "Sender"]

# How long the deciding thread sleeps at most: an interrupt is noticed and progress told that often.
_TICK_SECONDS = 0.1
_SIGN_OF_LIFE_SECONDS = 10.0

_NOT_SEARCHED = "{message} (its request was refused for this; which of its products is at fault was not searched for)"
ABANDONED = "sent, and its answer was not waited for after a second interrupt"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A task that is written down in the ledger and may leave."""

    task: Task
    sent: Sent


class Sender:
    """Sends batches through one channel.

    Parameters
    ----------
    channel : Channel
        How a batch is written down, sent and read.
    sink : Sink
        Told the end of every row.
    pace : Pace, optional
        How many requests may be under way.
    interrupts : Interrupts, optional
        When stopped, what is under way is finished and nothing else begun; when abandoned, not waited for either.
    search_requests : int
        Requests that the search for bad rows may cost in all.
    on_tick : callable, optional
        Called several times a second with the ending so far.

    Attributes
    ----------
    ending : Ending
        What the run has come to.
    """

    def __init__(
        self,
        *,
        channel: Channel,
        sink: Sink,
        pace: Pace | None = None,
        interrupts: Interrupts | None = None,
        search_requests: int = 200,
        recheck: Recheck = recheck_product,
        on_tick: Callable[[Ending], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.ending = Ending()
        self._channel = channel
        self._sink = sink
        self._pace = pace or Pace()
        self._interrupts = interrupts or Interrupts()
        self._search_requests = search_requests
        self._recheck = recheck
        self._on_tick = on_tick
        self._clock = clock
        self._written: deque[_Written] = deque()
        self._under_way: dict[Future[Delivery], Task] = {}
        self._landed: SimpleQueue[Future[Delivery]] = SimpleQueue()
        self._failures_in_a_row = 0
        self._most_bytes: int | None = None
        self._is_probing = False
        self._has_accepted = False
        self._seen_at = clock()

    def run(self, batches: Iterable[Batch]) -> Ending:
        """Send all of them; ends early, with what is under way finished, when stopped or when there is no hope.

        Nothing but what stops the interpreter is raised: why a run was given up stands in the ending.
        """
        backlog = Backlog(batches, search_requests=self._search_requests, clock=self._clock)
        workers = ThreadPoolExecutor(self._pace.most, thread_name_prefix="smnotebook-send")
        try:
            self._carry_on(backlog, workers)
        finally:
            if self._under_way:
                self._interrupts.stop.set()  # whoever still waits for the quota gives up
            workers.shutdown(wait=not self._interrupts.abandon.is_set(), cancel_futures=True)
        self._land_the_last(backlog)
        self._call_off(backlog)
        self.ending.is_interrupted = self._interrupts.stop.is_set() and self.ending.error is None
        return self.ending

    def _carry_on(self, backlog: Backlog, workers: ThreadPoolExecutor) -> None:
        while not self._interrupts.abandon.is_set():
            try:
                if not self._fill(backlog, workers):
                    return
                self._rest(backlog)
                self._tick(backlog)
            except KeyboardInterrupt:
                self._interrupts.note()
            except Exception as error:  # noqa: BLE001 - kept for the caller, who gets it with the report
                if self.ending.error is not None:
                    return
                self._give_up(error)

    # --- handing out -------------------------------------------------------------------------------------------

    def _fill(self, backlog: Backlog, workers: ThreadPoolExecutor) -> bool:
        """Give every free worker a batch; false when all is done."""
        while len(self._under_way) < self._allowed and not self._is_over:
            if not self._written:
                self._write_down(backlog)
            if not self._written:
                break
            written = self._written.popleft()
            future = workers.submit(
                deliver, written.task.batch, written.sent, channel=self._channel, stop=self._interrupts.stop
            )
            self._under_way[future] = written.task
            future.add_done_callback(self._landed.put)
        if self._is_over:
            self._call_off(backlog)
        return bool(self._under_way or self._written or not backlog.is_done)

    @property
    def _allowed(self) -> int:
        """Requests that may be under way; one at a time while it is being found out how large one may be."""
        return min(self._pace.allowed, 1) if self._is_probing else self._pace.allowed

    @property
    def _is_over(self) -> bool:
        return self._interrupts.stop.is_set() or self.ending.error is not None

    def _write_down(self, backlog: Backlog) -> None:
        """Several batches in one transaction: making it safe from a power failure is the dearest part of sending."""
        most = 1 if self._is_probing else self._channel.policy.written_at_once
        tasks = [self._fitting(task, backlog) for task in islice(iter(backlog.draw, None), most)]
        if not tasks:
            return
        try:
            answers = self._channel.claim([task.batch for task in tasks])
        except LedgerError as error:
            for task in tasks:
                backlog.take_back(task)
                backlog.free_twin(task)
                self._settle_as_unsent(task.batch, str(error))
            self._give_up(error)
            return
        for task, answer in zip(tasks, answers, strict=True):
            if isinstance(answer, PutOff):
                self._put_off(task, answer, backlog)
            else:
                self._written.append(_Written(task=task, sent=answer))

    def _fitting(self, task: Task, backlog: Backlog) -> Task:
        """The task, or its first part where the server has called a request of its size too large."""
        if self._most_bytes is None:
            return task
        first, *others = task.batch.cut_to(self._most_bytes)
        if not others:
            return task
        backlog.take_back(task)
        backlog.free_twin(task)
        for part in reversed(others):
            backlog.put_first(replace(task, batch=part, twin=None))
        return backlog.take(replace(task, batch=first, twin=None))

    def _put_off(self, task: Task, answer: PutOff, backlog: Backlog) -> None:
        """Somebody else has some of the rows: what was sent later stays, what is being sent is waited for."""
        backlog.take_back(task)
        backlog.free_twin(task)
        left = self.settle_lines(task.batch, answer.ends)
        if len(left):
            backlog.put(replace(task, batch=left, twin=None, not_before=self._clock() + answer.wait_seconds))

    def _call_off(self, backlog: Backlog) -> None:
        self._take_back_written(backlog)
        for batch in backlog.close():
            self._settle_as_unsent(batch, self.ending.why_unsent)

    def _take_back_written(self, backlog: Backlog) -> None:
        """What is written down and has not left is planned as before."""
        while self._written:
            written = self._written.pop()
            backlog.take_back(written.task)
            backlog.put_first(written.task)
            try:
                self._channel.record(written.sent, Receipt(state=RequestState.PLANNED))
            except LedgerError as error:
                self._give_up(error)

    # --- taking back -------------------------------------------------------------------------------------------

    def _rest(self, backlog: Backlog) -> None:
        if not self._under_way:
            self._interrupts.stop.wait(_TICK_SECONDS)
            return
        try:
            future = self._landed.get(timeout=_TICK_SECONDS)
        except Empty:
            return
        self._land(self._under_way.pop(future), future.result(), backlog)

    def _land_the_last(self, backlog: Backlog) -> None:
        """What a second interrupt, or a second fault, left under way."""
        done, _ = wait(self._under_way, timeout=_TICK_SECONDS)
        for future, task in list(self._under_way.items()):
            if future in done and not future.cancelled():
                self._land(task, future.result(), backlog)
            else:
                self._settle_as_doubtful(task.batch, ABANDONED)
        self._under_way.clear()

    def _land(self, task: Task, delivery: Delivery, backlog: Backlog) -> None:
        backlog.take_back(task)
        consequence = delivery.consequence
        self.ending.requests += consequence is None or consequence.has_left
        if consequence is None and task.twin is not None and task.search is not None:
            self._search_on(split(task.twin, task.search), task.search, backlog)
        else:
            backlog.free_twin(task)
        if consequence is None:
            self._land_acknowledged(delivery)
        elif delivery.is_stopped:
            self._settle_as_unsent(task.batch, STOPPED)
        elif task.batch.is_prelude:
            self._give_up(delivery.error)
        else:
            self._land_failed(task, delivery, consequence, backlog)
        if delivery.ledger_error is not None:
            self._give_up(delivery.ledger_error)

    def _land_acknowledged(self, delivery: Delivery) -> None:
        self._pace.approve()
        for violation in delivery.warnings:
            self.ending.warnings[violation] = self.ending.warnings.get(violation, 0) + 1
        if delivery.batch.is_prelude:
            return
        taken = self.settle_lines(delivery.batch, delivery.ends)
        if len(taken) == 0 and not delivery.ends.refused:
            self._count_failure(BadAnswer("The server's answers list no row as stored. Check the profile's base_url."))
            return
        self._failures_in_a_row, self._is_probing, self._has_accepted = 0, False, True
        self._sink.accept(taken.positions, request_id=delivery.request_id)
        self.ending.settled += len(taken.positions)

    def _land_failed(self, task: Task, delivery: Delivery, consequence: Consequence, backlog: Backlog) -> None:
        match consequence.run:
            case RunGoes.SEARCHES:
                self._failures_in_a_row = 0
                self._land_refused(task, delivery, backlog)
                return
            case RunGoes.HALVES if len(task.batch) > 1:
                self._most_bytes = min(self._most_bytes or task.batch.bytes, max(1, task.batch.bytes // 2))
                self._is_probing = True
                self._take_back_written(backlog)
                backlog.put_first(replace(task, twin=None))
                return
            case RunGoes.HALVES if self._has_accepted:
                pass  # too large by itself; smaller ones go
            case RunGoes.HALVES | RunGoes.ENDS:
                self._give_up(delivery.error)
            case RunGoes.ON if consequence.has_left or consequence.may_pass:
                self._count_failure(delivery.error)
        why = self._channel.in_words(str(delivery.error))
        if consequence.rows is RowsEnd.UNKNOWN:
            self._settle_as_doubtful(task.batch, why)
        else:
            self._settle_as_unsent(task.batch, why)

    def _count_failure(self, error: BaseException | None) -> None:
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= self._channel.policy.hopeless_after:
            self._give_up(error)

    def _land_refused(self, task: Task, delivery: Delivery, backlog: Backlog) -> None:
        if not self._channel.policy.isolates:
            self._settle_as_refused(task.batch, merge(delivery.violations), delivery.request_id)
            return
        search = task.search or Search(violations=delivery.violations)
        verdict = judge(task.batch, delivery.violations, search, recheck=self._recheck)
        for line, violation in verdict.refused.items():
            self._settle_as_refused(task.batch.pick([line]), violation, delivery.request_id)
        if len(task.batch) > 1 and verdict.refused:
            blamed = {task.batch.keys[line]: refusal_of(said) for line, said in verdict.refused.items()}
            self._channel.record_refusals(delivery.sent, blamed)
        if verdict.rest is not None:
            backlog.put(Task(batch=verdict.rest, search=search, is_rest=True))
        self._search_on(verdict, search, backlog)

    def _search_on(self, verdict: Verdict, search: Search, backlog: Backlog) -> None:
        for batch in backlog.put_search(verdict, search):
            self._settle_as_refused(batch, _not_searched(search), None)

    # --- settling ----------------------------------------------------------------------------------------------

    def settle_lines(self, batch: Batch, ends: LineEnds) -> Batch:
        """Settle the lines that ended by themselves; the batch of the others."""
        for line, violation in ends.refused.items():
            self._settle_as_refused(batch.pick([line]), violation, None)
        for line, why in ends.doubtful.items():
            self._settle_as_doubtful(batch.pick([line]), why)
        if ends.unchanged:
            self._sink.leave(batch.pick(ends.unchanged).positions)
            self.ending.settled += len(ends.unchanged)
        return batch.without(ends.lines)

    def _settle_as_refused(self, batch: Batch, violation: Violation, request_id: str | None) -> None:
        self._sink.refuse(batch.positions, violation, request_id=request_id)
        self.ending.settled += len(batch.positions)

    def _settle_as_doubtful(self, batch: Batch, why: str) -> None:
        self._settle(batch.positions, why, by=self._sink.doubt)

    def _settle_as_unsent(self, batch: Batch, why: str) -> None:
        self._settle(batch.positions, why, by=self._sink.hold_back)

    def _settle(self, positions: Positions, why: str, *, by: Callable[[Positions, str], None]) -> None:
        by(positions, why)
        self.ending.settled += len(positions)

    def _give_up(self, error: BaseException | None) -> None:
        if self.ending.error is None and error is not None:
            self.ending.error, self.ending.reason = error, self._channel.in_words(str(error) or type(error).__name__)

    def _tick(self, backlog: Backlog) -> None:
        self.ending.search_requests = backlog.searched
        if self._clock() - self._seen_at >= _SIGN_OF_LIFE_SECONDS:
            self._seen_at = self._clock()
            self._channel.give_sign_of_life()
        if self._on_tick is not None:
            self._on_tick(self.ending)


def _not_searched(search: Search) -> Violation:
    said = merge(search.violations)
    return replace(said, message=_NOT_SEARCHED.format(message=said.message))
