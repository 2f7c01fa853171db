"""How far the sheets of an .ods or .xlsb file reach: calamine makes every cell of that rectangle, used or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from smnotebook.feeds.sources import Source

__all__ = ["check_extent"]

#: Cells of a sheet that are made in any case; each takes about 32 bytes in calamine.
_ALWAYS_MADE = 8_000_000


def check_extent(source: Source) -> str:
    """Which of the two kinds of file it is, in words, once it is sure that no sheet reaches beyond the limits.

    Raises
    ------
    FeedError
        When a sheet has too many rows or columns, or so few of its cells are used that it must be made to fill the
        memory.
    """
    kind = "a binary Excel file (.xlsb)"
    with source.archive() as archive:
        for entry in archive.namelist():
            if entry == "content.xml":
                kind = "an OpenDocument spreadsheet (.ods)"
                with archive.open(entry) as stream:
                    for extent in _of_ods(stream):
                        _check(source, *extent)
            elif entry.startswith("xl/worksheets/") and entry.endswith(".bin"):
                with archive.open(entry) as stream:
                    _check(source, *_of_xlsb(stream))
    return kind


def _check(source: Source, rows: int, columns: int, used: int) -> None:
    limits = source.limits
    if columns > limits.columns:
        raise limits.exceeded("columns", f"A sheet of {source.name} has {columns:,} columns")
    if rows > limits.rows:
        raise limits.exceeded("rows", f"A sheet of {source.name} has {rows:,} rows")
    if rows * columns > max(_ALWAYS_MADE, used * limits.expansion):
        what = f"A sheet of {source.name} reaches over {rows:,} rows and {columns:,} columns and uses {used:,} cells"
        raise limits.exceeded("expansion", what)


def _of_xlsb(stream: IO[bytes]) -> tuple[int, int, int]:
    """Rows, columns and used cells, from the records of a sheet: that of a row or a cell begins with its place."""
    rows = columns = used = 0
    while (kind := _varied(stream, 2)) is not None:
        size = _varied(stream, 4) or 0
        if kind == 0 and size >= 4:
            rows = max(rows, int.from_bytes(stream.read(4), "little") + 1)
            size -= 4
        elif 1 <= kind <= 11 and size >= 4:
            columns = max(columns, int.from_bytes(stream.read(4), "little") + 1)
            used += 1
            size -= 4
        if size and len(stream.read(min(size, 1 << 26))) < size:
            break
    return rows, columns, used


def _varied(stream: IO[bytes], longest: int) -> int | None:
    """A number in groups of seven bits, the lowest first."""
    number = 0
    for at in range(longest):
        byte = stream.read(1)
        if not byte:
            return None
        number |= (byte[0] & 0x7F) << (7 * at)
        if byte[0] < 0x80:
            break
    return number


_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def _of_ods(stream: IO[bytes]) -> Iterator[tuple[int, int, int]]:
    """Rows, columns and used cells of each table; empty rows and cells at the end are no part of it."""
    from lxml import etree

    rows = columns = used = line = 0
    tags = (f"{_TABLE}table-row", f"{_TABLE}table")
    events = etree.iterparse(
        stream, events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    for _, element in events:
        if element.tag == f"{_TABLE}table":
            yield rows, columns, used
            rows = columns = used = line = 0
            continue
        repeated = _times(element.get(f"{_TABLE}number-rows-repeated"))
        width = at = 0
        for cell in element:
            times = _times(cell.get(f"{_TABLE}number-columns-repeated"))
            at += times
            if len(cell):
                width = at
                used += 1
        line += repeated
        if width:
            rows, columns = line, max(columns, width)
        element.clear()


def _times(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 1
