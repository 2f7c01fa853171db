"""What a mapping leaves to a person: questions, each with the rules that its readings stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smnotebook.values.questions import Question
from smnotebook.values.rules import FieldRule

__all__ = ["Choice", "Doubt", "ask"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer: the reading that a question shows, and the rules that it makes."""

    reading: str
    rules: tuple[FieldRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A question with its answers, in the order of the question's readings."""

    question: Question
    choices: tuple[Choice, ...] = ()


def ask(
    code: str,
    field: str,
    choices: Sequence[Choice],
    reason: str,
    *,
    column: str | None = None,
    examples: Sequence[str] = (),
    argument: str = "",
) -> Doubt:
    """A doubt about a field; the argument that answers it is a call of ``Mapping.answer`` where none is named."""
    readings = tuple(choice.reading for choice in choices)
    call = argument or (f"mapping.answer({field!r}, {readings[0]!r})" if readings else f"mapping.set({field!r}, …)")
    question = Question(
        code=code, field=field, column=column, readings=readings, examples=tuple(examples), argument=call, reason=reason
    )
    return Doubt(question=question, choices=tuple(choices))
