"""Columns of any pandas dtype as Arrow arrays, and the small array operations the frame folder shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.types import infer_dtype

from smnotebook.contract.fields import plain_scalar
from smnotebook.values.byte_scan import text_buffer as text_bytes

__all__ = [
    "BLOCK_ROWS",
    "Positions",
    "blank_out",
    "byte_lengths",
    "in_blocks",
    "plain_object",
    "positions_where",
    "raw_cells",
    "take_rows",
    "text_bytes",
    "to_arrow",
    "windows",
    "with_nulls",
]

Positions = npt.NDArray[np.int64]

# What pandas finds in an object column, and Arrow then reads as one type without changing a value. "bytes" is not
# here: Arrow would take them for text.
_UNIFORM = frozenset({"string", "empty", "boolean", "integer", "floating", "decimal"})

# First cells that tell whether it is worth trying to read truth values.
_LOOKED_AT = 8

# Decimals of more digits leave Arrow's comparisons no room; they are read one by one.
_COMPARABLE_DIGITS = 38

#: Rows that are worked on at once: 1 MiB of float64, so that temporaries stay in the processor's cache, and few enough
#: calls that threads seldom wait for each other.
BLOCK_ROWS = 131_072


def to_arrow(series: pd.Series[Any]) -> pa.ChunkedArray | None:
    """The column as Arrow holds it, missing values as null; None for a column of mixed Python objects.

    Nothing is copied where pandas holds Arrow data already. No block is longer than ``BLOCK_ROWS``.
    """
    array = _converted_objects(series) if series.dtype == object else _converted(series)
    if array is None:
        return None
    if pa.types.is_decimal(array.type) and array.type.precision > _COMPARABLE_DIGITS:
        return None
    blocks = [_plain(block) for block in in_blocks(array)]
    return pa.chunked_array(blocks, type=blocks[0].type)


def _converted_objects(series: pd.Series[Any]) -> pa.Array | None:
    """Objects of one type; truth values are told by Arrow alone, which refuses any other among them."""
    if any(isinstance(cell, bool) for cell in series.array[:_LOOKED_AT]):
        flags = _flags(series.to_numpy())
        if flags is None:
            flags = _converted(series, pa.bool_())
        if flags is not None:
            return flags
    return _converted(series) if infer_dtype(series, skipna=True) in _UNIFORM else None


def _flags(cells: npt.NDArray[np.object_]) -> pa.Array | None:
    """True, False and what is missing, told by where these objects are, of which there is one each; None with others.

    Arrow asks each cell for its type, with Python's lock held: 12 ms a million, this takes 2 to 4.
    """
    # an array of objects is one of their addresses, which numpy shows through its interface only
    interface = cells.__array_interface__ | {"typestr": np.dtype(np.intp).str, "descr": [("", np.dtype(np.intp).str)]}
    addresses = np.asarray(SimpleNamespace(__array_interface__=interface))
    is_true = addresses == id(True)  # noqa: FBT003
    is_flag = is_true | (addresses == id(False))  # noqa: FBT003
    if not (is_flag | np.isin(addresses, [id(None), id(np.nan), id(pd.NA)])).all():
        return None
    return pa.array(is_true, mask=~is_flag)


def _converted(series: pd.Series[Any], kind: pa.DataType | None = None) -> pa.Array | None:
    # whether floats hold NaN is asked later, block by block; Arrow takes longer for it
    is_float = isinstance(series.dtype, np.dtype) and series.dtype.kind == "f"
    try:
        return pa.array(series.array, kind, from_pandas=not is_float)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeEncodeError, ArithmeticError, TypeError):
        return None  # halves of surrogate pairs, integers beyond 64 bits, odd decimals, dtypes Arrow doesn't know


def in_blocks(array: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    """The array in blocks of at most ``BLOCK_ROWS``, copying nothing; an empty one as one empty block."""
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    slices = [chunk[start : start + BLOCK_ROWS] for chunk in chunks for start in range(0, len(chunk), BLOCK_ROWS)]
    return slices or [pa.array([], type=array.type)]


def _plain(array: pa.Array) -> pa.Array:
    """Without dictionaries, text with wide offsets, NaN and empty texts as null."""
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_string(array.type) or pa.types.is_string_view(array.type):
        array = array.cast(pa.large_string())
    if pa.types.is_large_string(array.type):
        return _null_where(pc.equal(pc.binary_length(array), 0), array) if _has_empty(array) else array
    if pa.types.is_floating(array.type):
        return _without_nan(_double(array))
    return array


def _double(array: pa.Array) -> pa.Array:
    """As float64. Shorter floats go by their shortest digits: a float32 of 79.99 means 79.99."""
    if array.type == pa.float16():  # Arrow writes all their digits, numpy the shortest
        digits = array.to_numpy(zero_copy_only=False).astype(str).astype(np.float64)
        return pa.array(digits, from_pandas=True)
    return array if array.type == pa.float64() else array.cast(pa.large_string()).cast(pa.float64())


def _without_nan(array: pa.DoubleArray) -> pa.DoubleArray:
    if array.null_count or not len(array):
        return _null_where(pc.is_nan(array), array)
    numbers = np.frombuffer(array.buffers()[1], dtype=np.float64, count=len(array), offset=8 * array.offset)
    return with_nulls(numbers, ~np.isnan(numbers), pa.float64())


def _null_where(mask: pa.BooleanArray, array: pa.Array) -> pa.Array:
    return pc.if_else(mask, pa.scalar(None, array.type), array) if pc.any(mask).as_py() else array


def _has_empty(chunk: pa.LargeStringArray) -> bool:
    empty = byte_lengths(chunk) == 0
    count = int(np.count_nonzero(empty))
    if chunk.null_count == 0 or count == 0 or count > chunk.null_count:
        return count > 0
    if chunk.offset % 8:
        return bool((empty & chunk.is_valid().to_numpy(zero_copy_only=False)).any())
    # bit by bit as Arrow keeps them: making a byte of each takes as long as all else here
    packed = np.packbits(empty, bitorder="little")
    valid = np.frombuffer(chunk.buffers()[0], np.uint8, len(packed), chunk.offset // 8)
    return bool((packed & valid).any())


def byte_lengths(chunk: pa.LargeStringArray) -> Positions:
    """Bytes of each text, read off the offsets without touching the text; null slots give 0 or more."""
    _, offsets, _ = chunk.buffers()
    if offsets is None:
        return np.zeros(len(chunk), dtype=np.int64)
    ends = np.frombuffer(offsets, dtype=np.int64, count=len(chunk) + 1, offset=8 * chunk.offset)
    return ends[1:] - ends[:-1]


def with_nulls(values: npt.NDArray[Any], valid: npt.NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    """Values that lie as the type has them, null where they aren't valid; nothing is copied."""
    missing = len(valid) - int(np.count_nonzero(valid))
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little")) if missing else None
    return pa.Array.from_buffers(kind, len(valid), [bitmap, pa.py_buffer(values)], missing)


