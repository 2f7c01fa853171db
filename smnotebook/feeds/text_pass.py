"""One reading of a delimited text: blocks of whole records, parsed by Arrow where they are regular, else with care."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from smnotebook.errors import FeedError
from smnotebook.feeds.encodings import Encoding, Utf8Stream, head_text
from smnotebook.feeds.layout import Layout
from smnotebook.feeds.quoting import QuoteScan, Splitter, scan_quotes
from smnotebook.feeds.sources import Source
from smnotebook.values.cells import TEXT, mask_of
from smnotebook.values.findings import Finding, Journal

__all__ = ["TextPass"]

#: What Arrow parses on one thread.
_STRETCH = 8 * 1024 * 1024
#: What stands for a delimiter of more than one byte while the text is parsed: Arrow takes one byte only.
_STAND_INS = ("\x1f", "\x1e", "\x1d", "\x01")
_SETTINGS = ("delimiter", "quote", "line_end", "width", "data_columns", "can_swallow")


#: A stretch of whole records, whether it is the last one, and what its quotes are like where that is known.
_Block = tuple[pa.Buffer, bool, QuoteScan | None]


@dataclass(kw_only=True)
class TextPass:
    """One reading of the file from its first record to its last."""

    source: Source
    encoding: Encoding
    layout: Layout
    trusts_quotes: bool
    rows: int = 0
    line: int = 0
    empty: int = 0
    repeated: int = 0
    short: list[int] = field(default_factory=list)
    long: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = list(self.layout.names)
        self.stand_in = self._delimiter()
        head = self.source.head
        self.splitter = Splitter(
            delimiter=self.stand_in,
            quote=self.layout.quote,
            line_end=ord("\r") if b"\r" in head and b"\n" not in head else ord("\n"),
            width=len(self.names),
            data_columns=self.layout.data_columns,
            can_swallow=not self.trusts_quotes,
        )

    def _delimiter(self) -> str:
        mark = self.layout.delimiter
        if len(mark.encode()) == 1:
            return mark
        return next(sign for sign in _STAND_INS if sign.encode() not in self.source.head)

    def tables(self, size: int) -> Iterator[pa.Table]:
        """Tables of the records, none of them empty."""
        limits = self.source.limits
        for block, is_last, known in self._blocks(size):
            scan = known or scan_quotes(np.frombuffer(block, np.uint8), self.splitter, is_last=is_last)
            table = self._tidy(self._parse(block, scan))
            if not is_last:
                self.line += int(np.count_nonzero(np.frombuffer(block, np.uint8) == self.splitter.line_end))
            self.rows += len(table)
            if self.rows > limits.rows:
                raise limits.exceeded("rows", f"{self.source.name} has more than {limits.rows:,} rows")
            if len(table):
                yield table

    def _blocks(self, size: int) -> Iterator[_Block]:
        """The text in stretches that end with a record, each in Arrow's own memory."""
        mark = self.layout.delimiter
        above = head_text(self.source.head, self.encoding)[: self.layout.body]
        self.line = above.count("\n") or above.count("\r")
        skipped = len(above.replace(mark, self.stand_in).encode("utf-8", "surrogatepass"))
        is_plain = self.encoding.name == "utf-8" and not self.encoding.otherwise and self.stand_in == mark
        if is_plain and self.source.path is not None and not self.source.packed:
            yield from self._mapped(self.source.read(), self.encoding.mark + skipped, size)
            return
        with self.source.open() as stream:
            stream.read(self.encoding.mark)
            replaced = None if self.stand_in == mark else (mark, self.stand_in)
            text = stream if is_plain else io.BufferedReader(Utf8Stream(stream, self.encoding, replaced), 1 << 18)
            text.read(skipped)
            yield from self._copied(text, size)

    def _mapped(self, text: pa.Buffer, start: int, size: int) -> Iterator[_Block]:
        """Stretches of a file that is mapped: nothing is copied."""
        wanted = size
        while start < len(text):
            stretch = text.slice(start, min(wanted, len(text) - start))
            is_last = start + len(stretch) == len(text)
            end, scan = (len(stretch), None) if is_last else self._end(np.frombuffer(stretch, np.uint8))
            # a record that is longer than a stretch
            wanted = size if end else wanted + size
            if end:
                yield stretch.slice(0, end), is_last, scan
            start += end

    def _copied(self, stream: IO[bytes], size: int) -> Iterator[_Block]:
        rest, is_last = b"", False
        while not is_last:
            buffer = pa.allocate_buffer(len(rest) + size)
            view = memoryview(buffer).cast("B")
            view[: len(rest)] = rest
            filled = len(rest)
            while filled < len(buffer) and (count := stream.readinto(view[filled:])):  # type: ignore[attr-defined]
                filled += count
            is_last = filled < len(buffer)
            end, scan = (filled, None) if is_last else self._end(np.frombuffer(buffer, np.uint8)[:filled])
            if end:
                yield buffer.slice(0, end), is_last, scan
            rest = bytes(view[end:filled])

    def _end(self, text: np.ndarray[Any, np.dtype[np.uint8]]) -> tuple[int, QuoteScan | None]:
        """Where the last whole record of a stretch ends that is not the last, and what its quotes are like if known.

        It is 0 where more must be read.
        """
        limits = self.source.limits
        # from behind, as a line end is near
        tail = np.flatnonzero(text[-limits.cell_bytes :] == self.splitter.line_end)
        if not len(tail):
            if len(text) < limits.cell_bytes:
                return 0, None
            raise self._too_long()
        end = max(0, len(text) - limits.cell_bytes) + int(tail[-1]) + 1
        scan = scan_quotes(text[:end], self.splitter, is_last=False)
        if not scan.is_regular:
            return self._end_of_careful(text[:end]), None
        if end - scan.end > limits.cell_bytes:
            # a quote that is open for so long is none
            return end, None
        return scan.end, scan

    def _end_of_careful(self, text: np.ndarray[Any, np.dtype[np.uint8]]) -> int:
        """The end of the last record that a careful reader is sure of."""
        probe = Splitter(**{name: getattr(self.splitter, name) for name in _SETTINGS})
        last = 0
        decoded = text.tobytes().decode("utf-8")
        for record in probe.split(decoded, is_last=False):
            last = record.end
        end = len(decoded[:last].encode())
        return len(text) if len(text) - end > self.source.limits.cell_bytes else end

    def _too_long(self) -> FeedError:
        limits = self.source.limits
        line, name = self.line + 1, self.source.name
        what = f"A cell of {name}, in line {line} or after it, has more than {limits.cell_bytes:,} bytes"
        return limits.exceeded("cell_bytes", what, line=line)

    def _parse(self, block: pa.Buffer, scan: QuoteScan) -> pa.Table:
        if not scan.is_regular or scan.end < len(block):
            return self._carefully(block)
        try:
            return pacsv.read_csv(
                pa.BufferReader(block),
                pacsv.ReadOptions(column_names=self.names, block_size=_STRETCH),
                pacsv.ParseOptions(
                    delimiter=self.stand_in,
                    quote_char=self.splitter.quote if scan.has_quotes else False,
                    newlines_in_values=scan.has_line_breaks,
                ),
                pacsv.ConvertOptions(
                    column_types=dict.fromkeys(self.names, TEXT),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            # rows of another length, letters that are no UTF-8, a record larger than a block
            return self._carefully(block)

    def _carefully(self, block: pa.Buffer) -> pa.Table:
        """Records of any length, made as long as the line of column names; what that cost is noted."""
        width = len(self.names)
        records: list[list[str]] = []
        known = len(self.splitter.unclosed), len(self.splitter.swallowing)
        for record in self.splitter.split(block.to_pybytes().decode("utf-8")):
            cells, line = record.cells, self.line + record.line + 1
            if len(cells) != width:
                beyond = cells[width:]
                if any(cell.strip() for cell in beyond):
                    self.long.append(line)
                elif not beyond:
                    self.short.append(line)
                cells = [*cells[:width], *[""] * (width - len(cells))]
            records.append(cells)
        for lines, count in zip((self.splitter.unclosed, self.splitter.swallowing), known, strict=True):
            lines[count:] = [self.line + line + 1 for line in lines[count:]]
        columns = [pa.array([cell or None for cell in column], TEXT) for column in zip(*records, strict=True)]
        return pa.Table.from_arrays(columns or [pa.array([], TEXT)] * width, names=self.names)

    def _tidy(self, table: pa.Table) -> pa.Table:
        """Without rows that are empty or repeat the column names, and within the limits."""
        if not len(table):
            return table
        if self.stand_in != self.layout.delimiter:
            back = [pc.replace_substring(column, self.stand_in, self.layout.delimiter) for column in table.columns]
            table = pa.Table.from_arrays(back, names=self.names)
        table = self._without_marks(table)
        self._check_cells(table)
        empty = ~mask_of(table.column(0).is_valid())
        for column in table.columns[1:]:
            if not empty.any():
                break
            empty &= ~mask_of(column.is_valid())
        repeated = self._repeated(table)
        self.empty += int(empty.sum())
        self.repeated += int(repeated.sum())
        return table.filter(pa.array(~(empty | repeated))) if (empty | repeated).any() else table

    def _without_marks(self, table: pa.Table) -> pa.Table:
        """Files put one behind the other keep their byte order marks, in front of a first cell and its quote."""
        first = table.column(0)
        if not pc.any(pc.starts_with(first, "\ufeff")).as_py():
            return table
        bare = pc.replace_substring_regex(first, '^\ufeff"?([^"]*)"?$', r"\1")
        cells = pc.if_else(pc.starts_with(first, "\ufeff"), pc.if_else(pc.equal(bare, ""), None, bare), first)
        return table.set_column(0, self.names[0], cells)

    def _check_cells(self, table: pa.Table) -> None:
        limit = self.source.limits.cell_bytes
        for column in table.columns:
            if (pc.max(pc.binary_length(column)).as_py() or 0) > limit:
                raise self._too_long()

    def _repeated(self, table: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Rows that repeat the column names.

        Raises
        ------
        FeedError
            When a row holds them in another order: what follows it is another table.
        """
        heading = [cell for cell in self.layout.heading if cell]
        found = mask_of(pc.is_in(table.column(0), pa.array(heading, TEXT)))
        for at in np.flatnonzero(found):
            cells = [(column[int(at)].as_py() or "").strip() for column in table.columns]
            found[at] = is_same = cells == list(self.layout.heading)
            if not is_same and sorted(cells) == sorted(self.layout.heading):
                raise FeedError(
                    f"Row {self.rows + int(at) + 1} of {self.source.name} holds the column names again, in "
                    "another order: two exports stand in one file. Give each of them on its own."
                )
        return found

    def findings(self) -> tuple[Finding, ...]:
        """What was met on the way, for the report."""
        noted = Journal()
        for count, words in ((self.empty, "empty rows"), (self.repeated, "rows that repeat the column names")):
            if count:
                noted.add("skipped", words, count=count)
        quotes = "nothing closes the quote at the start of a cell: it was read as part of the text"
        swallowing = (
            "a quote at the start of a cell would take in complete rows that follow: it was read as part of the text; "
            "if these are lines of one cell, say quotechar='\"'"
        )
        for lines, words in (
            (self.short, "rows shorter than the line of column names: filled up with empty cells"),
            (
                self.long,
                "rows longer than the line of column names: cells beyond the last column were left out; check them",
            ),
            (self.splitter.unclosed, quotes),
            (self.splitter.swallowing, swallowing),
        ):
            if lines:
                noted.add("warned", words, count=len(lines), examples=[f"line {line}" for line in lines[:3]])
        return noted.findings
