"""Product collections as rows."""

from __future__ import annotations

from collections.abc import Iterable

from smnotebook.sandbox.store.database import Rows

__all__ = [
    "add_to_collection",
    "has_collection",
    "products_of_contact",
    "read_collections",
    "remove_collection",
    "remove_from_collection",
    "store_collection",
]

Pairs = Iterable[tuple[str, str]]
"""Contact ids, each with a product id."""


def read_collections(rows: Rows) -> list[dict[str, str]]:
    """The collections in the order of their creation, as collection/list shows them."""
    found = rows.execute("SELECT collection_id, name FROM collections ORDER BY rowid")
    return [{"collectionId": collection_id, "name": name} for collection_id, name in found]


def has_collection(rows: Rows, collection_id: str) -> bool:
    """Whether there is such a collection."""
    return bool(rows.execute("SELECT 1 FROM collections WHERE collection_id = ?", (collection_id,)).fetchone())


def store_collection(rows: Rows, collection_id: str, name: str, catalog: int) -> None:
    """Create a collection."""
    rows.execute("INSERT INTO collections VALUES (?, ?, ?)", (collection_id, name, catalog))


def remove_collection(rows: Rows, collection_id: str) -> None:
    """Remove a collection, if it is there, with all in it."""
    rows.execute("DELETE FROM collections WHERE collection_id = ?", (collection_id,))


def add_to_collection(rows: Rows, collection_id: str, pairs: Pairs) -> None:
    """Put products into a collection; those in it already stay once."""
    values = ((collection_id, contact_id, product_id) for contact_id, product_id in pairs)
    rows.executemany("INSERT OR IGNORE INTO collection_products VALUES (?, ?, ?)", values)


def remove_from_collection(rows: Rows, collection_id: str, pairs: Pairs) -> None:
    """Take products out of a collection."""
    rows.executemany(
        "DELETE FROM collection_products WHERE collection_id = ? AND contact_id = ? AND product_id = ?",
        ((collection_id, contact_id, product_id) for contact_id, product_id in pairs),
    )


def products_of_contact(rows: Rows, collection_id: str, contact_id: str) -> list[str]:
    """Ids of the products that a collection holds for a contact."""
    found = rows.execute(
        "SELECT product_id FROM collection_products WHERE collection_id = ? AND contact_id = ? ORDER BY rowid",
        (collection_id, contact_id),
    )
    return [product_id for (product_id,) in found]
