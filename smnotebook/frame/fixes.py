"""Proposals for mending a frame: shown before and after, applied to a copy, with a log of what was changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import Constraint, Flag, Items, Money, Whole
from smnotebook.contract.products import Product
from smnotebook.contract.records import Record
from smnotebook.errors import UsageError
from smnotebook.frame.arrow import Positions, plain_object, positions_where, to_arrow
from smnotebook.frame.columns import Binding, bind_columns
from smnotebook.frame.display import show_value
from smnotebook.frame.duplicates import repeated_rows
from smnotebook.frame.remedies import REMEDIES, TRIM, Remedy
from smnotebook.frame.table import read_cells
from smnotebook.render.fixes import FixLine, fixes_html, fixes_text

__all__ = ["FIX_LOG", "KINDS", "Fixes", "Proposal", "find_fixes"]

Keep = Literal["first", "last"]

#: Every kind of fix, in the order in which they are applied.
KINDS = (*(remedy.kind for remedy in REMEDIES), "cents", "trim", "duplicates")

#: Key in ``DataFrame.attrs`` under which a mended frame tells what was done to it, as plain JSON values.
FIX_LOG = "smnotebook.fixes"

#: What a proposal of this kind shows of itself in the log.
LOGGED_EXAMPLES = 3


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


@dataclass(frozen=True, kw_only=True)
class Fixes:
    """What would be mended, grouped; nothing is changed until :meth:`apply`.

    Attributes
    ----------
    frame : DataFrame
        The frame itself, not a copy.
    proposals : tuple of Proposal
    unclear : tuple of (Binding, int)
        Columns with texts where a value is due and no remedy is sure of itself, and how many.
    """

    frame: pd.DataFrame = field(repr=False)
    proposals: tuple[Proposal, ...]
    unclear: tuple[tuple[Binding, int], ...] = ()

    def __len__(self) -> int:
        return sum(len(proposal.positions) for proposal in self.proposals)

    def summary(self) -> pd.DataFrame:
        """One row for each kind and column: ``kind``, ``column``, ``field``, ``count``, ``before``, ``after``."""
        columns = ["kind", "column", "field", "count", "before", "after"]
        return pd.DataFrame([[getattr(line, name) for name in columns] for line in self._lines()], columns=columns)

    @property
    def changes(self) -> pd.DataFrame:
        """Every proposed change: ``position``, ``index``, ``column``, ``field``, ``kind``, ``before``, ``after``."""
        parts = [
            pd.DataFrame(
                {
                    "position": proposal.positions,
                    "index": pd.Series(list(self.frame.index.take(proposal.positions)), dtype=object),
                    "column": str(proposal.binding.label),
                    "field": proposal.binding.path,
                    "kind": proposal.kind,
                    "before": pd.Series(list(proposal.before), dtype=object),
                    "after": pd.Series(list(proposal.after), dtype=object),
                }
            )
            for proposal in self.proposals
        ]
        columns = ["position", "index", "column", "field", "kind", "before", "after"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    def apply(self, kinds: Collection[str] | None = None) -> pd.DataFrame:
        """A copy of the frame with the proposals carried out.

        Parameters
        ----------
        kinds : collection of str, optional
            Only these kinds; all of them where not given.

        Returns
        -------
        DataFrame
            Its ``attrs["smnotebook.fixes"]`` lists what was done: kind, column, count and examples.
        """
        _check_kinds(kinds)
        chosen = [proposal for proposal in self.proposals if kinds is None or proposal.kind in kinds]
        mended = self.frame.copy(deep=False)
        for position in dict.fromkeys(p.binding.position for p in chosen if p.kind != "duplicates"):
            of_column = [p for p in chosen if p.binding.position == position and p.kind != "duplicates"]
            mended.isetitem(position, _mended(self.frame.iloc[:, position], of_column))
        drop = [proposal.positions for proposal in chosen if proposal.kind == "duplicates"]
        if drop:
            mended = mended.take(np.setdiff1d(np.arange(len(mended)), drop[0]))
        mended.attrs[FIX_LOG] = [*self.frame.attrs.get(FIX_LOG, []), *map(_logged, chosen)]
        return mended

    def _lines(self) -> list[FixLine]:
        return [
            FixLine(
                kind=proposal.kind,
                text=proposal.text,
                column=str(proposal.binding.label),
                field=proposal.binding.path,
                count=len(proposal.positions),
                before=show_value(proposal.before[0]) or "",
                after="row dropped" if proposal.kind == "duplicates" else show_value(proposal.after[0]) or "",
            )
            for proposal in self.proposals
        ]

    def _unclear(self) -> list[tuple[str, int]]:
        return [(str(binding.label), count) for binding, count in self.unclear]

    def __repr__(self) -> str:
        return fixes_text(self._lines(), self._unclear())

    def _repr_html_(self) -> str:
        return fixes_html(self._lines(), self._unclear())


def find_fixes(
    frame: pd.DataFrame,
    model: type[Record] = Product,
    *,
    kinds: Collection[str] | None = None,
    trim: bool = False,
    duplicates: Keep | None = None,
) -> Fixes:
    """Propose repairs; the frame is left alone.

    Parameters
    ----------
    kinds : collection of str, optional
        Look only for these kinds, see ``KINDS``.
    trim : bool
        Propose to cut texts to their limit, which loses what is behind it.
    duplicates : {"first", "last"}, optional
        Propose to drop rows that share a productId, all but the first or the last.

    Raises
    ------
    UsageError
        A kind that there is not, or another word for ``duplicates``.
    """
    _check_kinds(kinds)
    if duplicates not in (None, "first", "last"):
        raise UsageError(f"duplicates={duplicates!r}: choose 'first' or 'last', the row of each id to keep.")
    remedies = [*REMEDIES, TRIM] if trim else list(REMEDIES)
    proposals: list[Proposal] = []
    unclear: list[tuple[Binding, int]] = []
    for binding in bind_columns(list(frame.columns), model).bound:
        if binding.constraint is not None:
            found, left = _mend_column(frame.iloc[:, binding.position], binding, binding.constraint, remedies)
            proposals += found
            unclear += [(binding, left)] if left else []
    proposals += _drop_duplicates(frame, model, duplicates) if duplicates else ()
    wanted = [proposal for proposal in proposals if kinds is None or proposal.kind in kinds]
    return Fixes(frame=frame, proposals=tuple(wanted), unclear=tuple(unclear))


def _check_kinds(kinds: Collection[str] | None) -> None:
    unknown = sorted(set(kinds or ()) - set(KINDS))
    if unknown:
        raise UsageError(f"There is no fix named {', '.join(unknown)}; there are: {', '.join(KINDS)}.")


def _mend_column(
    series: pd.Series[Any], binding: Binding, constraint: Constraint, remedies: Sequence[Remedy]
) -> tuple[list[Proposal], int]:
    """Proposals for one column, and how many texts stay where a value is due."""
    proposals = [*_mend_values(series, binding, constraint)]
    texts = _texts_of(series)
    if texts is None:
        return proposals, 0
    open_texts = len(texts) - texts.null_count
    for remedy in remedies:
        if not remedy.fits(constraint):
            continue
        proposal = _propose(remedy, texts, binding, constraint)
        if proposal is None:
            continue
        proposals.append(proposal)
        if isinstance(proposal.after[0], str):
            texts = _with(texts, proposal)
        else:
            open_texts -= len(proposal.positions)
    needs_value = isinstance(constraint, (Money, Flag, Whole, Items))
    return proposals, open_texts if needs_value else 0


def _texts_of(series: pd.Series[Any]) -> pa.LargeStringArray | None:
    """The column's text cells, null elsewhere; None for a column that holds none."""
    array = to_arrow(series)
    if array is not None:
        return array.combine_chunks() if pa.types.is_large_string(array.type) else None
    cells = [cell if isinstance(cell, str) and cell else None for cell in map(plain_object, series.array)]
    try:
        texts = pa.array(cells, pa.large_string())
    except UnicodeEncodeError:  # half characters: no remedy brings the other half back
        return None
    return texts if texts.null_count < len(texts) else None


