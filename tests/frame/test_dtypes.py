"""Whatever dtype a column has and however it writes "missing", the verdict is the one its values deserve."""

from __future__ import annotations

import copy
import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from smnotebook.contract import Product, check
from smnotebook.contract.fields import Money
from smnotebook.frame.batches import encode_products
from smnotebook.frame.preflight import preflight
from smnotebook.frame.reading import read_table


def codes(frame, field):
    """Reason code by row of the errors of one field."""
    issues = preflight(frame).issues
    issues = issues[(issues["field"] == field) & (issues["severity"] == "error")]
    return dict(zip(issues["position"].tolist(), issues["reason_code"].tolist(), strict=True))


def sent(frame):
    """The products as JSON would carry them."""
    table = read_table(frame, Product)
    return [json.loads(text) for text in encode_products(table, np.arange(len(frame))).payloads]


def arrow(kind):
    return pd.ArrowDtype(kind)


NA_STRING = pd.StringDtype("pyarrow", na_value=np.nan)

TEXT_DTYPES = {
    "object": object,
    "str": "str" if pd.__version__ >= "3" else NA_STRING,
    "string[python]": "string[python]",
    "string[pyarrow]": "string[pyarrow]",
    "string with nan": NA_STRING,
    "python string with nan": pd.StringDtype("python", na_value=np.nan),
    "category": "category",
    "arrow string": arrow(pa.string()),
    "arrow large string": arrow(pa.large_string()),
    "arrow dictionary": arrow(pa.dictionary(pa.int8(), pa.string())),
}


@pytest.mark.parametrize("dtype", TEXT_DTYPES.values(), ids=TEXT_DTYPES)
def test_text_of_every_dtype(frame_of, dtype):
    cells = pd.Series(["ok", "ż" * 255, "ż" * 256, None, "", "  "], dtype=dtype)
    assert codes(frame_of(6, name=cells), "name") == {2: 11, 3: 13, 4: 13, 5: 13}
    assert codes(frame_of(6, categoryExternalId=cells), "categoryExternalId") == {2: 11}
    urls = pd.Series(["https://example.com/a", "example.com", None, "", "https://example.com/ż", "  "], dtype=dtype)
    assert codes(frame_of(6, mainImageUrl=urls), "mainImageUrl") == {1: 18, 4: 18, 5: 18}


WHOLE_DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "Int8", "Int16", "Int32",
                "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "float16", "float32", "float64", "Float32", "Float64",
                "longdouble", "object", "category", arrow(pa.int8()), arrow(pa.int64()), arrow(pa.uint64()),
                arrow(pa.float32()), arrow(pa.float64()), arrow(pa.decimal128(9, 3)), arrow(pa.decimal256(50, 0)),
                pd.SparseDtype("int64"), pd.SparseDtype("float64")]  # fmt: skip


@pytest.mark.parametrize("dtype", WHOLE_DTYPES, ids=str)
def test_whole_numbers_of_every_dtype_fit_quantity_price_and_text(frame_of, dtype):
    cells = pd.Series([0, 7, 120], dtype=dtype)
    frame = frame_of(3, quantity=cells, price=cells, productId=cells)
    assert preflight(frame).ok
    assert [product["quantity"] for product in sent(frame)] == [0, 7, 120]
    assert [product["productId"] for product in sent(frame)] == ["0", "7", "120"]
    assert [product["price"] for product in sent(frame)] == [0, 7, 120]


MISSING_NUMBER_DTYPES = ["float16", "float32", "float64", "Float32", "Float64", "Int8", "Int64", "UInt64", "object",
                         "category", arrow(pa.int32()), arrow(pa.float64()), arrow(pa.decimal128(20, 2)),
                         pd.SparseDtype("float64")]  # fmt: skip


@pytest.mark.parametrize("dtype", MISSING_NUMBER_DTYPES, ids=str)
def test_a_missing_number_of_every_dtype_breaks_only_required_fields(frame_of, dtype):
    cells = (
        pd.Series([1, None, 3], dtype=object).astype(dtype)
        if dtype == "category"
        else pd.Series([1, None, 3], dtype=dtype)
    )
    frame = frame_of(3, price=cells, quantity=cells, discountPrice=pd.Series([None, None, None], dtype=dtype))
    assert codes(frame, "price") == {1: 13}
    assert codes(frame, "quantity") == codes(frame, "discountPrice") == {}


FRACTION_DTYPES = ["float16", "float32", "float64", "Float32", "Float64", "longdouble", "object", "category",
                   arrow(pa.float32()), arrow(pa.float64()), pd.SparseDtype("float64")]  # fmt: skip


