"""What all declared records share, and the row-wise interpreter that checks one of them.

The declaration is read in two ways. This module reads one record through pydantic; ``smnotebook.frame.preflight``
reads whole columns with Arrow. Both take fields, constraints and relations from here.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo

from smnotebook.contract.damage import NOT_A_VALUE, NULL_AS_TEXT, NULL_WORDS
from smnotebook.contract.fields import MISSING, NULL, Constraint, Fault, Items, Rule, Text, is_missing
from smnotebook.contract.reasons import ReasonCode, Violation

__all__ = ["DeclaredField", "Record", "Relation", "check", "declared_fields"]

Operator = Literal["gt", "ge", "lt", "le", "ne"]

NOT_AN_OBJECT = Rule(
    name="type",
    reason_code=ReasonCode.WRONG_TYPE,
    text="must be an object",
    suggestion="Give a dict, or one column a name: systemDetails.brand and so on.",
    type_name="object",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Advice: ``field`` should stand in ``relation`` to ``bound``, a number or the name of another field.

    Asked only where all values are there and break no rule of their own.
    """

    field: str
    relation: Operator
    bound: Decimal | str
    text: str
    suggestion: str

    @property
    def rule(self) -> Rule:
        """The finding where it does not hold."""
        return Rule(
            name=f"{self.relation}_{self.bound}",
            reason_code=None,
            severity="warning",
            text=self.text,
            suggestion=self.suggestion,
        )


class Record(BaseModel):
    """A record of the API: unknown keys are passed over, known ones are held to their constraints."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    relations: ClassVar[tuple[Relation, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _leave_out_missing(cls, fields: Any) -> Any:
        """A nested record that is NaN or "" is as missing as any other field; a null keeps its own reason."""
        if not isinstance(fields, dict) or not any(is_missing(value) for value in fields.values() if value is not None):
            return fields
        return {name: value for name, value in fields.items() if value is None or not is_missing(value)}

    def to_wire(self) -> dict[str, Any]:
        """The record as it travels: absent fields left out, amounts as Decimal."""
        return self.model_dump(exclude_none=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredField:
    """One field of a record, nested ones under their dotted wire name."""

    name: str
    constraint: Constraint
    required: bool
    description: str


def declared_fields(model: type[Record], prefix: str = "") -> Iterator[DeclaredField]:
    """The fields of a record in their declared order, nested records flattened."""
    for name, info in model.model_fields.items():
        wire_name = prefix + (info.alias or name)
        nested = _nested(info)
        if nested is not None:
            yield from declared_fields(nested, prefix=f"{wire_name}.")
            continue
        constraint = next(item for item in info.metadata if isinstance(item, Constraint))
        yield DeclaredField(
            name=wire_name, constraint=constraint, required=info.is_required(), description=info.description or ""
        )


def _nested(info: FieldInfo) -> type[Record] | None:
    for candidate in (info.annotation, *get_args(info.annotation)):
        if isinstance(candidate, type) and issubclass(candidate, Record):
            return candidate
    return None


def check(model: type[Record], record: Mapping[str, Any]) -> list[Violation]:
    """Every rule that a record breaks: at most one error a field (or a list entry), then the warnings.

    Returns
    -------
    list of Violation
        Empty for a record that the API takes without a word.
    """
    nothing = list(_null_words(model, record))
    try:
        read = model.model_validate(dict(record))
    except ValidationError as refused:
        errors = [violation for error in refused.errors(include_url=False) for violation in _errors(error)]
        return [*errors, *nothing]
    return nothing or [*_advice(read, record), *_relations(read)]


def _null_words(model: type[Record], record: Mapping[str, Any]) -> Iterator[Violation]:
    """Required texts that hold a program's word for a missing value. The model takes them, as the API would."""
    for name, info in model.model_fields.items():
        wire_name = info.alias or name
        value = record.get(wire_name)
        if info.is_required() and isinstance(value, str) and value in NULL_WORDS and _is_plain_text(info):
            yield NOT_A_VALUE.violation(wire_name)


def _is_plain_text(info: FieldInfo) -> bool:
    return any(isinstance(item, Text) and item.grammar is None for item in info.metadata)


def _errors(error: Any) -> Iterator[Violation]:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        yield MISSING.violation(field)
    elif error["type"] == "rule":
        for fault in error["ctx"]["faults"]:
            yield _violation(field, fault)
    else:  # pydantic's own words for "this is no object"
        yield (NULL if error["input"] is None else NOT_AN_OBJECT).violation(field)


def _violation(field: str, fault: Fault) -> Violation:
    where, rule = fault
    if isinstance(where, str):
        return rule.violation(f"{field}.{where}")
    return rule.violation(field, item=where)


def _advice(record: Record, given: Mapping[str, Any], prefix: str = "") -> Iterator[Violation]:
    """Warnings about what was read; entries of a list are counted as they were given, missing ones too."""
    for name, info in type(record).model_fields.items():
        value = getattr(record, name)
        wire_name = info.alias or name
        if isinstance(value, Record):
            yield from _advice(value, given[wire_name], prefix=f"{prefix}{wire_name}.")
        elif value is not None:
            constraint = next(item for item in info.metadata if isinstance(item, Constraint))
            places = constraint.places(given[wire_name]) if isinstance(constraint, Items) else ()
            for where, rule in constraint.advise(value):
                if rule is not NULL_AS_TEXT or not info.is_required():
                    yield _violation(prefix + wire_name, (places[where] if isinstance(where, int) else where, rule))


def _relations(record: Record) -> Iterator[Violation]:
    for relation in type(record).relations:
        value = _value_at(record, relation.field)
        bound = relation.bound if isinstance(relation.bound, Decimal) else _value_at(record, relation.bound)
        if value is None or bound is None:
            continue
        if not getattr(operator, relation.relation)(value, bound):
            yield relation.rule.violation(relation.field)


def _value_at(record: Record, path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
