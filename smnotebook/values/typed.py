"""Numbers that were typed as such, kept apart from texts where both stand in one column of text.

A file or a frame may hold the number 1.25 beside the text ``1.500``. Such a column becomes text, and each number with a
fraction gets a mark behind it that no real text has: readers of amounts then know it for what it is, and everybody else
takes it off. Whole numbers need none: digits alone can be read in one way only.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.byte_scan import text_buffer

__all__ = ["TYPED", "as_typed", "find_typed", "unmarked"]

#: A noncharacter of the last plane: Unicode keeps it for uses inside a program.
TYPED = "\U0010fffe"

_TEXT = pa.large_string()
_FIRST_BYTE = TYPED.encode()[:1]
_PIECE = 1 << 18
_NUMBER = rf"^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?{TYPED}$"


def as_typed(number: Any) -> str:
    """The text of a number, marked where it has a fraction; of anything else its text.

    A Decimal with more digits than a float holds goes without a mark: it is read digit by digit.
    """
    text = str(number)
    is_number = isinstance(number, (float, np.floating, Decimal)) and math.isfinite(number)
    if not is_number or text.lstrip("-").isdigit():
        return text
    return text if isinstance(number, Decimal) and Decimal(repr(float(number))) != number else text + TYPED


def find_typed(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Where a text is a typed number."""
    if not _has_marks(texts):
        return np.zeros(len(texts), dtype=bool)
    found: npt.NDArray[np.bool_] = (
        pc.match_substring_regex(texts, _NUMBER)
        .fill_null(False)  # noqa: FBT003 - Arrow's own
        .to_numpy(zero_copy_only=False)
        .astype(bool)
    )
    return found


def unmarked(column: pa.Array) -> pa.Array:
    """The column, texts or lists of texts, without marks; the same array where it has none."""
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        entries = column.flatten()
        bare = unmarked(entries)
        if bare is entries:
            return column
        offsets = np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(column), 0).to_numpy())])
        return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), bare.cast(_TEXT), mask=column.is_null())
    return pc.replace_substring(column, TYPED, "") if _has_marks(column) else column


def _has_marks(texts: pa.Array) -> bool:
    if not pa.types.is_string(texts.type) and not pa.types.is_large_string(texts.type):
        return False
    content = text_buffer(texts.cast(_TEXT))[0]
    # a search in bytes is many times faster than one in an array, even with the copy that it needs
    return any(_FIRST_BYTE in content[at : at + _PIECE].tobytes() for at in range(0, len(content), _PIECE))