@pytest.mark.parametrize("dtype", FRACTION_DTYPES, ids=str)
def test_fractions_of_every_dtype(frame_of, dtype):
    cells = pd.Series([0.5, 2.0, 12.25], dtype=dtype)
    assert codes(frame_of(3, quantity=cells), "quantity") == {0: 14, 2: 14}
    assert codes(frame_of(3, price=cells), "price") == {}
    assert codes(frame_of(3, categoryExternalId=cells), "categoryExternalId") == {0: 14, 2: 14}
    assert codes(frame_of(3, price=pd.Series([0.125, 1.0, 2.375], dtype=dtype)), "price") == {0: 18, 2: 18}


@pytest.mark.parametrize("dtype", ["float32", "Float32", arrow(pa.float32()), "object"], ids=str)
def test_a_short_float_means_its_shortest_digits(frame_of, dtype):
    """79.99 as float32 is 79.98999786376953: nobody priced anything so."""
    prices = np.array([79.99, 1234.56, 0.01], dtype=np.float32)
    cells = pd.Series(list(prices), dtype=object) if dtype == "object" else pd.Series(prices).astype(dtype)
    frame = frame_of(3, price=cells)
    assert preflight(frame).ok
    assert [product["price"] for product in sent(frame)] == [79.99, 1234.56, 0.01]


def test_decimals_stay_exact(frame_of):
    exact = Decimal("9999999999999999999.99")
    for cells in (
        pd.Series([exact, Decimal("0.10"), Decimal("5")], dtype=object),
        pd.Series([exact, Decimal("0.10"), Decimal("5")], dtype=arrow(pa.decimal128(21, 2))),
        pd.Series([exact, Decimal("0.10"), Decimal("5")], dtype=arrow(pa.decimal256(40, 8))),
    ):
        table = read_table(frame_of(3, price=cells), Product)
        texts = encode_products(table, np.arange(3)).payloads
        assert [json.loads(text, parse_float=Decimal)["price"] for text in texts] == [exact, Decimal("0.10"), 5]
    halves = pd.Series([Decimal("9007199254740992.5"), Decimal("1e700"), Decimal("9223372036854775807")], dtype=object)
    assert codes(frame_of(3, quantity=halves), "quantity") == {0: 14, 1: 11}
    assert codes(frame_of(3, price=halves), "price") == {1: 11}
    rows = [record | {"quantity": cell} for record, cell in zip(sent(frame_of(3)), halves, strict=True)]
    assert [[found.reason_code for found in check(Product, row)] for row in rows] == [[14], [11], []]
    too_fine = pd.Series([Decimal("1.001"), Decimal("1.00"), None], dtype=object)
    assert codes(frame_of(3, price=too_fine), "price") == {0: 18, 2: 13}


def test_an_amount_of_as_many_cents_as_a_number_of_64_bits_has_no_room_for(frame_of):
    at_the_limit = [92233720368547758.08, 92233720368547744.0, 9.3e16]
    table = read_table(frame_of(3, price=pd.Series(at_the_limit)), Product)
    assert table.find("price").to_pylist() == [Money().coerce(price) for price in at_the_limit]


@pytest.mark.parametrize("dtype", [">f8", ">i4"])
def test_numbers_with_their_bytes_the_other_way_round(frame_of, dtype):
    cells = pd.Series(np.array([7, 1, 9], dtype=dtype))
    frame = frame_of(3, gender=cells)
    report = preflight(frame)
    found = report.issues[report.issues["field"] == "systemDetails.gender"]
    assert list(zip(found["position"], found["value"], strict=True)) == [(0, str(cells[0])), (2, str(cells[2]))]


def test_a_missing_text_has_no_length_whatever_lies_under_it(frame_of):
    under = "x" * 5000
    text = pa.array([under, "short", under], pa.large_string())
    missing = pa.LargeStringArray.from_buffers(3, *text.buffers()[1:], pa.py_buffer(bytes([0b110])), null_count=1)
    cells = pd.Series(pd.array(pa.chunked_array([missing]), dtype="string[pyarrow]"))
    issues = preflight(frame_of(3, description=cells)).issues
    assert issues.loc[issues["field"] == "description", "position"].tolist() == [2]


FLAG_DTYPES = ["object", "boolean", "category", arrow(pa.bool_())]


@pytest.mark.parametrize("dtype", FLAG_DTYPES, ids=str)
def test_truth_of_every_dtype(frame_of, dtype):
    cells = pd.Series([True, False, None], dtype=dtype)
    assert codes(frame_of(3, available=cells), "available") == {2: 13}
    assert codes(frame_of(3, active=cells), "active") == {}
    assert [product.get("active") for product in sent(frame_of(3, active=cells))] == [True, False, None]


