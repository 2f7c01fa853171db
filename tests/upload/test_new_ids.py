"""Ids that differ from those of stored products only in zeros, case or blanks stop an upload and ask."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import ConfirmationNeeded

_NUMBERS = itertools.count()


@pytest.fixture
def catalog():
    number = next(_NUMBERS)
    return sm.connect().create_catalog(name=f"New ids {number}", currency="EUR", location=f"new_ids_{number}")


def frame_of(*ids, price=10.0):
    return pd.DataFrame(
        {
            "productId": list(ids),
            "name": "Rug",
            "mainCategory": "Rugs",
            "productUrl": [f"https://shop.example.com/{at}" for at in range(len(ids))],
            "available": True,
            "price": price,
        }
    )


def stored(catalog):
    return sorted(catalog.products()["productId"])


@pytest.mark.parametrize(
    ("known", "new"), [("00123", "123"), ("123", "00123"), ("AB-1", "ab-1"), ("A 1", "A1"), ("A1", "A1 ")]
)
def test_an_id_that_is_nearly_a_stored_one_is_asked_about(catalog, known, new):
    frame_of(known, "other").salesmanago.upsert_products(catalog, progress=False)
    frame = frame_of(new, "other", "third")
    plan = frame.salesmanago.plan_products(catalog)
    assert [(q.code, q.field, q.count, q.examples) for q in plan.questions] == [
        ("new_ids", "productId", 1, (f"{new} (stored: {known})",))
    ]
    assert "leading zeros" in repr(plan)
    for send in (lambda: frame.salesmanago.upsert_products(catalog, progress=False), lambda: plan.send(progress=False)):
        with pytest.raises(ConfirmationNeeded, match="1 new product would") as asked:
            send()
        assert asked.value.argument == "allow_new_ids=True"
    assert stored(catalog) == sorted([known, "other"])
    frame.salesmanago.upsert_products(catalog, progress=False, allow_new_ids=True)
    assert stored(catalog) == sorted([known, "other", new, "third"])
    assert frame.salesmanago.plan_products(catalog).questions == ()


def test_ids_that_are_stored_or_unlike_any_are_not_asked_about(catalog):
    frame_of("00123", "A1").salesmanago.upsert_products(catalog, progress=False)
    frame = frame_of("00123", "A1", "1230", "A10", "B1", price=11.0)
    assert frame.salesmanago.plan_products(catalog).questions == ()
    frame.salesmanago.upsert_products(catalog, progress=False)
    assert len(stored(catalog)) == 5


def test_the_first_upload_asks_nothing_of_stored_ids(catalog):
    frame_of("00123", "123").salesmanago.upsert_products(catalog, progress=False)
    assert stored(catalog) == ["00123", "123"]


def test_a_table_whose_rows_are_known_reads_no_other_ids(catalog, monkeypatch):
    frame_of("00123", "A1").salesmanago.upsert_products(catalog, progress=False)
    monkeypatch.setattr("smnotebook.upload.standing.plain_ids", lambda _: pytest.fail("read though no row is new"))
    assert frame_of("00123", "A1", price=12.0).salesmanago.plan_products(catalog).changed == 2


def test_a_large_table_is_asked_about_as_a_small_one(catalog):
    ids = [f"{number:06d}" for number in range(1, 25_001)]
    known = frame_of(*ids[:2])
    known.salesmanago.upsert_products(catalog, progress=False)
    plan = frame_of(*[str(int(one)) for one in ids]).salesmanago.plan_products(catalog)
    assert [q.count for q in plan.questions] == [2]
