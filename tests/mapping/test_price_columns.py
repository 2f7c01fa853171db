"""Prices side by side: none is proposed wrongly, and most are proposed at all."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smnotebook.mapping import suggest_mapping

TABLE = Path(__file__).with_name("price_columns.txt").read_text(encoding="utf-8")
ROWS = [tuple(line.split(" -> ")) for line in TABLE.splitlines() if " -> " in line and not line.startswith("#")]
PRICES = [19.99, 149.0, 8.5, 59.9, 33.25, 1249.0]
UNEVEN = [1.0, 0.93, 1.04, 0.88, 0.97, 1.01]


def column(amounts: str) -> list[str]:
    factor = float(amounts.strip("~?"))
    uneven = UNEVEN if amounts.startswith("~") else [1.0] * len(PRICES)
    texts = [f"{price * factor * by:.2f}" for price, by in zip(PRICES, uneven, strict=True)]
    if factor == 100:
        texts = [text.split(".")[0] for text in texts]
    return [text if not amounts.endswith("?") or at % 3 else "" for at, text in enumerate(texts)]


def table_of(columns: str) -> pd.DataFrame:
    named = (part.strip().rsplit(":", 1) for part in columns.split(";"))
    return pd.DataFrame({"sku": [f"A{at}" for at in range(6)], **{name: column(how) for name, how in named}})


def decision(columns: str) -> str:
    mapping = suggest_mapping(table_of(columns), learned=False)
    if {"price", "discountPrice"} & {question.field for question in mapping.unanswered}:
        return "asked"
    price = "^".join(mapping["price"].columns)
    return f"{price} | {mapping['discountPrice'].columns[0]}" if "discountPrice" in mapping else price


def test_the_table_is_as_large_as_it_should_be():
    assert len({columns for columns, _ in ROWS}) >= 120
    asked = sum(expected == "asked" for _, expected in ROWS)
    assert asked / len(ROWS) <= 0.15


@pytest.mark.parametrize(("columns", "expected"), ROWS)
def test_prices_side_by_side(columns, expected):
    assert decision(columns) == expected
