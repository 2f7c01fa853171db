"""The building blocks a field is declared with: what it holds, its limits, and the rules that follow.

A constraint is metadata in a model's annotation, ``Annotated[str, Text(max=255)]``. Pydantic asks it to read one
value (:meth:`Constraint.read`); the columnar preflight asks it for its rules by name and runs them over a column. The
wording of a finding lives in the rule, so both say the same.

Missing is one thing: None, NaN and the empty text. The assumption behind the last one: an analyst's empty cell is no
request to erase (a server may take "" as a value; the documentation is silent).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from numbers import Integral, Real
from types import NoneType
from typing import Any, TypeVar, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from smnotebook.contract.grammars import Grammar
from smnotebook.contract.reasons import ReasonCode, Severity, Violation, format_message

__all__ = [
    "MISSING",
    "Broken",
    "Choice",
    "Constraint",
    "Details",
    "Flag",
    "Items",
    "Money",
    "Names",
    "Rule",
    "Text",
    "Whole",
    "advice_rule",
    "is_missing",
    "is_name",
    "plain_scalar",
]

_Where = TypeVar("_Where", int, str)

_INT64 = 2**63
_EXACT_FLOAT = 2.0**53  # beyond it a float no longer holds every whole number


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a value, and what to say about it.

    Attributes
    ----------
    name : str
        Unique within the constraint: ``type``, ``length``, ``soft_length``, ``grammar`` and so on.
    reason_code : ReasonCode or None
        What the API would answer; None for advice that it has no code for.
    text : str
        What is wrong, following the field's name in a sentence.
    """

    name: str
    reason_code: ReasonCode | None
    text: str
    suggestion: str
    severity: Severity = "error"
    maximum: int | None = None
    type_name: str = ""

    def violation(self, field: str, *, item: int | None = None) -> Violation:
        """The finding where ``field`` breaks the rule, worded in the API's format."""
        code = self.reason_code
        message = f"{field}|{self.text}"
        if code is not None:
            message = format_message(code, self.text, field=field, type_name=self.type_name, maximum=self.maximum)
        return Violation(
            field=field,
            item=item,
            reason_code=None if code is None else int(code),
            message=message,
            severity=self.severity,
            suggestion=self.suggestion,
        )


#: Broken by a required field that is absent, empty or nothing but blanks.
MISSING = Rule(
    name="missing",
    reason_code=ReasonCode.MISSING,
    text="is required",
    suggestion="Fill the cell; the API takes no product without it.",
)
#: Broken by a required field whose value is null.
NULL = Rule(
    name="null",
    reason_code=ReasonCode.REQUIRED_IS_NULL,
    text="is required and can't be null",
    suggestion=MISSING.suggestion,
)

Fault = tuple[int | str | None, Rule]
"""Where inside the field (list position, detail name, None for the field itself) and which rule."""


class Broken(Exception):
    """A value breaks one or more rules."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(faults)


def is_missing(value: object) -> bool:
    """None, NaN and the empty text."""
    if value is None or (isinstance(value, str) and not value):
        return True
    if isinstance(value, Decimal):
        return value.is_nan()  # math.isnan refuses a signalling NaN
    return isinstance(value, float) and math.isnan(value)


def plain_scalar(value: Any) -> Any:
    """A numpy scalar as the Python value it stands for, anything else as it is; numpy itself is not imported here."""
    if type(value).__module__ != "numpy" or getattr(value, "ndim", None) != 0:
        return value
    if isinstance(value, Real) and not isinstance(value, Integral):
        return float(str(value))  # the shortest digits: float32(79.99) means 79.99, not 79.98999786376953
    return value.item()


def whole_number(value: object) -> int | None:
    """The whole number a value stands for, None where it stands for none (booleans and texts never do)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT_FLOAT else None
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else None
    return None


