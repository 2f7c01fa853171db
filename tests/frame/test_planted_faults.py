"""Faults planted in a clean table of 100,000 rows are found, all of them and no others, each named to the cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from smnotebook.frame.preflight import preflight

ROWS = 100_000
PLANTED = 500
TEXTS = {"productId": 255, "name": 255, "mainCategory": 255, "categoryExternalId": 255, "description": 16_384,
         "systemDetails.brand": 255, "systemDetails.manufacturer": 255, "systemDetails.season": 255,
         "systemDetails.color": 25, "customDetails.detail1": 255, "customDetails.detail4": 255,
         "categories.2": 255}  # fmt: skip
SOFT = {"description": 1024, "systemDetails.manufacturer": 100, "systemDetails.season": 40}
URLS = ("productUrl", "mainImageUrl", "imageUrls_1", "imageUrls_4")
FLAGS = ("available", "active", "systemDetails.bestseller", "systemDetails.newProduct")
WHOLE = ("quantity", "systemDetails.popularity", "systemDetails.gender")
MONEY = ("price", "discountPrice")
REQUIRED = ("productId", "name", "mainCategory", "productUrl", "available", "price")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A value that breaks a rule when put into a column, and what else the row needs for it to be the only fault."""

    column: str
    value: object
    code: int | None
    severity: str = "error"
    also: dict[str, object] = field(default_factory=dict)


def kinds_of_fault():
    return [*missing_ones(), *text_ones(), *url_ones(), *number_ones(), *advice(), *too_many()]


def missing_ones():
    for column in REQUIRED:
        also = {"discountPrice": None} if column == "price" else {}
        for nothing in (None, float("nan"), "", *((" \u00a0\t",) if column not in {"available", "price"} else ())):
            yield Fault(column=column, value=nothing, code=13, also=also)


def text_ones():
    for column, limit in TEXTS.items():
        yield Fault(column=column, value="ż" * (limit + 1), code=11)
        yield Fault(column=column, value=True, code=14)
        yield Fault(column=column, value=2.5, code=14)
        yield Fault(column=column, value="half \ud83d", code=18)
    for column, limit in SOFT.items():
        yield Fault(column=column, value="x" * (limit + 1), code=12, severity="warning")


def url_ones():
    for column in URLS:
        for bad in ("shop.example.com", "https://example.com/zażółć", "https://example.com//a", "https://a b.pl/"):
            yield Fault(column=column, value=bad, code=18)
        yield Fault(column=column, value="https://example.com/" + "a" * 2048, code=11)
        yield Fault(column=column, value=b"https://example.com/", code=14)
    for column in ("productUrl", "mainImageUrl"):
        yield Fault(column=column, value="https://example.com/" + "a" * 512, code=12, severity="warning")


def number_ones():
    for column in FLAGS:
        yield from (Fault(column=column, value=value, code=14) for value in ("yes", 1, 0.0))
    for column in WHOLE:
        yield from (Fault(column=column, value=value, code=14) for value in (0.5, "3", float("inf")))
        yield from (Fault(column=column, value=value, code=11) for value in (2**63, 1e30))
    yield Fault(column="systemDetails.gender", value=5, code=18)
    for column in MONEY:
        yield from (Fault(column=column, value=value, code=11) for value in (-0.01, 1e19))
        yield from (Fault(column=column, value=value, code=14) for value in (float("inf"), "12,99 zł", True))
        yield Fault(column=column, value=12.345, code=18)


def advice():
    yield Fault(column="systemDetails.gender", value=3, code=None, severity="warning")
    yield Fault(column="quantity", value=-1, code=None, severity="warning")
    yield Fault(column="price", value=0, code=None, severity="warning", also={"discountPrice": None})
    yield Fault(column="discountPrice", value=20.0, code=None, severity="warning", also={"price": 20.0})


