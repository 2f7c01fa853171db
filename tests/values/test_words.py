"""Words for yes and no, in stock and not, in six languages."""

from __future__ import annotations

import pyarrow as pa
import pytest

from smnotebook.values.amounts.reading import read_count
from smnotebook.values.findings import Journal
from smnotebook.values.vocabulary import STATES, plain_word
from smnotebook.values.words import read_availability, read_gender, read_strict_truth, read_truth


def values(read, *texts):
    return read(pa.array(texts, pa.string()), Journal(), field="available").values.to_pylist()


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "yes", "Tak", "ja", "sí", "Oui", "vero", "t", "on"])
def test_yes(word):
    assert values(read_truth, word) == [True]


@pytest.mark.parametrize("word", ["false", "0", "no", "NIE", "nein", "non", "falso", "off"])
def test_no(word):
    assert values(read_truth, word) == [False]


@pytest.mark.parametrize(
    ("word", "available"),
    [
        ("in_stock", True),
        ("in stock", True),
        ("InStock", True),
        ("https://schema.org/InStock", True),
        ("http://schema.org/OutOfStock", False),
        ("out of stock", False),
        ("preorder", True),
        ("backorder", True),
        ("discontinued", False),
        ("Dostępny", True),
        ("brak w magazynie", False),
        ("auf Lager", True),
        ("ausverkauft", False),
        ("agotado", False),
        ("en rupture de stock", False),
        ("esaurito", False),
        ("5", True),
        ("0", False),
        ("-2", False),
        ("1", True),
    ],
)
def test_availability(word, available):
    assert values(read_availability, word) == [available]


def test_what_can_be_ordered_ahead_is_counted():
    journal = Journal()
    read_availability(pa.array(["preorder", "backorder", "in stock"]), journal, field="available")
    assert any("ahead" in finding.message and finding.count == 2 for finding in journal.findings)


@pytest.mark.parametrize("read", [read_truth, read_availability, read_gender, read_strict_truth])
def test_a_word_nobody_knows_stays_text(read):
    cells = read(pa.array(["perhaps", None]), Journal(), field="available")
    assert cells.values.to_pylist() == [None, None]
    assert cells.unread.to_pylist() == ["perhaps", None]


def test_strict_truth_takes_true_and_false_only():
    assert values(read_strict_truth, "true", "FALSE", "1", "yes") == [True, False, None, None]


def test_genders_become_the_apis_numbers():
    assert values(read_gender, "female", "Men", "unisex", "damskie", "Herren") == [0, 1, 4, 0, 1]


def test_whole_numbers():
    assert values(read_count, "12", "12.0", "1 200", "-3", "2.5", None) == [12, 12, 1200, -3, None, None]


@pytest.mark.parametrize(
    ("read", "texts", "told"),
    [
        (read_truth, ["tak", "nie", "true", "1"], [("converted", "words read as yes or no", 2, ("tak", "nie"))]),
        (read_gender, ["damskie"], [("converted", "words read as numbers", 1, ("damskie",))]),
        (read_truth, ["true", "0"], []),
        (read_strict_truth, ["True", "false"], []),
        (read_truth, ["perhaps"], [("kept", "not a known word: left as text", 1, ("perhaps",))]),
    ],
)
def test_the_report_says_which_words_were_read(read, texts, told):
    journal = Journal()
    read(pa.array(texts), journal, field="active", name="shown")
    assert [(f.kind, f.message, f.count, f.examples) for f in journal.findings] == told


@pytest.mark.parametrize(
    ("word", "gender"),
    [("other", 2), ("2", 2), ("undefined", -1), ("-1", -1), ("4", 4), ("0", 0), ("1", 1), ("3", None)],
)
def test_genders_by_number(word, gender):
    assert values(read_gender, word) == [gender]


@pytest.mark.parametrize(("word", "shown"), [("published", True), ("draft", False), ("Ukryty", False), ("no", False)])
def test_states_of_a_page(word, shown):
    assert STATES[plain_word(word)] is shown
