"""The two interpreters of the contract give the same verdict: ``check`` on a record, ``preflight`` on whole columns.

A batch of records is made twice over: as dicts for ``check``, and as a frame whose columns are of some dtype and some
layout (dotted, short or dict columns; lists in cells or over numbered columns). Compared are row, field, list entry,
reason code and message of every error, and of every warning in rows that have no error.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smnotebook.contract import Product, check
from smnotebook.frame.preflight import preflight

ROWS = 400
BATCHES = 260  # times ROWS: over the 100,000 records that issue 3 asks for

MISSING_CELLS = [None, float("nan"), pd.NA, pd.NaT, np.float64("nan"), Decimal("NaN"), ""]

AWKWARD = [
    "e\u0301te\u0301",
    "\u0301",
    "👩‍👩‍👧‍👦",
    "🇵🇱",
    "\u202eabc\u202c",
    "שלום",
    "\u200f",
    "a\u00a0b",
    "\u00a0",
    "\u2003\u3000",
    "\x85",
    "\x1c\x1f",
    "\u200b",
    "\ufeff",
    "nul\x00inside",
    "\x00",
    " ",
    "\t\n ",
    " led",
    "trailed ",
    "\ud800",
    "half\udfff",
    "𝕏" * 13,
    "\U0010ffff",
    "NaN",
    "None",
    "0",
    "<b>&amp;</b>",
    'quote"back\\slash',
]
GOOD_URLS = [
    "https://shop.example.com/item-1",
    "HTTPS://EXAMPLE.COM/A",
    "http://127.0.0.1:8000",
    "https://żółw.pl/a",
    "https://example.com/?q=żółw",
    "https://example.com/a/../b",
    "https://example.com./",
    "ftp://example.com/x",
]
BAD_URLS = [
    "www.example.com",
    "https://localhost/a",
    "https://example.com/żółw",
    "https://example.com//a",
    "https://example.com/a b",
    "https://example.com/100%",
    "https://example.com/\n",
    "https://example.com/a\x00",
    " https://example.com",
    "https://example.com:65536/",
    "javascript:alert(1)",
    "https://example.com/\u00a0",
    "https://example.com/../a",
    "https://ex_ample.com",
    "https://example.com/a#b#c",
    "https://🦊.pl/",
    "\ud83d",
]
WRONG_TYPES = [
    b"bytes",
    True,
    np.True_,
    1.5,
    -0.25,
    {"a": 1},
    ["a"],
    ("a", None),
    dt.datetime(2026, 1, 2),
    dt.date(2026, 1, 2),
    pd.Timestamp("2026-01-02"),
    dt.timedelta(1),
    object,
    1 + 2j,
    {1, 2},
    float("inf"),
    Decimal("Infinity"),
    Decimal("1.5"),
    np.float64(2.5),
    np.float32(0.5),
    range(2),
]
WHOLE_NUMBERS = [
    0, 1, -1, 7, 12.0, -3.0, np.int8(5), np.uint64(2**64 - 1), np.int64(-(2**63)), np.float64(4.0), np.float32(8.0),
    Decimal(6), Decimal("6.00"), Decimal("1E+3"), 2**53, -(2**53), 2.0**53, 2.0**53 - 1, -(2.0**53), 2**63 - 1, 2**63,
    -(2**63) - 1, 10**19, 10**30, Decimal(10**40), 1e18, 1e19, 1e300, -1e300, np.nextafter(3.0, 4.0), 0.5, -0.0,
]  # fmt: skip
AMOUNTS = [
    0, 0.0, -0.0, 1, 79.99, 59.970000000000006, 0.1 + 0.2, 12.345, 12.3450001, 0.001, 1e-7, -1e-7, -1e-6, -9.9e-7,
    -0.01, -5, -5.0, 1e-6, 19.99 + 9e-7, 19.99 + 2e-6, 1.005, 2.675, 1e15 + 0.01, 1e18, 9.99e18, 1e19, 1e20, 1e308,
    10**19 - 1, 10**19, 10**25, -(10**25), np.float64(3.5), np.int64(3), np.float32(0.25), np.uint8(9),
    Decimal("12.99"), Decimal("12.990"), Decimal("12.991"), Decimal("-0.01"), Decimal("-0.0000001"), Decimal("0E-30"),
    Decimal("9999999999999999999.99"), Decimal("9999999999999999999.999"), Decimal("1E+19"), Decimal("1E-40"),
    float("inf"), float("-inf"), Decimal("Infinity"), Decimal("-Infinity"), "12.99", "12,99 zł",
]  # fmt: skip

TEXT_LIMITS = {
    "productId": (255,),
    "name": (255,),
    "mainCategory": (255,),
    "categoryExternalId": (255,),
    "description": (1024, 16_384),
    "systemDetails.brand": (255,),
    "systemDetails.manufacturer": (100, 255),
    "systemDetails.season": (40, 255),
    "systemDetails.color": (25,),
}
URL_LIMITS = {"productUrl": (512, 2048), "mainImageUrl": (512, 2048)}
LISTS = {"categories": (255,), "imageUrls": (2048,)}
FLAGS = ("available", "active", "systemDetails.bestseller", "systemDetails.newProduct")
WHOLE = ("quantity", "systemDetails.popularity", "systemDetails.gender")
MONEY = ("price", "discountPrice")
DETAILS = ("material", "detail1", "detail2", "żółty", "with.dot", "with blank", "detail9")
SCALARS = (*TEXT_LIMITS, *URL_LIMITS, *FLAGS, *WHOLE, *MONEY)
OPTIONAL_SHARE = dict.fromkeys(SCALARS, 0.3) | {
    "productId": 0.0, "name": 0.0, "mainCategory": 0.0, "productUrl": 0.0, "available": 0.0, "price": 0.0
}  # fmt: skip


# --- cells -----------------------------------------------------------------------------------------------------


def pick(rng, options):
    return options[int(rng.integers(len(options)))]


def text_near(rng, limits):
    size = pick(rng, limits) + int(rng.integers(-1, 2))
    return pick(rng, ["x", "ż", "🦊", "e\u0301"]) * size if rng.random() < 0.8 else "x" * (size - 1) + " "


def url_near(rng, limits):
    size = pick(rng, limits) + int(rng.integers(-1, 2))
    stem = pick(rng, ["https://example.com/", "https://example.com/?q=", "https://example.com/ż"])
    return (stem + pick(rng, ["a", "b-", "%C5%BC"]) * size)[:size]


def plain_cell(rng, field):
    """A cell that breaks no error rule."""
    if field in TEXT_LIMITS:
        return f"{field[-5:]} {rng.integers(10**6)}"
    if field in URL_LIMITS:
        return f"https://shop.example.com/p/{rng.integers(10**6)}"
    if field in FLAGS:
        return bool(rng.integers(2))
    if field == "systemDetails.gender":
        return int(rng.integers(-1, 5))
    if field in WHOLE:
        return int(rng.integers(-2, 50))
    return round(float(rng.integers(0, 20_000)) / 100, 2)


def odd_cell(rng, field):
    """A cell near a limit, of an awkward make, of the wrong type, or missing in some way."""
    kind = rng.random()
    if kind < 0.15:
        return pick(rng, MISSING_CELLS)
    if kind < 0.35:
        return pick(rng, WRONG_TYPES)
    if field in TEXT_LIMITS:
        return pick(rng, [*AWKWARD, *WHOLE_NUMBERS]) if kind < 0.6 else text_near(rng, TEXT_LIMITS[field])
    if field in URL_LIMITS:
        if kind < 0.8:
            return pick(rng, [*AWKWARD, *GOOD_URLS, *BAD_URLS, *BAD_URLS, 12])
        return url_near(rng, URL_LIMITS[field])
    if field in FLAGS:
        return pick(rng, [0, 1, "true", "tak", "False", 1.0, np.False_, "yes"])
    if field in WHOLE:
        return pick(rng, [*WHOLE_NUMBERS, "3", -2, 3, 4, 5])
    return pick(rng, AMOUNTS) if kind < 0.9 else pick(rng, WHOLE_NUMBERS)


def entry(rng, field, share):
    if rng.random() >= share:
        return f"{field} {rng.integers(99)}" if field != "imageUrls" else f"https://cdn.example.com/{rng.integers(99)}"
    if rng.random() < 0.5:
        return pick(rng, [*MISSING_CELLS, *AWKWARD, *WHOLE_NUMBERS, *WRONG_TYPES])
    if field == "imageUrls":
        return pick(rng, [*GOOD_URLS, *BAD_URLS, url_near(rng, LISTS[field])])
    return text_near(rng, (255,))


def list_cell(rng, field, share):
    if rng.random() < share / 2:
        return pick(rng, [*MISSING_CELLS, "a,b", 5, True, {"a": "b"}, b"x", 1.5, dt.date(2026, 1, 1), {1}, range(3)])
    entries = [entry(rng, field, share) for _ in range(int(rng.integers(0, 6 if rng.random() >= share else 9)))]
    if rng.random() < 0.2:
        return tuple(entries)
    return entries


def details_of(rng, share):
    names = rng.permutation(len(DETAILS))[: int(rng.integers(0, 6 if rng.random() >= share else len(DETAILS) + 1))]
    return {DETAILS[at]: entry(rng, "detail", share) for at in names}


# --- the same cells in columns of some dtype -------------------------------------------------------------------

TEXT_DTYPES = ["object", "str", "string", "string[python]", "string[pyarrow]", "category", pd.ArrowDtype(pa.string()),
               pd.ArrowDtype(pa.large_string()), pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))]  # fmt: skip
NUMBER_DTYPES = ["object", "float64", "Float64", pd.ArrowDtype(pa.float64()), "category"]
WHOLE_DTYPES = ["object", "Int64", "float64", pd.ArrowDtype(pa.int64()), pd.ArrowDtype(pa.uint64()), "Int16"]
FLAG_DTYPES = ["object", "boolean", pd.ArrowDtype(pa.bool_()), "category"]
DECIMAL_DTYPES = ["object", pd.ArrowDtype(pa.decimal128(30, 4)), pd.ArrowDtype(pa.decimal256(60, 9))]
KINDS = {str: TEXT_DTYPES, float: NUMBER_DTYPES, int: WHOLE_DTYPES, bool: FLAG_DTYPES, Decimal: DECIMAL_DTYPES}


def is_missing_cell(cell):
    if isinstance(cell, (float, Decimal)):
        return math.isnan(cell)
    return cell is None or cell is pd.NA or cell is pd.NaT


def column_of_one_kind(rng, cells, kind, dtype):
    """The cells that are of one Python type, as a typed column; the others become missing."""
    kept = [cell if type(cell) is kind and not is_missing_cell(cell) else None for cell in cells]
    if kind is str and dtype != "object":
        kept = [cell if cell is None or cell.isascii() or _encodable(cell) else None for cell in kept]
    if kind is str and dtype == "category":
        kept = [None if cell and "\0" in cell else cell for cell in kept]  # to pandas 2 it ends the text
    if kind is int and dtype != "object":
        bounds = {"Int16": 2**15}.get(dtype, 2**53 if dtype == "float64" else 2**63)
        low = 0 if dtype == pd.ArrowDtype(pa.uint64()) else -bounds + 1
        kept = [cell if cell is not None and low <= cell < bounds else None for cell in kept]
    if kind is Decimal and dtype != "object":
        kept = [cell if cell is not None and _fits(cell) else None for cell in kept]
    if kind is int and dtype == "float64":
        kept = [None if cell is None else float(cell) for cell in kept]
    series = pd.Series(kept, dtype=dtype)
    if dtype == "category":  # pandas 2.3 takes "\x00" and "" for one category
        kept = [None if is_missing_cell(cell) else cell for cell in series.astype(object)]
    return kept, series


def _encodable(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fits(number):
    return number.is_finite() and number == number.quantize(Decimal("0.0001")) if abs(number) < 10**20 else False


def column(rng, cells):
    """Cells and a column of them: mostly mixed objects, often one type and one of its dtypes."""
    if rng.random() < 0.4:
        return cells, pd.Series(cells, dtype=object)
    kinds = Counter(type(cell) for cell in cells if type(cell) in KINDS)
    if not kinds:
        return cells, pd.Series(cells, dtype=object)
    kind = pick(rng, list(kinds)) if rng.random() < 0.2 else kinds.most_common(1)[0][0]
    return column_of_one_kind(rng, cells, kind, pick(rng, KINDS[kind]))


# --- batches ---------------------------------------------------------------------------------------------------


def batch(seed, share, nested, lists, details):
    """Records, and a frame that holds the same."""
    rng = np.random.default_rng(seed)
    records = [{} for _ in range(ROWS)]
    columns = {}
    for field in SCALARS:
        columns[field] = scalar_column(rng, field, share, records)
    nest(columns, records, nested)
    for field in LISTS:
        add_list(rng, field, share, records, columns, lists)
    add_details(rng, share, records, columns, details)
    if rng.random() < share:
        columns.pop(pick(rng, ["name", "discountPrice", "quantity"]), None)
    labels = list(columns)
    rng.shuffle(labels)
    return [only(record, labels) for record in records], pd.DataFrame({label: columns[label] for label in labels})


def only(record, labels):
    return {name: value for name, value in record.items() if name not in {"name", "discountPrice", "quantity"}
            or name in labels}  # fmt: skip


def scalar_column(rng, field, share, records):
    odd, absent = rng.random(ROWS) < share, rng.random(ROWS) < OPTIONAL_SHARE[field]
    cells = [
        odd_cell(rng, field) if strange else None if gone else plain_cell(rng, field)
        for strange, gone in zip(odd.tolist(), absent.tolist(), strict=True)
    ]
    cells, series = column(rng, cells)
    for record, cell in zip(records, cells, strict=True):
        if not (cell is None or cell is pd.NA or cell is pd.NaT):
            record[field] = cell
    return series


def nest(columns, records, layout):
    """Fold dotted members of the records, and lay the columns out as asked."""
    names = [name for name in columns if "." in name]
    for record in records:
        inner = {name.partition(".")[2]: record.pop(name) for name in names if name in record}
        if inner or layout == "dict":
            record["systemDetails"] = inner
    if layout == "dict":
        for name in names:
            del columns[name]
        columns["systemDetails"] = pd.Series([record["systemDetails"] for record in records], dtype=object)
    elif layout == "short":
        for name in names:
            columns[name.partition(".")[2]] = columns.pop(name)


def add_list(rng, field, share, records, columns, layout):
    if layout == "cells":
        cells = [list_cell(rng, field, share) for _ in range(ROWS)]
        columns[field] = pd.Series([_as_array(rng, cell) for cell in cells], dtype=object)
    else:
        width = int(rng.integers(1, 8))
        cells = [[entry(rng, field, share) if rng.random() < 0.6 else None for _ in range(width)] for _ in range(ROWS)]
        for number in range(width):
            kept, series = column(rng, [cell[number] for cell in cells])
            columns[f"{field}{layout.format(number + 1)}"] = series
            for cell, value in zip(cells, kept, strict=True):
                cell[number] = value
    for record, cell in zip(records, cells, strict=True):
        if not (cell is None or cell is pd.NA or cell is pd.NaT):
            record[field] = known_missing(cell)


def _as_array(rng, cell):
    if not isinstance(cell, list) or rng.random() < 0.8:
        return cell
    array = np.empty(len(cell), dtype=object)
    for at, value in enumerate(cell):
        array[at] = value
    return array


def known_missing(cell):
    """The kinds of missing that only pandas knows, as None: the contract does not import pandas."""
    if isinstance(cell, (list, tuple)):
        return [None if value is pd.NA or value is pd.NaT else value for value in cell]
    if isinstance(cell, dict):
        return {name: None if value is pd.NA or value is pd.NaT else value for name, value in cell.items()}
    return cell


def add_details(rng, share, records, columns, layout):
    cells = [details_of(rng, share) for _ in range(ROWS)]
    if layout == "dict":
        odd = rng.random(ROWS) < share / 2
        cells = [pick(rng, [None, 5, "a", ["a"], {1: "x"}, {"half\ud800": "x"}, float("nan")]) if strange else cell
                 for cell, strange in zip(cells, odd.tolist(), strict=True)]  # fmt: skip
        columns["customDetails"] = pd.Series(cells, dtype=object)
    else:
        for name in DETAILS:
            kept, series = column(rng, [cell.get(name) for cell in cells])
            columns[f"customDetails.{name}"] = series
            for cell, value in zip(cells, kept, strict=True):
                cell[name] = value
    for record, cell in zip(records, cells, strict=True):
        if cell is not None:
            record["customDetails"] = known_missing(cell)


# --- verdicts --------------------------------------------------------------------------------------------------


def by_rows(records):
    errors, warnings = set(), set()
    for row, record in enumerate(records):
        found = check(Product, record)
        keys = {(row, item.field, item.item, item.reason_code, item.message) for item in found}
        (errors if any(item.severity == "error" for item in found) else warnings).update(keys)
    return errors, warnings


def by_columns(frame):
    report = preflight(frame)
    errors, warnings = set(), set()
    for found in report.findings:
        if found.faults.rule.name.startswith("duplicate"):  # a matter of several records
            continue
        rule = found.faults.rule.violation(found.binding.path)
        number = found.binding.number
        items = [None if number is None else number - 1] * len(found.faults.positions)
        items = items if found.faults.items is None else found.faults.items.tolist()
        for row, item in zip(found.faults.positions.tolist(), items, strict=True):
            key = (row, rule.field, item, rule.reason_code, rule.message)
            group = errors if rule.severity == "error" else warnings
            assert key not in group, f"found twice: {key}"
            group.add(key)
    for found in report.table_findings:
        if found.reason_code == 13:  # a required field without a column is said once, and meant for every row
            rule = "is required"
            errors |= {(row, found.field, None, 13, f"{found.field}|{rule}") for row in range(len(frame))}
    faulty = {row for row, *_ in errors}
    return errors, {key for key in warnings if key[0] not in faulty}


def assert_agreement(records, frame):
    row_errors, row_warnings = by_rows(records)
    column_errors, column_warnings = by_columns(frame)
    for rows, columns in ((row_errors, column_errors), (row_warnings, column_warnings)):
        unlike = sorted(rows ^ columns, key=repr)[:3]
        shown = [(key, "check" if key in rows else "preflight", repr(records[key[0]])[:800]) for key in unlike]
        assert not unlike, "only one of them says:\n" + "\n".join(map(str, shown))


@settings(max_examples=BATCHES)
@given(
    seed=st.integers(0, 2**63),
    share=st.sampled_from([0.004, 0.02, 0.1, 0.5]),
    nested=st.sampled_from(["dotted", "short", "dict"]),
    lists=st.sampled_from(["cells", ".{}", "_{}", "[{}]"]),
    details=st.sampled_from(["dict", "dotted"]),
)
def test_both_interpreters_give_the_same_verdict(seed, share, nested, lists, details):
    assert_agreement(*batch(seed, share, nested, lists, details))


@pytest.mark.parametrize("nested", ["dotted", "dict"])
def test_the_verdict_is_the_same_wherever_in_a_long_table_a_row_stands(nested):
    """Long columns are read in blocks; a row's verdict must not depend on its block."""
    records, frame = batch(11, 0.1, nested, "cells", "dotted")
    copies = 170
    errors, _ = by_columns(pd.concat([frame] * copies, ignore_index=True))
    once, _ = by_rows(records)
    assert errors == {(row + ROWS * copy, *rest) for row, *rest in once for copy in range(copies)}


