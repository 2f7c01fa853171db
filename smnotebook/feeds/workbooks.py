"""Products in an Excel sheet, every cell as the text a reader sees: 1234 and not 1234.0."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import pyarrow as pa

from smnotebook.errors import FeedError, SmnotebookError, UsageError
from smnotebook.feeds.layout import FirstRecord, place_header, unique_names
from smnotebook.feeds.sources import Source
from smnotebook.values.cells import TEXT
from smnotebook.values.findings import Journal

__all__ = ["Sheet", "find_sheet"]

_LOOKED_AT = 200


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet whose line of column names is known."""

    title: str
    names: tuple[str, ...]
    header_line: int
    rows: list[list[str | None]]

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

    def _table(self, rows: list[list[str | None]]) -> pa.Table:
        width = len(self.names)
        even = [[*row[:width], *[None] * (width - len(row))] for row in rows]
        columns = [pa.array(column, TEXT) for column in zip(*even, strict=True)] or [pa.array([], TEXT)] * width
        return pa.Table.from_arrays(columns, names=list(self.names))


def find_sheet(source: Source, journal: Journal, *, sheet: str | int | None, header_line: int | None) -> Sheet:
    """Open the workbook and find the table in it: on the sheet asked for, or the first that holds one.

    Raises
    ------
    FeedError
        When the workbook is damaged or no sheet holds a table.
    UsageError
        When the sheet is not there, or openpyxl is not installed.
    """
    with _damage_said(source.name), closing(_open(source)) as book:
        title = _choose(book, sheet, source.name, journal)
        rows = [[_text(cell) for cell in row] for row in book[title].iter_rows(values_only=True)]
    records = [
        FirstRecord(cells=[cell or "" for cell in row], line=line, end=line)
        for line, row in enumerate(rows[:_LOOKED_AT], start=1)
    ]
    header, body = place_header(records, header_line=header_line, name=f"{source.name} ({title})", journal=journal)
    width = max((at for at, cell in enumerate(header.cells, start=1) if cell), default=0)
    names = unique_names([cell.strip() for cell in header.cells[:width]], journal)
    kept = [row for row in rows[body:] if any(cell is not None for cell in row)]
    return Sheet(title=title, names=names, header_line=header.line, rows=kept)


def _open(source: Source) -> Any:
    try:
        import openpyxl
    except ImportError as missing:
        raise UsageError("Excel files need openpyxl: pip install 'smnotebook[excel]'.") from missing
    return openpyxl.load_workbook(io.BytesIO(source.read().to_pybytes()), read_only=True, data_only=True)


# What openpyxl lets through of the libraries below it when a workbook is damaged; a ParseError is a SyntaxError.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, KeyError, IndexError, AttributeError, TypeError, ValueError, OSError, EOFError,
    SyntaxError,
)  # fmt: skip


@contextmanager
def _damage_said(name: str) -> Iterator[None]:
    try:
        yield
    except SmnotebookError:
        raise
    except _DAMAGE as broken:
        raise FeedError(f"{name} is a damaged Excel file ({broken}). Save it again.") from broken


def _choose(book: Any, sheet: str | int | None, name: str, journal: Journal) -> str:
    titles: list[str] = book.sheetnames
    if isinstance(sheet, int) and 0 <= sheet < len(titles):
        return titles[sheet]
    if isinstance(sheet, str) and sheet in titles:
        return sheet
    if sheet is not None:
        raise UsageError(f"{name} has no sheet {sheet!r}. Its sheets are: {', '.join(titles)}.")
    for title in titles:
        if any(
            sum(cell is not None for cell in row) > 1 for row in islice(book[title].iter_rows(values_only=True), 50)
        ):
            if len(titles) > 1:
                others = [other for other in titles if other != title]
                journal.add(
                    "warned", f"sheet {title!r} was read; sheet=… names another", count=len(others), examples=others
                )
            return title
    raise FeedError(f"{name} holds no table on any sheet. Export it again.")


def _text(cell: Any) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
