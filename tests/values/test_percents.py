"""Whether 0.2 stands for 20 % is decided by the whole column, wherever its source is cut."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import smnotebook as sm

MAPPING = {"productId": "id", "name": "name", "price": "price", "discountPercentage": "off"}


def discounts(cells: list[object], *, chunk_rows: int | None = None, kind: str = "json") -> tuple[list[object], int]:
    """The reduced prices of products at 100.00, and how many cells are asked about."""
    rows = [{"id": f"p{at}", "name": "a", "price": "100.00", "off": off} for at, off in enumerate(cells)]
    source = json.dumps(rows).encode() if kind == "json" else pd.DataFrame(rows)
    if chunk_rows is None:
        frames = [sm.read_feed(source, preset=None, mapping=MAPPING)]
    else:
        frames = list(sm.read_feed(source, preset=None, mapping=MAPPING, chunk_rows=chunk_rows))
    prices = [
        None if price is None or pd.isna(price) else price
        for frame in frames
        for price in (frame["discountPrice"].tolist() if "discountPrice" in frame else [None] * len(frame))
    ]
    asked = sum(question.count for frame in frames for question in sm.reading_report(frame).questions)
    return prices, asked


@pytest.mark.parametrize("kind", ["json", "frame"])
@pytest.mark.parametrize("chunk_rows", [None, 1, 2])
@pytest.mark.parametrize(
    ("cells", "expected", "asked"),
    [
        (["0.5", "0.2", "20"], [99.5, 99.8, 80.0], 0),
        (["20", "0.2", "0.5"], [80.0, 99.8, 99.5], 0),
        ([0.5, 20, "0.2"], [99.5, 80.0, 99.8], 0),
        (["0.5 %", "0.2", "0"], [99.5, 99.8, None], 0),
        (["0", "0.2", "0.5%"], [None, 99.8, 99.5], 0),
        (["0.2", "0.5", "0"], [None, None, None], 2),
        ([0.2, 0.5, 0], [None, None, None], 2),
        (["1,000 %", "12,5 %", "2 %"], [99.0, 87.5, 98.0], 0),
        (["12,5 %", "2 %", "1,000 %"], [87.5, 98.0, 99.0], 0),
    ],
)
def test_chunks_decide_as_the_whole_does(cells, expected, asked, chunk_rows, kind):
    assert discounts(cells, chunk_rows=chunk_rows, kind=kind) == (expected, asked)
