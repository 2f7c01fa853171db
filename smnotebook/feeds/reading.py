"""``read_feed``: from whatever file an analyst has to a product frame."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, islice
from typing import Any, Protocol, TypedDict, Unpack, overload

import pandas as pd
import pyarrow as pa

from smnotebook.errors import FeedError, OpenQuestions, UsageError
from smnotebook.feeds.arguments import check_arguments, check_fit, check_marks, rule_of
from smnotebook.feeds.cleaning import CleanedColumns, clean_cells
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.finishing import finish_plain
from smnotebook.feeds.grouping import uncut_groups
from smnotebook.feeds.limits import Limits
from smnotebook.feeds.options import FeedOptions, Rows
from smnotebook.feeds.peculiarities import SCATTERED
from smnotebook.feeds.plain import as_it_is, in_api_names
from smnotebook.feeds.presets import Preset, find_preset
from smnotebook.feeds.products import make_products, override
from smnotebook.feeds.recognition import Recognition, is_product_frame, own_preset, recognise, refuse_misfit
from smnotebook.feeds.sources import open_source
from smnotebook.feeds.tables import EvenRecords, FrameTable, LayoutOptions, RecordFile, open_records
from smnotebook.values.amounts.context import AmountContext, Survey
from smnotebook.values.categories import MainCategory
from smnotebook.values.findings import Journal
from smnotebook.values.periods import moment_of
from smnotebook.values.questions import Question
from smnotebook.values.report import ATTRIBUTE, ReadingReport
from smnotebook.values.rules import FieldRule
from smnotebook.values.transforms import PRODUCT_FIELDS

__all__ = ["RulesOfMapping", "read_feed"]


class RulesOfMapping(Protocol):
    """What a mapping must have to be read with: one rule a field, and no question that waits for an answer."""

    @property
    def rules(self) -> tuple[FieldRule, ...]:
        """The rules."""

    @property
    def unanswered(self) -> tuple[Question, ...]:
        """The questions without whose answers nothing is read."""


MappingLike = RulesOfMapping | Mapping[str, Any]


class FeedArguments(TypedDict, total=False):
    """The keyword arguments of :func:`read_feed` but for ``chunk_rows``."""

    preset: str | None
    mapping: MappingLike | None
    url_template: str | None
    image_base_url: str | None
    constants: Mapping[str, Any] | None
    rows: Rows
    main_category: MainCategory
    vat_percent: float | None
    today: date | None
    decimal: str | Mapping[str, str]
    currency: str
    mend_encoding: bool
    drop_bad_images: bool
    encoding: str | Sequence[str] | None
    delimiter: str | None
    quotechar: str | None
    header_line: int | None
    sheet: str | int | None
    item: str | None
    limits: Limits | None


@overload
def read_feed(
    source: Any, *, chunk_rows: None = ..., slab_rows: None = ..., **arguments: Unpack[FeedArguments]
) -> pd.DataFrame: ...


@overload
def read_feed(source: Any, *, chunk_rows: int, **arguments: Unpack[FeedArguments]) -> Iterator[pd.DataFrame]: ...


@overload
def read_feed(source: Any, *, slab_rows: int, **arguments: Unpack[FeedArguments]) -> Iterator[pd.DataFrame]: ...


def read_feed(
    source: Any,
    *,
    preset: str | None = "auto",
    mapping: MappingLike | None = None,
    url_template: str | None = None,
    image_base_url: str | None = None,
    constants: Mapping[str, Any] | None = None,
    rows: Rows = "auto",
    main_category: MainCategory = "deepest",
    vat_percent: float | None = None,
    today: date | None = None,
    decimal: str | Mapping[str, str] = "",
    currency: str = "",
    mend_encoding: bool = False,
    drop_bad_images: bool = False,
    encoding: str | Sequence[str] | None = None,
    delimiter: str | None = None,
    quotechar: str | None = "auto",
    header_line: int | None = None,
    sheet: str | int | None = None,
    item: str | None = None,
    limits: Limits | None = None,
    chunk_rows: int | None = None,
    slab_rows: int | None = None,
) -> pd.DataFrame | Iterator[pd.DataFrame]:
    """Read a shop's export - CSV, Excel, Parquet, JSON, XML, gzipped or not - as products.

    Parameters
    ----------
    source : path, bytes, open file or DataFrame
    preset : which system wrote it; "auto" finds out, None leaves the table as it is but for the mapping.
    mapping : a Mapping, or a dict of field to column, columns, or {"from": column, "as": transform}. The preset fills
        what the mapping does not. discountFrom, discountTo, onSale and discountPercentage can be mapped too: they
        decide about discountPrice and are not sent.
    url_template : builds productUrl where the file has none: "https://shop.example.com/products/{Handle}"; {slug} is
        made of the name.
    image_base_url : put before image addresses without one.
    constants : fields that hold one value in every row where the file says nothing.
    rows : "product" joins rows that belong together, "variant" keeps one a variant, "row" every row.
    main_category : "deepest" or "first" level of a category path.
    vat_percent : tax to add to net prices.
    today : the date, or the zoned datetime, by which sale periods are judged; now where not given.
    decimal : "." or ",", the decimal mark of amounts and counts; as a dict {column: mark}. Where a column says nothing
        about its mark, the report asks for it.
    currency : ISO code of the prices; cells in another currency stay text.
    mend_encoding : mend text that was encoded twice.
    drop_bad_images : leave out addresses of pictures that can't be made a URL, with a warning; the product stays.
    encoding : of the text; of two the second is for lines that are not in the first: ("utf-8", "cp1250").
    delimiter : what stands between two cells, of one sign or several.
    quotechar : what encloses cells; None: nothing does, and quotes are text; "auto" finds out.
    header_line : the line with the column names, from 1.
    sheet : which sheet of a workbook, by name or place from 0.
    item : the XML element or JSON key that holds a product.
    limits : how large a file may be in each of its parts, a Limits.
    chunk_rows : give frames of at most so many rows, one after the other. The file is read twice: what a text means is
        decided once, by all of its column.
    slab_rows : the former name of chunk_rows, deprecated.

    Returns
    -------
    DataFrame, or an iterator of them
        In the API's field names; :func:`reading_report` tells what was done.

    Raises
    ------
    UsageError
        Also for an argument that has no effect on this file; it says why.
    """
    layout = LayoutOptions(
        encoding=encoding,
        delimiter=delimiter,
        quotechar=quotechar,
        header_line=header_line,
        sheet=sheet,
        item=item,
        limits=limits or Limits(),
    )
    options = FeedOptions(
        today=moment_of(today),
        url_template=url_template,
        image_base_url=image_base_url,
        constants=dict(constants or {}),
        rows=rows,
        main_category=main_category,
        vat_percent=vat_percent,
        drop_bad_images=drop_bad_images,
    )
    if slab_rows is not None:
        warnings.warn("slab_rows is now called chunk_rows.", DeprecationWarning, stacklevel=2)
    reading = _Reading(
        preset=preset,
        rules=_rules(mapping),
        options=options,
        amounts=AmountContext(decimal=decimal, currency=currency),
        mend_encoding=mend_encoding,
    )
    size = chunk_rows if chunk_rows is not None else slab_rows
    return reading.whole(source, layout) if size is None else reading.chunks(source, layout, size)


def _rules(mapping: MappingLike | None) -> tuple[FieldRule, ...]:
    if mapping is None:
        return ()
    if not isinstance(mapping, Mapping):
        if not hasattr(mapping, "unanswered"):
            raise UsageError(
                "mapping must be a dict of field to column, such as {'price': 'Price'}, or a Mapping, such as "
                f"suggest_mapping() gives, not {mapping!r}."
            )
        if mapping.unanswered:
            raise OpenQuestions(mapping.unanswered)
        return mapping.rules
    return tuple(rule_of(field, source) for field, source in mapping.items())


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """One call's choices, applied to one table or to chunk after chunk."""

    preset: str | None
    rules: tuple[FieldRule, ...]
    options: FeedOptions
    amounts: AmountContext
    mend_encoding: bool

    def whole(self, source: Any, layout: LayoutOptions) -> pd.DataFrame:
        journal = Journal(amounts=self.amounts.anew())
        records, name = self._open(source, layout, journal)
        return self.make(records.read(), records, name, journal)

    def chunks(self, source: Any, layout: LayoutOptions, rows: int) -> Iterator[pd.DataFrame]:
        if rows < 1:
            raise UsageError(f"chunk_rows must be at least 1, not {rows}.")
        journal = Journal(amounts=self.amounts.anew())
        records, name = self._open(source, layout, journal)
        records = records if records.header is not None else EvenRecords(records=records)
        return self._chunks(records, name, rows, journal)

    def _open(self, source: Any, layout: LayoutOptions, journal: Journal) -> tuple[RecordFile, str]:
        check_arguments(self.options, None)
        records: RecordFile
        if isinstance(source, pd.DataFrame):
            records, name = FrameTable(frame=source), "the given frame"
            layout.check("frame", name)
        else:
            opened = open_source(source, layout.limits)
            records, name = open_records(opened, layout, journal), opened.name
        check_arguments(self.options, records.header)
        return records, name

    def _chunks(self, records: RecordFile, name: str, rows: int, journal: Journal) -> Iterator[pd.DataFrame]:
        with journal.muted():
            self._survey(records, name, rows, journal.amounts)
        found: Recognition | None = None
        for table in self._whole_products(records, rows):
            found = found or self._recognise(Columns(table), records)
            yield self.make(table, records, name, journal, found=found)
            journal = Journal(amounts=journal.amounts)

    def _survey(self, records: RecordFile, name: str, rows: int, amounts: AmountContext) -> None:
        """The first pass: what all chunks show about the columns of amounts and counts.

        Which columns that are is known once a chunk has been read: the first one is, for that alone.
        """

        def cleaned(chunk: pa.Table) -> CleanedColumns:
            return CleanedColumns(table=chunk, mend=self.mend_encoding)

        def tables() -> Iterator[CleanedColumns]:
            with closing(records.slabs(rows)) as chunks:
                yield from map(cleaned, chunks)

        with closing(records.slabs(rows)) as chunks:
            beginning = list(islice(chunks, 2))
            if not beginning or not len(beginning[0]):
                return
            if len(beginning) == 1:
                amounts.survey = Survey(tables=lambda: map(cleaned, beginning))
                return
            trial = Journal(amounts=self.amounts.anew())
            self.make(beginning[0], records, name, trial)
            # this reading goes on; whoever asks for more has the file read again
            amounts.survey = Survey(tables=lambda: map(cleaned, chain(beginning, chunks)))
            amounts.survey.look_at({part for _, column, *_ in trial.amounts.decisions for part in column.split(", ")})
            amounts.survey.tables = tables

    def _whole_products(self, records: RecordFile, rows: int) -> Iterator[pa.Table]:
        """Tables of the file, cut where one product ends and the next begins."""
        with closing(records.slabs(rows)) as tables:
            first = next(tables, None)
            if first is None:
                return
            columns = Columns(first)
            preset = self._recognise(columns, records).preset
            together = chain([first], tables)
            if (
                preset is None
                or self.options.rows == "row"
                or (preset.variants.separate and self.options.rows == "auto")
            ):
                yield from together
                return
            if preset.name in SCATTERED:
                raise UsageError(
                    f"In a {preset.title} the rows of one product may stand anywhere, so chunks can't be joined. "
                    "Read the file whole, or ask for every row as it stands with rows='row'."
                )
            group = columns.first_filled(preset.variants.group)
            yield from together if group is None else uncut_groups(together, group)

    def _joins(self, preset: Preset) -> bool:
        asked = self.options.rows
        return asked != "row" and not (asked == "auto" and preset.variants.separate)

    def make(
        self, table: pa.Table, records: RecordFile, name: str, journal: Journal, *, found: Recognition | None = None
    ) -> pd.DataFrame:
        """One table as products, its report attached."""
        if not len(table):
            raise FeedError(f"{name} has column names and no rows. Export it again.")
        columns = Columns(clean_cells(table, journal, mend=self.mend_encoding))
        if journal.amounts.survey is None:
            journal.amounts.survey = Survey(tables=lambda: [columns])
        found = found or self._recognise(columns, records)
        frame, mapped = self._products(columns, found, journal)
        self._keep_index(frame, records)
        is_guess = self.preset == "auto" and found.preset is not None and found.preset.name != "mapping"
        report = ReadingReport(
            source=name,
            facts=dict(records.facts),
            preset=found.preset.name if found.preset else None,
            confidence=found.confidence if is_guess else None,
            reason=found.reason,
            rows=len(table),
            products=len(frame),
            mapped=mapped,
            unmapped=() if found.preset is None else tuple(columns.unused[:100]),
            findings=journal.findings,
            questions=tuple(journal.questions),
            decisions=journal.decisions,
        )
        frame.attrs[ATTRIBUTE] = report.to_dict()
        return frame

    def _recognise(self, columns: Columns, records: RecordFile) -> Recognition:
        found = self._known(columns, records)
        check_fit(self.options, found.preset, columns)
        check_marks(self.amounts.decimal, columns.names)
        return found

    def _known(self, columns: Columns, records: RecordFile) -> Recognition:
        """The preset as named or found, and the caller's own rules on top of it."""
        if self.preset is None and not self.rules:
            return Recognition(preset=None, confidence=0.0, reason="left as it is, as asked")
        if self.preset not in (None, "auto"):
            preset = replace(find_preset(self.preset), overrides=self.rules)
            refuse_misfit(preset, columns)
            return Recognition(preset=preset, confidence=1.0, reason="as asked")
        found = Recognition(preset=None, confidence=0.0, reason="as mapped")
        if self.preset == "auto" and is_product_frame(columns.names):
            preset = Preset(name="product fields", title="The API's own names")
            found = Recognition(preset=preset, confidence=1.0, reason="the columns carry the API's own names")
        elif self.preset == "auto":
            found = recognise(columns, kind=str(records.facts.get("format", "csv")))
        if not self.rules:
            return found
        if found.preset is None:
            return Recognition(preset=own_preset(self.rules, columns), confidence=1.0, reason="as mapped")
        reason = f"{found.reason}; {', '.join(rule.field for rule in self.rules)} as mapped"
        return replace(found, preset=replace(found.preset, overrides=self.rules), reason=reason)

    def _products(self, columns: Columns, found: Recognition, journal: Journal) -> tuple[pd.DataFrame, dict[str, str]]:
        if found.preset is None:
            return finish_plain(as_it_is(columns), columns, self.options, journal), {}
        if found.preset.name == "product fields":
            cells = in_api_names(columns, journal)
            mapped = {name: name for name in cells if name in PRODUCT_FIELDS}
            mapped |= override(cells, found.preset.overrides, columns, self.options, journal)
            return finish_plain(cells, columns, self.options, journal), mapped
        return make_products(columns, found.preset, self.options, journal)

    def _keep_index(self, frame: pd.DataFrame, records: RecordFile) -> None:
        if isinstance(records, FrameTable) and len(frame) == len(records.frame):
            frame.index = records.frame.index
