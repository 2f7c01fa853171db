"""Availability from counts, codes and policies: of mappings, presets and API answers, whole and in chunks."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from smnotebook.feeds import read_feed, reading_report

OWN = {"productId": "id", "name": "n", "price": "p"}


def table(column: str, *cells: str) -> bytes:
    rows = (f"{at},Name {at},{at}0.50,{cell}\n" for at, cell in enumerate(cells, start=1))
    return (f"id,n,p,{column}\n" + "".join(rows)).encode()


def in_chunks(source: bytes, rows: int = 2, **arguments: object) -> pd.DataFrame:
    return pd.concat(read_feed(source, chunk_rows=rows, **arguments), ignore_index=True)


class TestQuantityWithoutAvailability:
    def test_a_mapped_count_says_what_is_available(self):
        frame = read_feed(table("q", "0", "3", "-2", ""), mapping={**OWN, "quantity": "q"})
        assert frame["available"].tolist() == [False, True, False, True]
        said = [found for found in reading_report(frame).findings if found.field == "available"]
        assert [found.message for found in said] == ["available where the quantity is above 0, or not given"]

    def test_so_does_a_text_that_is_no_count(self):
        frame = read_feed(table("q", "0 szt.", "10+", "brak", "7"), mapping={**OWN, "quantity": "q"})
        assert frame["available"].tolist() == [False, True, False, True]

    def test_a_count_with_a_unit_is_asked_about_with_the_transform_that_reads_it(self):
        source = table("q", "0 szt.", "10+", "> 5")
        (question,) = reading_report(read_feed(source, mapping={**OWN, "quantity": "q"})).questions
        assert question.argument == "mapping={'quantity': {'from': 'q', 'as': 'at_least'}}"
        answered = read_feed(source, mapping={**OWN, "quantity": {"from": "q", "as": "at_least"}})
        assert answered["quantity"].tolist() == [0, 10, 6]

    def test_a_count_that_no_transform_reads_gets_no_such_advice(self):
        frame = read_feed(table("q", "2 - 5", "7"), mapping={**OWN, "quantity": "q"})
        assert [question.argument for question in reading_report(frame).questions] == [""]


class TestCodes:
    @pytest.mark.parametrize("name", ["Verfügbarkeit", "availability", "Lagerstatus", "stock status", "avail", "Typ"])
    def test_few_small_numbers_are_no_counts(self, name):
        frame = read_feed(table(name, "1", "2", "3"), mapping={**OWN, "available": name})
        assert frame["available"].tolist() == ["1", "2", "3"]
        assert any("codes" in found.message for found in reading_report(frame).findings if found.kind == "warned")

    @pytest.mark.parametrize("name", ["stock", "Lagerbestand", "Stock count", "qty available", "Ilość", "Stan"])
    def test_unless_the_name_speaks_of_a_count(self, name):
        frame = read_feed(table(name, "1", "0", "3"), mapping={**OWN, "available": name})
        assert frame["available"].tolist() == [True, False, True]

    def test_yes_and_no_are_no_codes(self):
        frame = read_feed(table("availability", "1", "0", "1"), mapping={**OWN, "available": "availability"})
        assert frame["available"].tolist() == [True, False, True]

    def test_numbers_that_vary_are_counts(self):
        cells = [str(count) for count in (0, 3, 17, 4, 120, 9, 55, 1)]
        frame = read_feed(table("availability", *cells), mapping={**OWN, "available": "availability"})
        assert frame["available"].tolist() == [False, *[True] * 7]

    def test_the_whole_column_decides_in_chunks(self):
        cells = ["1", "0", "1", "0", "2", "3"]
        frame = in_chunks(table("availability", *cells), mapping={**OWN, "available": "availability"})
        assert frame["available"].tolist() == cells


class TestShopifyAnswer:
    @staticmethod
    def answer(*variants: dict[str, object]) -> bytes:
        products = [
            {"id": at, "title": "T", "handle": "h", "vendor": "V", "body_html": "b", "variants": [variant]}
            for at, variant in enumerate(variants)
        ]
        return json.dumps({"products": products}).encode()

    def test_untracked_stock_and_continued_sale_are_available(self):
        empty = {"price": "10.50", "inventory_quantity": 0, "sku": "s"}
        source = self.answer(
            {**empty, "inventory_management": None, "inventory_policy": "deny"},
            {**empty, "inventory_management": "shopify", "inventory_policy": "continue"},
            {**empty, "inventory_management": "shopify", "inventory_policy": "deny"},
        )
        frame = read_feed(source)
        assert reading_report(frame).preset == "json"
        assert frame["available"].tolist() == [True, True, False]
        assert frame["quantity"].fillna(-1).tolist() == [-1, 0, 0]

    def test_what_a_variant_says_itself_counts(self):
        variant = {"price": "10.50", "inventory_policy": "continue", "sku": "s", "available": False}
        assert read_feed(self.answer(variant, variant))["available"].tolist() == [False, False]


def test_ceneo_keeps_counts_in_chunks():
    offers = (
        f'<o id="{at}" price="{at}0.50" url="https://shop.example.com/{at}" avail="1" stock="{stock}">'
        f"<name>Name {at}</name></o>"
        for at, stock in enumerate((5, 3, 0, 0, 0))
    )
    source = f"<offers>{''.join(offers)}</offers>".encode()
    assert read_feed(source)["quantity"].tolist() == [5, 3, 0, 0, 0]
    assert in_chunks(source)["quantity"].tolist() == [5, 3, 0, 0, 0]
