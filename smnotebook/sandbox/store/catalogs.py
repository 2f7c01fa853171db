"""Catalogs as rows."""

from __future__ import annotations

from typing import Any

from smnotebook.contract import CatalogDeclaration
from smnotebook.sandbox.store.database import Rows

__all__ = ["count_catalogs", "find_catalog", "holders_of_location", "read_catalogs", "remove_catalog", "store_catalog"]

_NAMES = ("catalogId", "name", "setAsDefault", "currency", "location")


def read_catalogs(rows: Rows) -> list[dict[str, Any]]:
    """The catalogs in the order of their creation, as catalogList shows them."""
    found = rows.execute("SELECT catalog_id, name, set_as_default, currency, location FROM catalogs ORDER BY number")
    return [{**dict(zip(_NAMES, row, strict=True)), "setAsDefault": bool(row[2])} for row in found]


def find_catalog(rows: Rows, catalog_id: str) -> int | None:
    """The row number of a catalog, None where there is none."""
    found = rows.execute("SELECT number FROM catalogs WHERE catalog_id = ?", (catalog_id,)).fetchone()
    return None if found is None else int(found[0])


def count_catalogs(rows: Rows) -> int:
    """How many there are."""
    return int(rows.execute("SELECT count(*) FROM catalogs").fetchone()[0])


def holders_of_location(rows: Rows, location: str) -> set[str]:
    """Ids of the catalogs with this location."""
    return {
        catalog_id for (catalog_id,) in rows.execute("SELECT catalog_id FROM catalogs WHERE location = ?", (location,))
    }


def store_catalog(rows: Rows, catalog_id: str, catalog: CatalogDeclaration, now: float) -> None:
    """Create a catalog or change it; setAsDefault is false until it is sent."""
    rows.execute(
        "INSERT INTO catalogs (catalog_id, name, set_as_default, currency, location, changed_at)"
        " VALUES (?1, ?2, coalesce(?3, 0), ?4, ?5, ?6) ON CONFLICT (catalog_id) DO UPDATE SET name = ?2,"
        " set_as_default = coalesce(?3, set_as_default), currency = ?4, location = ?5, changed_at = ?6",
        (catalog_id, catalog.name, catalog.setAsDefault, catalog.currency, catalog.location, now),
    )


def remove_catalog(rows: Rows, catalog_id: str) -> bool:
    """Remove a catalog with all in it; false where there is none."""
    return rows.execute("DELETE FROM catalogs WHERE catalog_id = ?", (catalog_id,)).rowcount > 0
