"""Where certain bytes stand in a column's texts: a few looks at the buffer, many times faster than at each text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["byte_range", "find_bytes", "holds_pairs", "rows_at", "text_buffer"]

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]

_NONE: Positions = np.empty(0, dtype=np.int64)

# Bytes looked at in one go: together with two masks they stay in the processor's cache.
_PIECE = 1 << 17


def text_buffer(texts: pa.LargeStringArray) -> tuple[Bytes, Positions, Positions]:
    """The bytes of all texts in a row, and where each text begins and ends; a null slot may cover some, too."""
    _, offsets, content = texts.buffers()
    if content is None or len(texts) == 0:
        return np.empty(0, dtype=np.uint8), np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
    bounds = np.frombuffer(offsets, dtype=np.int64, count=len(texts) + 1, offset=8 * texts.offset)
    first, last = int(bounds[0]), int(bounds[-1])
    return np.frombuffer(content, dtype=np.uint8)[first:last], bounds[:-1] - first, bounds[1:] - first


def byte_range(texts: pa.Array) -> tuple[int, int]:
    """The lowest and the highest byte of all texts together; 255 and 0 where they hold none.

    The quickest look of all: most columns hold printable ASCII and nothing else, and need no other.
    """
    inside, _, _ = text_buffer(texts.cast(pa.large_string()))
    pieces = [inside[begin : begin + _PIECE] for begin in range(0, len(inside), _PIECE)]
    return min((int(piece.min()) for piece in pieces), default=255), max((int(p.max()) for p in pieces), default=0)


def holds_pairs(texts: pa.Array, pairs: Sequence[bytes]) -> bool:
    """Whether one of these pairs of bytes stands anywhere in the texts; it may be said of two texts that meet."""
    inside, _, _ = text_buffer(texts.cast(pa.large_string()))
    firsts = {pair[0]: [other[1] for other in pairs if other[0] == pair[0]] for pair in pairs}
    for begin in range(0, len(inside), _PIECE):
        piece = inside[begin : begin + _PIECE + 1]
        for first, seconds in firsts.items():
            behind = piece[1:][piece[:-1] == first]
            if any((behind == second).any() for second in seconds):
                return True
    return False


def find_bytes(text: Bytes, *, below: int = 0, signs: Sequence[int] = (), leads: Sequence[int] = ()) -> Positions:
    """Where bytes stand that are below a number, or one of some; ascending.

    Parameters
    ----------
    signs : sequence of int
        Bytes of ASCII.
    leads : sequence of int
        First bytes of letters outside ASCII.
    """
    found = [_NONE]
    mask, other = np.empty(_PIECE, dtype=bool), np.empty(_PIECE, dtype=bool)
    for begin in range(0, len(text), _PIECE):
        piece = text[begin : begin + _PIECE]
        wanted = signs if not leads or int(piece.max()) < 0x80 else (*signs, *leads)
        if not wanted and int(piece.min()) >= below:
            continue
        here, there = mask[: len(piece)], other[: len(piece)]
        np.less(piece, below, out=here)
        for byte in wanted:
            np.logical_or(here, np.equal(piece, byte, out=there), out=here)
        if here.any():
            found.append(np.flatnonzero(here) + begin)
    return np.concatenate(found)


def rows_at(places: Positions, ends: Positions) -> Positions:
    """The rows that hold these bytes, each once."""
    if len(places) == 0:
        return _NONE
    rows = np.searchsorted(ends, places, side="right")
    return rows[np.diff(rows, prepend=-1) > 0]
