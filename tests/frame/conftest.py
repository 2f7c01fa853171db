"""What the tests of the frame folder share: a made-up shop's table, and a product that breaks no rule."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest

GENERATOR = Path(__file__).parents[1] / "benchmarks" / "products.py"


@pytest.fixture(scope="session")
def make_products():
    """``products(rows, faulty=..., ...)`` of the benchmarks."""
    return runpy.run_path(str(GENERATOR))["products"]


@pytest.fixture
def product():
    """A product without a fault or a warning, required fields only."""
    return {
        "productId": "A-1",
        "name": "Koszula",
        "mainCategory": "Shirts",
        "productUrl": "https://shop.example.com/a-1",
        "available": True,
        "price": 59.97,
    }


@pytest.fixture
def frame_of(product):
    """A frame of ``rows`` good products, with columns put in their place or beside them."""

    def build(rows: int = 3, /, **columns):
        frame = pd.DataFrame({name: [value] * rows for name, value in product.items()})
        frame["productId"] = [f"A-{number}" for number in range(rows)]
        for name, cells in columns.items():
            frame[name] = cells if isinstance(cells, pd.Series) else pd.Series(list(cells))
        return frame

    return build
