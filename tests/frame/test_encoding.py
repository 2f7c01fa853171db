"""What travels is what ``check`` would read: exact amounts, strict JSON, and a fingerprint of the content alone."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smnotebook.contract import Product
from smnotebook.contract.damage import NULL_WORDS
from smnotebook.errors import UsageError
from smnotebook.frame.arrow import BLOCK_ROWS
from smnotebook.frame.batches import check_clear, encode_products, encode_slabs, request_body
from smnotebook.frame.preflight import preflight
from smnotebook.frame.reading import read_table


def encode(frame, **options):
    return encode_products(read_table(frame, Product), np.arange(len(frame)), **options)


def strict(payload):
    """The JSON, refusing what standard JSON lacks, with every number exact."""

    def refuse(word):
        raise AssertionError(f"not JSON: {word}")

    pairs = []

    def once(members):
        names = [name for name, _ in members]
        assert len(names) == len(set(names)), f"a name twice: {names}"
        pairs.append(names)
        return dict(members)

    return json.loads(payload.decode("utf-8"), parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
REQUIRED_TEXT = TEXT.filter(lambda text: text.strip() and text.strip() not in NULL_WORDS)
CENTS = st.integers(0, 10**10)
AMOUNT = st.one_of(
    CENTS.map(lambda cents: cents / 100),
    CENTS.map(lambda cents: Decimal(cents).scaleb(-2)),
    st.integers(0, 10**18),
    st.sampled_from([59.970000000000006, 0.1 + 0.2, Decimal("9999999999999999999.99"), 0, 0.0, -0.0, 1e-7]),
)
URL = st.integers(0, 10**6).map("https://shop.example.com/p/{}?a[]=1&q=\u017c".format)
RECORD = st.fixed_dictionaries(
    {
        "name": REQUIRED_TEXT,
        "mainCategory": REQUIRED_TEXT,
        "productUrl": URL,
        "available": st.booleans(),
        "price": AMOUNT,
    },
    optional={
        "categoryExternalId": TEXT | st.integers(),
        "categories": st.lists(TEXT | st.none(), max_size=5),
        "description": TEXT,
        "mainImageUrl": URL,
        "imageUrls": st.lists(URL | st.none(), max_size=5),
        "active": st.booleans(),
        "quantity": st.integers(-(2**63), 2**63 - 1) | st.integers(-1000, 1000).map(float),
        "discountPrice": AMOUNT,
        "systemDetails": st.fixed_dictionaries(
            {},
            optional={
                "brand": TEXT,
                "manufacturer": TEXT,
                "popularity": st.integers(0, 100),
                "gender": st.integers(-1, 4),
                "season": TEXT,
                "color": TEXT.filter(lambda text: len(text) <= 25),
                "bestseller": st.booleans(),
                "newProduct": st.booleans(),
            },
        ),
        "customDetails": st.dictionaries(TEXT, TEXT | st.integers() | st.none(), max_size=5),
    },
)


def without_empty(record):
    """A record as it travels: neither an empty list nor an empty object says anything."""
    return {name: value for name, value in record.items() if value not in ([], {})}


@settings(max_examples=250)
@given(st.lists(RECORD, min_size=1, max_size=6))
def test_a_payload_is_the_record_that_check_would_read(records):
    records = [{"productId": f"p{at}", **record} for at, record in enumerate(records)]
    frame = pd.DataFrame({name: pd.Series([record.get(name) for record in records], dtype=object)
                          for name in Product.model_fields if name != "setAsNull"})  # fmt: skip
    assert preflight(frame).ok
    encoded = encode(frame)
    assert encoded.product_ids == [record["productId"] for record in records]
    for payload, record in zip(encoded.payloads, records, strict=True):
        wanted = without_empty(Product.model_validate(record).to_wire())
        assert strict(payload) == wanted


@settings(max_examples=150)
@given(st.lists(TEXT, min_size=1, max_size=8))
def test_any_text_survives(texts):
    encoded = encode(good(len(texts), description=pd.Series(texts)))
    assert [strict(payload)["description"] for payload in encoded.payloads] == texts


def good(rows, **columns):
    base = {"productId": [f"p{n}" for n in range(rows)], "name": "n", "mainCategory": "c", "price": 59.97,
            "productUrl": "https://example.com/", "available": True}  # fmt: skip
    return pd.DataFrame(base | columns)


@pytest.mark.parametrize(
    ("price", "written"),
    [(59.970000000000006, b'"price":59.97'), (0.1 + 0.2, b'"price":0.30'), (5, b'"price":5.00'), (1e15, b"00.00"),
     (Decimal("9999999999999999999.99"), b":9999999999999999999.99"), (0.0, b'"price":0.00'), (-0.0, b'"price":0.00'),
     (1e-7, b'"price":0.00'), (-1e-7, b'"price":0.00'), (1e18, b":1000000000000000000.00")],
)  # fmt: skip
def test_money_is_written_to_the_cent_and_never_as_float_noise(price, written):
    payload = encode(good(1, price=pd.Series([price]))).payloads[0]
    assert written in payload
    assert b"-" not in payload.partition(b'"price":')[2].partition(b",")[0]


@settings(max_examples=300)
@given(st.lists(CENTS, min_size=1, max_size=50))
def test_every_float_to_the_cent_arrives_as_that_cent(cents):
    frame = good(len(cents), price=[number / 100 for number in cents])
    got = [strict(payload)["price"] for payload in encode(frame).payloads]
    assert got == [Decimal(number).scaleb(-2) for number in cents]


def test_missing_cells_are_left_out():
    frame = good(2, description=[None, "d"], quantity=[1.0, np.nan], categories=[None, ["a"]])
    first, second = map(strict, encode(frame).payloads)
    assert set(first) == {"productId", "name", "mainCategory", "price", "productUrl", "available", "quantity"}
    assert set(second) == set(first) - {"quantity"} | {"description", "categories"}
    assert b"null" not in b"".join(encode(frame).payloads)


def test_lists_and_objects_without_an_entry_are_left_out():
    frame = good(2, categories=[[], [None, ""]], systemDetails=[{}, {"brand": None}], customDetails=[{"a": ""}, None])
    for payload in encode(frame).payloads:
        assert not {"categories", "systemDetails", "customDetails"} & set(strict(payload))


def test_numbered_columns_make_a_list_in_the_order_of_their_numbers():
    frame = good(
        1, **{"categories.10": "tenth", "categories.2": "second", "categories.1": None, "categories.3": "third"}
    )
    assert strict(encode(frame).payloads[0])["categories"] == ["second", "third", "tenth"]


def test_nothing_but_declared_fields_travels():
    assert set(strict(encode(good(1, secret="x", cost=3)).payloads[0])) == set(good(1))


@pytest.mark.parametrize("kind", ["object", "string[pyarrow]"])
@pytest.mark.parametrize(
    "character", [chr(code) for code in [*range(0x20), 0x22, 0x5C, 0x7F, 0x85, 0x2028, 0xFFFF, 0x1F600]]
)
def test_every_character_that_json_treats_specially(character, kind):
    texts = [character, f"a{character}", f"{character}b", f'"{character}\\', character * 300]
    frame = good(5, description=pd.Series(texts, dtype=kind), **{f"customDetails.{character}": texts[:1] * 5})
    for payload, text in zip(encode(frame).payloads, texts, strict=True):
        assert strict(payload)["description"] == text
        assert strict(payload)["customDetails"] == {character: character}


# --- fingerprints ----------------------------------------------------------------------------------------------


@pytest.fixture
def shop(make_products):
    return make_products(300, faulty=0, repeated_ids=0)


def fingerprints(frame, **options):
    encoded = encode(frame, **options)
    return dict(zip(encoded.product_ids, encoded.fingerprints, strict=True))


def test_a_fingerprint_depends_on_the_content_alone(shop):
    wanted = fingerprints(shop)
    assert len(set(wanted.values())) == len(shop)
    shuffled = shop.sample(frac=1, random_state=1)[list(reversed(shop.columns))]
    shuffled.index = pd.MultiIndex.from_product([["a"], range(len(shop))])
    assert fingerprints(shuffled) == wanted
    assert fingerprints(shop.iloc[100:200]) == {name: wanted[name] for name in shop["productId"].iloc[100:200]}


@pytest.mark.parametrize("make", [
    lambda frame: frame.astype(object),
    lambda frame: frame.convert_dtypes(),
    lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    lambda frame: frame.astype(dict.fromkeys(frame.select_dtypes(["object", "string"]), "category")),
    lambda frame: frame.astype({"quantity": "Int64", "systemDetails.gender": "float64"}),
    lambda frame: frame.assign(price=[Decimal(f"{price:.2f}") for price in frame["price"]]),
    lambda frame: frame.assign(price=frame["price"] + 1e-9),
    lambda frame: frame.assign(unmapped=range(len(frame))),
    lambda frame: frame.astype(object).where(frame.notna(), ""),
], ids=range(9))  # fmt: skip
def test_a_fingerprint_does_not_depend_on_the_dtype(shop, make):
    shop["active"] = shop["active"].astype(object)
    assert fingerprints(make(shop.copy())) == fingerprints(shop)


def test_a_fingerprint_does_not_depend_on_the_layout(shop):
    nested = shop.copy()
    for name in ("systemDetails", "customDetails"):
        parts = [column for column in nested if column.startswith(f"{name}.")]
        keys = [part.partition(".")[2] for part in parts]
        dicts = [
            dict(reversed(list(zip(keys, cells, strict=True)))) for cells in nested[parts].astype(object).to_numpy()
        ]
        nested = nested.drop(columns=parts)
        nested[name] = dicts
    for name in ("categories", "imageUrls"):
        parts = [column for column in nested if re_list(name, column)]
        lists = [list(cells) for cells in nested[parts].astype(object).to_numpy()]
        nested = nested.drop(columns=parts)
        nested[name] = lists
    assert fingerprints(nested) == fingerprints(shop)


def re_list(name, column):
    return column.startswith((f"{name}.", f"{name}_"))


@pytest.mark.parametrize("column", ["name", "price", "available", "systemDetails.color", "categories.1", "imageUrls_2"])
def test_a_fingerprint_changes_with_every_field(shop, column):
    other = {"name": "another", "price": 0.01, "available": None, "imageUrls_2": "https://example.com/other"}
    changed = shop.astype({column: object})
    value = other.get(column, "another")
    changed.loc[7, column] = (not shop.loc[7, column]) if value is None else value
    before, after = fingerprints(shop), fingerprints(changed)
    assert [name for name in before if before[name] != after[name]] == [shop.loc[7, "productId"]]


# --- clearing, slabs, requests ---------------------------------------------------------------------------------


def test_missing_cells_of_chosen_columns_are_cleared_by_name():
    frame = good(2, discountPrice=[None, 5.0], **{"customDetails.detail2": [None, "x"]})
    first, second = map(strict, encode(frame, clear=("discountPrice", "customDetails.detail2")).payloads)
    assert sorted(first["setAsNull"]) == ["detail2", "discountPrice"]
    assert "setAsNull" not in second
    assert strict(encode(frame).payloads[0]).keys() == set(good(1))


def test_clearing_a_detail_inside_a_dict_column():
    frame = good(3, customDetails=[{"detail1": "a"}, {"detail1": None}, None])
    payloads = [strict(payload) for payload in encode(frame, clear=("customDetails.detail1",)).payloads]
    assert [payload.get("setAsNull") for payload in payloads] == [None, ["detail1"], ["detail1"]]


def test_clearing_changes_the_fingerprint():
    frame = good(1, discountPrice=[None])
    assert fingerprints(frame) != fingerprints(frame, clear=("discountPrice",))


@pytest.mark.parametrize("name", ["price", "name", "detail1", "customDetails", "customDetails.material", "description"])
def test_only_what_the_api_can_clear_is_cleared(name):
    with pytest.raises(UsageError, match="discountPrice"):
        check_clear((name,))


def test_slabs_are_the_rows_in_order_and_no_row_twice(shop):
    table = read_table(shop, Product)
    positions = np.arange(0, 300, 3)
    whole = encode_products(table, positions)
    slabs = list(encode_slabs(table, positions, slab_rows=7))
    assert [len(slab) for slab in slabs] == [7] * 14 + [2]
    assert np.concatenate([slab.positions for slab in slabs]).tolist() == positions.tolist()
    assert [payload for slab in slabs for payload in slab.payloads] == whole.payloads
    assert [mark for slab in slabs for mark in slab.fingerprints] == whole.fingerprints


def test_a_frame_without_ids_says_what_to_do():
    with pytest.raises(UsageError, match="productId"):
        encode(good(1).drop(columns="productId"))


def test_no_rows_make_no_payloads():
    assert len(encode(good(2).iloc[:0])) == 0
    assert encode_products(read_table(good(2), Product), np.array([], dtype=np.int64)).payloads == []


def test_a_request_holds_the_catalog_and_the_products():
    frame = good(3)
    body = strict(request_body('cat "1"\\ż', encode(frame).payloads))
    assert body["catalogId"] == 'cat "1"\\ż'
    assert [product["productId"] for product in body["products"]] == ["p0", "p1", "p2"]


def test_rows_in_several_blocks_keep_their_own_content():
    rows = BLOCK_ROWS + 4_000
    frame = good(rows, description=pd.Series([f"text {n}" for n in range(rows)], dtype=pd.ArrowDtype(pa.string())))
    positions = np.array([0, BLOCK_ROWS - 1, BLOCK_ROWS, rows - 1])
    encoded = encode_products(read_table(frame, Product), positions)
    assert [strict(payload)["description"] for payload in encoded.payloads] == [f"text {n}" for n in positions]
