"""Fixes: proposed with before and after, applied to a copy, never guessing in silence."""

import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.frame.fixes import FIX_LOG, KINDS, find_fixes


def proposed(column, cells, **options):
    """What is proposed for one column: {(kind, before): after}."""
    fixes = find_fixes(pd.DataFrame({column: cells}), **options)
    changes = fixes.changes
    return {
        (kind, before): after for kind, before, after in zip(changes.kind, changes.before, changes.after, strict=True)
    }


@pytest.mark.parametrize(
    ("column", "cell", "kind", "after"),
    [
        ("name", "  Summer \u00a0 dress ", "blanks", "Summer dress"),
        ("name", "R&amp;D &#39;x&#39; &eacute;", "entities", "R&D 'x' é"),
        ("name", "<b>Mug</b> &lt;3<br>large", "entities", "Mug <3 large"),
        ("name", "Mug\u200b", "control", "Mug"),
        ("name", "two\nlines", "blanks", "two lines"),
        ("name", "KsiÄ…Å¼ka", "encoding", "Książka"),
        ("brand", "NaT", "null", ""),
        ("categories.1", "Home &amp; Garden", "entities", "Home & Garden"),
        ("description", "<b>5 &amp; 6</b>", "entities", "<b>5 & 6</b>"),
        ("productId", "1234.0", "id", "1234"),
        ("price", "12,99 zł", "money", 12.99),
        ("price", "1.299,00", "money", 1299.0),
        ("price", "1,49,999.00", "money", 149999.0),
        ("price", "$1,299.50", "money", 1299.5),
        ("price", "1 299,00 EUR", "money", 1299.0),
        ("available", "yes", "truth", True),
        ("available", "nie", "truth", False),
        ("available", "in stock", "truth", True),
        ("active", "0", "truth", False),
        ("systemDetails.gender", "damskie", "gender", 0),
        ("gender", "unisex", "gender", 4),
        ("quantity", "1 200", "number", 1200),
        ("quantity", "7.0", "number", 7),
        ("productUrl", "https://a.com/żółw x?q=ż", "url", "https://a.com/%C5%BC%C3%B3%C5%82w%20x?q=%C5%BC"),
        ("productUrl", "https://a.com/?a=1&amp;b=2", "entities", "https://a.com/?a=1&b=2"),
        ("categories", "a|b; c", "list", ["a", "b", "c"]),
        (
            "imageUrls",
            "https://a.com/1.jpg, https://a.com/2.jpg",
            "list",
            ["https://a.com/1.jpg", "https://a.com/2.jpg"],
        ),
    ],
)
def test_a_mechanical_fault_has_a_remedy(column, cell, kind, after):
    assert proposed(column, [cell]) == {(kind, cell): after}


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("price", "1,234"),
        ("price", "1.234"),
        ("price", "ask us"),
        ("price", "12,99 or 14,99"),
        ("available", "maybe"),
        ("quantity", "3.5"),
        ("gender", "robot"),
        ("categories", "shoes, red"),
    ],
)
def test_what_can_be_read_in_two_ways_is_left_and_counted(column, cell):
    fixes = find_fixes(pd.DataFrame({column: [cell]}))
    assert len(fixes) == 0
    assert [(binding.label, count) for binding, count in fixes.unclear] == [(column, 1)]
    assert f"{column}: 1 text could mean several things" in repr(fixes)


def test_a_grouping_comma_is_read_where_the_column_shows_that_it_groups():
    assert proposed("price", ["1,234", "2,500.00"])["money", "1,234"] == 1234


def test_numbers_that_stand_for_yes_and_no_become_flags():
    assert proposed("available", [1, 0, 2]) == {("truth", 1): True, ("truth", 0): False}


def test_a_third_decimal_is_rounded_half_up():
    found = proposed("price", [12.345, 3.999, 1.005])
    assert found == {("cents", 12.345): 12.35, ("cents", 3.999): 4.0, ("cents", 1.005): 1.01}
    assert proposed("price", [Decimal("12.345")]) == {("cents", Decimal("12.345")): Decimal("12.35")}


def test_trimming_and_duplicates_are_proposed_only_when_asked_for():
    frame = pd.DataFrame({"productId": ["1", "1", "2"], "name": ["a" * 300, "b", "c"]})
    assert len(find_fixes(frame)) == 0
    trimmed = frame.salesmanago.fix(trim=True)
    assert trimmed["name"].str.len().tolist() == [255, 1, 1]
    assert frame.salesmanago.fix(duplicates="first").index.tolist() == [0, 2]
    assert frame.salesmanago.fix(duplicates="last").index.tolist() == [1, 2]


def test_remedies_build_on_each_other():
    frame = pd.DataFrame({"productUrl": [" https://a.com/ż?x=1&amp;y=2 "], "name": [" R&amp;D "]})
    mended = frame.salesmanago.fix()
    assert mended.loc[0, "productUrl"] == "https://a.com/%C5%BC?x=1&y=2"
    assert mended.loc[0, "name"] == "R&D"


def test_the_frame_is_left_alone_and_the_copy_tells_what_was_done():
    frame = pd.DataFrame({"price": ["12,99 zł", "5"], "available": ["tak", None]}, index=["x", "x"])
    before = frame.copy(deep=True)
    mended = frame.salesmanago.fix()
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == {}
    assert mended.index.tolist() == ["x", "x"]
    assert mended["price"].tolist() == [12.99, 5.0]
    assert str(mended.dtypes["available"]) == "boolean"
    log = mended.attrs[FIX_LOG]
    assert [(line["kind"], line["column"], line["count"]) for line in log] == [
        ("money", "price", 2),
        ("truth", "available", 1),
    ]
    assert json.loads(json.dumps(log)) == log


