"""Proposals for one column: what the remedies make of its texts, its other values and its lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.exact import EXACT
from smnotebook.contract.fields import Constraint, Flag, Items, Money, Whole, is_missing
from smnotebook.frame.arrow import Positions, plain_object, positions_where, to_arrow
from smnotebook.frame.columns import Binding
from smnotebook.frame.lists import split_cells
from smnotebook.frame.remedies import BAD_IMAGES, TRIM, Remedy
from smnotebook.frame.table import read_cells
from smnotebook.values.amounts.deciding import Decision, Kind, decide
from smnotebook.values.amounts.evidence import AmountEvidence
from smnotebook.values.amounts.parsing import parse
from smnotebook.values.findings import Journal

__all__ = ["Proposal", "mend_column"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One kind of repair in one column.

    Attributes
    ----------
    positions : ndarray of int64
        Rows it concerns, ascending.
    before, after : sequence
        The cells as they are and as they would be, as long as ``positions``; rows to drop have ``after`` None.
    """

    kind: str
    text: str
    binding: Binding
    positions: Positions
    before: Sequence[Any]
    after: Sequence[Any]


def mend_column(
    series: pd.Series[Any],
    binding: Binding,
    constraint: Constraint,
    remedies: Sequence[Remedy],
    *,
    decision: Decision | None = None,
) -> tuple[list[Proposal], int]:
    """Proposals for one column, and how many texts stay where a value is due.

    Parameters
    ----------
    decision : Decision, optional
        How the column's numbers were read when the frame was made. Without it, all cells of the column decide.
    """
    proposals = [*_mend_values(series, binding, constraint)]
    if isinstance(constraint, Items):
        proposals += _mend_lists(series, binding, constraint, remedies)
    texts = _texts_of(series)
    if texts is None:
        return proposals, 0
    journal = Journal()
    if isinstance(constraint, (Money, Whole)):
        kind: Kind = "amount" if isinstance(constraint, Money) else "count"
        decision = decision or decide(AmountEvidence.of(parse(texts)), kind=kind)
        journal.amounts.remember(kind, binding.path, decision)
    open_texts = len(texts) - texts.null_count
    # each distinct text once: a shop has few brands, and a remedy costs more than looking up where a text stands
    encoded = texts.dictionary_encode()
    distinct, codes = encoded.dictionary, encoded.indices.fill_null(-1).to_numpy()
    for remedy in remedies:
        found = _suspected(remedy, distinct, binding, constraint, journal) if remedy.fits(constraint) else None
        if found is None:
            continue
        proposals.append(_propose(remedy, distinct, codes, binding, found))
        if isinstance(found.values[0], str):
            distinct = _with(distinct, found)
        else:
            open_texts -= len(proposals[-1].positions)
    needs_value = isinstance(constraint, (Money, Flag, Whole, Items))
    return proposals, open_texts if needs_value else 0


def _mend_lists(
    series: pd.Series[Any], binding: Binding, constraint: Items, remedies: Sequence[Remedy]
) -> Iterator[Proposal]:
    """Proposals for cells that are lists: their entries are mended as texts are, and the list told as a whole."""
    cells = split_cells(series)
    proposals, _ = mend_column(cells.entries, binding, constraint.of, remedies)
    lists: dict[int, list[Any]] = {}
    for proposal in proposals:
        rows = np.unique(cells.parents[proposal.positions])
        for row in rows.tolist():
            lists.setdefault(row, list(plain_object(series.iloc[row])))
        before = [list(lists[row]) for row in rows.tolist()]
        for entry, value in zip(proposal.positions.tolist(), proposal.after, strict=True):
            lists[int(cells.parents[entry])][int(cells.within[entry])] = value
        after = [list(lists[row]) for row in rows.tolist()]
        if proposal.kind == BAD_IMAGES.kind:
            after = [[entry for entry in entries if not is_missing(entry)] for entries in after]
        yield replace(proposal, positions=rows, before=before, after=after)
    if TRIM in remedies:
        yield from _cut_lists(series, binding, constraint, lists)


