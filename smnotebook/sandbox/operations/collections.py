"""Product collections, as the official client uses them (WIRE_FACTS section 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from smnotebook.contract import (
    CollectionDeclaration,
    CollectionEntry,
    CollectionReference,
    ContactProducts,
    ReasonCode,
    Violation,
    check,
)
from smnotebook.sandbox.answers import Answer, accept, find_errors, refuse, violation
from smnotebook.sandbox.operations.catalogs import unknown_catalog
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store import Rows
from smnotebook.sandbox.store import collections as stored
from smnotebook.sandbox.store.catalogs import find_catalog

__all__ = [
    "add_products",
    "create_collection",
    "delete_collection",
    "list_collections",
    "list_contact_products",
    "remove_products",
]


def list_collections(state: State, _body: Mapping[str, Any]) -> Answer:
    """Every collection, and how many there may be."""
    with state.database.reading() as rows:
        collections = stored.read_collections(rows)
    limits = {"max": state.assumptions.collection_limit}
    return accept(state.draw_id(), collections=collections, limits=limits)


def create_collection(state: State, body: Mapping[str, Any]) -> Answer:
    """Create a collection."""
    request_id = state.draw_id()
    if errors := find_errors(check(CollectionDeclaration, body)):
        return refuse(request_id, errors)
    collection = CollectionDeclaration.model_validate(dict(body))
    limit = state.assumptions.collection_limit
    with state.database.transaction() as rows:
        catalog = find_catalog(rows, collection.catalogId)
        if catalog is None:
            return refuse(request_id, [unknown_catalog()])
        if len(stored.read_collections(rows)) >= limit:
            full = violation(ReasonCode.ABOVE_QUOTA, "collection", "the account holds as many as it may", limit=limit)
            return refuse(request_id, [full])
        collection_id = state.draw_id()
        stored.store_collection(rows, collection_id, collection.name, catalog)
    return accept(request_id, success=True, collectionUUID=collection_id)


def delete_collection(state: State, body: Mapping[str, Any]) -> Answer:
    """Delete a collection; one that is gone already, or went with its catalog, is no error (WIRE_FACTS 11)."""
    request_id = state.draw_id()
    if errors := find_errors(check(CollectionReference, body)):
        return refuse(request_id, errors)
    reference = CollectionReference.model_validate(dict(body))
    with state.database.transaction() as rows:
        stored.remove_collection(rows, reference.collectionUUID)
    return accept(request_id, success=True)


def add_products(state: State, body: Mapping[str, Any]) -> Answer:
    """Put products into a collection, each for one contact."""
    return _change(state, body, stored.add_to_collection)


def remove_products(state: State, body: Mapping[str, Any]) -> Answer:
    """Take products out of a collection."""
    return _change(state, body, stored.remove_from_collection)


def list_contact_products(state: State, body: Mapping[str, Any]) -> Answer:
    """Ids of the products that a collection holds for one contact."""
    request_id = state.draw_id()
    if errors := find_errors(check(ContactProducts, body)):
        return refuse(request_id, errors)
    asked = ContactProducts.model_validate(dict(body))
    with state.database.reading() as rows:
        if not stored.has_collection(rows, asked.collectionUUID):
            return refuse(request_id, [_unknown_collection()])
        products = stored.products_of_contact(rows, asked.collectionUUID, asked.contactId)
    return accept(request_id, success=True, products=products)


def _change(
    state: State, body: Mapping[str, Any], change: Callable[[Rows, str, Iterable[tuple[str, str]]], None]
) -> Answer:
    request_id = state.draw_id()
    entries = body.get("data")
    errors = find_errors([*check(CollectionReference, body), *_find_entry_errors(entries)])
    if errors or not isinstance(entries, list):
        return refuse(request_id, errors)
    reference = CollectionReference.model_validate(dict(body))
    read = [CollectionEntry.model_validate(entry) for entry in entries]
    with state.database.transaction() as rows:
        if not stored.has_collection(rows, reference.collectionUUID):
            return refuse(request_id, [_unknown_collection()])
        change(rows, reference.collectionUUID, ((entry.contactId, id_) for entry in read for id_ in entry.productIds))
    return accept(request_id, success=True)


def _find_entry_errors(entries: Any) -> list[Violation]:
    if entries is None:
        return [violation(ReasonCode.MISSING, "data", "is required")]
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [violation(ReasonCode.WRONG_TYPE, "data", "must be a list of objects", type_name="array")]
    return [found for entry in entries for found in check(CollectionEntry, entry)]


def _unknown_collection() -> Violation:
    return violation(ReasonCode.UNKNOWN_IDENTIFIER, "collectionUUID", "no collection has this identifier")
