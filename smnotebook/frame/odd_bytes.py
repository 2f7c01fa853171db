"""Where the bytes of a column's texts are out of the ordinary.

Each pair of bytes is looked up in a table of all pairs there are, which Arrow does in one call a piece. Comparing with
each range of characters in turn took sixteen, and in two threads twice as long, since they met between the calls.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.grammars import Ordinary, Ranges
from smnotebook.frame.arrow import Positions, windows

__all__ = ["WORD", "Bytes", "Mask", "filled_up", "find_odd_bytes", "joints", "odd_places", "plain_bytes"]

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

# Bytes looked at from a suspicious pair on: the pair, and the digits that may follow it.
_AHEAD = 4

#: Bytes that numpy compares as one number.
WORD = 8

# Plain in every grammar, no joint and no digit.
_FILLER = ord("x")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    """What is known of a byte by its value, and of two by the value they have as a number, the first one lowest.

    Attributes
    ----------
    plain : ndarray of bool, shape (256,)
        Whether a byte is never odd, whatever follows.
    is_odd : ndarray of bool, shape (65536,)
        Whether the first of two bytes is, unless it begins an escape.
    codes : UInt8Array of 65536
        Bits: what a pair is by itself, or could be together with the next one, and what that would have to be.
    """

    plain: Mask
    is_odd: Mask
    codes: pa.UInt8Array


# A pair has the bit of a cause; it is suspect when the next one has the bit above it.
_ODD, _BEFORE, _JOINT, _BEGUN, _NO_DIGIT, _ESCAPE, _NO_DIGITS = 1, 2, 4, 8, 16, 32, 64
_CAUSES = _BEFORE | _BEGUN | _ESCAPE


@cache
def _tables(shape: Ordinary) -> _Tables:
    odd, joint, byte = ~_within(shape.plain), joints(shape), np.arange(256)
    before = byte == ord(shape.before)
    escape = byte == (ord(shape.escape) if shape.escape else -1)
    second, first = np.divmod(np.arange(1 << 16), 1 << 8)
    is_odd = odd[first] | (before[first] & joint[second])
    bits = {
        _ODD: (is_odd & ~(escape[first] & _DIGIT[second])) | (odd & ~escape)[second],
        _BEFORE: before[second],
        _JOINT: joint[first],
        _BEGUN: escape[first],
        _NO_DIGIT: ~_DIGIT[first],
        _ESCAPE: escape[second],
        _NO_DIGITS: ~(_DIGIT[first] & _DIGIT[second]),
    }
    codes = np.sum([bit * where.astype(np.uint8) for bit, where in bits.items()], axis=0)
    return _Tables(plain=~(odd | before), is_odd=is_odd, codes=pa.array(codes, pa.uint8()))


@cache
def joints(shape: Ordinary) -> Mask:
    """Which bytes may not follow ``before``, nor stand first."""
    return _within(shape.joints)


def plain_bytes(shape: Ordinary) -> Mask:
    """Which bytes are never odd, whatever follows."""
    return _tables(shape).plain


def _within(ranges: Ranges) -> Mask:
    table = np.zeros(256, dtype=bool)
    for first, last in ranges:
        table[ord(first) : ord(last) + 1] = True
    return table


_DIGIT = np.zeros(256, dtype=bool)
_DIGIT[list(string.hexdigits.encode())] = True
# Two bytes as a number: whether both are hexadecimal digits.
_DIGITS = np.logical_and.outer(_DIGIT, _DIGIT).ravel()


@lru_cache(maxsize=64)
def odd_places(anchor: bytes, shape: Ordinary) -> tuple[int, ...]:
    """Where odd bytes stand in an anchor, so far from its ends that whatever is beside them is a part of it, too."""
    is_odd = _tables(shape).is_odd
    return tuple(at for at in range(1, len(anchor) - 2) if is_odd[anchor[at] | anchor[at + 1] << 8])


def filled_up(text: Bytes, room: int) -> Bytes:
    """The bytes with at least so many others on either side, a multiple of eight; nothing is odd because of these."""
    filled = np.full(2 * room + len(text) + len(text) % 2, _FILLER, dtype=np.uint8)
    filled[room : room + len(text)] = text
    return filled


def find_odd_bytes(text: Bytes, shape: Ordinary, known: Iterable[Positions]) -> Positions:
    """Where a byte stands that no rest may hold just so, or ``before`` with a joint right behind it; ascending.

    An escape with its digits behind it is none.

    Parameters
    ----------
    text : ndarray of uint8
        As :func:`filled_up` gives it.
    known : iterable of ndarray of int64
        Places that may be left out, together with the bytes beside them.
    """
    suspect = _suspect_pairs(text.view("<u2"), _tables(shape))
    for places in known:
        suspect[places >> 1] = 0
    return _odd_of_pairs(text, 2 * _where(suspect), shape)


def _suspect_pairs(pairs: npt.NDArray[np.uint16], tables: _Tables) -> Bytes:
    """Not zero where a pair holds an odd byte."""
    codes = pc.take(tables.codes, pa.array(pairs), boundscheck=False).to_numpy()
    suspect = np.zeros(len(codes), dtype=np.uint8)
    np.right_shift(codes[1:], 1, out=suspect[:-1])
    suspect &= _CAUSES
    suspect |= _ODD
    suspect &= codes
    return suspect


def _where(marks: Bytes) -> Positions:
    """Where marks are not zero, which few are: eight are looked at together."""
    whole = len(marks) // WORD * WORD
    eights = marks[:whole].view(np.uint64)
    at = np.flatnonzero(eights != 0)
    inside = np.flatnonzero(eights[at].view(np.uint8) != 0)
    return np.concatenate([at[inside >> 3] * WORD + (inside & 7), whole + np.flatnonzero(marks[whole:])])


def _odd_of_pairs(text: Bytes, at: Positions, shape: Ordinary) -> Positions:
    """Which bytes of the pairs at these places are odd."""
    if len(at) == 0:
        return at
    is_odd = _tables(shape).is_odd
    four = windows(text, _AHEAD)[at].view("<u4")
    second = (four >> 8).astype(np.uint16)
    is_first, is_second = is_odd[four.astype(np.uint16)], is_odd[second]
    if shape.escape is not None:
        escape = ord(shape.escape)
        is_first &= (four.astype(np.uint8) != escape) | ~_DIGITS[second]
        is_second &= (second.astype(np.uint8) != escape) | ~_DIGITS[(four >> 16).astype(np.uint16)]
    left = np.flatnonzero(is_first | is_second)
    both = np.stack([is_first[left], is_second[left]], axis=1)
    return (at[left, None] + np.arange(2))[both]
