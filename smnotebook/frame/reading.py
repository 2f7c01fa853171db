"""A frame's columns read beside each other; what is there already can be checked while others are on their way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest

import pandas as pd
import pyarrow as pa

from smnotebook.contract.fields import Money
from smnotebook.contract.records import Record, declared_fields
from smnotebook.errors import UsageError
from smnotebook.frame.arrow import plain_object
from smnotebook.frame.columns import Binding, Bindings, bind_columns
from smnotebook.frame.table import CanonicalTable, Column, read_column

__all__ = ["WORKERS", "Reading", "begin_reading", "bind_frame", "read_table", "require_frame"]

#: Threads that read and check columns: the Arrow kernels leave the interpreter lock, two keep two cores busy.
WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A table whose columns are there, or on their way.

    Attributes
    ----------
    columns : sequence of (Binding, callable)
        In the frame's order; the callable waits for what was read, one column mostly, for cells of dicts several.
    """

    model: type[Record]
    rows: int
    bindings: Bindings
    columns: Sequence[tuple[Binding, Callable[[], Sequence[Column]]]]

    @classmethod
    def of(cls, table: CanonicalTable) -> Reading:
        """Of a table that is there as a whole."""
        columns = [(column.binding, partial(tuple[Column], [column])) for column in table.columns]
        return cls(model=table.model, rows=table.rows, bindings=table.bindings, columns=columns)

    def find(self, path: str) -> pa.ChunkedArray | None:
        """The values of a field, None where no column holds it; waits for its column alone if there is one."""
        for binding, read in self.columns:
            if binding.path == path:
                return read()[0].values
        return self.finished().find(path)

    def finished(self) -> CanonicalTable:
        """The whole table."""
        columns = tuple(column for _, read in self.columns for column in read())
        return CanonicalTable(model=self.model, rows=self.rows, columns=columns, bindings=self.bindings)


def read_table(frame: pd.DataFrame, model: type[Record]) -> CanonicalTable:
    """Read a frame for a record; the frame itself is left alone.

    Raises
    ------
    UsageError
        When it is no DataFrame.
    """
    bindings = bind_frame(frame, model)
    with ThreadPoolExecutor(WORKERS) as pool:
        return begin_reading(frame, bindings, model, pool).finished()


def begin_reading(frame: pd.DataFrame, bindings: Bindings, model: type[Record], pool: Executor) -> Reading:
    """Have the pool read all columns that hold a field. What it is given afterwards may wait for them."""
    read = {
        binding: pool.submit(read_column, frame.iloc[:, binding.position], binding, model)
        for binding in _taking_turns(frame, bindings.bound)
    }
    columns = [(binding, read[binding].result) for binding in bindings.bound]
    return Reading(model=model, rows=len(frame), bindings=bindings, columns=columns)


def _taking_turns(frame: pd.DataFrame, bound: Sequence[Binding]) -> Iterator[Binding]:
    """Columns of Python objects between the others: they are read with Python's lock held, one at a time at best."""
    # amounts take the longest, mostly outside the lock
    by_time = sorted(bound, key=lambda binding: not isinstance(binding.constraint, Money))
    turns = defaultdict(list)
    for binding in by_time:
        turns[pd.api.types.is_object_dtype(frame.dtypes.iloc[binding.position])].append(binding)
    return (binding for turn in zip_longest(turns[True], turns[False]) for binding in turn if binding is not None)


def require_frame(frame: object) -> None:
    """Refuse what is no DataFrame."""
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        raise UsageError(f"A pandas DataFrame is needed, this is a {kind}. Wrap it: pandas.DataFrame(...).")


def bind_frame(frame: pd.DataFrame, model: type[Record]) -> Bindings:
    """What the columns hold. Of several for one field, those that are empty throughout don't count.

    ``json_normalize`` leaves an empty ``systemDetails`` beside ``systemDetails.brand`` where one record has none.
    """
    require_frame(frame)
    labels = list(frame.columns)
    bindings = bind_columns(labels, model)
    if bindings.repeated:
        empty = {b.position for b in (*bindings.bound, *bindings.repeated) if frame.iloc[:, b.position].isna().all()}
        bindings = bind_columns([None if at in empty else label for at, label in enumerate(labels)], model)
        bindings = replace(bindings, unmapped=tuple(pair for pair in bindings.unmapped if pair[0] not in empty))
    return replace(bindings, unmapped=(*bindings.unmapped, *_unknown_names(frame, bindings, model)))


def _unknown_names(frame: pd.DataFrame, bindings: Bindings, model: type[Record]) -> Iterator[tuple[int, str]]:
    """Names inside dict cells that are no field: as lost as a column that maps to nothing."""
    known = {field.name for field in declared_fields(model)}
    for binding in bindings.bound:
        if binding.constraint is None:
            cells = map(plain_object, frame.iloc[:, binding.position].array)
            names = dict.fromkeys(name for cell in cells if isinstance(cell, Mapping) for name in cell)
            paths = (f"{binding.field}.{name}" for name in names)
            yield from ((binding.position, path) for path in paths if path not in known)
