"""Records of the contract as JSON Schema, and an example of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from smnotebook.contract import Record
from smnotebook.contract.event_fields import JoinedIds, When
from smnotebook.contract.events import FreeObject, Moment
from smnotebook.contract.fields import Choice, Constraint, Details, Flag, Items, Money, Names, Text, Whole

__all__ = ["example_of", "schema_of"]

#: One good value for each grammar.
_BY_GRAMMAR = {
    "url": "https://shop.example.com/item-1",
    "email": "customer@example.com",
    "location": "shop_eu",
    "currency": "EUR",
    "event_type": "PURCHASE",
    "expiry": "ONE_YEAR",
}


def schema_of(model: type[Record]) -> dict[str, Any]:
    """The JSON Schema of a record; members that it does not name are passed over by the API."""
    properties: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        nested = _nested(info.annotation)
        schema = _constraint(info.metadata).json_schema if nested is None else schema_of(nested)
        properties[name] = {**schema, **({"description": info.description} if info.description else {})}
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def example_of(model: type[Record]) -> dict[str, Any]:
    """A record that the contract finds nothing wrong with: its required fields, and one level of the others."""
    example: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        nested = _nested(info.annotation)
        if nested is not None:
            example[name] = example_of(nested)
        elif name not in ("setAsNull", "catalogId", "eventId") or info.is_required():
            example[name] = _example_value(name, _constraint(info.metadata))
    return example


#: Kinds of which any value will do.
_BY_KIND: dict[type[Constraint], Any] = {
    Whole: 40,
    Flag: True,
    Moment: 1_700_000_000_000,
    When: 1_700_000_000_000,
    JoinedIds: ["1234", "1235"],
}


def _example_value(name: str, constraint: Constraint) -> Any:
    if type(constraint) in _BY_KIND:
        return _BY_KIND[type(constraint)]
    match constraint:
        case Text(grammar=grammar):
            return _BY_GRAMMAR[grammar.name] if grammar is not None else f"{name} 1"
        case Choice(options=options):
            return max(options)
        case Money():
            return 19.99 if name == "discountPrice" else 29.99
        case Items(of=of):
            return [_example_value(name, of)]
        case Details() | FreeObject():
            return {"detail1": "linen"}
        case Names(allowed=allowed):
            return sorted(allowed)[:1]
        case _:
            raise TypeError(f"no example for {type(constraint).__name__}; add one here")


def _constraint(metadata: list[Any]) -> Constraint:
    return next(item for item in metadata if isinstance(item, Constraint))


def _nested(annotation: Any) -> type[Record] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Record):
            return candidate
    return None


def object_of(properties: Mapping[str, Any], *, required: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The schema of an object with just these members, all of them required unless said otherwise."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def list_of(schema: Mapping[str, Any], **bounds: int) -> dict[str, Any]:
    """The schema of a list."""
    return {"type": "array", "items": dict(schema), **bounds}
