"""Workbooks of every kind as sheets of texts: .xlsx, .xls, .xlsb, .ods, SpreadsheetML, and tables in HTML."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from smnotebook.errors import FeedError, SmnotebookError, UsageError
from smnotebook.feeds.encodings import detect_encoding
from smnotebook.feeds.sources import Source
from smnotebook.values.findings import Journal
from smnotebook.values.typed import TYPED

__all__ = ["Book", "Row", "open_book"]

Row = list[str | None]


class Book(Protocol):
    """A workbook."""

    @property
    def kind(self) -> str:
        """What kind of file it is, in words."""

    @property
    def titles(self) -> list[str]:
        """The names of its sheets."""

    def rows(self, title: str) -> Iterator[Row]:
        """The rows of a sheet from its first line on, each as long as it needs to be."""

    def note_formulas(self, title: str, journal: Journal) -> None:
        """Note cells whose formula has no value."""

    def close(self) -> None:
        """Let go of the file."""


# What the libraries let through of those below them when a workbook is damaged; a ParseError is a SyntaxError.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, KeyError, IndexError, AttributeError, TypeError, ValueError, OSError, EOFError,
    SyntaxError, NotImplementedError,
)  # fmt: skip


@contextmanager
def open_book(source: Source) -> Iterator[Book]:
    """Open a workbook of any kind.

    Raises
    ------
    FeedError
        When it is damaged or breaks a limit.
    UsageError
        When the library that reads such files is not installed.
    """
    try:
        with closing(_book(source)) as book:
            yield book
    except SmnotebookError:
        raise
    except _DAMAGE as broken:
        what = {"html": "table in HTML", "excel": "Excel file"}.get(source.kind, "spreadsheet")
        raise FeedError(f"{source.name} is a damaged {what} ({broken}). Save it again.") from broken


def _book(source: Source) -> Book:
    if source.kind == "html":
        return _html_book(source)
    if source.kind == "excel":
        return _ExcelBook(source)
    if source.head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or source.head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _xml_book(source)
    return _CalamineBook(source)


class _ExcelBook:
    """.xlsx by openpyxl, which knows the formats of numbers."""

    kind = "an Excel file (.xlsx)"

    def __init__(self, source: Source) -> None:
        try:
            import openpyxl
        except ImportError as missing:
            raise UsageError("Excel files need openpyxl: pip install 'smnotebook[excel]'.") from missing
        self._open = openpyxl.load_workbook
        self._stream = source.open()
        # what was checked is the size that the archive names, and no more than that is ever unpacked
        with source.archive():
            self._book = self._open(self._stream, read_only=True, data_only=True)

    @property
    def titles(self) -> list[str]:
        return [str(title) for title in self._book.sheetnames]

    def rows(self, title: str) -> Iterator[Row]:
        yield from ([_shown(cell) for cell in row] for row in self._cells(self._book, title))

    def note_formulas(self, title: str, journal: Journal) -> None:
        formulas = self._open(self._stream, read_only=True, data_only=False)
        missing: list[str] = []
        for values, row in zip(self._cells(self._book, title), self._cells(formulas, title), strict=False):
            missing += [
                cell.coordinate
                for cell, value in zip(row, values, strict=False)
                if cell.data_type == "f" and value.value is None
            ]
        if missing:
            message = (
                "formulas without a value: the program that wrote the file did not calculate them. Open it in Excel or "
                "LibreOffice, save it, and read it again"
            )
            journal.add("warned", message, count=len(missing), examples=missing)

    def close(self) -> None:
        self._book.close()
        self._stream.close()

    def _cells(self, book: Any, title: str) -> Iterator[Any]:
        sheet = book[title]
        with suppress(AttributeError):
            # a sheet may claim any size, and rows would be made as long as it claims
            sheet.reset_dimensions()
        return iter(sheet.iter_rows()) if hasattr(sheet, "iter_rows") else iter(())


def _shown(cell: Any) -> str | None:
    value = cell.value
    if value.__class__ is str:
        return value or None
    if value is None:
        return None
    if value.__class__ is int or value.__class__ is float:
        dressed = _with_format(value, cell.number_format)
        if dressed is not None:
            return _typed(dressed) if dressed.endswith("%") else dressed
    return _text(value)


def _text(value: Any) -> str | None:
    """A value as a reader sees it in a cell without a format."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # a sheet shows 15 digits; what is behind them is noise of the calculation
        return _typed(_plain(Decimal(f"{value:.15g}")))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _typed(text: str) -> str:
    """A number's text with the mark of typed numbers, where it has decimals."""
    return text + TYPED if "." in text else text