@pytest.mark.parametrize("dtype", ["bool", pd.SparseDtype("bool")], ids=str)
def test_truth_that_can_not_be_missing(frame_of, dtype):
    frame = frame_of(2, available=pd.Series([True, False], dtype=dtype))
    assert preflight(frame).ok
    assert [product["available"] for product in sent(frame)] == [True, False]


NO_TRUTH = [[1, 0], [1.0, 0.0], ["true", "tak"], [b"1", b"0"], [Decimal(1), Decimal(0)]]


@pytest.mark.parametrize("cells", NO_TRUTH, ids=repr)
def test_what_merely_looks_true_is_no_truth(frame_of, cells):
    assert codes(frame_of(2, available=pd.Series(cells)), "available") == {0: 14, 1: 14}
    assert codes(frame_of(2, available=pd.Series(cells, dtype=object)), "available") == {0: 14, 1: 14}


DAY = "2026-01-02"
OTHER_TYPES = {
    "datetime64[ns]": pd.Series(pd.to_datetime([DAY, None])),
    "datetime64[s]": pd.Series(pd.to_datetime([DAY, None])).astype("datetime64[s]"),
    "datetime64 with zone": pd.Series(pd.to_datetime([DAY, None], utc=True)),
    "timedelta": pd.Series(pd.to_timedelta([1, None], unit="D")),
    "period": pd.Series(pd.PeriodIndex([DAY, None], freq="D")),
    "interval": pd.Series(pd.arrays.IntervalArray.from_tuples([(0, 1), None])),
    "complex": pd.Series([1j, np.nan]),
    "bytes": pd.Series([b"text", None]),
    "arrow binary": pd.Series([b"text", None], dtype=arrow(pa.binary())),
    "arrow date": pd.Series([dt.date(2026, 1, 2), None], dtype=arrow(pa.date32())),
    "arrow timestamp": pd.Series([pd.Timestamp(DAY), None], dtype=arrow(pa.timestamp("us"))),
    "arrow time": pd.Series([dt.time(1), None], dtype=arrow(pa.time64("us"))),
    "arrow list": pd.Series([["a"], None], dtype=arrow(pa.list_(pa.string()))),
    "arrow struct": pd.Series([{"a": 1}, None], dtype=arrow(pa.struct({"a": pa.int64()}))),
    "dates": pd.Series([dt.date(2026, 1, 2), None], dtype=object),
    "timestamps": pd.Series([pd.Timestamp(DAY), pd.NaT], dtype=object),
    "numpy dates": pd.Series([np.datetime64(DAY), np.datetime64("NaT")], dtype=object),
    "lists": pd.Series([["a"], None], dtype=object),
    "arrays": pd.Series([np.array(["a"]), None], dtype=object),
    "dicts": pd.Series([{"a": 1}, None], dtype=object),
    "sets": pd.Series([{"a"}, None], dtype=object),
    "classes": pd.Series([object(), None], dtype=object),
    "frames": pd.Series([pd.DataFrame({"a": [1]}), None], dtype=object),
    "categories of dates": pd.Series(pd.to_datetime([DAY, None])).astype("category"),
    "bool": pd.Series([True, None], dtype=object),
}


STRANGERS = [
    (field, name)
    for field in ("name", "categoryExternalId", "mainImageUrl", "price", "quantity", "active")
    for name in OTHER_TYPES
    if (field, name) != ("active", "bool")  # which is the right one
]


@pytest.mark.parametrize(("field", "name"), STRANGERS)
def test_a_dtype_that_is_not_the_fields_is_refused_and_its_missing_cells_are_missing(frame_of, field, name):
    wanted = {0: 14, 1: 13} if field in {"name", "price"} else {0: 14}
    assert codes(frame_of(2, **{field: OTHER_TYPES[name]}), field) == wanted


MISSING = {"None": None, "nan": float("nan"), "NaT": pd.NaT, "NA": pd.NA, "float32 nan": np.float32("nan"),
           "float64 nan": np.float64("nan"), "float16 nan": np.float16("nan"), "decimal NaN": Decimal("NaN"),
           "datetime64 NaT": np.datetime64("NaT"), "timedelta64 NaT": np.timedelta64("NaT"), "empty": "",
           "numpy empty": np.str_("")}  # fmt: skip
