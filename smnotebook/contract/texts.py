"""Texts: their length, where most functions stop reading, and their grammar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from smnotebook.contract.constraint import Constraint
from smnotebook.contract.damage import NULL_AS_TEXT, NULL_WORDS, Damage
from smnotebook.contract.grammars import Grammar
from smnotebook.contract.reasons import ReasonCode
from smnotebook.contract.rules import Fault, Rule, whole_number

__all__ = ["Text", "advice_rule", "has_surrogate"]

#: No id is a number of more than 600 digits, and Python may refuse to write one (at 640 with its tightest setting).
_LONGEST_NUMBER = 10**600


@dataclass(frozen=True, kw_only=True)
class Text(Constraint):
    """A text; whole numbers are taken for their digits (real clients send ids as numbers, WIRE_FACTS 4).

    Attributes
    ----------
    max : int
        Most characters (code points; what the server counts is not documented).
    soft : int or None
        Characters beyond which most functions ignore the rest, or another source is stricter.
    damage : tuple of Damage
        Signs of damage that are warned about.
    way_out : str
        What may be done instead of mending a text that breaks the grammar.
    """

    max: int
    soft: int | None = None
    grammar: Grammar | None = None
    damage: tuple[Damage, ...] = ()
    way_out: str = ""

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
                    suggestion=f"{self.grammar.suggestion} {self.way_out}".rstrip(),
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
            if number is None or abs(number) >= _LONGEST_NUMBER:
                raise self.broken("type")
            return str(number)
        if not value.isascii() and has_surrogate(value):
            raise self.broken("unicode")
        return value

    def advise(self, value: str) -> tuple[Fault, ...]:
        found = [(None, self.rules["soft_length"])] if self.soft is not None and len(value) > self.soft else []
        if self.grammar is not None:
            advice = self.grammar.advice(value) if self.grammar.advice and not found else None
            return (*found, *(() if advice is None else ((None, advice_rule(advice)),)))
        if value in NULL_WORDS:
            return (*found, (None, NULL_AS_TEXT))
        return (*found, *((None, damage.rule) for damage in self.damage if damage.found_in(value)))


def advice_rule(advice: str) -> Rule:
    """A grammar's advice about one text, as a rule."""
    return Rule(name="advice", reason_code=None, severity="warning", text=advice, suggestion=advice)


def has_surrogate(text: str) -> bool:
    """Whether the text holds half a character, which no encoding carries."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
