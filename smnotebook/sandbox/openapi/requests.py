"""What each call takes: a schema and an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from smnotebook.contract import (
    CREATE_KEY_PATH,
    INTEGRATE_PATH,
    LOG_IN_PATH,
    MAX_CONTACTS,
    MAX_EVENTS,
    MAX_PRODUCTS,
    CatalogDeclaration,
    CollectionDeclaration,
    CollectionEntry,
    CollectionReference,
    Contact,
    ContactEvent,
    ContactProducts,
    ContactUpsert,
    KeyRequest,
    Operation,
    PriceUpdate,
    Product,
    QuantityUpdate,
    Record,
    SeedEvent,
)
from smnotebook.sandbox.openapi.records import example_of, list_of, schema_of
from smnotebook.sandbox.operations.catalogs import CatalogReference

__all__ = ["REQUESTS", "Described"]

_TEXT = {"type": "string"}
_ID = "21c2f0de-6c1f-4b7e-8f4e-0d3b8f2a3266"


class Described(NamedTuple):
    """A schema and an example that fits it."""

    schema: dict[str, Any]
    example: dict[str, Any]

    def joined(self, other: Described) -> Described:
        """An object with the members of both."""
        properties = {**self.schema["properties"], **other.schema["properties"]}
        required = [*self.schema.get("required", ()), *other.schema.get("required", ())]
        return Described(
            {"type": "object", "properties": properties, "required": required}, {**self.example, **other.example}
        )


def _record(model: type[Record]) -> Described:
    return Described(schema_of(model), example_of(model))


def _members(**members: Described) -> Described:
    schema = {"type": "object", "properties": {name: member.schema for name, member in members.items()}}
    return Described({**schema, "required": list(members)}, {name: member.example for name, member in members.items()})


def _texts(**examples: str) -> Described:
    schema = {"type": "object", "properties": dict.fromkeys(examples, _TEXT), "required": list(examples)}
    return Described(schema, dict(examples))


def _list(model: type[Record] | Described, most: int) -> Described:
    entry = model if isinstance(model, Described) else _record(model)
    return Described(list_of(entry.schema, minItems=1, maxItems=most), [entry.example])  # type: ignore[arg-type]


def _batch(model: type[Record]) -> Described:
    return _record(CatalogReference).joined(_members(products=_list(model, MAX_PRODUCTS)))


_SIGNED = _texts(clientId="0123456789abcdef", apiKey="random", sha="0" * 40, owner="owner@example.com")
_SECRET = _texts(apiKey="key", apiSecret="secret", owner="owner@example.com")
_EVENT = _texts(email="customer@example.com").joined(_members(contactEvent=_record(ContactEvent)))
_BATCH_OF_EVENTS = _members(events=_list(_EVENT, MAX_EVENTS))
_ENTRIES = _record(CollectionReference).joined(_members(data=_list(CollectionEntry, MAX_PRODUCTS)))

_BY_OPERATION: Mapping[Operation, Described] = {
    Operation.CREATE_CATALOG: _record(CatalogDeclaration),
    Operation.DELETE_CATALOG: _record(CatalogReference),
    Operation.UPSERT_PRODUCTS: _batch(Product),
    Operation.UPDATE_QUANTITY: _batch(QuantityUpdate),
    Operation.UPDATE_PRICE: _batch(PriceUpdate),
    Operation.CREATE_COLLECTION: _record(CollectionDeclaration),
    Operation.DELETE_COLLECTION: _record(CollectionReference),
    Operation.ADD_TO_COLLECTION: _ENTRIES,
    Operation.REMOVE_FROM_COLLECTION: _ENTRIES,
    Operation.LIST_CONTACT_PRODUCTS: _record(ContactProducts),
    Operation.REVOKE_KEY: _texts(apiKey="key"),
    Operation.LIST_USERS: _SIGNED,
    Operation.UPSERT_CONTACT: _SIGNED.joined(_record(ContactUpsert)),
    Operation.UPSERT_CONTACTS: _SIGNED.joined(_members(upsertDetails=_list(ContactUpsert, MAX_CONTACTS))),
    Operation.ADD_EVENT: _SIGNED.joined(_EVENT),
    Operation.UPDATE_EVENT: _SIGNED.joined(
        _members(contactEvent=_record(ContactEvent).joined(_texts(eventId=_ID))),
    ),
    Operation.ADD_EVENTS: _SIGNED.joined(_BATCH_OF_EVENTS),
    Operation.ADD_EVENTS_V1: _SIGNED.joined(_BATCH_OF_EVENTS),
    Operation.DELETE_EVENT: _SIGNED.joined(_texts(eventId=_ID)),
    Operation.UPSERT_CONTACT_WITH_EVENT: _SIGNED.joined(
        _members(
            contactUpsertRequest=_record(ContactUpsert),
            addContactExtEventRequest=_members(contactEvent=_record(ContactEvent)),
        )
    ),
    Operation.SEED_UPSERT_CONTACT: _SECRET.joined(_record(ContactUpsert)),
    Operation.SEED_ADD_EVENT: _SECRET.joined(_members(contact=_record(Contact), event=_record(SeedEvent))),
}

#: The body of every POST, by path.
REQUESTS: Mapping[str, Described] = {
    **{operation.path: described for operation, described in _BY_OPERATION.items()},
    CREATE_KEY_PATH: _record(KeyRequest).joined(_texts(password="password")),  # noqa: S106 - an example
    LOG_IN_PATH: _texts(username="owner@example.com", password="password"),  # noqa: S106 - an example
    INTEGRATE_PATH: _texts(token="1700000000.0", apiKey="random"),  # noqa: S106 - an example
}