def _cut_lists(
    series: pd.Series[Any], binding: Binding, constraint: Items, mended: Mapping[int, list[Any]]
) -> Iterator[Proposal]:
    cells = split_cells(series)
    rows = np.flatnonzero(cells.sizes > constraint.max)
    before = [mended.get(row, list(plain_object(series.iloc[row]))) for row in rows.tolist()]
    after = [[entry for entry in entries if not is_missing(entry)][: constraint.max] for entries in before]
    if len(rows):
        text = f"lists are cut to their first {constraint.max} entries"
        yield Proposal(kind=TRIM.kind, text=text, binding=binding, positions=rows, before=before, after=after)


def _texts_of(series: pd.Series[Any]) -> pa.LargeStringArray | None:
    """The column's text cells, null elsewhere; None for a column that holds none."""
    array = to_arrow(series)
    if array is not None:
        return array.combine_chunks() if pa.types.is_large_string(array.type) else None
    cells = [cell if isinstance(cell, str) and cell else None for cell in series.to_numpy(dtype=object)]
    try:
        texts = pa.array(cells, pa.large_string())
    except UnicodeEncodeError:  # half characters: no remedy brings the other half back
        return None
    return texts if texts.null_count < len(texts) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Distinct texts that a remedy changes: where they stand among all distinct ones, and what they become."""

    places: Positions
    values: Sequence[Any]


def _suspected(
    remedy: Remedy, distinct: pa.LargeStringArray, binding: Binding, constraint: Constraint, journal: Journal
) -> _Found | None:
    places = positions_where(remedy.suspects(distinct, constraint))
    if len(places) == 0:
        return None
    texts = distinct.take(pa.array(places))
    values = remedy.mend(texts, constraint, binding.path, journal)
    changed = [
        at
        for at, (text, value) in enumerate(zip(texts.to_pylist(), values, strict=True))
        if value is not None and value != text
    ]
    return _Found(places=places[changed], values=[values[at] for at in changed]) if changed else None


def _propose(
    remedy: Remedy, distinct: pa.LargeStringArray, codes: Positions, binding: Binding, found: _Found
) -> Proposal:
    number = np.full(len(distinct) + 1, -1)  # the last one is for cells that hold no text
    number[found.places] = np.arange(len(found.places))
    numbers = number[codes]
    positions = np.flatnonzero(numbers >= 0)
    kept = numbers[positions].tolist()
    texts = distinct.take(pa.array(found.places)).to_pylist()
    return Proposal(
        kind=remedy.kind,
        text=remedy.text,
        binding=binding,
        positions=positions,
        before=[texts[at] for at in kept],
        after=[found.values[at] for at in kept],
    )


def _with(distinct: pa.LargeStringArray, found: _Found) -> pa.LargeStringArray:
    """The distinct texts as a later remedy sees them; two of them may have become one."""
    mask = np.zeros(len(distinct), dtype=bool)
    mask[found.places] = True
    return pc.replace_with_mask(distinct, pa.array(mask), pa.array(found.values, pa.large_string()))


def _mend_values(series: pd.Series[Any], binding: Binding, constraint: Constraint) -> Iterator[Proposal]:
    """Proposals for cells that are no texts: amounts with a third decimal, and 1 and 0 for yes and no."""
    if not isinstance(constraint, (Money, Flag)):
        return
    for fault in read_cells(series, constraint)[1]:
        before = [plain_object(cell) for cell in series.take(fault.positions).array]
        if fault.rule.name == "decimals":
            after: list[Any] = [_to_cent(value) for value in before]
            kind, text = "cents", "amounts are rounded to the cent"
        else:
            after = [bool(value) if isinstance(value, (int, float)) and value in (0, 1) else None for value in before]
            kind, text = "truth", "1 and 0 become True and False"
        sure = [at for at, value in enumerate(after) if value is not None]
        if sure:
            yield Proposal(
                kind=kind,
                text=text,
                binding=binding,
                positions=fault.positions[sure],
                before=[before[at] for at in sure],
                after=[after[at] for at in sure],
            )


def _to_cent(value: float | Decimal) -> float | Decimal:
    rounded = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP, EXACT)
    return rounded if isinstance(value, Decimal) else float(rounded)