def too_many():
    full = {f"categories.{k}": f"entry {k}" for k in range(1, 6)}
    yield Fault(column="categories.6", value="a sixth", code=11, also=full)
    full = {f"customDetails.detail{k}": f"detail {k}" for k in range(1, 6)}
    yield Fault(column="customDetails.sixth", value="a sixth", code=11, also=full)


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a fault was put: the finding that must come."""

    position: int
    fault: Fault


def plant(frame, rng):
    """Put faults into object columns until 500 findings are due; return them."""
    kinds = kinds_of_fault()
    rows = iter(rng.permutation(len(frame)).tolist())
    cells = {name: frame[name].to_numpy(copy=True) for name in frame}
    planted = [*plant_conflict(cells, rows, 2), *plant_conflict(cells, rows, 3), *plant_copies(cells, rows)]
    for number in range(PLANTED - len(planted)):
        fault = kinds[number % len(kinds)]
        row = next(rows)
        if fault.column == "productId" and isinstance(fault.value, str) and fault.value.strip():
            fault = replace(fault, value=fault.value + str(row))  # the same faulty id twice would be one fault more
        for column, value in {**fault.also, fault.column: fault.value}.items():
            cells[column][row] = value
        planted.append(Planted(row, fault))
    return cells, planted


def plant_conflict(cells, rows, size):
    """Rows that share an id and differ: every one of them is blamed."""
    group = [next(rows) for _ in range(size)]
    for row in group[1:]:
        cells["productId"][row] = cells["productId"][group[0]]
    return [Planted(row, Fault(column="productId", value=cells["productId"][row], code=15)) for row in group]


def plant_copies(cells, rows):
    """Rows that are copies: all but the first are named, as a warning."""
    group = sorted(next(rows) for _ in range(3))
    for values in cells.values():
        values[group[1:]] = values[group[0]]
    fault = Fault(column="productId", value=cells["productId"][group[0]], code=None, severity="warning")
    return [Planted(row, fault) for row in group[1:]]


@pytest.fixture(scope="module")
def planted(make_products):
    frame = make_products(ROWS, faulty=0, long_texts=0, repeated_ids=0).astype(object)
    frame["categories.6"] = None
    frame["customDetails.sixth"] = None
    frame = frame.astype(object)
    cells, found = plant(frame, np.random.default_rng(7))
    return pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in cells.items()}), found


# --- layouts ---------------------------------------------------------------------------------------------------


def list_name(column):
    """The list that a numbered column is a part of."""
    return next((name for name in ("categories", "imageUrls") if column.startswith(name)), None)


def as_numbered(frame):
    return frame, lambda column: column


def as_lists_with_repeated_labels(frame):
    frame = frame.copy()
    for name in ("categories", "imageUrls"):
        parts = [column for column in frame if column.startswith(name)]
        frame[name] = pd.Series([list(cells) for cells in frame[parts].to_numpy()], index=frame.index, dtype=object)
        frame = frame.drop(columns=parts)
    frame = frame[np.random.default_rng(1).permutation(frame.columns)]
    frame.index = pd.Index(["same", "other"] * (len(frame) // 2))
    return frame, lambda column: list_name(column) or column


def as_dicts_under_a_multiindex(frame):
    frame = frame.copy()
    for name in ("systemDetails", "customDetails"):
        parts = [column for column in frame if column.startswith(name)]
        keys = [part.partition(".")[2] for part in parts]
        dicts = [dict(zip(keys, cells, strict=True)) for cells in frame[parts].to_numpy()]
        frame = frame.drop(columns=parts)
        frame[name] = pd.Series(dicts, dtype=object)
    frame.index = pd.MultiIndex.from_arrays([np.arange(len(frame)) // 7, ["PL", "DE"] * (len(frame) // 2)])
    return frame, lambda column: column.partition(".")[0] if "Details." in column else column


def as_tuples_under_dates(frame):
    tuples = {name: tuple(name.split(".")) if "." in name else name for name in frame}
    frame = frame.set_axis(pd.Index(list(tuples.values()), tupleize_cols=False), axis=1)
    frame.index = pd.date_range("2026-01-01", periods=len(frame), freq="min").floor("h")
    return frame, lambda column: str(tuples[column])


def as_padded_multiindex_columns(frame):
    tuples = {name: tuple((name + ".").split(".")[:2]) for name in frame}
    frame = frame.set_axis(pd.MultiIndex.from_tuples(tuples.values()), axis=1)
    frame.index = frame.index[::-1]
    return frame, lambda column: str(tuples[column])


LAYOUTS = [as_numbered, as_lists_with_repeated_labels, as_dicts_under_a_multiindex, as_tuples_under_dates,
           as_padded_multiindex_columns]  # fmt: skip


def field_of(fault):
    """The API's name of a planted column."""
    return "customDetails" if fault.column == "customDetails.sixth" else list_name(fault.column) or fault.column


@pytest.mark.parametrize("layout", LAYOUTS)
def test_exactly_the_planted_faults_are_found(planted, layout):
    frame, wanted = planted
    frame, _ = layout(frame)
    issues = preflight(frame).issues
    key = ["position", "field", "severity"]
    found = Counter((*map(str, row[:3]), str(row[3])) for row in issues[[*key, "reason_code"]].to_numpy().tolist())
    due = Counter(
        (str(plant.position), field_of(plant.fault), plant.fault.severity, str(plant.fault.code or "<NA>"))
        for plant in wanted
    )
    assert sum(due.values()) == PLANTED
    assert found - due == Counter(), "invented"
    assert due - found == Counter(), "missed"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_fault_is_named_by_position_label_product_column_and_value(planted, layout):
    frame, wanted = planted
    laid_out, label_of = layout(frame)
    issues = preflight(laid_out).issues
    by_position = dict(iter(issues.groupby("position")))
    for plant in wanted:
        rows = by_position[plant.position]
        issue = rows[rows["field"] == field_of(plant.fault)].iloc[0]
        assert issue["index"] == laid_out.index[plant.position]
        assert issue["message"].startswith(field_of(plant.fault))
        assert issue["suggestion"]
        if not plant.fault.column.endswith(("6", "sixth")):  # which of the six is too many, nobody can say
            assert issue["column"] == label_of(plant.fault.column)
            assert_shows(issue["value"], plant.fault.value)
        if plant.fault.column != "productId":
            assert issue["productId"] == frame["productId"].iloc[plant.position]


def assert_shows(shown, value):
    if value is None or (isinstance(value, float) and np.isnan(value)):
        assert pd.isna(shown)
    elif isinstance(value, str) and len(value) > 80:
        assert shown[:70] == value[:70]
        assert len(shown) <= 80
    elif isinstance(value, str) and value.isprintable():
        assert shown == value
    elif isinstance(value, str):
        assert shown.isprintable()
    else:
        assert shown == (repr(value) if isinstance(value, bytes) else str(value))


def test_the_rows_ready_are_those_without_an_error(planted):
    frame, wanted = planted
    report = preflight(frame)
    refused = {plant.position for plant in wanted if plant.fault.severity == "error"}
    assert report.ready == ROWS - len(refused)
    assert set(report.refused.tolist()) == refused
    assert report.errors + report.warnings == PLANTED
