"""The report of a reading: what was found in the file and what was done to it. It travels in ``frame.attrs``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.products import Product
from smnotebook.contract.records import declared_fields
from smnotebook.errors import UsageError
from smnotebook.values.amounts.deciding import Decision
from smnotebook.values.amounts.parsing import parse
from smnotebook.values.amounts.reading import asked_cells
from smnotebook.values.cells import TEXT
from smnotebook.values.findings import Finding
from smnotebook.values.questions import Question

__all__ = ["ATTRIBUTE", "ReadingReport", "decisions_of", "open_questions", "pressing", "reading_report"]

#: Under which the report's plain values stand in ``frame.attrs``.
ATTRIBUTE = "smnotebook.reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingReport:
    """What became of a file on its way to a frame.

    Attributes
    ----------
    source : str
        Name of the file.
    facts : mapping
        What was found out about it: encoding, delimiter, line of the column names, item element and so on.
    preset : str or None
        The preset it was read with, None for a table that was left as it is.
    confidence : float or None
        How sure the recognition was, 0 to 1; None where the preset was named.
    reason : str
        Why this preset.
    rows, products : int
        Rows read and rows made.
    mapped : mapping of str to str
        Product field to the columns it came from.
    unmapped : tuple of str
        Columns that hold something and went nowhere.
    findings : tuple of Finding
        What was joined, dropped, converted or left, and what is asked for.
    questions : tuple of Question
        What only a person can decide; the cells they are about are in the frame as they were in the file.
    decisions : mapping of str to Decision
        By product field: how amounts and counts were read.
    """

    source: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    preset: str | None = None
    confidence: float | None = None
    reason: str = ""
    rows: int = 0
    products: int = 0
    mapped: Mapping[str, str] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that want a look: questions and warnings."""
        return tuple(finding for finding in self.findings if finding.kind in {"asked", "warned"})

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "source": self.source,
            "facts": dict(self.facts),
            "preset": self.preset,
            "confidence": self.confidence,
            "reason": self.reason,
            "rows": self.rows,
            "products": self.products,
            "mapped": dict(self.mapped),
            "unmapped": list(self.unmapped),
            "findings": [finding.to_dict() for finding in self.findings],
            "questions": [question.to_dict() for question in self.questions],
            "decisions": {name: decision.to_dict() for name, decision in self.decisions.items()},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ReadingReport:
        """The report that :meth:`to_dict` wrote."""
        findings = tuple(Finding.from_dict(finding) for finding in values["findings"])
        # a frame that an earlier version wrote to Parquet has neither of the two
        questions = tuple(map(Question.from_dict, values.get("questions", ())))
        decisions = {name: Decision.from_dict(facts) for name, facts in values.get("decisions", {}).items()}
        parts = {"findings": findings, "questions": questions, "decisions": decisions}
        return cls(**{**values, **parts, "unmapped": tuple(values["unmapped"])})

    def as_frame(self) -> pd.DataFrame:
        """The findings as a table."""
        columns = ["kind", "field", "column", "count", "message", "examples"]
        rows = [
            [found.kind, found.field, found.column, found.count, found.message, "; ".join(found.examples)]
            for found in self.findings
        ]
        return pd.DataFrame(rows, columns=columns)

    @property
    def headline(self) -> str:
        """The reading in one line."""
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        return f"{self.source}: {self.rows} rows read, {self.products} products made" + (f" ({facts})" if facts else "")

    def __repr__(self) -> str:
        lines = [f"[question] {question}" for question in self.questions]
        lines += [self.headline, f"  {self._preset_line}"]
        lines += [f"  {_line(finding)}" for finding in self.findings]
        if self.unmapped:
            lines.append(f"  not used: {', '.join(self.unmapped)}")
        return "\n".join(lines)

    @property
    def _preset_line(self) -> str:
        if self.preset is None:
            return self.reason or "no preset"
        sure = "" if self.confidence is None else f", {self.confidence:.0%} sure"
        return f"preset {self.preset}{sure}: {self.reason}"

    def _repr_html_(self) -> str:
        head = pd.DataFrame({"": [self.headline, self._preset_line, f"not used: {', '.join(self.unmapped) or 'none'}"]})
        asked = pd.DataFrame({"question": [str(question) for question in self.questions]})
        # pandas escapes every cell
        return "".join(
            [
                str(asked.to_html(index=False, border=0)) if len(asked) else "",
                str(head.to_html(index=False, header=False, border=0)),
                str(self.as_frame().to_html(index=False, border=0, na_rep="")),
            ]
        )


def _line(finding: Finding) -> str:
    where = f"{finding.field}: " if finding.field else ""
    count = f"{finding.count} × " if finding.count else ""
    examples = f" ({'; '.join(finding.examples)})" if finding.examples else ""
    return f"[{finding.kind}] {where}{count}{finding.message}{examples}"


def reading_report(frame: pd.DataFrame) -> ReadingReport:
    """The report of the reading that made ``frame``.

    Raises
    ------
    UsageError
        When the frame does not come from ``read_feed``.
    """
    values = frame.attrs.get(ATTRIBUTE)
    if values is None:
        raise UsageError("This frame carries no reading report: it was not made by read_feed, or lost its attrs since.")
    return ReadingReport.from_dict(values)


#: A product without one of these is not accepted, or is sold at a wrong price.
_PRESSING = {declared.name for declared in declared_fields(Product) if declared.required} | {"price", "discountPrice"}


def pressing(questions: Iterable[Question]) -> tuple[Question, ...]:
    """The questions that an argument answers and that must be answered: those of required fields and prices."""
    return tuple(question for question in questions if question.argument and question.field in _PRESSING)


def decisions_of(frame: pd.DataFrame) -> Mapping[str, Decision]:
    """By product field, how the reading that made the frame read its amounts and counts; empty for any other frame."""
    values = frame.attrs.get(ATTRIBUTE)
    return {} if values is None else ReadingReport.from_dict(values).decisions


def open_questions(frame: pd.DataFrame) -> tuple[Question, ...]:
    """The pressing questions of the frame's reading whose cells are in it still, unanswered."""
    values = frame.attrs.get(ATTRIBUTE)
    if values is None:
        return ()
    report = ReadingReport.from_dict(values)
    labels = {str(label): at for at, label in reversed(list(enumerate(frame.columns)))}
    return tuple(
        question
        for question in pressing(report.questions)
        if question.field in labels and _waits(question, frame.iloc[:, labels[question.field]], report)
    )


def _waits(question: Question, cells: pd.Series[Any], report: ReadingReport) -> bool:
    texts = pa.array([cell if isinstance(cell, str) else None for cell in cells.to_numpy(dtype=object)], TEXT)
    decision = report.decisions.get(question.field)
    if decision is None:
        return bool(pc.any(pc.is_in(texts, value_set=pa.array(question.examples, TEXT))).as_py())
    return asked_cells(parse(texts), decision) > 0
