"""Products in Parquet, in the types they were stored in."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from smnotebook.errors import FeedError
from smnotebook.feeds.sources import Source

__all__ = ["ParquetTable", "open_parquet", "plain_type"]


@dataclass(frozen=True, kw_only=True)
class ParquetTable:
    """An open Parquet file."""

    file: pq.ParquetFile
    name: str

    @property
    def facts(self) -> dict[str, Any]:
        """What was found out, for the report."""
        return {"format": "parquet"}

    @property
    def header(self) -> Sequence[str]:
        """The column names."""
        return list(_plain(self.file.schema_arrow.empty_table()).column_names)

    def read(self) -> pa.Table:
        """All rows."""
        with _damage_said(self.name):
            return _plain(self.file.read())

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All rows, so many at a time."""
        with _damage_said(self.name):
            for batch in self.file.iter_batches(batch_size=rows):
                yield _plain(pa.Table.from_batches([batch]))


def _plain(table: pa.Table) -> pa.Table:
    """Nested records flattened to dotted names, without the index of a frame, each column in a plain type."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    columns = {name: plain_type(table.column(name)) for name in table.column_names}
    return pa.table({name: column for name, column in columns.items() if not name.startswith("__index_level_")})


def plain_type(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Categories as their values, and floats of less than 64 bits as the number that they stand for: 67.49."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return plain_type(column.cast(kind.value_type))
    if pa.types.is_float16(kind):
        digits = [None if value is None else float(str(np.float16(value))) for value in column.to_pylist()]
        return pa.array(digits, pa.float64())
    # the shortest text that means this number is the one that was written
    return column.cast(pa.string()).cast(pa.float64()) if pa.types.is_float32(kind) else column


def open_parquet(source: Source) -> ParquetTable:
    """Open the file.

    Raises
    ------
    FeedError
        When it is damaged, or breaks a limit.
    """
    with _damage_said(source.name):
        file = pq.ParquetFile(pa.BufferReader(source.read()))
    columns, rows = len(file.schema_arrow.names), file.metadata.num_rows
    for limit, count in (("columns", columns), ("rows", rows)):
        if count > getattr(source.limits, limit):
            raise source.limits.exceeded(limit, f"{source.name} has {count:,} {limit}")
    return ParquetTable(file=file, name=source.name)


@contextmanager
def _damage_said(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as broken:
        raise FeedError(f"{name} is a damaged Parquet file ({broken}). Write it again.") from broken