@dataclass(frozen=True, kw_only=True)
class Constraint(ABC):
    """What one field may hold."""

    @property
    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """The constraint as JSON Schema."""

    @property
    @abstractmethod
    def declared_rules(self) -> tuple[Rule, ...]:
        """All rules, errors and warnings, in the order in which they are tried."""

    @abstractmethod
    def read(self, value: Any) -> Any:
        """The value in its one canonical form.

        Raises
        ------
        Broken
            With the first error rule that the value breaks.
        """

    def coerce(self, value: Any) -> Any:
        """The value as the type it must have, before any limit is looked at.

        Raises
        ------
        Broken
            Where it is of another type.
        """
        return self.read(value)

    def advise(self, value: Any) -> tuple[Fault, ...]:  # noqa: ARG002 - overrides read it
        """Warnings about a value that :meth:`read` returned."""
        return ()

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules by name."""
        return {rule.name: rule for rule in self.declared_rules}

    def broken(self, name: str) -> Broken:
        """The exception that says this rule is broken."""
        return Broken((None, self.rules[name]))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        optional = NoneType in get_args(source)

        def validate(value: Any) -> Any:
            value = plain_scalar(value)
            if is_missing(value) or (not optional and isinstance(value, str) and not value.strip()):
                if optional:
                    return None
                faults: tuple[Fault, ...] = ((None, NULL if value is None else MISSING),)
            else:
                try:
                    return self.read(value)
                except Broken as broken:
                    faults = broken.faults
            raise PydanticCustomError("rule", "{text}", {"text": faults[0][1].text, "faults": faults})

        return core_schema.no_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return self.json_schema


@dataclass(frozen=True, kw_only=True)
class Text(Constraint):
    """A text; whole numbers are taken for their digits (real clients send ids as numbers, WIRE_FACTS 4).

    Attributes
    ----------
    max : int
        Most characters (code points; what the server counts is not documented).
    soft : int or None
        Characters beyond which most functions ignore the rest, or another source is stricter.
    """

    max: int
    soft: int | None = None
    grammar: Grammar | None = None

    @property
    def json_schema(self) -> dict[str, Any]:
        formats = {"url": "uri", "email": "email"}
        schema: dict[str, Any] = {"type": "string", "maxLength": self.max}
        if self.grammar is not None and self.grammar.name in formats:
            schema["format"] = formats[self.grammar.name]
        return schema

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        rules = [
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be text",
                suggestion="Make it text.",
                type_name="string",
            ),
            Rule(
                name="unicode",
                reason_code=ReasonCode.WRONG_STRUCTURE,
                text="holds half a character (a lone surrogate), which JSON can't carry",
                suggestion="Read the file again with its right encoding.",
            ),
            Rule(
                name="length",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text=f"is longer than {self.max} characters",
                suggestion=f"Shorten it to {self.max} characters.",
                maximum=self.max,
            ),
        ]
        if self.grammar is not None:
            rules.append(
                Rule(
                    name="grammar",
                    reason_code=ReasonCode.WRONG_STRUCTURE,
                    text=f"must be {self.grammar.expects}",
                    suggestion=self.grammar.suggestion,
                )
            )
        if self.soft is not None:
            rules.append(
                Rule(
                    name="soft_length",
                    reason_code=ReasonCode.TRIMMED,
                    severity="warning",
                    text=f"is longer than {self.soft} characters; most functions use no more",
                    suggestion=f"Keep what matters within the first {self.soft} characters.",
                    maximum=self.soft,
                )
            )
        return tuple(rules)

    def read(self, value: Any) -> str:
        text = self.coerce(value)
        if len(text) > self.max:
            raise self.broken("length")
        if self.grammar is not None and not self.grammar.decide(text):
            raise self.broken("grammar")
        return text

    def coerce(self, value: Any) -> str:
        if not isinstance(value, str):
            number = whole_number(value)
            if number is None:
                raise self.broken("type")
            return str(number)
        if not value.isascii() and _has_surrogate(value):
            raise self.broken("unicode")
        return value

    def advise(self, value: str) -> tuple[Fault, ...]:
        if self.soft is not None and len(value) > self.soft:
            return ((None, self.rules["soft_length"]),)
        advice = self.grammar.advice(value) if self.grammar is not None and self.grammar.advice else None
        return () if advice is None else ((None, advice_rule(advice)),)


def advice_rule(advice: str) -> Rule:
    """A grammar's advice about one text, as a rule."""
    return Rule(name="advice", reason_code=None, severity="warning", text=advice, suggestion=advice)


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


