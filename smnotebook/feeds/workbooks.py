"""Products on a sheet of a workbook, every cell as the text a reader sees: 1234 and not 1234.0, 00123 and not 123."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from smnotebook.errors import FeedError, UsageError
from smnotebook.feeds.books import Book, Row, open_book
from smnotebook.feeds.layout import FirstRecord, place_header, unique_names
from smnotebook.feeds.limits import Limits
from smnotebook.feeds.sources import Source
from smnotebook.values.cells import TEXT
from smnotebook.values.findings import Journal
from smnotebook.values.typed import TYPED

__all__ = ["Sheet", "find_sheet"]

_LOOKED_AT = 200


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet whose line of column names is known."""

    title: str
    names: tuple[str, ...]
    header_line: int
    rows: list[Row]

    @property
    def facts(self) -> dict[str, Any]:
        """What was found out, for the report."""
        return {"format": "excel", "sheet": self.title, "header_line": self.header_line}

    @property
    def header(self) -> Sequence[str]:
        """The column names."""
        return self.names

    def read(self) -> pa.Table:
        """All rows."""
        return self._table(self.rows)

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All rows, so many at a time."""
        return (self._table(self.rows[start : start + rows]) for start in range(0, len(self.rows), rows))

    def _table(self, rows: list[Row]) -> pa.Table:
        width = len(self.names)
        even = [[*row[:width], *[None] * (width - len(row))] for row in rows]
        columns = [pa.array(column, TEXT) for column in zip(*even, strict=True)] or [pa.array([], TEXT)] * width
        return pa.Table.from_arrays(columns, names=list(self.names))


def find_sheet(source: Source, journal: Journal, *, sheet: str | int | None, header_line: int | None) -> Sheet:
    """Open the workbook and find the table in it: on the sheet asked for, or the first that holds one.

    Raises
    ------
    FeedError
        When the workbook is damaged, no sheet holds a table, or it breaks a limit.
    UsageError
        When the sheet is not there, or the library that reads such files is not installed.
    """
    with open_book(source) as book:
        title = _choose(book, sheet, source, journal)
        rows = list(_numbered(book.rows(title), source.limits, f"{source.name} ({title})"))
        book.note_formulas(title, journal)
    records = [
        FirstRecord(cells=[(cell or "").removesuffix(TYPED) for cell in row], line=line, end=at)
        for at, (line, row) in enumerate(rows[:_LOOKED_AT], start=1)
    ]
    header, body = place_header(records, header_line=header_line, name=f"{source.name} ({title})", journal=journal)
    width = max((at for at, cell in enumerate(header.cells, start=1) if cell), default=0)
    names = unique_names([cell.strip() for cell in header.cells[:width]], journal)
    kept = [row for _, row in rows[body:]]
    return Sheet(title=title, names=names, header_line=header.line, rows=kept)


def _numbered(rows: Iterator[Row], limits: Limits, name: str) -> Iterator[tuple[int, Row]]:
    """The rows that hold anything, each with its line; without the empty cells at its end, and within the limits."""
    count = 0
    for line, row in enumerate(rows, start=1):
        while row and row[-1] is None:
            row.pop()
        if not row:
            continue
        count += 1
        if len(row) > limits.columns:
            raise limits.exceeded("columns", f"Row {line} of {name} has {len(row):,} columns", line=line)
        if count > limits.rows:
            raise limits.exceeded("rows", f"{name} has more than {limits.rows:,} rows")
        if (longest := max(len(cell) for cell in row if cell is not None)) > limits.cell_bytes:
            raise limits.exceeded("cell_bytes", f"A cell in row {line} of {name} has {longest:,} letters", line=line)
        yield line, row


def _choose(book: Book, sheet: str | int | None, source: Source, journal: Journal) -> str:
    titles = book.titles
    if len(titles) > source.limits.sheets:
        raise source.limits.exceeded("sheets", f"{source.name} has {len(titles):,} sheets")
    if isinstance(sheet, int) and 0 <= sheet < len(titles):
        return titles[sheet]
    if isinstance(sheet, str) and sheet in titles:
        return sheet
    if sheet is not None:
        raise UsageError(f"{source.name} has no sheet {sheet!r}. Its sheets are: {', '.join(titles)}.")
    for title in titles:
        if any(sum(cell is not None for cell in row) > 1 for row in islice(book.rows(title), 50)):
            if len(titles) > 1:
                others = [other for other in titles if other != title]
                journal.add(
                    "warned", f"sheet {title!r} was read; sheet=… names another", count=len(others), examples=others
                )
            return title
    raise FeedError(f"{source.name} is {book.kind} with no table on any sheet. Export it again.")
