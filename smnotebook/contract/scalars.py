"""Whole numbers, choices among a few of them, amounts of money, and flags."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from numbers import Integral
from typing import Any

from smnotebook.contract.constraint import Constraint
from smnotebook.contract.exact import EXACT
from smnotebook.contract.reasons import ReasonCode
from smnotebook.contract.rules import EXACT_FLOAT, Rule, whole_number

__all__ = ["Choice", "Flag", "Money", "Whole"]

_INT64 = 2**63


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
            raise self.broken(self._why_no_whole_number(value))
        if not -_INT64 <= number < _INT64:
            raise self.broken("range")
        return number

    @staticmethod
    def _why_no_whole_number(value: object) -> str:
        if not isinstance(value, (float, Decimal)) or not _is_finite(value):
            return "type"
        # a large float may stand for any number near it; a large Decimal may be whole, and too long to write out
        is_large = (
            abs(value) >= EXACT_FLOAT if isinstance(value, float) else value == value.to_integral_value(context=EXACT)
        )
        return "range" if is_large else "fraction"


def _is_finite(value: float | Decimal) -> bool:
    """A Decimal asks itself: as a float, one of more than 308 digits would be infinite."""
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


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


_CENT = Decimal("0.01")
# Float noise around nothing.
_LEAST = Decimal("-0.000001")


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
        if not isinstance(value, Integral) and not _is_finite(value):  # a huge integer would overflow the float
            raise self.broken("infinite")
        # a Decimal is not compared with a float: where the notebook traps FloatOperation, that raises
        if value <= (_LEAST if isinstance(value, Decimal) else -1e-6):
            raise self.broken("negative")
        if value >= 10**self.digits:
            raise self.broken("digits")
        if isinstance(value, Integral):
            return Decimal(int(value)).quantize(_CENT, context=EXACT)
        return self._to_cents(value)

    def _to_cents(self, value: float | Decimal) -> Decimal:
        if isinstance(value, float):
            cents = round(value * 100)
            if abs(value - cents / 100) >= 1e-6:
                raise self.broken("decimals")
            return Decimal(cents).scaleb(-2, context=EXACT) if cents else Decimal("0.00")
        rounded = value.quantize(_CENT, context=EXACT)
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
