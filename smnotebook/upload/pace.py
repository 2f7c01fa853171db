"""How many requests may be under way at once: fewer when the server complains, more again when it is content."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["Pace"]

# Answers in a row without a complaint before one more request is let loose.
_CONTENT_AFTER = 8


class Pace:
    """Shared by the threads that send.

    Parameters
    ----------
    most : int
        Requests at once at best.
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, most: int = 4, *, clock: Callable[[], float] = time.monotonic) -> None:
        if most < 1:
            raise ValueError(f"most is {most}; at least one request must be allowed")
        self.most = most
        self._allowed = most
        self._content = 0
        self._held_until = float("-inf")
        self._clock = clock
        self._lock = threading.Lock()

    @property
    def allowed(self) -> int:
        """Requests at once for now; 0 while the server's own request for patience runs."""
        with self._lock:
            return 0 if self._clock() < self._held_until else self._allowed

    @property
    def held_seconds(self) -> float:
        """Seconds left of the patience that the server asked for."""
        with self._lock:
            return max(0.0, self._held_until - self._clock())

    def complain(self, wait_seconds: float) -> None:
        """The server is busy (429, 503): half as many, and no new one for a while."""
        with self._lock:
            self._allowed = max(1, self._allowed // 2)
            self._content = 0
            self._held_until = max(self._held_until, self._clock() + wait_seconds)

    def approve(self) -> None:
        """A request was answered at once."""
        with self._lock:
            self._content += 1
            if self._content >= _CONTENT_AFTER:
                self._content = 0
                self._allowed = min(self.most, self._allowed + 1)
