"""When a failed attempt is made again, and after how long."""

import pytest

from smnotebook.errors import BadAnswer, Refused, ServerUnreachable, Throttled
from smnotebook.wire import RetryPolicy, Stop, Wait
from smnotebook.wire.retry_after import seconds_to_wait

POLICY = RetryPolicy(max_attempts=4, max_seconds=100.0, first_wait=1.0, max_wait=6.0)


def decide(outcome, *, repeatable=True, attempt=1, elapsed=0.0, drawn=1.0, policy=POLICY):
    return policy.decide(outcome, repeatable=repeatable, attempt=attempt, elapsed=elapsed, rng=lambda: drawn)


BUSY = Throttled("busy", status=503, retry_after=None)
TOO_OFTEN = Throttled("too often", status=429, retry_after=None)
NEVER_SENT = ServerUnreachable("no connection", maybe_received=False)
LOST = ServerUnreachable("cut off", maybe_received=True)
GARBLED = BadAnswer("cut JSON", status=200)
GATEWAY = BadAnswer("gateway", status=502)
GATEWAY_SLOW = BadAnswer("gateway", status=504)
UNDECODABLE = BadAnswer("gzip", status=None)
BROKEN = BadAnswer("page", status=500)


@pytest.mark.parametrize(
    "outcome", [BUSY, TOO_OFTEN, NEVER_SENT, LOST, GARBLED, GATEWAY, GATEWAY_SLOW, UNDECODABLE, BROKEN]
)
def test_what_passes_by_itself_is_tried_again_where_that_is_harmless(outcome):
    assert isinstance(decide(outcome), Wait)


@pytest.mark.parametrize(
    "outcome",
    [
        Refused("no", violations=(), status=400),
        BadAnswer("redirect", status=301),
        BadAnswer("front", status=403),
        BadAnswer("no path", status=404),
    ],
)
def test_what_would_end_the_same_way_is_not_tried_again(outcome):
    assert isinstance(decide(outcome), Stop)


@pytest.mark.parametrize("outcome", [LOST, GARBLED, GATEWAY, GATEWAY_SLOW, UNDECODABLE, BROKEN])
def test_what_must_not_happen_twice_is_not_sent_twice_once_it_may_have_arrived(outcome):
    decision = decide(outcome, repeatable=False)
    assert isinstance(decision, Stop)
    assert "twice" in decision.reason


@pytest.mark.parametrize("outcome", [BUSY, TOO_OFTEN, NEVER_SENT])
def test_what_surely_was_not_carried_out_is_sent_again_even_if_it_must_not_happen_twice(outcome):
    assert isinstance(decide(outcome, repeatable=False), Wait)


def test_the_bound_of_the_wait_doubles_up_to_its_own_bound():
    policy = RetryPolicy(max_attempts=2000, max_seconds=1e9, first_wait=1.0, max_wait=6.0)
    waits = [decide(BUSY, attempt=n, policy=policy).seconds for n in (1, 2, 3, 4, 5, 1500)]
    assert waits == [1.0, 2.0, 4.0, 6.0, 6.0, 6.0]


def test_the_jitter_is_full():
    assert decide(BUSY, attempt=3, drawn=0.0) == Wait(seconds=0.0)
    assert decide(BUSY, attempt=3, drawn=0.5) == Wait(seconds=2.0)


@pytest.mark.parametrize("drawn", [0.0, 0.5, 0.999])
def test_retry_after_is_never_shortened(drawn):
    asked = Throttled("busy", status=503, retry_after=20.0)
    assert decide(asked, drawn=drawn).seconds >= 20.0


def test_the_attempts_are_bounded():
    assert isinstance(decide(BUSY, attempt=3), Wait)
    assert isinstance(decide(BUSY, attempt=4), Stop)


def test_the_time_is_bounded_and_a_longer_retry_after_is_not_waited_for():
    assert isinstance(decide(BUSY, elapsed=99.5), Stop)
    assert isinstance(decide(Throttled("busy", status=429, retry_after=3600.0)), Stop)


DATE = "Sat, 21 Nov 2026 12:00:10 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "Sat, 99 Nov 2026 12:00:10 GMT"}, None),
        ({"retry-after": DATE}, 10.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": DATE, "date": "Sat, 21 Nov 2026 11:59:10 GMT"}, 60.0),
        ({"retry-after": DATE, "date": "nonsense"}, 10.0),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(headers, seconds):
    noon = 1795262400.0  # Sat, 21 Nov 2026 12:00:00 GMT
    assert seconds_to_wait(headers, now=noon) == seconds
