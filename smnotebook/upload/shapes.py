"""How a product travels: whole, or only its price or its stock.

The ledger always keeps the whole product as it would be stored, whatever part of it travelled, so that the next upload,
a diff and an undo can be held against it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from smnotebook.contract import Operation

__all__ = ["PRICE", "QUANTITY", "UPSERT", "Shape"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way for rows to travel.

    Attributes
    ----------
    name : str
        What the ledger calls a run of it.
    on_the_wire : callable
        From a whole product's JSON to what the operation takes of it.
    fields : tuple of str, or None
        What it takes besides the productId; None for all.
    """

    name: str
    operation: Operation
    on_the_wire: Callable[[bytes], bytes]
    fields: tuple[str, ...] | None = None


def _whole(payload: bytes) -> bytes:
    return payload


def _part(*fields: str) -> Callable[[bytes], bytes]:
    """Some fields of a product. One that it does not have stays as it is stored, unless ``setAsNull`` names it."""

    def cut(payload: bytes) -> bytes:
        product: dict[str, Any] = json.loads(payload, parse_float=orjson.Fragment, parse_int=orjson.Fragment)
        cleared = dict.fromkeys(product.get("setAsNull", ()))
        told = {**cleared, **product}
        return orjson.dumps({name: told[name] for name in ("productId", *fields) if name in told})

    return cut


def _partial(name: str, operation: Operation, *fields: str) -> Shape:
    return Shape(name=name, operation=operation, on_the_wire=_part(*fields), fields=fields)


UPSERT = Shape(name="upsert", operation=Operation.UPSERT_PRODUCTS, on_the_wire=_whole)

# the official client sends discountPrice every time, null where there is none (WIRE_FACTS section 4); here null is kept
# for what was asked to be cleared, since the ledger may not know of a reduction that another tool set
PRICE = _partial("update prices", Operation.UPDATE_PRICE, "price", "discountPrice")
QUANTITY = _partial("update quantities", Operation.UPDATE_QUANTITY, "quantity")
