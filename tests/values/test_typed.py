"""A number that was typed as one keeps its value, shows nothing about texts, and its mark is seen by nobody else."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.values.amounts.reading import read_count, read_money
from smnotebook.values.cells import as_text, from_series
from smnotebook.values.findings import Journal
from smnotebook.values.transforms import TRANSFORMS, Task, convert
from smnotebook.values.typed import TYPED, as_typed, find_typed, unmarked


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([1.25, "1.500"], [1.25, "1.500"]),
        ([1.299, "1.500"], [1.299, "1.500"]),
        ([1.299, "12,50"], [1.299, 12.5]),
        ([1.299, "1.299,00"], [1.299, 1299.0]),
        ([1.299, "1.299", "1250,00"], [1.299, 1299.0, 1250.0]),
        ([1.299, "1.299 Ft"], [1.299, 1299.0]),
        ([-1.299, "1,5"], [-1.299, 1.5]),
        ([1e-05, 1e22, "1"], [1e-05, 1e22, 1.0]),
        ([12.0, 7, "1.500"], [12.0, 7.0, "1.500"]),
        ([Decimal("1.299"), "1,5"], [1.299, 1.5]),
        ([np.float64(1.299), "1,5"], [1.299, 1.5]),
        ([True, "1,5", 1.299], ["True", 1.5, 1.299]),
    ],
)
def test_a_typed_number_is_what_it_is_beside_any_text(cells, expected):
    column = from_series(pd.Series(cells, dtype=object))
    assert read_money(column, Journal(), field="price").to_series().tolist() == expected


@pytest.mark.parametrize("mark", [".", ","])
def test_a_named_decimal_mark_says_nothing_about_typed_numbers(mark):
    column = from_series(pd.Series([1.299, 12.5, "3"], dtype=object))
    journal = Journal()
    assert read_money(column, journal, field="price", decimal=mark).to_series().tolist() == [1.299, 12.5, 3.0]
    assert not list(journal.questions)


def test_a_typed_number_among_texts_with_more_digits_than_a_float_holds():
    column = from_series(pd.Series([1.299, 1e-05, "123456789012345678,25"], dtype=object))
    read = read_money(column, Journal(), field="price").to_series().tolist()
    assert read == [Decimal("1.299"), Decimal("0.00001"), Decimal("123456789012345678.25")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([3.0, "1.250"], [3, 1250]),
        ([3.5, "7"], ["3.5", 7]),
        ([1.25, "1.000"], ["1.25", "1.000"]),
        ([1e22, "7"], ["1e+22", 7]),
    ],
)
def test_typed_counts_are_whole_or_stay_as_they_are(cells, expected):
    column = from_series(pd.Series(cells, dtype=object))
    assert read_count(column, Journal(), field="quantity").to_series().tolist() == expected


@pytest.mark.parametrize("name", ["add_tax:23", *sorted(TRANSFORMS.keys() - {"add_tax"})])
def test_no_transform_lets_a_mark_through(name):
    column = from_series(pd.Series([38.5, "XL", [1.5, 2.5], 0.2], dtype=object))
    flat = from_series(pd.Series([38.5, "XL", 0.2], dtype=object))
    for cells in (column, flat):
        journal = Journal()
        read = convert(cells, name, Task(field="customDetails.size", journal=journal, column="size"))
        assert TYPED not in repr((read.to_series().tolist(), journal.findings, list(journal.questions)))


def test_marks_are_taken_off_texts_and_lists():
    texts = pa.array([as_typed(1.5), None, "1.5"], pa.large_string())
    lists = pa.array([[as_typed(1.5), "a"], None, []], pa.large_list(pa.large_string()))
    assert unmarked(texts).to_pylist() == ["1.5", None, "1.5"]
    assert unmarked(lists.slice(0, 3)).to_pylist() == [["1.5", "a"], None, []]
    assert unmarked(lists.slice(1)).to_pylist() == [None, []]
    assert find_typed(texts).tolist() == [True, False, False]
    without = pa.array(["a", None])
    assert unmarked(without) is without


@given(st.lists(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.just("x")), min_size=1))
def test_each_number_is_marked_or_digits_and_reads_as_itself(numbers):
    column = from_series(pd.Series([*numbers, "text"], dtype=object))
    marked = find_typed(as_text(column))
    for at, number in enumerate(numbers):
        assert marked[at] == isinstance(number, float)
        if isinstance(number, float):
            assert float(unmarked(column)[at].as_py()) == number