def _with_format(value: float, number_format: str) -> str | None:
    """A number under a format of leading zeros or per cent; None where the format says nothing about its digits."""
    if number_format == "General" or not (slots := _digit_slots(number_format)):
        return None
    if slots == ("%",):
        return _plain(Decimal(f"{value:.15g}") * 100) + "%"
    if value < 0 or value != int(value):
        return None
    digits = str(int(value)).rjust(slots.count("0"), "0")
    places = list(slots)
    for at in reversed(range(len(places))):
        if places[at] == "0":
            # the first place takes all digits that are left
            last = "0" not in places[:at]
            places[at], digits = (digits, "") if last else (digits[-1:], digits[:-1])
    return "".join(places)


@lru_cache(maxsize=512)
def _digit_slots(number_format: str) -> tuple[str, ...]:
    """The places of a format that shows leading zeros, ``("%",)`` for a percentage, else nothing."""
    first = number_format.partition(";")[0]
    if re.fullmatch(r"[#0.,?\s]*%", first):
        return ("%",)
    found = re.findall(r'"([^"]*)"|\\(.)|([0\-/ ()])|_.|(.)', first)
    if any(other for _, _, _, other in found):
        return ()
    places = tuple(part for quoted, escaped, plain, _ in found for part in (*quoted, escaped or plain) if part)
    zeros = sum(plain == "0" for _, _, plain, _ in found)
    literals = [part for quoted, escaped, _, _ in found for part in (quoted, escaped)]
    # a zero inside quotes is text, and the places could not be told from it
    if zeros < 2 or any("0" in part for part in literals):
        return ()
    return places


class _CalamineBook:
    """.xls, .xlsb and .ods by calamine."""

    def __init__(self, source: Source) -> None:
        try:
            import python_calamine
        except ImportError as missing:
            raise UsageError(
                f"{source.name} is an .xls, .xlsb or .ods file, which python-calamine reads: "
                "pip install 'smnotebook[excel]'."
            ) from missing
        self.kind = "an old Excel file (.xls)"
        if source.head.startswith(b"PK"):
            from smnotebook.feeds.extents import check_extent

            self.kind = check_extent(source)
        try:
            self._book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.read_bytes()))
        except python_calamine.PasswordError as locked:
            raise FeedError(f"{source.name} is protected with a password. Save it without one.") from locked
        except python_calamine.CalamineError as broken:
            raise FeedError(f"{source.name} is {self.kind} and damaged ({broken}). Save it again.") from broken
        self._errors = python_calamine.CalamineError
        self._name = source.name
        self._read: dict[str, list[Row]] = {}

    @property
    def titles(self) -> list[str]:
        return list(self._book.sheet_names)

    def rows(self, title: str) -> Iterator[Row]:
        if title not in self._read:
            try:
                cells = self._book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            except self._errors as broken:
                raise FeedError(f"{self._name} ({title}) is damaged ({broken}). Save it again.") from broken
            self._read[title] = [[_text(value) for value in row] for row in cells]
        return (list(row) for row in self._read[title])

    def note_formulas(self, title: str, journal: Journal) -> None:
        """Nothing: calamine does not tell a formula without a value from an empty cell."""

    def close(self) -> None:
        self._book.close()


@dataclass(kw_only=True)
class _Grid:
    """Sheets that are in memory already."""

    kind: str
    sheets: dict[str, list[Row]]

    @property
    def titles(self) -> list[str]:
        return list(self.sheets)

    def rows(self, title: str) -> Iterator[Row]:
        return (list(row) for row in self.sheets[title])

    def note_formulas(self, title: str, journal: Journal) -> None:
        """Nothing: such files hold no formulas, or their values with them."""

    def close(self) -> None:
        """Nothing is open."""


