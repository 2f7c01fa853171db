"""Columns to JSON text, a whole block at a time: one JSON object a row, built by joining column fragments.

No Python object is made for a cell. A row's text depends on its values alone (declared order, amounts with two
decimals, missing cells left out), so equal products have equal bytes whatever the frame looked like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.records import declared_fields
from smnotebook.frame.arrow import Positions, byte_lengths, take_rows, text_bytes
from smnotebook.frame.table import CanonicalTable, Column

__all__ = ["encode_rows", "json_texts"]

_TEXT = pa.large_string()


def encode_rows(table: CanonicalTable, positions: Positions, *, clear: Sequence[str] = ()) -> pa.LargeStringArray:
    """The rows at ascending positions as JSON objects.

    Parameters
    ----------
    clear : sequence of str
        Fields (details by their path, ``customDetails.detail1``) whose missing cells clear what is stored: they are
        named in ``setAsNull``.
    """
    fragments = [value.named(name) for name, value in _members(table, positions)]
    if cleared := _cleared(table, positions, clear):
        fragments.append(_surround("[", _join(cleared), "]").named("setAsNull"))
    return _surround("{", _join(fragments), "}", keep_empty=True).write()


def _members(table: CanonicalTable, positions: Positions) -> Iterable[tuple[str, _Fragment]]:
    """Each top-level member's name and JSON value."""
    groups: dict[str, list[Column]] = defaultdict(list)
    for column in table.columns:
        if column.binding.constraint is not None:
            groups[column.binding.field.partition(".")[0]].append(column)
    rank = {field.name: number for number, field in enumerate(declared_fields(table.model))}
    for name in dict.fromkeys(path.partition(".")[0] for path in rank):
        if columns := groups.get(name):
            yield name, _value(columns, rank, positions)


def _value(columns: Sequence[Column], rank: dict[str, int], positions: Positions) -> _Fragment:
    """The JSON value that one or several columns make up."""
    first = columns[0].binding
    if first.number is not None:
        entries = sorted(columns, key=lambda column: column.binding.number or 0)
        return _surround("[", _join([_json(column, positions) for column in entries]), "]")
    if first.detail is not None:
        named = {column.binding.detail or "": column for column in columns}
        return _object([(name, named[name]) for name in sorted(named)], positions)
    if "." in first.field:
        nested = sorted(columns, key=lambda column: rank[column.binding.field])
        return _object([(column.binding.field.partition(".")[2], column) for column in nested], positions)
    return _json(columns[0], positions)


def _object(members: Sequence[tuple[str, Column]], positions: Positions) -> _Fragment:
    return _surround("{", _join([_json(column, positions).named(name) for name, column in members]), "}")


def _json(column: Column, positions: Positions) -> _Fragment:
    """A column's cells as JSON values."""
    cells = take_rows(column.values, positions)
    if pa.types.is_large_list(cells.type):
        return _json_lists(cells)
    if pa.types.is_large_string(cells.type):
        return _Fragment('"', _escape(cells), '"')
    return _Fragment("", cells.cast(_TEXT), "")


def _json_lists(cells: pa.LargeListArray) -> _Fragment:
    entries = json_texts(cells.flatten())
    parents = pc.list_parent_indices(cells).to_numpy()[entries.is_valid().to_numpy(zero_copy_only=False)]
    sizes = np.bincount(parents, minlength=len(cells))
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int64())
    return _surround(
        "[", pc.binary_join(pa.LargeListArray.from_arrays(offsets, entries.drop_null()), pa.scalar(",", _TEXT)), "]"
    )


def json_texts(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """Texts as JSON strings, null where missing."""
    return _Fragment('"', _escape(cells), '"').write()


# What JSON text can't hold raw, and what it writes instead; the backslash first, since the others bring new ones.
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    content, _, _ = text_bytes(cells)
    has_controls = bool((content < 0x20).any())
    for character, escape in _ESCAPES.items():
        if (has_controls or character >= " ") and (content == ord(character)).any():
            cells = pc.replace_substring(cells, character, escape)
    if has_controls and ((content < 0x20) & (content != 0x0A) & (content != 0x0D) & (content != 0x09)).any():
        # other control characters: rows that hold them are rare, so each is written by itself
        return pa.array([_escape_controls(text) for text in cells.to_pylist()], _TEXT)
    return cells


def _escape_controls(text: str | None) -> str | None:
    if text is None or text.isprintable():
        return text
    return "".join(f"\\u{ord(c):04x}" if c < " " else c for c in text)


@dataclass(frozen=True, slots=True)
class _Fragment:
    """Texts and what stands around each; null stays null. Put together as late as can be, since that copies all."""

    before: str
    texts: pa.LargeStringArray
    after: str

    def named(self, name: str) -> _Fragment:
        """As the member of an object."""
        return replace(self, before=f"{orjson.dumps(name).decode()}:{self.before}")

    def write(self) -> pa.LargeStringArray:
        """The whole texts."""
        around = (pa.scalar(self.before, _TEXT), self.texts, pa.scalar(self.after, _TEXT), pa.scalar("", _TEXT))
        return pc.binary_join_element_wise(*around) if self.before or self.after else self.texts


def _join(fragments: Sequence[_Fragment]) -> pa.LargeStringArray:
    """The fragments that are there, parted by commas; an empty text where none is."""
    # Arrow drops a row whose arguments are all null (seen with release 26), so such a row gets an empty text to join
    first, *others = (fragment.write() for fragment in fragments)
    if first.null_count:
        filled = first.is_valid()
        for fragment in others:
            filled = pc.or_(filled, fragment.is_valid())
        first = pc.if_else(filled, first, pa.scalar("", _TEXT))
    return pc.binary_join_element_wise(first, *others, pa.scalar(",", _TEXT), null_handling="skip")


def _surround(before: str, texts: pa.LargeStringArray, after: str, *, keep_empty: bool = False) -> _Fragment:
    """Brackets around each text, null where it is empty."""
    if not keep_empty and (empty := byte_lengths(texts) == 0).any():
        texts = pc.if_else(pa.array(empty), pa.scalar(None, _TEXT), texts)
    return _Fragment(before, texts, after)


def _cleared(table: CanonicalTable, positions: Positions, clear: Sequence[str]) -> list[_Fragment]:
    """For each field to clear its quoted name, where the row has no value."""
    fragments = []
    for column in table.columns:
        if column.binding.path in clear:
            quoted = pa.scalar(orjson.dumps(column.binding.path.rpartition(".")[2]).decode(), _TEXT)
            missing = take_rows(column.values, positions).is_null()
            fragments.append(_Fragment("", pc.if_else(missing, quoted, pa.scalar(None, _TEXT)), ""))
    return fragments
