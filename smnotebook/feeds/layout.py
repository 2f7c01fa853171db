"""How a delimited text is laid out: its delimiter, the line that holds the column names, and what stands above."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from smnotebook.errors import FeedError, UsageError
from smnotebook.values.findings import Journal

__all__ = ["FirstRecord", "Layout", "find_layout", "place_header", "unique_names"]

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_LOOKED_AT = 200
_DATA = re.compile(r"\s*(?:[-+]?[\d\s.,]*\d(?:\s?(?:%|[A-Z]{3}|zł|€))?|https?://\S+|\d{4}-\d\d-\d\d.*)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the table is in the text.

    Attributes
    ----------
    header_line : int
        Line of the column names, from 1.
    body : int
        Characters up to the first record.
    """

    delimiter: str
    names: tuple[str, ...]
    header_line: int
    body: int

    @property
    def delimiter_name(self) -> str:
        """The delimiter in words."""
        return _DELIMITERS.get(self.delimiter, repr(self.delimiter))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRecord:
    """A record of the sample, the line it starts on and the offset of what follows it."""

    cells: list[str]
    line: int
    end: int

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not any(cell.strip() for cell in self.cells)

    @property
    def is_comment(self) -> bool:
        """Whether it begins with a hash."""
        return self.cells[0].lstrip().startswith("#")

    @property
    def looks_like_data(self) -> bool:
        """Whether a fifth of the filled cells are numbers, addresses or days, as no header has them."""
        filled = [cell for cell in self.cells if cell.strip()]
        return bool(filled) and sum(bool(_DATA.fullmatch(cell)) for cell in filled) >= max(1, 0.2 * len(filled))


def find_layout(
    text: str, *, is_whole: bool, delimiter: str | None, header_line: int | None, name: str, journal: Journal
) -> Layout:
    """Find out how the text is laid out.

    Raises
    ------
    FeedError
        When it has one column only, no line of column names, or two that contradict each other.
    """
    marked = re.match(r"\s*sep=(.)\r?\n", text)
    delimiter = delimiter or (marked[1] if marked else None)
    records, delimiter = _best_records(text, is_whole, delimiter)
    records = [record for record in records if not (marked and record.line == 1)]
    header, body = place_header(records, header_line=header_line, name=name, journal=journal)
    return Layout(
        delimiter=delimiter,
        names=unique_names([cell.strip().lstrip("\ufeff") for cell in header.cells], journal),
        header_line=header.line,
        body=body,
    )


def place_header(
    records: list[FirstRecord], *, header_line: int | None, name: str, journal: Journal
) -> tuple[FirstRecord, int]:
    """The record with the column names, and where what follows it begins.

    Raises
    ------
    FeedError
        When the table has one column only, no line of column names, or two that contradict each other.
    """
    width = _usual_width(records)
    if width < 2:
        raise FeedError(
            f"{name} has one column only: no comma, semicolon, tab or bar divides its lines. "
            "Say what does with delimiter=…, or export it again."
        )
    at = _header_at(records, width) if header_line is None else _record_at(records, header_line, name)
    header = records[at]
    following = [record for record in records[at + 1 :] if not record.is_blank]
    _check(header, following, header_line, name)
    has_second = header_line is not None and bool(following) and _is_second_header(header, following)
    _note(records[:at], int(has_second), journal)
    return header, following[0].end if has_second else header.end


def _best_records(text: str, is_whole: bool, delimiter: str | None) -> tuple[list[FirstRecord], str]:  # noqa: FBT001
    candidates = [delimiter] if delimiter else list(_DELIMITERS)
    read = {mark: _records(text, mark, is_whole) for mark in candidates}
    best = max(candidates, key=lambda mark: _evenness(read[mark]))
    return read[best], best


