"""What is seen while an upload runs: attempts for the pace and the picture, waits and figures for the progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from smnotebook.ledger import Quota
from smnotebook.upload.attempt_log import AttemptLog
from smnotebook.upload.ending import Ending
from smnotebook.upload.interrupt import Interrupts
from smnotebook.upload.mishaps import Mishaps
from smnotebook.upload.pace import Pace
from smnotebook.upload.progress import STOP, Progress, Watch
from smnotebook.wire import AttemptDetails

__all__ = ["Watcher"]

_BUSY = (429, 503)
# More often than this nobody reads, and the quota's figures cost a look into the ledger each.
_TELL_EVERY_SECONDS = 0.25


class Watcher:
    """Fed by the sending threads and by the deciding one.

    Parameters
    ----------
    quota : object
        The connection's; only the ledger's tells how long it makes wait.
    interrupts : Interrupts
        Stopped when the watch says that it is enough. While the watch takes its time, nothing new is sent.
    mishaps : Mishaps
        Hears of a watch that fails; it is not called again then.

    Attributes
    ----------
    log : AttemptLog
        Every attempt.
    """

    def __init__(
        self,
        *,
        rows: int,
        requests: int,
        pace: Pace,
        quota: object,
        watch: Watch | None,
        interrupts: Interrupts,
        mishaps: Mishaps,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.log = AttemptLog(clock=clock)
        self._rows = rows
        self._requests = requests
        self._pace = pace
        self._quota = quota if isinstance(quota, Quota) else None
        self._watch = watch
        self._interrupts = interrupts
        self._mishaps = mishaps
        self._clock = clock
        self._next = 0.0
        self._free_at = 0.0

    def on_attempt(self, details: AttemptDetails) -> None:
        """One attempt ended; in a sending thread."""
        if details.status in _BUSY:
            self._pace.complain(details.wait_seconds or 0.0)
        self.log.note(details)

    @contextmanager
    def told_of_waits(self) -> Iterator[None]:
        """While this is open the quota says how long it makes the upload wait."""
        if self._quota is None:
            yield
            return
        before, self._quota.on_wait = self._quota.on_wait, self._note_wait
        try:
            yield
        finally:
            self._quota.on_wait = before

    def _note_wait(self, seconds: float) -> None:
        self._free_at = self._clock() + seconds

    def on_tick(self, ending: Ending) -> None:
        """Tell the progress, if it is time; in the deciding thread."""
        if self._watch is not None and self._clock() >= self._next:
            self._next = self._clock() + _TELL_EVERY_SECONDS
            self._tell(ending)

    def on_end(self, ending: Ending) -> None:
        """Tell the last of it."""
        self._tell(ending, is_finished=True)

    def _tell(self, ending: Ending, *, is_finished: bool = False) -> None:
        watch, self._watch = self._watch, None
        if watch is None:
            return
        with self._mishaps.kept("The progress display failed and was switched off"):
            try:
                said = watch(self._progress(ending, is_finished=is_finished))
            except KeyboardInterrupt:
                said = STOP
            if said == STOP:
                self._interrupts.stop.set()
            self._watch = watch

    def _progress(self, ending: Ending, *, is_finished: bool = False) -> Progress:
        return Progress(
            rows_settled=ending.settled,
            rows=self._rows,
            requests_answered=ending.requests,
            requests=max(self._requests, ending.requests),
            quota_left=None if self._quota is None else self._quota.left,
            quota_wait_seconds=0.0 if is_finished else max(0.0, self._free_at - self._clock()),
            seconds_left=self._seconds_left(ending),
            is_finished=is_finished,
        )

    def _seconds_left(self, ending: Ending) -> float | None:
        if ending.requests == 0:
            return None
        left = max(0, self._requests - ending.requests)
        at_this_pace = left * self.log.elapsed_seconds / ending.requests
        return at_this_pace if self._quota is None else max(self._quota.seconds_until(left), 0.0) or at_this_pace
