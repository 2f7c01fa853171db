"""What one field may hold: the base of every kind of constraint, and how pydantic asks it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import NoneType
from typing import Any, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from smnotebook.contract.rules import MISSING, NULL, Broken, Fault, Rule, is_missing, plain_scalar

__all__ = ["Constraint"]


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
