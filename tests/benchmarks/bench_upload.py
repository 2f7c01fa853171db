"""How dear an upload is, side by side with the cheapest and the usual way to do it. Run by hand:

    python tests/benchmarks/bench_upload.py [rows of the large plan]

The sandbox runs in a process of its own, so that CPU seconds are the client's alone.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import requests

import smnotebook as sm
from smnotebook.contract import MAX_PRODUCTS, Operation, Product
from smnotebook.frame.batches import encode_slabs, request_body
from smnotebook.frame.reading import read_table
from smnotebook.ledger import Ledger, Receipt, RequestState
from smnotebook.settings import sandbox_ledger_path
from smnotebook.upload import plan_products, upload_products
from smnotebook.wire import RawAnswer, RequestsTransport

ROWS = 100_000
LARGE = 1_000_000
ROUNDS = 2
SANDBOX = """
import sys
from smnotebook.sandbox import Sandbox
with Sandbox() as sandbox:
    print(sandbox.url, sandbox.api_key, flush=True)
    sys.stdin.read()
"""


def make_frame(rows: int) -> pd.DataFrame:
    """Twelve columns of the kind that a shop has."""
    numbers = np.arange(rows)
    return pd.DataFrame(
        {
            "productId": [f"SKU-{n:07d}" for n in numbers],
            "name": [f"Product number {n}" for n in numbers],
            "mainCategory": "shoes",
            "description": [f"What product {n} is made of, what it is good for and how to wash it." for n in numbers],
            "productUrl": [f"https://shop.example.com/p/{n}" for n in numbers],
            "mainImageUrl": [f"https://shop.example.com/i/{n}.jpg" for n in numbers],
            "available": True,
            "active": True,
            "quantity": numbers % 100,
            "price": np.round(numbers % 10_000 / 100 + 1, 2),
            "discountPrice": np.where(numbers % 3 == 0, np.round(numbers % 9_000 / 100, 2), np.nan),
            "systemDetails.brand": "Acme",
        }
    )


@contextmanager
def sandbox_apart() -> Iterator[tuple[str, str]]:
    """A sandbox in another process: its address and key."""
    process = subprocess.Popen(
        [sys.executable, "-c", SANDBOX], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url, key = process.stdout.readline().split()
    try:
        yield url, key
    finally:
        process.communicate("")


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """CPU seconds of this process, and seconds on the clock."""
    cpu, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - clock


def post_bare(url: str, key: str, bodies: list[bytes]) -> None:
    """The same bytes through a bare session, one request after the other."""
    with requests.Session() as session:
        session.headers.update({"API-KEY": key, "Content-Type": "application/json"})
        for body in bodies:
            session.post(f"{url}/v3/product/upsert", data=body).raise_for_status()


def encode_by_rows(frame: pd.DataFrame, catalog_id: str) -> list[bytes]:
    """What most clients do: a Series and a dict for each row."""
    products = []
    for _, row in frame.iterrows():
        product = {name: value for name, value in row.items() if not pd.isna(value)}
        product["systemDetails"] = {"brand": product.pop("systemDetails.brand")}
        products.append({name: value.item() if hasattr(value, "item") else value for name, value in product.items()})
    cuts = range(0, len(products), MAX_PRODUCTS)
    return [json.dumps({"catalogId": catalog_id, "products": products[n : n + MAX_PRODUCTS]}).encode() for n in cuts]


def compare_sending(url: str, key: str) -> None:
    """Ours, the bare session, row by row: one after the other in each round, the cheapest of the rounds counts."""
    frame = make_frame(ROWS)
    client = sm.connect(base_url=url, api_key=key)
    table = read_table(frame, Product)
    best: dict[str, tuple[float, float]] = {}
    for number in range(ROUNDS):
        catalogs = [client.create_catalog(f"{name} {number}", "EUR", f"{name}_{number}") for name in ("a", "b", "c")]
        bodies = [
            request_body(catalogs[0].id, slab.payloads[start : start + MAX_PRODUCTS])
            for slab in encode_slabs(table, np.arange(ROWS))
            for start in range(0, len(slab), MAX_PRODUCTS)
        ]
        works = {
            "bare session, bodies encoded before": partial(post_bare, url, key, bodies),
            "upsert_products": partial(upload_products, frame, catalogs[1], progress=False),
            "upsert_products again, unchanged": partial(upload_products, frame, catalogs[1], progress=False),
            "planning alone": partial(plan_products, frame, catalogs[2]),
            "iterrows + dict + json alone": partial(encode_by_rows, frame, catalogs[2].id),
        }
        round_ = {name: cost(work) for name, work in works.items()}
        best = {name: min(best.get(name, taken), taken) for name, taken in round_.items()}
        for catalog in catalogs:
            catalog.delete()
    bare, ours, _, planning, by_rows = (cpu for cpu, _ in best.values())
    print(f"{ROWS:,} products, best of {ROUNDS}: client CPU (and clock) in seconds")
    for name, (cpu, clock) in best.items():
        print(f"  {name:<38} {cpu:7.2f} ({clock:6.2f})")
    print(f"  upsert / bare           {ours / bare:6.2f}   (aim: at most 1.5)")
    print(f"  by rows / planning      {by_rows / planning:6.2f}   (aim: at least 10)")
    print_first_request(url, key, ROWS)
    print_first_request(url, key, LARGE)


class FirstRequest(RequestsTransport):
    """Notes when the first products leave, and then lets the upload end."""

    at = 0.0

    def send(self, method: str, url: str, **request: Any) -> RawAnswer:
        """As its parent does."""
        if url.endswith(Operation.UPSERT_PRODUCTS.path) and not self.at:
            self.at = time.perf_counter()
            os.kill(os.getpid(), signal.SIGINT)
        return super().send(method, url, **request)


def print_first_request(url: str, key: str, rows: int) -> None:
    """From the call to the first request, for a catalog of which nothing is known."""
    frame, transport = make_frame(rows), FirstRequest()
    catalog = sm.connect(base_url=url, api_key=key, transport=transport).create_catalog(f"F{rows}", "EUR", f"f_{rows}")
    started = time.perf_counter()
    report = upload_products(frame, catalog, progress=False)
    assert report.is_interrupted
    after = transport.at - started
    print(f"  first request of {rows:>9,} rows {after:6.2f} s after the call (aim: within 1 s)")


def compare_planning(url: str, key: str, rows: int) -> None:
    """A large frame that is stored already."""
    frame = make_frame(rows)
    catalog = sm.connect(base_url=url, api_key=key).create_catalog("Large", "EUR", "large")
    fill_ledger(frame, catalog)
    hashing = cost(lambda: pd.util.hash_pandas_object(frame, index=False))
    first = cost(lambda: plan_products(frame, catalog))
    planning = cost(lambda: plan_products(frame, catalog))
    tracemalloc.start()
    plan = plan_products(frame, catalog)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert plan.unchanged == rows
    print(f"{rows:,} unchanged rows planned, CPU (and clock) in seconds")
    print(f"  first plan after it     {first[0]:6.2f} ({first[1]:6.2f})   (what was acknowledged becomes known)")
    print(f"  planning                {planning[0]:6.2f} ({planning[1]:6.2f})   (aim: under 10 for a million)")
    print(f"  hashing by pandas       {hashing[0]:6.2f} ({hashing[1]:6.2f})")
    by_cpu, by_clock = planning[0] / hashing[0], planning[1] / hashing[1]
    print(f"  planning / hashing      {by_cpu:6.2f} by CPU, {by_clock:.2f} by the clock   (aim: under 3)")
    print(f"  Python memory at most   {peak / 1e6:6.1f} MB")


def fill_ledger(frame: pd.DataFrame, catalog: sm.catalog.Catalog) -> None:
    """As if all had been uploaded: an hour's work of a sandbox that nobody needs to watch."""
    with Ledger.open(sandbox_ledger_path()) as ledger:
        book = ledger.book(catalog.client.server, catalog.id)
        run = book.start_run("upsert")
        for slab in encode_slabs(read_table(frame, Product), np.arange(len(frame))):
            sent = book.record_sent(run, slab.product_ids, slab.fingerprints, slab.payloads)
            book.record_receipt(sent, Receipt(state=RequestState.ACKNOWLEDGED, status=200))


def main() -> None:
    """All of it."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else LARGE
    with tempfile.TemporaryDirectory() as home, sandbox_apart() as (url, key):
        os.environ["SMNOTEBOOK_HOME"] = home
        compare_sending(url, key)
        compare_planning(url, key, rows)


if __name__ == "__main__":
    main()
