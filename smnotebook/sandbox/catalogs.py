"""catalogList, catalogUpsert, catalogDelete. Rules: WIRE_FACTS section 3."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from smnotebook.contract import MAX_CATALOG_ID, CatalogDeclaration, ReasonCode, Record, check
from smnotebook.contract.fields import Text
from smnotebook.sandbox.answers import Answer, accept, find_errors, find_warnings, refuse, violation
from smnotebook.sandbox.state import State

__all__ = ["CatalogReference", "delete_catalog", "find_catalog", "list_catalogs", "unknown_catalog", "upsert_catalog"]


class CatalogReference(Record):
    """A body that names a catalog."""

    catalogId: Annotated[str, Text(max=MAX_CATALOG_ID)]  # noqa: N815


def list_catalogs(state: State, _body: Mapping[str, Any]) -> Answer:
    """Every catalog, and how many there may be."""
    with state.database.reading() as rows:
        catalogs = read_catalogs(rows)
    return accept(state.draw_id(), catalogs=catalogs, limits={"max": state.assumptions.catalog_limit})


def read_catalogs(rows: sqlite3.Connection) -> list[dict[str, Any]]:
    """The stored catalogs in the order of their creation, as catalogList shows them."""
    found = rows.execute("SELECT catalog_id, name, set_as_default, currency, location FROM catalogs ORDER BY number")
    names = ("catalogId", "name", "setAsDefault", "currency", "location")
    return [dict(zip(names, (*row[:2], bool(row[2]), *row[3:]), strict=True)) for row in found]


def upsert_catalog(state: State, body: Mapping[str, Any]) -> Answer:
    """Create a catalog, or change the one whose id is given."""
    request_id = state.draw_id()
    found = check(CatalogDeclaration, body)
    if errors := find_errors(found):
        return refuse(request_id, errors)
    catalog = CatalogDeclaration.model_validate(dict(body))
    with state.database.transaction() as rows:
        if errors := _find_conflicts(state, rows, catalog):
            return refuse(request_id, errors)
        catalog_id = _store(state, rows, catalog)
    return accept(request_id, find_warnings(found, state.assumptions), catalogId=catalog_id)


def _find_conflicts(state: State, rows: sqlite3.Connection, catalog: CatalogDeclaration) -> list[Any]:
    """What the fields themselves can't tell: unknown id, location taken, account full (in that order)."""
    if catalog.catalogId is not None and find_catalog(rows, catalog.catalogId) is None:
        return [unknown_catalog()]
    if state.assumptions.unique_location:
        holders = rows.execute("SELECT catalog_id FROM catalogs WHERE location = ?", (catalog.location,)).fetchall()
        if any(holder != catalog.catalogId for (holder,) in holders):
            return [violation(ReasonCode.NOT_UNIQUE, "location", "is taken by another catalog")]
    limit = state.assumptions.catalog_limit
    if catalog.catalogId is None and rows.execute("SELECT count(*) FROM catalogs").fetchone()[0] >= limit:
        return [violation(ReasonCode.ABOVE_QUOTA, "catalog", "the account holds as many as it may", limit=limit)]
    return []


def _store(state: State, rows: sqlite3.Connection, catalog: CatalogDeclaration) -> str:
    catalog_id = catalog.catalogId or state.draw_id()
    rows.execute(
        "INSERT INTO catalogs (catalog_id, name, set_as_default, currency, location, changed_at)"
        " VALUES (?1, ?2, coalesce(?3, 0), ?4, ?5, ?6) ON CONFLICT (catalog_id) DO UPDATE SET name = ?2,"
        " set_as_default = coalesce(?3, set_as_default), currency = ?4, location = ?5, changed_at = ?6",
        (catalog_id, catalog.name, catalog.setAsDefault, catalog.currency, catalog.location, state.clock.now()),
    )
    return catalog_id


def delete_catalog(state: State, body: Mapping[str, Any]) -> Answer:
    """Delete a catalog and its products; one that is gone already is no error (WIRE_FACTS 7, row 20)."""
    request_id = state.draw_id()
    if errors := find_errors(check(CatalogReference, body)):
        return refuse(request_id, errors)
    catalog_id = CatalogReference.model_validate(dict(body)).catalogId
    with state.database.transaction() as rows:
        deleted = rows.execute("DELETE FROM catalogs WHERE catalog_id = ?", (catalog_id,)).rowcount
    if not deleted and state.assumptions.unknown_catalog_on_delete == "refuse":
        return refuse(request_id, [unknown_catalog()])
    return accept(request_id, catalogId=catalog_id)


def find_catalog(rows: sqlite3.Connection, catalog_id: str) -> int | None:
    """The row number of a catalog, None where there is none."""
    found = rows.execute("SELECT number FROM catalogs WHERE catalog_id = ?", (catalog_id,)).fetchone()
    return None if found is None else int(found[0])


def unknown_catalog() -> Any:
    """Code 16 for catalogId."""
    return violation(ReasonCode.UNKNOWN_IDENTIFIER, "catalogId", "no catalog has this identifier")
