"""What this machine has sent, given back as frames: the API has no way to read products."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

from smnotebook.catalog import Catalog
from smnotebook.errors import UsageError
from smnotebook.ledger import HistoryEntry, RunRecord, SentProduct
from smnotebook.upload.differences import flat, merge
from smnotebook.upload.stored import open_book

__all__ = ["lay_over", "list_runs", "product_frame", "product_history", "stored_products"]

_MONEY = ("price", "discountPrice")


def stored_products(catalog: Catalog, *, until_run: int | None = None) -> pd.DataFrame:
    """What is known to be stored in a catalog: every accepted upload of this machine laid over the earlier ones.

    Parameters
    ----------
    until_run : int, optional
        As it was after this run.

    Returns
    -------
    DataFrame
        One product a row in the order of their first upload, columns named as for an upload; amounts are exact.

    Raises
    ------
    UsageError
        There is no such run.
    """
    with open_book(catalog) as book:
        runs = [record.run for record in book.runs()]
        if until_run is not None and until_run not in runs:
            known = ", ".join(map(str, runs[-10:])) or "none yet"
            raise UsageError(f"The catalog has no run {until_run}; the latest are {known}. catalog.runs() lists them.")
        if until_run is not None and until_run < book.pruned_run:
            raise UsageError(f"Run {until_run} is pruned: the earliest run still known is {book.pruned_run}.")
        products = lay_over(book.sent_products(until_run=until_run))
    return product_frame([dict(flat(product)) for product in products.values()])


def lay_over(sent: Iterable[SentProduct]) -> dict[str, dict[str, Any]]:
    """Products by id, each sending laid over the earlier ones as the server does it."""
    products: dict[str, dict[str, Any]] = {}
    for one in sent:
        patch = json.loads(one.payload, parse_float=Decimal)
        merge(products.setdefault(one.product_id, {}), patch)
    return products


def product_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Products by dotted path as a frame whose dtypes an upload reads back to the same; amounts are exact."""
    frame = pd.DataFrame(rows)
    money = {name: _amounts(frame[name]) for name in _MONEY if name in frame}
    rest = frame.drop(columns=list(money)).convert_dtypes()
    return rest.assign(**money)[list(frame.columns)]


def _amounts(cells: pd.Series[Any]) -> pd.Series[Any]:
    amounts = [None if pd.isna(cell) else Decimal(cell) for cell in cells]
    exact = pd.arrays.ArrowExtensionArray(pa.array(amounts, pa.decimal128(21, 2)))
    return pd.Series(exact, index=cells.index)


def product_history(catalog: Catalog, product_id: object) -> pd.DataFrame:
    """Every sending of one product, oldest first, whatever came of it.

    Returns
    -------
    DataFrame
        ``run``, ``sent_at``, ``answered_at`` (UTC), ``operation``, ``state`` (planned, sent, acknowledged, refused or
        unknown), ``status``, ``request_id``, ``reason_code``, ``field``, ``message``, and the ``payload`` as a dict.
    """
    with open_book(catalog) as book:
        entries = book.history(str(product_id))
    frame = pd.DataFrame([_entry(entry) for entry in entries], columns=list(_HISTORY))
    return frame.astype({"status": "Int64", "reason_code": "Int64"})


_HISTORY = (
    "run",
    "sent_at",
    "answered_at",
    "operation",
    "state",
    "status",
    "request_id",
    "reason_code",
    "field",
    "message",
    "payload",
)


def _entry(entry: HistoryEntry) -> dict[str, Any]:
    facts = {name: getattr(entry, name) for name in _HISTORY}
    return facts | {
        "sent_at": _moment(entry.sent_at),
        "answered_at": _moment(entry.answered_at),
        "state": entry.state.value,
        "payload": json.loads(entry.payload, parse_float=Decimal),
    }


def list_runs(catalog: Catalog) -> pd.DataFrame:
    """Every upload to a catalog from this machine, oldest first.

    Returns
    -------
    DataFrame
        ``run``, ``operation``, ``state`` (running, finished, interrupted, or lost where it was killed), ``started_at``,
        ``ended_at`` (UTC), ``requests``, and the rows by what became of them.
    """
    with open_book(catalog) as book:
        frame = pd.DataFrame([_run(record) for record in book.runs()], columns=[*_RUN, *_TOTALS])
    return frame.astype(dict.fromkeys(_TOTALS, "Int64"))


_RUN = ("run", "operation", "state", "started_at", "ended_at", "requests")
_TOTALS = ("rows", "sent", "unchanged", "refused", "unknown", "unsent")


def _run(record: RunRecord) -> dict[str, Any]:
    facts = {name: getattr(record, name) for name in _RUN}
    totals = {name: None if record.totals is None else getattr(record.totals, name) for name in _TOTALS}
    moments = {"started_at": _moment(record.started_at), "ended_at": _moment(record.ended_at)}
    return facts | totals | moments | {"state": record.state.value}


def _moment(seconds: float | None) -> pd.Timestamp | None:
    return None if seconds is None else pd.Timestamp(seconds, unit="s", tz="UTC")
