"""Ctrl-C and the notebook's stop button as events, so that a run ends in order and its report comes back."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from smnotebook.upload.mishaps import Mishaps

__all__ = ["Interrupts", "stop_on_interrupt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupts:
    """How far the user wants a run to be cut short.

    Attributes
    ----------
    stop : threading.Event
        Begin nothing else; finish what is under way.
    abandon : threading.Event
        Don't wait for what is under way either.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    abandon: threading.Event = field(default_factory=threading.Event)

    def note(self) -> None:
        """One more interrupt: the first stops, the second abandons, any other changes nothing."""
        (self.abandon if self.stop.is_set() else self.stop).set()


@contextmanager
def stop_on_interrupt(mishaps: Mishaps) -> Iterator[Interrupts]:
    """Interrupts as events while this is open; no interrupt raises, so none costs a report.

    Nothing is changed outside the main thread, where interrupts don't come, nor where the handler belongs to C code
    (R's reticulate, MPI), which Python can't put back.
    """
    interrupts = Interrupts()
    is_ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is not None
    if not is_ours:
        yield interrupts
        return

    def note(_number: int, _frame: FrameType | None) -> None:
        interrupts.note()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield interrupts
    finally:
        with mishaps.kept("The interrupt handler could not be put back"):
            signal.signal(signal.SIGINT, before)
