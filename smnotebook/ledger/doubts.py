"""Doubt, for each product and leaf field: begun by a request's end, ended by a later accepted request.

The server may hold what was acknowledged last or what was attempted; both are kept. An attempt that was never answered
may still be carried out late, and then puts its value over what was accepted meanwhile. Its fields therefore stay open
until a request that left more than ``late_seconds`` after its end sets them (an assumption: no server says how late).
While the acknowledged value and every open one are the same there is nothing to doubt, and nothing is shown.

How long ago an attempt ended is told by a clock that nobody sets. After a restart of the machine that clock begins
anew; the time since then is what is certain to have passed.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson

from smnotebook.ledger.leaves import leaves
from smnotebook.ledger.records import Doubt

__all__ = [
    "ADOPT",
    "EXISTENCE",
    "LATE_SECONDS",
    "Cause",
    "clear_of_blame",
    "drop_doubts",
    "end_doubts",
    "enter_doubts",
    "read_doubts",
    "settle",
]

#: How long after its end an unanswered attempt may still be carried out: an assumption, the API says nothing of it.
LATE_SECONDS = 300.0

#: The field that stands for a product's being there at all.
EXISTENCE = "productId"

#: The operation of runs that note what the analyst says is stored.
ADOPT = "adopt"

_AT_ONCE = 500

_REQUEST = """
SELECT requests.book, fields, product_ids, lines FROM requests
JOIN runs USING (run) JOIN manifests USING (request) JOIN payloads USING (request) WHERE request = ?
"""


class Cause(StrEnum):
    """Why a field is in doubt.

    No answer that can be read, an answer that leaves the product out, a refusal of several products that were not sent
    again, or a text that the server cut.
    """

    UNANSWERED = "unanswered"
    UNLISTED = "unlisted"
    REFUSED = "refused"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class _Row:
    """What is open of one product of one request; of the two ends, see :func:`enter_doubts`."""

    product_id: str
    request: int
    cause: str
    fields: dict[str, Any]
    ended_at: float | None
    ended_request: int | None

    def is_ended_by(self, request: int, left_at: float | None, late_seconds: float) -> bool:
        """Whether nothing of it can be carried out after an accepted request."""
        if self.ended_request is None or request <= self.ended_request:
            return False
        return self.ended_at is None or _certainly_passed(self.ended_at, left_at) > late_seconds


def _certainly_passed(since: float, now: float | None) -> float:
    """Seconds from one look at the steady clock to a later one, at least."""
    if now is None:
        return 0.0
    return now - since if now >= since else now


def enter_doubts(
    connection: sqlite3.Connection,
    request: int,
    *,
    cause: Cause,
    ended_at: float | None = None,
    ended_request: int | None = None,
    product_ids: Collection[str] | None = None,
    values: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Open the fields that a request carried.

    Parameters
    ----------
    ended_at : float, optional
        Steady clock at the end of an attempt that may still be carried out; None where it was answered, or goes on.
    ended_request : int, optional
        The last request of the ledger at that moment: later ones left later. None while the attempt goes on.
    product_ids : collection of str, optional
        Of these products only.
    values : mapping, optional
        These fields and values only, by product.
    """
    for book, row in _open_rows(connection, request, cause, ended_at, ended_request):
        if product_ids is not None and row.product_id not in product_ids:
            continue
        fields = row.fields if values is None else values.get(row.product_id)
        if fields:
            connection.execute(
                "INSERT OR REPLACE INTO doubts VALUES (?, ?, ?, ?, ?, ?, ?)",
                (book, row.product_id, request, cause, _written(fields), ended_at, ended_request),
            )


def _open_rows(
    connection: sqlite3.Connection, request: int, cause: str, ended_at: float | None, ended_request: int | None
) -> Iterator[tuple[int, _Row]]:
    found = connection.execute(_REQUEST, (request,)).fetchone()
    if found is None:  # events have no payloads here: of them only whole ones are in doubt
        return
    book, fields, product_ids, lines = found
    for product_id, payload in zip(orjson.loads(product_ids), lines.split(b"\n"), strict=True):
        carried = _carried(product_id, payload, fields)
        yield book, _Row(product_id, request, cause, carried, ended_at, ended_request)