@dataclass(frozen=True, kw_only=True)
class Whole(Constraint):
    """A whole number; 3.0 is one, 3.5, "3" and True are not. The range is 64 bits (the size is not documented)."""

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": -_INT64, "maximum": _INT64 - 1}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a whole number",
                suggestion="Write it as a number.",
                type_name="integer",
            ),
            Rule(
                name="fraction",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a whole number, without a fraction",
                suggestion="Round it, or move the fraction elsewhere.",
                type_name="integer",
            ),
            Rule(
                name="range",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text="does not fit into 64 bits",
                suggestion="Check the number: no stock is that large.",
                maximum=_INT64 - 1,
            ),
        )

    def read(self, value: Any) -> int:
        number = whole_number(value)
        if number is None:
            is_number = isinstance(value, (float, Decimal)) and math.isfinite(value)
            if is_number and abs(value) >= _EXACT_FLOAT:
                raise self.broken("range")
            raise self.broken("fraction" if is_number else "type")
        if not -_INT64 <= number < _INT64:
            raise self.broken("range")
        return number


@dataclass(frozen=True, kw_only=True)
class Choice(Whole):
    """One of a few whole numbers."""

    options: frozenset[int]

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "enum": sorted(self.options)}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        listed = ", ".join(map(str, sorted(self.options)))
        choice = Rule(
            name="choice",
            reason_code=ReasonCode.WRONG_STRUCTURE,
            text=f"must be one of {listed}",
            suggestion=f"Use one of {listed}.",
        )
        return (*super().declared_rules, choice)

    def coerce(self, value: Any) -> int:
        return super().read(value)

    def read(self, value: Any) -> int:
        number = self.coerce(value)
        if number not in self.options:
            raise self.broken("choice")
        return number


@dataclass(frozen=True, kw_only=True)
class Money(Constraint):
    """An amount, not negative, with ``digits`` before the point and two after it.

    Float noise below a millionth is rounded to the cent; a real third decimal breaks ``decimals``. Which code the API
    gives a third decimal is not known (11 or 18, WIRE_FACTS 4); this takes 18.
    """

    digits: int = 19

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": 0, "exclusiveMaximum": 10**self.digits, "multipleOf": 0.01}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a number",
                suggestion="Write it as a number with a decimal point, without currency or grouping.",
                type_name="number",
            ),
            Rule(
                name="infinite",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a finite number",
                suggestion="Find the division by zero it came from.",
                type_name="number",
            ),
            Rule(
                name="negative",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text="can't be negative",
                suggestion="Give the amount without a sign.",
                maximum=10**self.digits - 1,
            ),
            Rule(
                name="digits",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text=f"has more than {self.digits} digits before the point",
                suggestion="Check the number: no price is that large.",
                maximum=10**self.digits - 1,
            ),
            Rule(
                name="decimals",
                reason_code=ReasonCode.WRONG_STRUCTURE,
                text="has more than two decimals",
                suggestion="Round it to the cent.",
            ),
        )

    def read(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (Integral, float, Decimal)):
            raise self.broken("type")
        if not isinstance(value, Integral) and not math.isfinite(value):  # a huge integer would overflow the float
            raise self.broken("infinite")
        if value <= -1e-6:
            raise self.broken("negative")
        if value >= 10**self.digits:
            raise self.broken("digits")
        if isinstance(value, Integral):
            return Decimal(int(value)).quantize(Decimal("0.01"))
        return self._to_cents(value)

    def _to_cents(self, value: float | Decimal) -> Decimal:
        if isinstance(value, float):
            cents = round(value * 100)
            if abs(value - cents / 100) >= 1e-6:
                raise self.broken("decimals")
            return Decimal(cents).scaleb(-2) if cents else Decimal("0.00")
        rounded = value.quantize(Decimal("0.01"))
        if rounded != value:
            raise self.broken("decimals")
        return rounded


@dataclass(frozen=True, kw_only=True)
class Flag(Constraint):
    """True or False, and nothing that merely looks like it."""

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be true or false",
                suggestion="Write True or False; fix() turns yes/no, 1/0 and their like into them.",
                type_name="boolean",
            ),
        )

    def read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.broken("type")
        return value


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
        entries = [(position, entry) for position, entry in enumerate(value) if not is_missing(plain_scalar(entry))]
        faults: list[Fault] = [(None, self.rules["count"])] if len(entries) > self.max else []
        return list(_read_all(self.of, entries, faults).values())

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
    return isinstance(name, str) and (name.isascii() or not _has_surrogate(name))


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
