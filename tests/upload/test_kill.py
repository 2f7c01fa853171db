"""An upload that is killed again and again ends as if nothing had happened."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

import smnotebook as sm

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed the POSIX way")

UPSERT = "/v3/product/upsert"
ROWS, KILLS, CONNECTIONS = 10_000, 60, 4


class Uploader:
    """Drives killed_upload.py."""

    def __init__(self, home):
        environment = os.environ | {"SMNOTEBOOK_HOME": str(home)}
        script = Path(__file__).with_name("killed_upload.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, variant, *, kill_when):
        """True if the upload came to its end; ``kill_when`` blocks until the child is to be killed, if it ever is."""
        self._process.stdin.write(json.dumps(variant) + "\n")
        self._process.stdin.flush()
        child = int(self._line("child"))
        self._line("started")
        if kill_when():
            os.kill(child, signal.SIGKILL)
        is_done = self._line("done", "gone")
        if is_done != "":
            self._line("gone")
        return is_done != ""

    def _line(self, *wanted):
        for line in self._process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word in wanted:
                return rest
        raise AssertionError(f"the uploader ended instead of saying {wanted}")

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def uploader(tmp_path):
    running = Uploader(tmp_path / "home")
    yield running
    running.close()


class Seen:
    """Waits until the sandbox has had so many requests."""

    def __init__(self, sandbox):
        self._sandbox = sandbox
        self._tick = threading.Event()

    def reach(self, more, *, at_most_seconds=30.0):
        wanted = self._sandbox.requests.total + more
        for _ in range(int(at_most_seconds / 0.001)):
            if self._sandbox.requests.total >= wanted:
                return True
            self._tick.wait(0.001)
        return False


@pytest.mark.parametrize("seed", [1])
def test_sixty_kills_in_one_upload_change_nothing(uploader, seed):
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    with sm.Sandbox(seed=seed) as sandbox:
        sandbox.faults.add("latency", endpoint=UPSERT, rate=0.5, seconds=0.01)
        sandbox.faults.add("commit_then_cut", endpoint=UPSERT, rate=0.05)
        catalog = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key).create_catalog("Shop EU", "EUR", "shop_eu")
        seen = Seen(sandbox)
        kills = 0
        is_done = False
        while not is_done:
            variant = {
                "url": sandbox.url,
                "key": sandbox.api_key,
                "rows": ROWS,
                "version": 1 if kills < KILLS // 2 else 2,
                "batch": draw.choice([100, 100, 73, 41]),
                "order": draw.choice([None, draw.randrange(1_000)]),
                "index": draw.choice([None, "row"]),
            }
            more = draw.choice([0, 1, 1, 1, 2])
            is_done = uploader.run(variant, kill_when=lambda: kills < KILLS and seen.reach(more))  # noqa: B023
            kills += not is_done
        assert kills >= 50
        stored = {product["productId"]: product["name"] for product in sandbox.products(catalog.id)}
        assert stored == {
            f"SKU-{number:05d}": f"Product {number}, version {2 if number % 3 == 0 else 0}" for number in range(ROWS)
        }
        # every product once, the changed third once more, and at each kill what was under way
        sent = Counter(seen_ids(sandbox))
        least = ROWS + ROWS // 3
        assert sum(sent.values()) <= least + 1 + (kills + 20) * CONNECTIONS * 100
        assert uploader.run(variant, kill_when=lambda: False)
        # and now nothing is left to send, but for what a killed request of the first version could still put back late
        again = Counter(seen_ids(sandbox)) - sent
        assert all(int(product_id.removeprefix("SKU-")) % 3 == 0 for product_id in again)


REPAIRED = 1_500
PATHS = {"update_prices": "/v3/product/updatePrice", "update_quantities": "/v3/product/updateQuantity"}


@pytest.mark.parametrize(
    ("act", "field", "value"),
    [
        ("update_prices", "price", Decimal("7.77")),
        ("update_quantities", "quantity", 3),
        ("patch_products", "systemDetails", {"brand": "Nord"}),
        ("deactivate", "active", False),
        ("restore", "systemDetails", {"brand": "Acme"}),
    ],
)
def test_a_repair_that_is_killed_again_and_again_changes_nothing_else(uploader, act, field, value):
    draw = random.Random(act)  # noqa: S311 - repeatable on purpose
    with sm.Sandbox() as sandbox:
        client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key)
        catalog = client.create_catalog("Shop EU", "EUR", "shop_eu")
        variant = {"url": sandbox.url, "key": sandbox.api_key, "rows": REPAIRED, "version": 1, "batch": 50}
        variant |= {"order": None, "index": None}
        assert uploader.run(variant, kill_when=lambda: False)
        if act == "restore":
            assert uploader.run(variant | {"act": "patch_products"}, kill_when=lambda: False)
        before = {product["productId"]: product for product in sandbox.products(catalog.id)}
        sandbox.faults.add("latency", endpoint=PATHS.get(act, UPSERT), rate=0.5, seconds=0.01)
        seen = Seen(sandbox)
        kills = 0
        while not uploader.run(variant | {"act": act}, kill_when=lambda: kills < 8 and seen.reach(draw.choice([1, 2]))):  # noqa: B023
            kills += 1
        assert kills >= 4
        after = {product["productId"]: product for product in sandbox.products(catalog.id)}
        assert {product[field] == value for product in after.values()} == {True}
        changed = {"available", field} if act == "deactivate" else {field}
        for product_id, product in after.items():
            kept = {name: cell for name, cell in product.items() if name not in changed}
            assert kept == {name: cell for name, cell in before[product_id].items() if name not in changed}
        total = sandbox.requests.total
        assert uploader.run(variant | {"act": act}, kill_when=lambda: False)
        assert sandbox.requests.total == total + 1  # the list of catalogs, and nothing else


def seen_ids(sandbox):
    for request in sandbox.requests:
        if request.path == UPSERT and request.body:  # a client killed while it sent left none
            yield from (product["productId"] for product in request.json["products"])
