"""A question: what the data alone does not decide, with the readings there are and the argument that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Question"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that only a person can decide. Until it is answered, the cells stay as they are.

    Attributes
    ----------
    code : str
        What kind of question it is, for example ``"decimal_mark"``; renderings choose their words by it.
    field : str
        The product field that waits for the answer.
    column : str or None
        The analyst's column, None where no single column is concerned.
    readings : tuple of str
        The answers to choose from: what the first example would become, or which column would be taken.
    examples : tuple of str
        A few of the cells, as they stand.
    count : int
        How many cells wait; 0 where the question is not about cells.
    argument : str
        The argument that answers it, for example ``"decimal=','"``.
    reason : str
        Why it can't be decided, as one plain sentence.
    """

    code: str
    field: str
    column: str | None = None
    readings: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    count: int = 0
    argument: str = ""
    reason: str = ""

    def __str__(self) -> str:
        where = f"{self.field}, column {self.column!r}" if self.column else self.field
        cells = f": {self.count} {'cell' if self.count == 1 else 'cells'}" if self.count else ""
        examples = f" ({'; '.join(self.examples)})" if self.examples else ""
        listed = " or ".join(self.readings)
        readings = f" {self.examples[0]} may be {listed}." if self.examples and listed and self.count else ""
        answer = f" Answer with {self.argument}." if self.argument else ""
        return f"{where}{cells}{examples}: {self.reason}.{readings}{answer}"

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Question:
        """The question that :meth:`to_dict` wrote."""
        return cls(**{**facts, "readings": tuple(facts["readings"]), "examples": tuple(facts["examples"])})

    def to_dict(self) -> dict[str, Any]:
        """The question as plain JSON values."""
        return {**asdict(self), "readings": list(self.readings), "examples": list(self.examples)}
