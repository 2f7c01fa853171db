"""Columns on their way from a foreign table to product fields: any Arrow type in, text or typed values out."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.typed import TYPED, as_typed

__all__ = [
    "TEXT",
    "TEXTS",
    "Cells",
    "Mask",
    "as_marked_text",
    "as_text",
    "coalesce",
    "each_distinct",
    "from_series",
    "is_list",
    "is_text",
    "mask_of",
    "one_array",
]

TEXT = pa.large_string()
TEXTS = pa.large_list(TEXT)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A converted column.

    Attributes
    ----------
    values : pa.Array
        Text, numbers, booleans or lists of text; null where missing or not readable.
    unread : pa.Array or None
        The original text of the cells that could not be read, null elsewhere. They stay in the frame as they were,
        for preflight to point at.
    """

    values: pa.Array
    unread: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: npt.NDArray[np.int64]) -> Cells:
        """The cells of these rows; a negative row gives a missing cell."""
        wanted = pa.array(rows, mask=rows < 0)
        unread = None if self.unread is None else self.unread.take(wanted)
        if unread is not None and unread.null_count == len(unread):
            unread = None
        return Cells(values=self.values.take(wanted), unread=unread)

    @property
    def filled(self) -> Mask:
        """Where there is anything, readable or not."""
        filled = mask_of(self.values.is_valid())
        return filled if self.unread is None else filled | mask_of(self.unread.is_valid())

    def to_series(self, index: pd.Index[Any] | None = None) -> pd.Series[Any]:
        """The column as pandas holds it best; with unread cells a column of Python objects."""
        if self.unread is not None and self.unread.null_count < len(self.unread):
            mixed = [
                text if text is not None else value
                for text, value in zip(self.unread.to_pylist(), self.values.to_pylist(), strict=True)
            ]
            return pd.Series(mixed, index=index, dtype=object)
        kind = self.values.type
        if is_list(kind):
            return pd.Series(_python_lists(self.values), index=index, dtype=object)
        if pa.types.is_boolean(kind):
            return pd.Series(pd.array(self.values.to_pandas(), dtype="boolean"), index=index)
        if pa.types.is_integer(kind):
            return pd.Series(
                pd.array(self.values.cast(pa.int64()), dtype=pd.ArrowDtype(pa.int64())), index=index
            ).astype("Int64")
        if pa.types.is_decimal(kind):
            return pd.Series(pd.array(self.values, dtype=pd.ArrowDtype(kind)), index=index)
        if pa.types.is_floating(kind):
            return pd.Series(self.values.to_numpy(zero_copy_only=False), index=index)
        return pd.Series(self.values.to_pandas().array, index=index)


def _python_lists(array: pa.Array) -> list[list[str] | None]:
    """A column of lists as Python lists.

    The collector of cyclic garbage is paused: it would look at hundreds of thousands of new lists again and again,
    which takes four fifths of the time, and none of them can be part of a cycle.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        lists: list[list[str] | None] = array.to_pylist()
    finally:
        if was_on:
            gc.enable()
    return lists


def is_list(kind: pa.DataType) -> bool:
    """Whether cells of this type are lists."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def is_text(kind: pa.DataType) -> bool:
    """Whether cells of this type are text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def one_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column in one piece.

    Text that is in one piece already is not copied, unless it is a small part of something larger, which it would keep
    in memory. Anything else is: numbers may be those of the caller's own frame.
    """
    if not isinstance(column, pa.ChunkedArray):
        return column
    if column.num_chunks == 1 and column.type in (TEXT, pa.string()):
        only = column.chunk(0)
        if only.get_total_buffer_size() <= 2 * only.nbytes:
            return only
    return column.combine_chunks()


def mask_of(array: pa.Array | pa.ChunkedArray) -> Mask:
    """A boolean array as numpy; null counts as false."""
    flat = one_array(array)
    sure = pc.fill_null(flat, False) if flat.null_count else flat  # noqa: FBT003 - Arrow's own
    mask: Mask = sure.to_numpy(zero_copy_only=False).astype(bool, copy=False)
    return mask


def as_text(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Any column as text: whole floats lose their ``.0``, booleans are true and false, empty text is missing."""
    flat = one_array(array)
    kind = flat.type
    if pa.types.is_dictionary(kind):
        flat, kind = flat.cast(kind.value_type), kind.value_type
    if is_list(kind):
        return join_lists(flat)
    if pa.types.is_floating(kind):
        text = pc.replace_substring_regex(flat.cast(pa.string()), r"\.0$", "").cast(TEXT)
        text = pc.if_else(pc.is_nan(flat), None, text) if len(flat) else text
    elif (
        pa.types.is_struct(kind) or pa.types.is_map(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    ):
        text = pa.array([None if cell is None else str(cell) for cell in flat.to_pylist()], TEXT)
    else:
        text = flat.cast(TEXT)
    empty = pc.equal(text, "")
    return pc.if_else(empty, pa.scalar(None, TEXT), text) if pc.any(empty).as_py() else text


def as_marked_text(array: pa.Array) -> pa.Array:
    """Any column as text, with the marks of typed numbers where it holds numbers."""
    text = as_text(array)
    if not pa.types.is_floating(array.type) and not pa.types.is_decimal(array.type):
        return text
    marked = pc.binary_join_element_wise(text, pa.scalar(TYPED, TEXT), pa.scalar("", TEXT))
    return pc.if_else(pc.match_substring_regex(text, "[.e]"), marked, text)


def join_lists(array: pa.Array) -> pa.Array:
    """Lists as one text each, their entries joined by commas; what a column of text is to see of a list."""
    lists = array.cast(TEXTS)
    joined = pc.binary_join(lists, pa.scalar(", ", TEXT))
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, TEXT), joined) if len(joined) else joined


def from_series(series: pd.Series[Any]) -> pa.Array:
    """A pandas column as Arrow; columns of mixed objects become text, lists of anything lists of text.

    Numbers among those texts are marked: see :mod:`smnotebook.values.typed`.
    """
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        array = _from_objects(series.tolist())
    return one_array(array)


def _from_objects(cells: list[Any]) -> pa.Array:
    lists = [list(map(as_typed, cell)) if isinstance(cell, (list, tuple, set, np.ndarray)) else None for cell in cells]
    if any(entry is not None for entry in lists):
        singles = [
            [as_typed(cell)] if entry is None and not _is_missing(cell) else entry
            for cell, entry in zip(cells, lists, strict=True)
        ]
        return pa.array(singles, TEXTS)
    return pa.array([None if _is_missing(cell) else as_typed(cell) for cell in cells], TEXT)


def _is_missing(cell: Any) -> bool:
    return cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and math.isnan(cell))


def coalesce(columns: Sequence[pa.Array]) -> pa.Array:
    """For each row the first of the columns that holds something."""
    return columns[0] if len(columns) == 1 else pc.coalesce(*columns)


def each_distinct(array: pa.Array, read: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
    """Apply ``read`` once to each distinct text: the way for rules that Arrow has no kernel for."""
    encoded = array.dictionary_encode()
    values = pa.array([read(text) for text in encoded.dictionary.to_pylist()], kind)
    return values.take(encoded.indices)


def distinct_texts(array: pa.Array, limit: int = 3) -> Iterable[str]:
    """A few of the distinct texts, for examples."""
    texts: list[str] = pc.unique(array.drop_null().slice(0, 1000)).slice(0, limit).to_pylist()
    return texts
