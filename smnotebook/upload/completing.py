"""Frames that hold only some columns, filled up with what the ledger knows to be stored."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.contract import Product, ReasonCode, declared_fields
from smnotebook.contract.fields import MISSING, Rule
from smnotebook.errors import UsageError
from smnotebook.frame.arrow import Positions
from smnotebook.frame.columns import Binding, bind_columns
from smnotebook.frame.findings import Finding
from smnotebook.frame.report import PreflightReport
from smnotebook.frame.table import CellFaults, read_cells
from smnotebook.upload.differences import flat
from smnotebook.upload.history import product_frame
from smnotebook.upload.stored import open_book

__all__ = ["UNKNOWN_PRODUCT", "Completed", "complete_frame"]

UNKNOWN_PRODUCT = Rule(
    name="unknown_product",
    reason_code=ReasonCode.UNKNOWN_IDENTIFIER,
    text="is in no upload of this machine, so the rest of the product is not known",
    suggestion="Upload the whole product, or tell what is stored with catalog.adopt(frame).",
)

DOUBTFUL_PRODUCT = Rule(
    name="doubtful_product",
    reason_code=ReasonCode.MISSING,
    text="has a required field of which the server may hold either of two values, and this table does not say which",
    suggestion="catalog.doubtful() lists both. Add that column, upload the whole product, or say what is stored with"
    " catalog.adopt(frame).",
)

_REQUIRED = frozenset(declared.name for declared in declared_fields(Product) if declared.required)


@dataclass(frozen=True, kw_only=True)
class Completed:
    """Whole products, made of what is stored and what a frame changes.

    Attributes
    ----------
    frame : DataFrame
        One row for each row of the analyst's frame, on the same index.
    unknown : ndarray of int64
        Rows whose product the ledger doesn't know; only the frame's own columns are filled there.
    doubtful : ndarray of int64
        Rows that lack a required field of which the server may hold either of two values; it is not filled in.
    bases : mapping of str to int
        The request that what is stored of each product was known from.
    """

    frame: pd.DataFrame
    unknown: Positions
    doubtful: Positions
    bases: Mapping[str, int]
    id_binding: Binding

    def explain(self, report: PreflightReport) -> PreflightReport:
        """The report with the reason why a product is incomplete, in place of a finding for each missing field."""
        reasons = [
            self._finding(rule, positions)
            for rule, positions in ((UNKNOWN_PRODUCT, self.unknown), (DOUBTFUL_PRODUCT, self.doubtful))
            if len(positions)
        ]
        if not reasons:
            return report
        kept = [self._without_missing(found) for found in report.findings]
        # a column that no product is known to fill is no fault of the analyst's frame
        whole = tuple(found for found in report.table_findings if found.reason_code != MISSING.reason_code)
        return replace(
            report, findings=(*reasons, *(found for found in kept if len(found.faults.positions))), table_findings=whole
        )

    def _finding(self, rule: Rule, positions: Positions) -> Finding:
        cells = self.frame.iloc[:, self.id_binding.position].take(positions).array
        return Finding(binding=self.id_binding, faults=CellFaults(rule=rule, positions=positions), cells=cells)

    def _without_missing(self, found: Finding) -> Finding:
        if found.faults.rule is not MISSING:
            return found
        stays = ~np.isin(found.faults.positions, (*self.unknown, *self.doubtful))
        faults = replace(found.faults, positions=found.faults.positions[stays])
        return replace(found, faults=faults, cells=pd.Series(list(found.cells), dtype=object)[stays].array)


def complete_frame(
    frame: pd.DataFrame,
    catalog: Catalog,
    *,
    clear: Sequence[str] = (),
    constants: Mapping[str, Any] | None = None,
    fields: Collection[str] | None = None,
) -> Completed:
    """Fill a frame up to whole products.

    Parameters
    ----------
    clear : sequence of str
        Fields whose empty cells take the stored value away; elsewhere an empty cell leaves it.
    constants : mapping, optional
        Fields set to one value in every row.
    fields : collection of str, optional
        What of a product will travel; None for all of it.

    Raises
    ------
    UsageError
        The frame has no productId column, or holds lists spread over columns.
    """
    bound = _bound(frame)
    ids, id_binding = _ids(frame, bound)
    with open_book(catalog) as book:
        asked = [one for one in ids if one is not None]
        bases = book.latest_requests(asked)  # first: what is accepted in between is not taken for this then
        stored = book.payloads(asked)
        doubts = book.doubts()
    known = {one: dict(flat(json.loads(payload, parse_float=Decimal))) for one, payload in stored.items()}
    # what may be one or the other is left out: to fill it in would set what nobody named
    lacking = set()
    for one in doubts:
        is_named = one.field in bound or one.field in (constants or {})
        if one.product_id in known and not is_named and (fields is None or one.field in fields):
            known[one.product_id].pop(one.field, None)
            if one.field in _REQUIRED:
                lacking.add(one.product_id)
    rows = [
        {"productId": one, **{k: v for k, v in known.get(one or "", {}).items() if k != "setAsNull"}} for one in ids
    ]
    whole = product_frame(rows).set_axis(frame.index)
    for path, binding in bound.items():
        if path != "productId":
            whole = _overlay(whole, path, frame.iloc[:, binding.position], takes_away=path in clear)
    for path, value in (constants or {}).items():
        whole[path] = value
    unknown = np.array([at for at, one in enumerate(ids) if one not in known], dtype=np.int64)
    position = list(whole.columns).index("productId")
    return Completed(
        frame=whole,
        unknown=unknown,
        doubtful=np.array([at for at, one in enumerate(ids) if one in lacking], dtype=np.int64),
        bases=bases,
        id_binding=replace(id_binding, position=position),
    )


def _bound(frame: pd.DataFrame) -> dict[str, Binding]:
    """The frame's columns by the field they hold."""
    bindings = bind_columns(list(frame.columns), Product).bound
    spread = [str(binding.label) for binding in bindings if binding.number is not None or binding.constraint is None]
    if spread:
        raise UsageError(f"Give lists in one column and details one a column; these are not: {', '.join(spread)}.")
    return {binding.path: binding for binding in bindings}


def _ids(frame: pd.DataFrame, bound: Mapping[str, Binding]) -> tuple[list[str | None], Binding]:
    binding = bound.get("productId")
    if binding is None or binding.constraint is None:
        raise UsageError("A frame of changes needs a productId column, to say which products change.")
    values, _ = read_cells(frame.iloc[:, binding.position], binding.constraint)
    return values.to_pylist(), binding


def _overlay(whole: pd.DataFrame, path: str, cells: pd.Series[Any], *, takes_away: bool) -> pd.DataFrame:
    """One changed column laid over what is stored."""
    filled = cells.notna().to_numpy() & (cells != "").to_numpy(dtype=bool, na_value=True)
    if filled.all() or takes_away or path not in whole.columns:
        return whole.assign(**{path: cells.array})
    kept = whole[path].astype(object).to_numpy(copy=True)
    kept[filled] = cells[filled].astype(object).to_numpy()
    return whole.assign(**{path: pd.Series(kept, index=whole.index, dtype=object)})
