"""The same rules for the peers: required, lengths hard and soft, URLs, amounts, whole numbers, choices, unique ids.

Each entry of ``PEERS`` prepares a run over a pandas frame: building the schema is outside the clock, converting the
frame is inside, since the analyst holds a pandas frame. A run returns how many cells it found at fault, which needs
the complete list of row and column that each tool gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

TEXTS = {"productId": 255, "name": 255, "mainCategory": 255, "categoryExternalId": 255, "description": 16_384,
         "systemDetails.brand": 255, "systemDetails.manufacturer": 255, "systemDetails.season": 255,
         "systemDetails.color": 25, **{f"categories.{k}": 255 for k in range(1, 6)},
         **{f"customDetails.detail{k}": 255 for k in range(1, 6)}}  # fmt: skip
SOFT = {"description": 1024, "productUrl": 512, "mainImageUrl": 512, "systemDetails.manufacturer": 100,
        "systemDetails.season": 40}  # fmt: skip
URLS = ("productUrl", "mainImageUrl", *(f"imageUrls_{k}" for k in range(1, 6)))
REQUIRED = ("productId", "name", "mainCategory", "productUrl", "available", "price")
MONEY = ("price", "discountPrice")
GENDERS = range(-1, 5)

# Far less than the contract's grammar knows (top-level domains, dots in paths), and so to the peers' advantage.
URL = (
    r"^(?i:https?|ftp)://(?:[a-z0-9A-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,}(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9_:@&=+,.!~*'$;()%-]+)*/?(?:\?[!-~]*)?(?:#[!-~]*)?$"
)


def _hand_written(frame: pd.DataFrame) -> Callable[[], int]:
    """One lazy select of masks, then the rows of each: how a polars user would write it."""
    import polars as pl

    masks = {name: mask for name, mask, _ in _polars_rules(pl)}

    def run() -> int:
        found = pl.from_pandas(frame).lazy().select(**masks).collect()
        return sum(len(found[name].fill_null(value=False).arg_true()) for name in masks)

    return run


def _polars_rules(pl: Any) -> list[tuple[str, Any, str]]:
    """Name, mask of the cells at fault, and column, for every rule."""
    col = pl.col
    rules = [(f"{name} missing", col(name).is_null(), name) for name in REQUIRED]
    rules += [(f"{name} length", col(name).str.len_chars() > limit, name) for name, limit in TEXTS.items()]
    rules += [(f"{name} length", col(name).str.len_chars() > 2048, name) for name in URLS]
    rules += [(f"{name} soft", col(name).str.len_chars() > limit, name) for name, limit in SOFT.items()]
    rules += [(f"{name} url", ~col(name).str.contains(URL), name) for name in URLS]
    for name in MONEY:
        out = ~col(name).is_finite() | (col(name) < 0) | (col(name) >= 1e19)
        rules.append((f"{name} range", out, name))
        rules.append((f"{name} decimals", ~out & ((col(name) - col(name).round(2)).abs() > 1e-6), name))
    rules.append(("quantity whole", col("quantity") != col("quantity").floor(), "quantity"))
    gender = "systemDetails.gender"
    rules.append(("gender choice", ~col(gender).is_in(list(GENDERS)), gender))
    rules.append(("productId twice", col("productId").is_not_null() & col("productId").is_duplicated(), "productId"))
    return rules


def _dataframely(frame: pd.DataFrame) -> Callable[[], int]:
    import dataframely as dy
    import polars as pl

    kinds = {**dict.fromkeys([*TEXTS, *URLS], dy.String), **dict.fromkeys([*MONEY, "quantity"], dy.Float64),
             **dict.fromkeys(["available", "active"], dy.Bool), "systemDetails.gender": dy.Int64}  # fmt: skip
    columns = {
        f"c{at}": kind(alias=name, nullable=name not in REQUIRED, **_no_own_rules(dy, kind))
        for at, (name, kind) in enumerate(kinds.items())
    }
    rules = {
        f"r{at}": dy.rule()(_as_rule(mask))
        for at, (name, mask, _) in enumerate(_polars_rules(pl))
        if not name.endswith("missing")
    }
    schema = type("Products", (dy.Schema,), {**columns, **rules})

    def run() -> int:
        _, failed = schema.filter(pl.from_pandas(frame), cast=False)
        return sum(failed.counts().values())

    return run


def _no_own_rules(dy: Any, kind: Any) -> dict[str, Any]:
    """Amounts may be infinite as far as the type goes: the rule says so itself."""
    return {"allow_inf": True, "allow_nan": True} if kind is dy.Float64 else {}


def _as_rule(mask: Any) -> Callable[..., Any]:
    return lambda cls: ~mask.fill_null(value=False)


def _pandera(frame: pd.DataFrame) -> Callable[[], int]:
    import pandera.pandas as pa

    def column(name: str) -> Any:
        return pa.Column(nullable=name not in REQUIRED, checks=_pandera_checks(pa, name), unique=name == "productId")

    names = dict.fromkeys([*TEXTS, *URLS, *MONEY, "quantity", "systemDetails.gender", *REQUIRED])
    schema = pa.DataFrameSchema({name: column(name) for name in names})

    def run() -> int:
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as refused:
            return len(refused.failure_cases)
        return 0

    return run


def _pandera_checks(pa: Any, name: str) -> list[Any]:
    limits = filter(None, (TEXTS.get(name), SOFT.get(name), 2048 if name in URLS else None))
    checks = [pa.Check.str_length(max_value=limit) for limit in limits]
    if name in URLS:
        checks.append(pa.Check.str_matches(URL))
    if name in MONEY:
        checks.append(pa.Check.in_range(0, 1e19, include_max=False))
        checks.append(pa.Check(lambda cells: (cells - cells.round(2)).abs().fillna(0) <= 1e-6))
    if name == "quantity":
        checks.append(pa.Check(lambda cells: cells == cells.round()))
    if name == "systemDetails.gender":
        checks.append(pa.Check.isin(list(GENDERS)))
    return checks


PEERS: dict[str, tuple[str, Callable[[pd.DataFrame], Callable[[], int]]]] = {
    "polars, by hand": ("polars", _hand_written),
    "dataframely": ("dataframely", _dataframely),
    "pandera on pandas": ("pandera", _pandera),
}
