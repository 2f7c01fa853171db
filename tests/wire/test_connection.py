"""One call: how many attempts, what each of them costs, and what comes back."""

import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from pydantic import SecretStr

from smnotebook.contract import Operation
from smnotebook.errors import (
    AuthenticationFailed,
    BadAnswer,
    DataError,
    LedgerError,
    ServerUnreachable,
    Throttled,
    UsageError,
)
from smnotebook.wire import Connection, RetryPolicy, SignedBody

UPSERT = Operation.UPSERT_PRODUCTS
CREATE = Operation.CREATE_CATALOG


class CountingQuota:
    def __init__(self, limit=10**9, stops=None):
        self.taken = 0
        self.limit = limit
        self.stops = stops if stops is not None else []

    def take(self, *, stop=None):
        self.stops.append(stop)
        if self.taken >= self.limit:
            raise LedgerError("the quota's file is gone")
        self.taken += 1


def test_a_call_goes_to_the_operations_path_with_key_and_own_name(connect, upserted, canary):
    connection, transport = connect(upserted)
    connection.call(UPSERT, b'{"products":[]}')
    (sent,) = transport.sent
    assert (sent.method, sent.url, sent.body) == (
        "POST",
        "https://api.example.com/v3/product/upsert",
        b'{"products":[]}',
    )
    assert sent.headers["API-KEY"].get_secret_value() == canary
    assert sent.headers["User-Agent"].startswith("smnotebook/")
    assert sent.headers["Content-Type"] == "application/json"


def test_a_get_has_no_body_and_no_content_type(connect, answer):
    connection, transport = connect(answer(200, {"catalogs": []}))
    connection.call(Operation.LIST_CATALOGS)
    assert transport.sent[0].body is None
    assert "Content-Type" not in transport.sent[0].headers


def test_a_mapping_is_encoded_and_its_amounts_stay_exact(connect, upserted):
    connection, transport = connect(upserted)
    connection.call(Operation.UPDATE_PRICE, {"price": Decimal("59.90"), "big": Decimal("1234567890123456789.01")})
    assert transport.sent[0].body == b'{"price":59.90,"big":1234567890123456789.01}'


@pytest.mark.parametrize("value", [Decimal("NaN"), object()])
def test_what_json_cannot_hold_is_not_sent(connect, upserted, value):
    connection, transport = connect(upserted)
    with pytest.raises(TypeError):
        connection.call(UPSERT, {"price": value})
    assert transport.sent == []


@pytest.mark.parametrize("value", [float("nan"), [1.0, float("-inf")], {"deep": float("inf")}])
def test_a_number_that_is_none_is_not_sent_as_null(connect, upserted, value):
    connection, transport = connect(upserted)
    with pytest.raises(DataError, match="NaN or infinite"):
        connection.call(UPSERT, {"price": value})
    assert transport.sent == []


def test_three_busy_answers_and_a_success_make_four_attempts(connect, answer, upserted, clock):
    busy = answer(503, b"<html>busy</html>")
    connection, transport = connect(busy, busy, busy, upserted)
    assert connection.call(UPSERT, b"{}").request_id == "r-1"
    assert len(transport.sent) == 4
    assert clock.slept == pytest.approx(0.5 + 1.0 + 2.0)


def test_retry_after_is_waited_for_in_full(connect, answer, upserted, clock):
    connection, _ = connect(answer(429, b"", retry_after="20"), upserted, rng=lambda: 0.0)
    connection.call(UPSERT, b"{}")
    assert clock.slept == pytest.approx(20.0)


def test_when_the_attempts_run_out_the_last_error_stands_with_a_note(connect, answer):
    connection, transport = connect(answer(503, b""), retry=RetryPolicy(max_attempts=3))
    with pytest.raises(Throttled) as caught:
        connection.call(UPSERT, b"{}")
    assert len(transport.sent) == 3
    assert "3 attempts" in caught.value.__notes__[0]


