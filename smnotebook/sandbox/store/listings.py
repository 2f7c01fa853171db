"""What the page shows: counts, and one screen of rows at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from smnotebook.sandbox.store.database import Rows

__all__ = [
    "SCREEN_ROWS",
    "ListedCatalog",
    "ListedContact",
    "ListedEvent",
    "ListedProduct",
    "count_content",
    "list_catalogs",
    "list_contacts",
    "list_events",
    "list_products",
]

SCREEN_ROWS = 50

_PRODUCT = "SELECT product_id, payload, changed_at FROM products"
_SEARCH = """
    SELECT rowid FROM products WHERE catalog = :catalog AND (
        product_id LIKE :wanted ESCAPE '\\' OR json_extract(payload, '$.name') LIKE :wanted ESCAPE '\\'
        OR json_extract(payload, '$.mainCategory') LIKE :wanted ESCAPE '\\'
    ) ORDER BY rowid DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCatalog:
    """A catalog and how much is in it."""

    number: int
    catalog_id: str
    name: str
    set_as_default: bool
    currency: str
    location: str
    changed_at: float
    products: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProduct:
    """A product as it is stored."""

    product_id: str
    payload: str
    changed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedContact:
    """A contact as it is stored."""

    contact_id: str
    email: str
    payload: str
    changed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEvent:
    """An event as it is stored, with the address of its contact."""

    event_id: str
    contact_id: str | None
    email: str | None
    payload: str
    received_at: float


def count_content(rows: Rows) -> dict[str, int]:
    """How many catalogs, products, contacts and events there are."""
    tables = ("catalogs", "products", "contacts", "events")
    return {table: rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # noqa: S608 - names above


def list_catalogs(rows: Rows) -> list[ListedCatalog]:
    """All catalogs, oldest first."""
    found = rows.execute(
        "SELECT number, catalog_id, name, set_as_default, currency, location, changed_at,"
        " (SELECT count(*) FROM products WHERE catalog = number) FROM catalogs ORDER BY number"
    )
    return [_listed(ListedCatalog, row) for row in found]


def list_products(rows: Rows, catalog: int, *, search: str, screen: int) -> tuple[int, list[ListedProduct]]:
    """How many products match, and one screen of them, the latest first.

    Parameters
    ----------
    search : str
        Part of the id, the name or the main category; empty for all. ASCII letters match in either case.
    screen : int
        Counted from 0.
    """
    bounds = (SCREEN_ROWS, screen * SCREEN_ROWS)
    if not search:
        count = rows.execute("SELECT count(*) FROM products WHERE catalog = ?", (catalog,)).fetchone()[0]
        found = rows.execute(f"{_PRODUCT} WHERE catalog = ? ORDER BY rowid DESC LIMIT ? OFFSET ?", (catalog, *bounds))
        return count, [_listed(ListedProduct, row) for row in found]
    # one scan for the row numbers, which are small, and then only the rows that are shown
    pattern = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    matches = [number for (number,) in rows.execute(_SEARCH, {"catalog": catalog, "wanted": pattern})]
    shown = matches[bounds[1] : bounds[1] + SCREEN_ROWS]
    products = [rows.execute(f"{_PRODUCT} WHERE rowid = ?", (number,)).fetchone() for number in shown]
    return len(matches), [_listed(ListedProduct, row) for row in products]


def list_contacts(rows: Rows, *, screen: int) -> list[ListedContact]:
    """One screen of contacts, the latest first."""
    found = rows.execute(
        "SELECT contact_id, email, payload, changed_at FROM contacts ORDER BY rowid DESC LIMIT ? OFFSET ?",
        (SCREEN_ROWS, screen * SCREEN_ROWS),
    )
    return [_listed(ListedContact, row) for row in found]


def list_events(rows: Rows, *, screen: int) -> list[ListedEvent]:
    """One screen of events, the latest first."""
    found = rows.execute(
        "SELECT event_id, events.contact_id, coalesce(contacts.email, events.email), events.payload, received_at"
        " FROM events LEFT JOIN contacts ON contacts.contact_id = events.contact_id"
        " ORDER BY number DESC LIMIT ? OFFSET ?",
        (SCREEN_ROWS, screen * SCREEN_ROWS),
    )
    return [_listed(ListedEvent, row) for row in found]


def _listed(kind: Any, row: tuple[Any, ...]) -> Any:
    return kind(**dict(zip(kind.__dataclass_fields__, row, strict=True)))
