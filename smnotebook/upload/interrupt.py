"""Ctrl-C and the notebook's stop button as an event, so that what is under way is finished and told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["stop_on_interrupt"]


@contextmanager
def stop_on_interrupt(stop: threading.Event) -> Iterator[None]:
    """The first interrupt sets the event, a second one raises KeyboardInterrupt.

    Outside the main thread nothing is changed: interrupts don't come there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            signal.default_int_handler(number, frame)
        stop.set()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
