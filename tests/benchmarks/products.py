"""A made-up shop's product table of any size: the same rows for the same arguments.

35 columns under the API's own names, lists and details spread over numbered columns as flattening tools write them.
Everything is put together from columns of fragments, so that ten million rows take minutes and not hours. Also a
script: ``python tests/benchmarks/products.py 1000000 products.parquet`` (or ``.csv``).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
PANDAS_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)  # what pandas 3 calls "str"; 2.3 knows it by this name only

WORDS = [
    "płaszcz",
    "bluza",
    "sandały",
    "plecak",
    "wełna",
    "len",
    "aksamit",
    "szary",
    "zielony",
    "śliwkowy",
    "dziecięcy",
    "rowerowy",
    "zimowy",
    "lekki",
    "ciepły",
    "Mütze",
    "Strümpfe",
    "größe",
    "natürlich",
    "écharpe",
    "doux",
    "léger",
    "niño",
    "mañana",
    "jumper",
    "parka",
    "loafers",
    "canvas",
    "merino",
    "quilted",
    "cropped",
    "relaxed",
    "tailored",
    "striped",
    "ribbed",
    "brushed",
    "water-repellent",
    "made",
    "to",
    "last",
    "with",
    "two",
    "side",
    "pockets",
    "one",
    "button",
]
SIGNS = ["☀️", "🧣", "🧥", "👢", "½", "™", "—"]
MAKERS = ["Północ", "Bjørk & Søn", "Maison Été", "O'Hara", "Grünwald", *(f"Maker {number}" for number in range(240))]
COLOURS = ["czerń", "biały", "navy", "beżowy", "écru", "rot", "forest green", "róż", "grey melange"]
SEASONS = ["SS25", "AW25", "SS26", "wiosna/lato", "all year"]
TREE = [f"{a}/{b}/{c}" for a in ("Ona", "On", "Dzieci", "Dom") for b in ("Góra", "Dół", "Buty", "Łazienka")
        for c in ("Nowe", "Outlet", "Klasyka")]  # fmt: skip
SHOPS = ["https://www.shop.example.com/p/", "https://shop.example.pl/produkt/", "HTTPS://store.example.co.uk/i/"]
PICTURES = ["https://cdn.example.net/", "https://img2.example.com:8443/l/", "http://static.example.pl/foto/"]
ENDINGS = ["", "", "", "?ref=feed&v=3", "?size=40#details", "?kolor=%C5%BC%C3%B3%C5%82ty"]
BAD_URLS = ["shop.example.com/a", "https://", "https://shop example.com/a", "https://example.com/żółw", "htps//a.pl",
            "https://intranet/a", "mailto:a@example.com", "https://example.com/a b.jpg", "https://-x.example.com/",
            "https://ex_ample.com/a", "https://example.com:123456/", "https://example.com//a", "brak"]  # fmt: skip

FAULTS = {
    "productId": ["i" * 300, None],
    "name": ["n" * 256, None],
    "mainCategory": ["m" * 300, None],
    "categoryExternalId": ["c" * 270],
    "categories.1": ["k" * 256],
    "categories.4": ["k" * 400],
    "description": ["d" * 16_385, "ż" * 20_000],
    "productUrl": [*BAD_URLS, None, "https://example.com/" + "a" * 2048],
    "mainImageUrl": BAD_URLS,
    "imageUrls_1": BAD_URLS,
    "imageUrls_3": [*BAD_URLS, "https://example.com/" + "a" * 2100],
    "available": [None],
    "quantity": [0.5, 17.25],
    "price": [np.nan, np.inf, -1.0, 19.999, 1e19],
    "discountPrice": [-0.01, 5.555, -np.inf],
    "systemDetails.manufacturer": ["f" * 256],
    "systemDetails.season": ["s" * 256],
    "systemDetails.color": ["midnight blue with a hint of grey"],
    "systemDetails.gender": [7, -2],
    "customDetails.detail1": ["x" * 256],
    "customDetails.detail5": ["x" * 300],
}


def products(
    rows: int, *, seed: int = 2026, faulty: float = 0.01, long_texts: float = 0.02, repeated_ids: float = 0.0002
) -> pd.DataFrame:
    """Make the table.

    Parameters
    ----------
    faulty : float
        Share of rows with one fault that the API refuses.
    long_texts : float
        Share of rows with a description or address that most functions would cut.
    repeated_ids : float
        Share of rows that carry another row's productId.
    """
    rng = np.random.default_rng([seed, rows])
    columns = {**_texts(rng, rows, long_texts), **_pictures(rng, rows), **_numbers(rng, rows), **_details(rng, rows)}
    frame = pd.DataFrame(columns, copy=False)
    _plant(rng, frame, faulty)
    _repeat_ids(rng, frame, repeated_ids)
    return frame


def _texts(rng, rows, long_texts):
    numbers = pa.array(np.arange(rows)).cast(TEXT)
    ids = (np.arange(rows, dtype=np.uint64) * np.uint64(0x9E3779B1)) & np.uint64(0xFFFFFFFFFF)  # odd, so no id twice
    described = _pool(rng, 4_000, 15, 75)
    long = rng.random(rows) < long_texts
    description = pc.if_else(pa.array(long), _some(rng, _pool(rng, 200, 190, 600), rows), _some(rng, described, rows))
    columns = {
        "productId": _joined("S", pa.array(ids).cast(TEXT)),
        "name": _joined(_some(rng, _pool(rng, 9_000, 1, 9), rows), " ", numbers),
        "mainCategory": _some(rng, TREE, rows),
        "categoryExternalId": _joined("cat-", _sparse(rng, pa.array(rng.integers(0, 900, rows)).cast(TEXT), 0.3)),
        "description": _sparse(rng, description, 0.02),
        "productUrl": _joined(
            _some(rng, SHOPS, rows), _some(rng, _slugs(rng), rows), "-", numbers, _some(rng, ENDINGS, rows)
        ),
    }
    columns |= {f"categories.{k}": _sparse(rng, _some(rng, TREE, rows), 0.5 + k / 10.5) for k in range(1, 6)}
    return {name: _series(values) for name, values in columns.items()}


def _pictures(rng, rows):
    numbers = pa.array(rng.permutation(rows)).cast(TEXT)
    main = _joined(_some(rng, PICTURES, rows), _some(rng, _slugs(rng), rows), "-", numbers, ".jpg")
    columns = {"mainImageUrl": _sparse(rng, main, 0.1)}
    for k in range(1, 6):
        url = _joined(_some(rng, PICTURES, rows), _some(rng, _slugs(rng), rows), "-", numbers, f"_{k}.webp")
        columns[f"imageUrls_{k}"] = _sparse(rng, url, 0.5 + k / 10.5)
    return {name: _series(values) for name, values in columns.items()}


def _numbers(rng, rows):
    cents = rng.integers(500, 250_000, rows)
    reduced = np.round(np.floor(cents * rng.uniform(0.4, 0.99, rows)) / 100, 2)
    stock = rng.integers(0, 400, rows).astype(np.float64)
    return {
        "available": rng.random(rows) < 0.9,
        "active": _series(_sparse(rng, pa.array(rng.random(rows) < 0.97), 0.2), object),
        "quantity": np.where(rng.random(rows) < 0.1, np.nan, stock),
        "price": cents / 100,
        "discountPrice": np.where(rng.random(rows) < 0.7, np.nan, reduced),
        "systemDetails.popularity": rng.integers(0, 101, rows),
        "systemDetails.gender": rng.choice(np.array([-1, 0, 1, 2, 4]), rows),
        "systemDetails.bestseller": rng.random(rows) < 0.04,
        "systemDetails.newProduct": rng.random(rows) < 0.1,
    }


def _details(rng, rows):
    columns = {
        "systemDetails.brand": _sparse(rng, _some(rng, MAKERS, rows), 0.05),
        "systemDetails.manufacturer": _sparse(rng, _some(rng, MAKERS, rows), 0.2),
        "systemDetails.season": _sparse(rng, _some(rng, SEASONS, rows), 0.3),
        "systemDetails.color": _sparse(rng, _some(rng, COLOURS, rows), 0.1),
    }
    details = _pool(rng, 3_000, 1, 5)
    columns |= {f"customDetails.detail{k}": _sparse(rng, _some(rng, details, rows), 0.4 + k / 10) for k in range(1, 6)}
    return {name: _series(values) for name, values in columns.items()}


def _pool(rng, size, shortest, longest):
    """Distinct texts of so many words."""
    vocabulary = np.array([*WORDS, *WORDS, *WORDS, *SIGNS], dtype=object)
    lengths = rng.integers(shortest, longest + 1, size).tolist()
    return [" ".join(vocabulary[rng.integers(0, len(vocabulary), length)]) for length in lengths]


def _slugs(rng):
    plain = [word for word in WORDS if word.isascii()]
    return ["-".join(np.array(plain, dtype=object)[rng.integers(0, len(plain), 1 + at % 7)]) for at in range(5_000)]


def _some(rng, options, rows):
    return pa.array(options, TEXT).take(pa.array(rng.integers(0, len(options), rows)))


def _sparse(rng, values, share):
    return pc.if_else(pa.array(rng.random(len(values)) < share), pa.scalar(None, values.type), values)


def _joined(*parts):
    fragments = [pa.scalar(part, TEXT) if isinstance(part, str) else part for part in (*parts, "")]
    return pc.binary_join_element_wise(*fragments)


def _series(values, dtype=None):
    if dtype is object:
        return pd.Series(values.to_numpy(zero_copy_only=False), dtype=object)
    return pd.Series(PANDAS_TEXT.__from_arrow__(values), copy=False)


def _plant(rng, frame, share):
    """One fault in each of so many rows, every kind in turn."""
    chosen = rng.choice(len(frame), int(len(frame) * share), replace=False)
    kinds = [(column, value) for column, values in FAULTS.items() for value in values]
    for number, (column, value) in enumerate(kinds):
        at = np.sort(chosen[number :: len(kinds)])
        if len(at) and value is None and frame[column].dtype == bool:
            frame[column] = frame[column].astype(object)
        frame.iloc[at, frame.columns.get_loc(column)] = value


def _repeat_ids(rng, frame, share):
    rows = rng.choice(len(frame), 2 * int(len(frame) * share), replace=False)
    column = frame.columns.get_loc("productId")
    half = len(rows) // 2
    frame.iloc[rows[:half], column] = frame["productId"].take(rows[half:]).array


if __name__ == "__main__":
    size, target = int(sys.argv[1]), Path(sys.argv[2])
    table = products(size)
    table.to_csv(target, index=False) if target.suffix == ".csv" else table.to_parquet(target, index=False)
    print(f"{len(table):,} rows, {len(table.columns)} columns in {target}")
