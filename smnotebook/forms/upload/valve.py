"""Pause, resume and stop for an upload that runs in another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from smnotebook.upload.progress import STOP, Progress

__all__ = ["Valve"]


class Valve:
    """Watches an upload: passes its progress on, and holds it or ends it when told to.

    While it is held the requests under way are finished, and nothing else is sent.

    Parameters
    ----------
    show : callable
        Gets every progress.
    """

    def __init__(self, show: Callable[[Progress], None]) -> None:
        self._show = show
        self._condition = threading.Condition()
        self._is_held = False
        self._is_stopped = False

    @property
    def is_held(self) -> bool:
        """Whether the upload is to pause."""
        return self._is_held

    @property
    def is_stopped(self) -> bool:
        """Whether the upload is to end."""
        return self._is_stopped

    def hold(self) -> None:
        """Pause."""
        self._set(held=True, stopped=False)

    def release(self) -> None:
        """Go on."""
        self._set(held=False, stopped=False)

    def stop(self) -> None:
        """End, and let what is under way finish."""
        self._set(held=False, stopped=True)

    def _set(self, *, held: bool, stopped: bool) -> None:
        with self._condition:
            self._is_held = held and not self._is_stopped
            self._is_stopped = self._is_stopped or stopped
            self._condition.notify_all()

    def __call__(self, progress: Progress) -> str | None:
        """What the upload asks after every step; it waits here while it is held."""
        self._show(progress)
        with self._condition:
            if not progress.is_finished:
                self._condition.wait_for(lambda: not self._is_held)
            return STOP if self._is_stopped else None
