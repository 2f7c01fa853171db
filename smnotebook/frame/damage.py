"""Signs of damage over whole columns: the declaration of ``contract.damage``, and what only a column shows.

A column without damage is passed in a few looks at its bytes: damage shows in control characters, signs and letters
outside ASCII, and only the rows that hold one of these are matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.damage import ID_DAMAGE, NULL_WORDS, Damage
from smnotebook.contract.fields import Rule
from smnotebook.frame.arrow import Positions, byte_lengths, positions_where, take_rows, text_bytes, windows
from smnotebook.frame.table import CellFaults
from smnotebook.values.byte_scan import find_bytes, rows_at
from smnotebook.values.mojibake import twice_encoded

__all__ = ["TWICE_ENCODED", "find_damage", "null_words"]

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

#: Told by the column alone: whether a text was encoded twice is decided by trying to repair it.
TWICE_ENCODED = Rule(
    name="twice_encoded",
    reason_code=None,
    severity="warning",
    text="was encoded twice, so that letters outside ASCII became two or three signs",
    suggestion="Repair it: fix() does; or read the file again with its right encoding.",
)

_NONE: Positions = np.empty(0, dtype=np.int64)

# Bytes of a column's beginning that are looked at for every letter that was encoded twice, also for those that are
# followed by an ordinary letter; where a column shows any, all of it is looked at so.
_SAMPLE = 1 << 20

# Where damage shows. Of letters outside ASCII only some lead bytes count: C2 begins control characters, E2 and EF
# zero-width ones, line separators and the replacement character.
_SIGNS_OF_TEXTS = tuple(b"&<")
_SIGNS_OF_IDS = tuple(b"'\"+=")
_LEADS = (0xC2, 0xE2, 0xEF)


def find_damage(values: pa.ChunkedArray, damage: Sequence[Damage]) -> Iterator[CellFaults]:
    """Every sign of damage that the texts show, a rule each."""
    are_ids = damage is ID_DAMAGE
    rows, start, is_doubled = [_NONE], 0, False
    for number, block in enumerate(values.chunks):
        text, starts, ends = text_bytes(block)
        odd = find_bytes(text, below=0x20, signs=_SIGNS_OF_IDS if are_ids else _SIGNS_OF_TEXTS, leads=_LEADS)
        found = rows_at(_telling(text, odd), ends)
        if are_ids:
            found = np.union1d(found, _odd_ids(text, starts, ends))
        else:
            sample = text[:_SAMPLE] if number == 0 else text[:0]
            is_doubled = is_doubled or bool(_follows_half(text, odd).any() or len(_doubled_letters(sample)))
        rows.append(found + start)
        start += len(block)
    yield from _matching(values, np.concatenate(rows), damage)
    if is_doubled:
        yield from _twice_encoded(values)


def _twice_encoded(values: pa.ChunkedArray) -> Iterator[CellFaults]:
    suspects, start = [_NONE], 0
    for block in values.chunks:
        text, _, ends = text_bytes(block)
        suspects.append(rows_at(_doubled_letters(text), ends) + start)
        start += len(block)
    rows = np.concatenate(suspects)
    wrong = twice_encoded(take_rows(values, rows))
    if wrong.any():
        yield CellFaults(rule=TWICE_ENCODED, positions=rows[wrong])


def _matching(values: pa.ChunkedArray, rows: Positions, damage: Sequence[Damage]) -> Iterator[CellFaults]:
    if len(rows) == 0:
        return
    texts = take_rows(values, rows)
    for kind in damage:
        found = positions_where(pc.match_substring_regex(texts, kind.pattern))
        if len(found):
            yield CellFaults(rule=kind.rule, positions=rows[found])


def _telling(text: Bytes, odd: Positions) -> Positions:
    """Without letters that only begin as a zero-width character or another sign of damage does."""
    if len(odd) == 0:
        return odd
    first, second, third = (text[np.minimum(odd + ahead, len(text) - 1)] for ahead in range(3))
    is_letter = (first == 0xC2) & (second != 0xA0) & (second != 0xAD) & (second >= 0xA0)
    is_letter |= (first == 0xE2) & (((second != 0x80) & (second != 0x81)) | ((second == 0x80) & _DASHES[third]))
    telling: Positions = odd[~is_letter]
    return telling


# Third bytes of dashes, quotes, bullets and the ellipsis, U+2010 to U+2027, which every language uses.
_DASHES = np.zeros(256, dtype=bool)
_DASHES[0x90:0xA8] = True


def _follows_half(text: Bytes, odd: Positions) -> Mask:
    """Whether what stands there comes right behind the first half of a letter that was encoded twice."""
    at = odd[odd >= 2]
    at = at[text[at] >= 0x80]
    follows: Mask = _HALVES[text[at - 2].astype(np.uint16) << 8 | text[at - 1]]
    return follows


def _doubled_letters(text: Bytes) -> Positions:
    """Where the first half of a letter begins that was encoded twice: Ã, Ä, Å, Â, â, Î, Ï, Ð, Ñ, Ă and Ĺ."""
    leads = find_bytes(text, leads=(0xC3, 0xC4))
    leads = leads[leads < len(text) - 1]
    halves: Positions = leads[_HALVES[text[leads].astype(np.uint16) << 8 | text[leads + 1]]]
    return halves


_HALVES = np.zeros(1 << 16, dtype=bool)
_HALVES[[int.from_bytes(letter.encode()) for letter in "ÃÄÅÂâÎÏÐÑĂĹ"]] = True


def _odd_ids(text: Bytes, starts: Positions, ends: Positions) -> Positions:
    """Ids with a blank at an end, a point before their last digits, or the marks of a date in their places."""
    has_blank, has_point, has_dash = ((text == sign).any() for sign in b" .-")
    if not (has_blank or has_point or has_dash or (text == ord("/")).any()):
        return _NONE
    padded = np.zeros(len(text) + 16, dtype=np.uint8)
    padded[8:-8] = text
    words = windows(padded, 8)
    head, tail = (words[places].view(np.uint8).reshape(-1, 8) for places in (starts + 8, ends))
    odd = (head[:, 0] == ord(" ")) | (tail[:, 7] == ord(" "))
    if has_point:
        odd |= (tail[:, 6] == ord(".")) | (tail[:, 5] == ord("."))
    if has_dash:
        odd |= (tail[:, 5] == ord("-")) | (head[:, 1] == ord("-")) | (head[:, 2] == ord("-"))
        odd |= (head[:, 4] == ord("-")) & (head[:, 7] == ord("-"))
    odd |= (tail[:, 3] == ord(".")) | (tail[:, 3] == ord("/"))
    return np.flatnonzero(odd & (ends > starts))


def null_words(values: pa.ChunkedArray) -> Positions:
    """Rows whose text is a program's word for a missing value."""
    words = pa.array(NULL_WORDS, pa.large_string())
    sizes = sorted({len(word) for word in NULL_WORDS})
    found, start = [_NONE], 0
    for block in values.chunks:
        lengths = byte_lengths(block)
        at = np.flatnonzero((lengths >= sizes[0]) & (lengths <= sizes[-1]))
        if len(at):
            text, starts, _ = text_bytes(block)
            at = at[_BEGINS_NULL[text[starts[at]]]]
            found.append(at[positions_where(pc.is_in(block.take(pa.array(at)), value_set=words))] + start)
        start += len(block)
    return np.concatenate(found)


_BEGINS_NULL = np.zeros(256, dtype=bool)
_BEGINS_NULL[[ord(word[0]) for word in NULL_WORDS]] = True
