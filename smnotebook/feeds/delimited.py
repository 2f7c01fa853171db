"""CSV and its kin as an Arrow table of text: fast where all rows are whole, row by row where some are not."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from smnotebook.errors import FeedError
from smnotebook.feeds.encodings import Encoding, detect_encoding, named_encoding
from smnotebook.feeds.layout import Layout, find_layout
from smnotebook.feeds.sources import Source
from smnotebook.values.cells import TEXT, mask_of
from smnotebook.values.findings import Journal

__all__ = ["DelimitedText", "look_at"]

_BLOCK = 8 * 1024 * 1024


@dataclass(kw_only=True)
class DelimitedText:
    """A delimited file whose layout is known."""

    source: Source
    encoding: Encoding
    layout: Layout
    journal: Journal = field(repr=False)

    @property
    def facts(self) -> dict[str, Any]:
        """What was found out, for the report."""
        return {
            "encoding": self.encoding.name,
            "delimiter": self.layout.delimiter_name,
            "header_line": self.layout.header_line,
        }

    @property
    def header(self) -> Sequence[str]:
        """The column names."""
        return self.layout.names

    def read(self) -> pa.Table:
        """All records.

        Raises
        ------
        FeedError
            When the text can't be decoded or a quoted cell never ends.
        """
        body = self.source.read()[self._body_bytes :]
        odd: list[pacsv.InvalidRow] = []

        def collect(row: pacsv.InvalidRow) -> str:
            odd.append(row)
            return "skip"

        try:
            table = pacsv.read_csv(
                pa.BufferReader(body), self._read_options(), self._parse_options(collect), self._convert_options()
            )
        except (pa.ArrowInvalid, UnicodeDecodeError) as refused:
            return self._read_otherwise(refused)
        if odd:
            table = pa.concat_tables(list(self._row_by_row(1 << 62)))
        _refuse_open_quote(table, body, self.source.name)
        return self._tidy(table)

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All records, ``rows`` at a time."""
        if self.encoding.reason == "plain ASCII" and not self.source.is_whole:
            # the head says nothing, and what has been given cannot be taken back
            self.encoding = detect_encoding(_beyond_ascii(self.source))
        done = 0
        try:
            for table in self._batches(rows):
                done += len(table)
                yield self._tidy(table)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            # a row of another length: the careful reader takes over where the fast one stopped
            for table in self._row_by_row(rows, skip=done):
                yield self._tidy(table)

    def _batches(self, rows: int) -> Iterator[pa.Table]:
        with self.source.open() as stream:
            stream.read(self._body_bytes)
            # closed before its stream: Arrow reads ahead on a thread of its own
            with pacsv.open_csv(
                stream, self._read_options(), self._parse_options(_refuse), self._convert_options()
            ) as reader:
                waiting: list[pa.RecordBatch] = []
                for batch in reader:
                    waiting.append(batch)
                    while sum(map(len, waiting)) >= rows:
                        table = pa.Table.from_batches(waiting)
                        yield table.slice(0, rows)
                        waiting = table.slice(rows).to_batches()
                if waiting:
                    yield pa.Table.from_batches(waiting)

    @property
    def _body_bytes(self) -> int:
        text = self.source.head[self.encoding.mark :].decode(self.encoding.name, "replace")
        return self.encoding.mark + len(text[: self.layout.body].encode(self.encoding.name, "replace"))

    def _read_options(self) -> pacsv.ReadOptions:
        encoding = "utf8" if self.encoding.name == "utf-8" else self.encoding.name
        return pacsv.ReadOptions(column_names=list(self.layout.names), encoding=encoding, block_size=_BLOCK)

    def _parse_options(self, odd_row: Callable[[Any], str]) -> pacsv.ParseOptions:
        return pacsv.ParseOptions(delimiter=self.layout.delimiter, newlines_in_values=True, invalid_row_handler=odd_row)

    def _convert_options(self) -> pacsv.ConvertOptions:
        return pacsv.ConvertOptions(
            column_types=dict.fromkeys(self.layout.names, TEXT),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )

    def _read_otherwise(self, refused: pa.ArrowInvalid | UnicodeDecodeError) -> pa.Table:
        """After a refusal: another encoding, or a message in plain words."""
        if "UTF8" in str(refused) and self.encoding.name == "utf-8":
            self.encoding = detect_encoding(_beyond_ascii(self.source))
            if self.encoding.name != "utf-8":
                return self.read()
        if "straddling object" in str(refused) or "block size" in str(refused).lower():
            # a record larger than a block, mostly a quote that is never closed
            return self._tidy(pa.concat_tables(list(self._row_by_row(1 << 62))))
        if "Empty CSV" in str(refused):
            raise FeedError(
                f"{self.source.name} has column names and not one row. Export it again, with the products in it."
            ) from refused
        raise FeedError(
            f"{self.source.name} can't be read as {self.layout.delimiter_name}-separated text in "
            f"{self.encoding.name}: {refused}. Say encoding=… or delimiter=…, or export it again."
        ) from refused

    def _row_by_row(self, rows: int, skip: int = 0) -> Iterator[pa.Table]:
        """Records of any length, made as long as the line of column names; what that cost is noted."""
        width = len(self.layout.names)
        ragged = _Ragged(width=width, first_line=self.layout.header_line)
        with self.source.open() as stream:
            stream.read(self._body_bytes)
            text = io.TextIOWrapper(stream, encoding=self.encoding.name, newline="")
            reader = csv.reader(text, delimiter=self.layout.delimiter)
            records = islice(filter(None, ragged.even(reader)), skip, None)
            try:
                while chunk := list(islice(records, min(rows, 1_000_000))):
                    columns = [pa.array([cell or None for cell in column], TEXT) for column in zip(*chunk, strict=True)]
                    yield pa.Table.from_arrays(columns, names=list(self.layout.names))
            except (csv.Error, UnicodeDecodeError) as broken:
                line = reader.line_num + self.layout.header_line
                raise FeedError(
                    f"{self.source.name} can't be read near line {line}: {broken}. Look for a quote that is never "
                    "closed, say encoding=… or delimiter=…, or export it again.",
                    line=line,
                ) from broken
        ragged.note(self.journal)

    def _tidy(self, table: pa.Table) -> pa.Table:
        """Without rows that are empty or repeat the column names."""
        if not len(table):
            return table
        empty = ~mask_of(table.column(0).is_valid())
        for column in table.columns[1:]:
            if not empty.any():
                break
            empty &= ~mask_of(column.is_valid())
        repeated = mask_of(pc.equal(table.column(0), self.layout.names[0]))
        if repeated.any():
            for at, name in enumerate(self.layout.names[1:4], start=1):
                repeated &= mask_of(pc.equal(table.column(at), name))
        for mask, words in ((empty, "empty rows"), (repeated, "rows that repeat the column names")):
            if mask.any():
                self.journal.add("skipped", words, count=mask.sum())
        return table.filter(pa.array(~(empty | repeated))) if (empty | repeated).any() else table


