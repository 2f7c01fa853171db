"""Which rows are one product: told in a table, told in a draft, and kept together where tables are cut."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.records import one_table
from smnotebook.values.cells import Cells, as_text, is_list, mask_of
from smnotebook.values.findings import Journal

__all__ = ["Groups", "Joined", "Positions", "explode_variants", "first_by", "uncut_groups"]

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Products made of rows.

    Attributes
    ----------
    heads : ndarray of int64
        For each product the row that stands for it.
    page_names : pa.Array or None
        For each product the name that its page goes by, where that is not its own: a variant's is its parent's.
    """

    cells: dict[str, Cells]
    lists: dict[str, Cells]
    heads: Positions
    page_names: pa.Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """``codes``: the product of each row, counted in order of first appearance; ``heads``: each product's main row."""

    codes: Positions
    heads: Positions

    @classmethod
    def of(cls, draft: Draft) -> Groups:
        """The groups that the draft's rows name; a row without a name is one of its own."""
        assert draft.group is not None  # noqa: S101 - join_rows asked
        group = as_text(draft.group)
        lonely = pc.binary_join_element_wise("\0", pa.array(np.arange(len(draft))).cast(pa.string()), "")
        keys = pc.coalesce(group, lonely.cast(group.type))
        codes = keys.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
        # a parent stands for its group wherever it is, otherwise the first row with a name does
        named = draft.cells["name"].filled if "name" in draft.cells else np.ones(len(codes), dtype=bool)
        rank = np.where(draft.is_parent, 0, np.where(named & ~draft.is_extra, 1, 2))
        return cls(codes=codes, heads=first_by(codes, rank))

    @property
    def size(self) -> int:
        """How many products."""
        return len(self.heads)


def first_by(codes: Positions, rank: npt.NDArray[np.float64] | Positions) -> Positions:
    """For each code the row of lowest rank, the first among equals."""
    order = np.lexsort((np.arange(len(codes)), rank, codes))
    first: Positions = order[np.unique(codes[order], return_index=True)[1]]
    return first


def explode_variants(columns: Columns, prefix: str, journal: Journal) -> Columns:
    """One row a variant where a product lists its variants in columns of lists that begin with ``prefix``."""
    names = [n for n in columns.names if n.startswith(prefix) and is_list(columns.table.column(n).type)]
    if not names:
        return columns
    lists = {name: columns.typed(name) for name in names}
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
