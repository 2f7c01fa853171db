"""What a table says of stock becomes `available` the right way round, in many languages, or is asked about."""

from __future__ import annotations

import pandas as pd
import pytest

from smnotebook.mapping import suggest_mapping


def table(**columns: list[object]) -> pd.DataFrame:
    names = {"sku": ["A1", "A2", "A3"], "name": ["Linen cloth", "Oak board", "Tall vase"], "price": ["9", "7", "5"]}
    return pd.DataFrame({**names, **columns})


#: Name, cells, availability; the second and third product are always told apart.
COLUMNS = [
    ("Skladem", ["ano", "ne", "ano"], [True, False, True]),
    ("w magazynie", ["tak", "nie", "tak"], [True, False, True]),
    ("Vorrätig?", ["1", "0", "1"], [True, False, True]),
    ("Elérhetőség", ["raktáron", "nincs raktáron", "raktáron"], [True, False, True]),
    ("Tillgänglighet", ["i lager", "slutsåld", "i lager"], [True, False, True]),
    ("stan magazynowy", ["10 szt.", "0 szt.", "5 szt."], [True, False, True]),
    ("Bestand", ["10+", "0", "> 5"], [True, False, True]),
    ("sold out", ["yes", "no", "no"], [False, True, True]),
    ("is_sold_out", [True, False, False], [False, True, True]),
    ("sold_out", [1.0, 0.0, 0.0], [False, True, True]),
    ("sold out", ["sold out", "in stock", "in stock"], [False, True, True]),
    ("out_of_stock", ["1", "0", "0"], [False, True, True]),
    ("ausverkauft", ["ja", "nein", "ja"], [False, True, False]),
    ("wyprzedany", ["tak", "nie", "nie"], [False, True, True]),
    ("épuisé", ["oui", "non", "non"], [False, True, True]),
    ("agotado", ["sí", "no", "no"], [False, True, True]),
    ("esaurito", ["sì", "no", "no"], [False, True, True]),
    ("vyprodáno", ["ano", "ne", "ne"], [False, True, True]),
    ("uitverkocht", ["nee", "ja", "nee"], [True, False, True]),
    ("tükendi", ["evet", "hayır", "hayır"], [False, True, True]),
    ("esgotado", ["sim", "não", "não"], [False, True, True]),
    ("slutsåld", ["ja", "nej", "nej"], [False, True, True]),
]


@pytest.mark.parametrize(("name", "cells", "available"), COLUMNS)
def test_a_column_about_stock_becomes_availability(name, cells, available):
    frame = table(**{name: cells})
    mapping = suggest_mapping(frame, learned=False)
    assert mapping["available"].columns == (name,)
    assert mapping.apply(frame, questions="keep")["available"].tolist() == available
    assert "available" not in {question.field for question in mapping.questions}


def test_counts_with_units_are_stock_too():
    frame = table(**{"stan magazynowy": ["10 szt.", "0 szt.", "> 5"]})
    products = suggest_mapping(frame, learned=False).apply(frame, questions="keep")
    assert products["quantity"].tolist() == [10, 0, 6]


def test_words_for_stock_under_a_name_that_says_nothing_are_taken_and_asked_about():
    frame = table(Zustandstext=["auf Lager", "ausverkauft", "auf Lager"])
    mapping = suggest_mapping(frame, learned=False)
    (question,) = [question for question in mapping.questions if question.field == "available"]
    assert question.column == "Zustandstext"
    assert question.readings == ("Zustandstext", "every product is available", "every product is not available")
    assert mapping.apply(frame, questions="keep")["available"].tolist() == [True, False, True]


@pytest.mark.parametrize("cells", [["brak", "brak", "brak"], ["3-5 dni", "2 dni", "7 dni"], ["tak", "nie", "tak"]])
def test_other_words_are_not_taken_for_stock(cells):
    mapping = suggest_mapping(table(Xyz=cells), learned=False)
    assert mapping["available"].constant is True


def test_sold_out_beside_a_stock_above_0_is_asked_about_and_the_stock_is_taken():
    mapping = suggest_mapping(table(out_of_stock=["1", "0", "0"], quantity=["5", "0", "2"]), learned=False)
    (question,) = [question for question in mapping.questions if question.field == "available"]
    assert question.readings == ("quantity", "out_of_stock")
    assert mapping["available"].columns == ("quantity",)
    assert mapping.answer("available", "out_of_stock")["available"].transform == "not_available"


def test_sold_out_that_agrees_with_the_stock_is_taken_without_a_question():
    mapping = suggest_mapping(table(sold_out=["no", "yes", "no"], quantity=["5", "0", "2"]), learned=False)
    assert mapping["available"].transform == "not_available"
    assert "available" not in {question.field for question in mapping.questions}


def test_a_count_under_sold_out_stays_text():
    frame = table(**{"sold out": ["yes", "no", "no"]})
    mapping = suggest_mapping(frame, learned=False)
    products = mapping.apply(frame.assign(**{"sold out": ["yes", "7", None]}), questions="keep")
    assert products["available"].tolist()[:2] == [False, "7"]
