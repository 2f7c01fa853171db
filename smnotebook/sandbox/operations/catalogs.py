"""catalogList, catalogUpsert, catalogDelete. Rules: WIRE_FACTS section 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from smnotebook.contract import MAX_CATALOG_ID, CatalogDeclaration, ReasonCode, Record, Violation, check
from smnotebook.contract.fields import Text
from smnotebook.sandbox.answers import Answer, accept, find_errors, find_warnings, refuse, violation
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store import Rows
from smnotebook.sandbox.store.catalogs import (
    count_catalogs,
    find_catalog,
    holders_of_location,
    read_catalogs,
    remove_catalog,
    store_catalog,
)

__all__ = ["CatalogReference", "delete_catalog", "list_catalogs", "unknown_catalog", "upsert_catalog"]


class CatalogReference(Record):
    """A body that names a catalog."""

    catalogId: Annotated[str, Text(max=MAX_CATALOG_ID)]  # noqa: N815


def list_catalogs(state: State, _body: Mapping[str, Any]) -> Answer:
    """Every catalog, and how many there may be."""
    with state.database.reading() as rows:
        catalogs = read_catalogs(rows)
    return accept(state.draw_id(), catalogs=catalogs, limits={"max": state.assumptions.catalog_limit})


def upsert_catalog(state: State, body: Mapping[str, Any]) -> Answer:
    """Create a catalog, or change the one whose id is given."""
    request_id = state.draw_id()
    found = check(CatalogDeclaration, body)
    if errors := find_errors(found):
        return refuse(request_id, errors)
    catalog = CatalogDeclaration.model_validate(dict(body))
    with state.database.transaction() as rows:
        if conflict := _find_conflict(state, rows, catalog):
            return refuse(request_id, [conflict])
        catalog_id = catalog.catalogId or state.draw_id()
        store_catalog(rows, catalog_id, catalog, state.clock.now())
    return accept(request_id, find_warnings(found, state.assumptions), catalogId=catalog_id)


def _find_conflict(state: State, rows: Rows, catalog: CatalogDeclaration) -> Violation | None:
    """What the fields themselves can't tell: unknown id, location taken, account full, in this order."""
    if catalog.catalogId is not None and find_catalog(rows, catalog.catalogId) is None:
        return unknown_catalog()
    if state.assumptions.unique_location and holders_of_location(rows, catalog.location) - {catalog.catalogId}:
        return violation(ReasonCode.NOT_UNIQUE, "location", "is taken by another catalog")
    limit = state.assumptions.catalog_limit
    if catalog.catalogId is None and count_catalogs(rows) >= limit:
        return violation(ReasonCode.ABOVE_QUOTA, "catalog", "the account holds as many as it may", limit=limit)
    return None


def delete_catalog(state: State, body: Mapping[str, Any]) -> Answer:
    """Delete a catalog and its products; one that is gone already is no error (WIRE_FACTS 7, row 20)."""
    request_id = state.draw_id()
    if errors := find_errors(check(CatalogReference, body)):
        return refuse(request_id, errors)
    catalog_id = CatalogReference.model_validate(dict(body)).catalogId
    with state.database.transaction() as rows:
        is_removed = remove_catalog(rows, catalog_id)
    if not is_removed and state.assumptions.unknown_catalog_on_delete == "refuse":
        return refuse(request_id, [unknown_catalog()])
    return accept(request_id, catalogId=catalog_id)


def unknown_catalog() -> Violation:
    """Code 16 for catalogId."""
    return violation(ReasonCode.UNKNOWN_IDENTIFIER, "catalogId", "no catalog has this identifier")
