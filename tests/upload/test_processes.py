"""Real processes that upload to one server with one ledger, killed, stopped and continued at random, their clocks set.

The order of the steps follows from the seed, which is printed; what the processes do meanwhile is the machine's. To run
a seed again, set ``PROCESSES_SEED``.
"""

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
from smnotebook.ledger import LATE_SECONDS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are killed the POSIX way")

PRODUCTS = [f"P-{number}" for number in range(24)]
EVENTS = 400
#: Every value says which upload it is from.
VALUES = {
    "name": lambda number: f"from {number}",
    "price": lambda number: number + 0.5,
    "discountPrice": lambda number: number / 4,
    "quantity": lambda number: number,
    "description": lambda number: f"about {number}",
}
MOST_AT_ONCE = 4


class Processes:
    """Drives living_uploads.py."""

    def __init__(self, place, sandbox):
        for folder in ("results", "runs"):
            (place / folder).mkdir()
        self._place, self._sandbox = place, sandbox
        account = sandbox.account
        self.connect = {
            "base_url": sandbox.url,
            "api_key": sandbox.api_key,
            "api_secret": account.api_secret.get_secret_value(),
            "owner": account.owner,
            "client_id": account.client_id,
        }
        self.clocks = {"wall": 0.0, "steady": 0.0}
        self.turn_clocks()
        self._pause = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("living_uploads.py")), str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"SMNOTEBOOK_HOME": str(place / "home")},
        )

    def turn_clocks(self, **by):
        for name, seconds in by.items():
            self.clocks[name] += seconds
        written = self._place / "clocks.part"
        written.write_text(json.dumps(self.clocks))
        written.rename(self._place / "clocks.json")

    def command(self, do, **what):
        self._process.stdin.write(json.dumps({"do": do} | what) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def start(self, order):
        return self.command("start", connect=self.connect, **order)

    def signal(self, child, number):
        return self.command("signal", child=child, signal=int(number))

    def living(self):
        return self.command("list")

    def wait(self, is_so, *, at_most_seconds):
        for _ in range(int(at_most_seconds / 0.002)):
            if is_so():
                return True
            self._pause.wait(0.002)
        return False

    def wait_for_requests(self, more):
        wanted = self._sandbox.requests.total + more
        self.wait(lambda: self._sandbox.requests.total >= wanted, at_most_seconds=0.5)

    def result(self, number):
        written = self._place / "results" / f"{number}.json"
        return json.loads(written.read_text()) if written.exists() else None

    def run_of(self, number):
        written = self._place / "runs" / f"{number}"
        return int(written.read_text() or 0) if written.exists() else 0

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Story:
    """What was asked for, step by step, and what must be true of it."""

    def __init__(self, processes, sandbox, catalog_id, seed):
        self.processes, self.sandbox, self.catalog_id = processes, sandbox, catalog_id
        self.draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.orders, self.children, self.stopped = {}, {}, set()
        self.resent = Counter()
        self.steps = Counter()

    def step(self):
        living = set(self.processes.living())
        self.stopped &= living
        possible = ["clock"]
        if len(living) < MOST_AT_ONCE:
            possible += ["start"] * 6
        if going := living - self.stopped:
            possible += ["kill"] * 2 + ["stop"] * 2
        if self.stopped:
            possible += ["continue"] * 3
        match self.draw.choice(possible):
            case "start" as what:
                self.start()
            case "kill" as what:
                self.processes.signal(self.draw.choice(sorted(living)), signal.SIGKILL)
            case "stop" as what:
                child = self.draw.choice(sorted(going))
                if self.processes.signal(child, signal.SIGSTOP):
                    self.stopped.add(child)
            case "continue" as what:
                child = self.draw.choice(sorted(self.stopped))
                self.processes.signal(child, signal.SIGCONT)
                self.stopped.discard(child)
            case "clock" as what:
                self.processes.turn_clocks(wall=self.draw.choice([-1e6, -3_600.0, 3_600.0, 1e6]))
        self.steps[what] += 1
        self.processes.wait_for_requests(self.draw.choice([0, 1, 1, 2, 4]))

    def start(self):
        number = len(self.orders) + 1
        act = self.draw.choice(["upsert", "upsert", "prices", "patch", "events"])
        order = {"number": number, "act": act, "rows": self.rows(act, number), "over_running": False, "resend": False}
        # who waits for a stopped process waits a minute
        order["over_running"] = bool(self.stopped)
        if act == "events":
            order["resend"] = self.draw.random() < 0.3
        self.orders[number] = order
        self.children[number] = self.processes.start(order)

    def rows(self, act, number):
        if act == "events":
            first = self.draw.randrange(EVENTS)
            return [self.event(one % EVENTS) for one in range(first, first + self.draw.randint(1, 30))]
        fields = {"prices": ["price"], "patch": ["description", "quantity"], "upsert": ["name", "price"]}[act]
        if act == "upsert":
            fields = fields + self.draw.sample(["discountPrice", "quantity", "description"], self.draw.randint(0, 2))
        rows = []
        for product in self.draw.sample(PRODUCTS, self.draw.randint(4, len(PRODUCTS))):
            rows.append({"productId": product} | {name: VALUES[name](number) for name in fields})
            if act == "upsert":
                url = f"https://shop.example.com/{product}"
                rows[-1] |= {"mainCategory": "lamps", "productUrl": url, "available": True}
        return rows

    def event(self, number):
        """Written in another way every time."""
        email = f"customer{number}@example.com"
        said = {"type": "PURCHASE", "date": "2026-11-01T10:00Z", "value": 10.0, "externalId": None}
        if number % 2:
            said["externalId"] = self.draw.choice(["ORDER-{}", " ORDER-{}"]).format(number)
        return said | {"email": self.draw.choice([email, email.upper()])}

    # --- what must be true ------------------------------------------------------------------------------------------

    def check(self):
        """All are let go on until they end; nothing is under way then."""
        for child in self.stopped:
            self.processes.signal(child, signal.SIGCONT)
        self.stopped.clear()
        assert self.processes.wait(lambda: not self.processes.living(), at_most_seconds=120), "a process hangs"
        # what a killed process had sent may still be on its way through the server
        total = -1
        while total != self.sandbox.requests.total:
            total = self.sandbox.requests.total
            self.processes.wait(lambda: False, at_most_seconds=0.1)
        for number in self.orders:
            self.add_up(number)
        self.compare_with_server()
        self.count_events()

    def add_up(self, number):
        result = self.processes.result(number)
        assert "fault" not in (result or {}), result["fault"]
        if result is not None and "counts" in result:
            assert sum(result["counts"].values()) == len(self.orders[number]["rows"]), (number, result)

    def compare_with_server(self):
        number = f"claims-{sum(self.steps.values())}"
        self.processes.start({"number": number, "act": "claims"})
        assert self.processes.wait(lambda: self.processes.result(number), at_most_seconds=60)
        claims = self.processes.result(number)
        assert "known" in claims, claims
        known = {row["productId"]: row for row in claims["known"]}
        stored = {product["productId"]: product for product in self.sandbox.products(self.catalog_id)}
        doubtful = set(map(tuple, claims["doubtful"]))
        newest = self.newest_acknowledged()
        for product in PRODUCTS:
            if (product, "productId") in doubtful:
                continue
            assert (product in known) == (product in stored), product
            for name, value_of in VALUES.items() if product in known else ():
                if (product, name) in doubtful:
                    continue
                there = as_value(stored[product].get(name))
                assert as_value(known[product].get(name)) == there, (product, name, known[product], stored[product])
                if there is not None and (newer := newest.get((product, name))):
                    source = next(one for one in self.orders if as_value(value_of(one)) == there)
                    message = f"{product}, {name}: of upload {source}, over that of run {newer}"
                    assert self.processes.run_of(source) >= newer, message

    def newest_acknowledged(self):
        """The highest run that reported a field of a product as sent."""
        newest = Counter()
        for number, order in self.orders.items():
            result = self.processes.result(number) or {}
            if order["act"] == "events" or "status" not in result:
                continue
            for row, status in zip(order["rows"], result["status"], strict=True):
                if status == "sent":
                    for name in row.keys() & VALUES.keys():
                        key = row["productId"], name
                        newest[key] = max(newest[key], self.processes.run_of(number))
        return newest

    def count_events(self):
        """One of each, and one more for every time that an analyst sent it again after it was in doubt."""
        allowed, was_doubtful = Counter(), set()
        for number, order in self.orders.items():
            if order["act"] != "events":
                continue
            result = self.processes.result(number) or {}
            for line, row in enumerate(order["rows"]):
                key = row["email"].lower()
                allowed[key] = max(allowed[key], 1) + (order["resend"] and key in was_doubtful)
                if "status" not in result or result["status"][line] == "unknown":
                    was_doubtful.add(key)
        arrived = Counter(event["email"].lower() for event in self.sandbox.events())
        assert {key: count for key, count in arrived.items() if count > allowed[key]} == {}
        for number, order in self.orders.items():
            if order["act"] == "events":
                statuses = (self.processes.result(number) or {}).get("status", [])
                said = {
                    row["email"].lower() for row, one in zip(order["rows"], statuses, strict=False) if one == "sent"
                }
                assert said <= arrived.keys()


def as_value(value):
    """Comparable; a price may come as a number or as the text of one."""
    if value is None or (isinstance(value, str) and not value[0].isdigit()):
        return value
    return Decimal(str(value)).normalize()


def live_through(tmp_path, seed, *, steps):
    print("seed", seed)
    with sm.Sandbox(seed=seed, plan="custom", hourly_limit=1_000_000) as sandbox:
        client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key)
        catalog = client.create_catalog("Shop", "EUR", "shop")
        client.close()
        sandbox.faults.add("latency", rate=0.3, seconds=0.02)
        sandbox.faults.add("commit_then_cut", rate=0.04)
        processes = Processes(tmp_path, sandbox)
        story = Story(processes, sandbox, catalog.id, seed)
        try:
            for number in range(1, steps + 1):
                story.step()
                if number % 10 == 0:
                    story.check()
                    processes.turn_clocks(steady=story.draw.choice([0.0, 60.0, LATE_SECONDS + 1]))
            story.check()
        finally:
            processes.close()
    print(dict(story.steps))
    return story


def test_what_the_ledger_says_holds_among_processes_that_are_killed_and_stopped(tmp_path):
    live_through(tmp_path, seed=1, steps=20)


@pytest.mark.slow
def test_what_the_ledger_says_holds_for_two_hundred_steps_of_processes(tmp_path):
    seed = int(os.environ.get("PROCESSES_SEED") or random.SystemRandom().randrange(10**6))
    story = live_through(tmp_path, seed, steps=200)
    assert min(story.steps[what] for what in ("start", "kill", "stop", "continue", "clock")) >= 5
