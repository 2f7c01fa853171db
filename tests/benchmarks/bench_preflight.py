"""Preflight beside its floor and its peers, in one run: ``python tests/benchmarks/bench_preflight.py [rows]``.

Every tool gets the same table and the same rules, and is timed in turn, round after round, so that a noisy machine
disturbs all alike: the ratios are what to read. Peers that are not installed are left out with a word
(``pip install 'smnotebook[bench]'``). Options: ``--rounds N``, ``--linearity`` (10,000 rows to a million,
``--ten-million`` goes on from there), ``--no-peers``.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import peers
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from products import products

from smnotebook.contract import Product, check
from smnotebook.frame.preflight import preflight

#: What issue 3 asks for: ours divided by the other's time, at most.
GOALS = {
    "pyarrow.csv, reading the table": 0.4,
    "one utf8_length over all texts": 2.5,
    "dataframely": 0.5,
    "polars, by hand": 0.5,
    "pandera on pandas": 1 / 8,
}
OURS = "smnotebook preflight"
PYDANTIC_SAMPLE = 10_000
PART = 1_000_000


class PeakMemory:
    """The highest resident size while the block runs, above what it was before."""

    def __enter__(self) -> PeakMemory:
        gc.collect()
        pa.default_memory_pool().release_unused()
        self._process = psutil.Process()
        self._before = self.highest = self._process.memory_info().rss
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(0.002):
            self.highest = max(self.highest, self._process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watcher.join()

    @property
    def above(self) -> int:
        """Bytes."""
        return self.highest - self._before


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def floor_of_texts(frame: pd.DataFrame) -> None:
    """One pass over every text: whoever counts characters does at least this."""
    for name in frame:
        if isinstance(frame[name].dtype, pd.StringDtype):
            pc.utf8_length(pa.chunked_array(frame[name].array.__arrow_array__()))


def by_pydantic(frame: pd.DataFrame) -> float:
    """Row by row through the contract's models: seconds for the whole frame, told from a sample."""
    sample = frame.head(PYDANTIC_SAMPLE)
    begun = time.perf_counter()
    for record in nested(sample):
        check(Product, record)
    return (time.perf_counter() - begun) * len(frame) / len(sample)


def nested(frame: pd.DataFrame) -> list[dict]:
    """Flat rows as the records they stand for."""
    records = []
    for row in pa.Table.from_pandas(frame, preserve_index=False).to_pylist():
        record: dict = {}
        for name, value in row.items():
            if value is None:
                continue
            head, dot, tail = name.replace("imageUrls_", "imageUrls.").partition(".")
            if not dot:
                record[head] = value
            elif tail.isdecimal():
                record.setdefault(head, []).append(value)
            else:
                record.setdefault(head, {})[tail] = value
        records.append(record)
    return records


def contestants(frame: pd.DataFrame, csv_path: Path, *, with_peers: bool) -> dict[str, Callable[[], object]]:
    chosen: dict[str, Callable[[], object]] = {
        OURS: lambda: preflight(frame),
        "pyarrow.csv, reading the table": lambda: pyarrow.csv.read_csv(csv_path),
        "one utf8_length over all texts": lambda: floor_of_texts(frame),
    }
    if with_peers:
        for name, (package, prepare) in peers.PEERS.items():
            if importlib.util.find_spec(package) is None:
                print(f"  left out, not installed: {name}")
            else:
                chosen[name] = prepare(frame)
    return chosen


