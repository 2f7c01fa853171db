"""What a column's texts mean is decided once over the whole source: in files, chunks, mappings, uploads and repairs."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import smnotebook  # noqa: F401 - registers the accessor
from smnotebook.errors import OpenQuestions, UsageError
from smnotebook.feeds import read_feed, reading_report
from smnotebook.mapping import Mapping
from smnotebook.values.report import open_questions

MAPPING = {"productId": "sku", "name": "name", "price": "Preis"}


def csv(*prices: str, quantities: tuple[str, ...] = ()) -> bytes:
    counts = quantities or ("1",) * len(prices)
    rows = (f'{n};P;"{price}";"{count}"\n' for n, (price, count) in enumerate(zip(prices, counts, strict=True)))
    return ("sku;name;Preis;Lager\n" + "".join(rows)).encode()


def frame(*prices: object) -> pd.DataFrame:
    return pd.DataFrame({"sku": [str(n) for n in range(len(prices))], "name": "P", "Preis": prices})


class TestChunks:
    PRICES = ("1.500", "2.000", *["129,90"] * 20, "1.250", "7 PLN")

    @pytest.mark.parametrize("rows", [1, 2, 5, 30])
    def test_proof_in_one_chunk_holds_for_all(self, rows):
        whole = read_feed(csv(*self.PRICES), mapping=MAPPING)
        chunks = list(read_feed(csv(*self.PRICES), mapping=MAPPING, chunk_rows=rows))
        assert whole["price"].tolist() == [1500, 2000, *[129.9] * 20, 1250, 7]
        assert pd.concat(chunks)["price"].tolist() == whole["price"].tolist()

    def test_a_contradiction_in_the_last_chunk_reaches_the_first(self):
        first, *_ = read_feed(csv("1.500", "2,50", "3,00", "12.5"), mapping=MAPPING, chunk_rows=1)
        assert first["price"].tolist() == ["1.500"]
        assert reading_report(first).questions[0].code == "decimal_mark"

    def test_two_currencies_in_different_chunks_are_a_question_in_each(self):
        chunks = list(read_feed(csv("5 EUR", "6 EUR", "7 PLN"), mapping=MAPPING, chunk_rows=2))
        assert pd.concat(chunks)["price"].tolist() == ["5 EUR", "6 EUR", "7 PLN"]

    def test_a_currency_column_is_looked_through_to_its_end(self):
        source = b"sku;name;Preis;currency\n1;P;1.500;\n2;P;2.000;\n3;P;3.000;HUF\n"
        chunks = list(read_feed(source, mapping=MAPPING, chunk_rows=1))
        assert pd.concat(chunks)["price"].tolist() == [1500, 2000, 3000]

    def test_what_is_said_of_the_file_is_said_once(self):
        source = csv("1,50", "2,50", "3,50") + b";;;\n"
        reports = [reading_report(chunk) for chunk in read_feed(source, mapping=MAPPING, chunk_rows=2)]
        said = [found for report in reports for found in report.findings if found.kind == "skipped"]
        assert sum(found.count for found in said) == 1

    def test_an_open_file_is_read_twice_all_the_same(self):
        chunks = list(read_feed(io.BytesIO(csv(*self.PRICES)), mapping=MAPPING, chunk_rows=3))
        assert pd.concat(chunks)["price"].tolist()[0] == 1500

    def test_the_former_name_still_works(self):
        with pytest.warns(DeprecationWarning, match="chunk_rows"):
            chunks = list(read_feed(csv("1,50", "2,50"), mapping=MAPPING, slab_rows=1))
        assert len(chunks) == 2


class TestAnswers:
    def test_the_mark_of_all_columns_or_of_one(self):
        assert read_feed(csv("1.500"), mapping=MAPPING, decimal=",")["price"].tolist() == [1500]
        assert read_feed(csv("1.500"), mapping=MAPPING, decimal={"Preis": "."})["price"].tolist() == [1.5]
        assert read_feed(csv("1.500"), mapping=MAPPING, decimal={"name": "."})["price"].tolist() == ["1.500"]

    @pytest.mark.parametrize(
        ("transform", "price"),
        [("money:,", 1500), ("money:.", 1.5), ("money:HUF", 1500), ("money:, EUR", 1500), ("money", "1.500"),
         ("add_tax:10 ,", 1650), ("money:KWD", 1.5)],
    )  # fmt: skip
    def test_a_rule_may_name_mark_and_currency(self, transform, price):
        mapping = {**MAPPING, "price": {"from": "Preis", "as": transform}}
        assert read_feed(csv("1.500"), mapping=mapping)["price"].tolist() == [price]

    def test_two_rules_may_read_one_column_differently(self):
        mapping = {
            **MAPPING,
            "price": {"from": "Preis", "as": "money:,"},
            "discountPrice": {"from": "Preis", "as": "money:."},
        }
        read = read_feed(csv("1.500"), mapping=mapping)
        assert (read["price"][0], read["discountPrice"][0]) == (1500, 1.5)

    @pytest.mark.parametrize("transform", ["money:;", "money:, .", "money:EUR PLN", "whole:;", "add_tax:x"])
    def test_what_is_neither_is_refused(self, transform):
        field = "quantity" if transform.startswith("whole") else "price"
        with pytest.raises(UsageError):
            read_feed(csv("1"), mapping={**MAPPING, field: {"from": "Lager", "as": transform}})

    def test_the_currency_of_the_prices(self):
        assert read_feed(csv("1.500"), mapping=MAPPING, currency="HUF")["price"].tolist() == [1500]

    def test_a_currency_column_with_two_is_a_question(self):
        source = b"sku;name;Preis;currency\n1;P;15;EUR\n2;P;20;PLN\n"
        read = read_feed(source, mapping=MAPPING)
        assert read["price"].tolist() == ["15", "20"]
        assert reading_report(read).questions[0].readings == ("EUR", "PLN")


class TestCounts:
    def test_more_than_and_units_are_read_only_where_it_is_asked_for(self):
        quantities = ("10+", "> 5", ">= 5", "0 szt.", "12 pcs", "7", "viele", "1.250", "≥ 3", "> 5+", "> 1.000")
        prices = ("1.00",) * len(quantities)
        plain = read_feed(csv(*prices, quantities=quantities), mapping={**MAPPING, "quantity": "Lager"})
        assert plain["quantity"].tolist() == [
            "10+", "> 5", ">= 5", "0 szt.", "12 pcs", 7, "viele", 1250, "≥ 3", "> 5+", "> 1.000"
        ]  # fmt: skip
        mapping = {**MAPPING, "quantity": {"from": "Lager", "as": "at_least"}}
        least = read_feed(csv(*prices, quantities=quantities), mapping=mapping)
        assert least["quantity"].tolist() == [10, 6, 5, 0, 12, 7, "viele", 1250, 3, "> 5+", "> 1.000"]

    def test_a_rule_may_name_the_mark(self):
        mapping = {**MAPPING, "quantity": {"from": "Lager", "as": "whole:,"}}
        assert read_feed(csv("1.00", quantities=("1.000",)), mapping=mapping)["quantity"].tolist() == [1000]

    @pytest.mark.parametrize(
        ("count", "available"),
        [("-1", False), ("0", False), ("0.5", False), ("0,000", False), ("1.000", True), ("1", True), ("12,0", True),
         ("−3", False), ("1 200", True)],
    )  # fmt: skip
    def test_less_than_one_is_not_available(self, count, available):
        mapping = {**MAPPING, "available": {"from": "Lager", "as": "availability"}}
        assert read_feed(csv("1.00", quantities=(count,)), mapping=mapping)["available"].tolist() == [available]


class TestReport:
    def test_questions_come_first(self):
        report = reading_report(read_feed(csv("1.500", "2.000"), mapping=MAPPING))
        assert repr(report).startswith("[question] price, column 'Preis': 2 cells (1.500; 2.000)")
        assert report._repr_html_().index("1.500; 2.000") < report._repr_html_().index("rows read")

    def test_without_questions_nothing_stands_there(self):
        report = reading_report(read_feed(csv("1,50"), mapping=MAPPING))
        assert not report.questions
        assert "question" not in repr(report) + report._repr_html_()

    def test_decisions_and_questions_survive_plain_values(self):
        report = reading_report(read_feed(csv("1.500", "2.000"), mapping=MAPPING))
        assert type(report).from_dict(report.to_dict()) == report
        assert report.decisions["price"].point == "open"

    def test_a_report_of_an_earlier_version_can_be_read(self):
        facts = reading_report(read_feed(csv("1,50"), mapping=MAPPING)).to_dict()
        del facts["questions"], facts["decisions"]
        assert type(reading_report(read_feed(csv("1,50"), mapping=MAPPING))).from_dict(facts).questions == ()


class TestMappingsRaise:
    MAPPING = Mapping(rules=()).set("productId", "sku").set("name", "name").set("price", "Preis")

    def test_where_a_price_can_be_read_in_two_ways(self):
        with pytest.raises(OpenQuestions, match=r"1 question is open(.|\n)*decimal='\.' or decimal=','") as raised:
            frame("1.500", "2.000").salesmanago.map(self.MAPPING)
        assert [question.count for question in raised.value.questions] == [2]

    def test_and_are_answered_by_an_argument(self):
        prices = frame("1.500", "2.000")
        assert prices.salesmanago.map(self.MAPPING, decimal=",")["price"].tolist() == [1500, 2000]
        assert prices.salesmanago.map(self.MAPPING, decimal={"Preis": "."})["price"].tolist() == [1.5, 2]
        assert prices.salesmanago.map(self.MAPPING, currency="HUF")["price"].tolist() == [1500, 2000]
        assert prices.salesmanago.map(self.MAPPING.set("price", "Preis", transform="money:,"))["price"][0] == 1500

    def test_or_kept(self):
        kept = frame("1.500", "2.000").salesmanago.map(self.MAPPING, questions="keep")
        assert kept["price"].tolist() == ["1.500", "2.000"]
        assert reading_report(kept).questions

    def test_but_not_for_a_field_that_may_stay_empty(self):
        stock = self.MAPPING.set("price", "sku").set("quantity", "Preis")
        assert frame("1.000").salesmanago.map(stock)["quantity"].tolist() == ["1.000"]

    def test_nor_for_cells_that_are_no_number(self):
        mapped = frame("12,50", "10-20").salesmanago.map(self.MAPPING)
        assert mapped["price"].tolist() == [12.5, "10-20"]


class TestRepairs:
    def test_obey_the_decision_of_the_reading(self):
        read = read_feed(csv("120,50", "99,00", "1.234"), mapping=MAPPING)
        read["price"] = ["1.500", "1,500", "2,50"]  # edited since: they do not vote
        assert read.salesmanago.fix()["price"].tolist() == [1500, 1.5, 2.5]

    def test_propose_nothing_that_the_reading_left_open(self):
        read = read_feed(csv("1.500", "1.299,00", "12.5"), mapping=MAPPING)
        read["price"] = ["1.500", "1.299,00", "12,50"]
        assert read.salesmanago.fix()["price"].tolist() == ["1.500", 1299, 12.5]

    def test_decide_over_the_whole_column_where_nothing_was_decided(self):
        table = pd.DataFrame({"productId": list("abcd"), "price": ["₹1,000", "₹37,000", "₹18,999", "₹1,49,999"]})
        assert table.salesmanago.fix()["price"].tolist() == [1000, 37000, 18999, 149999]
        assert table.iloc[:3].salesmanago.fix()["price"].tolist() == ["₹1,000", "₹37,000", "₹18,999"]

    def test_count_cells_and_not_texts(self):
        """One proof among 200 open cells is too little, however many of them are alike."""
        table = pd.DataFrame({"price": [*["1.500"] * 200, "2,50"]})
        assert table.salesmanago.fix()["price"].tolist() == [*["1.500"] * 200, 2.5]

    def test_counts_too(self):
        table = pd.DataFrame({"quantity": ["1.250", "2.000", "x"]})
        assert table.salesmanago.fix()["quantity"].tolist() == [1250, 2000, "x"]
        assert pd.DataFrame({"quantity": ["2.000"]}).salesmanago.fix()["quantity"].tolist() == ["2.000"]

    @pytest.mark.parametrize("dtype", ["float16", "float32"])
    def test_short_floats_keep_their_shortest_digits(self, dtype):
        fixed = pd.DataFrame({"price": pd.Series([67.5, 9.75, 1.999], dtype=dtype)}).salesmanago.fix()
        assert fixed["price"].tolist() == [67.5, 9.75, 2.0]
        fixed = pd.DataFrame({"price": pd.Series([67.49, 1.999], dtype="float32")}).salesmanago.fix()
        assert fixed["price"].tolist() == [67.49, 2.0]

    def test_categories_stay_categories(self):
        table = pd.DataFrame({"name": [" a ", "b", None]}).astype({"name": "category"})
        fixed = table.salesmanago.fix()["name"]
        assert (fixed.dtype, fixed.tolist()[:2]) == ("category", ["a", "b"])

    def test_lists_as_parquet_gives_them(self):
        urls = [
            ["https://shop.example.com/a b.jpg"],
            ["https://shop.example.com/c.jpg", "https://shop.example.com/d.jpg"],
        ]
        file = io.BytesIO()
        pd.DataFrame({"imageUrls": urls}).to_parquet(file)
        fixed = pd.read_parquet(file).salesmanago.fix()["imageUrls"]
        assert [list(cell) for cell in fixed] == [["https://shop.example.com/a%20b.jpg"], urls[1]]


class TestOpenQuestions:
    def test_last_until_their_cells_are_numbers(self):
        read = read_feed(csv("1.500", "2.000"), mapping=MAPPING)
        assert [question.count for question in open_questions(read)] == [2]
        read.loc[0, "price"] = 1500
        assert open_questions(read)
        read.loc[1, "price"] = 2000
        assert not open_questions(read)

    def test_are_none_of_another_frame(self):
        assert open_questions(frame("1.500")) == ()

    def test_cover_a_contradicted_mark_and_two_currencies(self):
        assert open_questions(read_feed(csv("12.50", "1,5"), mapping=MAPPING, decimal=","))
        assert open_questions(read_feed(csv("12 EUR", "1 PLN"), mapping=MAPPING))
        assert not open_questions(read_feed(csv("12-20", "1.50"), mapping=MAPPING))


class TestTablesInTheApisOwnNames:
    def test_ask_as_well(self):
        read = read_feed(b"productId;name;price;quantity\n1;P;1.234;1.000\n2;P;7.000;3\n")
        assert read["price"].tolist() == ["1.234", "7.000"]
        assert {question.field for question in reading_report(read).questions} == {"price", "quantity"}

    def test_and_read_what_the_column_proves(self):
        read = read_feed(b"productId;name;price;quantity\n1;P;1.234;1.250\n2;P;7.50;3\n")
        assert (read["price"].tolist(), read["quantity"].tolist()) == ([1.234, 7.5], [1250, 3])
