"""Many batches through a few connections: each product has one end, whatever the server does."""

import json
import random
import threading
from dataclasses import dataclass

import numpy as np
import pytest

from smnotebook.contract import Violation
from smnotebook.errors import (
    AuthenticationFailed,
    BadAnswer,
    LedgerError,
    Refused,
    ServerUnreachable,
    Throttled,
    UnknownIdentifier,
)
from smnotebook.ledger import Contested, QuotaStopped
from smnotebook.upload.batch import Batch, cut_batches
from smnotebook.upload.channel import Policy
from smnotebook.upload.interrupt import Interrupts
from smnotebook.upload.pace import Pace
from smnotebook.upload.product_channel import put_off, read_stored
from smnotebook.upload.sender import Sender
from smnotebook.wire import Answer


class Ends:
    """Keeps the end of every row, and counts ends that come twice."""

    def __init__(self):
        self.of = {}
        self.violations = {}
        self.twice = []

    def _settle(self, positions, end):
        for position in positions:
            if position in self.of:
                self.twice.append(position)
            self.of[position] = end

    def accept(self, positions, *, request_id):
        self._settle(positions, "accepted")

    def refuse(self, positions, violation, *, request_id=None):
        self._settle(positions, "refused")
        self.violations |= dict.fromkeys(positions, violation)

    def leave(self, positions):
        self._settle(positions, "unchanged")

    def doubt(self, positions, why):
        self._settle(positions, f"unknown: {why}")

    def hold_back(self, positions, why):
        self._settle(positions, f"unsent: {why}")

    def counted(self):
        counts = {}
        for end in self.of.values():
            word = end.partition(":")[0]
            counts[word] = counts.get(word, 0) + 1
        return counts


def batches(rows, size=100):
    payloads = [json.dumps({"productId": f"p{n:05d}", "name": "x"}).encode() for n in range(rows)]
    whole = Batch(
        positions=np.arange(rows),
        keys=[f"p{n:05d}" for n in range(rows)],
        fingerprints=[f"{n:016d}".encode() for n in range(rows)],
        payloads=payloads,
    )
    return cut_batches([whole], size=size)


def refusal(*violations, kind=Refused):
    return kind("refused", violations=violations or [Violation(field="name", reason_code=18, message="name|odd")])


def bad_rows(bad):
    """A server that refuses each request which holds a bad product, and says nothing of use."""

    def answer(payloads):
        if bad.intersection(json.loads(payload)["productId"] for payload in payloads):
            raise refusal()

    return answer


ISOLATING = Policy(trusts_busy=False, isolates=True, written_at_once=8, hopeless_after=4)


@dataclass
class BookChannel:
    """Products into a book, through a server that is a function."""

    server: object
    book: object
    run: int
    policy: Policy

    def claim(self, batches):
        answers = self.book.record_sent_all(self.run, batches)
        return [
            put_off(batch, answer) if isinstance(answer, Contested) else answer
            for batch, answer in zip(batches, answers, strict=True)
        ]

    def send(self, batch, *, stop, may_leave):
        return self.server(batch.payloads, stop=stop)

    def is_still_own(self, sent):
        return self.book.is_still_own(sent)

    def record_refusals(self, sent, refusals):
        self.book.record_refusals(sent, refusals)

    def read(self, batch, answer):
        return read_stored(batch, answer, must_list=True)

    def record(self, sent, receipt):
        self.book.record_receipt(sent, receipt)

    def give_sign_of_life(self):
        pass

    def in_words(self, text):
        return text


@pytest.fixture
def run_sender(book):
    def run_sender(server, source, *, policy=ISOLATING, **options):
        ends = Ends()
        channel = BookChannel(server=server, book=book, run=book.start_run("upsert"), policy=policy)
        sender = Sender(channel=channel, sink=ends, recheck=lambda payload: [], **options)
        ending = sender.run(source)
        assert ends.twice == []
        return ends, ending

    return run_sender


def test_all_is_sent_once_and_written_down(book, function_server, run_sender):
    server = function_server()
    ends, ending = run_sender(server, batches(1_050))
    assert ends.counted() == {"accepted": 1_050}
    assert ending.requests == len(server.requests) == 11
    assert sum(len(part.product_ids) for part in book.known()) == 1_050
    assert book.in_doubt() == frozenset()


