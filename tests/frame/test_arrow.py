"""Rows taken from chunked columns are those that Arrow's own take gives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from smnotebook.frame.arrow import take_rows

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
