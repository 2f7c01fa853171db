"""Documented tables of shop systems: required fields are right or asked, and nothing that must stay is sent."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from smnotebook.mapping import suggest_mapping
from smnotebook.values.transforms import PRODUCT_FIELDS

SHOPS = tomllib.loads(Path(__file__).with_name("shops.toml").read_text(encoding="utf-8"))["shop"]
REQUIRED = {name for name, declared in PRODUCT_FIELDS.items() if declared.required}


def test_there_are_as_many_as_there_should_be():
    assert len({shop["name"] for shop in SHOPS}) >= 25


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop["name"].partition(",")[0])
def test_required_fields_are_right_or_asked(shop):
    table = pd.read_csv(io.StringIO(shop["table"].strip()), sep=";", dtype=str)
    mapping = suggest_mapping(table, learned=False)
    first = {rule.field: (*rule.columns, "")[0] for rule in mapping.rules}
    assert {field: first.get(field) for field in shop["is"]} == shop["is"]
    asked = {question.field for question in mapping.questions}
    assert REQUIRED - set(shop["is"]) <= asked
    assert ("discountPrice" in first) == ("discountPrice" in shop["is"])
    assert set(shop.get("withheld", ())) == set(mapping.refused)
    assert not mapping.unanswered
