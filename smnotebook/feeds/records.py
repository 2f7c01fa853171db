"""Records of nested files - XML items, JSON objects - as Arrow tables of text and lists of text."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from itertools import islice
from typing import Any

import pyarrow as pa

from smnotebook.feeds.sources import Source
from smnotebook.values.cells import TEXT, TEXTS, is_list

__all__ = ["RECORDS_AT_ONCE", "Record", "one_table", "to_tables"]

#: A record flattened: dotted names, each with a text or a list of texts.
Record = dict[str, Any]

#: Records turned into columns together: few enough to stay small, enough for Arrow.
RECORDS_AT_ONCE = 5000


def to_tables(records: Generator[Record, None, None], rows: int, source: Source) -> Generator[pa.Table, None, None]:
    """Tables of at most ``rows`` rows; closes the records, and with them their file, whatever happens.

    Raises
    ------
    FeedError
        When there are more rows or columns than the limits of the source.
    """
    names: set[str] = set()
    seen = 0
    with closing(records):
        while True:
            parts: list[pa.Table] = []
            missing = rows
            while missing and (chunk := list(islice(records, min(missing, RECORDS_AT_ONCE)))):
                names |= {name for record in chunk for name in record}
                seen += len(chunk)
                for limit, count in (("columns", len(names)), ("rows", seen)):
                    if count > getattr(source.limits, limit):
                        raise source.limits.exceeded(limit, f"{source.name} has {count:,} {limit} or more")
                parts.append(_to_table(chunk))
                missing -= len(chunk)
            if not parts:
                return
            yield one_table(parts)


def _to_table(records: list[Record]) -> pa.Table:
    names = list(dict.fromkeys(name for record in records for name in record))
    return pa.table({name: _column([record.get(name) for record in records]) for name in names})


def _column(cells: list[Any]) -> pa.Array:
    try:
        return pa.array(cells, TEXT)
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([[cell] if isinstance(cell, str) else cell for cell in cells], TEXTS)


def one_table(parts: list[pa.Table]) -> pa.Table:
    """Tables one after the other; a column that is a list in one of them is a list in all."""
    if len(parts) == 1:
        return parts[0]
    lists = {field.name for part in parts for field in part.schema if is_list(field.type)}
    even = [_with_lists(part, lists) for part in parts]
    return pa.concat_tables(even, promote_options="default")


def _with_lists(table: pa.Table, lists: set[str]) -> pa.Table:
    for at, field in enumerate(table.schema):
        if field.name in lists and not is_list(field.type):
            cells = [None if cell is None else [cell] for cell in table.column(at).to_pylist()]
            table = table.set_column(at, field.name, pa.array(cells, TEXTS))
    return table
