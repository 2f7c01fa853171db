"""What single shop systems mean by their columns and no table can say, each in a function under the preset's name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.conversion.cells import TEXT, Cells, Mask, as_text, coalesce, mask_of
from smnotebook.conversion.entries import split_entries
from smnotebook.conversion.words import read_truth
from smnotebook.feeds.draft import Draft

__all__ = ["PECULIARITIES"]


def _equals(draft: Draft, names: tuple[str, ...], value: str) -> Mask:
    """Where the first of the columns says ``value``, in any case."""
    name = draft.columns.first_filled(names)
    if name is None:
        return np.zeros(len(draft), dtype=bool)
    return mask_of(pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(as_text(draft.columns[name]))), value))


def _truth(draft: Draft, names: tuple[str, ...], field: str) -> pa.Array | None:
    name = draft.columns.first_filled(names)
    return None if name is None else read_truth(draft.columns[name], draft.journal, field=field, name=name).values


def _shopify(draft: Draft) -> None:
    """Published and active; in stock where Shopify would sell it; rows without a price only add images."""
    columns, size = draft.columns, len(draft)
    price = columns.first_filled(draft.preset.price.paid)
    draft.is_extra = ~mask_of(columns[price].is_valid()) if price else np.zeros(size, dtype=bool)
    published = _truth(draft, ("Published", "Published on online store"), "active")
    status = columns.get("Status")
    active = pa.nulls(size, pa.bool_()) if published is None else published
    if status is not None:
        is_active = pc.equal(pc.utf8_lower(as_text(status)), "active")
        active = (
            is_active if published is None else pc.and_(pc.coalesce(active, is_active), pc.coalesce(is_active, active))
        )
    draft.cells["active"] = Cells(values=active)
    sold_on = _equals(draft, ("Variant Inventory Policy", "Continue selling when out of stock"), "continue")
    sold_on |= _equals(draft, ("Continue selling when out of stock",), "true")
    quantity = draft.cells["quantity"].values if "quantity" in draft.cells else pa.nulls(size, pa.int64())
    untracked = _untracked(draft, quantity)
    if untracked.any():
        draft.cells["quantity"] = Cells(
            values=pc.if_else(pa.array(untracked), pa.scalar(None, quantity.type), quantity)
        )
        message = "stock is not tracked: available, without a quantity"
        draft.journal.add("converted", message, count=untracked.sum(), field="quantity")
    available = mask_of(pc.greater(quantity, 0)) | sold_on | untracked | mask_of(quantity.is_null())
    draft.cells["available"] = Cells(values=pa.array(available, mask=draft.is_extra))


def _untracked(draft: Draft, quantity: pa.Array) -> Mask:
    """Variants whose stock Shopify does not count: no tracker, and a count of 0 that means nothing.

    Where rows without a tracker do hold counts, somebody keeps them elsewhere, and 0 means sold out.
    """
    name = draft.columns.find("Variant Inventory Tracker")
    if name is None:
        return np.zeros(len(draft), dtype=bool)
    none = ~mask_of(draft.columns[name].is_valid()) & ~draft.is_extra
    counted = mask_of(pc.greater(quantity, 0)) & none
    zero = mask_of(pc.equal(quantity, 0))
    return none & zero if not counted.any() else np.zeros(len(draft), dtype=bool)


def _woocommerce(draft: Draft) -> None:
    """Variations join their parents; grouped products cost what their cheapest member costs."""
    columns = draft.columns
    kind = columns.get("Type")
    kinds = pc.utf8_lower(as_text(kind)) if kind is not None else pa.nulls(len(draft), TEXT)
    sku, number = (
        as_text(c) if (c := columns.get(n)) is not None else pa.nulls(len(draft), TEXT) for n in ("SKU", "ID")
    )
    named = pc.binary_join_element_wise(pa.scalar("id:", TEXT), number, pa.scalar("", TEXT))
    own = coalesce([named, sku])
    parent = as_text(p) if (p := columns.get("Parent")) is not None else pa.nulls(len(draft), TEXT)
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
    _grouped_prices(draft, mask_of(pc.match_substring(kinds, "grouped")), sku, named)
    published = columns.get("Published")
    if published is not None:
        # -1 is a draft, 0 private
        draft.cells["active"] = Cells(
            values=pc.if_else(published.is_null(), pa.scalar(None, pa.bool_()), pc.equal(as_text(published), "1"))
        )
    hidden = _equals(draft, ("Visibility in catalog",), "hidden")
    if hidden.any():
        message = "hidden in the shop's catalog, yet published: kept as active"
        draft.journal.add(
            "warned",
            message,
            count=hidden.sum(),
            field="active",
            examples=sku.filter(pa.array(hidden)).slice(0, 3).to_pylist(),
        )


def _grouped_prices(draft: Draft, grouped: Mask, sku: pa.Array, named: pa.Array) -> None:
    members = draft.columns.get("Grouped products")
    if members is None or "price" not in draft.cells or not grouped.any():
        return
    price = draft.cells["price"].values
    entries = split_entries(members, ",")
    at = pc.coalesce(pc.index_in(entries.texts, value_set=sku), pc.index_in(entries.texts, value_set=named))
    member = pc.fill_null(at, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    paid = price.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    if "discountPrice" in draft.cells:
        paid = np.fmin(
            paid, draft.cells["discountPrice"].values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        )
    ranks = np.where(mask_of(at.is_valid()), paid[member], np.inf)
    order = np.lexsort((ranks, entries.rows))
    first = order[np.unique(entries.rows[order], return_index=True)[1]]
    source = np.arange(len(draft))
    wanted = grouped & ~draft.cells["price"].filled
    chosen = first[np.isfinite(ranks[first]) & wanted[entries.rows[first]]]
    source[entries.rows[chosen]] = member[chosen]
    for name in ("price", "discountPrice"):
        if name in draft.cells:
            draft.cells[name] = draft.cells[name].take(source)
    if len(chosen):
        message = "grouped products without a price take that of their cheapest member"
        draft.journal.add(
            "joined",
            message,
            count=len(chosen),
            field="price",
            examples=sku.take(pa.array(entries.rows[chosen])).to_pylist(),
        )


def _prestashop(draft: Draft) -> None:
    """Available where it may be ordered and there is stock, or orders are taken without."""
    orderable = _truth(draft, ("Available for order (0 = No, 1 = Yes)",), "available")
    quantity = draft.cells["quantity"].values if "quantity" in draft.cells else pa.nulls(len(draft), pa.int64())
    in_stock = mask_of(pc.greater(quantity, 0)) | mask_of(quantity.is_null())
    in_stock |= _equals(draft, ("Out of stock action",), "1") | _equals(draft, ("Virtual product",), "1")
    may = np.ones(len(draft), dtype=bool) if orderable is None else mask_of(pc.fill_null(orderable, True))  # noqa: FBT003
    draft.cells["available"] = Cells(values=pa.array(in_stock & may))


PECULIARITIES: dict[str, Callable[[Draft], None]] = {
    "shopify": _shopify,
    "woocommerce": _woocommerce,
    "prestashop": _prestashop,
}
