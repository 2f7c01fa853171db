"""Amounts from several columns: for each row those of the first column that says something."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from smnotebook.values.amounts.reading import to_cents
from smnotebook.values.cells import TEXT, Cells, Mask, mask_of
from smnotebook.values.discounts import as_floats

__all__ = ["add_tax", "first_amounts", "pick", "says_much"]


def add_tax(cells: Cells, percent: float) -> Cells:
    """Net amounts with tax, to the cent."""
    gross = to_cents(as_floats(cells.values) * (1 + percent / 100))
    return Cells(values=pa.array(gross, mask=np.isnan(gross)), unread=cells.unread)


def first_amounts(columns: Sequence[Cells]) -> npt.NDArray[np.int64]:
    """For each row which column says something first: an amount above 0, or else any cell that is filled.

    A 0 says little: exports write it where there is no such price. Where no column says anything it is the first.
    """
    rank = np.array([np.where(says_much(cells), 0, np.where(cells.filled, 1, 2)) for cells in columns])
    # argmin takes the first among equals
    first: npt.NDArray[np.int64] = rank.argmin(axis=0)
    return first


def says_much(cells: Cells) -> Mask:
    """Rows with an amount above 0, or with a text that could not be read."""
    much: Mask = as_floats(cells.values) > 0
    return much if cells.unread is None else much | mask_of(cells.unread.is_valid())


def pick(columns: Sequence[Cells], choice: npt.NDArray[np.int64]) -> Cells:
    """For each row the cell of the column with that number; -1 gives a missing cell."""
    size = len(choice)
    kind = _widest([cells.values.type for cells in columns])
    blank = pa.nulls(size, TEXT)
    joined = Cells(
        values=pa.concat_arrays([cells.values.cast(kind, safe=False) for cells in columns]),
        unread=pa.concat_arrays([blank if cells.unread is None else cells.unread.cast(TEXT) for cells in columns]),
    )
    return joined.take(np.where(choice < 0, -1, choice * size + np.arange(size)))


def _widest(kinds: Sequence[pa.DataType]) -> pa.DataType:
    """The type that holds the amounts of all columns: a decimal where one of them needs it."""
    scales = [kind.scale for kind in kinds if pa.types.is_decimal(kind)]
    return pa.decimal128(38, max(scales)) if scales else pa.float64()