def test_no_more_requests_are_under_way_than_allowed(function_server, run_sender):
    meet = threading.Barrier(3)

    def answer(payloads):
        meet.wait(timeout=10)

    server = function_server(answer)
    run_sender(server, batches(900), pace=Pace(3))
    assert server.most_at_once == 3


def test_batches_are_drawn_only_when_somebody_is_free_to_send_them(function_server, run_sender):
    drawn, most_ahead = [], 0
    server = function_server()

    def source():
        nonlocal most_ahead
        for batch in batches(5_000):
            most_ahead = max(most_ahead, len(drawn) - len(server.requests))
            drawn.append(batch)
            yield batch

    run_sender(server, source(), pace=Pace(2))
    assert most_ahead <= 2 + 8  # those under way, and those written down together


@pytest.mark.parametrize(("bad", "most_requests"), [(1, 15), (3, 36), (10, 110), (100, 142)])
def test_bad_rows_are_found_without_a_word_of_help(function_server, run_sender, bad, most_requests):
    guilty = set(random.Random(bad).sample([f"p{n:05d}" for n in range(100)], bad))  # noqa: S311
    server = function_server(bad_rows(guilty))
    ends, ending = run_sender(server, batches(100))
    refused = {f"p{position:05d}" for position, end in ends.of.items() if end == "refused"}
    assert refused == guilty
    assert ending.requests <= most_requests
    assert ends.counted().get("accepted", 0) == 100 - bad


def test_a_refusal_that_was_a_mistake_blames_nobody(function_server, run_sender):
    server = function_server()

    def answer(payloads):
        if len(server.requests) == 1:
            raise refusal()

    server.answer = answer
    ends, ending = run_sender(server, batches(100))
    assert ends.counted() == {"accepted": 100}
    assert ending.requests <= 9  # the half that is left each time is known to hold the fault, and is not sent whole


def test_the_search_stops_at_its_budget_and_says_so(function_server, run_sender):
    server = function_server(bad_rows({f"p{n:05d}" for n in range(0, 3_000, 7)}))
    ends, ending = run_sender(server, batches(3_000), search_requests=50)
    assert ending.requests <= 30 + 50
    assert set(ends.counted()) <= {"accepted", "refused"}
    assert len(ends.of) == 3_000
    assert any("not searched" in violation.message for violation in ends.violations.values())


def test_a_batch_too_large_for_the_server_is_halved(function_server, run_sender):
    def answer(payloads):
        if len(payloads) > 30:
            raise BadAnswer("too large", status=413)

    ends, ending = run_sender(function_server(answer), batches(100))
    assert ends.counted() == {"accepted": 100}
    assert ending.requests == 6  # the size is remembered: 100, 50, and four of 25


@pytest.mark.parametrize(
    "error",
    [
        ServerUnreachable("cut off", maybe_received=True),
        Throttled("busy", status=503, retry_after=None),
        BadAnswer("no JSON", status=200),
    ],
    ids=lambda error: type(error).__name__,
)
def test_one_request_without_an_answer_stops_nothing_else(book, function_server, run_sender, error):
    def answer(payloads):
        if b"p00100" in payloads[0]:
            raise error

    ends, ending = run_sender(function_server(answer), batches(1_000))
    assert ends.counted() == {"accepted": 900, "unknown": 100}
    assert ending.error is None
    assert len(book.in_doubt()) == 100


def test_a_server_that_is_gone_is_not_asked_a_thousand_times(function_server, run_sender):
    def answer(payloads):
        raise ServerUnreachable("gone", maybe_received=False)

    server = function_server(answer)
    ends, ending = run_sender(server, batches(100_000, size=1_000))
    assert len(server.requests) <= 8
    assert isinstance(ending.error, ServerUnreachable)
    assert set(ends.counted()) == {"unsent"}


@pytest.mark.parametrize(
    ("kind", "violation"),
    [
        (AuthenticationFailed, Violation(field=None, reason_code=10, message="wrong key")),
        (UnknownIdentifier, Violation(field="catalogId", reason_code=16, message="catalogId|unknown")),
    ],
)
def test_a_refused_key_or_catalog_ends_the_run(function_server, run_sender, kind, violation):
    def answer(payloads):
        raise refusal(violation, kind=kind)

    server = function_server(answer)
    ends, ending = run_sender(server, batches(100_000, size=1_000))
    assert len(server.requests) <= 4
    assert isinstance(ending.error, kind)
    assert set(ends.counted()) == {"unsent"}


