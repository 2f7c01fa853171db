"""The whole content as plain values, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from smnotebook.contract import Product, check
from smnotebook.errors import UsageError
from smnotebook.sandbox.store.database import CONTENT_TABLES, Database, Rows

__all__ = ["take_snapshot", "write_snapshot"]

_FORMAT = "smnotebook sandbox"
_VERSION = 1
# Counted requests are no content: an hour's quota does not travel.
_TABLES = tuple(table for table in reversed(CONTENT_TABLES) if table != "requests_counted")
_DOCUMENT = "payload"


def take_snapshot(database: Database) -> dict[str, Any]:
    """Every catalog, product, collection, contact and event; keys and account stay behind."""
    with database.reading() as rows:
        tables = {table: _read_table(rows, table) for table in _TABLES}
    return {"format": _FORMAT, "version": _VERSION, "tables": tables}


def _read_table(rows: Rows, table: str) -> list[dict[str, Any]]:
    found = rows.execute(f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608 - a name from _TABLES
    names = [column[0] for column in found.description]
    return [
        {name: json.loads(value) if name == _DOCUMENT else value for name, value in zip(names, row, strict=True)}
        for row in found
    ]


def write_snapshot(database: Database, snapshot: Mapping[str, Any]) -> None:
    """Put a snapshot in the place of the content, all or nothing.

    Raises
    ------
    UsageError
        When it is no snapshot, of another version, or holds what the sandbox would not have stored.
    """
    if snapshot.get("format") != _FORMAT or snapshot.get("version") != _VERSION:
        raise UsageError("this is no snapshot of a sandbox, or one of another version; export it again")
    tables = snapshot.get("tables")
    if not isinstance(tables, Mapping) or not set(tables) <= set(_TABLES):
        raise UsageError(f"a snapshot holds the tables {', '.join(_TABLES)}; export it again")
    try:
        with database.transaction() as rows:
            for table in reversed(_TABLES):
                rows.execute(f"DELETE FROM {table}")  # noqa: S608 - a name from _TABLES
            for table in _TABLES:
                _write_table(rows, table, tables.get(table, ()))
    except (sqlite3.Error, LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise UsageError("the snapshot's rows don't fit the sandbox's tables; export it again") from error


def _write_table(rows: Rows, table: str, entries: Any) -> None:
    known = [column[1] for column in rows.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join("?" for _ in known)
    for entry in entries:
        if not set(entry) <= set(known):
            raise ValueError(f"{table} has other columns")
        if _DOCUMENT in known and not _is_document(table, entry[_DOCUMENT]):
            raise ValueError(f"{table} holds something else")
        values = [json.dumps(entry[name]) if name == _DOCUMENT else entry.get(name) for name in known]
        rows.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 - a name from _TABLES


def _is_document(table: str, document: Any) -> bool:
    """Whether a call could have left this; a product is held to the contract, its amounts are kept as text."""
    if not isinstance(document, dict) or table != "products":
        return isinstance(document, dict)
    try:
        amounts = {name: Decimal(document[name]) for name in ("price", "discountPrice") if name in document}
    except InvalidOperation:
        return False
    found = check(Product, {**document, **amounts})
    return all(one.severity != "error" or one.reason_code is None for one in found)
