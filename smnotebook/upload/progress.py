"""How far an upload has come: figures for a callback, and one line that works in every frontend."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

__all__ = ["STOP", "Progress", "ProgressLine", "Watch", "duration", "watch_of"]

#: What a watch returns to have the upload finish what is under way and begin nothing else.
STOP = "stop"


# In an upload of hours, most of them spent waiting for the quota, nobody reads every second of it.
_LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A moment of an upload.

    Attributes
    ----------
    rows_settled, rows : int
        Rows whose end is known, and rows to be sent.
    requests_answered, requests : int
        Requests answered, and requests planned; a refused one may cost more than was planned.
    quota_left : int or None
        Requests that may leave at once; None without a limit.
    quota_wait_seconds : float
        Time until the quota lets the next one go; 0 while nothing waits.
    seconds_left : float or None
        Estimate for the rest; None before anything was answered.
    is_finished : bool
        Whether this is the last moment.
    """

    rows_settled: int
    rows: int
    requests_answered: int
    requests: int
    quota_left: int | None = None
    quota_wait_seconds: float = 0.0
    seconds_left: float | None = None
    is_finished: bool = False

    def __str__(self) -> str:
        parts = [
            f"{self.rows_settled:,} of {self.rows:,} rows",
            f"request {self.requests_answered:,}/{self.requests:,}",
        ]
        if self.quota_left is not None:
            parts.append(f"quota left {self.quota_left:,}")
        if self.quota_wait_seconds >= 1:
            parts.append(f"waiting {duration(self.quota_wait_seconds)} for the quota")
        if self.is_finished:
            parts.append("done" if self.rows_settled >= self.rows else "stopped")
        elif self.seconds_left is not None:
            parts.append(f"about {duration(self.seconds_left)} left")
        return ", ".join(parts)


Watch = Callable[[Progress], object]


def duration(seconds: float) -> str:
    """A time span as ``45 s``, ``12 min 5 s`` or ``2 h 10 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class ProgressLine:
    """Rewrites one line of plain text, a few times a second at first and every few seconds in a long upload.

    A carriage return is all it needs: a terminal, JupyterLab, VS Code, nbconvert and papermill take it. What keeps
    every character that was written, as papermill does, keeps some hundred lines an hour, not thousands.

    Parameters
    ----------
    every_seconds : float
        Shortest time between two updates.
    after_seconds : float
        An upload shorter than this stays silent.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        *,
        every_seconds: float = 0.5,
        after_seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._every_seconds = every_seconds
        self._clock = clock
        self._started = clock()
        self._next = self._started + after_seconds
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        now = self._clock()
        is_shown = self._width > 0
        if now < self._next and not (progress.is_finished and is_shown):
            return
        self._next = now + max(self._every_seconds, min(_LONGEST_PAUSE_SECONDS, (now - self._started) / 20))
        stream: TextIO | None = self._stream or sys.stdout
        if stream is None:  # pythonw, a service: there is no console
            return
        line = str(progress)
        stream.write("\r" + line.ljust(self._width) + ("\n" if progress.is_finished else ""))
        stream.flush()
        self._width = len(line)


def watch_of(progress: Watch | bool) -> Watch | None:  # noqa: FBT001 - what the public argument takes
    """What the public argument ``progress`` stands for."""
    if isinstance(progress, bool):
        return ProgressLine() if progress else None
    return progress
