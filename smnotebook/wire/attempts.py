"""What an attempt came to: told to watchers without a word of its content, and freed of the frames that held it."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from smnotebook.contract import Operation
from smnotebook.errors import ApiError, SmnotebookError
from smnotebook.wire.answers import Answer
from smnotebook.wire.redaction import Redaction
from smnotebook.wire.retry import Decision, Wait
from smnotebook.wire.translation import chain_of

__all__ = ["AttemptDetails", "Failed", "details_of", "mark_in_doubt", "noted", "sealed", "tell"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptDetails:
    """What came of one attempt, for progress and reports.

    Attributes
    ----------
    number : int
        Counted from 1 within a call.
    status : int or None
        HTTP status, None where no answer came.
    seconds : float
        How long the attempt took, without the quota's wait.
    wait_seconds : float or None
        Pause before the next attempt; None where this was the last.
    error : str or None
        Name of the exception's class, None for a success.
    """

    operation: Operation
    number: int
    status: int | None
    seconds: float
    wait_seconds: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An attempt's exception, with the frames that held its secrets taken off."""

    error: BaseException


def details_of(
    operation: Operation, number: int, outcome: Answer | Failed, seconds: float, decision: Decision
) -> AttemptDetails:
    """The details of attempt ``number``, which took ``seconds``."""
    error = None if isinstance(outcome, Answer) else outcome.error
    return AttemptDetails(
        operation=operation,
        number=number,
        status=outcome.status if isinstance(outcome, Answer) else getattr(error, "status", None),
        seconds=seconds,
        wait_seconds=decision.seconds if isinstance(decision, Wait) else None,
        error=None if error is None else type(error).__name__,
    )


def tell(watcher: Callable[[AttemptDetails], object] | None, details: AttemptDetails) -> None:
    """Hand the details to whoever watches."""
    if watcher is None:
        return
    try:
        watcher(details)
    except Exception as fault:  # noqa: BLE001 - a watcher's bug must not lose the receipt of what was sent
        warnings.warn(f"on_attempt failed with {type(fault).__name__}.", RuntimeWarning, stacklevel=3)


def sealed(act: Callable[[], Answer], redaction: Redaction) -> Answer | Failed:
    """What an act came to; an exception loses our secrets here, and its frames, whose locals hold them too."""
    try:
        return act()
    except BaseException as error:  # noqa: BLE001 - an interrupt's frames hold the key too; the caller raises it again
        redaction.scrub(_without_frames(error))
        return Failed(error=error)


def _without_frames(error: BaseException) -> BaseException:
    """The exception, and all it was made of, without traceback frames: their locals hold the signed request.

    A fault of this package keeps the places it passed as a note, in text.
    """
    if not isinstance(error, (SmnotebookError, KeyboardInterrupt)):
        error.add_note("Raised at\n" + "".join(traceback.format_tb(error.__traceback__)))
    for link in chain_of(error):
        link.__traceback__ = None
    return error


def mark_in_doubt(error: BaseException) -> None:
    """Say of the last attempt's error that an earlier attempt may have been carried out."""
    if isinstance(error, SmnotebookError) and not error.earlier_in_doubt:
        error.earlier_in_doubt = True
        error.args = (f"{error} An earlier attempt of the same request may have been carried out.", *error.args[1:])


def noted(error: BaseException, attempts: int, seconds: float, reason: str) -> BaseException:
    """The error of the last of several attempts, with a note that says so."""
    if isinstance(error, ApiError) and attempts > 1:
        error.add_note(f"{attempts} attempts in {seconds:.1f} s; not tried again: {reason}.")
    return error
