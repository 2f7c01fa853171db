"""A job that waits for the hourly quota says so and how long, goes on by itself, and can be stopped."""

from __future__ import annotations

import json
import threading

import pytest

from smnotebook import connect
from smnotebook.forms.catalogs.state import CatalogState
from smnotebook.forms.catalogs.view import draw_catalogs
from smnotebook.ledger import AccountNames, Quota


class Hour:
    """A clock of the quota that only a test turns."""

    def __init__(self):
        self.now = 1_000_000.0
        self.asked = threading.Event()

    def __call__(self):
        return self.now

    def pause(self, stop, _seconds):
        self.asked.set()
        stop.wait(0.01)


@pytest.fixture
def hour():
    return Hour()


@pytest.fixture
def waiting(sandbox, hour, tmp_path):
    """CatalogForm's state whose first look at the catalogs finds the quota used up."""
    account = AccountNames(names=("account",))
    quota = Quota(tmp_path / "ledger", lambda: account, limit=5, clock=hour, steady=hour, pause=hour.pause)
    client = connect(base_url=sandbox.url, api_key=sandbox.api_key, quota=quota)
    for _ in range(5):
        quota.take()
    threads = []

    def run(job):
        threads.append(threading.Thread(target=job))
        threads[-1].start()

    state = CatalogState(client, run=run)
    assert hour.asked.wait(60)
    yield state, threads
    hour.now += 10_000
    for thread in threads:
        thread.join(60)
    client.close()


def text_of(state):
    return json.dumps(draw_catalogs(state).to_json())


def await_words(state, words):
    shown = threading.Event()
    state.on_change(lambda: words in text_of(state) and shown.set())
    return words in text_of(state) or shown.wait(60)


def test_a_wait_is_shown_with_the_time_that_is_left(waiting):
    state, _threads = waiting
    assert await_words(state, "goes on by itself in 1 h 0 min")
    assert state.busy == "Looking at the catalogs"


def test_it_goes_on_by_itself_when_the_hour_is_over(waiting, hour):
    state, threads = waiting
    assert await_words(state, "goes on by itself")
    hour.now += 10_000
    threads[0].join(60)
    assert state.limits is not None
    assert "quota of this hour" not in text_of(state)


def test_a_wait_that_is_stopped_is_a_sentence_and_can_be_tried_again(waiting):
    state, threads = waiting
    assert await_words(state, "Stop waiting")
    state.press("stop waiting")
    threads[0].join(60)
    assert "You stopped the wait" in state.notice.text
    assert state.busy == ""
    assert "refresh" in state.actions
