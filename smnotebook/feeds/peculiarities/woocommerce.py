"""WooCommerce: variations and their parents, grouped products, drafts and private ones."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.draft import Draft
from smnotebook.feeds.peculiarities.asking import price_groups_by_members, says, text_of
from smnotebook.values.cells import TEXT, Cells, Mask, as_text, coalesce, mask_of
from smnotebook.values.entries import split_entries

__all__ = ["settle"]


def settle(draft: Draft) -> None:
    """Variations join their parents; grouped products cost what their cheapest member costs."""
    kinds = pc.utf8_lower(text_of(draft, "Type"))
    sku, number = text_of(draft, "SKU"), text_of(draft, "ID")
    named = pc.binary_join_element_wise(pa.scalar("id:", TEXT), number, pa.scalar("", TEXT))
    _join_variations(draft, sku, named)
    draft.is_parent = mask_of(pc.match_substring_regex(kinds, r"\bvariable\b"))
    is_grouped = mask_of(pc.match_substring(kinds, "grouped"))
    price_groups_by_members(draft, is_grouped, split_entries(text_of(draft, "Grouped products")), sku, named)
    _settle_active(draft, mask_of(pc.equal(kinds, "variation")), sku)


def _join_variations(draft: Draft, sku: pa.Array, named: pa.Array) -> None:
    """Variations with the row that they name as their parent, by SKU or as id:123."""
    parent = pc.replace_substring_regex(text_of(draft, "Parent"), r"^id:\s+", "id:")
    at = pc.coalesce(pc.index_in(parent, value_set=named), pc.index_in(parent, value_set=sku))
    at = pc.if_else(parent.is_valid(), at, pa.scalar(None, at.type))
    own = coalesce([named, sku])
    draft.group = coalesce([own.take(at), parent, own])
    lost = mask_of(parent.is_valid()) & ~mask_of(at.is_valid())
    if lost.any():
        message = "variations whose parent is not in the file: joined among themselves"
        examples = parent.filter(pa.array(lost)).slice(0, 3).to_pylist()
        draft.journal.add("warned", message, count=lost.sum(), examples=examples)


def _settle_active(draft: Draft, is_variation: Mask, sku: pa.Array) -> None:
    """Published is 1; 0 is private, -1 a draft. A variation that is not published is switched off and left out."""
    published = draft.columns.get("Published")
    if published is not None:
        is_on = pc.equal(as_text(published), "1")
        draft.cells["active"] = Cells(values=is_on)
        off = is_variation & mask_of(pc.invert(is_on))
        if off.any():
            draft.is_off = off
            examples = sku.filter(pa.array(off)).slice(0, 3).to_pylist()
            draft.journal.add("dropped", "variations that are switched off", count=off.sum(), examples=examples)
    hidden = says(draft, ("Visibility in catalog",), "hidden")
    if hidden.any():
        message = "hidden in the shop's catalog, yet published: kept as active"
        examples = sku.filter(pa.array(hidden)).slice(0, 3).to_pylist()
        draft.journal.add("warned", message, count=hidden.sum(), field="active", examples=examples)
