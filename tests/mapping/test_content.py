"""What cells look like: shares of the whole column, cheaply."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from smnotebook.mapping.candidates import candidates, is_codes
from smnotebook.mapping.content import LOOKED_AT, Looks, spread
from smnotebook.mapping.names import meaning_of


def looks(*cells: object) -> Looks:
    return Looks(pa.array(cells))


def test_shares_are_of_the_filled_cells_and_count_repeats():
    seen = looks("https://a.example/1.jpg", "x", "x", None, "")
    assert (seen.filled, seen["url"], seen["image"]) == (0.6, pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert (seen.distinct, seen.variety) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert seen.length == pytest.approx((23 + 1 + 1) / 3)
    assert seen.examples() == ("https://a.example/1.jpg", "x")


def test_a_column_of_nothing_is_nothing():
    seen = looks(None, None)
    assert (seen.filled, seen["url"], seen.length, seen.distinct, seen.variety) == (0, 0, 0, 0, 0)
    assert list(candidates("name", meaning_of("name"), seen)) == []


def test_long_examples_are_cut_and_few():
    seen = looks("a" * 60, "b" * 61, "c", "d")
    assert seen.examples() == ("a" * 60, "b" * 59 + "…", "c")
    assert seen.examples(1) == ("a" * 60,)


@pytest.mark.parametrize(
    ("cells", "expected"), [(("0", "0"), True), ((0, 0), True), (("0", "1"), False), (("5",), False)]
)
def test_a_column_of_zeros(cells, expected):
    assert looks(*cells).is_always_zero is expected


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("url", "//cdn.example/x https://a.example", "www.example a//b"),
        ("email", "a@b.example", "a@b a@b@c.example"),
        ("phone", "+48600100200 +1(212)5550100", "48600100200 +48 5901234123457"),
        ("amount", "12 12,50 1.234,50zł €5 12,-", "abc 12/34 x12y"),
        ("whole", "12 -3 12.0", "12.5 1234567890"),
        ("bit", "0 1 1.0", "2 10"),
        ("truth", "yes Nie 0 1 TRUE evet", "2 maybe"),
        ("state", "published publish Draft hidden", "publishing sold"),
        ("code", "12 1|2|3 c1a2 SW10001 0192a1f0c9d8", "Cups Home>Table T-Shirt"),
        ("kind", "image/jpeg simple vendor.model NEW", "Cups Dom/Kuchnia Home.Garden"),
        ("date", "2026-01-01 1.2.2026 01/02/26", "2026 12.50"),
        ("html", "<p>x</p> <br/> <div>", "<x> a<b"),
        ("gender", "Women k herren", "womens x"),
    ],
)
def test_patterns(pattern, yes, no):
    assert [cell for cell in yes.split() if looks(cell)[pattern] != 1] == []
    assert [cell for cell in no.split() if looks(cell)[pattern] != 0] == []


def test_blanks_around_cells_do_not_matter():
    assert looks(" yes ", "no\t")["truth"] == 1


def test_long_columns_are_looked_at_from_end_to_end():
    assert spread(5, 10) == slice(None)
    assert spread(10, 10) == slice(None)
    assert spread(101, 11).tolist() == list(range(0, 101, 10))
    size = 5 * LOOKED_AT
    assert (spread(size)[0], spread(size)[-1], len(spread(size))) == (0, size - 1, LOOKED_AT)


def test_repeating_cells_are_all_counted_and_others_by_a_spread():
    repeating = Looks(pa.array(["a"] * (2 * LOOKED_AT) + ["b@c.example"] * LOOKED_AT))
    assert repeating["email"] == pytest.approx(1 / 3)
    varied = Looks(
        pa.array([f"a{at}" for at in range(2 * LOOKED_AT)] + [f"b{at}@c.example" for at in range(LOOKED_AT)])
    )
    assert varied["email"] == pytest.approx(1 / 3, abs=0.001)
    assert varied.variety == 1
    assert len(varied.amounts) == LOOKED_AT


def test_amounts_are_numbers_with_gaps():
    assert np.array_equal(looks("1,50", None, "x").amounts, [1.5, np.nan, np.nan], equal_nan=True)


def test_lists_and_numbers():
    assert looks(["a", "b"], ["a"]).is_list
    assert looks(1.5, 2.0, None).filled == pytest.approx(2 / 3)
    assert looks(1.0, 2.0)["whole"] == 1
    assert looks(True, False)["truth"] == 1


@pytest.mark.parametrize(
    ("cells", "expected"), [(("1", "2", "a"), True), (("1", "a"), False), (("simple",) * 9 + ("cups",), False)]
)
def test_codes(cells, expected):
    assert is_codes(looks(*cells)) is expected


@pytest.mark.parametrize(
    ("name", "cells", "scores"),
    [
        ("name", ("Cup red", "Cup red"), {"name": 0.871}),
        ("id", ("1", "2"), {"productId": 0.991}),
        ("id", ("1", "1"), {"productId": 0.791}),
        ("id", ("a b", "c"), {"productId": 0.871}),
        ("id", ("1", None), {"productId": 0.791}),
        ("id", ("x" * 61, "y" * 61), {}),
        ("id", ("<p>1</p>", "2"), {}),
        ("id", ("1.50", "2.50"), {}),
        ("price", ("10", "20"), {"price": 0.871}),
        ("price", ("10.50", "20"), {"price": 0.991}),
        ("price", ("10.50", "x", "y"), {}),
        ("price", ("1", "1"), {"price": 0.871}),
        ("category", ("Cups", "Cups"), {"mainCategory": 0.871}),
        ("category", ("a > b", "c > d"), {"mainCategory": 0.911}),
        ("category", ("10", "Cups", "Pots"), {"mainCategory": 0.791}),
        ("description", ("x" * 30, "y" * 30), {"description": 0.791}),
        ("description", ("<p>x</p>", "y"), {"description": 0.791}),
        ("url", ("https://a.example/1",) * 2, {"productUrl": 0.891}),
        ("image", ("https://a.example/1", "https://a.example/2"), {"mainImageUrl": 0.788}),
        ("image", ("1.jpg", "2.jpg"), {"mainImageUrl": 0.788}),
        ("stock", ("1", "2", "x"), {"quantity": 0.849}),
        ("active", ("yes", "no", "x"), {"active": 0.858}),
        ("available", ("yes", "in stock"), {"available": 0.791}),
        ("available", ("5", "0"), {}),
        ("tags", ("new", "old"), {"categories": 0.78}),
        ("gender", ("women", "x", "y"), {"systemDetails.gender": 0.721}),
        ("gender", ("women", "x", "y", "z"), {}),
        ("brand", ("Lipa", "Linde"), {"systemDetails.brand": 0.871}),
        ("brand", ("1", "2", "3", "4", "x"), {"systemDetails.brand": 0.871}),
        ("brand", ("x" * 101, "x" * 101), {}),
        ("popularity", ("1", "2"), {"systemDetails.popularity": 0.988}),
        ("popularity", (["1"], ["2"]), {}),
        ("whatever", ("https://a.example/1", "https://a.example/2"), {"productUrl": 0.55}),
        ("price whatever", ("https://a.example/1", "https://a.example/2"), {}),
    ],
)
def test_scores_of_names_and_cells_together(name, cells, scores):
    found = {one.field: one.score for one in candidates(name, meaning_of(name), looks(*cells))}
    assert found == {field: pytest.approx(score, abs=0.001) for field, score in scores.items()}
