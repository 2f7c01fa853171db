"""Wix: variants that inherit their product's price, image rows, stock as a word or a count."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.values.amounts.reading import read_money
from smnotebook.values.cells import TEXT, Cells, as_text, mask_of
from smnotebook.values.findings import Journal

__all__ = ["prepare", "settle"]


# What a variant row leaves to its product.
_INHERITED = ("price", "strikethroughPrice", "discountMode", "discountValue", "visible")


def prepare(columns: Columns, journal: Journal) -> Columns:
    """Variants with their product's price, and the surcharge on it."""
    handle = columns.first_filled(("handleId", "handle"))
    if handle is None:
        return columns
    keys = as_text(columns[handle])
    is_product = mask_of(pc.equal(pc.utf8_lower(_text_of(columns, "fieldType")), "product"))
    first = np.flatnonzero(is_product)
    owner = pa.array(first).take(pc.index_in(keys, value_set=keys.take(pa.array(first))))
    table = columns.table
    for name in (found for given in _INHERITED if (found := columns.find(given))):
        cells = as_text(columns.typed(name))
        table = table.set_column(table.column_names.index(name), name, pc.coalesce(cells, cells.take(owner)))
    surcharge = columns.find("surcharge")
    price = columns.find("price")
    if surcharge is None or price is None:
        return columns.changed(table)
    more = read_money(columns.typed(surcharge), journal.quiet(), field="price", name=surcharge).values.cast(
        pa.float64()
    )
    if not pc.any(pc.not_equal(more, 0)).as_py():
        return columns.changed(table)
    own = read_money(table.column(price), journal, field="price", name=price)
    added = pc.round(pc.add(own.values.cast(pa.float64()), pc.fill_null(more, 0.0)), ndigits=2)
    journal.add("converted", "surcharges added to the price", count=mask_of(pc.not_equal(more, 0)).sum(), field="price")
    return columns.changed(table.set_column(table.column_names.index(price), price, added))


def settle(draft: Draft) -> None:
    """Rows by their kind; a word for the stock is no quantity."""
    kinds = pc.utf8_lower(_text_of(draft.columns, "fieldType"))
    draft.is_extra = mask_of(pc.equal(kinds, "media"))
    keys = as_text(draft.group) if draft.group is not None else pa.nulls(len(draft), TEXT)
    variants = keys.filter(pc.equal(kinds, "variant"))
    draft.is_parent = mask_of(pc.equal(kinds, "product")) & mask_of(pc.is_in(keys, value_set=variants))
    inventory = _text_of(draft.columns, "inventory")
    counts = pc.if_else(pc.match_substring_regex(inventory, r"^-?\d{1,15}$"), inventory, pa.scalar(None, TEXT))
    if counts.null_count < len(counts):
        draft.cells["quantity"] = Cells(values=counts.cast(pa.int64()))


def _text_of(columns: Columns, name: str) -> pa.Array:
    """The column as text, empty where there is none."""
    column = columns.get(name)
    return pa.nulls(len(columns), TEXT) if column is None else as_text(column)
