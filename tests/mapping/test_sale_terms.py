"""A reduced price goes out only while its sale lasts: flags, days and periods become terms of the discount."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from smnotebook.mapping import Mapping, suggest_mapping
from smnotebook.values.report import reading_report

TODAY = date(2026, 11, 28)


def table(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sku": ["A1", "A2", "A3"],
            "name": ["Linen cloth", "Oak board", "Tall vase"],
            "price": ["100", "50", "20"],
            "sale_price": ["90", "45", "18"],
            **columns,
        }
    )


def reduced(frame: pd.DataFrame) -> list[float | None]:
    products = suggest_mapping(frame, learned=False).apply(frame, questions="keep", today=TODAY)
    return [None if np.isnan(price) else price for price in products["discountPrice"]]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("on_sale", ["no", "yes", "yes"]),
        ("is_on_sale", ["0", "1", "1"]),
        ("w promocji", ["nie", "tak", "tak"]),
        ("Aktion", ["nein", "ja", "ja"]),
        ("en promotion", ["non", "oui", "oui"]),
        ("en oferta", ["no", "sí", "sí"]),
        ("in offerta", ["no", "sì", "sì"]),
        ("v akci", ["ne", "ano", "ano"]),
        ("in de aanbieding", ["nee", "ja", "ja"]),
        ("indirimde", ["hayır", "evet", "evet"]),
        ("em promoção", ["não", "sim", "sim"]),
        ("akciós", ["nem", "igen", "igen"]),
        ("sale_price_end", ["2026-11-01", "2026-12-01", ""]),
        ("Datum, an dem Angebotspreis endet", ["2026-11-01", "2026-12-01", ""]),
        ("Gültig bis", ["01.11.2026", "31.12.2026", ""]),
        ("platnost do", ["1. 11. 2026", "24. 12. 2026", ""]),
        ("Promocja do", ["2026-11-01", "2026-12-01", ""]),
        ("sale_price_start", ["2026-12-01", "2026-11-01", ""]),
        ("sale_price_effective_date", ["2026-01-01T00:00/2026-02-01T00:00", "2026-11-01T00:00/2026-12-01T00:00", ""]),
        ("Aktionszeitraum", ["01.10.2026 - 31.10.2026", "01.11.2026 - 30.11.2026", ""]),
    ],
)
def test_a_sale_that_is_none_or_is_over_reduces_nothing(name, cells):
    assert reduced(table(**{name: cells})) == [None, 45.0, 18.0]


def test_a_word_that_says_neither_leaves_the_discount_out_with_a_warning():
    frame = table(on_sale=["maybe", "yes", "no"])
    assert reduced(frame) == [None, 45.0, None]
    products = suggest_mapping(frame, learned=False).apply(frame, questions="keep", today=TODAY)
    (warned,) = [found for found in reading_report(products).findings if found.kind == "warned"]
    assert (warned.field, warned.column, warned.count) == ("discountPrice", "on_sale", 1)


def test_without_a_reduced_price_there_are_no_terms():
    frame = table(on_sale=["no", "yes", "yes"], sale_ends=["2026-11-01"] * 3).drop(columns="sale_price")
    mapping = suggest_mapping(frame, learned=False)
    assert {"onSale", "discountFrom", "discountTo"}.isdisjoint(mapping.fields)


def test_special_is_the_reduced_price_of_opencart():
    frame = table(special=["90", "45", "18"]).drop(columns="sale_price")
    assert suggest_mapping(frame, learned=False)["discountPrice"].columns == ("special",)


def test_one_field_is_not_plural():
    assert repr(Mapping(rules=()).set("price", "cena")).startswith("Mapping of 1 field\n")
    assert repr(Mapping(rules=())).startswith("Mapping of 0 fields")


def test_a_period_in_one_cell_is_named_once():
    frame = table(sale_price_effective_date=["2026-01-01T00:00/2026-02-01T00:00"] * 3)
    products = suggest_mapping(frame, learned=False).apply(frame, questions="keep", today=TODAY)
    columns = {found.column for found in reading_report(products).findings if found.kind == "dropped"}
    assert columns == {"sale_price_effective_date"}
