"""What follows from each way a request can end: for the rows, for the run, for another attempt."""

import pytest

from smnotebook.contract import Violation
from smnotebook.errors import (
    AuthenticationFailed,
    BadAnswer,
    DataError,
    LedgerError,
    Refused,
    ServerUnreachable,
    SmnotebookError,
    Throttled,
    UnknownIdentifier,
    UsageError,
)
from smnotebook.wire import CalledOff, RowsEnd, RunGoes, consequence_of

REFUSED, UNSENT, UNKNOWN = RowsEnd.REFUSED, RowsEnd.UNSENT, RowsEnd.UNKNOWN
ON, SEARCHES, HALVES, ENDS = RunGoes.ON, RunGoes.SEARCHES, RunGoes.HALVES, RunGoes.ENDS


def refused(code, field, kind=Refused):
    return kind("no", violations=[Violation(field=field, reason_code=code, message="x|y")])


BUSY = Throttled("busy", status=503, retry_after=None)
#: error, rows, run, has_left, may_have_arrived, may_pass
TABLE = [
    (ServerUnreachable("x", maybe_received=True), UNKNOWN, ON, True, True, True),
    (ServerUnreachable("x", maybe_received=False), UNSENT, ON, False, False, True),
    (ServerUnreachable("x", maybe_received=False, may_pass=False), UNSENT, ENDS, False, False, False),
    (BUSY, UNKNOWN, ON, True, True, True),
    (BadAnswer("x"), UNKNOWN, ON, True, True, True),
    (BadAnswer("x", status=200), UNKNOWN, ON, True, True, True),
    (BadAnswer("x", status=299), UNKNOWN, ON, True, True, True),
    (BadAnswer("x", status=300), UNKNOWN, ON, True, True, False),
    *[(BadAnswer("x", status=n), UNSENT, ENDS, True, False, False) for n in (301, 302, 307, 308, 403, 404, 405, 407)],
    (BadAnswer("x", status=303), UNKNOWN, ON, True, True, False),
    (BadAnswer("x", status=400), UNKNOWN, ON, True, True, False),
    (BadAnswer("x", status=413), UNSENT, HALVES, True, False, False),
    (BadAnswer("x", status=499), UNKNOWN, ON, True, True, False),
    (BadAnswer("x", status=500), UNKNOWN, ON, True, True, True),
    (BadAnswer("x", status=504), UNKNOWN, ON, True, True, True),
    (refused(18, "name"), REFUSED, SEARCHES, True, False, False),
    (refused(None, None), REFUSED, SEARCHES, True, False, False),
    (refused(16, "categoryExternalId", UnknownIdentifier), REFUSED, SEARCHES, True, False, False),
    (refused(16, "catalogId", UnknownIdentifier), UNSENT, ENDS, True, False, False),
    (refused(10, None), UNSENT, ENDS, True, False, False),
    (refused(19, "products"), UNSENT, ENDS, True, False, False),
    (AuthenticationFailed("no", violations=()), UNSENT, ENDS, True, False, False),
    (CalledOff("taken over"), UNSENT, ON, False, False, False),
    *[(kind("x"), UNSENT, ENDS, False, False, False) for kind in (UsageError, DataError, LedgerError, SmnotebookError)],
    (ZeroDivisionError(), UNKNOWN, ENDS, True, True, False),
    (KeyboardInterrupt(), UNKNOWN, ENDS, True, True, False),
]


def told(consequence):
    c = consequence
    return c.rows, c.run, c.has_left, c.may_have_arrived, c.may_pass


@pytest.mark.parametrize(("error", *("rows", "run", "has_left", "may_have_arrived", "may_pass")), TABLE, ids=repr)
def test_what_follows(error, rows, run, has_left, may_have_arrived, may_pass):
    assert told(consequence_of(error, trusts_busy=False)) == (rows, run, has_left, may_have_arrived, may_pass)


def test_who_trusts_a_busy_server_takes_it_at_its_word():
    assert told(consequence_of(BUSY, trusts_busy=True)) == (UNSENT, ON, True, False, True)


@pytest.mark.parametrize(
    ("error", "rows", "run"),
    [
        (ServerUnreachable("x", maybe_received=False), UNKNOWN, ON),
        (BadAnswer("x", status=404), UNKNOWN, ENDS),
        (BadAnswer("x", status=413), UNKNOWN, ON),
        (refused(18, "name"), REFUSED, SEARCHES),
        (AuthenticationFailed("no", violations=()), UNKNOWN, ENDS),
        (LedgerError("x"), UNKNOWN, ENDS),
    ],
    ids=repr,
)
def test_an_earlier_attempt_in_doubt_outlasts_the_last_one(error, rows, run):
    error.earlier_in_doubt = True
    consequence = consequence_of(error, trusts_busy=False)
    assert (consequence.rows, consequence.run, consequence.has_left) == (rows, run, True)
    assert consequence.may_have_arrived
    error.earlier_in_doubt = False
