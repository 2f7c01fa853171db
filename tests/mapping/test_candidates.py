"""A name that fits and contents that don't is no match: what each field takes, told by the cells."""

from __future__ import annotations

import pyarrow as pa
import pytest

from smnotebook.mapping.candidates import candidates
from smnotebook.mapping.content import LOOKED_AT, Looks
from smnotebook.mapping.names import meaning_of

CELLS = {
    "addresses": [f"https://shop.example.com/p/{n}" for n in range(6)],
    "images": [f"https://shop.example.com/i/{n}.jpg" for n in range(6)],
    "HTML": [f"<p>Soft <b>linen</b> no {n}</p>" for n in range(6)],
    "amounts": [f"{n}.50" for n in range(1, 7)],
    "counts": ["12", "0", "3", "7", "120", "5"],
    "flags": ["yes", "no", "yes", "yes", "no", "no"],
    "stock words": ["in stock", "out of stock", "in stock", "in stock", "in stock", "out of stock"],
    "codes": ["A1-99", "B7-31", "C4-07", "D2-11", "E9-54", "F3-60"],
    "hashes": [f"0192a1f0c9d87c3ab{n}" for n in range(6)],
    "row types": ["simple", "configurable", "simple", "simple", "variable", "simple"],
    "names": ["Linen cloth", "Oak board", "Tall vase", "Wool rug", "Tea towel", "Soap dish"],
    "paths": ["Home > Table", "Home > Kitchen", "Home > Table", "Home > Decor", "Home > Table", "Home > Kitchen"],
    "long texts": ["word " * 60 + str(n) for n in range(6)],
    "dates": [f"2026-11-0{n}" for n in range(1, 7)],
    "periods": ["2026-11-01/2026-11-30"] * 6,
}

#: A column of this name holds the field with these cells, and with no others.
TAKEN = {
    ("sku", "productId"): "counts flags stock_words codes hashes row_types names paths dates periods",
    ("name", "name"): "stock_words names paths",
    ("url", "productUrl"): "addresses",
    ("image", "mainImageUrl"): "addresses images",
    ("price", "price"): "amounts counts",
    ("available", "available"): "flags stock_words",
    ("active", "active"): "flags",
    ("stock", "quantity"): "counts",
    ("category", "mainCategory"): "stock_words names paths long_texts",
    ("brand", "systemDetails.brand"): "stock_words row_types names paths",
    ("sale_start", "discountFrom"): "dates",
}


def scores(header, cells):
    found = candidates(header, meaning_of(header), Looks(pa.array(cells)))
    return {candidate.field: candidate.score for candidate in found}


@pytest.mark.parametrize(("named", "kinds"), TAKEN.items(), ids=lambda part: part[1] if isinstance(part, tuple) else "")
def test_a_field_takes_cells_of_its_kind_only(named, kinds):
    header, field = named
    taken = {kind.replace(" ", "_") for kind, cells in CELLS.items() if field in scores(header, cells)}
    assert taken == set(kinds.split())


@pytest.mark.parametrize(
    ("header", "field", "kind", "score"),
    [
        ("sku", "productId", "codes", 0.985),
        ("sku", "productId", "names", 0.745),  # ids seldom hold blanks
        ("sku", "productId", "row types", 0.785),  # nor repeat
        ("name", "name", "names", 0.991),
        ("image", "mainImageUrl", "images", 0.988),
        ("image", "mainImageUrl", "addresses", 0.788),
        ("price", "price", "amounts", 0.991),
        ("price", "price", "counts", 0.871),
        ("category", "mainCategory", "paths", 0.991),
        ("category", "mainCategory", "names", 0.791),  # categories come again
        ("description", "description", "names", 0.652),
    ],
)
def test_the_better_cells_fit_the_higher_the_score(header, field, kind, score):
    assert scores(header, CELLS[kind])[field] == pytest.approx(score, abs=0.002)


def test_an_empty_column_holds_nothing():
    assert scores("price", [None, None]) == {}
    assert Looks(pa.array([None], pa.string())).variety == 0


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_a_few_addresses_among_names_are_borne_and_more_are_not(share):
    cells = CELLS["names"] * 10
    for at in range(int(share * len(cells))):
        cells[at] = f"https://shop.example.com/{at}"
    assert ("name" in scores("name", cells)) is (share < 0.1)
    assert ("mainCategory" in scores("category", cells)) is (share < 0.1)


def test_a_name_that_says_nothing_leaves_a_field_to_cells_that_say_all():
    found = scores("xq", CELLS["images"])
    assert found["mainImageUrl"] == pytest.approx(0.55, abs=0.01)
    assert set(found) <= {"mainImageUrl", "imageUrls"}


def test_a_long_column_is_looked_at_from_end_to_end():
    mostly = [f"{n}.50" for n in range(LOOKED_AT)] + ["on request"] * LOOKED_AT
    assert Looks(pa.array(mostly))["amount"] == pytest.approx(0.5, abs=0.01)
