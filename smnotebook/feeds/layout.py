"""How a delimited text is laid out: its delimiter, the line that holds the column names, and what stands above."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from smnotebook.errors import FeedError, UsageError
from smnotebook.feeds.quoting import DATA, KINDS, DataColumn, Splitter
from smnotebook.values.findings import Journal

__all__ = ["FirstRecord", "Layout", "find_layout", "place_header", "unique_names"]

_DELIMITERS = {
    ",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "\u00a6": "broken bar", "^": "caret", "~": "tilde",
    "\x1f": "unit separator", "\x01": "control character 1", "||": "double bar", "::": "double colon",
}  # fmt: skip
_LOOKED_AT = 200
#: Stands for a delimiter of several characters while a text is split, as it stands in no text.
_STANDING_IN = "\ue000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the table is in the text.

    Attributes
    ----------
    header_line : int
        Line of the column names, from 1.
    body : int
        Characters up to the first record.
    heading : tuple of str
        The cells of that line as they stand there, for it may be repeated.
    quote : str
        What encloses cells; empty where nothing does.
    data_columns : tuple of DataColumn
        Columns that hold numbers, addresses or days in every row looked at.
    """

    delimiter: str
    names: tuple[str, ...]
    header_line: int
    body: int
    heading: tuple[str, ...]
    quote: str
    data_columns: tuple[DataColumn, ...]

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
        return bool(filled) and sum(bool(DATA.fullmatch(cell)) for cell in filled) >= max(1, 0.2 * len(filled))


def find_layout(
    text: str,
    *,
    is_whole: bool,
    delimiter: str | None,
    quotechar: str | None,
    header_line: int | None,
    name: str,
    journal: Journal,
) -> Layout:
    """Find out how the text is laid out.

    Raises
    ------
    FeedError
        When it has one column only, no line of column names, or two that contradict each other.
    """
    marked = re.match(r"\s*sep=(.)\r?\n", text)
    delimiter = delimiter or (marked[1] if marked else None)
    quote = {"auto": '"', None: ""}.get(quotechar, quotechar or "")
    records, delimiter = _best_records(text, is_whole, delimiter, quote)
    if quotechar == "auto" and delimiter == "\t" and _is_free_of_quoting(text, delimiter):
        quote = ""
        records = _records(text, delimiter, quote, is_whole)
    records = [record for record in records if not (marked and record.line == 1)]
    header, body = place_header(records, header_line=header_line, name=name, journal=journal)
    heading = tuple(cell.strip().lstrip("\ufeff") for cell in header.cells)
    lines = text[body:].splitlines()[: _LOOKED_AT if is_whole else -1][:_LOOKED_AT]
    return Layout(
        delimiter=delimiter,
        names=unique_names(list(heading), journal),
        header_line=header.line,
        body=body,
        heading=heading,
        quote=quote,
        data_columns=_data_columns(lines, delimiter, len(heading), quote),
    )


def _is_free_of_quoting(text: str, delimiter: str) -> bool:
    """Whether quotes break their own rules here, and no cell needs them: then they are text like any other."""
    splitter = Splitter(delimiter=delimiter)
    loose = re.search(rf'(?m)(?:^|{delimiter})"[^"\n{delimiter}]*"[^"\n{delimiter}\r]', text)
    if loose is None and not (list(splitter.split(text)) and splitter.unclosed):
        return False
    enclosed = re.findall(rf'(?m)(?:^|{delimiter})"((?:[^"]|"")*+)" *+(?=$|[\r{delimiter}])', text)
    return not any(
        '""' in cell or any(line.count(delimiter) == ("\n" not in cell) for line in cell.split("\n")[1:-1] or [cell])
        for cell in enclosed
    )


def _data_columns(lines: list[str], delimiter: str, width: int, quote: str) -> tuple[DataColumn, ...]:
    """Columns filled with numbers, addresses or days: by lines without quotes, which are beyond doubt, if there are."""
    clear = [line for line in lines if not quote or quote not in line]
    whole = [row for line in (clear if len(clear) > 1 else lines) if len(row := line.split(delimiter)) == width]
    found: list[DataColumn] = []
    for column in range(width):
        cells = [row[column].strip().strip(quote or None) for row in whole]
        enough = max(2, 0.9 * len(cells))
        found += [(column, kind) for kind in KINDS if sum(bool(kind.fullmatch(cell)) for cell in cells) >= enough][:1]
    return tuple(found)


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
            f"{name} has one column only: no comma, semicolon, tab, bar or other known delimiter divides its lines. "
            "Say what does with delimiter=…, or export it again."
        )
    at = _header_at(records, width) if header_line is None else _record_at(records, header_line, name)
    header = records[at]
    following = [record for record in records[at + 1 :] if not record.is_blank]
    _check(header, following, header_line, name)
    has_second = header_line is not None and bool(following) and _is_second_header(header, following)
    _note(records[:at], int(has_second), journal)
    return header, following[0].end if has_second else header.end


def _best_records(
    text: str,
    is_whole: bool,  # noqa: FBT001
    delimiter: str | None,
    quote: str,
) -> tuple[list[FirstRecord], str]:
    # a bar that stands in double bars only divides nothing
    alone = {"|": text.replace("||", "")}
    candidates = [mark for mark in _DELIMITERS if mark in alone.get(mark, text)] or [","]
    candidates = [delimiter] if delimiter else candidates
    read = {mark: _records(text, mark, quote, is_whole) for mark in candidates}
    best = max(candidates, key=lambda mark: _evenness(read[mark]))
    return read[best], best


def _records(text: str, delimiter: str, quote: str, is_whole: bool) -> list[FirstRecord]:  # noqa: FBT001
    if len(delimiter) > 1:
        # offsets are to stay right
        text = text.replace(delimiter, _STANDING_IN.ljust(len(delimiter), "\ue001"))
        delimiter = _STANDING_IN
    found: list[FirstRecord] = []
    for record in Splitter(delimiter=delimiter, quote=quote).split(text, is_last=is_whole):
        cells = [cell.lstrip("\ue001") for cell in record.cells]
        found.append(FirstRecord(cells=cells, line=record.line + 1, end=record.end))
        if len(found) > _LOOKED_AT:
            break
    return found


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
        if below and all(DATA.fullmatch(value) for value in below):
            if not cell.strip() or DATA.fullmatch(cell):
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
