"""Whose fault a refusal is."""

import json

import numpy as np
import pytest

from smnotebook.contract import Violation
from smnotebook.upload.batch import Batch, cut_batches
from smnotebook.upload.blame import HALVING_REQUESTS, Search, judge


def batch_of(*products):
    whole = [
        {"productId": f"SKU-{n:03d}", "name": f"Product {n}", "mainCategory": "x", "price": 1.0, "available": True}
        | {"productUrl": "https://shop.example.com/p"}
        | product
        for n, product in enumerate(products)
    ]
    return Batch(
        positions=np.arange(100, 100 + len(whole)),
        keys=[product["productId"] for product in whole],
        fingerprints=[b"f" * 16] * len(whole),
        payloads=[json.dumps({key: value for key, value in p.items() if value != "gone"}).encode() for p in whole],
    )


def violation(code, message, field=None):
    return Violation(field=field or message.partition("|")[0], reason_code=code, message=message)


CLEAN = [{}] * 3


@pytest.mark.parametrize(
    ("products", "said", "guilty"),
    [
        ([*CLEAN, {"name": "n" * 50}], violation(11, "name|min:0|max:40|too long"), [3]),
        ([{"name": "ab"}, *CLEAN], violation(11, "name|min:3|max:40|too short"), [0]),
        ([*CLEAN, {"quantity": 1_000_000}], violation(11, "quantity|min:0|max:99999|too many"), [3]),
        ([*CLEAN, {"categories": ["a", "b" * 30]}], violation(11, "categories|min:0|max:20|too long"), [3]),
        ([*CLEAN, {"categories": list("abcdef")}], violation(11, "categories|min:0|max:5|too many"), [3]),
        (
            [{"systemDetails": {"color": "x" * 30}}, *CLEAN],
            violation(11, "systemDetails.color|min:0|max:20|too long"),
            [0],
        ),
        ([*CLEAN, {"mainCategory": ""}], violation(13, "mainCategory|is required"), [3]),
        ([{"description": "d"}, {}, {"description": "d"}], violation(13, "description|is required"), [1]),
        ([{"description": "d"}, {"description": None}], violation(17, "description|can't be null"), [1]),
        (CLEAN, violation(18, "products[1].name|odd", "products[1].name"), [1]),
        (CLEAN, violation(18, "products.2.name|odd", "products.2.name"), [2]),
        (CLEAN, violation(15, "productId|SKU-001 is there already"), [1]),
        (CLEAN, violation(15, 'productUrl|the page of "SKU-002" is taken'), [2]),
        ([*CLEAN, {"price": "gone"}], violation(18, "somewhere|something is wrong"), [3]),  # the contract knows
    ],
)
def test_the_guilty_are_named_and_the_rest_is_sent_again_at_once(products, said, guilty):
    batch = batch_of(*products)
    verdict = judge(batch, [said], Search())
    assert sorted(verdict.refused) == guilty
    assert [position - 100 for position in verdict.rest.positions] == [n for n in range(len(batch)) if n not in guilty]


@pytest.mark.parametrize(
    "said",
    [
        violation(18, "productUrl|must be a URL"),
        violation(11, "name|min:0|max:255|too long"),  # nobody's is
        violation(18, "products[7].name|odd", "products[7].name"),  # there is no such place
        violation(11, "name|min:0|max:3|too long"),  # everybody's is
        violation(42, "a code that nobody documented"),
        Violation(field=None, reason_code=None, message=""),
    ],
)
def test_where_nobody_can_be_singled_out_the_batch_is_halved(said):
    verdict = judge(batch_of(*[{}] * 5), [said], Search())
    assert not verdict.refused
    assert [list(half.positions) for half in verdict.halves] == [[100, 101], [102, 103, 104]]


def test_a_number_in_a_message_is_not_taken_for_a_product():
    batch = batch_of({"productId": "255"}, {"productId": "7"})
    assert not judge(batch, [violation(18, "name|at most 255 characters, 7 lines")], Search()).refused


def test_once_halving_has_cost_its_budget_products_go_one_by_one():
    verdict = judge(batch_of(*CLEAN), [violation(18, "x|y")], Search(requests=HALVING_REQUESTS))
    assert [len(batch) for batch in verdict.singles] == [1, 1, 1]


def test_a_single_product_takes_all_that_was_said():
    said = [violation(18, "name|odd"), violation(11, "price|min:0|max:9|too high")]
    verdict = judge(batch_of({}), said, Search())
    assert verdict.refused[0].message == "name|odd; price|min:0|max:9|too high"
    assert verdict.refused[0].reason_code == 18
    assert judge(batch_of({}), [], Search()).refused[0].message.endswith("without a reason.")


@pytest.mark.parametrize("stretches", [[250], [100, 100, 50], [1] * 250, [99, 151], [0, 250], []])
def test_batches_are_cut_alike_whatever_they_come_in(stretches):
    ids = iter(range(1000))
    parts = []
    for length in stretches:
        numbers = [next(ids) for _ in range(length)]
        texts = [str(number) for number in numbers]
        blobs = [text.encode() for text in texts]
        parts.append(Batch(positions=np.array(numbers), keys=texts, fingerprints=blobs, payloads=blobs))
    batches = list(cut_batches(parts, size=100))
    total = sum(stretches)
    assert [len(batch) for batch in batches] == [100] * (total // 100) + ([total % 100] if total % 100 else [])
    assert [position for batch in batches for position in batch.positions] == list(range(total))
