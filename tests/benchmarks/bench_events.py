"""Events: preflight against reading their CSV, and sending against posting bodies that were encoded before.

Run by hand: ``python tests/benchmarks/bench_events.py [rows of the preflight] [rows sent]``.

Targets (issue 7): preflight of 1,000,000 events faster than reading their CSV; 100,000 events encoded and posted at
most 1.5 times the cost of posting pre-encoded bodies. The sandbox runs in a process of its own, so that CPU seconds are
the client's alone; both are told, and the target is read on the clock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv

import smnotebook as sm
from smnotebook.client import Client
from smnotebook.contract import MAX_EVENTS, Authentication, Operation
from smnotebook.contract.event_surroundings import Surroundings
from smnotebook.frame.event_checks import check_events
from smnotebook.frame.event_table import encode_events, read_events
from smnotebook.upload import send_events

ROUNDS = 3
ZONE = "Europe/Warsaw"
SANDBOX = """
import sys
from smnotebook.sandbox import Sandbox
with Sandbox() as sandbox:
    account = sandbox.account
    secret = account.api_secret.get_secret_value()
    print(sandbox.url, sandbox.api_key, secret, account.owner, account.client_id, flush=True)
    sys.stdin.read()
"""


def make_frame(rows: int, first: int = 0) -> pd.DataFrame:
    """Twelve columns of the kind that a shop's orders have."""
    numbers = np.arange(first, first + rows)
    return pd.DataFrame(
        {
            "type": np.where(numbers % 4, "PURCHASE", "CART"),
            "email": [f"customer.{n % 50_000}@example.com" for n in numbers],
            "date": pd.Timestamp("2026-04-01") + pd.to_timedelta(numbers % 10_000_000, unit="s"),
            "value": np.round(numbers % 90_000 / 100 + 1, 2),
            "products": [f"SKU-{n % 7_000:07d},SKU-{n % 6_000:07d}" for n in numbers],
            "location": "shop_eu",
            "description": [f"Order {n} of the online shop, delivered to the door." for n in numbers],
            "detail1": np.where(numbers % 2, "card", "transfer"),
            "detail2": [f"{n % 9 + 1}/{n % 3 + 1}" for n in numbers],
            "detail3": "pl",
            "externalId": [f"ORDER-{n:09d}" for n in numbers],
            "shopDomain": "shop.example.com",
        }
    )


def best(action: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Seconds on the clock and of the processor, the best of some rounds."""
    seen = []
    for _ in range(rounds):
        clock, cpu = time.perf_counter(), time.process_time()
        action()
        seen.append((time.perf_counter() - clock, time.process_time() - cpu))
    return min(seen)


def compare_preflight(rows: int) -> None:
    """Preflight of a frame as it is made, and as its CSV gives it back with dates as text."""
    frame = make_frame(rows)
    stored = frozenset(f"SKU-{number:07d}" for number in range(6_990))  # a few rows name products that are not
    surroundings = Surroundings(locations=frozenset({"shop_eu"}), products=stored)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        frame.to_csv(path, index=False)
        readers = {"pandas": best(lambda: pd.read_csv(path)), "pyarrow": best(lambda: pyarrow.csv.read_csv(path))}
        as_text = pd.read_csv(path)
    for name, spent in readers.items():
        print(f"reading the CSV of {rows:,} events by {name}: {spent[0]:.2f} s ({spent[1]:.2f} s CPU)")
    for name, given in (("dates as timestamps", frame), ("dates as text", as_text)):
        spent = best(lambda given=given: check_events(given, read_events(given, zone=ZONE), surroundings))
        print(f"preflight, {name}: {spent[0]:.2f} s ({spent[1]:.2f} s CPU)")
        for reader, reading in readers.items():
            clock, cpu = (ours / theirs for ours, theirs in zip(spent, reading, strict=True))
            print(f"  {clock:.2f} of reading by {reader} on the clock, {cpu:.2f} in CPU")


@contextmanager
def running_client() -> Iterator[Client]:
    """A client of a sandbox in another process."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["SMNOTEBOOK_HOME"] = home
        process = subprocess.Popen(
            [sys.executable, "-c", SANDBOX], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        url, key, secret, owner, client_id = process.stdout.readline().split()
        try:
            yield sm.connect(base_url=url, api_key=key, api_secret=secret, owner=owner, client_id=client_id)
        finally:
            process.communicate("")


def post_bodies(client: Client, bodies: list[bytes]) -> None:
    """The cheapest way there is: bodies that are there already, through the same connection."""
    connection = client.connection_by(Authentication.SIGNED_BODY)
    for body in bodies:
        connection.call(Operation.ADD_EVENTS, body)


def make_bodies(frame: pd.DataFrame) -> list[bytes]:
    texts = encode_events(read_events(frame, zone=ZONE), np.arange(len(frame))).to_pylist()
    return [
        b'{"events":[%b]}' % ",".join(texts[start : start + MAX_EVENTS]).encode()
        for start in range(0, len(texts), MAX_EVENTS)
    ]


def compare_sending(rows: int) -> None:
    """Alternating rounds, each with orders of its own, since none is sent twice."""
    posts, sends = [], []
    with running_client() as client:
        client.create_catalog("Shop", "EUR", "shop_eu")
        options = {"timezone": ZONE, "progress": False, "ensure_contacts": False}
        send_events(make_frame(1_000, 900_000_000), client, **options)
        for turn in range(ROUNDS):
            bodies = make_bodies(make_frame(rows, (2 * turn + 1) * rows))
            posts.append(best(lambda bodies=bodies: post_bodies(client, bodies), rounds=1))
            frame = make_frame(rows, (2 * turn + 2) * rows)
            sends.append(best(lambda frame=frame: send_events(frame, client, **options), rounds=1))
    (posted, posted_cpu), (sent, sent_cpu) = min(posts), min(sends)
    print(f"sending, {rows:,} events: {sent:.2f} s ({sent_cpu:.2f} s CPU), posting alone {posted:.2f} s", end=" ")
    print(f"({posted_cpu:.2f} s CPU): {sent / posted:.2f} times")


if __name__ == "__main__":
    sizes = [int(size) for size in sys.argv[1:]]
    compare_preflight(sizes[0] if sizes else 1_000_000)
    compare_sending(sizes[1] if len(sizes) > 1 else 100_000)
