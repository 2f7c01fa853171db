"""Where frame, wire and ledger meet: a frame is checked, encoded, sent, and every answer is joined to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.contract import MAX_PRODUCTS, Operation, Product
from smnotebook.errors import PreflightFailed, Refused, ServerUnreachable, UnknownIdentifier, UploadFailed, UsageError
from smnotebook.frame.arrow import Positions
from smnotebook.frame.batches import check_clear, encode_slabs, request_body
from smnotebook.frame.duplicates import repeated_rows
from smnotebook.frame.outcome import Outcomes, Status, UploadReport
from smnotebook.frame.preflight import check_table
from smnotebook.frame.report import PreflightReport
from smnotebook.frame.table import CanonicalTable, read_table

__all__ = ["upload_products"]

OnErrors = Literal["raise", "skip"]


def upload_products(
    frame: pd.DataFrame, catalog: Catalog, *, errors: OnErrors = "raise", clear: Sequence[str] = ()
) -> UploadReport:
    """Put a product table into a catalog.

    Parameters
    ----------
    frame : DataFrame
        One product a row, columns named as the API names them.
    errors : {"raise", "skip"}
        ``raise``: nothing is sent while preflight finds errors. ``skip``: good rows go, the others come back in
        ``UploadReport.rejected``.
    clear : sequence of str
        Fields whose empty cells clear what is stored; elsewhere an empty cell leaves it as it is.

    Raises
    ------
    PreflightFailed
        Preflight found errors and ``errors`` is ``raise``; nothing was sent.
    UploadFailed
        The server refused rows, or never answered, and ``errors`` is ``raise``; everything else was sent.
    UnknownIdentifier
        The catalog is gone.
    UsageError
        The frame is no DataFrame, or an argument is not one of those listed.
    """
    if errors not in ("raise", "skip"):
        raise UsageError(f"errors={errors!r}: choose 'raise' or 'skip'.")
    check_clear(clear)
    table = read_table(frame, Product)
    preflight = check_table(frame, table)
    if errors == "raise" and not preflight.ok:
        raise PreflightFailed(_refusal(preflight), report=preflight)
    outcomes = Outcomes(table.rows)
    outcomes.refuse_by_preflight(preflight)
    requests = _send_all(table, catalog, outcomes, clear)
    report = UploadReport(
        frame=frame,
        preflight=preflight,
        outcomes=outcomes,
        requests=requests,
        catalog_name=catalog.name,
        resend=lambda fixed: upload_products(fixed, catalog, errors=errors, clear=clear),
    )
    if errors == "raise" and report.refused + report.unknown:
        raise UploadFailed(f"Not every row was accepted. {report!r}", report=report)
    return report


def _refusal(preflight: PreflightReport) -> str:
    return (
        f"Nothing was sent: preflight found {preflight.errors:,} errors in {len(preflight.refused):,} rows.\n"
        f"{preflight!r}\n"
        "Mend them (df.salesmanago.fix() proposes how), or send the good rows only with errors='skip'."
    )


def _send_all(table: CanonicalTable, catalog: Catalog, outcomes: Outcomes, clear: Sequence[str]) -> int:
    """Send every row that nothing speaks against; how many requests that took."""
    copies, originals = _copies(table)
    waiting = outcomes.status == Status.UNKNOWN
    waiting[copies] = False
    requests = 0
    for slab in encode_slabs(table, np.flatnonzero(waiting), clear=clear):
        for start in range(0, len(slab), MAX_PRODUCTS):
            batch = slice(start, start + MAX_PRODUCTS)
            _send(catalog, slab.positions[batch], slab.payloads[batch], outcomes)
            requests += 1
    kept = outcomes.status[copies] != Status.REFUSED
    outcomes.copy(copies[kept], originals[kept])
    return requests


def _copies(table: CanonicalTable) -> tuple[Positions, Positions]:
    """Rows that repeat an earlier productId, and the rows they repeat."""
    ids = table.find("productId")
    if ids is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    rows, groups = repeated_rows(ids)
    _, first = np.unique(groups, return_index=True)
    is_copy = np.ones(len(rows), dtype=bool)
    is_copy[first] = False
    return rows[is_copy], rows[first[groups[is_copy]]]


def _send(catalog: Catalog, positions: Positions, payloads: Sequence[bytes], outcomes: Outcomes) -> None:
    """One request and what it did to its rows."""
    body = request_body(catalog.id, payloads)
    try:
        answer = catalog.client.connection.call(Operation.UPSERT_PRODUCTS, body)
    except UnknownIdentifier:
        raise
    except Refused as refused:
        outcomes.refuse(positions, refused.violations[0], request_id=refused.request_id)
    except ServerUnreachable as silent:
        outcomes.doubt(positions, str(silent))
    else:
        outcomes.accept(positions, request_id=answer.request_id)
