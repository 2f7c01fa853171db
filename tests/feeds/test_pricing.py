"""What an export's price columns mean, row by row."""

from __future__ import annotations

import math
from datetime import date

import pyarrow as pa
import pytest

from smnotebook.feeds.columns import Columns
from smnotebook.feeds.options import FeedOptions
from smnotebook.feeds.presets import PriceColumns
from smnotebook.feeds.pricing import read_prices
from smnotebook.values.discounts import drop_void_discounts
from smnotebook.values.findings import Journal

TODAY = date(2026, 11, 28)
REGULAR = PriceColumns(regular=("regular", "list"), reduced=("sale",), starts=("from",), ends=("to",))
PAID = PriceColumns(paid=("price",), compare_at=("former",))
BOTH = PriceColumns(regular=("regular",), reduced=("sale",), paid=("price",), on_sale=("on sale",), ends=("to",))
OFF = PriceColumns(
    regular=("price",),
    amount_off=("off",),
    percent_off=("percent",),
    off=("either",),
    off_mode=("mode",),
    starts=("from",),
    ends=("to",),
)


def read(pricing, *, vat=None, journal=None, **columns):
    """The two prices of each row, None where there is none."""
    journal = Journal() if journal is None else journal
    table = pa.table({name.replace("_", " "): pa.array(cells) for name, cells in columns.items()})
    options = FeedOptions(today=TODAY, vat_percent=vat)
    cells = read_prices(Columns(table), pricing, options, journal)
    drop_void_discounts(cells, journal)
    found = [cells[name].values.to_pylist() for name in ("price", "discountPrice") if name in cells]
    return list(zip(*found, strict=True)) if len(found) == 2 else [(price, None) for price in found[0]]


def one(pricing, **cells):
    return read(pricing, **{name: [cell] for name, cell in cells.items()})[0]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # a regular and a reduced price
        ({"regular": "100", "sale": "80"}, (100, 80)),
        ({"regular": "100", "sale": ""}, (100, None)),
        ({"regular": "100", "sale": "0"}, (100, None)),
        ({"regular": "100", "sale": "0.00"}, (100, None)),
        ({"regular": "100", "sale": "100"}, (100, None)),
        ({"regular": "100", "sale": "120"}, (100, None)),
        ({"regular": "", "sale": "80"}, (80, None)),
        ({"regular": "0", "sale": "80"}, (80, None)),
        ({"regular": "", "sale": "0"}, (None, None)),
        ({"regular": "0", "sale": "0"}, (0, None)),
        # of several columns the first that says something
        ({"regular": "0", "list": "90", "sale": "80"}, (90, 80)),
        ({"regular": "", "list": "90", "sale": "80"}, (90, 80)),
        ({"regular": "95", "list": "90", "sale": "80"}, (95, 80)),
        # periods
        ({"regular": "100", "sale": "80", "to": "2026-11-28"}, (100, 80)),
        ({"regular": "100", "sale": "80", "to": "2026-11-27"}, (100, None)),
        ({"regular": "100", "sale": "80", "from": "2026-11-28"}, (100, 80)),
        ({"regular": "100", "sale": "80", "from": "2026-11-29"}, (100, None)),
        ({"regular": "100", "sale": "80", "from": "soon"}, (100, None)),
    ],
)
def test_a_reduced_price_counts_below_the_regular_one_and_in_its_period(cells, expected):
    assert one(REGULAR, **cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"price": "80", "former": "100"}, (100, 80)),
        ({"price": "80", "former": ""}, (80, None)),
        ({"price": "80", "former": "0"}, (80, None)),
        ({"price": "80", "former": "80"}, (80, None)),
        ({"price": "80", "former": "70"}, (80, None)),
        ({"price": "", "former": "100"}, (None, None)),
        ({"price": "0", "former": "100"}, (100, None)),
        ({"price": "80"}, (80, None)),
    ],
)
def test_what_is_paid_is_the_reduced_price_where_a_former_one_is_higher(cells, expected):
    assert one(PAID, **cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"regular": "100", "sale": "80", "price": "80"}, (100, 80)),
        ({"regular": "100", "sale": "", "price": "80"}, (100, 80)),
        ({"regular": "100", "sale": "100", "price": "80"}, (100, 80)),
        ({"regular": "", "sale": "", "price": "295"}, (295, None)),
        ({"regular": "0", "sale": "", "price": "295"}, (295, None)),
        ({"regular": "", "sale": "20", "price": "25"}, (25, 20)),
        ({"regular": "", "sale": "0", "price": "25"}, (25, None)),
        ({"regular": "0", "sale": "", "price": "0"}, (0, None)),
        # what is paid is known: a regular price below it is none
        ({"regular": "40", "sale": "", "price": "50"}, (50, None)),
        ({"regular": "40", "sale": "45", "price": "50"}, (50, 45)),
        # a flag, and a period that what is paid does not need
        ({"regular": "100", "sale": "80", "price": "100", "on_sale": "no"}, (100, None)),
        ({"regular": "100", "sale": "80", "price": "100", "on_sale": "yes"}, (100, 80)),
        ({"regular": "100", "sale": "80", "price": "100", "on_sale": ""}, (100, 80)),
        ({"regular": "100", "sale": "", "price": "80", "on_sale": "false"}, (80, None)),
        ({"regular": "100", "sale": "", "price": "80", "to": "2026-11-01"}, (100, 80)),
        ({"regular": "100", "sale": "80", "price": "80", "to": "2026-11-01"}, (100, None)),
    ],
)
def test_a_paid_price_beside_a_regular_one(cells, expected):
    assert one(BOTH, **cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"price": "100", "off": "15"}, (100, 85)),
        ({"price": "100", "off": "0"}, (100, None)),
        ({"price": "100", "off": "-5"}, (100, None)),
        ({"price": "100", "off": "100"}, (100, None)),
        ({"price": "100", "off": "120"}, (100, None)),
        ({"price": "", "off": "15"}, (None, None)),
        ({"price": "19.99", "percent": "15"}, (19.99, 16.99)),
        ({"price": "100", "percent": "15 %"}, (100, 85)),
        ({"price": "100", "percent": "-15%"}, (100, 85)),
        ({"price": "100", "percent": "100"}, (100, None)),
        ({"price": "100", "percent": "0"}, (100, None)),
        ({"price": "100", "percent": "0", "off": "15"}, (100, 85)),
        ({"price": "100", "percent": "10", "off": "15"}, (100, 90)),
        ({"price": "100", "either": "15", "mode": "PERCENT"}, (100, 85)),
        ({"price": "50", "either": "15", "mode": "AMOUNT"}, (50, 35)),
        ({"price": "50", "either": "15"}, (50, None)),
        ({"price": "100", "off": "15", "to": "2026-11-27"}, (100, None)),
        ({"price": "100", "percent": "15", "from": "2026-11-29"}, (100, None)),
    ],
)
def test_a_reduction_becomes_an_amount(cells, expected):
    assert one(OFF, **cells) == expected


