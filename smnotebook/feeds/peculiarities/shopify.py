"""Shopify, its exports and what its API answers: what is sold, what is in stock, which rows are but an image."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.draft import Draft
from smnotebook.feeds.peculiarities.asking import quantity_of, says, truth_of
from smnotebook.values.cells import Cells, Mask, as_text, mask_of

__all__ = ["settle", "settle_answer"]

#: Of each variant: who counts its stock, and whether it is sold without any; in the exports and in the API.
_TRACKERS = ("Variant Inventory Tracker", "Inventory tracker", "variants.inventory_management")
_POLICIES = ("Variant Inventory Policy", "Continue selling when out of stock", "variants.inventory_policy")


def settle(draft: Draft) -> None:
    """Published and active; in stock where Shopify would sell it; rows without a price only add images."""
    columns, size = draft.columns, len(draft)
    price = columns.first_filled(draft.preset.price.paid)
    draft.is_extra = ~mask_of(columns[price].is_valid()) if price else np.zeros(size, dtype=bool)
    published = truth_of(draft, ("Published", "Published on online store"), "active")
    status = columns.get("Status")
    active = pa.nulls(size, pa.bool_()) if published is None else published
    if status is not None:
        is_active = pc.equal(pc.utf8_lower(as_text(status)), "active")
        active = (
            is_active if published is None else pc.and_(pc.coalesce(active, is_active), pc.coalesce(is_active, active))
        )
    draft.cells["active"] = Cells(values=active)
    draft.cells["available"] = Cells(values=pa.array(_can_be_bought(draft), mask=draft.is_extra))


def settle_answer(draft: Draft) -> None:
    """Of products from the API the same, unless each variant says itself whether it is available."""
    if not draft.columns.find_all([*_TRACKERS, *_POLICIES]):
        return
    available = pa.array(_can_be_bought(draft))
    own = draft.cells.get("available")
    draft.cells["available"] = Cells(values=available if own is None else pc.coalesce(own.values, available))


def _can_be_bought(draft: Draft) -> Mask:
    """Where there is stock, or Shopify sells without; a stock that nobody tracks is no quantity."""
    sold_on = says(draft, _POLICIES, "continue") | says(draft, ("Continue selling when out of stock",), "true")
    quantity = quantity_of(draft)
    untracked = _untracked(draft, quantity)
    if untracked.any():
        draft.cells["quantity"] = Cells(
            values=pc.if_else(pa.array(untracked), pa.scalar(None, quantity.type), quantity)
        )
        message = "stock is not tracked: available, without a quantity"
        draft.journal.add("converted", message, count=untracked.sum(), field="quantity")
    available: Mask = mask_of(pc.greater(quantity, 0)) | sold_on | untracked | mask_of(quantity.is_null())
    return available


def _untracked(draft: Draft, quantity: pa.Array) -> Mask:
    """Variants whose stock Shopify does not count: no tracker, and a count of 0 that means nothing.

    Where rows without a tracker do hold counts, somebody keeps them elsewhere, and 0 means sold out.
    """
    found = draft.columns.find_all(_TRACKERS)
    if not found:
        return np.zeros(len(draft), dtype=bool)
    none = ~mask_of(draft.columns[found[0]].is_valid()) & ~draft.is_extra
    counted = mask_of(pc.greater(quantity, 0)) & none
    zero = mask_of(pc.equal(quantity, 0))
    return none & zero if not counted.any() else np.zeros(len(draft), dtype=bool)
