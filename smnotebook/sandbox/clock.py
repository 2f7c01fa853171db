"""The sandbox's clock: the time of day, and a way to turn it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock

__all__ = ["Clock"]


class Clock:
    """Seconds since 1970, which a test can move forward.

    Parameters
    ----------
    source : callable, optional
        Where the time comes from; the time of day by default. Give ``lambda: 0.0`` (or any constant) for a clock
        that stands still until it is turned.

    Notes
    -----
    Key expiries, quota windows and waiting events follow this clock; delays of faults are real ones.
    """

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0
        self._lock = Lock()

    def now(self) -> float:
        """The time in seconds."""
        return self._source() + self._offset

    def advance(self, seconds: float) -> None:
        """Turn the clock forward.

        Raises
        ------
        ValueError
            For a negative number, since windows and expiries are not made to run backwards, and for infinity.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"the clock only goes forward, got {seconds} seconds; make a new Clock to start earlier")
        with self._lock:
            self._offset += seconds

    def __repr__(self) -> str:
        return f"Clock(now={self.now():.3f})"