FIELDS = ["productId", "name", "productUrl", "available", "price", "description", "mainImageUrl", "active", "quantity",
          "discountPrice", "systemDetails.gender", "categories", "imageUrls", "customDetails", "systemDetails",
          "customDetails.detail1", "categories.1"]  # fmt: skip


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING)
@pytest.mark.parametrize("field", FIELDS)
def test_every_kind_of_missing_is_one_thing(frame_of, field, missing):
    frame = frame_of(2)
    frame[field] = pd.Series([missing, missing], dtype=object)
    required = field in FIELDS[:5]
    assert codes(frame, field) == ({0: 13, 1: 13} if required else {})
    if not required:
        assert field.partition(".")[0] not in sent(frame)[0]


@pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING)
def test_every_kind_of_missing_among_values_of_another_type(frame_of, missing):
    frame = frame_of(3, quantity=pd.Series([5, "five", missing], dtype=object))
    assert codes(frame, "quantity") == {1: 14}


def as_array(entries):
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array


LISTS = {
    "lists": pd.Series([["a", "ż" * 256], [], None, ["b"] * 6], dtype=object),
    "tuples": pd.Series([("a", "ż" * 256), (), None, ("b",) * 6], dtype=object),
    "arrays": pd.Series([np.array(["a", "ż" * 256]), np.array([]), None, np.array(["b"] * 6)], dtype=object),
    "arrays of objects": pd.Series([as_array(["a", "ż" * 256]), as_array([]), None, as_array(["b"] * 6)], dtype=object),
    "arrow list": pd.Series([["a", "ż" * 256], [], None, ["b"] * 6], dtype=arrow(pa.list_(pa.string()))),
    "arrow large list": pd.Series(
        [["a", "ż" * 256], [], None, ["b"] * 6], dtype=arrow(pa.large_list(pa.large_string()))
    ),
    "with missing entries": pd.Series([["a", "ż" * 256, None], [None], None, [pd.NA, *["b"] * 6, ""]], dtype=object),
    "arrow with nulls": pd.Series(
        [["a", "ż" * 256, None], [None], None, [None, *["b"] * 6, ""]], dtype=arrow(pa.list_(pa.string()))
    ),
}  # fmt: skip


@pytest.mark.parametrize("cells", LISTS.values(), ids=LISTS)
def test_lists_of_every_make(frame_of, cells):
    frame = frame_of(4, categories=cells)
    assert codes(frame, "categories") == {0: 11, 3: 11}
    assert [product.get("categories") for product in sent(frame.iloc[1:3])] == [None, None]


@pytest.mark.parametrize("dtype", [object, arrow(pa.list_(pa.int64()))], ids=str)
def test_whole_numbers_in_lists_are_taken_for_their_digits(frame_of, dtype):
    frame = frame_of(2, categories=pd.Series([[1, 22], [333]], dtype=dtype))
    assert [product["categories"] for product in sent(frame)] == [["1", "22"], ["333"]]


@pytest.mark.parametrize("cell", ["a, b", 5, 1.5, True, {"a": "b"}, b"a", {"a"}, dt.date(2026, 1, 2)], ids=repr)
def test_what_is_no_list_is_refused_as_one(frame_of, cell):
    frame = frame_of(2, categories=pd.Series([cell, ["a"]], dtype=object))
    assert codes(frame, "categories") == {0: 14}


DETAILS = [{"brand": "Acme", "gender": 9, "color": None}, {"brand": 12, "bestseller": "yes"}, None]


@pytest.mark.parametrize("dtype", [object, arrow(pa.struct({"brand": pa.string(), "gender": pa.int64()}))], ids=str)
def test_objects_in_cells_are_held_to_the_nested_fields(frame_of, dtype):
    cells = DETAILS if dtype is object else [{"brand": "Acme", "gender": 9}, {"brand": None, "gender": None}, None]
    frame = frame_of(3, systemDetails=pd.Series(cells, dtype=dtype))
    assert codes(frame, "systemDetails.gender") == {0: 18}
    if dtype is object:
        assert codes(frame, "systemDetails.bestseller") == {1: 14}
        assert codes(frame, "systemDetails.brand") == {}


def test_free_details_in_cells(frame_of):
    cells = [{"material": "x" * 256, "ok": 5}, {f"d{k}": "x" for k in range(6)}, [("a", "b")]]
    frame = frame_of(3, customDetails=pd.Series(cells, dtype=object))
    assert codes(frame, "customDetails.material") == {0: 11}
    assert codes(frame, "customDetails") == {1: 11, 2: 14}


