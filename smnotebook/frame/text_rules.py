"""Limits and grammar over a whole column of texts.

Lengths come from the offsets: a text of no more bytes than the limit has no more characters either, so characters are
counted only where bytes exceed it. Grammars run one pattern over the column; what it doesn't prove good is looked at
more closely, once for each distinct text (``contract.grammars``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.damage import NOT_A_VALUE, NULL_AS_TEXT
from smnotebook.contract.fields import Text, advice_rule
from smnotebook.contract.grammars import Grammar
from smnotebook.frame.arrow import Positions, byte_lengths, positions_where, take_rows, text_bytes
from smnotebook.frame.damage import find_damage, null_words
from smnotebook.frame.table import CellFaults

__all__ = ["blanks", "check_texts"]

# Below this many texts, looking at each takes less time than building the pattern, which names every domain.
_FEW = 300

# Most bytes of a character in UTF-8.
_CHARACTER = 4

_NONE: Positions = np.empty(0, dtype=np.int64)


def check_texts(
    values: pa.ChunkedArray, constraint: Text, *, skip: Positions | None = None, required: bool = False
) -> Iterator[CellFaults]:
    """Every rule of a text but its type, at most one error a cell.

    Parameters
    ----------
    skip : ndarray of int64, optional
        Rows that have their finding already.
    required : bool
        Whether a program's word for a missing value is an error.
    """
    if constraint.grammar is None:
        yield from _warn(values, constraint, skip, required=required)
    hard = constraint.rules["length"]
    soft = constraint.rules.get("soft_length")
    limit = constraint.max if constraint.soft is None else min(constraint.soft, constraint.max)
    positions, characters = _long_texts(values, limit, constraint.max)
    too_long = _without(positions[characters > constraint.max], skip)
    bad = _NONE
    if constraint.grammar is not None:
        skip = too_long if skip is None else np.union1d(too_long, skip)
        doubtful = _without(_doubtful(values, constraint.grammar), skip)
        bad = _ungrammatical(values, constraint.grammar, doubtful)
        yield from _advice(values, constraint.grammar, _without(doubtful, bad))
    yield CellFaults(rule=hard, positions=too_long)
    if len(bad):
        yield CellFaults(rule=constraint.rules["grammar"], positions=bad)
    if soft is not None and constraint.soft is not None:
        between = positions[(characters > constraint.soft) & (characters <= constraint.max)]
        yield CellFaults(rule=soft, positions=_without(between, bad))


def _warn(values: pa.ChunkedArray, constraint: Text, skip: Positions | None, *, required: bool) -> Iterator[CellFaults]:
    nothing = null_words(values)
    if len(nothing):
        yield CellFaults(rule=NOT_A_VALUE if required else NULL_AS_TEXT, positions=nothing)
    for fault in find_damage(values, constraint.damage) if constraint.damage else ():
        positions = _without(fault.positions, skip)
        if len(positions):
            yield CellFaults(rule=fault.rule, positions=positions)


def _without(positions: Positions, others: Positions | None) -> Positions:
    if others is None or len(others) == 0 or len(positions) == 0:
        return positions
    return np.setdiff1d(positions, others, assume_unique=True)


def _long_texts(values: pa.ChunkedArray, soft: int, hard: int) -> tuple[Positions, Positions]:
    """Rows whose text has more characters than the first limit, and how many.

    Where the bytes tell on which side of both limits it is, their number stands for that of the characters.
    """
    positions, characters, start = [_NONE], [_NONE], 0
    for block in values.chunks:
        sizes = byte_lengths(block)
        at = np.flatnonzero(sizes > soft)
        if block.null_count:  # a null slot may cover bytes
            at = at[block.is_valid().to_numpy(zero_copy_only=False)[at]]
        if len(at):
            counts = sizes[at]
            unsure = np.flatnonzero((counts <= _CHARACTER * soft) | (counts > hard))
            counts[unsure] = pc.utf8_length(block.take(pa.array(at[unsure]))).to_numpy()
            beyond = counts > soft
            positions.append(at[beyond] + start)
            characters.append(counts[beyond])
        start += len(block)
    return np.concatenate(positions), np.concatenate(characters)


def blanks(values: pa.ChunkedArray) -> Positions:
    """Rows whose text is nothing but blanks, as ``str.strip`` sees them."""
    found, start = [], 0
    for block in values.chunks:
        candidates = _starting_blank(block)
        texts = block.take(pa.array(candidates)).to_pylist()
        at = [at + start for at, text in zip(candidates.tolist(), texts, strict=True) if text and not text.strip()]
        found.append(np.array(at, dtype=np.int64))
        start += len(block)
    return np.concatenate([_NONE, *found])


# First bytes, in UTF-8, of every character that str.strip takes off.
_BLANK_STARTS = np.zeros(256, dtype=bool)
_BLANK_STARTS[[*range(0x09, 0x0E), *range(0x1C, 0x21), 0xC2, 0xE1, 0xE2, 0xE3]] = True


def _starting_blank(block: pa.LargeStringArray) -> Positions:
    """Rows whose text may begin with a blank: a look at one byte each."""
    text, starts, ends = text_bytes(block)
    if len(text) == 0:
        return _NONE
    # a text without bytes has no first one: any byte will do, and what it is must not count
    first = text[np.minimum(starts, len(text) - 1)]
    candidates: Positions = np.flatnonzero(_BLANK_STARTS[first] & (ends > starts))
    return candidates


def _doubtful(values: pa.ChunkedArray, grammar: Grammar) -> Positions:
    """Rows with a text that nothing proves good; what is proven needs no advice either."""
    there = values.is_valid()
    pattern = _pattern(grammar, "good")
    if grammar.words:
        proven = pc.is_in(values, value_set=pa.array(sorted(grammar.words), values.type))
    elif pattern is not None and len(values) >= _FEW:
        # One pattern for the whole column. Until November 2026 texts were proven by comparing bytes with hosts that
        # a sample had shown, in 322 lines. A million addresses of one host took 0.6 of the pattern's CPU that way, of
        # eight hosts 1.4, e-mail addresses 1.5; preflight as a whole takes 1.35 of its CPU with the pattern.
        proven = pc.match_substring_regex(values, pattern)
    else:
        return positions_where(there)
    return positions_where(pc.and_not(there, proven))


def _ungrammatical(values: pa.ChunkedArray, grammar: Grammar, doubtful: Positions) -> Positions:
    """Those of the doubtful rows whose text breaks the grammar."""
    if len(doubtful) == 0:
        return _NONE
    texts = take_rows(values, doubtful).dictionary_encode()
    is_bad = ~_decide(texts.dictionary, grammar)
    bad: Positions = doubtful[is_bad[texts.indices.to_numpy()]]
    return bad


@cache
def _pattern(grammar: Grammar, kind: str) -> str | None:
    build = grammar.surely_good if kind == "good" else grammar.surely_bad
    if build is None:
        return None
    return f"^(?:{build()})$" if kind == "good" else f"^(?:{build()})"


def _decide(texts: pa.LargeStringArray, grammar: Grammar) -> npt.NDArray[np.bool_]:
    """The exact verdict on each text; the plainly bad ones are told by a pattern again."""
    good = np.zeros(len(texts), dtype=bool)
    pattern = _pattern(grammar, "bad")
    open_ones = np.arange(len(texts))
    if pattern is not None:
        open_ones = positions_where(pc.invert(pc.match_substring_regex(texts, pattern)))
    good[open_ones] = [grammar.decide(text) for text in texts.take(pa.array(open_ones)).to_pylist()]
    return good


def _advice(values: pa.ChunkedArray, grammar: Grammar, rows: Positions) -> Iterator[CellFaults]:
    """Warnings about the texts of these rows, worded by the grammar for each distinct text."""
    if grammar.advice is None:
        return
    texts = take_rows(values, rows).dictionary_encode()
    codes = texts.indices.to_numpy()
    for code, text in enumerate(texts.dictionary.to_pylist()):
        if (advice := grammar.advice(text)) is not None:
            yield CellFaults(rule=advice_rule(advice), positions=rows[codes == code])
