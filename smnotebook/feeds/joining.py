"""Rows that belong to one product, made one product or one product a variant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.conversion.cells import TEXT, TEXTS, Cells, Mask, as_text, is_list, mask_of
from smnotebook.conversion.entries import Entries, split_entries
from smnotebook.conversion.findings import Journal
from smnotebook.conversion.templates import slugs
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.records import one_table

__all__ = ["Joined", "explode_variants", "join_rows", "uncut_groups"]

Positions = npt.NDArray[np.int64]

_OWN = {"productId", "name", "price", "discountPrice", "quantity", "available"}


def explode_variants(columns: Columns, prefix: str, journal: Journal) -> Columns:
    """One row a variant where a product lists its variants in columns of lists that begin with ``prefix``."""
    names = [n for n in columns.names if n.startswith(prefix) and is_list(columns.table.column(n).type)]
    if not names:
        return columns
    lists = {name: columns[name] for name in names}
    sizes = [pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False) for column in lists.values()]
    longest = np.maximum(np.max(sizes, axis=0), 1).astype(np.int64)
    owners = np.repeat(np.arange(len(columns)), longest)
    places = np.arange(len(owners)) - np.repeat(np.cumsum(longest) - longest, longest)
    table = columns.table.take(pa.array(owners))
    for name, size in zip(names, sizes, strict=True):
        starts = np.cumsum(size) - size
        at = np.where(places < size[owners], starts[owners] + places, -1).astype(np.int64)
        own = pc.list_flatten(lists[name]).take(pa.array(at, mask=at < 0))
        table = table.set_column(table.column_names.index(name), name, own)
    if len(owners) > len(columns):
        journal.add("converted", "variants listed inside products", count=len(owners))
    return columns.changed(table)


def uncut_groups(tables: Iterable[pa.Table], group: str) -> Iterator[pa.Table]:
    """Tables whose last product is whole: rows that the next table goes on with wait for it."""
    waiting: pa.Table | None = None
    for table in tables:
        joined = table if waiting is None else one_table([waiting, table])
        keys = as_text(joined.column(group))
        ends = np.flatnonzero(~mask_of(pc.equal(keys, keys[len(keys) - 1])))
        complete = int(ends[-1]) + 1 if len(ends) else 0
        waiting = joined.slice(complete)
        if complete:
            yield joined.slice(0, complete)
    if waiting is not None:
        yield waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Products made of rows.

    Attributes
    ----------
    heads : ndarray of int64
        For each product the row that stands for it.
    """

    cells: dict[str, Cells]
    lists: dict[str, Cells]
    heads: Positions


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
    groups = _Groups.of(draft)
    if groups.size == len(draft) and not draft.is_extra.any():
        return Joined(cells=draft.cells, lists=draft.lists, heads=everything)
    separate = draft.preset.variants.separate if asked == "auto" else asked == "variant"
    return _by_variant(draft, groups) if separate else _by_product(draft, groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """``codes``: the product of each row, counted in order of first appearance; ``heads``: each product's main row."""

    codes: Positions
    heads: Positions

    @classmethod
    def of(cls, draft: Draft) -> _Groups:
        assert draft.group is not None  # noqa: S101 - join_rows asked
        group = as_text(draft.group)
        lonely = pc.binary_join_element_wise("\0", pa.array(np.arange(len(draft))).cast(pa.string()), "")
        keys = pc.coalesce(group, lonely.cast(group.type))
        codes = keys.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
        # a parent stands for its group wherever it is, otherwise the first row with a name does
        named = draft.cells["name"].filled if "name" in draft.cells else np.ones(len(codes), dtype=bool)
        rank = np.where(draft.is_parent, 0, np.where(named & ~draft.is_extra, 1, 2))
        return cls(codes=codes, heads=_first_by(codes, rank))

    @property
    def size(self) -> int:
        return len(self.heads)


def _first_by(codes: Positions, rank: npt.NDArray[np.float64] | Positions) -> Positions:
    """For each code the row of lowest rank, the first among equals."""
    order = np.lexsort((np.arange(len(codes)), rank, codes))
    first: Positions = order[np.unique(codes[order], return_index=True)[1]]
    return first


def _first_filled(cells: Cells, groups: _Groups) -> Cells:
    is_head = np.zeros(len(cells), dtype=bool)
    is_head[groups.heads] = True
    rank = np.where(cells.filled, np.where(is_head, 0, 1), 2)
    return cells.take(_first_by(groups.codes, rank))


def _by_product(draft: Draft, groups: _Groups) -> Joined:
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
        examples = (
            draft.cells["productId"].take(groups.heads[many][:3]).values.to_pylist()
            if "productId" in draft.cells
            else []
        )
        draft.journal.add(
            "joined",
            f"rows became {many.sum()} {'product' if many.sum() == 1 else 'products'}",
            count=joined + many.sum(),
            examples=examples,
        )
    return Joined(cells=cells, lists=lists, heads=groups.heads)


def _join_prices(draft: Draft, groups: _Groups, cells: dict[str, Cells]) -> None:
    """Price and reduction of one and the same variant: of the cheapest."""
    if "price" not in draft.cells:
        return
    price = _numbers(draft.cells["price"])
    paid = np.fmin(price, _numbers(draft.cells["discountPrice"])) if "discountPrice" in draft.cells else price
    # a parent's own price, where it has one at all, is no more than a summary of its variants
    unfit = np.isnan(paid) | draft.is_extra
    sold_out = mask_of(pc.invert(draft.cells["available"].values)) if "available" in draft.cells else unfit
    # nobody can buy what is sold out: its price counts only where nothing else is left
    rank = np.where(unfit, np.inf, paid + np.where(sold_out, 1e12, 0))
    cheapest = _first_by(groups.codes, rank)
    for name in ("price", "discountPrice"):
        if name in draft.cells:
            cells[name] = draft.cells[name].take(cheapest)
    highest = np.full(groups.size, -np.inf)
    np.maximum.at(highest, groups.codes, np.where(unfit, -np.inf, paid))
    lowest = np.where(unfit, np.inf, paid)[cheapest]
    differs = (highest > lowest) & np.isfinite(lowest)
    if differs.any():
        at = np.flatnonzero(differs)[:3]
        names = draft.cells["productId"].take(groups.heads[at]).values.to_pylist()
        examples = [f"{name}: {paid[cheapest[g]]:.2f} to {highest[g]:.2f}" for name, g in zip(names, at, strict=True)]
        draft.journal.add(
            "joined",
            "variants at different prices: the lowest of those in stock is taken",
            count=differs.sum(),
            field="price",
            examples=examples,
        )


def _numbers(cells: Cells) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = cells.values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers


def _summed(draft: Draft, groups: _Groups) -> Cells:
    values = draft.cells["quantity"].values
    counted = mask_of(values.is_valid()) & ~draft.is_extra
    # a parent's own count repeats those of its variants
    has_variants = np.bincount(groups.codes, weights=counted & ~draft.is_parent, minlength=groups.size) > 0
    counted &= ~(draft.is_parent & has_variants[groups.codes])
    numbers = np.where(counted, pc.fill_null(values, 0).to_numpy(zero_copy_only=False), 0).astype(np.int64)
    sums = np.zeros(groups.size, dtype=np.int64)
    # one variant that was oversold must not hide the stock of another
    is_shared = (np.bincount(groups.codes) > 1)[groups.codes]
    np.add.at(sums, groups.codes, np.where(is_shared, np.maximum(numbers, 0), numbers))
    none = np.bincount(groups.codes, weights=counted, minlength=groups.size) == 0
    unread = draft.cells["quantity"].unread
    return Cells(
        values=pa.array(sums, mask=none), unread=None if unread is None else unread.take(pa.array(groups.heads))
    )


def _any(draft: Draft, groups: _Groups) -> Cells:
    cells = draft.cells["available"]
    variants = ~draft.is_extra & cells.filled
    has_variants = np.bincount(groups.codes, weights=variants & ~draft.is_parent, minlength=groups.size) > 0
    counted = variants & ~(draft.is_parent & has_variants[groups.codes])
    yes = np.bincount(groups.codes, weights=counted & mask_of(cells.values), minlength=groups.size) > 0
    known = np.bincount(groups.codes, weights=counted, minlength=groups.size) > 0
    joined = _first_filled(cells, groups)
    return Cells(values=pa.array(yes, mask=~known), unread=joined.unread)


def _union(cells: Cells, groups: _Groups) -> Cells:
    entries = split_entries(cells.values.cast(TEXTS))
    is_head = np.zeros(len(cells), dtype=bool)
    is_head[groups.heads] = True
    products = groups.codes[entries.rows]
    order = np.lexsort((np.arange(len(products)), ~is_head[entries.rows], products))
    moved = Entries(rows=products[order], texts=entries.texts.take(pa.array(order)), size=groups.size)
    return Cells(values=moved.distinct().to_lists())


def _by_variant(draft: Draft, groups: _Groups) -> Joined:
    """One product a row that can be bought; what only the main row says is said for all."""
    kept = np.flatnonzero(~draft.is_parent & ~draft.is_extra)
    heads = groups.heads[groups.codes[kept]]
    cells = {}
    for name, column in draft.cells.items():
        own = column.take(kept)
        cells[name] = own if name in _OWN - {"name", "available"} else _or_else(own, column.take(heads))
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
