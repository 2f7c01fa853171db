"""Discounts of mapped tables: their terms are used and not sent, and a discount that reduces nothing is none."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import OpenQuestions, UsageError
from smnotebook.values.report import reading_report

TODAY = date(2026, 11, 28)
BASE = {"productId": "sku", "price": "cena"}


def mapped(rules, *, today=TODAY, **columns):
    """The discount of each row; None for none."""
    size = len(next(iter(columns.values())))
    table = pd.DataFrame({"sku": [f"A{at}" for at in range(size)], **columns})
    products = sm.read_feed(table, mapping=BASE | rules, today=today, preset=None)
    assert set(products.columns) <= {"productId", "price", "discountPrice", "available"}
    cells = products.get("discountPrice", pd.Series([None] * size))
    return [None if pd.isna(cell) else cell for cell in cells]


@pytest.mark.parametrize(
    ("price", "reduced", "expected"),
    [
        ("12.50", "0.00", None),
        ("12.50", "0", None),
        ("12.50", "", None),
        ("12.50", "12.50", None),
        ("12.50", "13", None),
        ("12.50", "12.49", 12.49),
        ("", "7.00", 7),
        ("0", "7.00", None),
    ],
)
def test_0_empty_and_not_lower_mean_none(price, reduced, expected):
    assert mapped({"discountPrice": "promo"}, cena=[price, "9.95"], promo=[reduced, ""])[0] == expected


@pytest.mark.parametrize(
    ("rules", "columns", "expected"),
    [
        ({"discountPrice": "p", "onSale": "s"}, {"p": ["8", "8", "8"], "s": ["tak", "nie", ""]}, [8, None, 8]),
        ({"discountPrice": "p", "onSale": "s"}, {"p": ["8", "8", "8"], "s": [True, False, None]}, [8, None, 8]),
        (
            {"discountPrice": "p", "discountFrom": "f", "discountTo": "t"},
            {
                "p": ["8", "8", "8", "8"],
                "f": ["2026-11-01", "2026-11-29", "", "2026-11-01"],
                "t": ["", "", "2026-11-28", "2026-11-27"],
            },
            [8, None, 8, None],
        ),
        ({"discountPrice": "p", "discountTo": "t"}, {"p": ["8", "8"], "t": ["27.11.2026", "28.11.2026"]}, [None, 8]),
        ({"discountPrice": "p", "discountFrom": "f"}, {"p": ["8", "8"], "f": ["bald", ""]}, [None, 8]),
        ({"discountPercentage": "r"}, {"r": ["20", "0", "", "100"]}, [8, None, None, None]),
        ({"discountPercentage": "r"}, {"r": ["20%", "-15 %", "0,5 %", "12,5 %"]}, [8, 8.5, 9.95, 8.75]),
        ({"discountPercentage": "r"}, {"r": [20.0, 0.5, None]}, [8, 9.95, None]),
        ({"discountPercentage": {"from": "r", "as": "fraction"}}, {"r": ["0.2", "0.05"]}, [8, 9.5]),
        ({"discountPercentage": {"from": "r", "as": "percent:sure"}}, {"r": ["0.5", "0.2"]}, [9.95, 9.98]),
        # a reduced price goes before a percentage
        ({"discountPrice": "p", "discountPercentage": "r"}, {"p": ["9", "", "0"], "r": ["20"] * 3}, [9, 8, 8]),
        (
            {"discountPercentage": "r", "discountTo": "t", "onSale": "s"},
            {"r": ["20"] * 3, "t": ["2026-11-27", "", ""], "s": ["1", "0", "1"]},
            [None, None, 8],
        ),
    ],
)
def test_terms_decide_about_the_discount(rules, columns, expected):
    size = len(expected)
    assert mapped(rules, cena=["10"] * size, **columns) == expected


def test_a_period_ends_by_the_clock_in_the_zone_of_today():
    columns = {"cena": ["10", "10"], "p": ["8", "8"], "t": ["2026-11-28 12:00", "2026-11-28T11:30-05:00"]}
    rules = {"discountPrice": "p", "discountTo": "t"}
    assert mapped(rules, today=datetime(2026, 11, 28, 11, 59, tzinfo=UTC), **columns) == [8, 8]
    assert mapped(rules, today=datetime(2026, 11, 28, 12, 1, tzinfo=UTC), **columns) == [None, 8]
    with pytest.raises(UsageError, match="zone"):
        mapped(rules, today=datetime(2026, 11, 28, 12, 1), **columns)


def test_the_order_of_day_and_month_may_be_mapped():
    columns = {"cena": ["10"], "p": ["8"], "t": ["12/11/2026"]}
    assert mapped({"discountPrice": "p", "discountTo": {"from": "t", "as": "month_first"}}, **columns) == [8]
    assert mapped({"discountPrice": "p", "discountTo": {"from": "t", "as": "day_first"}}, **columns) == [None]


class TestMapping:
    TABLE = pd.DataFrame({"sku": ["1"], "cena": ["10"], "rabat": ["0.2"], "do": ["12/11/2026"]})

    def test_uses_terms_as_read_feed_does(self):
        mapping = sm.Mapping.from_dict({"version": 1, "rules": []}).set("price", "cena").set("discountTo", "do")
        table = self.TABLE.assign(do="2026-11-27")
        products = table.salesmanago.map(mapping.set("discountPercentage", "rabat", transform="fraction"), today=TODAY)
        assert list(products.columns) == ["price", "discountPrice"]
        assert products["discountPrice"].isna().tolist() == [True]
        products = table.salesmanago.map(
            mapping.set("discountPercentage", "rabat", transform="fraction"), today=date(2026, 11, 27)
        )
        assert products["discountPrice"].tolist() == [8]

    @pytest.mark.parametrize(("term", "column"), [("discountPercentage", "rabat"), ("discountTo", "do")])
    def test_asks_what_only_a_person_knows(self, term, column):
        mapping = sm.Mapping.from_dict({"version": 1, "rules": []}).set("price", "cena").set("discountPrice", "p")
        table = self.TABLE.assign(p="" if term == "discountPercentage" else "8")
        with pytest.raises(OpenQuestions) as asked:
            table.salesmanago.map(mapping.set(term, column), today=TODAY)
        assert [question.column for question in asked.value.questions] == [column]

    def test_no_other_name_is_taken(self):
        with pytest.raises(UsageError, match="discountPercentage"):
            sm.Mapping.from_dict({"version": 1, "rules": []}).set("discountUntil", "do")


class TestFramesInApiNames:
    def test_a_discount_that_is_none_is_left_out_and_said(self):
        table = pd.DataFrame(
            {
                "productId": ["1", "2", "3"],
                "name": "Cup",
                "price": ["10", "10", 10.0],
                "discountPrice": ["0", "12", "8"],
            }
        )
        products = sm.read_feed(table)
        assert products["discountPrice"].isna().tolist() == [True, True, False]
        said = [found.message for found in reading_report(products).findings if found.field == "discountPrice"]
        assert len(said) == 2

    def test_preflight_warns_of_0(self):
        product = {
            "productId": ["1"],
            "name": ["Cup"],
            "mainCategory": ["Cups"],
            "productUrl": ["https://shop.example.com/1"],
            "available": [True],
            "price": [10.0],
            "discountPrice": [0.0],
        }
        issues = pd.DataFrame(product).salesmanago.preflight().issues
        assert issues[["field", "severity"]].to_numpy().tolist() == [["discountPrice", "warning"]]
        assert "is zero" in issues["message"].iloc[0]
