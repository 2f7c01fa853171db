"""What is still to be sent: new batches as they are asked for, and what refusals left behind."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from smnotebook.upload.batch import Batch
from smnotebook.upload.blame import Search, Verdict

__all__ = ["Backlog", "Task"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """A batch on its way.

    Attributes
    ----------
    search : Search or None
        The search for a product to blame that it belongs to.
    twin : Batch or None
        The other half of a refused batch: if this half is accepted the twin is known to hold a product to blame, and
        need not be sent whole.
    is_rest : bool
        What is left of a refused batch once those to blame are out; that is no search.
    not_before : float
        When it may go, by the backlog's clock.
    """

    batch: Batch
    search: Search | None = None
    twin: Batch | None = None
    is_rest: bool = False
    not_before: float = 0.0


class Backlog:
    """Hands out one task after the other, never two with the same product at once.

    Parameters
    ----------
    batches : iterable of Batch
        New ones; the next is drawn only when it is asked for.
    search_requests : int
        Requests that all searches together may cost.

    Attributes
    ----------
    searched : int
        Requests that they have cost.
    """

    def __init__(
        self, batches: Iterable[Batch], *, search_requests: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.searched = 0
        self._new: Iterator[Batch] | None = iter(batches)
        self._search_requests = search_requests
        self._clock = clock
        self._waiting: deque[Task] = deque()
        self._out: set[Task] = set()
        self._ids_out: set[str] = set()

    @property
    def is_done(self) -> bool:
        """Whether nothing waits, and nothing new will come."""
        return self._new is None and not self._waiting

    def draw(self) -> Task | None:
        """What may go now: of what waits, then of what is new; None where nothing may."""
        task = self._draw_waiting() or self._draw_new()
        if task is not None:
            self.searched += task.search is not None and not task.is_rest
            self.take(task)
        return task

    def take(self, task: Task) -> Task:
        """A task is on its way; nothing else with its records is drawn until it is taken back."""
        self._out.add(task)
        self._ids_out.update(task.batch.keys)
        return task

    def _draw_waiting(self) -> Task | None:
        for task in self._waiting:
            if task.not_before <= self._clock() and self._ids_out.isdisjoint(task.batch.keys):
                self._waiting.remove(task)
                return task
        return None

    def _draw_new(self) -> Task | None:
        batch = None if self._new is None else next(self._new, None)
        if batch is None:
            self._new = None
            return None
        if self._ids_out.isdisjoint(batch.keys):
            return Task(batch=batch)
        self._waiting.append(Task(batch=batch))
        return None

    def take_back(self, task: Task) -> None:
        """A task that was drawn has come to its end."""
        self._out.discard(task)
        self._ids_out.difference_update(task.batch.keys)

    def put(self, task: Task) -> None:
        """Something more to send."""
        self._waiting.append(task)

    def put_first(self, task: Task) -> None:
        """Something to send before all else."""
        self._waiting.appendleft(task)

    def free_twin(self, task: Task) -> None:
        """Nothing can be concluded for a task's other half: it goes its own way."""
        if task.twin is not None:
            self._waiting.append(Task(batch=task.twin, search=task.search))

    def put_search(self, verdict: Verdict, search: Search) -> Sequence[Batch]:
        """The next step of a search.

        Returns
        -------
        sequence of Batch
            What can't be searched, the budget being spent; then nothing was queued.
        """
        batches = verdict.halves or verdict.singles
        if self.searched + self._owed() + len(batches) > self._search_requests:
            return batches
        if verdict.halves is not None:
            search.requests += 2
            first, second = verdict.halves
            self.put(Task(batch=first, search=search, twin=second))
        else:
            self._waiting.extend(Task(batch=batch, search=search) for batch in verdict.singles)
        return ()

    def _owed(self) -> int:
        """Requests that the searches under way will still cost."""
        waiting = sum(1 + (task.twin is not None) for task in self._waiting if task.search is not None)
        return waiting + sum(task.twin is not None for task in self._out)

    def close(self) -> Iterator[Batch]:
        """Nothing more goes: what waited, the twins of tasks under way not among it."""
        self._new = None
        while self._waiting:
            task = self._waiting.popleft()
            yield task.batch
            self.free_twin(task)
