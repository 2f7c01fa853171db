"""A rule that a value can break, with its wording; and what counts as a missing value or a whole number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from smnotebook.contract.exact import EXACT
from smnotebook.contract.reasons import ReasonCode, Severity, Violation, format_message

__all__ = ["EXACT_FLOAT", "MISSING", "NULL", "Broken", "Fault", "Rule", "is_missing", "plain_scalar", "whole_number"]

#: Beyond it a float no longer holds every whole number.
EXACT_FLOAT = 2.0**53


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
    suggestion="Give a value; the API takes nothing without it.",
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
    return isinstance(value, (float, complex)) and value != value


def plain_scalar(value: Any) -> Any:
    """A numpy scalar as the Python value it stands for, anything else as it is; numpy itself is not imported here."""
    if type(value).__module__ != "numpy" or getattr(value, "ndim", None) != 0:
        return value
    if isinstance(value, Real) and not isinstance(value, Integral):
        return float(str(value))  # the shortest digits: float32(79.99) means 79.99, not 79.98999786376953
    plain = value.item()
    # a time in nanoseconds would come out as a bare number
    return value if plain is not None and value.dtype.kind == "M" else plain


def whole_number(value: object) -> int | None:
    """The whole number a value stands for, None where it stands for none (booleans and texts never do)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < EXACT_FLOAT else None
    if isinstance(value, Decimal):
        # a few characters can mean a number of a million digits, which takes minutes to write out
        small = value.is_finite() and value.adjusted() < 600
        return int(value) if small and value == value.to_integral_value(context=EXACT) else None
    return None