def test_a_reduction_fills_only_what_has_no_reduced_price():
    pricing = PriceColumns(regular=("price",), reduced=("sale",), percent_off=("percent",))
    rows = read(pricing, price=["100", "100", "100"], sale=["90", "", "0"], percent=["20", "20", "20"])
    assert rows == [(100, 90), (100, 80), (100, 80)]


def test_each_row_has_columns_of_its_own():
    rows = read(BOTH, regular=["100", "", "", "0"], sale=["80", "", "20", ""], price=["80", "295", "25", "7"])
    assert rows == [(100, 80), (295, None), (25, 20), (7, None)]


class TestTax:
    NET = PriceColumns(regular=("price net",), reduced=("sale net",))

    def test_is_added_to_net_prices_to_the_cent(self):
        rows = read(self.NET, vat=23, price_net=["100", "1.99", None], sale_net=["80", None, None])
        assert rows == [(123, 98.4), (2.45, None), (None, None)]

    def test_is_added_by_the_declaration_of_the_shop(self):
        assert read(PriceColumns(regular=("price",), net=True), vat=8, price=["100"]) == [(108, None)]

    def test_is_never_added_to_a_gross_feed(self):
        assert read(REGULAR, vat=23, regular=["100"], sale=["80"]) == [(100, 80)]

    def test_is_added_to_the_rows_that_have_only_a_net_price(self):
        pricing = PriceColumns(regular=("gross", "net price"))
        journal = Journal()
        rows = read(pricing, vat=23, journal=journal, gross=["123", None, "0"], net_price=["100", "10", "1"])
        assert rows == [(123, None), (12.3, None), (1.23, None)]
        assert [(found.count, found.column) for found in journal.findings] == [(2, "net price")]

    def test_a_net_price_without_tax_is_taken_and_warned_of(self):
        journal = Journal()
        assert read(self.NET, journal=journal, price_net=["100", "50", None], sale_net=[None] * 3)[0] == (100, None)
        assert [(found.kind, found.count, found.column) for found in journal.findings] == [("warned", 2, "price net")]
        assert "vat_percent" in journal.findings[0].message

    def test_a_net_column_that_no_row_needs_is_not_spoken_of(self):
        journal = Journal()
        pricing = PriceColumns(regular=("gross", "net price"))
        assert read(pricing, journal=journal, gross=["123"], net_price=["100"]) == [(123, None)]
        assert journal.findings == ()

    def test_unread_cells_stay(self):
        table = pa.table({"price net": ["100", "on request"]})
        cells = read_prices(Columns(table), self.NET, FeedOptions(today=TODAY, vat_percent=23), Journal())
        assert cells["price"].unread.to_pylist() == [None, "on request"]
        assert cells["price"].values.to_pylist() == [123, None]


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        ("pricing", "cells", "kind", "words"),
        [
            (REGULAR, {"regular": "100", "sale": "0"}, "dropped", "of 0"),
            (REGULAR, {"regular": "100", "sale": "100"}, "dropped", "not below"),
            (REGULAR, {"regular": "", "sale": "80"}, "converted", "without a regular one"),
            (REGULAR, {"regular": "100", "sale": "80", "to": "2026-11-27"}, "dropped", "2026-11-28"),
            (REGULAR, {"regular": "100", "sale": "80", "to": "soon"}, "warned", "can't be read"),
            (REGULAR, {"regular": "100", "sale": "80", "to": "12/11/2026"}, "warned", "told apart"),
            (PAID, {"price": "80", "former": "70"}, "dropped", "former price"),
            (BOTH, {"price": "50", "regular": "40"}, "dropped", "former price"),
            (BOTH, {"regular": "100", "sale": "80", "on_sale": "no"}, "dropped", "not on sale"),
        ],
    )
    def test_a_discount_that_is_left_out_is_a_finding(self, pricing, cells, kind, words):
        journal = Journal()
        read(pricing, journal=journal, **{name: [cell] for name, cell in cells.items()})
        found = [finding for finding in journal.findings if words in finding.message]
        assert [(finding.kind, finding.count) for finding in found] == [(kind, 1)]

    def test_a_column_that_means_two_things_is_spoken_of_once(self):
        journal = Journal()
        pricing = PriceColumns(regular=("price",), paid=("price",))
        assert read(pricing, journal=journal, price=["100 EUR", "on request"])[0] == (100, None)
        assert len({(found.kind, found.message) for found in journal.findings}) == len(journal.findings) > 0

    @pytest.mark.parametrize(
        ("pricing", "cells", "code", "readings"),
        [
            (
                REGULAR,
                {"regular": "100", "sale": "80", "from": "01/02/2026", "to": "12/11/2026"},
                "date_order",
                ("2026-02-01", "2026-01-02"),
            ),
            (OFF, {"price": "100", "percent": "0.2"}, "percent_or_fraction", ("0.2 %", "20 %")),
        ],
    )
    def test_what_can_be_read_in_two_ways_is_a_question(self, pricing, cells, code, readings):
        journal = Journal()
        rows = read(pricing, journal=journal, **{name: [cell] for name, cell in cells.items()})
        assert rows == [(100, None)]
        found = [(question.code, question.readings, question.count, question.field) for question in journal.questions]
        assert found == [(code, readings, 1, "discountPrice")]

    @pytest.mark.parametrize(
        ("pricing", "cells"),
        [
            (REGULAR, {"regular": "100", "sale": "80"}),
            (REGULAR, {"regular": "100", "sale": ""}),
            (PAID, {"price": "80", "former": "0"}),
            (PAID, {"price": "80", "former": ""}),
            (BOTH, {"regular": "100", "sale": "80", "price": "80", "on_sale": ""}),
            (BOTH, {"regular": "100", "sale": "", "price": "100"}),
            (OFF, {"price": "100", "off": "0", "percent": "0"}),
        ],
    )
    def test_nothing_is_said_where_nothing_is_wrong(self, pricing, cells):
        journal = Journal()
        read(pricing, journal=journal, **{name: [cell] for name, cell in cells.items()})
        assert (journal.findings, journal.questions) == ((), [])


