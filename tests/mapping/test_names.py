"""Names taken apart: words, compounds, misspellings, languages, currencies; and how surely they mean a field."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.mapping.names import columns_for, likeness, meaning_of, named_fields, withheld_as


@pytest.mark.parametrize(
    ("name", "concepts", "unknown"),
    [
        ("ProductName", "item name", 0),
        ("PRODUCTNAME", "item name", 0),
        ("product_name_2", "item name", 0),
        ("XMLProductID", "item id", 1),
        ("g:price", "price", 0),
        ("Artikelnummer", "item number sku", 0),
        ("Produktbezeichnungstext", "", 1),
        ("Verkaufspreis", "price selling", 0),
        ("Aktionspreis", "sale price", 0),
        ("Kundengruppenpreis", "member price", 0),
        ("EKpreis", "purchase price", 0),
        ("Artikelgruppennummer", "item group number", 0),
        ("Aktionsverkaufspreis", "sale selling price", 0),
        ("costume", "", 1),
        ("priceless", "", 1),
        ("Discripton", "description", 0),
        ("Avalability", "available", 0),
        ("nmae", "", 1),
        ("xescription", "", 1),
        ("descriptionxyz", "", 1),
        ("shipng", "", 1),
        ("quantitty", "count", 0),
        ("Pr3is", "", 1),
        ("B2B price", "dealer price", 0),
        ("b2c_price", "retail price", 0),
        ("Rabatt %", "sale percent", 0),
        ("Цена", "price", 0),
        ("Größe", "size", 0),
        ("Açıklama", "description", 0),
        ("cena z VAT", "price gross", 0),
        ("price of the product", "price item", 0),
        ("description.name", "name", 0),
        ("name.description", "name description", 0),
        ("description.description.name", "description name", 0),
        ("offer@id", "item id", 0),
        ("a/b", "", 1),
        ("", "", 0),
        ("...", "", 0),
        ("2024", "", 0),
    ],
)
def test_words(name, concepts, unknown):
    meaning = meaning_of(name)
    assert (set(meaning.concepts), meaning.unknown) == (set(concepts.split()), unknown)


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("name-pl", "pl"),
        ("name_pl_PL", "pl"),
        ("name(en-gb)", "en"),
        ("name.cs.value", "cs"),
        ("translations.de-DE.title", "de"),
        ("name@lang", None),
        ("PL name", "pl"),
        ("de name", None),
        ("opis eng", "en"),
        ("Nazwa (polski)", "pl"),
        ("pl", None),
        ("name", None),
        ("name plx", None),
        ("p_name.de", "de"),
        ("name pl 5", None),
    ],
)
def test_languages(name, language):
    assert meaning_of(name).language == language


@pytest.mark.parametrize(
    ("name", "currency"),
    [
        ("Price EUR", "EUR"),
        ("price-usd", "USD"),
        ("Price (€)", "EUR"),
        ("Price $ or €", None),
        ("Cena zł", "PLN"),
        ("price all", None),
        ("price", None),
        ("price abc", None),
    ],
)
def test_currencies(name, currency):
    assert meaning_of(name).currency == currency


def test_numbers_depth_and_guesses():
    assert [meaning_of(name).number for name in ("image", "image 2", "images12", "ean 5901234123457")] == [0, 2, 12, 0]
    assert [meaning_of(name).depth for name in ("a", "a.b", "a.b@c")] == [0, 1, 2]
    assert meaning_of("Discripton").is_guessed
    assert not meaning_of("Description").is_guessed


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("name", "name", 0.985),
        ("product name", "name", 0.99),
        ("name foo", "name", 0.985 * 0.75),
        ("name foo bar", "name", 0.985 * 0.75**2),
        ("x.name", "name", 0.985 * 0.75 * 0.985),
        ("Avalability", "available", 0.985 * 0.95),
        ("image 3", "mainImageUrl", 0.98 * 0.97),
        ("image 40", "mainImageUrl", 0.98 * 0.91),
        ("variant name", "name", 0.985 * 0.75),
        ("category name", "name", 0.0),
        ("image", "name", 0.0),
    ],
)
def test_likeness_is_a_product_of_what_speaks_against_it(name, field, expected):
    assert likeness(meaning_of(name), field) == pytest.approx(expected)


def test_columns_for_a_field_are_the_surest_first_and_never_withheld():
    names = ["EK Preis", "Preis 2", "Preis", "Farbe", "Prais"]
    assert columns_for("price", names) == ["Preis", "Preis 2"]
    assert columns_for("price", names, limit=1) == ["Preis"]
    assert columns_for("productUrl", ["prodctUrls", "name"]) == ["prodctUrls"]
    assert columns_for("productUrl", ["name", "price"]) == []
    assert columns_for("eventDate", ["event_dat", "name"]) == ["event_dat"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cost", "purchase"),
        ("delivery cost", None),
        ("purchase date", None),
        ("dealer price", "trade"),
        ("dealer", None),
        ("member price", "restricted"),
        ("customer name", "personal"),
        ("contact url", None),
        ("price", None),
    ],
)
def test_what_is_withheld(name, kind):
    assert withheld_as(meaning_of(name)) == kind


@given(st.text(max_size=40))
def test_any_name_is_understood_somehow(name):
    meaning = meaning_of(name)
    assert all(0 <= likeness(meaning, field) <= 1 for field in named_fields())


@pytest.mark.parametrize(
    "name",
    [
        "PL product name",
        "product name-pl",
        "product_name_pl_PL",
        "product name.pl",
        "pl.product name",
        "product.name@pl",
    ],
)
def test_a_language_leaves_the_rest_of_the_name(name):
    meaning = meaning_of(name)
    assert (set(meaning.concepts), meaning.unknown, meaning.language) == ({"item", "name"}, 0, "pl")


@pytest.mark.parametrize(("name", "is_near"), [("shade_tone", True), ("shadow", True), ("shelf", False)])
def test_columns_for_a_field_without_words_of_its_own_are_those_spelt_like_it(name, is_near):
    assert "shade_kind" not in named_fields()
    assert (columns_for("shade_kind", ["Półka", name]) == [name]) == is_near