def test_the_log_grows_with_each_repair():
    frame = pd.DataFrame({"price": ["5,50 zł"], "name": [" a "]})
    mended = frame.salesmanago.fix(["money"]).salesmanago.fix(["blanks"])
    assert [line["kind"] for line in mended.attrs[FIX_LOG]] == ["money", "blanks"]


def test_only_the_kinds_that_are_wanted():
    frame = pd.DataFrame({"price": ["5,50 zł"], "name": [" a "]})
    assert frame.salesmanago.fix(["blanks"]).loc[0, "price"] == "5,50 zł"
    assert set(find_fixes(frame, kinds={"money"}).changes.kind) == {"money"}


def test_kinds_can_be_wanted_in_some_columns_only():
    frame = pd.DataFrame({"price": ["5,50 zł"], "discountPrice": ["4,50 zł"], "name": [" a "]})
    mended = frame.salesmanago.fix({"money": ["price"], "blanks": ["name"]})
    assert mended.loc[0].tolist() == [5.5, "4,50 zł", "a"]


def test_a_kind_that_is_left_out_is_not_done_by_one_that_comes_after_it():
    frame = pd.DataFrame({"name": [" R&amp;D "]})
    assert frame.salesmanago.fixes().apply(["blanks"])["name"].tolist() == ["R&amp;D"]
    assert frame.salesmanago.fixes().apply(["entities"])["name"].tolist() == [" R&D "]
    assert frame.salesmanago.fix()["name"].tolist() == ["R&D"]


@pytest.mark.parametrize(
    "call", [{"kinds": ["magic"]}, {"kinds": {"blanks": ["no such column"]}}, {"duplicates": "both"}]
)
def test_an_unknown_choice_names_the_known_ones(call):
    with pytest.raises(sm.errors.UsageError, match=r"blanks|no such column|'first' or 'last'"):
        find_fixes(pd.DataFrame({"name": ["a"]}), **call)


@pytest.mark.parametrize(
    ("column", "cell"),
    [("name", "Size <5 cm, <L>"), ("name", "?a=1&copy=2"), ("productUrl", "https://a.com/?a=1&copy=2")],
)
def test_what_only_looks_like_markup_is_left(column, cell):
    assert proposed(column, [cell]) == {}


def test_every_kind_is_reachable():
    frame = pd.DataFrame(
        {
            "productId": ["1.0", "'2", "'2"],
            "name": [" a", "R&amp;D\x07", "x" * 300],
            "brand": ["nan", "PĂłĹ‚", None],
            "price": ["5,50 zł", "6,00", "7"],
            "discountPrice": [1.234, np.nan, np.nan],
            "available": ["yes", "no", "no"],
            "gender": ["men", None, None],
            "quantity": ["1", "2", "2"],
            "productUrl": ["https://a.com/ż", "https://a.com/", "https://a.com/"],
            "categories": ["a|b", None, None],
            "mainImageUrl": ["none", None, None],
        }
    )
    fixes = find_fixes(frame, trim=True, drop_bad_images=True, duplicates="first")
    assert {proposal.kind for proposal in fixes.proposals} == set(KINDS)


def test_values_are_shown_before_and_after_and_escaped_in_html():
    fixes = find_fixes(pd.DataFrame({"name": ["  <img src=x onerror=alert(1)>\u202e "]}))
    assert "<img" not in fixes._repr_html_()
    assert "\u202e" not in repr(fixes) + fixes._repr_html_()
    assert "\\u202e" in repr(fixes)


def test_a_mended_frame_passes_preflight():
    frame = pd.DataFrame(
        {
            "productId": ["1.0", "2.0"],
            "name": [" a ", "b"],
            "mainCategory": ["x", "y"],
            "productUrl": ["https://a.com/ż", "https://a.com/b c"],
            "available": ["tak", "nie"],
            "price": ["12,99 zł", "1.299,00 zł"],
        }
    )
    assert not frame.salesmanago.preflight().ok
    assert frame.salesmanago.preflight().fixes().apply().salesmanago.preflight().ok


def test_text_columns_keep_their_dtype():
    for dtype in ("string", "str", object):
        frame = pd.DataFrame({"name": pd.Series([" a ", "b"], dtype=dtype)})
        assert frame.salesmanago.fix().dtypes["name"] == frame.dtypes["name"]


def test_entries_of_lists_are_mended_where_they_stand():
    cells = [["https://a.com/ż", None, "https://a.com/x"], [" https://a.com/b c "], None]
    frame = pd.DataFrame({"imageUrls": cells})
    mended = frame.salesmanago.fix()
    assert mended["imageUrls"].tolist() == [
        ["https://a.com/%C5%BC", None, "https://a.com/x"],
        ["https://a.com/b%20c"],
        None,
    ]
    assert frame["imageUrls"].tolist() == [["https://a.com/ż", None, "https://a.com/x"], [" https://a.com/b c "], None]


def test_a_sixth_entry_goes_only_when_trimming_is_asked_for():
    frame = pd.DataFrame({"categories": [list("abcdef"), ["x", None, *"bcde"]]})
    assert frame.salesmanago.fix()["categories"].tolist() == frame["categories"].tolist()
    assert frame.salesmanago.fix(trim=True)["categories"].tolist() == [list("abcde"), list("xbcde")]