def test_lists_are_never_one_number():
    table = pa.table({"price": pa.array([["3000", "2500"], ["1000"], ["7", "7"], None])})
    journal = Journal()
    cells = read_prices(Columns(table), PAID, FeedOptions(today=TODAY), journal)
    assert cells["price"].values.to_pylist() == [None, 1000, 7, None]
    assert cells["price"].unread.to_pylist() == ["3000, 2500", None, None, None]
    assert [(found.kind, found.count) for found in journal.findings] == [("asked", 1)]


def test_amounts_of_many_digits_stay_exact():
    table = pa.table({"regular": ["12345678901234567.89", "2"], "list": ["1", None], "sale": ["1", "1"]})
    cells = read_prices(Columns(table), REGULAR, FeedOptions(today=TODAY), Journal())
    assert str(cells["price"].values[0]) == "12345678901234567.89"


def test_without_columns_of_prices_there_are_none():
    assert read_prices(Columns(pa.table({"name": ["a"]})), REGULAR, FeedOptions(today=TODAY), Journal()) == {}
    empty = pa.table({"price": pa.nulls(2, pa.string()), "former": ["5", "6"]})
    assert read_prices(Columns(empty), PAID, FeedOptions(today=TODAY), Journal()) == {}
    only_former = pa.table({"former": ["5"]})
    assert read_prices(Columns(only_former), PAID, FeedOptions(today=TODAY), Journal()) == {}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [(["regular", "sale"], True), (["regular"], False), (["regular", "list"], True), (["sale"], True)],
)
def test_there_is_a_column_of_reduced_prices_where_the_file_has_any(columns, expected):
    table = pa.table({name: ["5"] for name in columns})
    cells = read_prices(Columns(table), REGULAR, FeedOptions(today=TODAY), Journal())
    assert ("discountPrice" in cells) == expected
    assert not math.isnan(cells["price"].values[0].as_py())
