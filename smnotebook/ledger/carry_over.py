"""What the sixth step of the schema makes of an older ledger: accounts without profile names, doubt per field.

An older ledger named an account by its profile and server, or a sandbox by its profile and a digest of its key, and
knew doubt of whole products only.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict

from smnotebook.ledger.accounts import EVENTS, AccountNames, find_account, rename_book
from smnotebook.ledger.doubts import Cause, enter_doubts, settle

__all__ = ["carry_over"]

_SANDBOX = re.compile(r".*@(?P<digest>[0-9a-f]{12})")

_UNANSWERED = """
SELECT request FROM requests JOIN books USING (book)
WHERE state = 'unknown' AND catalog <> '(events)' ORDER BY request
"""
_UNLISTED = """
SELECT request, product_id FROM refusals JOIN requests USING (request) JOIN books USING (book)
WHERE refusals.state = 'unknown' AND catalog <> '(events)'
"""


def carry_over(connection: sqlite3.Connection) -> None:
    """Give books and quota their accounts, and each unanswered request its open fields; part of a transaction."""
    for (name,) in connection.execute("SELECT DISTINCT account FROM old_grants").fetchall():
        account = find_account(connection, AccountNames(names=(_name(name),)))
        last = connection.execute("SELECT ifnull(max(number), 0) FROM quota_grants WHERE account = ?", (account,))
        connection.execute(
            "INSERT INTO quota_grants SELECT ?, ? + row_number() OVER (ORDER BY at), at, owner FROM old_grants"
            " WHERE account = ?",
            (account, last.fetchone()[0], name),
        )
        connection.execute(
            "INSERT OR IGNORE INTO quota_clocks SELECT ?, wall, steady FROM old_clocks WHERE account = ?",
            (account, name),
        )
    for table in ("old_grants", "old_clocks"):
        connection.execute(f"DROP TABLE {table}")
    for server, catalog in connection.execute("SELECT server, catalog FROM books ORDER BY book").fetchall():
        if catalog == EVENTS:
            account = find_account(connection, AccountNames(names=(f"account:{server}",)))
            rename_book(connection, (server, catalog), (f"account {account}", EVENTS))
            continue
        # without the profile's name: two profiles of one server had two books of one catalog
        scope = f"sandbox@{found['digest']}" if (found := _SANDBOX.fullmatch(server)) else server.rpartition("@")[2]
        find_account(connection, AccountNames(names=(_name(server), f"catalog:{scope}/{catalog}")))
        rename_book(connection, (server, catalog), (scope, catalog))
    _enter_old_doubts(connection)


def _name(account: str) -> str:
    found = _SANDBOX.fullmatch(account)
    return f"name:sandbox@{found['digest']}" if found else f"name:{account}"


def _enter_old_doubts(connection: sqlite3.Connection) -> None:
    """Of what was never answered: the fields that no later accepted request has set."""
    # no late execution is waited for: when these attempts ended was not noted, and minutes have passed since
    for (request,) in connection.execute(_UNANSWERED).fetchall():
        enter_doubts(connection, request, cause=Cause.UNANSWERED, ended_request=request)
    unlisted: defaultdict[int, list[str]] = defaultdict(list)
    for request, product_id in connection.execute(_UNLISTED).fetchall():
        unlisted[request].append(product_id)
    for request, product_ids in unlisted.items():
        enter_doubts(connection, request, cause=Cause.UNLISTED, ended_request=request, product_ids=product_ids)
    for book, first in connection.execute("SELECT book, min(request) FROM doubts GROUP BY book").fetchall():
        later = connection.execute(
            "SELECT request, product_ids FROM requests JOIN manifests USING (request)"
            " WHERE book = ? AND request > ? AND state = 'acknowledged' ORDER BY request",
            (book, first),
        ).fetchall()
        for request, product_ids in later:
            settle(connection, book, request, json.loads(product_ids), late_seconds=0.0)
