"""What the upload tests share: a sandbox with a catalog, product tables, a server that is a function."""

import json
import threading

import numpy as np
import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.ledger import Ledger
from smnotebook.ledger.quota import steady_clock
from smnotebook.wire import Answer, RetryPolicy

#: Tries again at once, so that no test waits.
AT_ONCE = RetryPolicy(first_wait=0.001, max_wait=0.002)


@pytest.fixture(autouse=True)
def own_ledger(tmp_path, monkeypatch):
    """Each test has a ledger of its own."""
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))


@pytest.fixture
def later(monkeypatch):
    """Turns the clock that nobody sets: so many seconds pass."""
    ahead = [0.0]
    monkeypatch.setattr("smnotebook.ledger.ledger.steady_clock", lambda: steady_clock() + ahead[0])

    def pass_by(seconds):
        ahead[0] += seconds

    return pass_by


@pytest.fixture
def sandbox():
    with sm.Sandbox() as running:
        yield running


@pytest.fixture
def connect(sandbox):
    """A client of the sandbox; the arguments are those of connect()."""
    clients = []

    def connect(**options):
        client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key, **({"retry": AT_ONCE} | options))
        clients.append(client)
        return client

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def catalog(connect):
    return connect().create_catalog("Shop EU", "EUR", "shop_eu")


@pytest.fixture
def make_frame():
    return products


def products(rows, start=0, **columns):
    """A plain product table."""
    numbers = np.arange(start, start + rows)
    frame = pd.DataFrame(
        {
            "productId": [f"SKU-{number:05d}" for number in numbers],
            "name": [f"Product {number}" for number in numbers],
            "mainCategory": "shoes",
            "productUrl": [f"https://shop.example.com/p/{number}" for number in numbers],
            "available": True,
            "quantity": numbers % 50,
            "price": numbers % 100 + 0.99,
        }
    )
    return frame.assign(**columns)


@pytest.fixture
def book(tmp_path):
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        yield ledger.book("sandbox", "cat-1")


class FunctionServer:
    """Stands in for the wire: ``answer(payloads)`` returns or raises; what was sent is kept."""

    def __init__(self, answer=None):
        self.answer = answer or (lambda payloads: None)
        self.requests = []
        self.most_at_once = 0
        self._under_way = []
        self._lock = threading.Lock()

    def __call__(self, payloads, *, stop):
        with self._lock:
            self.requests.append(list(payloads))
            self._under_way.append(payloads)
            self.most_at_once = max(self.most_at_once, len(self._under_way))
            ids = [payload for batch in self._under_way for payload in batch]
            assert len(set(ids)) == len(ids), "a product is in two requests at once"
        try:
            answer = self.answer(payloads)
        finally:
            with self._lock:
                self._under_way.remove(payloads)
        stored = [json.loads(payload)["productId"] for payload in payloads]
        return answer or Answer(request_id=f"r-{len(self.requests)}", data={"productIds": stored})


@pytest.fixture
def function_server():
    return FunctionServer
