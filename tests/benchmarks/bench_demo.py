"""The stages of ``smnotebook demo`` on product files of growing size.

Run by hand: ``python tests/benchmarks/bench_demo.py [ROWS ...]``.
"""

from __future__ import annotations

import csv
import sys
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from smnotebook.bundled import bundled
from smnotebook.demo import play


def write_products(path: Path, rows: int) -> None:
    """The bundled products over and over, each with an id and an address of its own."""
    with (bundled("data") / "products.csv").open(encoding="utf-8", newline="") as sample:
        products = list(csv.DictReader(sample))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(products[0]))
        writer.writeheader()
        for number, product in enumerate(islice(cycle(products), rows)):
            writer.writerow(product | {"productId": f"{number:08d}", "productUrl": f"{product['productUrl']}-{number}"})


def main(sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        for rows in sizes:
            path = Path(folder) / f"{rows}.csv"
            write_products(path, rows)
            demo = play(path, {})
            assert demo.is_accounted_for
            stages = ", ".join(f"{stage} {seconds:.3f}" for stage, seconds in demo.seconds.items())
            share = demo.seconds["preflight"] / demo.seconds["read"]
            print(f"{rows:>9,} rows: {stages} s; preflight {share:.2f} x reading; {demo.upload.requests} requests")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [60, 1_000, 10_000])
