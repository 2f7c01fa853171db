"""What the API accepts, declared once. Everything else reads it; it reads only pydantic and the standards."""

from smnotebook.contract.catalogs import MAX_CATALOG_ID, CatalogDeclaration
from smnotebook.contract.operations import HOURLY_LIMITS, KEY_AGE_LIMIT_DAYS, Authentication, Operation, Plan
from smnotebook.contract.products import CLEARABLE, MAX_PRODUCTS, PriceUpdate, Product, QuantityUpdate, SystemDetails
from smnotebook.contract.reasons import ReasonCode, Violation, format_message, parse_message
from smnotebook.contract.records import DeclaredField, Record, Relation, check, declared_fields

__all__ = [
    "CLEARABLE",
    "HOURLY_LIMITS",
    "KEY_AGE_LIMIT_DAYS",
    "MAX_CATALOG_ID",
    "MAX_PRODUCTS",
    "Authentication",
    "CatalogDeclaration",
    "DeclaredField",
    "Operation",
    "Plan",
    "PriceUpdate",
    "Product",
    "QuantityUpdate",
    "ReasonCode",
    "Record",
    "Relation",
    "SystemDetails",
    "Violation",
    "check",
    "declared_fields",
    "format_message",
    "parse_message",
]
