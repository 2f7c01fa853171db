"""One product a variant: rows that can be bought, each with what only their product says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.draft import Draft
from smnotebook.feeds.grouping import Groups, Joined, Positions
from smnotebook.values.cells import TEXT, TEXTS, Cells, Mask, as_text
from smnotebook.values.entries import Entries, split_entries
from smnotebook.values.templates import slugs

__all__ = ["by_variant"]

# What a variant says for itself or not at all.
_OWN = {"productId", "price", "discountPrice", "quantity"}


def by_variant(draft: Draft, groups: Groups) -> Joined:
    """One product a row that can be bought; what only the main row says is said for all."""
    kept = np.flatnonzero(~draft.is_parent & ~draft.is_extra)
    heads = groups.heads[groups.codes[kept]]
    cells = {}
    for name, column in draft.cells.items():
        own = column.take(kept)
        cells[name] = own if name in _OWN else _or_else(own, column.take(heads))
    lists = {name: column.take(kept) for name, column in draft.lists.items()}
    if "images" in draft.lists:
        lists["images"] = _or_else(lists["images"], draft.lists["images"].take(heads))
    _name_variants(draft, cells, lists, kept=kept, is_shared=np.bincount(groups.codes[kept])[groups.codes[kept]] > 1)
    dropped = len(draft) - len(kept)
    if dropped:
        message = "rows that can't be bought themselves: parents of variants and image rows"
        draft.journal.add("dropped", message, count=dropped)
    return Joined(cells=cells, lists=lists, heads=kept)


def _name_variants(
    draft: Draft, cells: dict[str, Cells], lists: dict[str, Cells], *, kept: Positions, is_shared: Mask
) -> None:
    """An id and a name of its own for each variant: its own id column, or the product's with the variant's values."""
    values = [split_entries(column.values) for name, column in lists.items() if name != "images"]
    told = Entries.joined(values).to_lists() if values else pa.nulls(len(kept), TEXTS)
    words = as_text(pc.binary_join(told, pa.scalar(" / ", TEXT)))
    own_id = draft.columns.first_filled(draft.preset.variants.id)
    own = pa.nulls(len(kept), TEXT) if own_id is None else as_text(draft.columns[own_id].take(pa.array(kept)))
    product_id = cells["productId"].values
    dashed = pc.binary_join_element_wise(product_id, slugs(words), pa.scalar("-", TEXT))
    made = pc.if_else(pa.array(is_shared), pc.coalesce(dashed, product_id), product_id)
    cells["productId"] = Cells(values=pc.coalesce(own, made))
    if "name" in cells:
        names = cells["name"].values
        # exports either name each variant in full, or all of them like the product
        is_repeated = is_shared & _is_repeated(names)
        longer = pc.coalesce(pc.binary_join_element_wise(names, words, pa.scalar(" - ", TEXT)), names)
        cells["name"] = Cells(values=pc.if_else(pa.array(is_repeated), longer, names))


def _is_repeated(texts: pa.Array) -> Mask:
    codes = texts.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    repeated: Mask = np.bincount(codes)[codes] > 1
    return repeated


def _or_else(own: Cells, other: Cells) -> Cells:
    rows = np.where(own.filled, np.arange(len(own)), np.arange(len(own)) + len(own))
    values = pa.concat_arrays([own.values, other.values]).take(pa.array(rows))
    if own.unread is None and other.unread is None:
        return Cells(values=values)
    blank = pa.nulls(len(own), pa.large_string())
    unread = pa.concat_arrays(
        [own.unread if own.unread is not None else blank, other.unread if other.unread is not None else blank]
    )
    return Cells(values=values, unread=unread.take(pa.array(rows)))
