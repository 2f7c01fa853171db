"""Products in Parquet, in the types they were stored in."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from smnotebook.errors import FeedError
from smnotebook.feeds.sources import Source

__all__ = ["ParquetTable", "open_parquet"]


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
    """Nested records flattened to dotted names, dictionaries as their values."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(field.type.value_type))
    index = [name for name in table.column_names if name.startswith("__index_level_")]
    return table.drop_columns(index).replace_schema_metadata(None)


def open_parquet(source: Source) -> ParquetTable:
    """Open the file.

    Raises
    ------
    FeedError
        When it is damaged.
    """
    with _damage_said(source.name):
        where = pa.BufferReader(source.read()) if source.packed or source.path is None else str(source.path)
        return ParquetTable(file=pq.ParquetFile(where), name=source.name)


@contextmanager
def _damage_said(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as broken:
        raise FeedError(f"{name} is a damaged Parquet file ({broken}). Write it again.") from broken
