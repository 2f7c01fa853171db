"""CSV and its kin as an Arrow table of text: fast where rows are whole and quotes keep their rules, else with care.

The text is read in blocks of whole records. Each is checked for its quotes; Arrow parses it where they are regular, and
a block with rows of another length, or with a quote that nothing closes, is split record by record. A file read in
chunks so gives what it gives when it is read whole.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from smnotebook.errors import FeedError, UsageError
from smnotebook.feeds.encodings import (
    Encoding,
    detect_encoding,
    head_text,
    likely_code_page,
    named_encoding,
    sample_of,
)
from smnotebook.feeds.layout import Layout, find_layout
from smnotebook.feeds.sources import Source
from smnotebook.feeds.text_pass import TextPass
from smnotebook.values.findings import Finding, Journal

__all__ = ["DelimitedText", "look_at"]

_BLOCK = 8 * 1024 * 1024
#: Read whole, a file is parsed in blocks of so many bytes, each of them in several at once.
_LARGE_BLOCK = 64 * 1024 * 1024


@dataclass(kw_only=True)
class DelimitedText:
    """A delimited file whose layout is known; it can be read again, and what it notes is noted once."""

    source: Source
    encoding: Encoding
    layout: Layout
    journal: Journal = field(repr=False)
    trusts_quotes: bool = False
    _met: tuple[Finding, ...] = field(default=(), init=False, repr=False)

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
            When there are none, the text can't be decoded, or a limit is broken.
        """
        tables = list(self._tables(_LARGE_BLOCK))
        if not tables:
            raise FeedError(
                f"{self.source.name} has column names and not one row. Export it again, with the products in it."
            )
        return pa.concat_tables(tables)

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All records, ``rows`` at a time."""
        waiting: list[pa.Table] = []
        for table in self._tables(_BLOCK):
            waiting.append(table)
            while sum(map(len, waiting)) >= rows:
                together = pa.concat_tables(waiting)
                yield together.slice(0, rows)
                waiting = [together.slice(rows)]
        if sum(map(len, waiting)):
            yield pa.concat_tables(waiting)

    def _tables(self, size: int) -> Iterator[pa.Table]:
        # what an earlier reading met is known from the start, and noted where it is not yet
        self._note()
        reading = TextPass(
            source=self.source, encoding=self.encoding, layout=self.layout, trusts_quotes=self.trusts_quotes
        )
        try:
            yield from reading.tables(size)
        except UnicodeDecodeError as broken:
            raise self._undecodable(broken) from broken
        self._met = reading.findings()
        self._note()

    def _note(self) -> None:
        known = self.journal.findings
        self.journal.absorb(finding for finding in self._met if finding not in known)

    def _undecodable(self, broken: UnicodeDecodeError) -> FeedError:
        """Which line is in another encoding, and what helps."""
        name, encoding = self.source.name, self.encoding
        if "a\n".encode(encoding.name) != b"a\n":
            return FeedError(
                f"{name} can't be read as {encoding.name}: {broken.reason}. Say encoding=…, or download it again."
            )
        with self.source.open() as stream:
            wrong = [(at, line) for at, line in enumerate(stream, start=1) if _is_not(encoding, line)]
        line, content = wrong[0]
        guess = likely_code_page(b" ".join(line for _, line in wrong)).name
        shown = content.decode(guess, "replace").strip()
        others = f" and {len(wrong) - 1} more lines are" if len(wrong) > 1 else " is"
        return FeedError(
            f"Line {line} of {name}{others} not in {encoding.name}, as the other lines are. In {guess} it reads: "
            f"{shown[:80]}. Say encoding=({encoding.name!r}, {guess!r}) to read such lines in {guess}, or correct "
            "them.",
            line=line,
        )


def _is_not(encoding: Encoding, line: bytes) -> bool:
    try:
        line.decode(encoding.name)
    except UnicodeDecodeError:
        return True
    return False


def look_at(
    source: Source,
    journal: Journal,
    *,
    encoding: str | Sequence[str] | None = None,
    delimiter: str | None = None,
    quotechar: str | None = "auto",
    header_line: int | None = None,
) -> DelimitedText:
    """Find encoding and layout of a delimited text.

    Raises
    ------
    UsageError
        When an argument can't be.
    FeedError
        When the layout can't be found out, or there are more columns than the limit.
    """
    if quotechar not in ("auto", None) and len(quotechar.encode()) != 1:
        raise UsageError(f"quotechar takes one sign, None where nothing encloses cells, or 'auto', not {quotechar!r}.")
    if delimiter is not None and (not delimiter or delimiter == quotechar or set(delimiter) & set('"\r\n')):
        raise UsageError(f"delimiter takes the sign or signs between two cells, not {delimiter!r}.")
    found = _encoding(source, encoding)
    text = head_text(source.head, found)
    if not found.is_sure:
        journal.add("warned", f"the encoding is likely {found.name} ({found.reason}): check letters with accents")
    if not source.is_whole and not ("\n" in text or "\r" in text):
        raise _no_line(source, text, delimiter)
    layout = find_layout(
        text,
        is_whole=source.is_whole,
        delimiter=delimiter,
        quotechar=quotechar,
        header_line=header_line,
        name=source.name,
        journal=journal,
    )
    if len(layout.names) > source.limits.columns:
        raise source.limits.exceeded("columns", f"{source.name} has {len(layout.names):,} columns")
    return DelimitedText(
        source=source, encoding=found, layout=layout, journal=journal, trusts_quotes=quotechar not in ("auto", None)
    )


def _no_line(source: Source, text: str, delimiter: str | None) -> FeedError:
    """The error for a file whose first line does not end where others have their first products."""
    columns = 1 + max(text.count(mark) for mark in ([delimiter] if delimiter else ",;\t|"))
    if columns > source.limits.columns:
        return source.limits.exceeded("columns", f"{source.name} has {columns:,} columns or more")
    return FeedError(
        f"The first line of {source.name} has more than {len(text):,} letters: it is no line of column names. "
        "Export it again.",
        line=1,
    )


def _encoding(source: Source, given: str | Sequence[str] | None) -> Encoding:
    if given:
        return named_encoding(given, source.head)
    found = detect_encoding(source.head)
    if found.reason == "plain ASCII" and not source.is_whole:
        # the head says nothing, so the letters that come later must
        with source.open() as stream:
            found = detect_encoding(sample_of(stream) or source.head)
    return found
