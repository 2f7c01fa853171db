"""An edited suggestion is offered again for tables with the same columns, until it is forgotten."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import UsageError
from smnotebook.mapping import Mapping, remember_edited, suggest_mapping
from smnotebook.settings import mappings_path, temporary_home

FRAME = pd.DataFrame({"sku": ["A1", "A2"], "name": ["Cup", "Pot"], "Półka": ["Shelf one", "Shelf two"]})


@pytest.fixture(autouse=True)
def _fresh_home():
    with temporary_home():
        yield


def test_an_edited_mapping_is_offered_again_in_any_order_of_columns():
    edited = FRAME.salesmanago.suggest_mapping().set("name", "Półka")
    FRAME.salesmanago.map(edited)
    again = FRAME[["Półka", "name", "sku"]].salesmanago.suggest_mapping()
    assert again["name"].columns == ("Półka",)
    assert "as you chose on" in again.notes["name"][1]
    assert again.remembered_as
    assert FRAME.salesmanago.suggest_mapping(learned=False)["name"].columns == ("name",)
    assert FRAME.drop(columns="Półka").salesmanago.suggest_mapping()["name"].columns == ("name",)


@pytest.mark.parametrize(
    "mapping",
    [suggest_mapping(FRAME, learned=False), Mapping(rules=()).set("name", "Półka")],
    ids=["not edited", "not suggested"],
)
def test_only_edited_suggestions_are_kept(mapping):
    assert not remember_edited(mapping, FRAME.columns)
    assert not mappings_path().exists()


def test_nothing_is_kept_against_ones_will():
    FRAME.salesmanago.map(FRAME.salesmanago.suggest_mapping().set("name", "Półka"), remember=False)
    assert not mappings_path().exists()


def test_what_is_kept_can_be_listed_and_forgotten():
    edited = suggest_mapping(FRAME).set("name", "Półka").without("available")
    assert remember_edited(edited, FRAME.columns, today=date(2026, 1, 15))
    kept = sm.remembered_mappings()
    assert kept[["saved", "columns", "fields"]].to_numpy().tolist() == [
        ["2026-01-15", "Półka, name, sku", "productId, name"]
    ]
    again = suggest_mapping(FRAME)
    assert again.remembered_as == kept["key"][0]
    assert again.notes["name"] == (1.0, "as you chose on 2026-01-15 for the same columns")
    sm.forget_mapping(kept["key"][0])
    assert sm.remembered_mappings().empty
    assert suggest_mapping(FRAME)["name"].columns == ("name",)
    with pytest.raises(UsageError, match=r"No mapping is kept under 'x'\. Kept are: none"):
        sm.forget_mapping("x")


def test_an_offered_mapping_still_withholds_and_derives():
    frame = FRAME.assign(kontakt=["a@example.com", "b@example.com"])
    frame.salesmanago.map(suggest_mapping(frame).set("name", "Półka").without("available"))
    again = suggest_mapping(frame)
    assert "kontakt" in again.refused
    assert again["available"].constant is True


def test_a_file_that_is_none_of_ours_is_an_error_with_its_place():
    mappings_path().parent.mkdir(parents=True, exist_ok=True)
    mappings_path().write_text("[]")
    with pytest.raises(UsageError, match=r"mappings\.json can't be read"):
        suggest_mapping(FRAME)


def test_a_mapping_that_cannot_be_kept_costs_no_result(monkeypatch, tmp_path):
    edited = suggest_mapping(FRAME).set("name", "Półka")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "file" / "home"))
    with pytest.warns(UserWarning, match="mapping"):
        products = FRAME.salesmanago.map(edited)
    assert products["name"].tolist() == ["Shelf one", "Shelf two"]


def test_questions_are_kept_with_a_mapping():
    frame = pd.DataFrame({"sku": ["A1", "A2"], "Cena netto": ["10", "20"]})
    mapping = suggest_mapping(frame)
    loaded = Mapping.from_dict(mapping.to_dict())
    assert loaded.questions == mapping.questions
    assert loaded.unanswered
