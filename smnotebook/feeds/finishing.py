"""What can be said only once products are made: addresses, images, attributes, constants, availability."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import Text
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.grouping import Joined
from smnotebook.feeds.options import FeedOptions
from smnotebook.values.cells import Cells, Mask, as_text
from smnotebook.values.entries import Entries, split_entries
from smnotebook.values.findings import Journal
from smnotebook.values.pictures import PICTURES, without_bad_pictures
from smnotebook.values.rules import build_frame, fill_constant, fill_up
from smnotebook.values.templates import fill_template, slugs
from smnotebook.values.transforms import PRODUCT_FIELDS, Task, cut_lists

__all__ = ["finish", "finish_plain"]


def finish(draft: Draft, joined: Joined) -> pd.DataFrame:
    """The product frame."""
    cells, size = joined.cells, len(joined.heads)
    if draft.options.drop_bad_images:
        joined.lists["images"] = without_bad_pictures(joined.lists["images"], "imageUrls", draft.journal)
        _drop_bad_images(cells, draft.journal)
    _finish_images(draft, joined)
    _finish_attributes(draft, joined)
    if "categories" in cells:
        entries = split_entries(cells["categories"].values)
        if "mainCategory" in cells:
            entries = entries.without(cells["mainCategory"].values)
        cells["categories"] = cut_lists(entries, Task(field="categories", journal=draft.journal))
    _fill_constants(cells, draft.options, size)
    _finish_address(draft, joined, size)
    _finish_availability(draft, cells, size)
    return build_frame(cells)


def _drop_bad_images(cells: dict[str, Cells], journal: Journal) -> None:
    for name in PICTURES:
        if name in cells:
            cells[name] = without_bad_pictures(cells[name], name, journal)


def _finish_images(draft: Draft, joined: Joined) -> None:
    entries = split_entries(joined.lists.pop("images").values)
    if not len(entries.rows):
        return
    joined.cells.setdefault("mainImageUrl", Cells(values=entries.first()))
    rest = entries.without(joined.cells["mainImageUrl"].values)
    if len(rest.rows) and "imageUrls" not in joined.cells:
        joined.cells["imageUrls"] = cut_lists(rest, Task(field="imageUrls", journal=draft.journal))


def _finish_attributes(draft: Draft, joined: Joined) -> None:
    """Attribute values as text: several in one, as many as the field holds."""
    for name, column in joined.lists.items():
        declared = PRODUCT_FIELDS.get(name)
        limit = declared.constraint.max if declared and isinstance(declared.constraint, Text) else 255
        texts, cut = _fitting(split_entries(column.values), limit)
        if cut:
            message = f"more values than {limit} characters hold: the first ones kept"
            draft.journal.add("dropped", message, count=cut, field=name)
        own = joined.cells.get(name)
        joined.cells[name] = Cells(values=texts) if own is None else Cells(values=pc.coalesce(own.values, texts))


def _fitting(entries: Entries, limit: int) -> tuple[pa.Array, int]:
    """The entries of each row joined by commas as far as they fit, and how many rows lost some."""
    lengths = pc.utf8_length(entries.texts).to_numpy(zero_copy_only=False) + 2
    ends = np.cumsum(lengths)
    starts = np.searchsorted(entries.rows, entries.rows)
    before = np.concatenate([[0], ends])[starts] if len(ends) else ends
    fits = (ends - before - 2 <= limit) | (entries.places == 0)
    return as_text(entries.keep(fits).to_lists()), len(np.unique(entries.rows[~fits]))


def _fill_constants(cells: dict[str, Cells], options: FeedOptions, size: int) -> None:
    """Constants where the file says nothing; what it says is never replaced."""
    for name, value in options.constants.items():
        own = cells.get(name)
        cells[name] = fill_constant(name, value, size) if own is None else fill_up(own, name, value)


def _finish_address(draft: Draft, joined: Joined, size: int) -> None:
    columns = draft.columns.take(joined.heads)
    _build_addresses(joined.cells, columns, draft.options, draft.journal, page_names=joined.page_names)
    address = joined.cells.get("productUrl")
    if address is None or not address.filled.any():
        message = "the file holds no product addresses: give url_template=…, for example https://shop.example.com/products/{slug}"
        draft.journal.add("asked", message, count=size, field="productUrl")
        # no column is asked for once; a column of nothing would be a finding in every row
        joined.cells.pop("productUrl", None)


def _build_addresses(
    cells: dict[str, Cells],
    columns: Columns,
    options: FeedOptions,
    journal: Journal,
    *,
    page_names: pa.Array | None = None,
) -> None:
    """Addresses from the template for the rows that have none."""
    if options.url_template is None:
        return

    def column_of(hole: str) -> pa.Array | None:
        if hole == "slug" and columns.find("slug") is None:
            if page_names is not None:
                return slugs(page_names)
            return slugs(cells["name"].values) if "name" in cells else None
        return cells[hole].values if hole in cells else columns.get(hole)

    own = cells["productUrl"].values if "productUrl" in cells else None
    names = [*columns.names, *(name for name in cells if name not in columns.names)]
    filled = fill_template(options.url_template, column_of, names, journal, field="productUrl", own=own)
    cells["productUrl"] = Cells(values=filled)


def finish_plain(cells: dict[str, Cells], columns: Columns, options: FeedOptions, journal: Journal) -> pd.DataFrame:
    """Constants and addresses for a table that no preset was applied to; its columns keep their order."""
    _fill_constants(cells, options, len(columns))
    if options.drop_bad_images:
        _drop_bad_images(cells, journal)
    _build_addresses(cells, columns, options, journal)
    return pd.DataFrame({name: column.to_series() for name, column in cells.items()})


def _finish_availability(draft: Draft, cells: dict[str, Cells], size: int) -> None:
    if "available" in cells:
        _fill_availability(draft, cells)
        return
    cells["available"] = fill_constant("available", True, size)  # noqa: FBT003 - the field's value
    message = "the file says nothing of stock: all are taken for available"
    draft.journal.add("warned", message, count=size, field="available")


def _fill_availability(draft: Draft, cells: dict[str, Cells]) -> None:
    unknown: Mask = ~cells["available"].filled
    if unknown.any():
        values = pc.fill_null(cells["available"].values, True)  # noqa: FBT003 - the field's value
        blank = cells["available"].unread
        if blank is not None:
            values = pc.if_else(blank.is_valid(), pa.scalar(None, pa.bool_()), values)
        cells["available"] = Cells(values=values, unread=blank)
        message = "availability not given: taken for available"
        draft.journal.add("warned", message, count=unknown.sum(), field="available")
