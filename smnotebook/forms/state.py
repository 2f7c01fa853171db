"""What every form's state shares: a lock, listeners, and jobs that may take a while."""

from __future__ import annotations

import contextvars
import logging
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import SecretStr

from smnotebook.errors import SmnotebookError
from smnotebook.forms.entries import Entries
from smnotebook.forms.panel import Button, Group, Node, Notice, Tone
from smnotebook.forms.quota_wait import WaitStopped, told_of_waits
from smnotebook.upload.progress import duration

__all__ = ["Edit", "FormState", "Give", "Run", "Secrets", "in_background"]

_T = TypeVar("_T")

#: The name of the button that ends a wait for the quota.
STOP_WAITING = "stop waiting"
_log = logging.getLogger(__name__)

Run = Callable[[Callable[[], None]], None]
Give = Callable[[bytes, str, str], None]
Secrets = Mapping[str, SecretStr]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A field's new value, and when it was typed in the browser's time."""

    name: str
    value: Any
    stamp: float


def in_background(job: Callable[[], None]) -> None:
    """Run a job in a thread of its own, so that neither the kernel nor a closed browser tab holds it up."""
    # the context of the message that asked for it: what the job shows then belongs to the form, and answers to it
    # come in by the same way
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(job,), daemon=True, name="smnotebook-form").start()


class FormState(ABC):
    """A form without its looks. Every method may be called from any thread.

    Listeners are called with the lock held, so what they draw is the state they were called for, and the last one
    drawn is the last one there was.

    Parameters
    ----------
    entries : Entries
        The form's fields.
    run : callable
        Starts what may take a while; tests run it at once.
    """

    def __init__(self, entries: Entries, *, run: Run = in_background) -> None:
        self.lock = threading.RLock()
        self.entries = entries
        self.busy = ""
        self.notice: Notice | None = None
        self._wait_words = ""
        self._gives_up = False
        self._run = run
        self._listeners: list[Callable[[], None]] = []
        self._give: Give | None = None
        self._waiting: deque[Callable[[], None]] = deque()

    @property
    @abstractmethod
    def actions(self) -> Mapping[str, Callable[[Secrets], None]]:
        """What each button does, as long as it may be pressed."""

    def react(self, name: str) -> None:  # noqa: B027 - most forms need no more than their fields' values
        """Called with the lock held after the browser has changed a field."""

    # --- what the browser reports ------------------------------------------------------------------------------

    def edit(self, *edits: Edit) -> None:
        """Take in what was typed."""
        with self.lock:
            for edit in edits:
                if self.entries.take(edit.name, edit.value, edit.stamp):
                    self.react(edit.name)
            self.changed()

    def press(self, name: str, edits: Sequence[Edit] = (), secrets: Secrets | None = None) -> None:
        """Take in what was typed and carry out a button's action; nothing happens where it may not be pressed."""
        with self.lock:
            self.edit(*edits)
            action = self._stop_waiting if name == STOP_WAITING and self._wait_words else self.actions.get(name)
            if action is not None:
                action(secrets or {})
            for given in secrets or {}:
                self.entries.put(given, value=False)
            self.changed()

    # --- listeners ---------------------------------------------------------------------------------------------

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each change, from whatever thread made it."""
        with self.lock:
            self._listeners.append(listener)

    def changed(self) -> None:
        """Tell the listeners."""
        with self.lock:
            for listener in list(self._listeners):
                listener()

    def say(self, text: str, tone: Tone = "info") -> None:
        """Put a sentence where the form says what happened; an empty one takes it away."""
        with self.lock:
            self.notice = Notice(text=text, tone=tone) if text else None
            self.changed()

    @property
    def said(self) -> Sequence[Node]:
        """The sentence, and what holds up the job under way."""
        notice = [self.notice] if self.notice else []
        if not self._wait_words:
            return notice
        stop = Button(name=STOP_WAITING, label="Stop waiting", disabled=self._gives_up)
        wait = Notice(name="waiting", tone="warning", text=self._wait_words)
        return [*notice, Group(name="wait", children=[wait, stop])]

    # --- files for the person at the browser -------------------------------------------------------------------

    def on_hand_out(self, give: Give) -> None:
        """Where files go that the form hands out."""
        self._give = give

    def hand_out(self, content: bytes, file_name: str, media_type: str) -> None:
        """Have the browser save a file."""
        if self._give is not None:
            self._give(content, file_name, media_type)

    # --- jobs --------------------------------------------------------------------------------------------------

    def attempt(self, what: str, job: Callable[[], _T], then: Callable[[_T], None]) -> None:
        """Do something that may take a while and may fail; ``then`` gets its result, with the lock held.

        What comes while another job runs waits for its turn: a file may arrive at any moment.

        Parameters
        ----------
        what : str
            Said meanwhile, such as "Connecting".
        """
        with self.lock:
            if self.busy:
                self._waiting.append(lambda: self.attempt(what, job, then))
                return
            self.busy, self._gives_up = what, False
            self.say("")
        self._run(lambda: self._carry_out(job, then))

    def _note_wait(self, seconds: float) -> None:
        """Called several times a second while the job waits for the hourly quota."""
        with self.lock:
            if self._gives_up:
                raise WaitStopped("You stopped the wait for the hourly quota; this request was not sent.")
            words = f"The quota of this hour is used up. It goes on by itself in {duration(seconds)}."
            if words != self._wait_words:
                self._wait_words = words
                self.changed()

    def _stop_waiting(self, _secrets: Secrets) -> None:
        self._gives_up = True

    def _carry_out(self, job: Callable[[], _T], then: Callable[[_T], None]) -> None:
        try:
            with told_of_waits(self._note_wait):
                result = job()
        except SmnotebookError as error:
            words = str(error)
            self._end(lambda: self.say(words, "error"))
        except Exception as error:  # noqa: BLE001 - a person at a form is owed a sentence, whatever went wrong
            _log.debug("a form's job failed", exc_info=True)
            words = f"Something went wrong that this form did not expect ({type(error).__name__}). Try again."
            self._end(lambda: self.say(words, "error"))
        else:
            self._end(lambda: then(result))

    def _end(self, finish: Callable[[], None]) -> None:
        with self.lock:
            self.busy, self._wait_words = "", ""
            finish()
            if self._waiting and not self.busy:
                self._waiting.popleft()()
            self.changed()
