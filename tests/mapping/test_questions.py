"""What a table does not decide is asked, with readings that answer it; what must stay is withheld by name."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import OpenQuestions, UsageError
from smnotebook.mapping import Mapping, suggest_mapping
from smnotebook.values.questions import Question
from smnotebook.values.report import reading_report


def table(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"sku": ["A1", "A2", "A3"], "name": ["Linen cloth", "Oak board", "Tall vase"], **columns})


def suggested(frame: pd.DataFrame, **arguments: str) -> Mapping:
    return suggest_mapping(frame, learned=False, **arguments)


def asked(mapping: Mapping, field: str) -> Question:
    return next(question for question in mapping.questions if question.field == field)


NET = table(**{"Cena netto": ["10.00", "20.00", "30.00"]})


class TestAnswers:
    def test_a_net_price_is_asked_and_stops_map(self):
        mapping = suggested(NET)
        question = asked(mapping, "price")
        assert (question.code, question.column, question.readings) == ("net_price", "Cena netto", ("Cena netto",))
        assert question.examples == ("10.00", "20.00", "30.00")
        assert "add_tax" in question.argument
        with pytest.raises(OpenQuestions, match="net of tax") as raised:
            NET.salesmanago.map(mapping)
        assert raised.value.questions == (question,)

    def test_read_feed_takes_no_mapping_with_open_questions(self):
        with pytest.raises(OpenQuestions):
            sm.read_feed(NET, mapping=suggested(NET))

    def test_set_answers(self):
        mapping = suggested(NET).set("price", "Cena netto", transform="add_tax:23")
        assert "price" not in {question.field for question in mapping.questions}
        assert mapping.apply(NET)["price"].tolist() == [12.3, 24.6, 36.9]

    def test_a_reading_answers(self):
        mapping = suggested(NET).answer("price", "Cena netto")
        assert mapping.unanswered == ()
        assert mapping.apply(NET)["price"].tolist() == [10.0, 20.0, 30.0]

    def test_without_answers_too(self):
        assert suggested(NET).without("price").unanswered == ()

    def test_a_reading_that_nobody_offered_is_an_error(self):
        with pytest.raises(UsageError, match=r"readings are: 'Cena netto'.*mapping\.set\('price'"):
            suggested(NET).answer("price", "gross")
        with pytest.raises(UsageError, match="Nothing is asked"):
            suggested(NET).answer("name", "x")

    def test_kept_questions_are_in_the_report(self):
        products = suggested(NET).apply(NET, questions="keep")
        assert "price" not in products
        assert [question.field for question in reading_report(products).questions] == ["price"]

    def test_the_rate_that_the_table_names_is_added(self):
        frame = NET.assign(VAT=["23%"] * 3)
        mapping = suggested(frame)
        assert mapping["price"].transform == "add_tax:23"
        assert mapping.apply(frame)["price"].tolist() == [12.3, 24.6, 36.9]

    @pytest.mark.parametrize("rates", [["23%", "8%", "23%"], ["23%", None, "23%"], ["0", "0", "0"], ["A", "A", "A"]])
    def test_several_rates_or_none_leave_the_question(self, rates):
        assert "price" not in suggested(NET.assign(VAT=rates))

    def test_cents_are_divided_once_somebody_says_so(self):
        frame = table(price_cents=["1999", "500", "12000"])
        mapping = suggested(frame)
        assert asked(mapping, "price").readings == ("price_cents / 100", "price_cents")
        assert mapping.answer("price", "price_cents / 100").apply(frame)["price"].tolist() == [19.99, 5.0, 120.0]

    def test_amounts_with_cents_are_no_minor_units(self):
        assert "price" in suggested(table(price_amount=["19.99", "5.00", "120.00"]))

    def test_a_list_price_above_the_price_is_a_reduction_only_if_somebody_says_so(self):
        frame = table(Price=["8", "17", "30"], **{"List price": ["10", "20", "31"]})
        mapping = suggested(frame)
        assert asked(mapping, "price").readings == ("Price", "List price, reduced to Price")
        reduced = mapping.answer("price", "List price, reduced to Price").apply(frame)
        assert (reduced["price"].tolist(), reduced["discountPrice"].tolist()) == ([10, 20, 31], [8, 17, 30])
        plain = mapping.answer("price", "Price").apply(frame)
        assert plain["price"].tolist() == [8, 17, 30]
        assert "discountPrice" not in plain

    def test_a_reduced_price_above_the_regular_one_is_asked(self):
        frame = table(price=["8.00", "9.00", "7.00"], **{"sale price": ["10.00", "12.00", "11.00"]})
        mapping = suggested(frame)
        assert asked(mapping, "price").readings == ("sale price, reduced to price", "price")
        assert "discountPrice" not in mapping

    def test_only_a_reduced_price_is_asked(self):
        assert asked(suggested(table(Angebotspreis=["9,90", "8,50", "1,20"])), "price").code == "which_price"

    def test_a_former_price_of_zero_or_below_reduces_nothing(self):
        frame = pd.DataFrame({"price": ["8", "9", "7", "5"], "old_price": ["10.00", "0", "6", "on request"]})
        frame = pd.concat([frame, frame.head(1)])
        products = suggested(frame).apply(frame)
        assert products["price"].tolist() == [10, 9, 7, 5, 10]
        assert products["discountPrice"].dropna().tolist() == [8, 8]


class TestCurrenciesAndLanguages:
    FRAME = table(
        **{
            "price-EUR": ["10", "20", None],
            "price-USD": ["11", "22", "33"],
            "name-pl": ["Obrus", "Deska", "Wazon"],
            "name-en": ["Cloth", "Board", None],
        }
    ).drop(columns="name")

    def test_the_majority_is_taken_meanwhile_and_asked_about(self):
        mapping = suggested(self.FRAME)
        assert (mapping["price"].columns, mapping["name"].columns) == (("price-USD",), ("name-pl",))
        assert asked(mapping, "price").readings == ("price-USD", "price-EUR")
        assert asked(mapping, "name").readings == ("name-pl", "name-en")
        assert mapping.unanswered == ()
        asking = [found.field for found in reading_report(mapping.apply(self.FRAME)).findings if found.kind == "asked"]
        assert {"price", "name"} <= set(asking)

    def test_the_catalogs_currency_and_language_decide(self):
        mapping = suggested(self.FRAME, currency="EUR", language="en")
        assert (mapping["price"].columns, mapping["name"].columns) == (("price-EUR",), ("name-en",))
        assert not {"price", "name"} & {question.field for question in mapping.questions}

    def test_the_currency_tells_the_language_of_its_country(self):
        assert suggested(self.FRAME, currency="USD")["name"].columns == ("name-en",)

    def test_prices_in_another_currency_than_the_catalogs_are_asked(self):
        mapping = suggested(self.FRAME, currency="PLN")
        assert "price" not in mapping
        assert "PLN" in asked(mapping, "price").reason

    def test_texts_of_several_languages_in_a_cell_are_never_joined(self):
        frame = pd.DataFrame({"id": ["1", "2"], "name": [["Mug", "Kubek"], ["Pot", "Garnek"]]})
        mapping = suggested(frame)
        assert mapping.apply(frame)["name"].tolist() == ["Mug", "Pot"]
        assert asked(mapping, "name").code == "language"

    def test_descriptions_in_lists_give_the_first_one(self):
        frame = pd.DataFrame({"id": ["1", "2"], "description": [["<p>A long text.</p>", "x"], ["<p>B text</p>"]]})
        assert suggested(frame).apply(frame)["description"].tolist() == ["A long text.", "B text"]


class TestWithheld:
    @pytest.mark.parametrize(
        ("column", "cells", "reason"),
        [
            ("EK netto", ["4,00", "5,00", "6,00"], "purchase"),
            ("Wholesale", ["4", "5", "6"], "for the trade"),
            ("Member price", ["4", "5", "6"], "everybody"),
            ("E-mail", ["", "", ""], "personal"),
            ("whatever", ["a@b.example.com", "c@d.example.com", "-"], "e-mail"),
            ("numer", ["+48 600 100 200", "+48 600 100 201", "+49 170 1234567"], "phone"),
        ],
    )
    def test_by_name_or_cells(self, column, cells, reason):
        mapping = suggested(table(**{column: cells}))
        assert reason in mapping.refused[column]
        assert column not in mapping.unmapped
        assert column in repr(mapping)

    def test_addresses_of_pages_are_nobodys_address(self):
        frame = table(Adresse=[f"https://s.example.com/{at}" for at in range(3)])
        assert suggested(frame).refused == {}

    def test_four_of_a_hundred_addresses_are_no_reason(self):
        frame = pd.DataFrame({"note": ["x@example.com"] * 4 + ["on stock"] * 96})
        assert suggested(frame).refused == {}


class TestContents:
    @pytest.mark.parametrize(
        ("column", "cells", "field"),
        [
            ("category", ["14|21", "14|22", "15"], "mainCategory"),
            ("category", ["simple", "configurable", "simple"], "mainCategory"),
            ("name", ["1", "2", "3"], "name"),
            ("title", ["https://a.example/1", "https://a.example/2", "https://a.example/3"], "name"),
            ("price", ["yes", "no", "yes"], "price"),
            ("stock", ["1.5", "2.25", "0.75"], "quantity"),
            ("availability", ["1", "3", "1"], "available"),
            ("active", ["7", "5", "6"], "active"),
            ("url", ["linen", "oak", "vase"], "productUrl"),
            ("image", ["yes", "no", "yes"], "mainImageUrl"),
            ("manufacturer", ["12", "13", "12"], "systemDetails.manufacturer"),
            ("bestseller", ["12", "13", "12"], "systemDetails.bestseller"),
            ("gender", ["x", "y", "z"], "systemDetails.gender"),
            ("description", ["1", "0", "1"], "description"),
        ],
    )
    def test_a_name_that_fits_and_cells_that_do_not_is_no_match(self, column, cells, field):
        mapping = suggested(pd.DataFrame({"id": ["a", "b", "c"], column: cells}))
        assert column not in {name for rule in mapping.rules if rule.field == field for name in rule.columns}

    def test_codes_of_categories_are_asked_about(self):
        question = asked(suggested(table(categories=["14|21", "14|22", "15"])), "mainCategory")
        assert (question.code, question.column) == ("no_column", "categories")
        assert "codes" in question.reason
        assert question.examples == ("14|21", "14|22", "15")

    def test_the_whole_column_is_looked_at(self):
        frame = pd.DataFrame({"title": ["7"] * 3_000 + [f"Linen cloth {at}" for at in range(30_000)]})
        assert suggested(frame)["name"].columns == ("title",)
        turned = pd.DataFrame({"title": [f"Linen cloth {at}" for at in range(3_000)] + list(map(str, range(30_000)))})
        assert "name" not in suggested(turned)

    def test_stock_that_is_always_zero_says_nothing_of_availability(self):
        mapping = suggested(table(quantity=["0", "0", "0"]))
        assert mapping["available"].constant is True
        assert asked(mapping, "available").code == "availability"
        assert suggested(table(quantity=["0", "4", "0"]))["available"].columns == ("quantity",)

    def test_nothing_is_asked_where_the_table_proves_it(self):
        frame = table(
            category=["Table", "Kitchen", "Decor"],
            price=["1.00", "2.00", "3.00"],
            url=[f"https://s.example.com/{at}" for at in range(3)],
            stock=["1", "0", "4"],
        )
        mapping = suggested(frame)
        assert mapping.questions == ()
        assert {rule.field: rule.columns for rule in mapping.rules} == {
            "productId": ("sku",),
            "name": ("name",),
            "mainCategory": ("category",),
            "productUrl": ("url",),
            "price": ("price",),
            "quantity": ("stock",),
            "available": ("stock",),
        }

    def test_the_state_of_a_page_is_read_as_such(self):
        frame = table(status=["published", "draft", "published"])
        assert suggested(frame).apply(frame)["active"].tolist() == [True, False, True]

    def test_equally_likely_names_are_asked_about(self):
        mapping = suggested(table(title=["Cloth", "Board", "Vase"], **{"product name": ["a b", "c d", "e f"]}))
        assert asked(mapping, "name").code == "which_column"
        assert mapping["name"].columns == ("product name",)

    def test_a_weak_name_for_a_required_field_is_asked(self):
        mapping = suggested(pd.DataFrame({"nr": ["X1", "X2"], "name": ["Cup", "Pot"]}))
        assert asked(mapping, "productId").readings == ("nr",)
        assert mapping.answer("productId", "nr")["productId"].columns == ("nr",)

    def test_images_and_categories_beside_the_first_go_into_the_lists(self):
        address = "https://s.example.com/{}.jpg"
        frame = table(
            **{f"image {at}": [address.format(f"{at}{row}") for row in range(3)] for at in (2, 1, 3)},
            **{"category 1": ["Table", "Table", "Decor"], "category 2": ["Linen", "Oak", "Vases"]},
        )
        mapping = suggested(frame)
        assert mapping["mainImageUrl"].columns == ("image 1",)
        assert mapping["imageUrls"].columns == ("image 2", "image 3")
        assert mapping["mainCategory"].columns == ("category 1",)
        assert mapping["categories"].columns == ("category 2",)

    def test_a_template_answers_for_the_address(self):
        mapping = suggested(table(), url_template="https://s.example.com/{sku}")
        assert "productUrl" not in {question.field for question in mapping.questions}
        assert "url_template" in asked(suggested(table()), "productUrl").argument

    def test_a_sale_lasts_as_long_as_its_columns_say(self):
        frame = table(
            price=["10.00", "20.00", "30.00"],
            special_price=["8.00", "18.00", "28.00"],
            special_price_from_date=["2026-01-01", "2026-01-01", "2020-01-01"],
            special_price_to_date=["2026-12-31", "2026-12-31", "2020-12-31"],
        )
        mapping = suggested(frame)
        assert mapping["discountFrom"].columns == ("special_price_from_date",)
        products = mapping.apply(frame, today=date(2026, 6, 1))
        assert products["discountPrice"].dropna().tolist() == [8.0, 18.0]
        assert "discountTo" not in suggested(frame.drop(columns="special_price"))

    def test_a_column_that_is_gone_is_named_with_those_that_may_hold_the_field(self):
        with pytest.raises(UsageError, match=r"Nearest: Nazwa\."):
            Mapping(rules=()).set("name", "Product title").apply(pd.DataFrame({"Nazwa": ["x"], "EK": ["1"]}))

    def test_rows_with_equal_prices_say_nothing_of_which_is_higher(self):
        frame = pd.DataFrame({"price": ["1", "2", "3", "4", "5"], "sale price": ["1", "2", "3", "6", "7"]})
        assert asked(suggested(frame), "price").readings == ("sale price, reduced to price", "price")

    @pytest.mark.parametrize("images", [["a.jpg b.jpg", "c.jpg"], [["a.jpg", "b.jpg"], ["c.jpg"]]])
    def test_a_column_of_several_images_fills_the_list_too(self, images):
        frame = pd.DataFrame({"images": images})
        assert suggested(frame)["imageUrls"].columns == ("images",)
        assert "imageUrls" not in suggested(pd.DataFrame({"image": ["a.jpg", "c.jpg"]}))

    def test_a_mapping_shows_templates_constants_and_questions(self):
        mapping = suggested(NET, url_template="https://s.example.com/{sku}")
        shown = repr(mapping)
        assert "<- template:https://s.example.com/{sku}" in shown
        assert "<- True" in shown
        assert "?? price: Cena netto is net of tax" in shown
        assert "<td>price</td>" in mapping._repr_html_()
        assert "asked" not in mapping.answer("price", "Cena netto").without("available", "mainCategory")._repr_html_()