def _carried(product_id: str, payload: bytes, fields: str | None) -> dict[str, Any]:
    """What a request sets or clears of a product; a partial operation says nothing of the product's being there."""
    said = {EXISTENCE: product_id, **leaves(payload)}
    return said if fields is None else {path: said[path] for path in json.loads(fields) if path in said}


def _written(fields: Mapping[str, Any]) -> str:
    return orjson.dumps(fields, default=_exact).decode()


def _exact(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} is in no payload")


def end_doubts(connection: sqlite3.Connection, run: int, *, ended_at: float, ended_request: int) -> None:
    """The attempts of a run go on no longer."""
    connection.execute(
        "UPDATE doubts SET ended_at = ?, ended_request = ? WHERE ended_request IS NULL AND request IN"
        " (SELECT request FROM requests WHERE run = ?)",
        (ended_at, ended_request, run),
    )


def drop_doubts(
    connection: sqlite3.Connection, request: int, *, product_id: str | None = None, cause: Cause | None = None
) -> None:
    """What a request carried was not carried out after all."""
    connection.execute(
        "DELETE FROM doubts WHERE request = ? AND product_id = ifnull(?, product_id) AND cause = ifnull(?, cause)",
        (request, product_id, cause),
    )


def clear_of_blame(connection: sqlite3.Connection, request: int, product_id: str) -> None:
    """A product refused by itself was not taken from the larger request that was refused for it either."""
    larger = connection.execute(
        "SELECT request FROM doubts JOIN requests USING (request) WHERE product_id = ? AND cause = ?"
        " AND run = (SELECT run FROM requests WHERE request = ?)",
        (product_id, Cause.REFUSED, request),
    ).fetchall()
    for (other,) in larger:
        drop_doubts(connection, other, product_id=product_id, cause=Cause.REFUSED)


def settle(
    connection: sqlite3.Connection, book: int, request: int, product_ids: Collection[str], *, late_seconds: float
) -> frozenset[str]:
    """End the doubt about what an accepted request set or cleared of these products.

    Returns
    -------
    frozenset of str
        Products of which nothing was ended: an update of a price or a stock is accepted for a product that is not
        there, too, and proves nothing while that is in doubt.
    """
    found = connection.execute(_REQUEST, (request,)).fetchone()
    operation, left_at = connection.execute(
        "SELECT operation, left_at FROM requests JOIN runs USING (run) WHERE request = ?", (request,)
    ).fetchone()
    if found is None:
        return frozenset()
    _, fields, all_ids, lines = found
    unproven = set()
    for product_id, payload in zip(orjson.loads(all_ids), lines.split(b"\n"), strict=True):
        if product_id not in product_ids:
            continue
        carried, rows = _carried(product_id, payload, fields), _rows_of(connection, book, [product_id])
        if EXISTENCE not in carried and not _is_known(connection, book, product_id):
            unproven.add(product_id)
            continue
        for row in rows:
            is_over = row.request < request and (operation == ADOPT or row.is_ended_by(request, left_at, late_seconds))
            if is_over and not carried.keys().isdisjoint(row.fields):
                _leave_open(connection, book, row, {p: v for p, v in row.fields.items() if p not in carried})
    return frozenset(unproven)


def _is_known(connection: sqlite3.Connection, book: int, product_id: str) -> bool:
    known = "SELECT 1 FROM known WHERE book = ? AND product_id = ?"
    return connection.execute(known, (book, product_id)).fetchone() is not None


def _leave_open(connection: sqlite3.Connection, book: int, row: _Row, fields: Mapping[str, Any]) -> None:
    key = (book, row.product_id, row.request, row.cause)
    where = "WHERE book = ? AND product_id = ? AND request = ? AND cause = ?"
    if fields:
        connection.execute(f"UPDATE doubts SET fields = ? {where}", (_written(fields), *key))  # noqa: S608 - constant
    else:
        connection.execute(f"DELETE FROM doubts {where}", key)  # noqa: S608 - constant


def _rows_of(connection: sqlite3.Connection, book: int, product_ids: Sequence[str] | None) -> list[_Row]:
    columns = "SELECT product_id, request, cause, fields, ended_at, ended_request FROM doubts WHERE book = ?"
    if product_ids is None:
        rows = connection.execute(columns, (book,)).fetchall()
    else:
        rows = connection.execute(
            f"{columns} AND product_id IN ({_marks(product_ids)})", (book, *product_ids)
        ).fetchall()
    return [
        _Row(product_id, request, cause, json.loads(fields, parse_float=Decimal), ended_at, ended_request)
        for product_id, request, cause, fields, ended_at, ended_request in rows
    ]


