"""Telling the ledger what is stored already: a catalog that another tool filled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.contract import MAX_PRODUCTS, Product
from smnotebook.errors import LedgerError, PreflightFailed
from smnotebook.frame.batches import encode_slabs
from smnotebook.frame.preflight import check_table
from smnotebook.frame.table import read_table
from smnotebook.ledger import Contested, Receipt, RequestState, RunTotals
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
        run = book.start_run("adopt")
        for slab in encode_slabs(table, np.arange(table.rows), slab_rows=MAX_PRODUCTS):
            sent = book.record_sent(run, slab.product_ids, slab.fingerprints, slab.payloads)
            if isinstance(sent, Contested):
                raise LedgerError("Another upload has some of these products under way. Adopt them once it has ended.")
            book.record_receipt(sent, Receipt(state=RequestState.ACKNOWLEDGED))
        book.count_known()  # what was acknowledged becomes known here, and not in the next call's time
        book.finish_run(run, RunTotals(rows=table.rows, sent=0, unchanged=table.rows, refused=0, unknown=0))
    return run
