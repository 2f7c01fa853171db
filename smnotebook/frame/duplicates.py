"""Rows that share a productId: identical ones are a warning, conflicting ones an error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import Rule
from smnotebook.contract.reasons import ReasonCode
from smnotebook.frame.arrow import Positions, positions_where, take_rows, text_bytes, windows
from smnotebook.frame.columns import Binding
from smnotebook.frame.table import CanonicalTable, CellFaults, Column
from smnotebook.frame.text_rules import blanks

__all__ = [
    "ALIKE",
    "CONFLICT",
    "IDENTICAL",
    "cell_codes",
    "compare_ids",
    "differing_groups",
    "find_duplicates",
    "plain_ids",
    "repeated_rows",
]

CONFLICT = Rule(
    name="duplicate_conflict",
    reason_code=ReasonCode.NOT_UNIQUE,
    text="stands in several rows that differ",
    suggestion="Keep one of the rows: fix(duplicates='first') or fix(duplicates='last').",
)
IDENTICAL = Rule(
    name="duplicate_identical",
    reason_code=None,
    severity="warning",
    text="stands in several rows that are identical; one is sent",
    suggestion="Drop the copies, or leave them: they share one outcome.",
)


ALIKE = Rule(
    name="duplicate_alike",
    reason_code=None,
    severity="warning",
    text="differs from another row's only in leading zeros, case or blanks",
    suggestion="Check whether both are one product; a spreadsheet takes leading zeros off.",
)


def find_duplicates(
    table: CanonicalTable, rows: Positions, groups: Positions, alike: Positions
) -> Sequence[tuple[Binding, CellFaults]]:
    """Every row of a group that conflicts, every copy after the first in a group that agrees, and ids nearly the same.

    Parameters
    ----------
    rows, groups, alike : ndarray of int64
        As :func:`compare_ids` tells them.
    """
    ids = next((column for column in table.columns if column.binding.path == "productId"), None)
    if ids is None:
        return []
    found = []
    alike = np.setdiff1d(alike, rows, assume_unique=True)  # a conflict says more
    if len(alike):
        found.append((ids.binding, CellFaults(rule=ALIKE, positions=alike)))
    if len(rows) == 0:
        return found
    differs = differing_groups(table.columns, rows, groups)
    conflict = differs[groups]
    later = np.ones(len(rows), dtype=bool)
    later[np.unique(groups, return_index=True)[1]] = False
    for rule, chosen in ((CONFLICT, conflict), (IDENTICAL, ~conflict & later)):
        if chosen.any():
            found.append((ids.binding, CellFaults(rule=rule, positions=rows[chosen])))
    return found


def repeated_rows(ids: pa.ChunkedArray) -> tuple[Positions, Positions]:
    """Rows whose id occurs more than once, ascending, and their groups; an id of blanks counts as missing."""
    return _repeated(ids, _suspects(ids))


def _repeated(ids: pa.ChunkedArray, suspects: Positions) -> tuple[Positions, Positions]:
    if len(suspects) == 0:
        return suspects, suspects
    encoded = take_rows(ids, suspects).dictionary_encode()
    codes = encoded.indices.to_numpy()
    counts = np.bincount(codes)
    counts[blanks(pa.chunked_array([encoded.dictionary]))] = 0
    repeated = counts[codes] > 1
    groups = np.unique(codes[repeated], return_inverse=True)[1]
    return suspects[repeated], groups.astype(np.int64)


def compare_ids(ids: pa.ChunkedArray) -> tuple[Positions, Positions, Positions]:
    """As :func:`repeated_rows`; and the rows whose id differs from another's only in zeros, case or blanks."""
    suspects = _suspects(ids)
    rows, groups = _repeated(ids, suspects)
    if len(suspects) == 0:
        return rows, groups, suspects
    told = take_rows(ids, suspects)
    keys, names = (texts.dictionary_encode().indices.to_numpy() for texts in (plain_ids(told), told))
    # a key is shared where it stands for more than one id
    pairs = np.unique(np.stack([keys, names]), axis=1)
    is_shared = np.bincount(pairs[0])[keys] > 1
    is_shared[blanks(pa.chunked_array([told]))] = False
    return rows, groups, suspects[is_shared]


def plain_ids(ids: pa.LargeStringArray) -> pa.LargeStringArray:
    """Ids without leading zeros, case and blanks; one of nothing but zeros keeps one."""
    bare = pc.utf8_lower(pc.replace_substring(ids, " ", ""))
    stripped = pc.utf8_ltrim(bare, "0")
    return pc.if_else(pc.and_(pc.equal(stripped, ""), pc.not_equal(bare, "")), "0", stripped)