def test_ids_keep_their_form(frame_of):
    for cells, wanted in (
        (pd.Series([1234.0, 5.0]), ["1234", "5"]),
        (pd.Series(["00123", "0"]), ["00123", "0"]),
        (pd.Series([0, 10**18]), ["0", str(10**18)]),
        (pd.Series([0, 10**30], dtype=object), ["0", str(10**30)]),
        (pd.Series(["00123", 123], dtype=object), ["00123", "123"]),
        (pd.Series([12.0, 13.0], dtype="category"), ["12", "13"]),
    ):
        frame = frame_of(2, productId=cells)
        assert preflight(frame).ok
        assert [product["productId"] for product in sent(frame)] == wanted


# --- the caller's frame ----------------------------------------------------------------------------------------


@pytest.fixture
def zoo(frame_of):
    shared = {"brand": "Acme", "season": "SS26"}
    frame = frame_of(
        4,
        name=pd.Series(["a", None, "x" * 300, ""], dtype=object),
        mainCategory=pd.Series(["a", "b", "a", None], dtype="category"),
        price=pd.Series([1.5, np.nan, 2.345, -1.0], dtype="Float64"),
        quantity=pd.Series([1, None, 3, 4], dtype="Int64"),
        description=pd.Series(["a", None, "c", "d" * 2000], dtype="string[pyarrow]"),
        categories=pd.Series([["a", None], ("b",), np.array(["c"]), None], dtype=object),
        systemDetails=pd.Series([shared, shared, None, {"gender": 9}], dtype=object),
        customDetails=pd.Series([{"a": "b"}, {}, None, "no dict"], dtype=object),
        active=pd.Series([True, None, False, "yes"], dtype=object),
        mainImageUrl=pd.Series(["https://example.com/a", None, "x", b"y"], dtype=object),
        unmapped=pd.Series(pd.date_range("2026-01-01", periods=4)),
    )
    frame.index = pd.MultiIndex.from_tuples([("a", 1), ("a", 1), ("b", 2), ("b", 3)], names=["shop", "line"])
    frame.attrs = {"source": {"file": "feed.csv"}}
    frame.flags.allows_duplicate_labels = True
    return frame


def assert_untouched(frame, before, cells, index, columns):
    pd.testing.assert_frame_equal(frame, before, check_freq=True, check_flags=True)
    assert frame.dtypes.tolist() == before.dtypes.tolist()
    assert frame.attrs == before.attrs == {"source": {"file": "feed.csv"}}
    assert frame.index is index
    assert frame.columns is columns
    for name, kept in cells.items():
        assert all(cell is other for cell, other in zip(frame[name].array, kept, strict=True)), name


def test_the_callers_frame_is_never_changed(zoo):
    objects = [name for name in zoo if zoo[name].dtype == object]
    cells = {name: list(zoo[name].array) for name in objects}
    before, index, columns = copy.deepcopy(zoo), zoo.index, zoo.columns
    report = zoo.salesmanago.preflight()
    _ = report.issues, report.summary(), repr(report), report._repr_html_(), report.to_csv()
    assert_untouched(zoo, before, cells, index, columns)
    encode_products(read_table(zoo, Product), np.array([0])).fingerprints  # noqa: B018
    assert_untouched(zoo, before, cells, index, columns)


def test_a_frame_on_read_only_memory_is_read_as_any_other(frame_of):
    frame = frame_of(3)
    prices = np.array([1.0, 2.0, 3.0])
    prices.flags.writeable = False
    assert preflight(frame.assign(price=prices)).ok


def test_a_slice_or_a_view_is_read_as_its_own_rows(frame_of):
    frame = frame_of(10, price=[1.0, -1.0] * 5, name=["ok", "x" * 300] * 5)
    assert preflight(frame.iloc[::2]).ok
    assert codes(frame.iloc[3:6], "price") == {0: 11, 2: 11}
    assert codes(frame.iloc[::-1], "name") == {0: 11, 2: 11, 4: 11, 6: 11, 8: 11}
    sliced = frame.astype({"name": "string[pyarrow]", "price": arrow(pa.float64())}).iloc[1:4]
    assert codes(sliced, "name") == codes(sliced, "price") == {0: 11, 2: 11}


def test_columns_of_several_arrow_chunks(frame_of):
    parts = [pa.array(["ok"]), pa.array([], pa.string()), pa.array(["x" * 300, None]), pa.array(["", "  "])]
    names = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array(parts)))
    assert codes(frame_of(5, name=names), "name") == {1: 11, 2: 13, 3: 13, 4: 13}


def test_the_accessor_says_what_the_function_says(zoo):
    pd.testing.assert_frame_equal(zoo.salesmanago.preflight().issues, preflight(zoo).issues)
