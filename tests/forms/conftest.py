"""Forms without a browser: jobs run at once, and fields are filled as the browser's messages would."""

from __future__ import annotations

import itertools
from functools import partial

import pytest

from smnotebook import Sandbox, connect
from smnotebook.forms.state import Edit
from smnotebook.wire import RetryPolicy

ONCE = RetryPolicy(max_attempts=1)


class Hand:
    """What a person does to a form, in the words of its messages."""

    def __init__(self):
        self._stamps = itertools.count(1)

    def fill(self, state, **fields):
        for name, value in fields.items():
            state.edit(self.edit(name, value))

    def edit(self, name, value):
        return Edit(name=name, value=value, stamp=float(next(self._stamps)))


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def at_once():
    """Runs a form's job in place of a thread."""
    return lambda job: job()


@pytest.fixture
def connect_once():
    """``connect()`` that does not try a second time."""
    return partial(connect, retry=ONCE)


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox):
    client = connect(base_url=sandbox.url, api_key=sandbox.api_key, retry=ONCE)
    yield client
    client.close()