def _marks(parameters: Sequence[object]) -> str:
    return ",".join("?" * len(parameters))


# --- reading -----------------------------------------------------------------------------------------------------


def read_doubts(connection: sqlite3.Connection, book: int, *, steady: float, late_seconds: float) -> list[Doubt]:
    """Every field whose candidates differ, products in the order of their ids; part of the caller's transaction.

    What a living run is sending right now is among it.
    """
    rows = [*_rows_of(connection, book, None), *_under_way(connection, book)]
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        wanted[row.product_id].update(row.fields)
    known = _acknowledged(connection, book, wanted)
    runs = dict(connection.execute("SELECT request, run FROM requests WHERE book = ?", (book,))) if rows else {}
    found: dict[tuple[str, str, str], Doubt] = {}
    for row in sorted(rows, key=lambda row: (row.product_id, row.request)):
        acknowledged = known.get(row.product_id, {})
        differing = {p: v for p, v in row.fields.items() if row.cause == Cause.CUT or v != acknowledged.get(p)}
        if (
            not differing
            and row.ended_request is not None
            and (row.ended_at is None or _certainly_passed(row.ended_at, steady) > late_seconds)
        ):
            _leave_open(connection, book, row, {})  # whether carried out or not, the server holds the same
        for path, attempted in differing.items():
            found[row.product_id, path, repr(attempted)] = Doubt(
                product_id=row.product_id,
                field=path,
                acknowledged=acknowledged.get(path),
                attempted=attempted,
                run=runs[row.request],
                request=row.request,
                is_cut=row.cause == Cause.CUT,
            )
    return list(found.values())


def _under_way(connection: sqlite3.Connection, book: int) -> Iterator[_Row]:
    sent = connection.execute("SELECT request FROM requests WHERE book = ? AND state = 'sent'", (book,)).fetchall()
    for (request,) in sent:
        yield from (row for _, row in _open_rows(connection, request, Cause.UNANSWERED, None, None))


def _acknowledged(
    connection: sqlite3.Connection, book: int, wanted: Mapping[str, Collection[str]]
) -> dict[str, dict[str, Any]]:
    """What products were last acknowledged with, of the fields wanted at least; products never accepted are absent."""
    found: dict[str, dict[str, Any]] = {}
    ids = sorted(wanted)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        where = f"WHERE book = ? AND product_id IN ({_marks(some)})"
        rows = connection.execute(
            f"SELECT product_id, line, lines FROM known JOIN payloads USING (request) {where}",  # noqa: S608 - question marks only
            (book, *some),
        )
        for product_id, line, lines in rows:
            found[product_id] = {EXISTENCE: product_id, **leaves(lines.split(b"\n")[line])}
    missing = {one: set(wanted[one]).difference(said) for one, said in found.items()}
    _look_further_back(connection, book, found, {one: paths for one, paths in missing.items() if paths})
    return found


def _look_further_back(
    connection: sqlite3.Connection, book: int, found: dict[str, dict[str, Any]], missing: dict[str, set[str]]
) -> None:
    """Fields that the last accepted request left out: an earlier one may have set them."""
    earlier = connection.execute(
        "SELECT request, product_ids FROM requests JOIN manifests USING (request) JOIN books USING (book)"
        " WHERE book = ? AND state = 'acknowledged' AND request > forgotten_request ORDER BY request DESC",
        (book,),
    )
    for request, product_ids in earlier:
        if not missing:
            return
        ids = orjson.loads(product_ids)
        held = missing.keys() & set(ids)
        if not held:
            continue
        (lines,) = connection.execute("SELECT lines FROM payloads WHERE request = ?", (request,)).fetchone()
        payloads = lines.split(b"\n")
        refused = {
            row[0] for row in connection.execute("SELECT product_id FROM refusals WHERE request = ?", (request,))
        }
        for product_id in held - refused:
            said = leaves(payloads[ids.index(product_id)])
            for path in missing[product_id] & said.keys():
                found[product_id][path] = said[path]
            missing[product_id] -= said.keys()
            if not missing[product_id]:
                del missing[product_id]
