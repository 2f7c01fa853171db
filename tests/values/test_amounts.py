"""Amounts and counts as people write them, by the rules of the table they are read by (their numbers are its rows)."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.errors import UsageError
from smnotebook.values.amounts.context import AmountContext
from smnotebook.values.amounts.currencies import (
    is_about,
    is_currency_column,
)
from smnotebook.values.amounts.deciding import Decision, decide
from smnotebook.values.amounts.evidence import AmountEvidence
from smnotebook.values.amounts.parsing import parse
from smnotebook.values.amounts.reading import read_count, read_money, to_cents
from smnotebook.values.findings import Journal

#: Stands for a cell that stays text.


class Reading(Enum):
    """What is no amount; its name is the same in every process that collects these tests."""

    ASKED = "asked"


ASKED = Reading.ASKED


def read(texts, reader=read_money, name="Preis", **answers):
    """What a column becomes: values, ``ASKED`` where a cell stays text; and the journal."""
    journal = Journal(amounts=AmountContext(**answers))
    cells = reader(pa.array(texts, pa.large_string()), journal, field="price", name=name)
    left = [None] * len(texts) if cells.unread is None else cells.unread.to_pylist()
    values = [value if text is None else ASKED for value, text in zip(cells.values.to_pylist(), left, strict=True)]
    assert all(text in (None, given) for text, given in zip(left, texts, strict=True)), "a cell that stays is unchanged"
    return values, journal


#: Columns by rule of the table: what is beside the cells, then each text with its value.
AMOUNTS = {
    "2 digits only": ([], {"0": 0, "7": 7, "12": 12, "00012": 12, "1299": 1299, "129900": 129900, "1000000": 1000000}),
    "3 both marks": (
        [],
        {
            "1.234,50": 1234.5, "1,234.50": 1234.5, "1.234.567,89": 1234567.89, "1,234,567.89": 1234567.89,
            "1.234,5": 1234.5, "1,234.5": 1234.5, "12.345,00": 12345, "123,456.00": 123456, "1.000,00": 1000,
            "1,000.00": 1000, "1.234,500": 1234.5, "1,234.5678": 1234.5678, "1,00,000.00": 100000,
            "12,34,567.50": 1234567.5,
            "1,23,45,678.90": 12345678.9, "9,99,999.0": 999999,
        },
    ),
    "4 one mark repeated": (
        [],
        {
            "1.234.567": 1234567, "1,234,567": 1234567, "12.345.678": 12345678, "1.234.567.890": 1234567890,
            "1,49,999": 149999, "12,34,567": 1234567, "1,00,00,000": 10000000, "1.000.000": 1000000,
            "1,000,000": 1000000,
        },
    ),
    "5 not three digits behind": (
        [],
        {
            "2.4": 2.4, "2,4": 2.4, "12.50": 12.5, "12,50": 12.5, "1299.99": 1299.99, "1299,99": 1299.99, "0.5": 0.5,
            "0,5": 0.5, ".5": 0.5, ",5": 0.5, ".50": 0.5, "12.5000": 12.5, "12,5000": 12.5, "60.000000": 60, "0.00": 0,
            "0,00": 0, "1.23456": 1.23456, "99.9": 99.9,
        },
    ),
    "5 three behind nothing, 0 or more than three": (
        [],
        {
            "0.500": 0.5, "0,500": 0.5, ".500": 0.5, ",500": 0.5, "1299.000": 1299, "1299,000": 1299,
            "12990.500": 12990.5,
            "0.125": 0.125, "00.500": 0.5, "012,500": 12.5, "0.000": 0,
        },
    ),
    "6 blanks, apostrophes, underscores": (
        [],
        {
            "1 234": 1234, "1 234,50": 1234.5, "1 234.50": 1234.5, "1\u00a0234,50": 1234.5, "1\u202f234,50": 1234.5,
            "1\u2009234": 1234, "1\u2007234": 1234, "12 345 678": 12345678, "1'234.50": 1234.5, "1’234.50": 1234.5,
            "1ʼ234": 1234, "1´234": 1234, "1`234": 1234, "1_234": 1234, "1_234.50": 1234.5, "1'234'567.00": 1234567,
            "123 456,7": 123456.7, "1 234.567": 1234.567, "1'234,5": 1234.5, "1 234,567": 1234.567,
        },
    ),
    "7 no number": (
        [],
        dict.fromkeys(
            [
                "1.2.3", "1,2,3", "12.34.56", "1,2345,678", "1.299,00,00", "1,299.00.00", "1.23.456", "12,345,67",
                "0.123.456", "0,123,45.6", "01.234.567", "1.234,567.89", "10-20", "10 - 20", "19.99 - 29.99", "10–20",
                "od 12,99", "from 5", "ab 5,00 €", "1e5", "1E+05", "5,9E+12", "12.99 per kg", "12,99/kg", "12%", "free",
                "n/a", "-", "--", "€", "zł", "call us", "12 34", "1 23", "1  234", "1 234 56", "1'23", "1_2",
                "1 234 567,8,9",
                "12,50 zł brutto", "12.50 12.50", "12 50", "5 x", "1/2", "½", "12..50", "12,,50", "1.,5", "$", "+",
                "(12",
                "12)", "((12))", "(-12)", "-12-", "--12", "+-12", "-(12)", "12--", "12–", "1.234.", "1,234,", "12.5.",
                "12.50,", "0x10", "1\u0661", "12\n34", "12:50", "€5€PLN", "5 EUR PLN", "EUR 5 PLN", "5 of 10",
                "2 for 5",
                "#5", "~5", "<5", "5+", "> 5", "ca. 5", "=5", "1.299.-", "1,299,-", "1.299,00,-", "12 345,67-8",
            ],
            ASKED,
        ),
    ),
    "8 and 16 nothing decides": (
        [],
        dict.fromkeys(["1.234", "1,234", "12.345", "123,456", "1.000", "999,000", "1.234 €", "€1,234", "-1.234"],
        ASKED),
    ),
    "13 a decimal comma": (
        ["12,50", "9,99", "120,00", "300,00", "900,00"],
        {"1.234": 1234, "1,234": 1.234, "2.500": 2500, "1.250.000": 1250000, "1.234,00": 1234, "7": 7},
    ),
    "13 a decimal point": (
        ["12.50", "9.99", "120.00", "300.00", "900.00"],
        {"1,234": 1234, "1.234": 1.234, "2,500": 2500, "1,250,000": 1250000, "1,234.00": 1234, "7": 7},
    ),
    "14 points group": (["1.234.567", "2.345.678"], {"123.456": 123456, "999.000": 999000, "123,456": ASKED, "5": 5}),
    "14 commas group": (["1,49,999", "2,50,000"], {"18,999": 18999, "1,000": 1000, "18.999": ASKED, "999": 999}),
    "12 contradicting decimals": (["12,50", "12.50"], {"1.234": ASKED, "1,234": ASKED, "7": 7, "1 234": 1234}),
    "12 a group and a decimal": (["1.299,00", "12.5"], {"1.500": ASKED, "1,500": ASKED, "99": 99, "99,9": 99.9}),
    "12 contradicting groups": (["1.234.567", "1,234,567"], {"1.500": ASKED, "1,500": ASKED}),
    "20 a sign that says nothing": ([], {"$1,500": ASKED, "1.500 kr": ASKED, "¥1,500": ASKED, "$1,500.00": 1500,
    "$5": 5}),
    "20 a sign beside proof": (["$12.50"], {"$1,200": 1200, "$5": 5}),
}  # fmt: skip

# Typed by hand, so that a currency which gets lost is missed.
NO_CENTS = [
    "AFN", "ALL", "BIF", "CLP", "COP", "CRC", "DJF", "GNF", "HUF", "IDR", "IQD", "IRR", "ISK", "JPY",
    "KMF", "KPW", "KRW", "LAK", "LBP", "MGA", "MMK", "PYG", "RSD", "RWF", "SLL", "SOS", "SYP", "TZS",
    "UGX", "UZS", "VND", "VUV", "XAF", "XOF", "XPF", "YER",
]  # fmt: skip
THOUSANDTHS = ["BHD", "JOD", "KWD", "LYD", "OMR", "TND"]

#: One cell alone, its currency shown: rules 10 and 11.
OF_CURRENCY = {
    **{f"13.900 {code}": 13900 for code in NO_CENTS},
    **{f"{code} 2,500": 2500 for code in NO_CENTS},
    **{f"1.250 {code}": 1.25 for code in THOUSANDTHS},
    **{f"{code} 1,250": 1.25 for code in THOUSANDTHS},
    "13.900 Ft": 13900, "13,900 Ft": 13900, "12,50 Ft": 12.5, "12.50 Ft": 12.5, "4.990 forint": 4990,
    "1.500.000 Ft": 1500000,
    "Rp 20.000": 20000, "Rp. 150.000": 150000, "Rp20.000": 20000, "₩15,000": 15000, "15,000원": 15000, "₫89.900": 89900,
    "89.900 ₫": 89900, "89.900đ": 89900, "1,500円": 1500, "12.990 din.": 12990, "JPY 1,500": 1500, "CLP$ 12.990": ASKED,
    "990.000 Ft": 990000, "1.500 PLN": ASKED, "1,500 EUR": ASKED, "1.500 Kč": ASKED, "1.500 CZK": ASKED,
    "1.500 SEK": ASKED,
    "1,500 USD": ASKED, "₹1,500": ASKED,
}  # fmt: skip

#: One cell alone: currencies, signs, brackets, no cents.
WRITTEN = {
    "37.50 EUR": 37.5, "EUR 37.50": 37.5, "EUR37.50": 37.5, "37.50EUR": 37.5, "37,50 eur": 37.5, "PLN 37,50": 37.5,
    "37,50 zł": 37.5, "37,50zł": 37.5, "37,50 zl": 37.5, "37,50 ZŁ": 37.5, "zł 37,50": 37.5, "37,50 złotych": 37.5,
    "€37.50": 37.5, "€ 37.50": 37.5, "37,50€": 37.5, "37,50 euro": 37.5, "37.50 euros": 37.5, "£37.50": 37.5,
    "37.50 GBP": 37.5, "$37.50": 37.5, "US$37.50": 37.5, "US$ 37.50": 37.5, "$US 37.50": 37.5, "37.50 USD": 37.5,
    "37.50 US dollars": 37.5, "CA$37.50": 37.5, "C$37.50": 37.5, "A$37.50": 37.5, "R$ 37,50": 37.5, "149 Kč": 149,
    "149,00 Kč": 149, "Kč 149": 149, "CHF 37.50": 37.5, "37.50 CHF": 37.5, "Fr. 37.50": 37.5, "SFr. 37.50": 37.5,
    "kr 299": 299, "299 kr": 299, "299 kr.": 299, "kr. 299,50": 299.5, "Rs. 500": 500, "Rs.500": 500, "Rs. 500/-": 500,
    "₹500/-": 500, "37,50 lei": 37.5, "37,50 RON": 37.5, "37,50 лв": 37.5, "37,50 лв.": 37.5, "37,50 ₴": 37.5,
    "37,50 грн": 37.5, "1500 ₽": 1500, "1500 руб.": 1500, "₺37,50": 37.5, "37,50 TL": 37.5, "S/ 37.50": 37.5,
    "S/. 37.50": 37.5, "RM37.50": 37.5, "฿37.50": 37.5, "₪37.50": 37.5, "₱37.50": 37.5, "NT$37.50": 37.5,
    "37,50 kn": 37.5,
    "€.50": 0.5, "$.99": 0.99, "$,99": 0.99, "USD .99": 0.99, "  37.50  ": 37.5, "\u00a037,50\u00a0€\u00a0": 37.5,
    "\u200e37.50 €": 37.5, "37.50\u200f €": 37.5, "\ufeff37.50": 37.5, "37,50\u202f€": 37.5, "37.50\t": 37.5,
    "-5.00": -5, "−5,00": -5, "–5,00": -5, "5.00-": -5, "5,00−": -5, "- 5.00": -5, "+5.00": 5, "+ 5": 5, "-$5.00": -5,
    "$-5.00": -5, "-5,00 zł": -5, "5,00- zł": -5, "zł -5,00": -5, "€ - 5,00": -5, "(5.00)": -5, "($5.00)": -5,
    "$(5.00)": -5,
    "(5,00 zł)": -5, "(5,00) zł": -5, "-0.50": -0.5, "-.5": -0.5, "(1.234,50 €)": -1234.5, "-1 234,50": -1234.5,
    "12,-": 12, "12.-": 12, "12,–": 12, "12,—": 12, "12,--": 12, "12.--": 12, "12,- €": 12, "12,-€": 12, "€ 12,-": 12,
    "1.299,-": 1299, "1,299.-": 1299, "1 299,-": 1299, "1'299.-": 1299, "CHF 12.-": 12, "kr 299,-": 299, "-12,-": -12,
    "12.": 12, "12,": 12, "12. €": 12, "0,-": 0, "1.299.000,-": 1299000,
    "12345678901234567.89": Decimal("12345678901234567.89"), "1234567890123456": Decimal("1234567890123456.00"),
    "123456789012345678901": ASKED,
}  # fmt: skip

CASES = [
    *((beside, text, value) for beside, cells in AMOUNTS.values() for text, value in cells.items()),
    *(([], text, value) for text, value in (OF_CURRENCY | WRITTEN).items()),
]


def test_the_table_is_large_enough():
    assert len(CASES) >= 400


@pytest.mark.parametrize(("beside", "text", "value"), CASES, ids=lambda part: repr(part)[:40])
def test_an_amount_is_read_or_asked_about(beside, text, value):
    values, _ = read([*beside, text])
    assert values[-1] == value


@pytest.mark.parametrize(
    "typed", [pa.array([1, None, 3]), pa.array([1.299, None, 12.5]), pa.array([1.5, 2], pa.float32())]
)
def test_1_typed_numbers_are_as_they_are(typed):
    assert read_money(typed, Journal(), field="price").values.to_pylist() == typed.cast(pa.float64()).to_pylist()


def test_1_typed_decimals_keep_their_digits():
    decimals = pa.array([Decimal("1.10")])
    assert read_money(decimals, Journal(), field="price").values is decimals


@pytest.mark.parametrize(
    ("texts", "mark", "values"),
    [
        (["1.299", "2,50"], ",", [1299, 2.5]),
        (["1,299", "2.50"], ".", [1299, 2.5]),
        (["1.299", "1,299"], ".", [1.299, 1299]),
        (["1.299", "1,299"], ",", [1299, 1.299]),
        (["13.900 Ft", "1.250 KWD", "5"], ".", [ASKED, ASKED, ASKED]),  # two currencies are asked about first
        (["13.900 Ft"], ".", [13.9]),
        (["1.250 KWD"], ",", [1250]),
        (["1.299", "12.50", "1299.5"], ",", [1299, ASKED, ASKED]),
        (["1,299", "12,50", "1.299,00"], ".", [1299, ASKED, ASKED]),
        (["1.299.000", "1,299,000", "12"], ",", [1299000, ASKED, 12]),
        (["1 299,5", "1 299.5"], ",", [1299.5, ASKED]),
        (["0.500", "0,500"], ",", [ASKED, 0.5]),
    ],
)
def test_9_a_mark_that_was_named_is_obeyed_and_proofs_against_it_are_questions(texts, mark, values):
    assert read(texts, decimal=mark)[0] == values
    assert read(texts, decimal={"Preis": mark})[0] == values


def test_9_a_mark_named_for_another_column_says_nothing():
    assert read(["1.299"], decimal={"Kosten": ","})[0] == [ASKED]


def test_9_the_question_of_a_contradiction_names_the_other_mark():
    _, journal = read(["1.299", "12.50", "12,50", "9.5"], decimal=",")
    (question,) = journal.questions
    assert (question.code, question.count, question.argument) == ("decimal_contradicted", 2, "decimal='.'")
    assert question.examples == ("12.50", "9.5")


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["12990.000 Ft", "990.000 Ft"], [12990, 990]),  # a column of three decimals has them everywhere
        (["0.500 Ft", "990.000 Ft"], [0.5, 990]),
        (["KWD 1,250.000", "KWD 2,500"], [1250, 2500]),
        (["KWD 1.250.000", "2.500"], [1250000, 2500]),
        (["12.50 Ft", "13.900 Ft"], [12.5, 13900]),
        (["13.900 Ft", "1.990"], [13900, 1990]),
        (["1.250 KWD", "2.500"], [1.25, 2.5]),
    ],
)
def test_10_and_11_hold_unless_the_column_proves_otherwise(texts, values):
    assert read(texts)[0] == values


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Preis HUF", 13900), ("price_huf", 13900), ("Ár (Ft)", 13900), ("ár [huf]", 13900), ("cena.CLP", 13900),
        ("priceJPY", ASKED), ("price KWD", 13.9), ("Preis EUR", ASKED), ("price", ASKED), ("price ALL", 13900),
        ("price all", ASKED), ("fr", ASKED), ("cop price", ASKED), ("COP price", 13900),
    ],
)  # fmt: skip
def test_15_the_columns_name_may_tell_the_currency(name, value):
    assert read(["13.900"], name=name)[0] == [value]


def test_15_a_currency_column_or_argument_tells_it():
    assert read(["13.900"], currency="HUF")[0] == [13900]
    assert read(["13.900"], currency="huf")[0] == [13900]
    assert read(["13.900"], currency="Ft")[0] == [13900]
    assert read(["1.250"], currency="KWD")[0] == [1.25]
    assert read(["13.900"], currency="EUR")[0] == [ASKED]
    with pytest.raises(UsageError, match="XYZ"):
        read(["1"], currency="XYZ")
    with pytest.raises(UsageError, match="decimal"):
        read(["1"], decimal=";")


@pytest.mark.parametrize(
    ("column", "is_one"),
    [("currency", True), ("Currency Code", True), ("currency_code", True), ("waluta", True), ("price.currency", True),
     ("price@currency", True), ("g:currency", True), ("Währung", True), ("currency rate", False), ("price", False)],
)  # fmt: skip
def test_15_a_currency_column_is_known_by_its_name(column, is_one):
    assert is_currency_column(column) is is_one


@pytest.mark.parametrize(
    ("currency", "column", "speaks"),
    [("currency", "price", True), ("price.currency", "price", True), ("price@currency", "price", True),
     ("price.currency", "price.amount", True), ("price.currency", "priceless", False), ("cost.currency", "price",
     False),
     ("a.b.currency", "a.b.price", True), ("a.b.currency", "a.price", False), ("@currency", "@price", True)],
)  # fmt: skip
def test_15_a_nested_currency_speaks_of_its_own_amount(currency, column, speaks):
    assert is_about(currency, column) is speaks


def test_17_too_few_proofs_prove_nothing():
    texts = ["1.234"] * 100
    assert read([*texts, "12,50"])[0][0] == 1234
    values, journal = read([*texts, "1.234", "12,50"])
    assert values == [ASKED] * 101 + [12.5]
    assert journal.questions[0].count == 101
    assert "1, beside 101" in journal.questions[0].reason


def test_17_the_share_is_of_the_open_cells_alone():
    values, _ = read([*["7"] * 1000, *["1.234"] * 50, "12,50"])
    assert values[1000] == 1234


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1,00", "2,00", "3,00", "1.500"], [1, 2, 3, ASKED]),  # 1500 among ones and twos; 1.5 is nearer
        (["10,00", "20,00", "30,00", "1.500"], [10, 20, 30, 1500]),
        (["1500,00", "2000,00", "1,500"], [1500, 2000, ASKED]),
        (["1500,00", "2000,00", "1.500"], [1500, 2000, 1500]),
        (["1.234.567", "2.345.678", "1.500"], [1234567, 2345678, 1500]),  # far off, and 1.5 were farther
        (["1,00", "99,00", "100,00", "0,00", "1.500"], [1, 99, 100, 0, 1500]),  # nothing has no size
    ],
)
def test_17_what_is_far_off_the_proven_cells_is_asked_about(texts, values):
    assert read(texts)[0] == values


def test_17_says_why():
    _, journal = read(["1,00", "2,00", "3,00", "1.500"])
    assert "100 times off" in journal.questions[0].reason


COUNTS = {
    "digits": ([], {"0": 0, "12": 12, "-1": -1, "-5": -5, "00012": 12, "123456": 123456}),
    "whole decimals": ([], {"12.0": 12, "12,0": 12, "12.00": 12, "12,00": 12, "0.000": 0, "1299.000": 1299}),
    "both marks": ([], {"26.067,00": 26067, "26,067.00": 26067, "1.234.567": 1234567, "1,00,000": 100000}),
    "18 not in 000": ([], {"1.250": 1250, "1,250": 1250, "12.345": 12345, "999,999": 999999, "-1.250": -1250}),
    "18 beside proof": (["1.250"], {"1.000": 1000, "2.000": 2000, "1,000": ASKED, "7": 7}),
    "18 decimals of three": (["0.000", "12.500,0"], {"1.000": ASKED}),
    "13 decimals": (["0.000", "70.0"], {"1.000": 1, "12.000": 12, "1,000": 1000}),
    "19 nothing": ([], {"1.000": ASKED, "2,000": ASKED, "10.000": ASKED}),
    "12 contradiction": (["1.250", "12.0"], {"1.000": ASKED, "1,000": ASKED, "5": 5}),
    "blanks": ([], {"1 200": 1200, "1\u00a0200": 1200, "1'200": 1200, " 12 ": 12}),
    "no count": (
        [],
        dict.fromkeys(
            ["10+", "> 5", "0 szt.", "12 pcs", "2.5", "2,5", "12,50 zł", "5 EUR", "viele", "1e3", "10-20",
            "1234567890123456789"],
            ASKED,
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("beside", "text", "value"),
    [(beside, text, value) for beside, cells in COUNTS.values() for text, value in cells.items()],
)
def test_18_and_19_a_count_is_read_or_asked_about(beside, text, value):
    assert read([*beside, text], read_count)[0][-1] == value


def test_counts_of_any_type():
    assert read_count(pa.array([1, None]), Journal(), field="quantity").values.to_pylist() == [1, None]
    journal = Journal()
    cells = read_count(pa.array([12.0, 1.25, 1.234, None, float("nan")]), journal, field="quantity", name="qty")
    assert cells.to_series().tolist()[:3] == [12, "1.25", "1.234"]
    assert cells.values.to_pylist()[3:] == [None, None]
    assert [(found.kind, found.count) for found in journal.findings] == [("kept", 2)]
    assert read_count(pa.array([Decimal("3.00")]), Journal(), field="quantity").values.to_pylist() == [3]


def test_21_two_currencies_are_a_question_for_the_column():
    texts = ["5 EUR", "5 PLN", "7", None]
    values, journal = read(texts)
    assert values == [ASKED, ASKED, ASKED, None]
    (question,) = journal.questions
    assert (question.code, question.readings, question.count) == ("currencies", ("EUR", "PLN"), 3)
    values, journal = read(texts, currency="EUR")
    assert values == [5, ASKED, 7, None]
    assert [(found.kind, found.count) for found in journal.findings if "another currency" in found.message] == [
        ("kept", 1)
    ]


def test_21_the_cells_of_another_currency_do_not_vote():
    assert read(["1.500 EUR", "2,50 PLN", "3 PLN"], currency="EUR")[0] == [ASKED, ASKED, ASKED]
    assert read(["1.500 EUR", "25,00 EUR", "3.5 PLN"], currency="EUR")[0] == [1500, 25, ASKED]


def test_23_a_third_decimal_stays_one():
    assert read(["1.2345", "0.125"])[0] == [1.2345, 0.125]


class TestQuestions:
    def test_name_both_readings_and_the_argument(self):
        _, journal = read(["1.234", "1,234", "1.234"])
        (question,) = journal.questions
        assert (question.code, question.field, question.column, question.count) == ("decimal_mark", "price", "Preis", 3)
        assert (question.readings, question.examples) == (("1.234", "1234"), ("1.234", "1,234"))
        assert question.argument == "decimal='.' or decimal=','"
        assert str(question) == (
            "price, column 'Preis': 3 cells (1.234; 1,234): nothing in the column says what its mark means. "
            "1.234 may be 1.234 or 1234. Answer with decimal='.' or decimal=','."
        )

    def test_the_reason_of_a_contradiction_shows_both_cells(self):
        _, journal = read(["1.500", "1.299,00", "12.5"])
        assert journal.questions[0].reason == "the column writes numbers in more than one way: 12.5, 1.299,00"

    def test_cells_that_are_no_number_are_asked_about_without_an_argument(self):
        _, journal = read(["12.50", "10-20", "free"])
        (question,) = journal.questions
        assert (question.code, question.argument, question.count) == ("unreadable", "", 1)

    def test_one_column_is_asked_about_once(self):
        journal = Journal()
        column = pa.array(["1.234"])
        for field in ("price", "discountPrice"):
            read_money(column, journal, field=field, name="Preis")
        assert len(journal.questions) == 1

    def test_no_question_where_all_is_read(self):
        assert read(["12.50", "1,234", "7 zł"])[1].questions == []


class TestFindings:
    def test_say_what_was_read_and_what_stays(self):
        _, journal = read(["12.50", "1 234,50 zł", "7 PLN", "free", "free"])
        found = {finding.kind: finding for finding in journal.findings}
        assert found["converted"].message == "amounts read from text (PLN)"
        assert (found["converted"].count, found["converted"].examples) == (2, ("1 234,50 zł", "7 PLN"))
        assert (found["kept"].count, found["kept"].examples) == (2, ("free",))
        assert {finding.column for finding in journal.findings} == {"Preis"}

    def test_plain_numbers_are_not_worth_a_word(self):
        assert read(["12.50", "60.000000", "-3"])[1].findings == ()

    def test_groups_are(self):
        (finding,) = read(["12,50", "1.234"])[1].findings
        assert (finding.kind, finding.count) == ("converted", 2)

    def test_a_count_that_is_none_is_kept(self):
        _, journal = read(["12.5", "2,5", "7"], read_count)
        (finding,) = (found for found in journal.findings if found.kind == "kept")
        assert (finding.message, finding.count) == ("not a whole number: left as text", 2)

    def test_the_decision_is_noted_by_field(self):
        _, journal = read(["12,50", "1.234"])
        decision = journal.decisions["price"]
        assert (decision.point, decision.comma, decision.proven) == ("groups", "decimal", True)
        assert Decision.from_dict(decision.to_dict()) == decision


class TestEvidence:
    TEXTS = st.lists(
        st.sampled_from(
            ["1.234", "1,234", "1.000", "2,000", "12.50", "12,50", "1.234,50", "1,234.50", "1 234", "1.234.567",
            "1,49,999",
             "0.500", "1299.000", "5 PLN", "13.900 Ft", "7", "x 7", "10-20", None, "1.250 KWD", "0", "(5)", "12,-"]
        ),
        max_size=40,
    )  # fmt: skip

    @given(TEXTS, st.lists(st.integers(0, 40), max_size=4))
    def test_of_parts_together_is_that_of_the_whole(self, texts, cuts):
        column = pa.array(texts, pa.large_string())
        bounds = [0, *sorted(min(cut, len(texts)) for cut in cuts), len(texts)]
        evidence = AmountEvidence()
        for start, stop in pairwise(bounds):
            evidence = evidence.merged(AmountEvidence.of(parse(column.slice(start, stop - start))))
        whole = AmountEvidence.of(parse(column))
        assert {code: tally.counts.tolist() for code, tally in evidence.by_currency.items()} == {
            code: tally.counts.tolist() for code, tally in whole.by_currency.items()
        }
        assert evidence.examples == whole.examples
        for kind in ("amount", "count"):
            assert decide(evidence, kind=kind) == decide(whole, kind=kind)

    @given(TEXTS, st.integers(1, 30))
    def test_repeating_a_column_changes_nothing_but_the_counts(self, texts, times):
        """The way over distinct texts, taken where they repeat, finds what the way over all cells finds."""
        once, often = (
            AmountEvidence.of(parse(pa.array(texts, pa.large_string()))),
            AmountEvidence.of(parse(pa.array(texts * times, pa.large_string()))),
        )
        assert {code: (tally.counts * times).tolist() for code, tally in once.by_currency.items()} == {
            code: tally.counts.tolist() for code, tally in often.by_currency.items()
        }

    def test_lists_give_their_entries(self):
        evidence = AmountEvidence.of(parse(pa.array([["12,50", "1.234"], None, ["7"]])))
        assert evidence.total().cells == 3

    def test_is_of_fixed_size(self):
        small = AmountEvidence.of(parse(pa.array(["1,50"])))
        large = AmountEvidence.of(parse(pa.array([f"{n},50" for n in range(5000)])))
        assert small.by_currency[""].counts.shape == large.by_currency[""].counts.shape
        assert max(map(len, large.examples.values())) <= 3

    def test_keeps_the_first_of_each_kind(self):
        texts = ["1.234", "x1", "12,50", "12.5", "1.234,5", "1,234.5", "1.234.567", "1 234", "0.500", "7"]
        assert AmountEvidence.of(parse(pa.array(texts))).examples == {
            "open": ("1.234",),
            "unreadable": ("x1",),
            "plain decimal": ("12.5",),
            ". decimal": ("1,234.5", "0.500"),
            ", decimal": ("12,50", "1.234,5"),
            ". groups": ("1.234,5", "1.234.567"),
            ", groups": ("1,234.5",),
            "blank groups": ("1 234",),
        }

    def test_counts_what_there_is(self):
        tally = AmountEvidence.of(
            parse(pa.array(["1.234", "1.000", "2,000", "12,50", "1.234,50", "1.234.567", "1299.000", "x1", "7", None]))
        ).total()
        assert (tally.cells, tally.unreadable) == (9, 1)
        assert (tally.open(1), tally.open(2), tally.round(1), tally.round(2)) == (2, 1, 1, 1)
        assert (tally.decimal(1), tally.decimal(2), tally.thousandths(1), tally.thousandths(2)) == (1, 2, 1, 0)
        assert (tally.groups(1), tally.groups(2)) == (2, 0)

    def test_the_middle_size_is_right_to_a_percent(self):
        tally = AmountEvidence.of(parse(pa.array(["1,50", "20,00", "333,30"]))).total()
        assert tally.median(with_open=False) == pytest.approx(20, rel=0.01)
        assert AmountEvidence().total().median(with_open=True) is None


@given(st.lists(st.decimals(min_value=0, max_value=10**11, places=2), min_size=1, max_size=20), st.sampled_from(".,"))
def test_every_amount_with_cents_comes_back_whatever_its_decimal_mark(amounts, mark):
    groups = {".": ",", ",": "."}[mark]
    texts = [f"{amount:,.2f}".replace(",", "g").replace(".", mark).replace("g", groups) for amount in amounts]
    assert read(texts)[0] == [float(amount) for amount in amounts]


def test_many_digits_stay_exact():
    assert read(["12345678901234567.89", "1,5", "2.25"])[0] == [
        Decimal("12345678901234567.89"), Decimal("1.50"), Decimal("2.25")
    ]  # fmt: skip
    assert read(["12345678901234567.891234", "3"])[0] == [Decimal("12345678901234567.891234"), Decimal(3)]


def test_a_column_of_nothing():
    assert read([None, ""])[0] == [None, None]
    assert read([])[0] == []


def test_cents_are_rounded_half_up():
    assert to_cents(np.array([0.125, 0.135, 1.005, 2.004])).tolist() == [0.13, 0.14, 1.01, 2.0]


class TestAgreed:
    """What holds for a field that several columns fill."""

    def test_a_mark_that_two_columns_read_differently_stays_open(self):
        german = Decision(point="groups", comma="decimal", currency="EUR")
        english = Decision(point="decimal", comma="groups", currency="EUR")
        both = german.agreed(english)
        assert (both.point, both.comma, both.currency) == ("open", "open", "EUR")
        assert german.agreed(german) == german

    def test_a_currency_only_where_both_name_it(self):
        one, other = Decision(currency="HUF", told=","), Decision(currency="", told=".")
        assert (one.agreed(other).currency, one.agreed(other).told) == ("", "")

    def test_nothing_where_a_column_is_asked_about_as_a_whole(self):
        mixed = Decision(point="groups", comma="decimal", currencies=("EUR", "PLN"))
        agreed = mixed.agreed(Decision(point="groups", comma="decimal"))
        assert (agreed.point, agreed.comma) == ("open", "open")


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (["£1,299.00", "£12.50", "£1,299"], [1299.0, 12.5, 1299.0]),
        (["R$ 1.299,00", "R$ 12,90", "R$ 1.299"], [1299.0, 12.9, 1299.0]),
        (["1 299 грн", "1.299 грн", "12,50 грн."], [1299.0, 1299.0, 12.5]),
        (["999:-", "12.900:-", "99,50 kr"], [999.0, 12900.0, 99.5]),
        (["12 900:-", "99,50 kr"], [12900.0, 99.5]),
    ],
)
def test_a_size_that_the_column_proves_is_not_doubted_and_a_colon_with_a_dash_has_no_cents(cells, amounts):
    journal = Journal()
    read = read_money(pa.array(cells), journal, field="price", name="price")
    assert read.values.to_pylist() == amounts
    assert not journal.questions


def test_a_size_beyond_the_proven_ones_is_still_doubted():
    journal = Journal()
    read = read_money(pa.array(["£9.00", "£12.50", "£1,299"]), journal, field="price", name="price")
    assert read.values.to_pylist() == [9.0, 12.5, None]
    assert [question.code for question in journal.questions] == ["decimal_mark"]
