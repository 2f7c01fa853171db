"""Questions that several shop systems' functions ask of a draft."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.draft import Draft
from smnotebook.values.cells import TEXT, Mask, as_text, mask_of
from smnotebook.values.entries import Entries
from smnotebook.values.words import read_truth

__all__ = ["price_groups_by_members", "quantity_of", "says", "text_of", "truth_of"]


def says(draft: Draft, names: tuple[str, ...], value: str) -> Mask:
    """Where the first of the columns says ``value``, in any case."""
    name = draft.columns.first_filled(names)
    if name is None:
        return np.zeros(len(draft), dtype=bool)
    return mask_of(pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(as_text(draft.columns[name]))), value))


def truth_of(draft: Draft, names: tuple[str, ...], field: str) -> pa.Array | None:
    """The first of the columns read as yes and no, None where there is none."""
    name = draft.columns.first_filled(names)
    return None if name is None else read_truth(draft.columns[name], draft.journal, field=field, name=name).values


def text_of(draft: Draft, name: str) -> pa.Array:
    """The column as text, empty where there is none."""
    column = draft.columns.get(name)
    return pa.nulls(len(draft), TEXT) if column is None else as_text(column)


def quantity_of(draft: Draft) -> pa.Array:
    """The quantities read so far, missing where there are none."""
    cells = draft.cells.get("quantity")
    return pa.nulls(len(draft), pa.int64()) if cells is None else cells.values


def price_groups_by_members(draft: Draft, grouped: Mask, members: Entries, *known: pa.Array) -> None:
    """Give products that only gather others, and have no price, that of their cheapest member.

    Parameters
    ----------
    members : Entries
        For each row the ids of its members.
    known : pa.Array
        Columns of ids that a member may be called by.
    """
    if "price" not in draft.cells or not grouped.any() or not len(members.rows):
        return
    at = pc.coalesce(*(pc.index_in(members.texts, value_set=ids) for ids in known))
    member = pc.fill_null(at, 0).to_numpy(zero_copy_only=False).astype(np.int64)
    names = [name for name in ("price", "discountPrice") if name in draft.cells]
    paid = np.fmin.reduce(
        [draft.cells[name].values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False) for name in names]
    )
    if "available" in draft.cells:
        # nobody can buy what is sold out: its price counts only where nothing else is left
        paid = paid + np.where(mask_of(pc.invert(draft.cells["available"].values)), 1e12, 0)
    rank = np.where(mask_of(at.is_valid()), np.nan_to_num(paid[member], nan=np.inf), np.inf)
    order = np.lexsort((rank, members.rows))
    first = order[np.unique(members.rows[order], return_index=True)[1]]
    wanted = grouped & ~draft.cells["price"].filled
    chosen = first[np.isfinite(rank[first]) & wanted[members.rows[first]]]
    if not len(chosen):
        return
    source = np.arange(len(draft))
    source[members.rows[chosen]] = member[chosen]
    for name in names:
        draft.cells[name] = draft.cells[name].take(source)
    examples = draft.cells["productId"].values.take(pa.array(members.rows[chosen])).slice(0, 3).to_pylist()
    message = "grouped products without a price take that of their cheapest member"
    draft.journal.add("joined", message, count=len(chosen), field="price", examples=examples)
