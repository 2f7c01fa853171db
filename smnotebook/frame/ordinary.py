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
from smnotebook.frame.arrow import Positions, take_rows, text_bytes

__all__ = ["proven_good", "shared_anchors"]

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

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
    inside, starts, ends = text_bytes(texts)
    if len(inside) == 0 or not anchors:
        return np.zeros(len(texts), dtype=bool)
    odd = _odd_bytes(inside, shape)
    good = _hold_an_anchor(texts, shape, anchors, odd)
    good &= ends - starts <= shape.max
    if shape.at_end:  # no anchor stands first, and what does may be no joint
        first, no_joint = inside[np.minimum(starts, len(inside) - 1)], np.empty(len(texts), dtype=bool)
        _outside(first, shape.joints, no_joint, _Scratch(len(texts)))
        good &= no_joint
    at = np.flatnonzero(odd)
    if shape.escape is not None and (whole := _whole_escapes(inside, at, shape.escape)).any():
        at = at[~whole]
        for place in (1, 2):  # an escape that the next text would complete
            good &= inside[np.maximum(ends - place, 0)] != ord(shape.escape)
    rows = np.searchsorted(ends, at, side="right")
    if shape.once is not None:
        ones = np.flatnonzero(inside[at] == ord(shape.once))
        rows = np.delete(rows, ones[np.diff(rows[ones], prepend=-1) > 0])
    good[rows] = False
    return good


def _hold_an_anchor(texts: pa.LargeStringArray, shape: Ordinary, anchors: Sequence[bytes], odd: Mask) -> Mask:
    """Which texts begin, or end, with an anchor. It is good as a whole: what was odd in it no longer is."""
    _, starts, ends = text_bytes(texts)
    held = np.zeros(len(texts), dtype=bool)
    if texts.null_count:
        _, offsets, content = texts.buffers()
        texts = pa.LargeStringArray.from_buffers(len(texts), offsets, content, null_count=0, offset=texts.offset)
    has_it = pc.ends_with if shape.at_end else pc.starts_with
    for anchor in anchors:
        rows = np.flatnonzero(has_it(texts, pattern=anchor.decode()).to_numpy(zero_copy_only=False))
        begins = ends[rows] - len(anchor) if shape.at_end else starts[rows]
        for place in np.flatnonzero(_odd_bytes(np.frombuffer(anchor, dtype=np.uint8), shape)).tolist():
            odd[begins + place] = False
        held[rows] = True
        if len(rows) == len(texts):
            break
    return held


def _whole_escapes(text: Bytes, at: Positions, escape: str) -> Mask:
    """At which positions an escape stands with its two digits behind it."""
    whole: Mask = text[at] == ord(escape)
    for place in (1, 2):
        digits = text[np.minimum(at + place, len(text) - 1)]
        # what lies below 0 or a wraps around to far above 9 or f
        whole &= (digits - ord("0") <= 9) | ((digits | 0x20) - ord("a") <= 5)
    return whole


def _odd_bytes(text: Bytes, shape: Ordinary) -> Mask:
    """Where a byte stands that no rest may hold just so, or ``before`` with a joint right behind it."""
    odd = np.empty(len(text), dtype=bool)
    scratch = _Scratch(min(len(text), _PIECE + 1))
    for start in range(0, len(text), _PIECE):
        # a byte more, so that what two pieces share is seen; the next piece marks it anew
        _mark_odd(text[start : start + _PIECE + 1], shape, odd[start : start + _PIECE + 1], scratch)
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
