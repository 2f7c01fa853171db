"""Products as rows: each a JSON document that an upsert is laid over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from smnotebook.sandbox.store.database import Rows

__all__ = ["decode_product", "hold_too_many_details", "patch_products", "read_products", "upsert_products"]

# A patch's null removes what is stored (RFC 7396); two paths make way for it first.
_UPSERT = """
    INSERT INTO products (catalog, product_id, payload, changed_at)
    VALUES (:catalog, :id, json_patch('{}', :patch), :now)
    ON CONFLICT (catalog, product_id) DO UPDATE
    SET payload = json_patch(json_remove(payload, :system, :custom), :patch), changed_at = :now
"""
_UPDATE = """
    UPDATE products SET payload = json_patch(payload, ?), changed_at = ? WHERE catalog = ? AND product_id = ?
"""
_NOWHERE = '$."no such member"'
_AMOUNTS = ("price", "discountPrice")

Patches = Iterable[tuple[str, Mapping[str, Any]]]
"""Product ids, each with a merge patch."""


def upsert_products(rows: Rows, catalog: int, patches: Patches, *, now: float, replaces_details: bool) -> None:
    """Add products, or lay patches over those that are there; with ``replaces_details`` objects don't merge."""
    rows.executemany(
        _UPSERT,
        (
            {
                "catalog": catalog,
                "id": product_id,
                "patch": _encode(patch),
                "now": now,
                "system": "$.systemDetails" if replaces_details and "systemDetails" in patch else _NOWHERE,
                "custom": "$.customDetails" if replaces_details and "customDetails" in patch else _NOWHERE,
            }
            for product_id, patch in patches
        ),
    )


def patch_products(rows: Rows, catalog: int, patches: Patches, *, now: float) -> None:
    """Lay patches over products; those that are not there stay away."""
    rows.executemany(_UPDATE, ((_encode(patch), now, catalog, product_id) for product_id, patch in patches))


def hold_too_many_details(rows: Rows, catalog: int, product_ids: Sequence[str], most: int) -> bool:
    """Whether any of these products holds more than ``most`` details of its own."""
    found = rows.execute(
        "SELECT 1 FROM products WHERE catalog = ? AND product_id IN (SELECT value FROM json_each(?))"
        " AND (SELECT count(*) FROM json_each(payload, '$.customDetails')) > ? LIMIT 1",
        (catalog, json.dumps(list(product_ids)), most),
    )
    return found.fetchone() is not None


def _encode(patch: Mapping[str, Any]) -> str:
    """JSON with amounts as text: neither Python's nor SQLite's JSON would keep a number's decimals."""
    return json.dumps(patch, separators=(",", ":"), default=str)


def read_products(rows: Rows, catalog: int) -> list[dict[str, Any]]:
    """The products of a catalog in the order of their first upsert, amounts as Decimal."""
    found = rows.execute("SELECT payload FROM products WHERE catalog = ? ORDER BY rowid", (catalog,))
    return [decode_product(payload) for (payload,) in found]


def decode_product(payload: str) -> dict[str, Any]:
    """A stored document as a product."""
    product: dict[str, Any] = json.loads(payload)
    for name in _AMOUNTS:
        if name in product:
            product[name] = Decimal(product[name])
    return product
