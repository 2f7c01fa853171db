"""The columns of a feed, found by name however the name is dressed: prefix, case, brackets, signs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from smnotebook.values.cells import one_array
from smnotebook.values.names import plain_name
from smnotebook.values.typed import unmarked

__all__ = ["Columns"]


class Columns:
    """A table's columns by name; it remembers which were asked for."""

    def __init__(self, table: pa.Table, *, used: set[str] | None = None) -> None:
        self.table = table
        self._used = set() if used is None else used
        self._typed: dict[str, pa.Array] = {}
        self._flat: dict[str, pa.Array] = {}
        self._plain = {plain_name(name): name for name in reversed(table.column_names)}

    @classmethod
    def of_names(cls, names: Iterable[str]) -> Columns:
        """Columns without rows, to look names up."""
        return cls(pa.table({name: pa.nulls(0) for name in names}))

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @property
    def names(self) -> list[str]:
        """All column names."""
        return list(self.table.column_names)

    def find(self, name: str) -> str | None:
        """The column's own name for one of its dresses, None where there is none."""
        return name if name in self.table.column_names else self._plain.get(plain_name(name))

    def find_all(self, names: Iterable[str]) -> list[str]:
        """The columns that are there, each once, in the order asked for; a prefixed twin comes along."""
        found: list[str] = []
        for name in names:
            hit = self.find(name)
            if hit is not None:
                found += [twin for twin in (f"g:{hit}", hit, hit.removeprefix("g:")) if twin in self.table.column_names]
        return list(dict.fromkeys(found))

    def __getitem__(self, name: str) -> pa.Array:
        if name not in self._flat:
            self._flat[name] = unmarked(self.typed(name))
        self._used.add(name)
        return self._flat[name]

    def typed(self, name: str) -> pa.Array:
        """The column with the marks of typed numbers, for readers of amounts and for what makes other columns of it."""
        self._used.add(name)
        if name not in self._typed:
            self._typed[name] = one_array(self.table.column(name))
        return self._typed[name]

    def get(self, name: str) -> pa.Array | None:
        """The column under any of its dresses."""
        found = self.find(name)
        return None if found is None else self[found]

    def first_filled(self, names: Iterable[str]) -> str | None:
        """The first of the columns that holds anything at all."""
        found = self.find_all(names)
        return next((name for name in found if self.table.column(name).null_count < len(self)), None)

    @property
    def unused(self) -> list[str]:
        """Columns that hold something and were not asked for."""
        return [
            name
            for name in self.table.column_names
            if name not in self._used and self.table.column(name).null_count < len(self)
        ]

    def take(self, rows: npt.NDArray[np.int64]) -> Columns:
        """The same columns with these rows."""
        return self.changed(self.table.take(pa.array(rows)))

    def changed(self, table: pa.Table) -> Columns:
        """The columns of a table made from this one; what is asked of it counts as asked of this one."""
        return Columns(table, used=self._used)
