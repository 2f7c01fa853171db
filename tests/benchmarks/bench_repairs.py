"""How long it takes to see a repair, and to begin it, in a large catalog. Run by hand:

    python tests/benchmarks/bench_repairs.py [products in the catalog]

The diff stands beside ``DataFrame.compare`` of two frames that are in memory already, in the same run.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from statistics import median

import numpy as np
import pandas as pd
from bench_upload import make_frame

import smnotebook as sm
from smnotebook.sandbox import Sandbox

ROWS = 1_000_000
ROUNDS = 5
FIXED = 300


def seconds(act) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as home, Sandbox() as sandbox:
        os.environ["SMNOTEBOOK_HOME"] = home
        client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key)
        catalog = client.create_catalog("Bench", "EUR", "bench")
        stored = make_frame(rows)
        print(f"{rows:,} products; adopting them took {seconds(lambda: catalog.adopt(stored)):.1f} s")
        changed = stored.copy()
        changed.loc[np.arange(0, rows, 100), "price"] += 1

        compare, diff = [], []
        for _ in range(ROUNDS):
            compare.append(seconds(lambda: stored.compare(changed)))
            diff.append(seconds(lambda: changed.salesmanago.diff(catalog)))
        print(f"diff against the ledger {_spread(diff)}, DataFrame.compare {_spread(compare)}")
        print(f"of the medians {median(diff) / median(compare):.2f}, of the first round {diff[0] / compare[0]:.2f}")

        fix = pd.DataFrame({"productId": stored["productId"][:FIXED], "price": stored["price"][:FIXED] + 0.5})
        started = time.perf_counter()
        plan_seconds = seconds(lambda: fix.salesmanago.plan_patch(catalog))
        print(f"a fix of {FIXED} rows is planned after {plan_seconds:.2f} s")
        started = time.perf_counter()
        try:
            fix.salesmanago.update_prices(catalog, progress=False, allow_outliers=True)
        except sm.errors.SmnotebookError as refused:  # the sandbox was never sent these products: it refuses prices
            print(f"(the sandbox said: {str(refused).splitlines()[0]})")
        print(f"its first request leaves after {_first_request(sandbox) - started:.2f} s")


def _spread(taken: list[float]) -> str:
    return f"{median(taken):.2f} s ({min(taken):.2f} to {max(taken):.2f})"


def _first_request(sandbox: Sandbox) -> float:
    moments = [request.at for request in sandbox.requests if request.path.endswith("updatePrice")]
    return time.perf_counter() - (time.time() - moments[0])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
