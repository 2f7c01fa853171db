"""Which account is meant: one row, found by any of the names that belong to it.

A name is a keyed digest of a key or of a client id, or a catalog that the account lists; never the name of a profile.
After a key was changed the account is found by its client id, or as soon as it lists a catalog that is known. Two rows
that turn out to be one account become one, with their quota and their events.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["EVENTS", "AccountNames", "find_account", "look_up_account", "rename_book"]

#: Stands in the place of a catalog's id, which is a UUID.
EVENTS = "(events)"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNames:
    """What an account is found by.

    Attributes
    ----------
    names : tuple of str
        Keyed digests of its key and client id, and the catalogs it lists.
    former : tuple of str
        Names that an earlier version gave it; whoever comes first with one takes it over.
    """

    names: tuple[str, ...]
    former: tuple[str, ...] = ()


def look_up_account(connection: sqlite3.Connection, account: AccountNames) -> int | None:
    """The row of an account; None where there is none yet."""
    found = _found(connection, [*account.names, *account.former])
    return min(found) if found else None


def find_account(connection: sqlite3.Connection, wanted: AccountNames) -> int:
    """The row of an account, made where there is none; it is known by all of its names from now on."""
    found = sorted(_found(connection, [*wanted.names, *wanted.former]))
    if found:
        account, *others = found
    else:
        account, others = int(connection.execute("INSERT INTO accounts DEFAULT VALUES").lastrowid or 0), []
    for other in others:
        _merge_accounts(connection, account, other)
    connection.executemany("DELETE FROM account_names WHERE name = ?", [(name,) for name in wanted.former])
    connection.executemany(
        "INSERT OR IGNORE INTO account_names VALUES (?, ?)", [(name, account) for name in wanted.names]
    )
    return account


def _found(connection: sqlite3.Connection, names: Sequence[str]) -> set[int]:
    marks = ",".join("?" * len(names))
    rows = connection.execute(f"SELECT account FROM account_names WHERE name IN ({marks})", names)  # noqa: S608 - question marks only
    return {row[0] for row in rows}


def _merge_accounts(connection: sqlite3.Connection, account: int, other: int) -> None:
    """Make one account of two: what either has sent within the hour counts for both."""
    grants = connection.execute(
        "SELECT at, owner FROM quota_grants WHERE account IN (?, ?) ORDER BY at, account, number", (account, other)
    ).fetchall()
    connection.execute("DELETE FROM quota_grants WHERE account IN (?, ?)", (account, other))
    connection.executemany(
        "INSERT INTO quota_grants VALUES (?, ?, ?, ?)",
        [(account, number, at, owner) for number, (at, owner) in enumerate(grants, start=1)],
    )
    for statement in (
        "UPDATE quota_tickets SET account = ? WHERE account = ?",
        "UPDATE OR IGNORE quota_clocks SET account = ? WHERE account = ?",
        "UPDATE account_names SET account = ? WHERE account = ?",
    ):
        connection.execute(statement, (account, other))
    connection.execute("DELETE FROM quota_clocks WHERE account = ?", (other,))
    connection.execute("DELETE FROM accounts WHERE account = ?", (other,))
    rename_book(connection, (f"account {other}", EVENTS), (f"account {account}", EVENTS))


def rename_book(connection: sqlite3.Connection, book: tuple[str, str], name: tuple[str, str]) -> None:
    """Give a book, named by server and catalog, another name; where a book has it already the two become one."""
    select = "SELECT book FROM books WHERE server = ? AND catalog = ?"
    moved = connection.execute(select, book).fetchone()
    there = connection.execute(select, name).fetchone()
    if moved is None or moved == there:
        return
    if there is None:
        connection.execute("UPDATE books SET server = ?, catalog = ? WHERE book = ?", (*name, moved[0]))
        return
    _merge_books(connection, there[0], moved[0])


def _merge_books(connection: sqlite3.Connection, book: int, other: int) -> None:
    """Make one book of two: of each product, what was accepted last is known."""
    # what is acknowledged and not entered yet follows: the next look enters it
    connection.execute(
        "INSERT INTO known SELECT ?, product_id, fingerprint, request, line FROM known WHERE book = ? AND TRUE"
        " ON CONFLICT (book, product_id) DO UPDATE SET fingerprint = excluded.fingerprint, request = excluded.request,"
        " line = excluded.line WHERE excluded.request > known.request",
        (book, other),
    )
    connection.execute("DELETE FROM known WHERE book = ?", (other,))
    for table in ("requests", "runs", "doubts"):
        connection.execute(f"UPDATE {table} SET book = ? WHERE book = ?", (book, other))  # noqa: S608 - names of tables above
    connection.execute(
        "UPDATE books SET pruned_run = max(pruned_run, (SELECT pruned_run FROM books WHERE book = ?)) WHERE book = ?",
        (other, book),
    )
    connection.execute("DELETE FROM books WHERE book = ?", (other,))
