"""Column names as they are compared, as words, and what they say of tax."""

from __future__ import annotations

import pytest

from smnotebook.values.names import is_net_name, plain_name, words_of


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("g:price", "price"),
        ("c:Colour", "colour"),
        ("sm:sku", "sku"),
        ("x:price", "xprice"),
        (" Regular_Price ", "regularprice"),
        ("Categories (x,y,z...)", "categories"),
        ("Active [0/1]", "active"),
        ("Price (tax excl.)", "pricetaxexcl."),
        ("Price [brutto]", "pricebrutto"),
        ("@id", "@id"),
        ("attrs.a@name", "attrs.a@name"),
        ("(only a remark)", "onlyaremark"),
        ("Cena_żółta", "cenażółta"),
    ],
)
def test_names_without_dress(name, plain):
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    "name",
    ["Price tax excluded", "price_net", "Cena netto", "Netto", "price without tax", "Prix HT", "prix hors taxe",
     "cena bez VAT", "Preis ohne MwSt", "precio sin IVA", "prezzo senza IVA", "net"],
)  # fmt: skip
def test_net_names(name):
    assert is_net_name(name)


@pytest.mark.parametrize("name", ["Price", "Price incl. tax", "internet price", "planet", "height", "weight", "Brutto"])
def test_other_names(name):
    assert not is_net_name(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ProductName_PL", "product name pl"),
        ("g:image_link", "image link"),
        ("price2Old", "price2 old"),
        (" Cena (brutto) ", "cena brutto"),
        ("SKU", "sku"),
    ],
)
def test_names_as_words(name, words):
    assert words_of(name) == words