def test_the_time_spent_in_attempts_counts_against_the_budget(connect, answer, clock):
    class Slow:
        def send(self, *_, **__):
            clock.sleep(40.0)
            return answer(504, b"")

    connection, _ = connect(answer())
    connection.transport = Slow()
    started = clock.seconds
    with pytest.raises(BadAnswer):
        connection.call(UPSERT, b"{}")
    assert clock.seconds - started <= 300 + 40


def test_a_wrong_key_is_tried_once(connect, answer):
    connection, transport = connect(answer(400, {"messages": ["no"], "reasonCode": 10}))
    with pytest.raises(AuthenticationFailed):
        connection.call(UPSERT, b"{}")
    assert len(transport.sent) == 1


def test_creating_is_not_tried_again_once_it_may_have_arrived(connect, upserted):
    connection, transport = connect(ServerUnreachable("cut", maybe_received=True), upserted)
    with pytest.raises(ServerUnreachable):
        connection.call(CREATE, b"{}")
    assert len(transport.sent) == 1


def test_creating_is_tried_again_when_it_surely_did_not_arrive(connect, answer):
    connection, transport = connect(ServerUnreachable("refused", maybe_received=False), answer(200, {"catalogId": "c"}))
    assert connection.call(CREATE, b"{}").data == {"catalogId": "c"}
    assert len(transport.sent) == 2


def test_every_attempt_takes_from_the_quota(connect, answer, upserted):
    quota = CountingQuota()
    busy = answer(503, b"")
    connection, _ = connect(busy, busy, upserted, quota=quota)
    connection.call(UPSERT, b"{}")
    assert quota.taken == 3


def test_without_leave_of_the_quota_nothing_is_sent(connect, upserted):
    connection, transport = connect(upserted, quota=CountingQuota(limit=0))
    with pytest.raises(LedgerError):
        connection.call(UPSERT, b"{}")
    assert transport.sent == []


def test_a_quota_that_fails_later_does_not_hide_what_became_of_the_request(connect):
    connection, _ = connect(ServerUnreachable("cut", maybe_received=True), quota=CountingQuota(limit=1))
    with pytest.raises(ServerUnreachable) as caught:
        connection.call(UPSERT, b"{}")
    assert "quota" in caught.value.__notes__[0]


def test_the_time_spent_waiting_for_the_quota_is_not_counted(connect, answer, upserted, clock):
    class SlowQuota:
        def take(self, *, stop=None):
            clock.sleep(3600.0)

    connection, transport = connect(answer(503, b""), upserted, quota=SlowQuota())
    connection.call(UPSERT, b"{}")
    assert len(transport.sent) == 2


def test_no_single_sleep_is_longer_than_an_interrupt_may_take(connect, answer, upserted):
    slices = []
    connection, _ = connect(answer(503, b"", retry_after="5"), upserted, sleep=slices.append)
    connection.call(UPSERT, b"{}")
    assert max(slices) <= 0.3
    assert sum(slices) == pytest.approx(5.5)


def test_a_stop_ends_the_wait_with_the_error_at_hand(connect, answer):
    stop = threading.Event()
    quota = CountingQuota()
    connection, transport = connect(answer(503, b""), quota=quota, sleep=lambda _: stop.set())
    with pytest.raises(Throttled):
        connection.call(UPSERT, b"{}", stop=stop)
    assert len(transport.sent) == 1
    assert quota.stops == [stop]


def test_an_interrupt_during_the_wait_goes_through(connect, answer):
    def interrupt(_):
        raise KeyboardInterrupt

    connection, _ = connect(answer(503, b""), sleep=interrupt)
    with pytest.raises(KeyboardInterrupt):
        connection.call(UPSERT, b"{}")


