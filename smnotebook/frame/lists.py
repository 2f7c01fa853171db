"""Columns whose cells are lists, taken apart into one long column of entries and put together again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import is_missing
from smnotebook.frame.arrow import Positions, plain_object

__all__ = ["ListCells", "split_cells"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCells:
    """List cells taken apart.

    Attributes
    ----------
    entries : Series
        All entries of all lists, one after the other.
    parents, within : ndarray of int64
        For each entry its row, and its place in that row's list.
    sizes : ndarray of int64
        Entries of each row's list.
    missing : ndarray of bool
        Rows without a list.
    odd : ndarray of int64
        Rows whose cell is no list.
    """

    entries: pd.Series[Any]
    parents: Positions
    within: Positions
    sizes: Positions
    missing: npt.NDArray[np.bool_]
    odd: Positions

    def joined(self, entries: pa.Array) -> pa.LargeListArray:
        """The lists again, made of these entries."""
        offsets = np.concatenate([[0], np.cumsum(self.sizes)])
        return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), entries, mask=pa.array(self.missing))


def split_cells(series: pd.Series[Any]) -> ListCells:
    """Take a column of lists apart; lists, tuples, arrays and Arrow lists count as lists."""
    found = _split_arrow(series) if isinstance(series.dtype, pd.ArrowDtype) else None
    entries, sizes, missing, odd = found or _split_objects(series)
    parents = np.repeat(np.arange(len(sizes)), sizes)
    starts = np.cumsum(sizes) - sizes
    return ListCells(
        entries=entries,
        parents=parents,
        within=np.arange(len(parents)) - starts[parents],
        sizes=sizes,
        missing=missing,
        odd=odd,
    )


_Split = tuple["pd.Series[Any]", Positions, npt.NDArray[np.bool_], Positions]


def _split_arrow(series: pd.Series[Any]) -> _Split | None:
    array = pa.array(series.array)
    kind = array.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
        return None
    lists = pa.chunked_array(array.cast(pa.large_list(kind.value_type)))
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy().astype(np.int64)
    entries = pd.Series(pd.arrays.ArrowExtensionArray(pc.list_flatten(lists)))
    return entries, sizes, lists.is_null().to_numpy(), np.empty(0, dtype=np.int64)


def _split_objects(series: pd.Series[Any]) -> _Split:
    cells = [plain_object(cell) for cell in series.array]
    lists = [cell if isinstance(cell, (list, tuple)) else None for cell in cells]
    missing = np.array([cell is None for cell in lists], dtype=bool)
    odd = [at for at in np.flatnonzero(missing).tolist() if not is_missing(cells[at])]
    sizes = np.array([0 if cell is None else len(cell) for cell in lists], dtype=np.int64)
    entries = pd.Series(list(chain.from_iterable(cell for cell in lists if cell is not None)), dtype=object)
    return entries, sizes, missing, np.array(odd, dtype=np.int64)
