"""What every kind of file gives: a table of its records, all at once or a slab at a time."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa

from smnotebook.errors import UsageError
from smnotebook.feeds.delimited import look_at
from smnotebook.feeds.json_records import find_objects
from smnotebook.feeds.limits import Limits
from smnotebook.feeds.parquet_tables import open_parquet, plain_type
from smnotebook.feeds.records import one_table
from smnotebook.feeds.sources import Source
from smnotebook.feeds.workbooks import find_sheet
from smnotebook.values.cells import from_series
from smnotebook.values.findings import Journal

__all__ = ["FrameTable", "LayoutOptions", "RecordFile", "open_records"]


# What may be said about the layout of a file, by its kind.
_LAYOUT_OF = {
    "frame": (),
    "parquet": (),
    "xml": ("encoding", "item"),
    "json": ("encoding", "item"),
    "excel": ("sheet", "header_line"),
    "spreadsheet": ("sheet", "header_line"),
    "html": ("sheet", "header_line"),
}
_LAYOUT_OF_TEXT = ("encoding", "delimiter", "quotechar", "header_line")
_TITLES = {
    "frame": "a DataFrame",
    "parquet": "Parquet",
    "xml": "XML",
    "json": "JSON",
    "excel": "a workbook",
    "spreadsheet": "a workbook",
    "html": "an HTML table",
}


class RecordFile(Protocol):
    """A file of records whose layout is known."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was found out about the file, for the report."""

    @property
    def header(self) -> Sequence[str] | None:
        """The column names, None where only reading all records shows them."""

    def read(self) -> pa.Table:
        """All records."""

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All records, at most ``rows`` at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutOptions:
    """What a caller may say about the file where it can't be found out."""

    encoding: str | Sequence[str] | None = None
    delimiter: str | None = None
    quotechar: str | None = "auto"
    header_line: int | None = None
    sheet: str | int | None = None
    item: str | None = None
    limits: Limits = field(default_factory=Limits)

    def check(self, kind: str, name: str) -> None:
        """Refuse what says nothing about a file of this kind.

        Raises
        ------
        UsageError
            It names the argument, and those that count.
        """
        used = _LAYOUT_OF.get(kind, _LAYOUT_OF_TEXT)
        for given in ("encoding", "delimiter", "quotechar", "header_line", "sheet", "item"):
            value = getattr(self, given)
            if given not in used and value is not None and (given, value) != ("quotechar", "auto"):
                title = _TITLES.get(kind, "delimited text")
                listed = f": only {' and '.join(used)}" if used else ": nothing about its layout has to be said"
                raise UsageError(f"{given}={value!r} has no effect: {name} is {title}{listed}.")

    @property
    def one_encoding(self) -> str | None:
        """The encoding of a file that can have one only.

        Raises
        ------
        UsageError
            When two were named.
        """
        if self.encoding is None or isinstance(self.encoding, str):
            return self.encoding
        raise UsageError(
            "Two encodings can be named for CSV and its kin only; XML and JSON have one: encoding='utf-8'."
        )


@dataclass(frozen=True, kw_only=True)
class FrameTable:
    """A frame that the caller has read already."""

    frame: pd.DataFrame
    facts: Mapping[str, Any] = field(default_factory=lambda: {"format": "frame"})

    @property
    def header(self) -> list[str]:
        """The column names as text."""
        return [".".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in self.frame.columns]

    def read(self) -> pa.Table:
        """All rows.

        Raises
        ------
        UsageError
            When two columns have one name.
        """
        names = self.header
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise UsageError(f"The frame has two columns called {twice!r}. Rename one, or drop it.")
        columns = [plain_type(from_series(self.frame.iloc[:, at])) for at in range(len(names))]
        return pa.Table.from_arrays(columns, names=names)

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All rows, so many at a time."""
        table = self.read()
        yield from (table.slice(start, rows) for start in range(0, len(table), rows))


@dataclass(frozen=True, kw_only=True)
class EvenRecords:
    """Records that name their columns one by one: every chunk is given those of the whole source, in their order.

    What a source is, and what its columns say, is then the same for each chunk as for the source read whole.
    """

    records: RecordFile

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was found out, for the report."""
        return self.records.facts

    @property
    def header(self) -> list[str] | None:
        """None: only the records name their columns."""
        return None

    def read(self) -> pa.Table:
        """All records."""
        return self.records.read()

    def slabs(self, rows: int) -> Generator[pa.Table, None, None]:
        """All records, at most ``rows`` at a time."""
        if not self._shape:
            with closing(self.records.slabs(rows)) as chunks:
                self._shape.append(one_table([chunk.schema.empty_table() for chunk in chunks]))
        with closing(self.records.slabs(rows)) as chunks:
            yield from (one_table([self._shape[0], chunk]) for chunk in chunks)

    _shape: list[pa.Table] = field(default_factory=list, repr=False)


def open_records(source: Source, options: LayoutOptions, journal: Journal) -> RecordFile:
    """The reader for the kind of file that the source is."""
    options.check(source.kind, source.name)
    match source.kind:
        case "xml":
            # lxml takes a tenth of a second to load, which a CSV need not pay
            from smnotebook.feeds.xml_items import find_items

            return find_items(source, item=options.item, encoding=options.one_encoding, journal=journal)
        case "json":
            return find_objects(source, item=options.item, encoding=options.one_encoding)
        case "excel" | "spreadsheet" | "html":
            return find_sheet(source, journal, sheet=options.sheet, header_line=options.header_line)
        case "parquet":
            return open_parquet(source)
        case _:
            return look_at(
                source,
                journal,
                encoding=options.encoding,
                delimiter=options.delimiter,
                quotechar=options.quotechar,
                header_line=options.header_line,
            )
