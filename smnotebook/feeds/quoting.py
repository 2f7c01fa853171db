"""Quotes in delimited text, as people and shop systems really write them.

A cell is quoted when it begins with a quote and a quote before the next delimiter or line end closes it. Exports
break this rule: inch marks, names that begin with a quote and never close it, quotes inside that are not doubled.
Python's and Arrow's readers then run on to the next quote, however many rows away, and swallow what is between. So each
stretch of text is checked first, on its bytes and as a whole; only one that breaks the rule is split here, record by
record, and a quote that nothing closes is read as part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

__all__ = ["DATA", "KINDS", "DataColumn", "QuoteScan", "Record", "Splitter", "scan_quotes"]

#: Numbers, addresses and days: no column name is like one of them, and a column holds but one kind.
KINDS = (
    re.compile(r"\s*[-+]?[\d\s.,]*\d(?:\s?(?:%|[A-Z]{3}|zł|€))?\s*"),
    re.compile(r"\s*https?://\S+\s*"),
    re.compile(r"\s*\d{4}-\d\d-\d\d.*"),
)
DATA = re.compile("|".join(kind.pattern for kind in KINDS))

_LINE_FEED, _RETURN = 10, 13
_PIECE = 256 * 1024
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteScan:
    """What the quotes of a stretch of text are like.

    Attributes
    ----------
    is_regular : bool
        Whether each opening quote is closed where a cell may end.
    has_quotes, has_line_breaks : bool
        Whether there are quotes at all, and line breaks inside quoted cells.
    end : int
        Bytes up to the end of the last whole record.
    """

    is_regular: bool
    has_quotes: bool
    has_line_breaks: bool
    end: int


def scan_quotes(text: npt.NDArray[np.uint8], splitter: Splitter, *, is_last: bool) -> QuoteScan:
    """Check the quotes of a stretch that begins with a record; one that is not the last ends with a line end."""
    end = len(text)
    at = _places(text, ord(splitter.quote)) if splitter.quote else np.empty(0, np.int64)
    if not len(at):
        return QuoteScan(is_regular=True, has_quotes=False, has_line_breaks=False, end=end)
    pairs = _pairs(text, at, ord(splitter.delimiter))
    if pairs is None:
        return QuoteScan(is_regular=False, has_quotes=True, has_line_breaks=True, end=end)
    opens, closes = pairs
    if len(opens) > len(closes):
        if is_last:
            return QuoteScan(is_regular=False, has_quotes=True, has_line_breaks=True, end=end)
        before = np.flatnonzero(text[: opens[-1]] == splitter.line_end)
        end = int(before[-1]) + 1 if len(before) else 0
        opens = opens[:-1]
    lines = _places(text, splitter.line_end)
    # there are fewer lines than quoted cells
    around = np.searchsorted(opens, lines)
    broken = np.unique(around[around > np.searchsorted(closes, lines)]) - 1
    starts = np.concatenate([[0], lines + 1, [len(text)]]) if len(broken) else lines
    firsts, lasts = (np.searchsorted(lines, marks[broken]).tolist() for marks in (opens, closes))
    swallows = any(
        splitter.swallows(text[starts[first] : starts[last + 1]].tobytes().decode("utf-8", "replace"))
        for first, last in zip(firsts, lasts, strict=True)
    )
    return QuoteScan(is_regular=not swallows, has_quotes=True, has_line_breaks=len(broken) > 0, end=end)


def _places(text: npt.NDArray[np.uint8], byte: int) -> Positions:
    """Where a byte stands; a piece at a time, so that what is made on the way stays in the processor's cache."""
    pieces = range(0, len(text), _PIECE)
    return np.concatenate([np.flatnonzero(text[start : start + _PIECE] == byte) + start for start in pieces])


def _pairs(text: npt.NDArray[np.uint8], at: Positions, delimiter: int) -> tuple[Positions, Positions] | None:
    """Where quoted cells open and close; None where a quote stands that no rule explains."""
    edges = np.zeros(256, bool)
    edges[[delimiter, _LINE_FEED, _RETURN]] = True
    # quotes next to each other are one run: doubled ones inside a quoted cell change nothing
    is_begin = np.diff(at, prepend=-2) != 1
    if is_begin.all():
        opens, closes = at[0::2], at[1::2]
        if _before(text, opens, edges).all() and _behind(text, closes + 1, edges).all():
            return opens, closes
    begins = np.flatnonzero(is_begin)
    run, length = at[begins], np.diff(np.append(begins, len(at)))
    is_start, is_end = _before(text, run, edges), _behind(text, run + length, edges)
    odd = length % 2 == 1
    where, start, end, last = run[odd], is_start[odd], is_end[odd], (run + length - 1)[odd]
    if start[0::2].all() and end[1::2].all():
        opens, closes = where[0::2], last[1::2]
    else:
        found = _walk(where, start, end, last)
        if found is None:
            return None
        opens, closes = found
    unclear = run[~odd & is_start & ~is_end]
    inside = np.searchsorted(opens, unclear) > np.searchsorted(closes, unclear)
    return (opens, closes) if inside.all() else None


