"""Rows that belong to one product, made one product."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.draft import Draft
from smnotebook.feeds.grouping import Groups, Joined, Positions, first_by
from smnotebook.feeds.variants import by_variant
from smnotebook.values.cells import TEXTS, Cells, Mask, mask_of
from smnotebook.values.discounts import as_floats
from smnotebook.values.entries import Entries, split_entries

__all__ = ["join_rows"]


def join_rows(draft: Draft) -> Joined:
    """Join the draft's rows as its options ask."""
    everything = np.arange(len(draft))
    asked = draft.options.rows
    if draft.group is None or asked == "row":
        return Joined(cells=draft.cells, lists=draft.lists, heads=everything)
    if draft.is_off.any():
        rows = np.flatnonzero(~draft.is_off)
        joined = join_rows(draft.only(rows))
        return replace(joined, heads=rows[joined.heads])
    groups = Groups.of(draft)
    if groups.size == len(draft) and not draft.is_extra.any() and asked != "variant":
        return Joined(cells=draft.cells, lists=draft.lists, heads=everything)
    separate = draft.preset.variants.separate if asked == "auto" else asked == "variant"
    return by_variant(draft, groups) if separate else _by_product(draft, groups)


def _first_filled(cells: Cells, groups: Groups) -> Cells:
    is_head = np.zeros(len(cells), dtype=bool)
    is_head[groups.heads] = True
    rank = np.where(cells.filled, np.where(is_head, 0, 1), 2)
    return cells.take(first_by(groups.codes, rank))


def _by_product(draft: Draft, groups: Groups) -> Joined:
    cells = {name: _first_filled(column, groups) for name, column in draft.cells.items()}
    _join_prices(draft, groups, cells)
    if "quantity" in draft.cells:
        cells["quantity"] = _summed(draft, groups)
    if "available" in draft.cells:
        cells["available"] = _any(draft, groups)
    if "categories" in draft.cells:
        cells["categories"] = _union(draft.cells["categories"], groups)
    lists = {name: _union(column, groups) for name, column in draft.lists.items()}
    joined = len(draft) - groups.size
    if joined:
        many = np.bincount(groups.codes) > 1
        examples = _ids_of(draft, groups.heads[many][:3])
        draft.journal.add(
            "joined",
            f"rows became {many.sum()} {'product' if many.sum() == 1 else 'products'}",
            count=joined + many.sum(),
            examples=examples,
        )
    return Joined(cells=cells, lists=lists, heads=groups.heads)


def _ids_of(draft: Draft, rows: Positions) -> list[Any]:
    """The products' ids, for examples; their rows where they have none."""
    ids = draft.cells.get("productId")
    return [f"row {row}" for row in rows] if ids is None else ids.take(rows).values.to_pylist()


def _join_prices(draft: Draft, groups: Groups, cells: dict[str, Cells]) -> None:
    """Price and reduction of one and the same variant: of the cheapest."""
    if "price" not in draft.cells:
        return
    price = as_floats(draft.cells["price"].values)
    paid = np.fmin(price, as_floats(draft.cells["discountPrice"].values)) if "discountPrice" in draft.cells else price
    unfit = np.isnan(paid) | draft.is_extra
    # a parent's own price is no more than a summary of its variants, and a 0 is a placeholder beside real prices
    for weaker in (draft.is_parent, paid == 0):
        unfit |= weaker & _any_in(groups, ~unfit & ~weaker)[groups.codes]
    sold_out = mask_of(pc.invert(draft.cells["available"].values)) if "available" in draft.cells else unfit
    # nobody can buy what is sold out: its price counts only where nothing else is left
    rank = np.where(unfit, np.inf, paid + np.where(sold_out, 1e12, 0))
    cheapest = first_by(groups.codes, rank)
    for name in ("price", "discountPrice"):
        if name in draft.cells:
            cells[name] = draft.cells[name].take(cheapest)
    highest = np.full(groups.size, -np.inf)
    np.maximum.at(highest, groups.codes, np.where(unfit, -np.inf, paid))
    lowest = np.where(unfit, np.inf, paid)[cheapest]
    differs = (highest > lowest) & np.isfinite(lowest)
    if differs.any():
        at = np.flatnonzero(differs)[:3]
        names = _ids_of(draft, groups.heads[at])
        examples = [f"{name}: {paid[cheapest[g]]:.2f} to {highest[g]:.2f}" for name, g in zip(names, at, strict=True)]
        draft.journal.add(
            "joined",
            "variants at different prices: the lowest of those in stock is taken",
            count=differs.sum(),
            field="price",
            examples=examples,
        )


def _any_in(groups: Groups, rows: Mask) -> Mask:
    """The products that have one of the rows."""
    found: Mask = np.bincount(groups.codes, weights=rows, minlength=groups.size) > 0
    return found


def _summed(draft: Draft, groups: Groups) -> Cells:
    values = draft.cells["quantity"].values
    counted = mask_of(values.is_valid()) & ~draft.is_extra
    # a parent's own count repeats those of its variants, and a count that variants share is one count
    shared = counted & (draft.is_parent | draft.shares_stock)
    counted &= ~shared
    first = np.zeros(len(draft), dtype=bool)
    first[first_by(groups.codes, np.where(shared, 0, 1))] = True
    counted |= shared & first & ~_any_in(groups, counted)[groups.codes]
    numbers = np.where(counted, pc.fill_null(values, 0).to_numpy(zero_copy_only=False), 0).astype(np.int64)
    sums = np.zeros(groups.size, dtype=np.int64)
    # one variant that was oversold must not hide the stock of another
    is_shared = (np.bincount(groups.codes) > 1)[groups.codes]
    np.add.at(sums, groups.codes, np.where(is_shared, np.maximum(numbers, 0), numbers))
    none = ~_any_in(groups, counted)
    unread = draft.cells["quantity"].unread
    return Cells(
        values=pa.array(sums, mask=none), unread=None if unread is None else unread.take(pa.array(groups.heads))
    )


def _any(draft: Draft, groups: Groups) -> Cells:
    cells = draft.cells["available"]
    variants = ~draft.is_extra & cells.filled
    has_variants = _any_in(groups, variants & ~draft.is_parent)
    counted = variants & ~(draft.is_parent & has_variants[groups.codes])
    yes = _any_in(groups, counted & mask_of(cells.values))
    known = _any_in(groups, counted)
    if cells.unread is None:
        return Cells(values=pa.array(yes, mask=~known))
    # one in stock is enough; beside a text that could not be read, none in stock would be a guess
    is_open = counted & mask_of(cells.values.is_null())
    has_open = _any_in(groups, is_open) & ~yes
    first = cells.unread.take(pa.array(first_by(groups.codes, np.where(is_open, 0, 1))))
    unread = pc.if_else(pa.array(has_open), first, pa.scalar(None, first.type))
    return Cells(values=pa.array(yes, mask=~known | has_open), unread=unread)


def _union(cells: Cells, groups: Groups) -> Cells:
    entries = split_entries(cells.values.cast(TEXTS))
    is_head = np.zeros(len(cells), dtype=bool)
    is_head[groups.heads] = True
    products = groups.codes[entries.rows]
    order = np.lexsort((np.arange(len(products)), ~is_head[entries.rows], products))
    moved = Entries(rows=products[order], texts=entries.texts.take(pa.array(order)), size=groups.size)
    return Cells(values=moved.distinct().to_lists())