def test_a_stopped_upload_finishes_what_is_under_way(book, function_server, run_sender):
    interrupts = Interrupts()

    def answer(payloads):
        interrupts.stop.set()

    ends, ending = run_sender(function_server(answer), batches(5_000), interrupts=interrupts)
    assert ending.is_interrupted
    assert ends.counted()["accepted"] == 100 * ending.requests
    assert 1 <= ending.requests <= 4
    assert book.in_doubt() == frozenset()  # what was written down and called off provably never left


def test_what_waits_for_the_quota_when_stopped_was_never_sent(book, function_server, run_sender):
    interrupts = Interrupts()

    def answer(payloads):
        interrupts.stop.set()
        raise QuotaStopped

    ends, ending = run_sender(function_server(answer), batches(100), interrupts=interrupts)
    assert ending.requests == 0
    assert ends.counted() == {"unsent": 100}
    assert "next call" in ends.of[0]
    assert [entry.state for entry in book.history("p00000")] == ["planned"]
    assert book.in_doubt() == frozenset()


def test_products_the_answer_leaves_out_are_unknown(book, function_server, run_sender):
    def answer(payloads):
        listed = [json.loads(payload)["productId"] for payload in payloads][1:]
        return Answer(request_id="r", data={"productIds": listed})

    ends, _ = run_sender(function_server(answer), batches(10))
    assert ends.counted() == {"accepted": 9, "unknown": 1}
    assert sum(len(part.product_ids) for part in book.known()) == 9


def test_a_ledger_that_fails_stops_the_run_and_is_told(function_server, run_sender, book, monkeypatch):
    record = book.record_sent_all

    def full(run, requests):
        if any("p01000" in request.product_ids for request in requests):
            raise LedgerError("the disk is full")
        return record(run, requests)

    monkeypatch.setattr(book, "record_sent_all", full)
    server = function_server()
    ends, ending = run_sender(server, batches(100_000, size=100))
    assert isinstance(ending.error, LedgerError)
    assert len(server.requests) == 8
    assert ends.counted() == {"accepted": 800, "unsent": 800}  # the others were never drawn


def test_a_bug_in_the_wire_leaves_its_products_in_doubt(book, function_server, run_sender):
    def answer(payloads):
        raise ZeroDivisionError

    ends, ending = run_sender(function_server(answer), batches(100))
    assert isinstance(ending.error, ZeroDivisionError)
    assert len(book.in_doubt()) == 100
    assert ends.counted() == {"unknown": 100}


def test_a_product_that_a_later_upload_has_sent_is_not_put_back(book, function_server, run_sender):
    def answer(payloads):
        if not later:
            later.append(book.start_run("upsert"))
            book.record_sent(later[0], ["p00950"], [b"n" * 16], [b"{}"])

    later = []
    ends, _ = run_sender(function_server(answer), batches(1_000), pace=Pace(1))
    assert ends.of[950] == "refused"
    assert "later upload" in ends.violations[950].message
    assert ends.counted() == {"accepted": 999, "refused": 1}


def test_a_product_that_an_earlier_upload_is_sending_is_waited_for(book, function_server, run_sender):
    from smnotebook.ledger import Receipt, RequestState

    earlier = book.start_run("upsert")
    sent = book.record_sent(earlier, ["p00050"], [b"o" * 16], [b"{}"])

    def answer(payloads):
        if b"p00100" in payloads[0]:
            book.record_receipt(sent, Receipt(state=RequestState.ACKNOWLEDGED))

    server = function_server(answer)
    ends, _ = run_sender(server, batches(300))
    assert ends.counted() == {"accepted": 300}
    assert b"p00000" in server.requests[-1][0]


def test_the_pace_halves_when_the_server_complains_and_recovers():
    now = [0.0]
    pace = Pace(4, clock=lambda: now[0])
    pace.complain(10.0)
    assert (pace.allowed, pace.held_seconds) == (0, 10.0)
    now[0] = 10.0
    assert pace.allowed == 2
    pace.complain(0.0)
    pace.complain(0.0)
    assert pace.allowed == 1
    for _ in range(24):
        pace.approve()
    assert pace.allowed == 4


def test_a_shorter_wait_never_shortens_a_longer_one():
    now = [0.0]
    pace = Pace(4, clock=lambda: now[0])
    pace.complain(10.0)
    pace.complain(1.0)
    assert pace.held_seconds == 10.0


def test_at_least_one_request_must_be_allowed():
    with pytest.raises(ValueError, match="at least one"):
        Pace(0)
