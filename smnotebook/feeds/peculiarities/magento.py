"""Magento: translations, configurable products and their hidden variants, grouped products."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.peculiarities.asking import price_groups_by_members, says, text_of
from smnotebook.values.cells import TEXT, Cells, as_text, coalesce, mask_of
from smnotebook.values.entries import split_entries
from smnotebook.values.findings import Journal

__all__ = ["prepare", "settle"]


def prepare(columns: Columns, journal: Journal) -> Columns:
    """Without the rows that only translate another one for a store view."""
    view = columns.get("store_view_code")
    if view is None:
        return columns
    translated = mask_of(as_text(view).is_valid())
    if not translated.any():
        return columns
    message = "rows of a store view: translations of another row, left out"
    journal.add("dropped", message, count=translated.sum(), examples=as_text(view).drop_null().unique().to_pylist())
    return columns.take(np.flatnonzero(~translated))


def settle(draft: Draft) -> None:
    """Variants join the configurable product that lists them."""
    sku, kinds = text_of(draft, "sku"), text_of(draft, "product_type")
    draft.cells["active"] = Cells(values=pc.equal(text_of(draft, "product_online"), "1"))
    listed = split_entries(text_of(draft, "configurable_variations"), "|")
    children = pc.extract_regex(listed.texts, r"(?:^|,)\s*sku=(?P<sku>[^,|]+)").field(0).cast(TEXT)
    at = pc.index_in(sku, value_set=children)
    owners = pa.array(listed.rows)
    draft.group = coalesce([sku.take(owners.take(at)), sku])
    draft.is_parent = np.zeros(len(draft), dtype=bool)
    draft.is_parent[listed.rows] = True
    hidden = says(draft, ("visibility",), "not visible individually") & ~mask_of(at.is_valid())
    if hidden.any():
        message = "not visible individually, and variants of no product in the file: they have no page of their own"
        examples = sku.filter(pa.array(hidden)).slice(0, 3).to_pylist()
        draft.journal.add("warned", message, count=hidden.sum(), field="productUrl", examples=examples)
    members = split_entries(pc.replace_substring_regex(text_of(draft, "associated_skus"), r"=[^,]*", ""))
    price_groups_by_members(draft, mask_of(pc.equal(kinds, "grouped")), members, sku)