def _refuse(row: pacsv.InvalidRow) -> str:  # noqa: ARG001 - Arrow's signature
    return "error"


@dataclass(kw_only=True)
class _Ragged:
    """Rows that are shorter or longer than the line of column names."""

    width: int
    first_line: int
    short: list[int] = field(default_factory=list)
    long: list[int] = field(default_factory=list)

    def even(self, reader: Any) -> Iterator[list[str]]:
        for record in reader:
            if len(record) == self.width or not record:
                yield record
                continue
            line = reader.line_num + self.first_line
            beyond = record[self.width :]
            if any(cell.strip() for cell in beyond):
                self.long.append(line)
            elif not beyond:
                self.short.append(line)
            yield [*record[: self.width], *[""] * (self.width - len(record))]

    def note(self, journal: Journal) -> None:
        for lines, words in (
            (self.short, "rows shorter than the line of column names: filled up with empty cells"),
            (
                self.long,
                "rows longer than the line of column names: cells beyond the last column were left out; check them",
            ),
        ):
            if lines:
                journal.add("warned", words, count=len(lines), examples=[f"line {line}" for line in lines[:3]])


def look_at(
    source: Source, journal: Journal, *, encoding: str | None, delimiter: str | None, header_line: int | None
) -> DelimitedText:
    """Find encoding and layout of a delimited text."""
    found = named_encoding(encoding, source.head) if encoding else detect_encoding(source.head)
    text = source.head[found.mark :].decode(found.name, "replace")
    if not found.is_sure:
        journal.add("warned", f"the encoding is likely {found.name} ({found.reason}): check letters with accents")
    layout = find_layout(
        text,
        is_whole=source.is_whole,
        delimiter=delimiter,
        header_line=header_line,
        name=source.name,
        journal=journal,
    )
    return DelimitedText(source=source, encoding=found, layout=layout, journal=journal)


def _beyond_ascii(source: Source) -> bytes:
    """Stretches of a file that hold more than ASCII, up to a quarter of a megabyte."""
    found, size = [], 0
    with source.open() as stream:
        while (chunk := stream.read(1 << 20)) and size < 256 * 1024:
            if not chunk.isascii():
                at = next(match.start() for match in re.finditer(rb"[\x80-\xff]", chunk))
                # from a line's beginning, so that no letter is cut in two
                found.append(chunk[chunk.rfind(b"\n", 0, at) + 1 :][: 64 * 1024])
                size += len(found[-1])
    return b"".join(found)


def _refuse_open_quote(table: pa.Table, body: pa.Buffer, name: str) -> None:
    """A quote that is never closed swallows the rest of the file into one cell, and Arrow does not mind."""
    if not len(table):
        return
    last = [cell for row in table.slice(len(table) - 1).to_pylist() for cell in row.values() if cell and "\n" in cell]
    tail = bytes(body[max(0, len(body) - 4096) :]).rstrip()
    if not last or not tail.endswith(last[-1][-200:].rstrip().encode()):
        return
    if np.count_nonzero(np.frombuffer(body, dtype=np.uint8) == ord('"')) % 2:
        raise FeedError(
            f"{name}: a quote in the last {last[-1].count(chr(10)) + 1} lines is never closed, so they can't "
            "be told apart. Double the quotes inside cells, or export it again."
        )