def _suspects(ids: pa.ChunkedArray) -> Positions:
    """Rows that may share an id, or nearly so.

    Their 64-bit digests are sorted: several times faster than a hash table of texts.
    """
    there = np.flatnonzero(ids.is_valid().to_numpy())
    digests = np.concatenate([np.empty(0, dtype=np.uint64), *map(_digests, ids.chunks)])[there]
    order = np.sort(digests)
    twice = np.unique(order[1:][order[1:] == order[:-1]])
    if len(twice) == 0:
        return np.empty(0, dtype=np.int64)
    # most have other low bits than those few: a table of these asks eight times as fast as a hash table of digests
    low = np.zeros(1 << 16, dtype=bool)
    low[twice.astype(np.uint16)] = True
    likely = np.flatnonzero(low[digests.astype(np.uint16)])
    return there[likely[positions_where(pc.is_in(pa.array(digests[likely]), value_set=pa.array(twice)))]]


_ODD_1, _ODD_2, _ODD_3 = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


def _digests(chunk: pa.LargeStringArray) -> npt.NDArray[np.uint64]:
    """A number for each text, equal for texts that are equal but for leading zeros, case and blanks.

    It is made of the length and the first and last eight bytes. Texts that agree in all of these share a digest without
    being equal: they are compared afterwards. That of a missing text means nothing.
    """
    text, starts, ends = text_bytes(chunk)
    if len(text) and (int(text.max()) >= 0x80 or (text == ord(" ")).any()):
        text, starts, ends = text_bytes(pc.utf8_lower(pc.replace_substring(chunk, " ", "")))
    if len(text) == 0:
        return np.zeros(len(chunk), dtype=np.uint64)
    starts = _behind_zeros(text, starts, ends)
    # eight zero bytes on either side, so that short texts can be read without leaving the buffer
    padded = np.zeros(len(text) + 16, dtype=np.uint8)
    np.bitwise_or(text, 0x20, out=padded[8:-8])  # letters without their case
    words = windows(padded, 8)
    lengths = (ends - starts).astype(np.uint64)
    missing = (8 - np.minimum(lengths, 8)) * 8
    head = words[starts + 8].view(np.uint64) << missing
    tail = words[ends].view(np.uint64) >> missing
    mixed: npt.NDArray[np.uint64] = head * _ODD_1 ^ (tail + lengths) * _ODD_2
    return (mixed ^ (mixed >> np.uint64(29))) * _ODD_3


def _behind_zeros(text: npt.NDArray[np.uint8], starts: Positions, ends: Positions) -> Positions:
    """Where each text begins behind its leading zeros; the last byte stays."""
    rows = np.flatnonzero((text[np.minimum(starts, len(text) - 1)] == ord("0")) & (ends - starts > 1))
    if len(rows) == 0:
        return starts
    behind = starts.copy()
    while len(rows):
        behind[rows] += 1
        rows = rows[(text[behind[rows]] == ord("0")) & (ends[rows] - behind[rows] > 1)]
    return behind


def differing_groups(columns: Sequence[Column], rows: Positions, groups: Positions) -> npt.NDArray[np.bool_]:
    """For each group whether its rows differ in any column."""
    differs = np.zeros(groups.max() + 1, dtype=bool)
    first = np.unique(groups, return_index=True)[1]
    for column in columns:
        codes = cell_codes(column, rows)
        unlike = codes != codes[first[groups]]
        differs[groups[unlike]] = True
    return differs


def cell_codes(column: Column, rows: Positions) -> npt.NDArray[np.int64]:
    """A number for each cell, equal for equal cells; a faulty cell equals none."""
    cells = take_rows(column.values, rows)
    if pa.types.is_large_list(cells.type):
        cells = _joined(cells)
    codes: npt.NDArray[np.int64] = pc.fill_null(cells.dictionary_encode().indices, -1).to_numpy().astype(np.int64)
    for fault in column.faults:
        faulty = np.isin(rows, fault.positions)
        codes[faulty] = -2 - np.flatnonzero(faulty)
    return codes


def _joined(lists: pa.LargeListArray) -> pa.Array:
    """Lists as texts that are equal only where the lists would travel alike: each entry led by its length.

    Missing entries don't travel, nor does an empty list.
    """
    entries = lists.flatten()
    there = entries.is_valid()
    parents = pc.list_parent_indices(lists).filter(there).to_numpy()
    entries = entries.filter(there)
    led = pc.binary_join_element_wise(
        pc.utf8_length(entries).cast(pa.large_string()), entries, pa.scalar(":", entries.type)
    )
    sizes = np.bincount(parents, minlength=len(lists))
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int64())
    return pc.binary_join(pa.LargeListArray.from_arrays(offsets, led), pa.scalar(",", led.type))
