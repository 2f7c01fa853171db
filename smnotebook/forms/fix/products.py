"""The products of a catalog that this machine has sent: found by words, and their values as they are stored now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from smnotebook.catalog import Catalog
from smnotebook.contract.exact import EXACT
from smnotebook.frame.display import show_value
from smnotebook.upload.history import lay_over
from smnotebook.upload.stored import open_book

__all__ = ["AMOUNTS", "LABELS", "KnownProducts", "Stored", "Value", "read_known", "read_stored"]

Value = Decimal | int | bool | str | None

#: The fields that the form changes, and what their columns are called.
LABELS = {"price": "Price", "discountPrice": "Reduced price", "quantity": "Stock", "available": "Available"}
#: Those of them that are amounts of money.
AMOUNTS = ("price", "discountPrice")

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A product as the ledger knows it to be stored.

    Attributes
    ----------
    values : mapping
        By field; None where the product has none.
    """

    product_id: str
    name: str
    values: Mapping[str, Value]


class KnownProducts:
    """Finds ids by words, in either case.

    Parameters
    ----------
    texts : mapping of str to str
        By id, all that is searched of a product.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {product_id: text.casefold() for product_id, text in texts.items()}

    def __len__(self) -> int:
        return len(self._texts)

    def find(self, words: str) -> list[str]:
        """The ids of all products that have every word; of all products where there is none."""
        wanted = words.casefold().split()
        return [product_id for product_id, text in self._texts.items() if all(word in text for word in wanted)]


def read_known(catalog: Catalog) -> KnownProducts:
    """Every product that this machine has sent, with its id, name, category and brand as they were sent last."""
    texts: dict[str, str] = {}
    with open_book(catalog) as book:
        for sent in book.sent_products():
            product = orjson.loads(sent.payload)
            brand = (product.get("systemDetails") or {}).get("brand")
            parts = (sent.product_id, product.get("name"), product.get("mainCategory"), brand)
            texts[sent.product_id] = "\n".join(part for part in parts if part)
    return KnownProducts(texts)


def read_stored(catalog: Catalog, product_ids: Sequence[str]) -> list[Stored]:
    """These products in the same order, all their sendings laid over each other; unknown ones are left out.

    What a later sending did not mention is still stored: an upload without a reduced price ends no reduction.
    """
    wanted = frozenset(product_ids)
    with open_book(catalog) as book:
        products = lay_over(sent for sent in book.sent_products() if sent.product_id in wanted)
    return [_stored(product_id, products[product_id]) for product_id in product_ids if product_id in products]


def _stored(product_id: str, product: Mapping[str, Any]) -> Stored:
    values: dict[str, Value] = {field: product.get(field) for field in LABELS}
    amounts = {
        field: Decimal(product[field]).quantize(_CENT, context=EXACT) for field in AMOUNTS if values[field] is not None
    }
    return Stored(product_id=product_id, name=show_value(product.get("name")) or "", values={**values, **amounts})
