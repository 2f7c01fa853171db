"""Every endpoint of the sandbox: which path leads to which operation."""

from __future__ import annotations

from smnotebook.contract import CREATE_KEY_PATH, INTEGRATE_PATH, LOG_IN_PATH, Operation
from smnotebook.sandbox.operations import catalogs, collections, contacts, events, keys, login, products, seed
from smnotebook.sandbox.operations.endpoints import CarryOut, Endpoint

__all__ = ["ENDPOINTS"]

_CARRIED_OUT_BY: dict[Operation, CarryOut] = {
    Operation.LIST_CATALOGS: catalogs.list_catalogs,
    Operation.CREATE_CATALOG: catalogs.upsert_catalog,  # and UPDATE_CATALOG, which is the same call
    Operation.DELETE_CATALOG: catalogs.delete_catalog,
    Operation.UPSERT_PRODUCTS: products.upsert_products,
    Operation.UPDATE_QUANTITY: products.update_quantities,
    Operation.UPDATE_PRICE: products.update_prices,
    Operation.LIST_COLLECTIONS: collections.list_collections,
    Operation.CREATE_COLLECTION: collections.create_collection,
    Operation.DELETE_COLLECTION: collections.delete_collection,
    Operation.ADD_TO_COLLECTION: collections.add_products,
    Operation.REMOVE_FROM_COLLECTION: collections.remove_products,
    Operation.LIST_CONTACT_PRODUCTS: collections.list_contact_products,
    Operation.LIST_USERS: login.list_users,
    Operation.UPSERT_CONTACT: contacts.upsert_contact,
    Operation.UPSERT_CONTACTS: contacts.upsert_contacts,
    Operation.UPSERT_CONTACT_WITH_EVENT: events.upsert_contact_with_event,
    Operation.ADD_EVENT: events.add_event,
    Operation.UPDATE_EVENT: events.update_event,
    Operation.ADD_EVENTS: events.add_events,
    Operation.ADD_EVENTS_V1: events.add_events,
    Operation.DELETE_EVENT: events.delete_event,
    Operation.SEED_UPSERT_CONTACT: seed.upsert_contact,
    Operation.SEED_ADD_EVENT: seed.add_event,
}

# Calls that ask for a password, a token, or the key itself, within the operation.
_OPEN: dict[str, CarryOut] = {
    CREATE_KEY_PATH: keys.create_key,
    Operation.REVOKE_KEY.path: keys.revoke,
    LOG_IN_PATH: login.log_in,
    INTEGRATE_PATH: login.integrate,
}

#: Every endpoint, the ones with a key in the header first.
ENDPOINTS: tuple[Endpoint, ...] = (
    *(
        Endpoint(
            method=operation.value.method,
            path=operation.path,
            authentication=operation.authentication,
            carry_out=carry_out,
        )
        for operation, carry_out in _CARRIED_OUT_BY.items()
    ),
    *(
        Endpoint(method="POST", path=path, authentication=None, carry_out=carry_out)
        for path, carry_out in _OPEN.items()
    ),
)
