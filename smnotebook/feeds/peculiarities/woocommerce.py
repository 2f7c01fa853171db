"""WooCommerce: variations and their parents, grouped products, drafts and private ones."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.conversion.cells import TEXT, Cells, as_text, coalesce, mask_of
from smnotebook.conversion.entries import split_entries
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.peculiarities.asking import price_groups_by_members, says, text_of

__all__ = ["settle"]


def settle(draft: Draft) -> None:
    """Variations join their parents; grouped products cost what their cheapest member costs."""
    columns = draft.columns
    kinds = pc.utf8_lower(text_of(draft, "Type"))
    sku, number, parent = (text_of(draft, name) for name in ("SKU", "ID", "Parent"))
    named = pc.binary_join_element_wise(pa.scalar("id:", TEXT), number, pa.scalar("", TEXT))
    own = coalesce([named, sku])
    at = pc.coalesce(pc.index_in(parent, value_set=named), pc.index_in(parent, value_set=sku))
    at = pc.if_else(parent.is_valid(), at, pa.scalar(None, at.type))
    draft.group = coalesce([own.take(at), parent, own])
    draft.is_parent = mask_of(pc.match_substring_regex(kinds, r"\bvariable\b"))
    lost = mask_of(parent.is_valid()) & ~mask_of(at.is_valid())
    if lost.any():
        message = "variations whose parent is not in the file stand for themselves"
        draft.journal.add(
            "warned", message, count=lost.sum(), examples=parent.filter(pa.array(lost)).slice(0, 3).to_pylist()
        )
    is_grouped = mask_of(pc.match_substring(kinds, "grouped"))
    price_groups_by_members(draft, is_grouped, split_entries(text_of(draft, "Grouped products")), sku, named)
    published = columns.get("Published")
    if published is not None:
        # -1 is a draft, 0 private
        draft.cells["active"] = Cells(
            values=pc.if_else(published.is_null(), pa.scalar(None, pa.bool_()), pc.equal(as_text(published), "1"))
        )
    hidden = says(draft, ("Visibility in catalog",), "hidden")
    if hidden.any():
        message = "hidden in the shop's catalog, yet published: kept as active"
        draft.journal.add(
            "warned",
            message,
            count=hidden.sum(),
            field="active",
            examples=sku.filter(pa.array(hidden)).slice(0, 3).to_pylist(),
        )
