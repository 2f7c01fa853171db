"""Proposals for mending a frame: shown before and after, applied to a copy, with a log of what was changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from smnotebook.contract.fields import Flag, Money, Whole
from smnotebook.contract.products import Product
from smnotebook.contract.records import Record
from smnotebook.errors import UsageError
from smnotebook.frame.arrow import to_arrow
from smnotebook.frame.columns import Binding, bind_columns
from smnotebook.frame.display import show_value
from smnotebook.frame.duplicates import repeated_rows
from smnotebook.frame.masking import names_a_contact, shorten
from smnotebook.frame.proposing import Proposal, mend_column
from smnotebook.frame.remedies import BAD_IMAGES, REMEDIES, TRIM
from smnotebook.frame.table import read_cells
from smnotebook.render.fixes import FixLine, fixes_html, fixes_text
from smnotebook.values.report import decisions_of

__all__ = ["FIX_LOG", "KINDS", "Fixes", "Keep", "Kinds", "find_fixes"]

Keep = Literal["first", "last"]
#: Kinds of fixes; as a mapping each with the columns it is for.
Kinds = Collection[str] | Mapping[str, Collection[str]]

#: Every kind of fix, in the order in which they are applied.
KINDS = (*(remedy.kind for remedy in REMEDIES), "bad_images", "cents", "trim", "duplicates")

#: Key in ``DataFrame.attrs`` under which a mended frame tells what was done to it, as plain JSON values.
FIX_LOG = "smnotebook.fixes"

#: What a proposal of this kind shows of itself in the log.
LOGGED_EXAMPLES = 3


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
    model, trim, drop_bad_images, duplicates
        What :func:`find_fixes` was called with.
    """

    frame: pd.DataFrame = field(repr=False)
    proposals: tuple[Proposal, ...]
    unclear: tuple[tuple[Binding, int], ...] = ()
    model: type[Record] = Product
    trim: bool = False
    drop_bad_images: bool = False
    duplicates: Keep | None = None

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

    def apply(self, kinds: Kinds | None = None) -> pd.DataFrame:
        """A copy of the frame with the proposals carried out.

        Parameters
        ----------
        kinds : collection of str, or mapping of str to collection of str, optional
            Only these kinds; as a mapping each only in the columns named. All of them where not given.

        Returns
        -------
        DataFrame
            Its ``attrs["smnotebook.fixes"]`` lists what was done: kind, column, count and examples.
        """
        if kinds is not None:
            # looked for again: where two kinds concern one cell, the later one was found on top of the earlier
            found = find_fixes(
                self.frame,
                self.model,
                kinds=kinds,
                trim=self.trim,
                drop_bad_images=self.drop_bad_images,
                duplicates=self.duplicates,
            )
            return found.apply()
        chosen = self.proposals
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
                before=_shown(proposal, proposal.before[0]) or "",
                after="row dropped" if proposal.kind == "duplicates" else _shown(proposal, proposal.after[0]) or "",
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
    kinds: Kinds | None = None,
    trim: bool = False,
    drop_bad_images: bool = False,
    duplicates: Keep | None = None,
) -> Fixes:
    """Propose repairs; the frame is left alone.

    Parameters
    ----------
    kinds : collection of str, or mapping of str to collection of str, optional
        Look only for these kinds, see ``KINDS``; as a mapping each only in the columns named.
    trim : bool
        Propose to cut texts to their limit, which loses what is behind it.
    drop_bad_images : bool
        Propose to leave out addresses of pictures that can't be made a URL; the product is sent without them.
    duplicates : {"first", "last"}, optional
        Propose to drop rows that share a productId, all but the first or the last.

    Raises
    ------
    UsageError
        A kind or a column that there is not, or another word for ``duplicates``.
    """
    _check_kinds(kinds, frame)
    if duplicates not in (None, "first", "last"):
        raise UsageError(f"duplicates={duplicates!r}: choose 'first' or 'last', the row of each id to keep.")
    asked = ((drop_bad_images, BAD_IMAGES), (trim, TRIM))
    remedies = [*REMEDIES, *(remedy for is_asked, remedy in asked if is_asked)]
    proposals: list[Proposal] = []
    unclear: list[tuple[Binding, int]] = []
    decisions = decisions_of(frame)
    for binding in bind_columns(list(frame.columns), model).bound:
        if binding.constraint is not None:
            chosen = [remedy for remedy in remedies if _is_wanted(kinds, remedy.kind, binding)]
            column = frame.iloc[:, binding.position]
            decision = decisions.get(binding.path)
            found, left = mend_column(column, binding, binding.constraint, chosen, decision=decision)
            proposals += found
            unclear += [(binding, left)] if left and kinds is None else []
    proposals += _drop_duplicates(frame, model, duplicates) if duplicates else ()
    wanted = tuple(proposal for proposal in proposals if _is_wanted(kinds, proposal.kind, proposal.binding))
    return Fixes(
        frame=frame,
        proposals=wanted,
        unclear=tuple(unclear),
        model=model,
        trim=trim,
        drop_bad_images=drop_bad_images,
        duplicates=duplicates,
    )


def _is_wanted(kinds: Kinds | None, kind: str, binding: Binding) -> bool:
    if kinds is None or kind not in kinds:
        return kinds is None
    return not isinstance(kinds, Mapping) or str(binding.label) in kinds[kind]


def _check_kinds(kinds: Kinds | None, frame: pd.DataFrame) -> None:
    unknown = sorted(set(kinds or ()) - set(KINDS))
    if unknown:
        raise UsageError(f"There is no fix named {', '.join(unknown)}; there are: {', '.join(KINDS)}.")
    if isinstance(kinds, Mapping):
        named = {column for columns in kinds.values() for column in columns}
        absent = sorted(named - set(map(str, frame.columns)))
        if absent:
            raise UsageError(f"kinds names columns that the frame lacks: {', '.join(absent)}.")


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
    """The column with the proposals in it: texts and categories keep their dtype, others get that of the new values."""
    is_text = all(isinstance(value, str) for proposal in proposals for value in proposal.after)
    if is_text and not isinstance(series.dtype, pd.CategoricalDtype):
        mended = series.copy()
        for proposal in proposals:
            mended.iloc[proposal.positions] = list(proposal.after)
        return mended
    if pd.api.types.is_float_dtype(series.dtype) and (numbers := to_arrow(series)) is not None:
        # by their shortest digits: a float32 of 67.49 means 67.49
        cells = pd.Series(numbers.to_pylist(), dtype=object)
    else:
        cells = series.astype(object)
    values = cells.to_numpy(copy=True)
    for proposal in proposals:
        for position, value in zip(proposal.positions.tolist(), proposal.after, strict=True):
            values[position] = value
    whole = pd.Series(values, index=series.index, name=series.name, dtype=object)
    return whole.astype("category") if is_text else _settled(whole, proposals[-1].binding)


def _settled(cells: pd.Series[Any], binding: Binding) -> pd.Series[Any]:
    """Objects as the dtype they all fit; a column that still holds anything else stays as it is."""
    if not isinstance(binding.constraint, (Flag, Whole, Money)):
        return cells  # lists among others: they are no cells to compare
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
        "examples": [[_shown(proposal, proposal.before[at]), _shown(proposal, proposal.after[at])] for at in shown],
    }


def _shown(proposal: Proposal, value: object) -> str | None:
    """A value for a screen or a log, where nobody should read who a contact is."""
    return show_value(shorten(value) if names_a_contact(proposal.binding.field) else value)