def race(rows: int, *, rounds: int, with_peers: bool) -> None:
    frame = products(rows)
    size = int(frame.memory_usage(deep=True).sum())
    print(f"\n{rows:,} products, {len(frame.columns)} columns, {size / 1e6:,.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        csv_path = Path(folder) / "products.csv"
        frame.to_csv(csv_path, index=False)
        timed: dict[str, list[float]] = {}
        worked: dict[str, list[float]] = {}
        runners = contestants(frame, csv_path, with_peers=with_peers)
        for turn in range(rounds + 1):
            for name, work in runners.items():
                busy = time.process_time()
                taken = seconds(work)
                if turn:  # the first turn warms caches and imports
                    timed.setdefault(name, []).append(taken)
                    worked.setdefault(name, []).append(time.process_time() - busy)
    timed["pydantic, row by row (scaled)"] = [by_pydantic(frame)]
    print_ratios(timed, worked)
    print_memory(frame, size)
    print_findings(frame, runners)


def print_ratios(timed: dict[str, list[float]], worked: dict[str, list[float]]) -> None:
    """Median and best seconds; the ratio is the median over the rounds, each round against itself.

    Processor seconds, of all threads together, change less than the clock when others use the machine.
    """
    print(f"  {'':<34}{'median s':>9}{'best s':>8}{'CPU s':>8}{'ours / it':>11}{'by CPU':>8}   goal")
    for name, taken in timed.items():
        ratio, by_cpu = _ratio(timed, name), _ratio(worked, name)
        cpu = statistics.median(worked.get(name, taken))
        goal = GOALS.get(name)
        verdict = "" if goal is None else f"   <= {goal:.3g}: {'yes' if ratio <= goal else 'NO'}"
        times = f"{statistics.median(taken):>9.3f}{min(taken):>8.3f}{cpu:>8.3f}"
        print(f"  {name:<34}{times}{ratio:>11.3f}{by_cpu:>8.3f}{verdict}")


def _ratio(taken: dict[str, list[float]], name: str) -> float:
    """Ours by the other's, round by round where both ran in rounds."""
    ours, its = taken[OURS], taken.get(name, [float("nan")])
    if len(its) == 1:
        return statistics.median(ours) / its[0]
    return statistics.median(mine / other for mine, other in zip(ours, its, strict=True))


def print_memory(frame: pd.DataFrame, size: int) -> None:
    with PeakMemory() as peak:
        report = preflight(frame)
    share = peak.above / size
    print(f"  peak memory above the frame {peak.above / 1e6:,.0f} MB, {share:.2f} of it (goal < 0.5: {share < 0.5})")
    taken = seconds(lambda: report.issues)
    print(f"  {report.errors:,} errors and {report.warnings:,} warnings; made into rows in {taken:.2f} s")


def print_findings(frame: pd.DataFrame, runners: dict[str, Callable[[], object]]) -> None:
    """That the peers check the same: cells that each finds at fault."""
    ours = preflight(frame)
    mine = sum(len(found.faults.positions) for found in ours.findings)
    print(f"  findings: {OURS} {mine:,}", end="")
    for name, work in runners.items():
        if name in peers.PEERS:
            print(f"; {name} {work():,}", end="")
    print()


def print_linearity(sizes: list[int]) -> None:
    print("\nLinearity, clean and dirty")
    print(f"  {'rows':>11}{'1 % s':>9}{'us a row':>10}{'clean s':>9}{'30 % s':>9}{'peak / frame':>14}")
    for rows in sizes:
        frame = products(rows) if rows <= PART else products_in_parts(rows)
        size = int(frame.memory_usage(deep=True).sum())
        dirty = median_seconds(frame)
        with PeakMemory() as peak:
            preflight(frame)
        clean = extreme = float("nan")
        if rows <= 1_000_000:
            clean = median_seconds(products(rows, faulty=0, long_texts=0, repeated_ids=0))
            extreme = median_seconds(products(rows, faulty=0.3, long_texts=0.3))
        per_row = dirty / rows * 1e6
        print(f"  {rows:>11,}{dirty:>9.3f}{per_row:>10.3f}{clean:>9.3f}{extreme:>9.3f}{peak.above / size:>14.2f}")
        del frame


def products_in_parts(rows: int) -> pd.DataFrame:
    """So many parts of a million, whose ids differ and whose other texts share their memory: a machine holds ten."""
    part = products(PART)
    ids = part["productId"]
    parts = (part.assign(productId=f"{number}-" + ids) for number in range(rows // PART))
    return pd.concat(parts, ignore_index=True)


def median_seconds(frame: pd.DataFrame) -> float:
    rounds = 5 if len(frame) <= 1_000_000 else 2
    return statistics.median(seconds(lambda: preflight(frame)) for _ in range(rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--linearity", action="store_true")
    parser.add_argument("--ten-million", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    asked = parser.parse_args()
    race(asked.rows, rounds=asked.rounds, with_peers=not asked.no_peers)
    if asked.linearity or asked.ten_million:
        print_linearity([10_000, 100_000, 1_000_000, *([10_000_000] if asked.ten_million else [])])


if __name__ == "__main__":
    main()
