"""product/upsert, updateQuantity, updatePrice. Rules: seed_product_api.txt and WIRE_FACTS section 4."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from smnotebook.contract import PriceUpdate, Product, QuantityUpdate, Record
from smnotebook.sandbox.answers import Answer, accept, refuse
from smnotebook.sandbox.batches import Batch, read_batch
from smnotebook.sandbox.catalogs import find_catalog, unknown_catalog
from smnotebook.sandbox.state import State

__all__ = ["read_products", "update_prices", "update_quantities", "upsert_products"]

RecordType = TypeVar("RecordType", bound=Record)

# A patch's null removes what is stored (RFC 7396); ?5 and ?6 are paths that make way for it first.
_UPSERT = """
    INSERT INTO products (catalog, product_id, payload, changed_at) VALUES (?1, ?2, json_patch('{}', ?3), ?4)
    ON CONFLICT (catalog, product_id) DO UPDATE
    SET payload = json_patch(json_remove(payload, ?5, ?6), ?3), changed_at = ?4
"""
_UPDATE = """
    UPDATE products SET payload = json_patch(payload, ?3), changed_at = ?4 WHERE catalog = ?1 AND product_id = ?2
"""
_NOWHERE = '$."no such member"'
_AMOUNTS = ("price", "discountPrice")


def upsert_products(state: State, body: Mapping[str, Any]) -> Answer:
    """Add products, or change those that are there: a key that is absent leaves the stored value."""
    batch = read_batch(state, body, Product)
    ids = [product.productId for product in batch.records]
    return _write(state, batch, _store_products, productIds=ids)


def update_quantities(state: State, body: Mapping[str, Any]) -> Answer:
    """Set quantities; ids that were never upserted are passed over without a word (WIRE_FACTS 4)."""
    return _write(state, read_batch(state, body, QuantityUpdate), _update_products)


def update_prices(state: State, body: Mapping[str, Any]) -> Answer:
    """Set prices; a null discountPrice clears the reduction."""
    return _write(state, read_batch(state, body, PriceUpdate), _update_products)


_Store = Callable[[State, sqlite3.Connection, int, Iterable[Any]], None]


def _write(state: State, batch: Batch[RecordType], store: _Store, **members: Any) -> Answer:
    request_id = state.draw_id()
    if batch.request_errors or (batch.record_errors and not _accepts_rest(state)):
        return refuse(request_id, batch.errors)
    with state.database.transaction() as rows:
        catalog = find_catalog(rows, batch.catalog_id)
        if catalog is not None:
            store(state, rows, catalog, batch.records)
    if catalog is None:
        return refuse(request_id, [*batch.record_errors, unknown_catalog()])
    if batch.record_errors:
        return refuse(request_id, batch.record_errors)
    return accept(request_id, batch.warnings, **members)


def _accepts_rest(state: State) -> bool:
    if state.refusal is not None:
        return state.refusal.accepts_rest
    return state.assumptions.bad_products == "accept the rest"


def _store_products(state: State, rows: sqlite3.Connection, catalog: int, products: Iterable[Product]) -> None:
    now = state.clock.now()
    replaces = state.assumptions.details == "replace"
    rows.executemany(
        _UPSERT,
        (
            (
                catalog,
                product.productId,
                _encode(product_patch(product)),
                now,
                "$.systemDetails" if replaces and product.systemDetails is not None else _NOWHERE,
                "$.customDetails" if replaces and product.customDetails is not None else _NOWHERE,
            )
            for product in products
        ),
    )


def _update_products(state: State, rows: sqlite3.Connection, catalog: int, updates: Iterable[Any]) -> None:
    now = state.clock.now()
    # exclude_unset: a null that was sent clears, a key that was not sent leaves the stored value
    patches = ((update.productId, update.model_dump(exclude_unset=True)) for update in updates)
    rows.executemany(_UPDATE, ((catalog, product_id, _encode(patch), now) for product_id, patch in patches))


def product_patch(product: Product) -> dict[str, Any]:
    """The change an upsert makes, as an RFC 7396 merge patch: null where ``setAsNull`` clears."""
    patch = product.model_dump(exclude_none=True, exclude={"setAsNull"})
    for name in product.setAsNull or ():
        if name.startswith("detail"):
            patch.setdefault("customDetails", {})[name] = None
        else:
            patch[name] = None
    return patch


def _encode(patch: Mapping[str, Any]) -> str:
    """JSON with amounts as text: neither Python's nor SQLite's JSON would keep a number's decimals."""
    return json.dumps(patch, separators=(",", ":"), default=str)


def read_products(rows: sqlite3.Connection, catalog: int) -> list[dict[str, Any]]:
    """The stored products of a catalog in the order of their first upsert, amounts as Decimal."""
    found = rows.execute("SELECT payload FROM products WHERE catalog = ? ORDER BY rowid", (catalog,))
    return [decode_product(payload) for (payload,) in found]


def decode_product(payload: str) -> dict[str, Any]:
    """A stored payload as a product."""
    product: dict[str, Any] = json.loads(payload)
    for name in _AMOUNTS:
        if name in product:
            product[name] = Decimal(product[name])
    return product
