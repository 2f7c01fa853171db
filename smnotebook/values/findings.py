"""What a reading or a conversion has to report: findings and questions, gathered in a journal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from smnotebook.values.amounts.context import AmountContext
from smnotebook.values.amounts.deciding import Decision
from smnotebook.values.questions import Question

__all__ = ["Finding", "FindingKind", "Journal"]

FindingKind = Literal["asked", "warned", "joined", "dropped", "converted", "kept", "skipped"]

#: Examples kept a finding, and characters kept an example: a report travels with the frame and must stay small.
MAX_EXAMPLES = 3
MAX_EXAMPLE_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that happened to the data, or that the analyst is asked for.

    Attributes
    ----------
    kind : str
        ``asked`` (an answer is needed), ``warned`` (check it), ``joined``, ``dropped``, ``converted``, ``kept`` (left
        as it was since it could not be read), ``skipped``.
    count : int
        Cells, rows or columns concerned.
    examples : tuple of str
        A few of them, shortened.
    """

    kind: FindingKind
    message: str
    count: int = 0
    field: str | None = None
    column: str | None = None
    examples: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Finding:
        """The finding that ``to_dict`` wrote."""
        return cls(**{**facts, "examples": tuple(facts.get("examples", ()))})

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return {**asdict(self), "examples": list(self.examples)}


class Journal:
    """Findings and questions in the order they were made, and what those who read amounts share.

    Attributes
    ----------
    amounts : AmountContext
        The caller's answers about amounts, and the decisions taken for columns: every reader of a column is handed a
        journal, and with it all it needs to know.
    questions : list of Question
    decisions : dict of str to Decision
        By product field: how the numbers in its cells were read.
    """

    def __init__(
        self,
        findings: Iterable[Finding] = (),
        *,
        questions: Iterable[Question] = (),
        amounts: AmountContext | None = None,
    ) -> None:
        self._findings = list(findings)
        self.questions = list(questions)
        self.decisions: dict[str, Decision] = {}
        self.amounts = amounts or AmountContext()

    def quiet(self) -> Journal:
        """A journal for a second look: it shares the answers and decisions, and what it is told is not reported."""
        return Journal(amounts=self.amounts)

    def for_questions(self) -> Journal:
        """A journal that shares all but the findings, for a reader that reports what it finds in its own way."""
        other = Journal(amounts=self.amounts)
        other.questions, other.decisions = self.questions, self.decisions
        return other

    @contextmanager
    def muted(self) -> Iterator[None]:
        """A while in which nothing is noted: for what will be done, and noted, once more."""
        findings, questions = list(self._findings), list(self.questions)
        yield
        self._findings[:], self.questions[:] = findings, questions

    def ask(self, question: Question) -> None:
        """Note a question; the same one about the same cells, for another field, is asked once."""
        about = (question.code, question.column, question.examples)
        if question.column is None or all(
            (known.code, known.column, known.examples) != about for known in self.questions
        ):
            self.questions.append(question)

    def note_decision(self, field: str, decision: Decision) -> None:
        """Note how a field's numbers are read; where several columns fill it, what holds for all of them."""
        known = self.decisions.get(field)
        self.decisions[field] = decision if known in (None, decision) else known.agreed(decision)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings so far; those that need an answer come first, then the warnings."""
        urgent = {"asked": 0, "warned": 1}
        return tuple(sorted(self._findings, key=lambda finding: urgent.get(finding.kind, 2)))

    def add(
        self,
        kind: FindingKind,
        message: str,
        *,
        count: int = 0,
        field: str | None = None,
        column: str | None = None,
        examples: Iterable[Any] = (),
    ) -> None:
        """Note one finding; examples beyond the first few are left out."""
        shown = tuple(dict.fromkeys(_shorten(str(example)) for example in examples))[:MAX_EXAMPLES]
        self._findings.append(
            Finding(kind=kind, message=message, count=int(count), field=field, column=column, examples=shown)
        )

    def absorb(self, findings: Iterable[Finding]) -> None:
        """Take over the findings of another journal; the same finding again only raises its count."""
        for finding in findings:
            same = next((at for at, known in enumerate(self._findings) if _alike(known, finding)), None)
            if same is None:
                self._findings.append(finding)
            else:
                known = self._findings[same]
                self._findings[same] = replace(known, count=known.count + finding.count)


def _alike(one: Finding, other: Finding) -> bool:
    return (one.kind, one.message, one.field, one.column) == (other.kind, other.message, other.field, other.column)


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_EXAMPLE_LENGTH else text[: MAX_EXAMPLE_LENGTH - 1] + "…"