def _propose(remedy: Remedy, texts: pa.LargeStringArray, binding: Binding, constraint: Constraint) -> Proposal | None:
    mask = pc.match_substring_regex(texts, remedy.suspects) if remedy.suspects else texts.is_valid()
    suspects = positions_where(mask)
    if len(suspects) == 0:
        return None
    encoded = texts.take(pa.array(suspects)).dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    values = remedy.mend(encoded.dictionary, constraint, binding.path)
    changed = np.array([value is not None and value != text for text, value in zip(distinct, values, strict=True)])
    codes = encoded.indices.to_numpy()
    hits = changed[codes]
    if not hits.any():
        return None
    kept = codes[hits].tolist()
    return Proposal(
        kind=remedy.kind,
        text=remedy.text,
        binding=binding,
        positions=suspects[hits],
        before=[distinct[code] for code in kept],
        after=[values[code] for code in kept],
    )


def _with(texts: pa.LargeStringArray, proposal: Proposal) -> pa.LargeStringArray:
    mask = np.zeros(len(texts), dtype=bool)
    mask[proposal.positions] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(proposal.after, pa.large_string()))


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
    rounded = Decimal(str(value)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return rounded if isinstance(value, Decimal) else float(rounded)


def _drop_duplicates(frame: pd.DataFrame, model: type[Record], keep: Keep) -> Iterator[Proposal]:
    binding = next((b for b in bind_columns(list(frame.columns), model).bound if b.path == "productId"), None)
    if binding is None or binding.constraint is None:
        return
    ids, _ = read_cells(frame.iloc[:, binding.position], binding.constraint)
    rows, groups = repeated_rows(ids)
    order = rows if keep == "first" else rows[::-1]
    _, kept = np.unique(groups if keep == "first" else groups[::-1], return_index=True)
    drop = np.setdiff1d(rows, order[kept])
    if len(drop):
        before = ids.take(pa.array(drop)).to_pylist()
        text = f"of rows that share a productId the {keep} is kept"
        yield Proposal(
            kind="duplicates", text=text, binding=binding, positions=drop, before=before, after=[None] * len(drop)
        )


def _mended(series: pd.Series[Any], proposals: Sequence[Proposal]) -> Any:
    """The column with the proposals in it: text columns keep their dtype, others get that of their new values."""
    if all(isinstance(value, str) for proposal in proposals for value in proposal.after):
        mended = series.copy()
        for proposal in proposals:
            mended.iloc[proposal.positions] = list(proposal.after)
        return mended
    cells = series.astype(object)
    values = cells.to_numpy(copy=True)
    for proposal in proposals:
        for position, value in zip(proposal.positions.tolist(), proposal.after, strict=True):
            values[position] = value
    return _settled(pd.Series(values, index=series.index, name=series.name, dtype=object), proposals[-1].binding)


def _settled(cells: pd.Series[Any], binding: Binding) -> pd.Series[Any]:
    """Objects as the dtype they all fit; a column that still holds anything else stays as it is."""
    filled = cells.notna() & (cells != "")
    kinds = set(map(type, cells[filled]))
    bare = cells.where(filled, None)
    if isinstance(binding.constraint, Flag) and kinds == {bool}:
        return bare.astype("boolean")
    if isinstance(binding.constraint, Whole) and kinds == {int}:
        return bare.astype("Int64")
    if isinstance(binding.constraint, Money) and kinds <= {int, float}:
        return bare.astype("float64")
    return cells


def _logged(proposal: Proposal) -> dict[str, Any]:
    shown = range(min(LOGGED_EXAMPLES, len(proposal.positions)))
    return {
        "kind": proposal.kind,
        "what": proposal.text,
        "column": str(proposal.binding.label),
        "count": len(proposal.positions),
        "examples": [[show_value(proposal.before[at]), show_value(proposal.after[at])] for at in shown],
    }
