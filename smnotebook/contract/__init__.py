"""What the API accepts, declared once. Everything else reads it; it reads only pydantic and the standards."""

from smnotebook.contract.catalogs import MAX_CATALOG_ID, CatalogDeclaration
from smnotebook.contract.contacts import MAX_CONTACTS, Address, Contact, ContactReference, ContactUpsert
from smnotebook.contract.events import DETAIL_NAMES, EVENT_TYPES, MAX_EVENTS, ContactEvent, SeedEvent
from smnotebook.contract.keys import KEY_EXPIRY_DAYS, KeyRequest
from smnotebook.contract.operations import (
    CREATE_KEY_PATH,
    HOURLY_LIMITS,
    INTEGRATE_PATH,
    KEY_AGE_LIMIT_DAYS,
    LOG_IN_PATH,
    Authentication,
    Operation,
    Plan,
)
from smnotebook.contract.product_collections import (
    CollectionDeclaration,
    CollectionEntry,
    CollectionReference,
    ContactProducts,
)
from smnotebook.contract.products import (
    CLEARABLE,
    MAX_CUSTOM_DETAILS,
    MAX_PRODUCTS,
    PriceUpdate,
    Product,
    QuantityUpdate,
    SystemDetails,
)
from smnotebook.contract.reasons import ReasonCode, Violation, format_message, parse_message
from smnotebook.contract.records import DeclaredField, Record, Relation, check, declared_fields

__all__ = [
    "CLEARABLE",
    "CREATE_KEY_PATH",
    "DETAIL_NAMES",
    "EVENT_TYPES",
    "HOURLY_LIMITS",
    "INTEGRATE_PATH",
    "KEY_AGE_LIMIT_DAYS",
    "KEY_EXPIRY_DAYS",
    "LOG_IN_PATH",
    "MAX_CATALOG_ID",
    "MAX_CONTACTS",
    "MAX_CUSTOM_DETAILS",
    "MAX_EVENTS",
    "MAX_PRODUCTS",
    "Address",
    "Authentication",
    "CatalogDeclaration",
    "CollectionDeclaration",
    "CollectionEntry",
    "CollectionReference",
    "Contact",
    "ContactEvent",
    "ContactProducts",
    "ContactReference",
    "ContactUpsert",
    "DeclaredField",
    "KeyRequest",
    "Operation",
    "Plan",
    "PriceUpdate",
    "Product",
    "QuantityUpdate",
    "ReasonCode",
    "Record",
    "Relation",
    "SeedEvent",
    "SystemDetails",
    "Violation",
    "check",
    "declared_fields",
    "format_message",
    "parse_message",
]
