"""What exports, spreadsheets and pages put into texts is taken out of every cell of a file, and told."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pytest

import smnotebook as sm
from smnotebook.feeds import reading_report
from smnotebook.values.findings import Journal
from smnotebook.values.placeholders import says_nothing
from smnotebook.values.plain_text import CLEANED, DECODED, bare_id, clean, decode_entities, decode_markup
from smnotebook.values.vocabulary import VOCABULARY

MAPPING = {"productId": "sku", "name": "name", "price": "price", "quantity": "stock", "systemDetails.brand": "brand"}


def read(rows, mapping=None, **arguments):
    columns = ["sku", "name", "price", "stock", "brand"]
    frame = pd.DataFrame([dict(zip(columns, row, strict=False)) for row in rows], columns=columns)
    return sm.read_feed(frame, mapping=mapping or MAPPING, **arguments)


def told(frame):
    return {(f.kind, f.message, f.field or f.column): f.count for f in reading_report(frame).findings}


class TestGuards:
    @pytest.mark.parametrize(
        ("text", "bare"),
        [
            ("'-3", "-3"),
            ("'@home mug", "@home mug"),
            ("'=A1", "=A1"),
            ("'+48", "+48"),
            ("'00123", "00123"),
            ("'12.50", "12.50"),
            ('="00123"', "00123"),
            ('="Mug"', "Mug"),
            ("'90s mug", "'90s mug"),
            ("'n' roll", "'n' roll"),
            ("it's", "it's"),
            ("=A1+B1", "=A1+B1"),
            ('="A"&"B"', '="A"&"B"'),
            ("'", "'"),
        ],
    )
    def test_are_taken_off_and_nothing_else(self, text, bare):
        column = pa.array(["plain", text, None])
        for cleaning in CLEANED:
            column = clean(column, cleaning, Journal())
        assert column.to_pylist() == ["plain", bare, None]

    def test_numbers_names_and_ids_are_read_without_them(self):
        frame = read([["'-X1", "'@home mug", "'12.50", "'-3", None], ["A2", "Plate", "9.00", "4", None]])
        assert frame["productId"].tolist() == ["-X1", "A2"]
        assert frame["name"].tolist() == ["@home mug", "Plate"]
        assert frame["price"].tolist() == [12.5, 9]
        assert frame["quantity"].tolist() == [-3, 4]
        assert told(frame)["converted", "a spreadsheet's guard before the value taken off", "sku"] == 1

    def test_chunks_are_read_without_them_too(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("sku;name;price;stock;brand\n" + "".join(f"'0{n};N;'1.50;'-{n};\n" for n in range(1, 7)))
        frames = list(sm.read_feed(path, mapping=MAPPING, chunk_rows=2))
        assert pd.concat(frames)["quantity"].tolist() == [-1, -2, -3, -4, -5, -6]
        assert pd.concat(frames)["productId"].tolist() == [f"0{n}" for n in range(1, 7)]


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('="00123"', "00123"),
        ("\x1f00124", "00124"),
        ("'00125", "00125"),
        ("\t00126", "00126"),
        (" A 1 ", "A 1"),
        ("A\u200b1", "A1"),
        ("A\xad1", "A1"),
        ("A1\u200e", "A1"),
        ("A1\u00a0", "A1"),
        ("'A1", "A1"),
        ("A1", "A1"),
        ("a'b", "a'b"),
        ("5,90E+12", "5,90E+12"),
    ],
)
def test_ids_lose_what_nobody_sees(text, bare):
    assert bare_id(text) == bare
    assert read([[text, "N", "1.50"]])["productId"].tolist() == [bare]


def test_control_characters_go_from_every_text_and_line_breaks_stay():
    frame = read([["A1", "Mu\x07g\u200b", "1.50"]], {**MAPPING, "description": "brand"})
    assert frame["name"].tolist() == ["Mug"]
    column = clean(pa.array([["a\x07", "b\nc"], None, []]), CLEANED[0], Journal())
    assert column.to_pylist() == [["a", "b\nc"], None, []]


class TestMarkup:
    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("Cerv&eacute;lo &ndash; R3", "Cervélo – R3"),
            ("a &amp;amp; b", "a & b"),
            ("&amp;lt;b&amp;gt;", "<b>"),
            ("?a=1&copy=2&amp;c=3", "?a=1&copy=2&c=3"),
            ("R&D; x", "R&D; x"),
            ("&#0;", "\ufffd"),
        ],
    )
    def test_entities_are_decoded(self, text, plain):
        assert decode_entities(text) == plain

    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("<b>Mug</b>", "Mug"),
            ("Mug<br>large", "Mug large"),
            ("&lt;b&gt;Mug&lt;/b&gt;", "Mug"),
            ("Size <L>  two", "Size <L>  two"),
            ("5 < 6 > 4", "5 < 6 > 4"),
        ],
    )
    def test_tags_go(self, text, plain):
        assert decode_markup(text) == plain

    def test_a_table_is_read_without(self):
        mapping = {**MAPPING, "mainCategory": {"from": "stock", "as": "deepest"}, "productUrl": "brand"}
        mapping = {key: value for key, value in mapping.items() if key not in {"quantity", "systemDetails.brand"}}
        frame = read([["1", "Caf&eacute;", "1", "A &amp; B &gt; C &amp; D", "https://a.com/?x=1&amp;y=2"]], mapping)
        assert frame.loc[0, ["name", "mainCategory", "productUrl"]].tolist() == [
            "Café", "C & D", "https://a.com/?x=1&y=2"
        ]  # fmt: skip
        assert told(frame)["converted", "HTML entities and tags decoded", "name"] == 1

    def test_texts_without_are_the_same_object(self):
        column = pa.array(["a", "b"], pa.large_string())
        assert clean(column, DECODED, Journal()) is column
        numbers = pa.array([1, 2])
        assert clean(numbers, DECODED, Journal()) is numbers


class TestWordsForNothing:
    @pytest.mark.parametrize("word", VOCABULARY["nothing"]["unknown"])
    def test_stand_for_nothing_in_every_optional_field(self, word):
        for field in ("systemDetails.brand", "systemDetails.color", "customDetails.hood", "categoryExternalId"):
            assert says_nothing(field, word.upper())

    @pytest.mark.parametrize("word", VOCABULARY["nothing"]["without"])
    def test_none_is_an_answer_only_in_a_detail_of_the_shops_own(self, word):
        assert says_nothing("systemDetails.manufacturer", word)
        assert not says_nothing("customDetails.hood", word)

    @pytest.mark.parametrize("word", ["n/a", "brak", "-"])
    def test_are_values_where_one_is_required(self, word):
        for field in ("name", "mainCategory", "productId", "productUrl", "description"):
            assert not says_nothing(field, word)

    @pytest.mark.parametrize("brand", ["Lipa", "Nana", "No7", "Naturals", "Ohnesorg", "Brakel", "0", "Sinsay"])
    def test_names_are_names(self, brand):
        assert not says_nothing("systemDetails.brand", brand)

    def test_are_left_out_of_details_of_the_shops_own(self):
        frame = read(
            [["1", "A", "1", None, "n/a"], ["2", "B", "1", None, "brak"]], {**MAPPING, "customDetails.hood": "brand"}
        )
        assert frame["customDetails.hood"].fillna("").tolist() == ["", "brak"]

    def test_are_left_out_and_told(self):
        frame = read([["1", "A", "1", "1", "Niezdefiniowany"], ["2", "B", "1", "1", "Lipa"], ["3", "-", "1", "1", "-"]])
        assert frame["systemDetails.brand"].fillna("").tolist() == ["", "Lipa", ""]
        assert frame["name"].tolist() == ["A", "B", "-"]
        found = [f for f in reading_report(frame).findings if f.kind == "dropped"]
        assert [(f.field, f.count, f.examples) for f in found] == [("systemDetails.brand", 2, ("Niezdefiniowany", "-"))]


class TestTextEncodedTwice:
    def test_is_repaired_in_every_cell_also_in_lists(self):
        rows = [{"id": "1", "name": "KsiÄ…Å¼ka", "price": 1, "url": "https://a.com/1", "categories": ["PĂłĹ‚", "Łódź"]}]
        frame = sm.read_feed(json.dumps(rows).encode(), preset="json", mend_encoding=True)
        assert frame["name"].tolist() == ["Książka"]
        assert frame["mainCategory"].tolist() == ["Pół"]

    def test_is_named_where_it_is_not_repaired(self):
        frame = read([["1", "KsiÄ…Å¼ka", "1"]])
        assert frame["name"].tolist() == ["KsiÄ…Å¼ka"]
        assert told(frame)["warned", "text looks encoded twice: mend_encoding=True repairs it", "name"] == 1

    def test_letters_that_were_lost_are_named(self):
        frame = read([["1", "Ksi\ufffdka", "1"], ["2", "Ksiï¿½ka", "1"], ["3", "Książka", "1"]], mend_encoding=True)
        message = "letters were lost when the file was decoded, and can't be repaired: read it with its right encoding"
        assert told(frame)["warned", message, "name"] == 2
