"""Words that stand for nothing, in numbers and pictures as in brands."""

from __future__ import annotations

import pandas as pd
import pytest

from smnotebook.feeds import read_feed, reading_report

WORDS = ["n/a", "-", "brak", "NULL"]
OWN = {"productId": "sku", "name": "name", "price": "price"}


def frame(**columns: list[str]) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    rows = {"sku": [str(at) for at in range(size)], "name": ["Cup"] * size, "price": ["10.50"] * size}
    return pd.DataFrame({**rows, **columns})


@pytest.mark.parametrize(("field", "good"), [("price", "3.50"), ("discountPrice", "3.50"), ("quantity", "3")])
def test_numbers_are_empty_where_a_word_says_so(field, good):
    read = read_feed(frame(cells=[*WORDS, good]), preset=None, mapping={**OWN, field: "cells"})
    assert read[field].isna().tolist() == [True] * 4 + [False]
    assert float(read[field].iloc[4]) == float(good)
    dropped = [
        found.count for found in reading_report(read).findings if (found.kind, found.field) == ("dropped", field)
    ]
    assert dropped == [4]


def test_any_other_word_in_a_price_stays():
    read = read_feed(frame(cells=["on request", "3.50"]), preset=None, mapping={**OWN, "price": "cells"})
    assert read["price"].tolist() == ["on request", 3.5]


@pytest.mark.parametrize("word", [*WORDS, "no_selection", "kein Bild"])
def test_no_picture_becomes_an_address(word):
    given = {"image_base_url": "https://img.example.com", "preset": None}
    mapping = {**OWN, "mainImageUrl": "cells", "imageUrls": "cells"}
    read = read_feed(frame(cells=[word, "cup.jpg"]), mapping=mapping, **given)
    assert read["mainImageUrl"].fillna("").tolist() == ["", "https://img.example.com/cup.jpg"]
    assert read["imageUrls"].tolist() == [None, ["https://img.example.com/cup.jpg"]]


def test_magento_writes_no_selection_for_none():
    text = (
        "sku,product_type,price,attribute_set_code,url_key,product_online,name,base_image,additional_images,qty\n"
        'a,simple,1.50,D,k,1,N,no_selection,"no_selection,/a/b.jpg",1\nb,simple,1.50,D,l,1,N,no_selection,,1\n'
    )
    read = read_feed(text.encode(), image_base_url="https://img.example.com")
    assert read["mainImageUrl"].fillna("").tolist() == ["https://img.example.com/a/b.jpg", ""]
