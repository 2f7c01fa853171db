"""A source read in chunks is the source read whole, also where its records do not all name the same columns."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from smnotebook.feeds import read_feed, reading_report


def google(*more: str) -> bytes:
    items = (
        f"<item><g:id>{at}</g:id><title>T{at}</title><link>https://shop.example.com/{at}</link>"
        f"<g:price>{at}1.50 PLN</g:price>{tags}</item>"
        for at, tags in enumerate(more, start=1)
    )
    return f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{"".join(items)}</channel></rss>'.encode()


LATE = google("", "", "<g:sale_price>5.50 PLN</g:sale_price><g:brand>B</g:brand>", "", "")


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_the_preset_is_recognised_by_the_columns_of_all_chunks(rows):
    whole = read_feed(LATE)
    chunks = list(read_feed(LATE, chunk_rows=rows))
    assert reading_report(whole).preset == "google"
    assert [list(chunk.columns) for chunk in chunks] == [list(whole.columns)] * len(chunks)
    joined = pd.concat(chunks, ignore_index=True)
    assert joined["price"].tolist() == whole["price"].tolist() == [11.5, 21.5, 31.5, 41.5, 51.5]
    assert joined["discountPrice"].fillna(0).tolist() == [0, 0, 5.5, 0, 0]
    assert joined["systemDetails.brand"].fillna("").tolist() == ["", "", "B", "", ""]


def test_a_list_in_a_late_chunk_is_one_in_all():
    products = [{"id": 1, "tags": "a", "x": "1"}, {"id": 2, "x": "2"}, {"id": 3, "tags": ["b", "c"], "x": "3"}]
    source = json.dumps(products).encode()
    chunks = list(read_feed(source, preset=None, chunk_rows=1))
    whole = read_feed(source, preset=None)
    assert [list(chunk.columns) for chunk in chunks] == [list(whole.columns)] * 3
    assert list(chunks[0]["tags"][0]) == list(whole["tags"][0]) == ["a"]
