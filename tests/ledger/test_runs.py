"""Runs: what is written of them, and which of them end when a process is gone."""

from __future__ import annotations

import json
import os
import sqlite3

import pytest

from smnotebook.ledger import Ledger, Receipt, RequestState, RunState, RunTotals

ACKNOWLEDGED = Receipt(state=RequestState.ACKNOWLEDGED, status=200)
TOTALS = RunTotals(rows=21, sent=1, unchanged=2, refused=3, unknown=7, unsent=8)


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path, clock):
    with Ledger.open(path, clock=clock) as opened:
        yield opened


@pytest.fixture
def book(ledger):
    return ledger.book("sandbox", "cat-1")


def send(book, run, *product_ids):
    payloads = [json.dumps({"productId": one, "price": 1}).encode() for one in product_ids]
    return book.record_sent(run, list(product_ids), [b"f" * 16] * len(product_ids), payloads)


def states(book):
    return [record.state for record in book.runs()]


def written(path, query):
    with sqlite3.connect(path) as reading:
        return reading.execute(query).fetchall()


def test_a_run_is_written_down_as_it_begins(book, path):
    run = book.start_run("upsert", fields=["productId", "price"])
    later = book.start_run("patch")
    assert later > run > 0
    assert written(path, "SELECT run, operation, fields, pid, started_at, seen_at, ended_at FROM runs") == [
        (run, "upsert", '["productId", "price"]', os.getpid(), 1_000.0, 1_000.0, None),
        (later, "patch", None, os.getpid(), 1_000.0, 1_000.0, None),
    ]
    assert [(one.run, one.operation, one.state, one.totals) for one in book.runs()] == [
        (run, "upsert", RunState.RUNNING, None),
        (later, "patch", RunState.RUNNING, None),
    ]


def test_a_sign_of_life_is_that_of_one_run(book, path, clock):
    first, second = book.start_run("upsert"), book.start_run("upsert")
    clock.now += 30
    book.touch_run(second)
    assert written(path, "SELECT run, seen_at FROM runs") == [(first, 1_000.0), (second, 1_030.0)]


@pytest.mark.parametrize("state", [RunState.FINISHED, RunState.INTERRUPTED])
def test_an_ended_run_is_listed_with_each_of_its_totals(book, clock, state):
    run, other = book.start_run("upsert"), book.start_run("upsert")
    for product_id in "ab":
        book.record_receipt(send(book, run, product_id), ACKNOWLEDGED)
    clock.now += 5
    book.finish_run(run, TOTALS, state=state)
    ended, going_on = book.runs()
    assert (ended.state, ended.started_at, ended.ended_at, ended.requests) == (state, 1_000.0, 1_005.0, 2)
    assert ended.totals == TOTALS
    assert (going_on.run, going_on.state, going_on.ended_at, going_on.requests) == (other, RunState.RUNNING, None, 0)


def test_only_what_the_ended_run_had_open_becomes_unknown(book):
    run, other = book.start_run("upsert"), book.start_run("upsert")
    book.record_receipt(send(book, run, "a"), ACKNOWLEDGED)
    send(book, run, "b")
    send(book, run, "c")
    going_on = send(book, other, "d")
    book.finish_run(run, TOTALS)
    found = {one: [entry.state for entry in book.history(one)] for one in "abcd"}
    assert found == {
        "a": [RequestState.ACKNOWLEDGED],
        "b": [RequestState.UNKNOWN],
        "c": [RequestState.UNKNOWN],
        "d": [RequestState.SENT],
    }
    assert book.is_still_own(going_on)
    assert book.in_doubt() == {"b", "c", "d"}


def test_a_run_whose_ledger_was_closed_is_lost_and_others_go_on(book, path, clock):
    alive = book.start_run("upsert")
    with Ledger.open(path, clock=clock) as gone, Ledger.open(path, clock=clock) as living:
        ended, left = gone.book("sandbox", "cat-1"), living.book("sandbox", "cat-1")
        finished = ended.start_run("upsert")
        ended.finish_run(finished, TOTALS)
        send(ended, ended.start_run("upsert"), "a")
        elsewhere = gone.book("sandbox", "cat-2")
        send(elsewhere, elsewhere.start_run("upsert"), "a")
        going_on = send(left, left.start_run("upsert"), "b")
        gone.close()
        new = book.start_run("upsert")
        assert new > alive
        assert states(book) == ["running", "finished", "lost", "running", "running"]
        # of another catalog it is found out when that one is looked at
        assert [record.state for record in living.book("sandbox", "cat-2").runs()] == ["running"]
        assert [entry.state for entry in book.history("a")] == [RequestState.UNKNOWN]
        assert [entry.state for entry in book.history("b")] == [RequestState.SENT]
        assert left.is_still_own(going_on)


def test_an_accepted_answer_after_the_end_of_doubt_ends_it(book, path, clock):
    """A later request settles what a lost run left open, an earlier one does not."""
    with Ledger.open(path, clock=clock) as gone:
        lost = gone.book("sandbox", "cat-1")
        send(lost, lost.start_run("upsert"), "a")
    last = written(path, "SELECT max(request) FROM requests")
    run = book.start_run("upsert")
    assert written(path, "SELECT ended_request FROM doubts") == last
    ((ended_at,),) = written(path, "SELECT ended_at FROM doubts")
    assert ended_at is not None
    book.record_receipt(send(book, run, "a"), ACKNOWLEDGED)
    assert book.in_doubt() == frozenset()
