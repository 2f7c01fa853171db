"""The leaf fields of a product's payload, by dotted path."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

__all__ = ["leaves", "leaves_of"]


def leaves(payload: bytes) -> dict[str, Any]:
    """What a payload says of each leaf field; amounts are exact, None stands for a field that it clears."""
    return leaves_of(json.loads(payload, parse_float=Decimal))


def leaves_of(product: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a payload that is read already; a list is one value."""
    said = dict(_walk(product, ""))
    for name in product.get("setAsNull") or ():
        # a detail is cleared by its bare name (WIRE_FACTS section 4)
        said[f"customDetails.{name}" if name.startswith("detail") else name] = None
    return said


def _walk(product: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in product.items():
        if isinstance(value, dict):
            yield from _walk(value, f"{prefix}{name}.")
        elif prefix or name != "setAsNull":
            yield f"{prefix}{name}", value