ANY_TEXT = st.text(st.characters(codec=None), max_size=40)
ANY_CELL = st.one_of(
    ANY_TEXT,
    st.integers(),
    st.floats(),
    st.decimals(),  # signalling NaN among them
    st.booleans(),
    st.binary(max_size=5),
    st.dates(),
    st.none(),
    st.lists(st.one_of(ANY_TEXT, st.integers(), st.none(), st.floats()), max_size=7),
    st.dictionaries(st.one_of(ANY_TEXT, st.integers()), st.one_of(ANY_TEXT, st.floats(), st.none()), max_size=7),
)
MONEY_CELL = st.one_of(
    st.floats(-1e-5, 1e20),
    st.decimals(-1, 10**20),
    st.integers(-1, 10**20),
    st.integers(0, 10**9).map(lambda n: n / 100),
)
PER_FIELD = {
    **dict.fromkeys(SCALARS, ANY_CELL),
    **dict.fromkeys(MONEY, MONEY_CELL | ANY_CELL),
    "productUrl": ANY_CELL | ANY_TEXT.map("https://example.com/{}".format) | ANY_TEXT.map("https://{}.com".format),
}


@settings(max_examples=400)
@given(st.sampled_from([*SCALARS, "categories", "imageUrls", "customDetails", "systemDetails"]), st.data())
def test_one_field_of_anything_gets_the_same_verdict(field, data):
    cells = data.draw(st.lists(PER_FIELD.get(field, ANY_CELL), min_size=1, max_size=6))
    good = {"name": "n", "mainCategory": "c", "productUrl": "https://example.com/", "available": True, "price": 1}
    records = []
    for at, cell in enumerate(cells):
        record = good | {"productId": f"p{at}"}
        outer, _, inner = field.partition(".")
        record[outer] = {inner: cell} if inner else cell
        if cell is None:
            del record[outer]
        records.append(record)
    frame = pd.DataFrame({name: [row.get(name) for row in records] for name in [*good, "productId"]}, dtype=object)
    frame[field] = pd.Series(cells, dtype=object)
    if field == "productId":
        frame = frame.iloc[:1]
        records = records[:1]
    assert_agreement(records, frame)


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=repr)
@pytest.mark.parametrize("field", [*SCALARS, "categories", "customDetails", "systemDetails"])
def test_each_wrong_type_in_each_field(field, wrong):
    if isinstance(wrong, np.ndarray):
        wrong = wrong.tolist()
    good = {"productId": "p", "name": "n", "mainCategory": "c", "productUrl": "https://example.com/"}
    good |= {"available": True, "price": 1}
    outer, _, inner = field.partition(".")
    record = good | {outer: {inner: wrong} if inner else wrong}
    frame = pd.DataFrame({name: pd.Series([value], dtype=object) for name, value in good.items()})
    frame[field] = pd.Series([wrong], dtype=object)
    assert_agreement([record], frame)


def test_the_generator_reaches_every_rule():
    """An agreement on records that break nothing would prove nothing."""
    seen = Counter()
    for seed in range(40):
        records, _ = batch(seed, [0.5, 0.1, 0.02, 0.004][seed % 4], "dict", "cells", "dict")
        for group in by_rows(records):
            seen.update((field.partition(".")[0], code) for _, field, _, code, _ in group)
    wanted = {("name", 11), ("name", 13), ("name", 14), ("name", 18), ("price", 11), ("price", 14), ("price", 18),
              ("quantity", 11), ("quantity", 14), ("systemDetails", 18), ("systemDetails", 14), ("systemDetails", 12),
              ("categories", 11), ("categories", 14), ("imageUrls", 18), ("customDetails", 11), ("customDetails", 14),
              ("description", 12), ("productUrl", 12), ("productUrl", 18), ("discountPrice", None), ("price", None),
              ("quantity", None), ("systemDetails", None), ("available", 14)}  # fmt: skip
    assert wanted <= set(seen), wanted - set(seen)