def test_an_interrupt_during_the_sending_goes_through(connect):
    connection, transport = connect(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        connection.call(UPSERT, b"{}")
    assert len(transport.sent) == 1


def test_each_attempt_is_told(connect, answer, upserted):
    told = []
    connection, _ = connect(answer(503, b""), ServerUnreachable("cut", maybe_received=True), upserted)
    connection.on_attempt = told.append
    connection.call(UPSERT, b"{}")
    assert [(d.number, d.status, d.error, d.wait_seconds) for d in told] == [
        (1, 503, "Throttled", 0.5),
        (2, None, "ServerUnreachable", 1.0),
        (3, 200, None, None),
    ]


def test_a_watchers_fault_does_not_lose_the_receipt(connect, upserted):
    def fail(_):
        raise ZeroDivisionError

    connection, _ = connect(upserted, on_attempt=fail)
    with pytest.warns(RuntimeWarning, match="ZeroDivisionError"):
        assert connection.call(UPSERT, b"{}").request_id == "r-1"


def test_a_fault_of_the_transport_keeps_its_place_as_a_note(connect):
    connection, _ = connect(ZeroDivisionError("bug"))
    with pytest.raises(ZeroDivisionError) as caught:
        connection.call(UPSERT, b"{}")
    assert "in send" in caught.value.__notes__[0]


def test_several_threads_may_call_at_once(connect, upserted):
    connection, transport = connect(upserted)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: connection.call(UPSERT, b"{}"), range(200)))
    assert len(answers) == len(transport.sent) == 200


def test_each_attempt_is_signed_anew(connect, answer, monkeypatch):
    signer = SignedBody(client_id="c", api_secret=SecretStr("s3cr3t-v4lue"), owner="o@example.com")
    monkeypatch.setattr(Connection, "_hold_to_kind", lambda *_: None)
    connection, transport = connect(answer(503, b""), answer(200, {"catalogId": "c"}), authentication=signer)
    connection.call(CREATE, {"name": "Shop"})
    tokens = [json.loads(sent.body)["apiKey"] for sent in transport.sent]
    assert len(set(tokens)) == 2


def test_an_operation_of_another_authentication_is_not_sent(connect, upserted):
    signer = SignedBody(client_id="c", api_secret=SecretStr("s3cr3t-v4lue"), owner="o@example.com")
    connection, transport = connect(upserted, authentication=signer)
    with pytest.raises(UsageError, match="API-KEY header"):
        connection.call(UPSERT, b"{}")
    assert transport.sent == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "ftp://api.example.com",
        "api.example.com",
        "",
        "https://",
        "https://user:pass@api.example.com",
        "https://api.example.com?x=1",
        "https://[::1",
        "https://h:99999",
        "http://127.0.0.1.example.com",
    ],
)
def test_a_base_url_that_would_leak_or_lead_nowhere_is_refused(url):
    with pytest.raises(UsageError, match="base_url"):
        Connection(url, SignedBody(client_id="c", api_secret=SecretStr("s3cr3t"), owner="o"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/", "http://localhost", "http://[::1]:1", "https://x.example/api"]
)
def test_https_anywhere_and_http_to_this_machine_are_fine(url):
    signer = SignedBody(client_id="c", api_secret=SecretStr("s3cr3t"), owner="o")
    assert Connection(url, signer).base_url == url.rstrip("/")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal to send")
def test_an_interrupt_ends_a_long_wait_at_once(connect, answer):
    """A minute was asked for; the interrupt comes when the wait has begun and is answered within a slice of it."""
    slices = []

    def sleep(seconds):
        slices.append(seconds)
        if len(slices) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(seconds)

    connection, transport = connect(answer(503, b"", retry_after="60"), sleep=sleep)
    # a shell that starts the tests in the background has them ignore interrupts
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            connection.call(UPSERT, b"{}")
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(slices) == 1
    assert slices[0] <= 0.3
    assert len(transport.sent) == 1


def test_an_interrupt_reaches_a_wait_in_another_thread_through_its_stop(connect, answer):
    stop, waiting = threading.Event(), threading.Event()

    def sleep(seconds):
        waiting.set()
        stop.wait(seconds)

    connection, transport = connect(answer(503, b"", retry_after="60"), sleep=sleep)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(connection.call, UPSERT, b"{}", stop=stop)
        assert waiting.wait(5)
        stop.set()
        with pytest.raises(Throttled):
            call.result(timeout=5)
    assert len(transport.sent) == 1
