"""One product a variant: rows that can be bought, each with what only their product says."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.draft import Draft
from smnotebook.feeds.grouping import Groups, Joined, Positions
from smnotebook.values.cells import TEXT, TEXTS, Cells, Mask, as_text, coalesce
from smnotebook.values.entries import Entries, split_entries
from smnotebook.values.templates import slugs

__all__ = ["by_variant"]

# What a variant says for itself or not at all.
_OWN = {"productId", "price", "discountPrice", "quantity"}


def by_variant(draft: Draft, groups: Groups) -> Joined:
    """One product a row that can be bought; what only the main row says is said for all."""
    sellable = ~draft.is_parent & ~draft.is_extra
    # a parent whose variants are not in the file is all there is of its product
    sellable |= (
        draft.is_parent & ~(np.bincount(groups.codes, weights=sellable, minlength=groups.size) > 0)[groups.codes]
    )
    kept = np.flatnonzero(sellable)
    heads = groups.heads[groups.codes[kept]]
    cells = {}
    for name, column in draft.cells.items():
        own = column.take(kept)
        cells[name] = own if name in _OWN else _or_else(own, column.take(heads))
    lists = {name: column.take(kept) for name, column in draft.lists.items()}
    if "images" in draft.lists:
        lists["images"] = _or_else(lists["images"], draft.lists["images"].take(heads))
    words = _options_of(lists, len(kept))
    cells["productId"] = _own_ids(draft, groups, kept, words)
    page_names = None
    if "name" in cells:
        is_parent = pa.array(draft.is_parent[heads])
        page_names = pc.if_else(is_parent, draft.cells["name"].values.take(pa.array(heads)), cells["name"].values)
        is_shared = (np.bincount(groups.codes[kept]) > 1)[groups.codes[kept]]
        cells["name"] = _own_names(cells["name"], words, is_shared)
    dropped = len(draft) - len(kept)
    if dropped:
        message = "rows that can't be bought themselves: parents of variants and image rows"
        draft.journal.add("dropped", message, count=dropped)
    return Joined(cells=cells, lists=lists, heads=kept, page_names=page_names)


def _options_of(lists: dict[str, Cells], size: int) -> pa.Array:
    """What tells a variant from the others, in one text: ``Red / S``."""
    values = [split_entries(column.values) for name, column in lists.items() if name != "images"]
    told = Entries.joined(values).to_lists() if values else pa.nulls(size, TEXTS)
    return as_text(pc.binary_join(told, pa.scalar(" / ", TEXT)))


def _own_ids(draft: Draft, groups: Groups, kept: Positions, words: pa.Array) -> Cells:
    """An id for each variant: its own where it differs from those of its siblings, or the product's and its options."""
    codes = groups.codes[kept]
    product_ids = as_text(draft.cells["productId"].values)
    ids = product_ids.take(pa.array(kept))
    # an id that the caller maps goes before the shop's own, unless it is that of the product
    group = draft.preset.variants.group
    is_mapped = any(rule.field == "productId" and rule.columns != group for rule in draft.preset.overrides)
    columns = [as_text(draft.columns[name]) for name in draft.columns.find_all(draft.preset.variants.id)]
    own = coalesce(columns).take(pa.array(kept)) if columns else pa.nulls(len(kept), TEXT)
    parents = pc.coalesce(product_ids.take(pa.array(groups.heads)).take(pa.array(codes)), ids)
    built = pc.coalesce(pc.binary_join_element_wise(parents, slugs(words), pa.scalar("-", TEXT)), ids, parents)
    candidates = [ids, own] if is_mapped else [own, ids]
    unique = (pc.if_else(pa.array(_is_alone(found, codes)), found, pa.scalar(None, TEXT)) for found in candidates)
    return Cells(values=pc.coalesce(*unique, built))


def _is_alone(ids: pa.Array, codes: Positions) -> Mask:
    """Rows whose id no other row of the same product has."""
    texts = ids.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    _, pairs, counts = np.unique(codes * (texts.max(initial=0) + 1) + texts, return_inverse=True, return_counts=True)
    alone: Mask = counts[pairs] == 1
    return alone


def _own_names(cells: Cells, words: pa.Array, is_shared: Mask) -> Cells:
    """Names that tell variants apart: exports either name each in full, or all of them like the product."""
    names = cells.values
    longer = pc.coalesce(pc.binary_join_element_wise(names, words, pa.scalar(" - ", TEXT)), names)
    return Cells(values=pc.if_else(pa.array(is_shared & _is_repeated(names)), longer, names))


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
