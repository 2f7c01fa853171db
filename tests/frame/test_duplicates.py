"""Rows that share a productId: identical copies are a warning, rows that differ an error."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from smnotebook.frame.preflight import preflight


def conflicts(frame):
    issues = preflight(frame).issues
    return issues.loc[issues["reason_code"] == 15, "position"].tolist()


def copies(frame):
    issues = preflight(frame).issues
    found = issues[(issues["severity"] == "warning") & (issues["field"] == "productId")]
    return found["position"].tolist()


def test_rows_that_differ_are_all_blamed(frame_of):
    frame = frame_of(5, productId=["a", "b", "a", "c", "a"], name=["1", "2", "3", "4", "5"])
    assert conflicts(frame) == [0, 2, 4]
    assert copies(frame) == []
    assert preflight(frame).ready == 2


def test_identical_rows_are_a_warning_on_every_copy_but_the_first(frame_of):
    frame = frame_of(5, productId=["a", "b", "a", "c", "a"])
    assert copies(frame) == [2, 4]
    assert conflicts(frame) == []
    assert preflight(frame).ok


def test_two_that_agree_and_one_that_differs_conflict_all(frame_of):
    assert conflicts(frame_of(3, productId=["a"] * 3, name=["1", "1", "2"])) == [0, 1, 2]


def test_missing_and_blank_ids_are_no_duplicates(frame_of):
    frame = frame_of(6, productId=[None, None, "", "", " ", " "], name=list("123456"))
    assert conflicts(frame) == copies(frame) == []
    assert preflight(frame).issues["reason_code"].tolist() == [13] * 6


def test_an_id_as_number_and_as_text_is_one_id(frame_of):
    frame = frame_of(3, productId=pd.Series(["12", 12, 12.0], dtype=object), name=["1", "2", "3"])
    assert conflicts(frame) == [0, 1, 2]


@pytest.mark.parametrize("ids", [["00123", "123"], ["a", "A"], ["a", "a "], ["é", "e\u0301"], ["a", "a\x00"]], ids=repr)
def test_ids_that_merely_look_alike_are_two(frame_of, ids):
    report = preflight(frame_of(2, productId=ids, name=["1", "2"]))
    assert report.ok
    assert conflicts(report.frame) == []


@pytest.mark.parametrize("size", range(1, 25))
def test_ids_of_every_length(frame_of, size):
    same = "x" * size
    assert conflicts(frame_of(3, productId=[same, "y" * size, same], name=["1", "2", "3"])) == [0, 2]


def test_ids_with_the_same_beginning_and_end_are_told_apart(frame_of):
    ids = [f"SHOP-EU-{number:06d}-VARIANT" for number in range(1000)]
    assert preflight(frame_of(1000, productId=ids)).issues.empty
    ids[700] = ids[3]
    assert conflicts(frame_of(1000, productId=ids, name=[str(n) for n in range(1000)])) == [3, 700]


def test_ids_that_differ_in_length_alone_are_told_apart(frame_of):
    assert preflight(frame_of(40, productId=["a" * size for size in range(1, 41)])).issues.empty


def test_duplicates_far_apart_and_in_columns_of_several_chunks(frame_of):
    rows = 140_000
    ids = np.arange(rows).astype(str).astype(object)
    ids[139_999] = ids[5]
    frame = frame_of(rows, productId=ids)
    frame.loc[5, "name"] = "another"
    assert conflicts(frame) == [5, 139_999]
    frame.loc[5, "name"] = frame.loc[0, "name"]
    assert copies(frame) == [139_999]


def test_every_row_the_same_product(frame_of):
    frame = frame_of(1000, productId=["a"] * 1000)
    assert len(copies(frame)) == 999


def test_a_single_row_and_no_row(frame_of):
    assert conflicts(frame_of(1)) == []
    assert conflicts(frame_of(2).iloc[:0]) == []


def twice(frame_of, **columns):
    return frame_of(2, productId=["a", "a"], **columns)


SAME = {
    "lists": ("categories", [["a", "b"], ["a", "b"]]),
    "a list and a tuple": ("categories", [["a", "b"], ("a", "b")]),
    "missing entries": ("categories", [["a", None], ["a"]]),
    "no list and an empty one": ("categories", [None, []]),
    "amounts of other types": ("price", [Decimal("59.97"), 59.970000000000006]),
    "missing in two ways": ("description", [None, ""]),
    "dicts in another order": ("customDetails", [{"a": "1", "b": "2"}, {"b": "2", "a": "1"}]),
    "a dict and none": ("customDetails", [{}, None]),
    "numbers as digits": ("categoryExternalId", [12, "12"]),
    "a column that is not sent": ("unmapped", [1, 2]),
}
DIFFERENT = {
    "lists": ("categories", [["a", "b"], ["b", "a"]]),
    "lists cut elsewhere": ("categories", [["a,b"], ["a", "b"]]),
    "lists with separators inside": ("categories", [["1:a,1:b"], ["a", "b"]]),
    "a list and none": ("categories", [["a"], None]),
    "amounts": ("price", [59.97, 59.98]),
    "a value and none": ("description", ["a", None]),
    "flags": ("available", [True, False]),
    "details": ("customDetails", [{"a": "1"}, {"b": "1"}]),
    "faulty cells, which might be anything": ("price", [-1.0, -2.0]),
}


@pytest.mark.parametrize(("column", "cells"), SAME.values(), ids=SAME)
def test_rows_that_would_travel_alike_are_identical(frame_of, column, cells):
    frame = twice(frame_of, **{column: pd.Series(cells, dtype=object)})
    assert conflicts(frame) == []
    assert copies(frame) == [1]


@pytest.mark.parametrize(("column", "cells"), DIFFERENT.values(), ids=DIFFERENT)
def test_rows_that_would_travel_differently_conflict(frame_of, column, cells):
    frame = twice(frame_of, **{column: pd.Series(cells, dtype=object)})
    assert conflicts(frame) == [0, 1]


def test_numbered_columns_take_part(frame_of):
    assert conflicts(twice(frame_of, **{"categories.1": ["a", "a"], "categories.2": ["b", "c"]})) == [0, 1]
    assert copies(twice(frame_of, **{"categories.1": ["a", "a"], "categories.2": ["b", "b"]})) == [1]
