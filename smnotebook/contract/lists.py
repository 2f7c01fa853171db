"""Lists, free details and lists of field names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from smnotebook.contract.constraint import Constraint
from smnotebook.contract.reasons import ReasonCode
from smnotebook.contract.rules import Broken, Fault, Rule, is_missing, plain_scalar
from smnotebook.contract.texts import Text, has_surrogate

__all__ = ["Details", "Items", "Names", "is_name"]

_Where = TypeVar("_Where", int, str)


@dataclass(frozen=True, kw_only=True)
class Items(Constraint):
    """A list of at most ``max`` entries; missing entries don't count."""

    max: int
    of: Text

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "maxItems": self.max, "items": self.of.json_schema}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a list",
                suggestion="Put the entries into a list, or one entry a column: name.1, name.2 and so on.",
                type_name="array",
            ),
            Rule(
                name="count",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text=f"has more than {self.max} entries",
                suggestion=f"Keep the {self.max} that matter.",
                maximum=self.max,
            ),
        )

    def read(self, value: Any) -> list[str]:
        if not isinstance(value, (list, tuple)):
            raise self.broken("type")
        entries = [(position, value[position]) for position in self.places(value)]
        faults: list[Fault] = [(None, self.rules["count"])] if len(entries) > self.max else []
        return list(_read_all(self.of, entries, faults).values())

    def places(self, value: Sequence[Any]) -> list[int]:
        """Where in the list as it was given the entries stand that count."""
        return [position for position, entry in enumerate(value) if not is_missing(plain_scalar(entry))]

    def advise(self, value: list[str]) -> tuple[Fault, ...]:
        return tuple((position, rule) for position, entry in enumerate(value) for _, rule in self.of.advise(entry))


@dataclass(frozen=True, kw_only=True)
class Details(Constraint):
    """Free names, each with a text; missing values don't count."""

    max: int
    of: Text

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "object", "maxProperties": self.max, "additionalProperties": self.of.json_schema}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be an object of names and texts",
                suggestion="Give a dict, or one column a detail: customDetails.material and so on.",
                type_name="object",
            ),
            Rule(
                name="count",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text=f"has more than {self.max} details",
                suggestion=f"Keep the {self.max} that matter.",
                maximum=self.max,
            ),
        )

    def read(self, value: Any) -> dict[str, str]:
        if not isinstance(value, Mapping) or not all(map(is_name, value)):
            raise self.broken("type")
        entries = [(name, entry) for name, entry in value.items() if not is_missing(plain_scalar(entry))]
        faults: list[Fault] = [(None, self.rules["count"])] if len(entries) > self.max else []
        return _read_all(self.of, entries, faults)

    def advise(self, value: dict[str, str]) -> tuple[Fault, ...]:
        return tuple((name, rule) for name, entry in value.items() for _, rule in self.of.advise(entry))


def is_name(name: object) -> bool:
    """Whether this can name a member of a JSON object."""
    return isinstance(name, str) and (name.isascii() or not has_surrogate(name))


def _read_all(of: Text, entries: Sequence[tuple[_Where, Any]], faults: list[Fault]) -> dict[_Where, str]:
    read: dict[_Where, str] = {}
    for where, entry in entries:
        try:
            read[where] = of.read(plain_scalar(entry))
        except Broken as broken:
            faults.append((where, broken.faults[0][1]))
    if faults:
        raise Broken(*faults)
    return read


@dataclass(frozen=True, kw_only=True)
class Names(Constraint):
    """A list of field names (``setAsNull``): seen from the official client, in no document (WIRE_FACTS 4)."""

    allowed: frozenset[str] = field(default_factory=frozenset)

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "enum": sorted(self.allowed)}}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a list of field names",
                suggestion="Name the fields to clear in a list.",
                type_name="array",
            ),
            Rule(
                name="unknown",
                reason_code=ReasonCode.WRONG_STRUCTURE,
                text="names a field that can't be cleared",
                suggestion=f"Only these can: {', '.join(sorted(self.allowed))}.",
            ),
        )

    def read(self, value: Any) -> list[str]:
        if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
            raise self.broken("type")
        if not self.allowed.issuperset(value):
            raise self.broken("unknown")
        return list(value)
