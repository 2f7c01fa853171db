"""Reading back what was sent."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from smnotebook.ledger.database import Database
from smnotebook.ledger.records import HistoryEntry, RequestState, SentProduct

__all__ = ["read_history", "read_payloads", "read_sent_products"]

_T = TypeVar("_T")

_REQUESTS_AT_ONCE = 50
_IDS_AT_ONCE = 500

# Both are asked of many at once by question marks: SQLite's own JSON functions cut an id at a NUL character.
_PLACES = "SELECT product_id, request, line FROM known WHERE book = ? AND product_id IN ({})"
_LINES = "SELECT request, lines FROM payloads WHERE request IN ({})"


def read_payloads(database: Database, book: int, product_ids: Sequence[str]) -> dict[str, bytes]:
    """The payload each product was last acknowledged with."""
    by_request: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for some in _parts(product_ids, _IDS_AT_ONCE):
        for product_id, request, line in database.rows(_PLACES.format(_marks(some)), (book, *some)):
            by_request[request].append((product_id, line))
    found = {}
    for requests in _parts(sorted(by_request), _REQUESTS_AT_ONCE):
        for request, joined in database.rows(_LINES.format(_marks(requests)), requests):
            wanted = by_request[request]
            lines = joined.split(b"\n", max(line for _, line in wanted) + 1)
            found.update({product_id: lines[line] for product_id, line in wanted})
    return found


def _parts(sequence: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (sequence[start : start + size] for start in range(0, len(sequence), size))


def _marks(parameters: Sequence[object]) -> str:
    return ",".join("?" * len(parameters))


_SENT = """
SELECT request, run, operation, fields, requests.state, product_ids, lines
FROM requests JOIN runs USING (run) JOIN manifests USING (request) JOIN payloads USING (request)
     JOIN books ON books.book = requests.book
WHERE requests.book = :book AND request > max(:last, forgotten_request) AND run <= ifnull(:until_run, run)
      AND (requests.state = 'acknowledged' OR run = :with_run)
ORDER BY request LIMIT :most
"""


def read_sent_products(
    database: Database, book: int, *, until_run: int | None, with_run: int | None = None
) -> Iterator[SentProduct]:
    """Every accepted sending in the order of the requests.

    Parameters
    ----------
    with_run : int, optional
        A run of which also that is told which may have been carried out and was never acknowledged.
    """
    facts = {"book": book, "until_run": until_run, "with_run": with_run, "most": _REQUESTS_AT_ONCE}
    last = 0
    while rows := database.rows(_SENT, {**facts, "last": last}):
        last = rows[-1][0]
        refused = _refused(database, rows[0][0], last)
        doubted = set() if with_run is None else _doubted(database, book, rows[0][0], last)
        for request, run, operation, fields, state, product_ids, lines in rows:
            for product_id, payload in zip(json.loads(product_ids), lines.split(b"\n"), strict=True):
                is_accepted = state == RequestState.ACKNOWLEDGED and (request, product_id) not in refused
                if is_accepted or (run == with_run and (request, product_id) in doubted):
                    yield SentProduct(
                        run=run,
                        request=request,
                        operation=operation,
                        product_id=product_id,
                        payload=payload,
                        fields=None if fields is None else tuple(json.loads(fields)),
                        is_accepted=is_accepted,
                    )


def _refused(database: Database, first: int, last: int) -> frozenset[tuple[int, str]]:
    rows = database.rows("SELECT request, product_id FROM refusals WHERE request BETWEEN ? AND ?", (first, last))
    return frozenset((request, product_id) for request, product_id in rows)


def _doubted(database: Database, book: int, first: int, last: int) -> set[tuple[int, str]]:
    rows = database.rows(
        "SELECT request, product_id FROM doubts WHERE book = ? AND request BETWEEN ? AND ?", (book, first, last)
    )
    return {(request, product_id) for request, product_id in rows}


_HISTORY = """
SELECT run, requests.request, operation, ifnull(refusals.state, requests.state), sent_at, answered_at,
       status, request_id, product_ids, lines, reason_code, field, ifnull(message, '')
FROM manifests JOIN requests USING (request) JOIN runs USING (run) JOIN payloads USING (request)
     LEFT JOIN refusals ON refusals.request = manifests.request AND refusals.product_id = :product_id
WHERE requests.book = :book AND instr(manifests.product_ids, :quoted)
ORDER BY requests.request
"""


def read_history(database: Database, book: int, product_id: str) -> list[HistoryEntry]:
    """Every sending of one product, oldest first."""
    quoted = json.dumps(product_id, ensure_ascii=False)
    rows = database.rows(_HISTORY, {"book": book, "product_id": product_id, "quoted": quoted})
    # the text search may have hit inside another id that holds quotation marks, so the list itself is asked
    return [_entry(product_id, *row) for row in rows if product_id in json.loads(row[8])]


def _entry(
    product_id: str,
    run: int,
    request: int,
    operation: str,
    state: str,
    sent_at: float,
    answered_at: float | None,
    status: int | None,
    request_id: str | None,
    product_ids: str,
    lines: bytes,
    reason_code: int | None,
    field: str | None,
    message: str,
) -> HistoryEntry:
    return HistoryEntry(
        run=run,
        request=request,
        operation=operation,
        state=RequestState(state),
        sent_at=sent_at,
        answered_at=answered_at,
        status=status,
        request_id=request_id,
        payload=lines.split(b"\n")[json.loads(product_ids).index(product_id)],
        reason_code=reason_code,
        field=field,
        message=message,
    )
