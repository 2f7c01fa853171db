"""Telling the ledger what is stored already: a catalog that another tool filled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.contract import MAX_PRODUCTS, Product
from smnotebook.errors import LedgerError, PreflightFailed
from smnotebook.frame.batches import Encoded, encode_slabs
from smnotebook.frame.preflight import check_table
from smnotebook.frame.reading import read_table
from smnotebook.ledger import Book, Receipt, RequestState, RunState, RunTotals, Sent
from smnotebook.upload.batch import as_batch, cut_batches
from smnotebook.upload.stored import open_book

__all__ = ["adopt_products"]


def adopt_products(frame: pd.DataFrame, catalog: Catalog) -> int:
    """Note a product table as known to be stored; nothing is sent.

    Parameters
    ----------
    frame : DataFrame
        Whole products: a feed, an export, or what another machine's ``catalog.products()`` gave.

    Returns
    -------
    int
        The number of the run it stands under, as ``catalog.runs()`` lists it.

    Raises
    ------
    PreflightFailed
        The table holds what the API would refuse, so it can't be what is stored; nothing was noted.
    LedgerError
        Another upload has some of the products under way.
    """
    table = read_table(frame, Product)
    preflight = check_table(frame, table)
    if not preflight.ok:
        raise PreflightFailed(f"Nothing was noted: this can't be what is stored.\n{preflight!r}", report=preflight)
    with open_book(catalog) as book:
        run, noted = book.start_run("adopt"), 0
        try:
            for slab in encode_slabs(table, np.arange(table.rows)):
                _note(book, run, slab)
                noted += len(slab)
            book.count_known()  # what was acknowledged becomes known here, and not in the next call's time
        finally:
            state = RunState.FINISHED if noted == table.rows else RunState.INTERRUPTED
            book.finish_run(run, RunTotals(rows=table.rows, unchanged=noted), state=state)
    return run


def _note(book: Book, run: int, slab: Encoded) -> None:
    """As requests of the usual size, so that a product is read back alike whatever way it became known."""
    sent = book.record_sent_all(run, list(cut_batches([as_batch(slab)], size=MAX_PRODUCTS)))
    written = [request for request in sent if isinstance(request, Sent)]
    receipt = Receipt(state=RequestState.ACKNOWLEDGED if len(written) == len(sent) else RequestState.PLANNED)
    book.record_receipts((request, receipt) for request in written)
    if len(written) < len(sent):
        raise LedgerError(
            "Another upload has some of these products under way. What came before them is noted; adopt the table once"
            " more when it has ended."
        )
