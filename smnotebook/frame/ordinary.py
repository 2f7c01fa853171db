"""Texts of a column that are proven good a whole column at a time, without a pattern.

Addresses of one column share few hosts. Where a text begins (or ends) with one that was decided exactly, only the rest
is left to look at, and that by comparisons over all bytes at once: half of what a pattern takes, which is called for
each text. What isn't proven here says nothing about the text; ``text_rules`` looks closer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.grammars import Grammar, Ordinary, Ranges
from smnotebook.frame.arrow import take_rows, text_bytes

__all__ = ["proven_good", "shared_anchors"]

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_IS_HEX = np.isin(np.arange(256), np.frombuffer(b"0123456789abcdefABCDEF", dtype=np.uint8))

# Bytes worked on at once: with the masks beside them they stay in the second-level cache, and the threads change
# hands less often than with smaller ones.
_PIECE = 1 << 19

# Texts looked at to find the anchors, and how many anchors are tried at most: each costs a look at every text.
_SAMPLE = 128
_ANCHORS = 8


def shared_anchors(values: pa.ChunkedArray, grammar: Grammar) -> list[bytes]:
    """The good anchors that stand most often in a sample of a column; none for a grammar without."""
    shape = grammar.ordinary
    if shape is None:
        return []
    rows = np.linspace(0, len(values) - 1, min(_SAMPLE, len(values)), dtype=np.int64)
    found = [shape.anchor.search(text) for text in take_rows(values, rows).to_pylist() if text]
    anchors = [anchor for anchor, _ in Counter(match[0] for match in found if match).most_common(_ANCHORS)]
    return [anchor.encode() for anchor in anchors if grammar.decide(f"a{anchor}" if shape.at_end else f"{anchor}a")]


def proven_good(texts: pa.LargeStringArray, shape: Ordinary, anchors: Sequence[bytes]) -> Mask:
    """Which texts are good beyond doubt; false where that isn't known.

    Parameters
    ----------
    texts : LargeStringArray
        A missing one counts as the text that its slot covers, mostly an empty one.
    shape : Ordinary
        What an ordinary text of the grammar looks like.
    anchors : sequence of bytes
        Anchors that were decided to be good (:func:`shared_anchors`).
    """
    good = np.zeros(len(texts), dtype=bool)
    inside, starts, ends = text_bytes(texts)
    if len(inside) == 0 or not anchors:
        return good
    odd = _odd_bytes(inside, shape)
    if texts.null_count:
        _, offsets, content = texts.buffers()
        texts = pa.LargeStringArray.from_buffers(len(texts), offsets, content, null_count=0, offset=texts.offset)
    has_it = pc.ends_with if shape.at_end else pc.starts_with
    for anchor in anchors:
        rows = np.flatnonzero(has_it(texts, pattern=anchor.decode()).to_numpy(zero_copy_only=False))
        begins = ends[rows] - len(anchor) if shape.at_end else starts[rows]
        for place in np.flatnonzero(_odd_bytes(np.frombuffer(anchor, dtype=np.uint8), shape)).tolist():
            odd[begins + place] = False  # the anchor is good as a whole, whatever stands in it
        good[rows] = True
        if len(rows) == len(texts):
            break
    good &= ends - starts <= shape.max
    first, no_joint = inside[np.minimum(starts, len(inside) - 1)], np.empty(len(texts), dtype=bool)
    _outside(first, shape.joints, no_joint, _Scratch(len(texts)))
    good &= no_joint
    if shape.escape is not None:
        for place in (1, 2):  # an escape that the next text would complete
            good &= inside[np.maximum(ends - place, 0)] != ord(shape.escape)
    if shape.once is not None:
        holders = np.searchsorted(ends, np.flatnonzero(inside == ord(shape.once)), side="right")
        good[holders[1:][holders[1:] == holders[:-1]]] = False
    good[np.searchsorted(ends, np.flatnonzero(odd), side="right")] = False
    return good


def _odd_bytes(text: Bytes, shape: Ordinary) -> Mask:
    """Where a byte stands that no rest may hold, ``before`` with a joint right behind it, or half an escape."""
    odd = np.empty(len(text), dtype=bool)
    scratch = _Scratch(min(len(text), _PIECE + 2))
    for start in range(0, len(text), _PIECE):
        # two bytes more, so that what two pieces share is seen; the next piece marks these two anew
        _mark_odd(text[start : start + _PIECE + 2], shape, odd[start : start + _PIECE + 2], scratch)
    return odd


class _Scratch:
    """Room for what is worked out beside a piece, asked for once: new memory costs more than the work."""

    def __init__(self, size: int) -> None:
        self.shifted = np.empty(size, dtype=np.uint8)
        self.mask, self.joint = np.empty(size, dtype=bool), np.empty(size, dtype=bool)


def _mark_odd(text: Bytes, shape: Ordinary, odd: Mask, scratch: _Scratch) -> None:
    before, no_joint = scratch.mask[: len(text)], scratch.joint[: len(text)]
    _outside(text, shape.plain, odd, scratch)
    _outside(text, shape.joints, no_joint, scratch)
    np.equal(text, ord(shape.before), out=before)
    np.greater(before[:-1], no_joint[1:], out=before[:-1])
    np.logical_or(odd[:-1], before[:-1], out=odd[:-1])
    if shape.escape is not None:
        np.equal(text, ord(shape.escape), out=before)
        at = np.flatnonzero(before)
        odd[at] = True
        at = at[at < len(text) - 2]
        odd[at] = ~(_IS_HEX[text[at + 1]] & _IS_HEX[text[at + 2]])


def _outside(text: Bytes, ranges: Ranges, result: Mask, scratch: _Scratch) -> None:
    """Where a byte lies in none of the ranges."""
    shifted, mask = scratch.shifted[: len(text)], scratch.mask[: len(text)]
    for number, (first, last) in enumerate(ranges):
        target = mask if number else result
        if first == last:
            np.not_equal(text, ord(first), out=target)
        else:  # what lies below the range wraps around to above it: one comparison for both ends
            np.subtract(text, ord(first), out=shifted)
            np.greater(shifted, ord(last) - ord(first), out=target)
        if number:
            np.logical_and(result, mask, out=result)
