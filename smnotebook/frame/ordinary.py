"""Texts of a column that are proven good a whole column at a time, without a pattern.

Addresses of one column share few hosts. Where a text begins (or ends) with one that was decided exactly, only the rest
is left to look at, and that by comparisons over all bytes at once: half of what a pattern takes, which is called for
each text. What isn't proven here says nothing about the text; ``text_rules`` looks closer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from smnotebook.contract.grammars import Grammar, Ordinary
from smnotebook.frame.arrow import Positions, take_rows, text_bytes, windows
from smnotebook.frame.odd_bytes import WORD, Bytes, Mask, filled_up, find_odd_bytes, joints, odd_places, plain_bytes

__all__ = ["proven_good", "shared_anchors"]

# Bytes worked on at once: few enough that they stay in the processor's cache and their memory is used again, many
# enough that threads seldom meet between two calls, where one of them would sleep for as long as a call takes.
_PIECE = 4 << 20

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
    if not anchors or len(texts) == 0:
        return np.zeros(len(texts), dtype=bool)
    rows = max(1, len(texts) * _PIECE // max(1, len(text_bytes(texts)[0])))
    pieces = (texts[start : start + rows] for start in range(0, len(texts), rows))
    return np.concatenate([_proven_in_piece(piece, shape, anchors) for piece in pieces])


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some texts, and room on either side for what is read beyond them."""

    inside: Bytes
    starts: Positions
    ends: Positions

    @classmethod
    def of(cls, texts: pa.LargeStringArray, room: int) -> Self:
        inside, starts, ends = text_bytes(texts)
        return cls(filled_up(inside, room), starts + room, ends + room)


def _proven_in_piece(texts: pa.LargeStringArray, shape: Ordinary, anchors: Sequence[bytes]) -> Mask:
    reach = -(-max(map(len, anchors)) // WORD) * WORD
    piece = _Piece.of(texts, reach)
    inside, starts, ends = piece.inside, piece.starts, piece.ends
    held = _rows_by_anchor(piece, anchors, reach, at_end=shape.at_end)
    anchored = np.zeros(len(texts), dtype=np.int64)
    for anchor, rows in held:
        anchored[rows] = len(anchor)
    good = (anchored > 0) & (ends - starts <= shape.max)
    if shape.at_end:  # no anchor stands first, and what does may be no joint
        good &= ~joints(shape)[inside[starts]]
    if shape.escape is not None:
        cut = _cut_escapes(inside, starts[(anchored == 0) & (ends > starts)], shape.escape)
        good[np.searchsorted(ends, cut, side="right")] = False
    at, rows = _odd_in_rests(piece, shape, held, anchored)
    if shape.once is not None:
        ones = np.flatnonzero(inside[at] == ord(shape.once))
        rows = np.delete(rows, ones[np.diff(rows[ones], prepend=-1) > 0])
    good[rows] = False
    return good


def _rows_by_anchor(
    piece: _Piece, anchors: Sequence[bytes], reach: int, *, at_end: bool
) -> list[tuple[bytes, Positions]]:
    """Each anchor, and which texts begin or end with it."""
    begins = piece.ends - reach if at_end else piece.starts
    words = windows(piece.inside, reach)[begins].view(np.uint64).reshape(-1, reach // WORD)
    lengths = piece.ends - piece.starts
    found = [(anchor, _rows_with(words, anchor, at_end=at_end)) for anchor in anchors]
    return [(anchor, rows[lengths[rows] >= len(anchor)]) for anchor, rows in found]


def _rows_with(words: npt.NDArray[np.uint64], anchor: bytes, *, at_end: bool) -> Positions:
    """Rows that begin, or end, with the anchor, eight bytes at a time."""
    place, size = bytes.rjust if at_end else bytes.ljust, words.shape[1] * WORD
    wanted = np.frombuffer(place(anchor, size, b"\0"), dtype=np.uint64)
    masks = np.frombuffer(place(b"\xff" * len(anchor), size, b"\0"), dtype=np.uint64)

    def holding(number: int, rows: Positions | slice) -> Mask:
        same: Mask = (words[rows, number] & masks[number]) == wanted[number]
        return same

    last, *others = np.flatnonzero(masks)[::-1].tolist()  # hosts begin alike more often than they end alike
    rows: Positions = np.flatnonzero(holding(last, slice(None)))
    for number in others:
        rows = rows[holding(number, rows)]
    return rows


def _odd_in_rests(
    piece: _Piece, shape: Ordinary, held: Sequence[tuple[bytes, Positions]], anchored: Positions
) -> tuple[Positions, Positions]:
    """Where odd bytes stand outside of anchors, which are good as a whole; and in which rows."""
    inside, starts, ends = piece.inside, piece.starts, piece.ends
    edges = [ends[rows] - len(anchor) if shape.at_end else starts[rows] for anchor, rows in held]
    known = [
        begins + place for (anchor, _), begins in zip(held, edges, strict=True) for place in odd_places(anchor, shape)
    ]
    if shape.at_end:  # the anchor's first byte, unless the one beside it might be odd, too
        known += [begins[plain_bytes(shape)[inside[begins - 1]]] for begins in edges]
    at = find_odd_bytes(inside, shape, known)
    rows = np.searchsorted(ends, at, side="right")
    # the last byte of an anchor that begins a text is odd only because of the rest's first
    in_rest = at < (ends - anchored)[rows] if shape.at_end else at >= (starts + anchored)[rows] - 1
    in_rest &= (at < ends[rows] - 1) | (inside[at] != ord(shape.before))  # the next text's beginning doesn't count
    return at[in_rest], rows[in_rest]


def _cut_escapes(text: Bytes, starts: Positions, escape: str) -> Positions:
    """Where one of these texts stands right behind an escape's beginning, which its first bytes might complete."""
    before = (starts - np.array([[1], [2]])).ravel()
    cut: Positions = before[text[before] == ord(escape)]
    return cut
