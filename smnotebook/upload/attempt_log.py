"""Every attempt of a run, for its report and its picture."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from smnotebook.frame.outcome import AttemptMark
from smnotebook.wire import AttemptDetails

__all__ = ["AttemptLog"]


class AttemptLog:
    """Fed by the sending threads; its clock runs from its making.

    Attributes
    ----------
    marks : list of AttemptMark
        In the order the attempts ended.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.marks: list[AttemptMark] = []
        self._clock = clock
        self._started = clock()
        self._lock = threading.Lock()

    @property
    def elapsed_seconds(self) -> float:
        """Since the run began."""
        return self._clock() - self._started

    def note(self, details: AttemptDetails) -> None:
        """One attempt ended."""
        mark = AttemptMark(
            ended_after=self.elapsed_seconds,
            seconds=details.seconds,
            status=details.status,
            number=details.number,
            wait_seconds=details.wait_seconds,
        )
        with self._lock:
            self.marks.append(mark)
