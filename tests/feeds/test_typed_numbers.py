"""Typed numbers of JSON, workbooks and frames keep their value beside any text, read whole and in chunks."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.values.typed import TYPED

MAPPING = {"productId": "id", "name": "title", "price": "amount", "customDetails.size": "size"}


def table(amounts: list[object]) -> list[dict[str, object]]:
    sizes = [38.5, "XL", 0.125]
    return [
        {"id": f"p{at}", "title": f"Product {at}", "amount": amount, "size": sizes[at % 3]}
        for at, amount in enumerate(amounts)
    ]


def as_json(rows: list[dict[str, object]]) -> bytes:
    return json.dumps(rows).encode()


def as_lines(rows: list[dict[str, object]]) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


def as_workbook(rows: list[dict[str, object]]) -> bytes:
    stream = io.BytesIO()
    pd.DataFrame(rows).to_excel(stream, index=False)
    return stream.getvalue()


SOURCES = {"json": as_json, "lines": as_lines, "workbook": as_workbook, "frame": pd.DataFrame}

TABLES = [
    ([1.299, 2.5, 3], [1.299, 2.5, 3.0], 0),
    ([1.25, "1.500", 2], [1.25, "1.500", 2.0], 1),
    ([1.299, "1.500", "2"], [1.299, "1.500", 2.0], 1),
    ([1.299, "1.500", "990,50", "900,00"], [1.299, 1500.0, 990.5, 900.0], 0),
    ([1.299, "1.500", "12.50"], [1.299, 1.5, 12.5], 0),
    ([1.299, "1.500 Ft", 900], [1.299, 1500.0, 900.0], 0),
]


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize(("amounts", "expected", "questions"), TABLES)
def test_whole_and_in_chunks(kind, amounts, expected, questions):
    source = SOURCES[kind](table(amounts))
    whole = sm.read_feed(source, preset=None, mapping=MAPPING)
    assert whole["price"].tolist() == expected
    assert len(sm.reading_report(whole).questions) == questions
    assert whole["customDetails.size"].tolist() == ["38.5", "XL", "0.125", "38.5"][: len(amounts)]
    for rows in (1, 2):
        chunks = list(sm.read_feed(source, preset=None, mapping=MAPPING, chunk_rows=rows))
        assert [price for chunk in chunks for price in chunk["price"].tolist()] == expected


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize(("amounts", "expected", "questions"), TABLES)
def test_a_table_left_as_it_is_maps_to_the_same(kind, amounts, expected, questions):
    plain = sm.read_feed(SOURCES[kind](table(amounts)), preset=None)
    assert TYPED not in plain.to_csv()
    rules = [{"field": field, "columns": column} for field, column in MAPPING.items()]
    mapping = sm.Mapping.from_frame(pd.DataFrame(rules))
    products = mapping.apply(plain, questions="keep")
    assert products["price"].tolist() == expected
    assert len(sm.reading_report(products).questions) == questions


def test_fix_reads_the_texts_and_leaves_the_numbers():
    frame = pd.DataFrame({"productId": ["a", "b", "c"], "price": pd.Series([1.25, "1.500", "990,50"], dtype=object)})
    assert frame.salesmanago.fix()["price"].tolist() == [1.25, 1500.0, 990.5]
    alone = frame.assign(price=pd.Series([1.25, "1.500", 2.5], dtype=object)).salesmanago.fix()
    assert alone["price"].tolist() == [1.25, "1.500", 2.5]


def test_typed_prices_of_variants_listed_in_a_product():
    products = [
        {
            "id": 1,
            "title": "Shirt",
            "handle": "shirt",
            "body_html": "",
            "variants": [{"id": 11, "sku": "s", "price": 1.299}, {"id": 12, "sku": "m", "price": "12,50"}],
        }
    ]
    frame = sm.read_feed(json.dumps({"products": products}).encode(), rows="variant")
    assert frame["price"].tolist() == [1.299, 12.5]


def test_names_of_columns_and_templates_see_no_mark():
    rows = [
        {"id": 1.5, "title": "a", 2024.5: "x", "amount": 2.5, "colour": "red", "shop": "one"},
        {"id": "b", "title": 7.5, 2024.5: "y", "amount": 3, "colour": "blue", "shop": "one"},
    ]
    frame = sm.read_feed(
        as_workbook(rows),
        preset=None,
        mapping={"productId": "id", "name": "title", "price": "amount"},
        url_template="https://shop.example.com/{id}",
    )
    assert frame["productId"].tolist() == ["1.5", "b"]
    assert frame["name"].tolist() == ["a", "7.5"]
    assert frame["productUrl"].tolist() == ["https://shop.example.com/1.5", "https://shop.example.com/b"]
    assert "2024.5" in sm.reading_report(frame).unmapped