def _html_book(source: Source) -> Book:
    """The tables of a page, but for those that hold others or no two rows."""
    from lxml import html

    content = source.read_bytes()
    declared = re.search(rb"(?i)charset\s*=\s*[\"']?([\w-]+)", source.head[:4096])
    found = detect_encoding(source.head)
    name = declared[1].decode() if declared and found.reason not in ("byte order mark", "valid UTF-8") else found.name
    try:
        text = content[found.mark :].decode(name, "replace")
    except LookupError:
        text = content[found.mark :].decode(found.name, "replace")
    page = html.fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    tables = page.iter("table") if page.tag != "table" else [page, *page.iterdescendants("table")]
    grids = [[_html_row(row) for row in table.iter("tr")] for table in tables if table.find(".//table") is None]
    return _Grid(
        kind="a table in HTML", sheets={f"table {at}": rows for at, rows in enumerate(grids, start=1) if len(rows) > 1}
    )


def _html_row(row: Any) -> Row:
    cells: Row = []
    for cell in row.iterchildren("td", "th"):
        for line_break in cell.iter("br"):
            line_break.tail = "\n" + (line_break.tail or "")
        text = re.sub(r"[ \t\r\f\u00a0]*\n[ \t\r\f\u00a0]*|[ \t\r\f\u00a0]+", _one_space, cell.text_content()).strip()
        span = cell.get("colspan", "1")
        cells += [text or None, *[None] * (min(int(span), 1000) - 1 if span.isdigit() else 0)]
    return cells


def _one_space(blank: re.Match[str]) -> str:
    return "\n" if "\n" in blank[0] else " "


_SHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"


def _xml_book(source: Source) -> Book:
    """SpreadsheetML, the XML that Excel 2003 wrote."""
    from lxml import etree

    sheets: dict[str, list[Row]] = {}
    rows: list[Row] = []
    with source.open() as stream:
        events = etree.iterparse(
            stream, events=("end",), tag=(f"{_SHEET}Row", f"{_SHEET}Worksheet"),
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        )  # fmt: skip
        for _, element in events:
            if element.tag == f"{_SHEET}Worksheet":
                sheets[element.get(f"{_SHEET}Name", f"Sheet{len(sheets) + 1}")] = rows
                rows = []
                continue
            at = _place(element, len(rows) + 1)
            if at > source.limits.rows:
                raise source.limits.exceeded("rows", f"{source.name} has a row {at:,}", line=at)
            rows += [[] for _ in range(at - 1 - len(rows))]
            rows.append(_xml_row(element, source))
            element.clear()
    return _Grid(kind="an Excel 2003 file in XML", sheets=sheets)


def _place(element: Any, usual: int) -> int:
    given = element.get(f"{_SHEET}Index", "")
    return max(usual, int(given)) if given.isdigit() else usual


def _xml_row(row: Any, source: Source) -> Row:
    cells: Row = []
    for cell in row.iterchildren(f"{_SHEET}Cell"):
        at = _place(cell, len(cells) + 1)
        if at > source.limits.columns:
            raise source.limits.exceeded("columns", f"{source.name} has a cell in column {at:,}")
        content = cell.find(f"{_SHEET}Data")
        text = "" if content is None else "".join(content.itertext())
        kind = "" if content is None else content.get(f"{_SHEET}Type", "")
        cells += [None] * (at - 1 - len(cells))
        cells.append(_xml_value(text, kind))
        across = cell.get(f"{_SHEET}MergeAcross", "0")
        cells += [None] * (min(int(across), source.limits.columns) if across.isdigit() else 0)
    return cells


def _xml_value(text: str, kind: str) -> str | None:
    if kind == "DateTime":
        return text.removesuffix(".000").removesuffix("T00:00:00")
    if kind == "Boolean":
        return {"1": "true", "0": "false"}.get(text, text)
    return (_typed(text) if kind == "Number" else text) or None