def _records(text: str, delimiter: str, is_whole: bool) -> list[FirstRecord]:  # noqa: FBT001
    lines = io.StringIO(text, newline="")
    ends = [0]

    def counted() -> object:
        for line in lines:
            ends.append(ends[-1] + len(line))
            yield line

    found: list[FirstRecord] = []
    reader = csv.reader(counted(), delimiter=delimiter)  # type: ignore[arg-type]
    try:
        for cells in reader:
            if cells:
                start = 1 if not found else found[-1].line
                found.append(
                    FirstRecord(
                        cells=cells, line=max(start, reader.line_num - "".join(cells).count("\n")), end=ends[-1]
                    )
                )
            if len(found) > _LOOKED_AT:
                return found
    except csv.Error:  # one cell larger than the reader's limit: what was read before it is enough
        return found
    # the sample may end in the middle of its last record
    return found if is_whole else found[:-1]


def _usual_width(records: list[FirstRecord]) -> int:
    widths = Counter(len(record.cells) for record in records if not record.is_blank)
    return max(widths, key=lambda width: (widths[width] * (width > 1), width)) if widths else 0


def _evenness(records: list[FirstRecord]) -> float:
    width = _usual_width(records)
    same = sum(len(record.cells) == width for record in records)
    return 0.0 if width < 2 else (same / len(records)) ** 2 * min(width, 60)


def _header_at(records: list[FirstRecord], width: int) -> int:
    """The first record that is as wide as the table and no comment."""
    for at, record in enumerate(records[:30]):
        filled = sum(bool(cell.strip()) for cell in record.cells)
        if (
            not record.is_comment
            and filled >= max(2, 0.5 * min(width, len(record.cells)))
            and len(record.cells) >= 0.7 * width
        ):
            return at
    return 0


def _record_at(records: list[FirstRecord], line: int, name: str) -> int:
    for at, record in enumerate(records):
        if record.line == line:
            return at
    raise UsageError(f"{name} has no record that starts on line {line} near its beginning.")


def _check(header: FirstRecord, following: list[FirstRecord], header_line: int | None, name: str) -> None:
    if header_line is None and header.looks_like_data:
        raise FeedError(
            f"Line {header.line} of {name} should hold the column names and looks like a product. "
            "Add a line of column names, or say which line has them with header_line=….",
            line=header.line,
        )
    if header_line is None and following and _is_second_header(header, following):
        second = following[0]
        raise FeedError(
            f"Lines {header.line} and {second.line} of {name} both look like column names "
            f"({header.cells[0]!r} and {second.cells[0]!r}). Say which to use: "
            f"header_line={header.line} or header_line={second.line}; the other is left out.",
            line=second.line,
        )


def _is_second_header(header: FirstRecord, following: list[FirstRecord]) -> bool:
    """A line of words over columns that hold numbers and addresses all the way down."""
    second, rest = following[0], following[1:21]
    if len(rest) < 2 or second.looks_like_data or second.cells == header.cells:
        return False
    clashes = 0
    for column, cell in enumerate(second.cells[: len(header.cells)]):
        below = [record.cells[column] for record in rest if column < len(record.cells) and record.cells[column].strip()]
        if below and all(_DATA.fullmatch(value) for value in below):
            if not cell.strip() or _DATA.fullmatch(cell):
                return False
            clashes += 1
    return clashes >= 2


def _note(above: list[FirstRecord], skipped: int, journal: Journal) -> None:
    filled = [record for record in above if not record.is_blank]
    if filled:
        examples = [" ".join(record.cells) for record in filled]
        journal.add("skipped", "lines above the column names", count=len(filled), examples=examples)
    if skipped:
        journal.add("skipped", "a second line of column names", count=1)


def unique_names(cells: list[str], journal: Journal) -> tuple[str, ...]:
    """Column names, each once: repeated ones are numbered, empty ones called by their place."""
    seen: Counter[str] = Counter()
    names, repeated = [], []
    for at, cell in enumerate(cells, start=1):
        name = cell or f"column {at}"
        seen[name] += 1
        if seen[name] > 1:
            repeated.append(name)
            name = f"{name}.{seen[name] - 1}"
        names.append(name)
    if repeated:
        journal.add(
            "warned", "column names that occur more than once were numbered", count=len(repeated), examples=repeated
        )
    return tuple(names)
