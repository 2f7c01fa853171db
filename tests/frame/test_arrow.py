"""Columns as Arrow arrays: what is missing, what is read as one type, and rows taken from chunks."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smnotebook.contract.reasons import ReasonCode
from smnotebook.frame.arrow import raw_cells, take_rows, to_arrow
from smnotebook.frame.preflight import preflight

TEXTS = ["a", None, "bb", "", "ż", "d", "e"]


@given(
    cuts=st.lists(st.integers(0, len(TEXTS)), max_size=4).map(sorted),
    positions=st.lists(st.integers(0, len(TEXTS) - 1), max_size=9).map(sorted),
)
@example(cuts=[], positions=[1, 1, 3])  # as wide as three rows in a row, and none of it
@example(cuts=[3], positions=[1, 2, 3, 4])
def test_rows_at_ascending_positions_are_taken_in_order_however_often_one_is_named(cuts, positions):
    bounds = [0, *cuts, len(TEXTS)]
    chunks = [pa.array(TEXTS[start:stop], pa.large_string()) for start, stop in pairwise(bounds)]
    taken = take_rows(pa.chunked_array(chunks), np.array(positions, dtype=np.int64))
    assert taken.to_pylist() == [TEXTS[position] for position in positions]


FLAGS = [True, False, None, float("nan"), pd.NA]


@given(st.lists(st.sampled_from([*FLAGS, np.True_, 1, 0, "yes", 1.0, b"x"]), min_size=1, max_size=12))
def test_objects_are_truth_values_only_where_every_one_is(cells):
    """Whatever stands first, and however far on the first odd one stands."""
    array = to_arrow(pd.Series([True] * 9 + cells, dtype=object))
    if all(cell is pd.NA or isinstance(cell, bool | np.bool_) or cell != cell or cell is None for cell in cells):
        assert array.type == pa.bool_()
        assert array.to_pylist()[9:] == [bool(cell) if isinstance(cell, bool | np.bool_) else None for cell in cells]
    else:
        assert array is None or array.type != pa.bool_()


def test_truth_values_are_read_alike_however_their_cells_lie_in_memory():
    cells = np.array([[True, "x"], [None, "y"], [False, "z"], [True, "x"]], dtype=object)
    for column in (cells[:, 0], cells[::-1, 0], cells[::2, 0]):
        array = to_arrow(pd.Series(column, copy=False))
        assert (array.type, array.to_pylist()) == (pa.bool_(), column.tolist())


@pytest.mark.parametrize("step", [1, 2, -1])
def test_not_a_number_is_missing_and_the_other_floats_stay(step):
    numbers = np.array([1.5, np.nan, np.inf, -0.0, np.nan, 1e300])[::step]
    array = to_arrow(pd.Series(numbers, copy=False))
    assert array.to_pylist() == [None if np.isnan(number) else number for number in numbers]
    assert array.null_count == np.count_nonzero(np.isnan(numbers))


def test_an_amount_that_can_not_be_compared_is_missing_among_truth_values():
    """The oldest pandas raises where Arrow asks it about this cell."""
    cells = pd.Series([True, Decimal("sNaN"), False], dtype=object)
    issues = preflight(pd.DataFrame({"available": cells})).issues
    missing = issues[(issues["field"] == "available") & (issues["reason_code"] == ReasonCode.MISSING)]
    assert missing["position"].tolist() == [1]


@given(st.lists(st.sampled_from(["", "a", None]), max_size=40), st.integers(0, 9))
@example(["a"] * 8 + ["", None], 0)
def test_an_empty_text_is_missing_wherever_its_block_begins(texts, start):
    """The bits of what is missing are read in bytes, and a slice may begin inside one."""
    held = pd.array(pa.chunked_array([pa.array(texts, pa.large_string())[start:]]), dtype="string[pyarrow]")
    assert to_arrow(pd.Series(held)).to_pylist() == [text or None for text in texts[start:]]


def test_cells_that_arrow_holds_stay_as_they_were():
    series = pd.Series(["a", "b", "c"], dtype="string[pyarrow]")
    cells = raw_cells(series, np.array([0, 2]))
    series.iloc[2] = "other"
    assert [cell.as_py() for cell in cells] == ["a", "c"]
    assert (len(cells), cells[1].as_py()) == (2, "c")
