"""Columns to JSON text, a whole block at a time: one JSON object a row, built by joining column fragments.

No Python object is made for a cell. A row's text depends on its values alone (declared order, amounts with two
decimals, missing cells left out), so equal products have equal bytes whatever the frame looked like.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

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
        fragments.append(_unless_empty(_join(cleared)).between("[", "]").named("setAsNull"))
    return _join(fragments).between("{", "}").write()


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
        return _unless_empty(_join([_json(column, positions) for column in entries])).between("[", "]")
    if first.detail is not None:
        named = {column.binding.detail or "": column for column in columns}
        return _object([(name, named[name]) for name in sorted(named)], positions)
    if "." in first.field:
        nested = sorted(columns, key=lambda column: rank[column.binding.field])
        return _object([(column.binding.field.partition(".")[2], column) for column in nested], positions)
    return _json(columns[0], positions)


def _object(members: Sequence[tuple[str, Column]], positions: Positions) -> _Fragment:
    written = [_json(column, positions).named(name) for name, column in members]
    return _unless_empty(_join(written)).between("{", "}")


def _json(column: Column, positions: Positions) -> _Fragment:
    """A column's cells as JSON values."""
    cells = take_rows(column.values, positions)
    if pa.types.is_large_list(cells.type):
        return _json_lists(cells)
    if pa.types.is_large_string(cells.type):
        return _quoted(cells)
    return _Fragment((cells.cast(_TEXT),))


def _json_lists(cells: pa.LargeListArray) -> _Fragment:
    entries = json_texts(cells.flatten())
    parents = pc.list_parent_indices(cells).to_numpy()[entries.is_valid().to_numpy(zero_copy_only=False)]
    sizes = np.bincount(parents, minlength=len(cells))
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int64())
    joined = pc.binary_join(pa.LargeListArray.from_arrays(offsets, entries.drop_null()), pa.scalar(",", _TEXT))
    return _unless_empty(_Fragment((joined,))).between("[", "]")


def json_texts(cells: pa.LargeStringArray) -> pa.LargeStringArray:
    """Texts as JSON strings, null where missing."""
    return _quoted(cells).write()


def _quoted(cells: pa.LargeStringArray) -> _Fragment:
    return _Fragment((_escape(cells),)).between('"', '"')


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
    """Texts made of parts that are the same in every row and parts that differ; null where one of these is null.

    Put together as late as can be, since that copies all.
    """

    parts: tuple[str | pa.LargeStringArray, ...]

    @property
    def is_full(self) -> bool:
        """Whether no row is null."""
        return all(isinstance(part, str) or part.null_count == 0 for part in self.parts)

    def between(self, before: str, after: str) -> _Fragment:
        """With something around each text."""
        return _Fragment((before, *self.parts, after))

    def named(self, name: str) -> _Fragment:
        """As the member of an object."""
        return self.between(f"{orjson.dumps(name).decode()}:", "")

    def write(self) -> pa.LargeStringArray:
        """The whole texts."""
        stretches = groupby(self.parts, key=lambda part: isinstance(part, str))
        written = [*chain.from_iterable([pa.scalar("".join(it), _TEXT)] if same else it for same, it in stretches)]
        return written[0] if len(written) == 1 else pc.binary_join_element_wise(*written, pa.scalar("", _TEXT))


def _join(fragments: Sequence[_Fragment]) -> _Fragment:
    """The fragments that are there, parted by commas; an empty text where none is."""
    first, *others = fragments
    if not first.is_full:
        return _Fragment((_join_what_is_there([fragment.write() for fragment in fragments]),))
    # each of the others then follows something, and brings its comma along: all is copied once instead of three times
    led = [fragment.between(",", "") for fragment in others]
    return _Fragment((*first.parts, *chain.from_iterable(one.parts if one.is_full else [_filled(one)] for one in led)))


def _filled(fragment: _Fragment) -> pa.LargeStringArray:
    return pc.fill_null(fragment.write(), pa.scalar("", _TEXT))


def _join_what_is_there(texts: Sequence[pa.LargeStringArray]) -> pa.LargeStringArray:
    # Arrow drops a row whose arguments are all null (seen with release 26), so such a row gets an empty text to join
    first, *others = texts
    filled = first.is_valid()
    for text in others:
        filled = pc.or_(filled, text.is_valid())
    first = pc.if_else(filled, first, pa.scalar("", _TEXT))
    return pc.binary_join_element_wise(first, *others, pa.scalar(",", _TEXT), null_handling="skip")


def _unless_empty(fragment: _Fragment) -> _Fragment:
    """Null where the text is empty."""
    if any(isinstance(part, str) and part for part in fragment.parts):
        return fragment
    texts = fragment.write()
    if (empty := byte_lengths(texts) == 0).any():
        texts = pc.if_else(pa.array(empty), pa.scalar(None, _TEXT), texts)
    return _Fragment((texts,))


def _cleared(table: CanonicalTable, positions: Positions, clear: Sequence[str]) -> list[_Fragment]:
    """For each field to clear its quoted name, where the row has no value."""
    fragments = []
    for column in table.columns:
        if column.binding.path in clear:
            quoted = pa.scalar(orjson.dumps(column.binding.path.rpartition(".")[2]).decode(), _TEXT)
            missing = take_rows(column.values, positions).is_null()
            fragments.append(_Fragment((pc.if_else(missing, quoted, pa.scalar(None, _TEXT)),)))
    return fragments