def windows(text: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.void]:
    """So many bytes from every position on, copying nothing until some are chosen: as fast as choosing single bytes."""
    first = text[:size].view(f"V{size}")
    return np.lib.stride_tricks.as_strided(first, shape=(len(text) - size + 1,), strides=(1,))


def positions_where(mask: pa.ChunkedArray | pa.Array) -> Positions:
    """Where a mask is true, counted over all chunks; null counts as false."""
    if not len(mask):  # Arrow 24 and older crash on an array without chunks
        return np.empty(0, dtype=np.int64)
    positions: Positions = pc.indices_nonzero(mask).to_numpy().astype(np.int64, copy=False)
    return positions


def take_rows(array: pa.ChunkedArray, positions: Positions) -> pa.Array:
    """The values at ascending positions, one of which may come twice; rows that follow each other are not copied."""
    if len(positions) == 0:
        return pa.array([], array.type)
    first, count = int(positions[0]), len(positions)
    if int(positions[-1]) - first + 1 == count and bool((np.diff(positions) == 1).all()):
        parts = array.slice(first, count).chunks
    else:
        parts = _taken(array, positions)
    return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)


def _taken(array: pa.ChunkedArray, positions: Positions) -> list[pa.Array]:
    """Chunk by chunk: Arrow's own take would put all chunks of a text column together first."""
    ends = np.cumsum([len(chunk) for chunk in array.chunks])
    stops = np.searchsorted(positions, ends).tolist()
    starts = zip([0, *ends.tolist()], [0, *stops], strict=False)
    return [
        chunk.take(pa.array(positions[done:stop] - start))
        for chunk, (start, done), stop in zip(array.chunks, starts, stops, strict=False)
        if stop > done
    ]


@dataclass(frozen=True, slots=True)
class _ArrowCells(Sequence[Any]):
    """Cells of a column that Arrow holds: it never changes, so they need not be copied to stay as they were."""

    column: pa.ChunkedArray
    positions: Positions

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, number: Any) -> pa.Scalar:
        return self.column[int(self.positions[number])]


def raw_cells(series: pd.Series[Any], positions: Positions) -> Any:
    """The analyst's own values at the positions, as they are now: a sequence of some kind."""
    held = getattr(series.array, "__arrow_array__", None)
    if held is not None and series.dtype != object:
        array = held()
        if isinstance(array, pa.ChunkedArray):
            return _ArrowCells(array, positions)
    return series.array[positions]  # take refuses numbers whose bytes are swapped


def blank_out(array: pa.Array, positions: Positions) -> pa.Array:
    """The array with null at the positions."""
    if len(positions) == 0:
        return array
    mask = np.zeros(len(array), dtype=bool)
    mask[positions] = True
    return pc.if_else(pa.array(mask), pa.scalar(None, array.type), array)


def plain_object(cell: Any) -> Any:
    """A cell without its numpy, pandas or Arrow wrapping; missing ones are None."""
    if isinstance(cell, pa.Scalar):
        return cell.as_py()
    if isinstance(cell, np.generic):
        return plain_scalar(cell)
    if isinstance(cell, np.ndarray):
        return cell.tolist()
    return None if cell is pd.NA or cell is pd.NaT else cell
