"""What follows from the way a request ended: for its rows, for the run, and for another attempt.

The one place where this is decided, for products, events in frames, single events and contacts alike. Two questions
settle most of it: has a byte left this machine, and was the answer about the rows or about the whole request? Of a
request that never left, or that was turned away as a whole (key, address, size, catalog), the rows are as they were
before: unsent. Of one that may have been carried out they are unknown. Only an answer about the rows blames a row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from smnotebook.contract import ReasonCode
from smnotebook.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    Refused,
    ServerUnreachable,
    SmnotebookError,
    Throttled,
)

__all__ = ["CalledOff", "Consequence", "RowsEnd", "RunGoes", "consequence_of"]


class CalledOff(SmnotebookError):
    """A request was given up before it left, since another run has taken its records over."""


_TOO_LARGE = 413
#: Statuses about the address or what stands before it: moved, a front's 403, no such path or call, a proxy's 407. A
#: 303 may well follow on work that was done.
_ABOUT_THE_ADDRESS = frozenset({301, 302, 307, 308, 403, 404, 405, 407})


class RowsEnd(Enum):
    """Where a failed request leaves its rows."""

    REFUSED = "refused"
    UNSENT = "unsent"
    UNKNOWN = "unknown"


class RunGoes(Enum):
    """What a run does after a failed request.

    ``ON`` counts the failures in a row; ``SEARCHES`` finds the rows to blame and sends the others again; ``HALVES``
    sends less at once; ``ENDS`` begins no other request.
    """

    ON = "on"
    SEARCHES = "searches"
    HALVES = "halves"
    ENDS = "ends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows from a failed request.

    Attributes
    ----------
    has_left : bool
        Whether a byte of it left this machine.
    may_have_arrived : bool
        Whether the server may have carried it out; an earlier attempt of the same call counts too.
    may_pass : bool
        Whether another attempt may fare better.
    """

    rows: RowsEnd
    run: RunGoes
    has_left: bool = True
    may_have_arrived: bool = False
    may_pass: bool = False


_REFUSED = Consequence(rows=RowsEnd.REFUSED, run=RunGoes.SEARCHES)
_TURNED_AWAY = Consequence(rows=RowsEnd.UNSENT, run=RunGoes.ENDS)
_HALVED = Consequence(rows=RowsEnd.UNSENT, run=RunGoes.HALVES)
_HINDERED = Consequence(rows=RowsEnd.UNSENT, run=RunGoes.ENDS, has_left=False)
_NEVER_LEFT = Consequence(rows=RowsEnd.UNSENT, run=RunGoes.ON, has_left=False, may_pass=True)
_CALLED_OFF = Consequence(rows=RowsEnd.UNSENT, run=RunGoes.ON, has_left=False)
_BUSY = Consequence(rows=RowsEnd.UNSENT, run=RunGoes.ON, may_pass=True)
_IN_DOUBT = Consequence(rows=RowsEnd.UNKNOWN, run=RunGoes.ON, may_have_arrived=True)
_LOST = replace(_IN_DOUBT, may_pass=True)
_BROKEN = replace(_IN_DOUBT, run=RunGoes.ENDS)


def consequence_of(error: BaseException, *, trusts_busy: bool) -> Consequence:
    """What follows from the exception that a call ended in.

    Parameters
    ----------
    trusts_busy : bool
        Whether 429 and 503 are taken for the word that nothing was done.
    """
    last = _of_last_attempt(error, trusts_busy=trusts_busy)
    if not getattr(error, "earlier_in_doubt", False):
        return last
    rows = RowsEnd.UNKNOWN if last.rows is RowsEnd.UNSENT else last.rows
    # what may have arrived is not cut up and sent anew as if it had not
    run = RunGoes.ON if last.run is RunGoes.HALVES else last.run
    return replace(last, rows=rows, run=run, has_left=True, may_have_arrived=True)


def _of_last_attempt(error: BaseException, *, trusts_busy: bool) -> Consequence:
    if isinstance(error, Refused):
        return _TURNED_AWAY if _is_about_the_request(error) else _REFUSED
    if isinstance(error, Throttled):
        return _BUSY if trusts_busy else _LOST
    if isinstance(error, ServerUnreachable):
        if error.maybe_received:
            return _LOST
        return _NEVER_LEFT if error.may_pass else _HINDERED
    if isinstance(error, BadAnswer):
        return _of_bad_answer(error.status)
    if isinstance(error, CalledOff):
        return _CALLED_OFF
    if isinstance(error, SmnotebookError) and not isinstance(error, ApiError):
        # a setting, the data, the quota or the ledger: this package raises these before the first byte
        return _HINDERED
    return _BROKEN


def _is_about_the_request(refused: Refused) -> bool:
    """Whether no other choice of rows would have helped: the key, the catalog, the account's limits."""
    return isinstance(refused, AuthenticationFailed) or any(
        violation.reason_code in (ReasonCode.AUTHENTICATION, ReasonCode.ABOVE_QUOTA) or violation.field == "catalogId"
        for violation in refused.violations
    )


def _of_bad_answer(status: int | None) -> Consequence:
    if status == _TOO_LARGE:
        return _HALVED
    if status in _ABOUT_THE_ADDRESS:
        return _TURNED_AWAY
    # another 3xx or 4xx won't change by itself; without a status the answer was garbled on its way
    return _IN_DOUBT if status is not None and 300 <= status < 500 else _LOST