def _before(text: npt.NDArray[np.uint8], at: Positions, edges: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether a cell may begin at each of these ascending places."""
    found = edges[text[at - 1]]
    found[:1] |= at[:1] == 0
    return found


def _behind(text: npt.NDArray[np.uint8], at: Positions, edges: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether a cell may end before each of these ascending places."""
    found = edges[text.take(at, mode="clip")]
    found[-1:] |= at[-1:] == len(text)
    return found


def _walk(
    where: Positions, start: npt.NDArray[np.bool_], end: npt.NDArray[np.bool_], last: Positions
) -> tuple[Positions, Positions] | None:
    """Runs of quotes one after the other: some stand inside cells that are not quoted, such as inch marks."""
    opens, closes, is_open = [], [], False
    for at, can_open, can_close, to in zip(where.tolist(), start.tolist(), end.tolist(), last.tolist(), strict=True):
        if is_open and not can_close:
            return None
        if is_open:
            closes.append(to)
            is_open = False
        elif can_open:
            opens.append(at)
            is_open = True
    return np.array(opens, np.int64), np.array(closes, np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: its cells, its first line counted from 0, and the offset of what follows it."""

    cells: list[str]
    line: int
    end: int


#: A column and what each of its cells is like, where it holds anything.
DataColumn = tuple[int, re.Pattern[str]]


@dataclass(kw_only=True)
class Splitter:
    """Splits text into records by a delimiter, a line end and a quote.

    Attributes
    ----------
    delimiter : str
        One character.
    quote : str
        ``'"'``, or the empty text where quotes are text like any other.
    width : int
        Cells of a usual record, 0 where it is not known yet.
    data_columns : tuple of DataColumn
        Columns that hold numbers, addresses or days in usual rows.
    can_swallow : bool
        Whether a quoted cell with complete rows inside is doubted; not where the caller said that quotes enclose.
    unclosed, swallowing : list of int
        Lines on which a quote was read as text: since nothing closes it, or since it would swallow complete rows.
    """

    delimiter: str
    quote: str = '"'
    line_end: int = _LINE_FEED
    width: int = 0
    data_columns: tuple[DataColumn, ...] = ()
    can_swallow: bool = True
    unclosed: list[int] = field(default_factory=list)
    swallowing: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        mark, quote = re.escape(self.delimiter), re.escape(self.quote)
        plain = rf"(?P<plain>[^{mark}\r\n]*)"
        # possessive, so that a quote that nothing closes is found out in one go
        opened = rf"{quote}(?P<quoted>[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+)"
        quoted = rf"{opened}{quote}[ ]*|"
        # quotes inside that should have been doubled
        loose = rf"{quote}(?P<loose>[^{mark}\r\n]*){quote}[ ]*|"
        end = rf"(?P<end>{mark}|\r\n|\r|\n|\Z)"
        self._cell = re.compile(rf"(?:{quoted + loose if self.quote else ''}{plain}){end}")
        self._literal = re.compile(plain + end)
        self._opened = re.compile(opened if self.quote else "")

    def swallows(self, lines: str) -> bool:
        """Whether a record over several lines is rather one record a line, as its columns of numbers prove."""
        if not self.can_swallow or self.width < 2 or not self.data_columns:
            return False
        rows = [line.split(self.delimiter) for line in lines.splitlines()]
        return len(rows) > 1 and all(
            len(row) == self.width
            and all(kind.fullmatch(row[at].strip().strip(self.quote or None)) for at, kind in self.data_columns)
            for row in rows
        )

    def split(self, text: str, *, first_line: int = 0, is_last: bool = True) -> Iterator[Record]:
        """The records of a text that begins with one.

        Of a text that is not the last the record at its end is left, unless it is sure that it is whole; blank lines
        are left out.
        """
        at, line = 0, first_line
        while at < len(text):
            stop = text.find("\n", at)
            row = text[at : stop + 1] if stop >= 0 else text[at:]
            inside = row.removesuffix("\n").removesuffix("\r")
            if "\r" not in inside and not (self.quote and self.quote in inside):
                cells, end = inside.split(self.delimiter), at + len(row)
                if stop < 0 and not is_last:
                    return
            else:
                found = self._careful(text, at, line, is_last=is_last)
                if found is None:
                    return
                cells, end = found
            if inside or len(cells) > 1:
                yield Record(cells=cells, line=line, end=end)
            line += 1 if end == at + len(row) else max(1, text.count("\n", at, end) or text.count("\r", at, end))
            at = end

    def _careful(self, text: str, at: int, line: int, *, is_last: bool) -> tuple[list[str], int] | None:
        cells: list[str] = []
        start = at
        while True:
            found = self._cell.match(text, at)
            if found is None:  # pragma: no cover - a plain cell always fits
                raise AssertionError(at)
            quoted, loose = (found["quoted"], found["loose"]) if self.quote else (None, None)
            if quoted is not None and "\n" in quoted and self._is_swallowed(text, start, found.end("quoted")):
                self.swallowing.append(line + text.count("\n", start, at))
                found = self._literal.match(text, at) or found
                quoted = None
            elif quoted is None and self.quote and text.startswith(self.quote, at) and loose is None:
                # what closes it may not have been read yet
                opened = self._opened.match(text, at)
                if not is_last and opened is not None and opened.end() == len(text):
                    return None
                self.unclosed.append(line + text.count("\n", start, at))
            if not found["end"] and not is_last:
                return None
            inside = quoted if quoted is not None else loose if loose is not None else found["plain"]
            is_enclosed = quoted is not None or loose is not None
            cells.append(inside.replace(self.quote * 2, self.quote) if is_enclosed else inside)
            at = found.end()
            if found["end"] != self.delimiter:
                return cells, at

    def _is_swallowed(self, text: str, start: int, end: int) -> bool:
        stop = text.find("\n", end)
        return self.swallows(text[start : stop if stop >= 0 else len(text)])
