"""Amounts as people write them."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.values.amounts.reading import read_money
from smnotebook.values.findings import Journal


def read(*texts):
    journal = Journal()
    cells = read_money(pa.array(texts, pa.string()), journal, field="price")
    return cells.values.to_pylist(), journal.findings, cells


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("69.99", 69.99),
        ("0", 0.0),
        ("37.50 EUR", 37.5),
        ("PLN 37,50", 37.5),
        ("1 234,50 zł", 1234.5),
        ("1\u00a0234,50\u00a0zł", 1234.5),
        ("1\u202f234,50 €", 1234.5),
        ("1.234,50 €", 1234.5),
        ("1,234.50", 1234.5),
        ("CHF 1'234.50", 1234.5),
        ("$5", 5.0),
        ("12,-", 12.0),
        ("12.–", 12.0),
        ("-5.00", -5.0),
        ("1.234.567,00", 1234567.0),
        ("1.234.567", 1234567.0),
        ("1,23,456.00", 123456.0),
        ("0,5", 0.5),
        (".5", 0.5),
        ("0.500", 0.5),
        ("149 Kč", 149.0),
        ("60.000000", 60.0),
    ],
)
def test_an_amount_is_read(text, amount):
    assert read(text)[0] == [amount]


@pytest.mark.parametrize(
    "text", ["free", "od 12,99", "19.99 - 29.99", "1e5", "12.99 per kg", "1,2,3", "1.2.3", "12,5,50"]
)
def test_what_is_no_amount_stays_text_and_is_said(text):
    values, findings, cells = read("10.00", text)
    assert values == [10.0, None]
    assert cells.unread.to_pylist() == [None, text]
    assert cells.to_series().tolist() == [10.0, text]
    assert any(finding.kind == "kept" and text in finding.examples for finding in findings)


@pytest.mark.parametrize(
    ("column", "amounts"),
    [
        (["1.234", "12,50"], [1234.0, 12.5]),  # commas are decimal here, so the point groups
        (["1,234", "12.50"], [1234.0, 12.5]),
        (["1.234", "12.50"], [1.234, 12.5]),
        (["1,234", "12,50"], [1.234, 12.5]),
        (["1.234", "1.234,00"], [1234.0, 1234.0]),
    ],
)
def test_the_rest_of_the_column_decides_what_a_mark_before_three_digits_means(column, amounts):
    values, findings, _ = read(*column)
    assert values == amounts
    assert not any(finding.kind == "warned" for finding in findings)


def test_where_nothing_decides_it_is_a_question():
    journal = Journal()
    cells = read_money(pa.array(["1.234", "1,234"]), journal, field="price", name="Preis")
    assert cells.to_series().tolist() == ["1.234", "1,234"]
    (question,) = journal.questions
    assert (question.code, question.column, question.count) == ("decimal_mark", "Preis", 2)
    assert question.readings == ("1.234", "1234")


def test_a_column_that_contradicts_itself_is_not_guessed():
    values, _, cells = read("1.234", "12,50", "12.50")
    assert values == [None, 12.5, 12.5]
    assert cells.unread.to_pylist()[0] == "1.234"


def test_two_currencies_are_a_question_for_the_column():
    journal = Journal()
    cells = read_money(pa.array(["5 EUR", "5 PLN", "7"]), journal, field="price", name="p")
    assert cells.to_series().tolist() == ["5 EUR", "5 PLN", "7"]
    (question,) = journal.questions
    assert (question.code, question.readings, question.count) == ("currencies", ("EUR", "PLN"), 3)


def test_many_digits_stay_exact():
    assert read("12345678901234567.89", "1,5")[0] == [Decimal("12345678901234567.89"), Decimal("1.50")]


def test_numbers_are_taken_as_they_are():
    values = read_money(pa.array([1, 2]), Journal(), field="price").values
    assert values.to_pylist() == [1.0, 2.0]
    decimals = pa.array([Decimal("1.10")])
    assert read_money(decimals, Journal(), field="price").values is decimals


@given(st.lists(st.decimals(min_value=0, max_value=10**11, places=2), min_size=1, max_size=20), st.sampled_from(".,"))
def test_every_amount_with_cents_comes_back_whatever_its_decimal_mark(amounts, mark):
    groups = {".": ",", ",": "."}[mark]
    texts = [f"{amount:,.2f}".replace(",", "g").replace(".", mark).replace("g", groups) for amount in amounts]
    assert read(*texts)[0] == [float(amount) for amount in amounts]
