"""One canonical Arrow table from whatever an analyst holds: the many dtypes and kinds of missing end here.

Behind this module a column is one of five: ``large_string``, ``bool``, ``int64``, ``decimal128(21, 2)``, or
``large_list<large_string>``. A cell that can't become its field's type is null there and noted as a fault; an empty
text is null too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.event_fields import JoinedIds
from smnotebook.contract.events import Moment
from smnotebook.contract.fields import (
    Broken,
    Constraint,
    Details,
    Flag,
    Items,
    Money,
    Rule,
    Text,
    Whole,
    is_missing,
    is_name,
)
from smnotebook.contract.records import NOT_AN_OBJECT, Record, declared_fields
from smnotebook.frame.arrow import Positions, in_blocks, plain_object, to_arrow
from smnotebook.frame.columns import Binding, Bindings
from smnotebook.frame.conversions import MONEY, Converted, read_flags, read_money, read_texts, read_whole
from smnotebook.frame.joined_ids import read_joined_ids
from smnotebook.frame.lists import split_cells
from smnotebook.frame.moments import read_moments

__all__ = ["CanonicalTable", "CellFaults", "Column", "read_cells", "read_column"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFaults:
    """Cells of one column that break one rule.

    Attributes
    ----------
    positions : ndarray of int64
        Row positions, ascending.
    items : ndarray of int64 or None
        For list cells: which entry, counted from 0, as long as ``positions``.
    """

    rule: Rule
    positions: Positions
    items: Positions | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field's cells in canonical form, and what could not be brought into it."""

    binding: Binding
    values: pa.ChunkedArray
    faults: tuple[CellFaults, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalTable:
    """A frame behind the dtype zoo.

    Attributes
    ----------
    rows : int
    columns : tuple of Column
        Bound columns in the frame's order; a column of dicts gives one a name.
    bindings : Bindings
        What became of the frame's columns.
    """

    model: type[Record]
    rows: int
    columns: tuple[Column, ...]
    bindings: Bindings

    def find(self, path: str) -> pa.ChunkedArray | None:
        """The values of a field, None where no column holds it."""
        return next((column.values for column in self.columns if column.binding.path == path), None)


def read_column(series: pd.Series[Any], binding: Binding, model: type[Record]) -> Sequence[Column]:
    """One column of a frame in canonical form: several where its cells are dicts."""
    constraint = binding.constraint
    if constraint is None or isinstance(constraint, Details):
        return _read_objects(series, binding, model)
    values, faults = read_cells(series, constraint)
    return [Column(binding=binding, values=values, faults=faults)]


def read_cells(series: pd.Series[Any], constraint: Constraint) -> tuple[pa.ChunkedArray, tuple[CellFaults, ...]]:
    """Cells as their constraint's canonical type, and the faults of those that can't be."""
    if isinstance(constraint, Items):
        return _read_lists(series, constraint)
    if isinstance(constraint, JoinedIds):
        return _read_joined(series, constraint)
    array = to_arrow(series)
    if array is None:
        return _read_texts_apart(series, constraint) or _read_one_by_one(series, constraint)
    return _convert(array, constraint)


def _convert(array: pa.ChunkedArray, constraint: Constraint) -> tuple[pa.ChunkedArray, tuple[CellFaults, ...]]:
    convert, canonical = _kind_of(constraint)
    blocks, found, start = [], defaultdict(list), 0
    for block in array.chunks:
        values, faults = convert(block)
        blocks.append(values)
        for name, positions in faults:
            found[name].append(positions + start)
        start += len(block)
    return pa.chunked_array(blocks, type=canonical), tuple(
        CellFaults(rule=constraint.rules[name], positions=np.concatenate(parts)) for name, parts in found.items()
    )


Conversion = Callable[[pa.Array], Converted]

_KINDS: dict[type[Constraint], tuple[Conversion, pa.DataType]] = {
    Text: (read_texts, pa.large_string()),
    JoinedIds: (read_texts, pa.large_string()),  # for cells read one by one
    Flag: (read_flags, pa.bool_()),
    Whole: (read_whole, pa.int64()),
    Money: (read_money, MONEY),
}


def _kind_of(constraint: Constraint) -> tuple[Conversion, pa.DataType]:
    if isinstance(constraint, Moment):
        return partial(read_moments, constraint=constraint), pa.int64()
    return next(conversion for kind, conversion in _KINDS.items() if isinstance(constraint, kind))


def _read_texts_apart(
    series: pd.Series[Any], constraint: Constraint
) -> tuple[pa.ChunkedArray, tuple[CellFaults, ...]] | None:
    """A column of one kind but for some texts, as the reading of a file leaves amounts that it can't read.

    Only the texts are read one by one. None where the other cells are of several kinds.
    """
    cells = series.to_numpy(dtype=object, copy=True)
    at = np.flatnonzero(np.fromiter((isinstance(cell, str) for cell in cells), dtype=bool, count=len(cells)))
    if not 0 < len(at) < len(cells):
        return None
    texts = pd.Series(cells[at], dtype=object)
    cells[at] = None
    if (others := to_arrow(pd.Series(cells, dtype=object))) is None:
        return None
    values, faults = _convert(others, constraint)
    read, refused = _read_one_by_one(texts, constraint)
    place = np.zeros(len(cells), dtype=bool)
    place[at] = True
    values = pc.replace_with_mask(values.combine_chunks(), pa.array(place), read.combine_chunks())
    moved = [CellFaults(rule=fault.rule, positions=at[fault.positions]) for fault in refused]
    return pa.chunked_array(in_blocks(values)), tuple(_joined([*faults, *moved]))


def _joined(faults: Sequence[CellFaults]) -> Iterator[CellFaults]:
    """Faults of one rule together."""
    for rule in dict.fromkeys(fault.rule for fault in faults):
        parts = [fault.positions for fault in faults if fault.rule == rule]
        yield CellFaults(rule=rule, positions=np.sort(np.concatenate(parts)))


def _read_one_by_one(series: pd.Series[Any], constraint: Constraint) -> tuple[pa.ChunkedArray, tuple[CellFaults, ...]]:
    """Mixed Python objects: no kernel reads them, so each cell is read by the row-wise interpreter."""
    values: list[Any] = [None] * len(series)
    found: dict[Rule, list[int]] = {}
    for position, cell in enumerate(series.array):
        value = plain_object(cell)
        if is_missing(value):
            continue
        try:
            values[position] = constraint.coerce(value)
        except Broken as broken:
            found.setdefault(broken.faults[0][1], []).append(position)
    faults = tuple(CellFaults(rule=rule, positions=np.array(at, dtype=np.int64)) for rule, at in found.items())
    _, canonical = _kind_of(constraint)
    return pa.chunked_array(in_blocks(pa.array(values, type=canonical))), faults


def _read_joined(series: pd.Series[Any], constraint: JoinedIds) -> tuple[pa.ChunkedArray, tuple[CellFaults, ...]]:
    read = read_joined_ids(series, constraint)
    if read is None:
        return _read_one_by_one(series, constraint)
    values, refused = read
    faults = (CellFaults(rule=constraint.rules[name], positions=rows, items=items) for name, rows, items in refused)
    return values, tuple(faults)


def _read_lists(series: pd.Series[Any], constraint: Items) -> tuple[pa.ChunkedArray, tuple[CellFaults, ...]]:
    """Lists of texts; a missing entry stays where it is, as null, so that positions are the analyst's own."""
    cells = split_cells(series)
    entries, found = read_cells(cells.entries, constraint.of)
    faults = [
        CellFaults(rule=fault.rule, positions=cells.parents[fault.positions], items=cells.within[fault.positions])
        for fault in found
    ]
    if len(cells.odd):
        faults.insert(0, CellFaults(rule=constraint.rules["type"], positions=cells.odd))
    return pa.chunked_array([cells.joined(entries.combine_chunks())]), tuple(faults)


def _read_objects(series: pd.Series[Any], binding: Binding, model: type[Record]) -> Sequence[Column]:
    """A column of dicts, as one column a name; cells that are no dicts are faults of the field itself."""
    cells = [plain_object(cell) for cell in series.array]
    free_names = isinstance(binding.constraint, Details)
    dicts = [cell if _is_object(cell, free_names=free_names) else {} for cell in cells]
    odd = [at for at, cell in enumerate(cells) if not is_missing(cell) and not _is_object(cell, free_names=free_names)]
    columns = [
        column for part in _parts(dicts, binding, model) for column in read_column(_part_of(dicts, part), part, model)
    ]
    rule = NOT_AN_OBJECT if binding.constraint is None else binding.constraint.rules["type"]
    if odd or not columns:
        nothing = pa.chunked_array([pa.nulls(len(cells), pa.large_string())])
        faults = (CellFaults(rule=rule, positions=np.array(odd, dtype=np.int64)),) if odd else ()
        marker = replace(binding, constraint=None)
        columns.insert(0, Column(binding=marker, values=nothing, faults=faults))
    return columns


def _is_object(cell: object, *, free_names: bool) -> bool:
    return isinstance(cell, Mapping) and (not free_names or all(map(is_name, cell)))


def _parts(dicts: Sequence[Mapping[Any, Any]], binding: Binding, model: type[Record]) -> Sequence[Binding]:
    """The bindings of the names that occur in a column of dicts."""
    names = list(dict.fromkeys(name for cell in dicts for name in cell))
    if isinstance(binding.constraint, Details):
        return [replace(binding, constraint=binding.constraint.of, detail=str(name)) for name in names]
    declared = {field.name: field for field in declared_fields(model)}
    known = [declared[path] for name in names if (path := f"{binding.field}.{name}") in declared]
    return [replace(binding, field=field.name, constraint=field.constraint, required=field.required) for field in known]


def _part_of(dicts: Sequence[Mapping[Any, Any]], part: Binding) -> pd.Series[Any]:
    name = part.detail if part.detail is not None else part.field.rpartition(".")[2]
    return pd.Series([cell.get(name) for cell in dicts], dtype=object)
