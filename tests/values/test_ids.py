"""Ids that spreadsheets, exports and data frames broke: what is found, and what they become where that is certain."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from smnotebook.contract import Product, check
from smnotebook.contract.damage import ID_DAMAGE, NULL_WORDS
from smnotebook.frame.duplicates import ALIKE as ALIKE_IDS
from smnotebook.frame.preflight import preflight

#: The text, the findings by name, and what fix() makes of it; None where nothing can be made of it for certain.
BROKEN = [
    # a spreadsheet's marks
    ('="00123"', {"guard"}, "00123"),
    ('=""', {"guard"}, None),
    ("'00125", {"guard"}, "00125"),
    ("'A-7", {"guard"}, "A-7"),
    ("'-X1", {"guard"}, "-X1"),
    ("'=X1", {"guard"}, "=X1"),
    ("'@home", {"guard"}, "@home"),
    ("'+48", {"guard"}, "+48"),
    (" '00125", {"outer_blank"}, "00125"),
    # characters that nobody sees
    ("\t00126", {"invisible"}, "00126"),
    ("00126\t", {"invisible"}, "00126"),
    ("00126\n", {"invisible"}, "00126"),
    ("00\r\n126", {"invisible"}, "00126"),
    ("\x1f00124", {"invisible"}, "00124"),
    ("A\x00B", {"invisible"}, "AB"),
    ("A\x07B", {"invisible"}, "AB"),
    ("A\x85B", {"invisible"}, "AB"),
    ("A\u200bB", {"invisible"}, "AB"),
    ("\ufeffA1", {"invisible"}, "A1"),
    ("A1\u200e", {"invisible"}, "A1"),
    ("A\xadB", {"invisible"}, "AB"),
    ("\u202aA1\u202c", {"invisible"}, "A1"),
    ("A1\u2060", {"invisible"}, "A1"),
    ("A\u2066B", {"invisible"}, "AB"),
    ("A\u200dB", {"invisible"}, "AB"),
    ("A\ufffdB", {"replacement"}, None),
    # blanks
    (" A1", {"outer_blank"}, "A1"),
    ("A1 ", {"outer_blank"}, "A1"),
    ("\xa0A1", {"outer_blank"}, "A1"),
    ("A1\xa0", {"outer_blank"}, "A1"),
    (" A1\t", {"outer_blank", "invisible"}, "A1"),
    # numbers that were shortened
    ("5,90E+12", {"scientific"}, None),
    ("5.90123E+12", {"scientific"}, None),
    ("2.04e+16", {"scientific"}, None),
    ("2.0481009000000016e+16", {"scientific"}, None),
    ("5E+12", {"scientific"}, None),
    ("1e+100", {"scientific"}, None),
    # numbers for a while
    ("1234.0", {"decimal"}, "1234"),
    ("00123.0", {"decimal"}, "00123"),
    ("7.00", {"decimal"}, "7"),
    ("590123412345700.0", {"decimal"}, "590123412345700"),
    ("20481009000000016.0", {"decimal"}, None),
    # dates
    ("2024-03-01", {"date"}, None),
    ("2024-03-01 00:00:00", {"date"}, None),
    ("2024-03-01T00:00:00", {"date"}, None),
    ("01.03.2024", {"date"}, None),
    ("3/1/2024", {"date"}, None),
    ("Mar-24", {"date"}, None),
    ("Mrz-24", {"date"}, None),
    ("sty-24", {"date"}, None),
    ("sty.-24", {"date"}, None),
    ("1-Mar", {"date"}, None),
    ("24-Dec", {"date"}, None),
    # both
    ("'5,90E+12", {"guard"}, "5,90E+12"),
]
#: Ids as they should be, though some look odd.
GOOD = [
    "1", "00123", "5901234123457", "A-1", "AB-123/4", "1.0.2", "1.5", "12E4", "5E12", "1e5", "E+12", "A.0", "x=y",
    "a'b", "=A1", "3-24", "2024-13-99x", "2024-3-1", "1.2.24", "Marc-24", "24-Mars", "MAR-24", "żółw-1", "商品-1",
    "№ 5", "id with blanks", "#5", "-5", "+5", "@a", "1,0", "0.0.0", "🧣", "a\u0301", "nano", "Nan", "Nona",
]  # fmt: skip


def frame_of(*ids):
    return pd.DataFrame(
        {
            "productId": list(ids),
            "name": "N",
            "mainCategory": "C",
            "productUrl": [f"https://shop.example.com/{at}" for at in range(len(ids))],
            "available": True,
            "price": 1.0,
        }
    )


def found_by_columns(frame, field="productId", *, among_rows=False):
    """The findings of each row by name; those that compare rows only where asked for."""
    found = {}
    for finding in preflight(frame).findings:
        if finding.binding.field == field and (finding.faults.rule is ALIKE_IDS) is among_rows:
            for position in finding.faults.positions.tolist():
                found.setdefault(position, set()).add(finding.faults.rule.name)
    return found


def test_the_table_is_large_enough():
    assert len(BROKEN) + len(GOOD) >= 60


@pytest.mark.parametrize(("text", "names", "_after"), BROKEN)
def test_a_broken_id_is_found(text, names, _after):
    assert {damage.name for damage in ID_DAMAGE if damage.found_in(text)} == names


@pytest.mark.parametrize("text", GOOD)
def test_a_good_id_is_left_alone(text):
    assert not [damage.name for damage in ID_DAMAGE if damage.found_in(text)]


def test_whole_columns_are_told_the_same_wherever_the_ids_stand():
    for order in (1, -1):
        texts = [*(text for text, _, _ in BROKEN), *GOOD][::order]
        names = {text: names for text, names, _ in BROKEN}
        expected = {at: names[text] for at, text in enumerate(texts) if text in names}
        assert found_by_columns(frame_of(*texts)) == expected


@pytest.mark.parametrize(("text", "names", "_after"), BROKEN)
def test_one_broken_id_among_plain_ones_is_found(text, names, _after):
    assert found_by_columns(frame_of("A1", text, "A2")) == {1: names}


@pytest.mark.parametrize(("text", "_names", "after"), BROKEN)
def test_fix_takes_off_what_is_certain_and_nothing_else(text, _names, after):
    fixed = frame_of("A1", text).salesmanago.fix()["productId"].tolist()
    assert fixed == ["A1", text if after is None and text != '=""' else after or ""]


@pytest.mark.parametrize("text", GOOD)
def test_fix_leaves_a_good_id(text):
    assert frame_of(text).salesmanago.fix()["productId"].tolist() == [text]


def test_one_record_is_warned_of_as_columns_are():
    record = frame_of("'5").to_dict("records")[0]
    assert [(v.field, v.severity) for v in check(Product, record)] == [("productId", "warning")]


class TestWordsForNothing:
    @pytest.mark.parametrize("word", NULL_WORDS)
    def test_are_an_error_where_a_value_is_required(self, word):
        for field in ("productId", "name", "mainCategory"):
            frame = frame_of("A1", "A2").assign(**{field: ["X", word]})
            assert found_by_columns(frame, field) == {1: {"not_a_value"}}
            assert not preflight(frame).ok
            record = frame.to_dict("records")[1]
            assert [(v.field, v.severity, v.reason_code) for v in check(Product, record)] == [(field, "error", None)]

    @pytest.mark.parametrize("word", NULL_WORDS)
    @pytest.mark.parametrize("field", ["description", "systemDetails.brand", "systemDetails.color", "customDetails.a"])
    def test_are_a_warning_elsewhere_and_fix_empties_them(self, word, field):
        frame = frame_of("A1", "A2").assign(**{field: ["fine", word]})
        report = preflight(frame)
        assert report.ok
        assert found_by_columns(frame, field.partition(".")[0] if field.startswith("custom") else field) == {
            1: {"null_as_text"}
        }
        assert frame.salesmanago.fix()[field].tolist() == ["fine", ""]

    def test_in_a_list_are_told_with_their_place(self):
        frame = frame_of("A1").assign(categories=[["a", None, "nan"]])
        assert [f.faults.items.tolist() for f in preflight(frame).findings] == [[2]]
        record = {**frame_of("A1").to_dict("records")[0], "categories": ["a", None, "nan"]}
        assert [(v.field, v.item) for v in check(Product, record)] == [("categories", 2)]

    @pytest.mark.parametrize("text", ["Nan", "nana", "none", "NA", "Natalie", "n"])
    def test_other_words_are_values(self, text):
        assert found_by_columns(frame_of("A1").assign(name=[text]), "name") == {}

    def test_do_not_keep_the_sandbox_from_taking_the_product(self):
        from smnotebook.sandbox.answers import find_errors

        assert find_errors(check(Product, frame_of("None").to_dict("records")[0])) == []


#: Names, the findings, and what fix() makes of them.
TEXTS = [
    ("Fish &amp; chips", {"markup"}, "Fish & chips"),
    ("Caf&eacute;", {"markup"}, "Café"),
    ("5&#8364; &#x20AC;", {"markup"}, "5€ €"),
    ("a &amp;amp; b", {"markup"}, "a & b"),
    ("<b>Mug</b>", {"markup"}, "Mug"),
    ("Mug<br/>large", {"markup"}, "Mug large"),
    ('<span class="x">Mug</span>', {"markup"}, "Mug"),
    ("<P>Mug</P>", {"markup"}, "Mug"),
    ("<h1>Mug</h1>", {"markup"}, "Mug"),
    ("Mug\x07", {"control"}, "Mug"),
    ("Mug\x1f", {"control"}, "Mug"),
    ("M\u200bug", {"control"}, "Mug"),
    ("\ufeffMug", {"control"}, "Mug"),
    ("Mug\x91", {"control"}, "Mug"),
    ("M\u2060ug", {"control"}, "Mug"),
    ("Mug\nlarge", {"line_break"}, "Mug large"),
    ("Mug\r\nlarge", {"line_break"}, "Mug large"),
    ("Mug\tlarge", {"line_break"}, "Mug large"),
    ("Mug\u2028large", {"line_break"}, "Mug large"),
    ("M\ufffdg", {"replacement"}, "M\ufffdg"),
    ("KsiÄ…Å¼ka", {"twice_encoded"}, "Książka"),
    ("PĂłĹ‚", {"twice_encoded"}, "Pół"),
    ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚", {"twice_encoded"}, "привет"),
    ("Łódź i KsiÄ…Å¼ka", {"twice_encoded"}, "Łódź i Książka"),
    ("<b>CafÃ©</b>", {"markup", "twice_encoded"}, "Café"),
]
PLAIN = [
    "Mug", "Fish & chips", "a & b; c", "?a=1&copy=2", "&nothing", "Size <5 cm", "Shirt <L>", "I <3 cats", "a > b", "<>",
    "Łódź", "Ärger", "Ångström", "Île", "ÂGE", "château – neuf", "Ñandú", "CASĂ", "Ý", "½ l ™ ☀️", "👩‍👩‍👧",
    "a\xa0b", "שלום\u200f", "<bold>", "&#x;", "&;", "tab", "Đà Nẵng", "Ρόδος", "Привет",
]  # fmt: skip


@pytest.mark.parametrize("field", ["name", "mainCategory", "systemDetails.brand", "systemDetails.manufacturer"])
def test_damaged_texts_are_found_and_repaired(field):
    texts = [*(text for text, _, _ in TEXTS), *PLAIN]
    frame = frame_of(*map(str, range(len(texts)))).assign(**{field: texts})
    assert found_by_columns(frame, field) == {at: names for at, (_, names, _) in enumerate(TEXTS)}
    assert frame.salesmanago.fix()[field].tolist() == [
        *(after for _, _, after in TEXTS),
        *(" ".join(text.split()) for text in PLAIN),
    ]


@pytest.mark.parametrize(("text", "names", "_after"), TEXTS)
def test_one_damaged_text_among_plain_ones_is_found(text, names, _after):
    assert found_by_columns(frame_of("1", "2", "3").assign(name=["Mug", text, "Mug"]), "name") == {1: names}
    listed = frame_of("1").assign(categories=[["Mug", text]])
    assert found_by_columns(listed, "categories") == {0: names}


def test_damage_is_found_on_every_side_of_the_pieces_that_are_looked_at():
    size = 1 << 17
    for at in (0, 1, size // 4 - 1, size // 4, size // 4 + 1):
        names = ["abcd"] * (size // 2)
        names[at] = "ab\x07d"
        values = pa.chunked_array([pa.array(names, pa.large_string())])
        frame = frame_of(*map(str, range(len(names)))).assign(name=pd.array(values, dtype=pd.ArrowDtype(values.type)))
        assert found_by_columns(frame, "name") == {at: {"control"}}


#: Ids of one table, and which of them differ from another only in leading zeros, case or blanks.
ALIKE = [
    (["00123", "123", "124"], [0, 1]),
    (["0", "00"], [0, 1]),
    (["0", ""], []),
    (["abc", "ABC", "abd"], [0, 1]),
    (["Ż1", "ż1"], [0, 1]),
    (["A 1", "A1"], [0, 1]),
    ([" A1", "A1"], [0, 1]),
    (["A1 ", "0a1", "a2"], [0, 1]),
    (["A\xa01", "A1"], []),
    (["10", "1"], []),
    (["0a", "00b"], []),
    (["100", "0100", "00100"], [0, 1, 2]),
    (["0012", "012", "0012"], [1]),
    (["a1", "b1", None, None], []),
]


@pytest.mark.parametrize(("ids", "rows"), ALIKE)
def test_ids_that_are_nearly_the_same_are_found(ids, rows):
    assert sorted(found_by_columns(frame_of(*ids), among_rows=True)) == rows
