"""A mapping: which columns of a table fill which product fields, as a value that can be read, changed and kept.

It begins with :func:`smnotebook.mapping.suggest_mapping`, which leaves questions where the table does not decide. They
are answered with :meth:`Mapping.answer`; everything is changed with :meth:`Mapping.set` and :meth:`Mapping.without` or
as a plain table (:meth:`Mapping.as_frame`, :meth:`Mapping.from_frame`), kept with :meth:`Mapping.save`, and makes
products with :meth:`Mapping.apply`.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from smnotebook.errors import FeedError, OpenQuestions, UsageError
from smnotebook.mapping.choices import Doubt
from smnotebook.mapping.names import columns_for
from smnotebook.values.amounts.context import AmountContext, Survey
from smnotebook.values.cells import from_series
from smnotebook.values.discounts import settle_discounts
from smnotebook.values.findings import Journal
from smnotebook.values.periods import moment_of
from smnotebook.values.questions import Question
from smnotebook.values.report import ATTRIBUTE, ReadingReport, pressing
from smnotebook.values.rules import FieldRule, apply_rules, build_frame
from smnotebook.values.transforms import PRODUCT_FIELDS
from smnotebook.values.typed import unmarked

__all__ = ["Mapping", "labels_of"]

_VERSION = 1
#: Fields that no product goes without, or that cost money where they are wrong.
_NEEDED = {name for name, declared in PRODUCT_FIELDS.items() if declared.required} | {"discountPrice"}
_COLUMNS = ["field", "columns", "transform", "constant", "score", "reason"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Product fields, each with the rule that fills it.

    Attributes
    ----------
    rules : tuple of FieldRule
        One a field.
    notes : mapping of str to (float, str)
        For suggested fields the score, 0 to 1, and the reason.
    unmapped : tuple of str
        Columns that fed no field.
    refused : mapping of str to str
        Columns that are withheld, and why: personal data, purchase prices, prices for the trade.
    doubts : tuple of Doubt
        What the table does not decide: the questions with the rules that their readings stand for.
    is_suggested : bool
        Whether it began as a suggestion.
    is_edited : bool
        Whether a person changed it since.
    remembered_as : str
        The key of the mapping that was chosen before for the same columns, empty where it is none.
    """

    rules: tuple[FieldRule, ...]
    notes: AnyMapping[str, tuple[float, str]] = field(default_factory=dict)
    unmapped: tuple[str, ...] = ()
    refused: AnyMapping[str, str] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    is_suggested: bool = field(default=False, compare=False)
    is_edited: bool = field(default=False, compare=False)
    remembered_as: str = field(default="", compare=False)

    def __getitem__(self, name: str) -> FieldRule:
        for rule in self.rules:
            if rule.field == name:
                return rule
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(rule.field == name for rule in self.rules)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are filled."""
        return tuple(rule.field for rule in self.rules)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What the table does not decide. Where a rule fills the field already, it is the first reading."""
        return tuple(doubt.question for doubt in self.doubts)

    @property
    def unanswered(self) -> tuple[Question, ...]:
        """The questions that keep :meth:`apply` from going on: about required fields and prices that nothing fills.

        A required field that no column can fill is asked for too, but stops nothing: preflight refuses such rows.
        """
        return tuple(
            question
            for question in self.questions
            if question.readings and question.field not in self and question.field in _NEEDED
        )

    def answer(self, name: str, reading: str) -> Mapping:
        """The same mapping with a question about a field answered by one of its readings.

        Raises
        ------
        UsageError
            When no question about the field has such a reading.
        """
        for doubt in self.doubts:
            for choice in doubt.choices if doubt.question.field == name else ():
                if choice.reading == reading:
                    answered = replace(self, doubts=tuple(other for other in self.doubts if other is not doubt))
                    for rule in choice.rules:
                        answered = answered.set(
                            rule.field, rule.columns, transform=rule.transform, constant=rule.constant
                        )
                    return answered
        known = [reading for question in self.questions if question.field == name for reading in question.readings]
        readings = f"The readings are: {', '.join(map(repr, known))}." if known else "Nothing is asked about it."
        raise UsageError(f"There is no reading {reading!r} for {name}. {readings} Or call mapping.set({name!r}, ...).")

    def set(
        self, name: str, columns: str | Iterable[str] = (), *, transform: str = "", constant: Any = None
    ) -> Mapping:
        """The same mapping with this field filled so; it answers the questions about the field.

        ``mapping.set("productUrl", transform="template:https://shop.example.com/{slug}")`` builds addresses,
        ``mapping.set("available", constant=True)`` fills every row alike, several columns make one list.
        ``discountFrom``, ``discountTo``, ``onSale`` and ``discountPercentage`` can be filled like fields: they decide
        about ``discountPrice`` and are not sent.
        """
        taken = (columns,) if isinstance(columns, str) else tuple(columns)
        rule = FieldRule(field=name, columns=taken, transform=transform, constant=constant)
        others = tuple(old for old in self.rules if old.field != name)
        notes = {key: note for key, note in self.notes.items() if key != name}
        return replace(
            self,
            rules=(*others, rule),
            notes=notes,
            unmapped=tuple(column for column in self.unmapped if column not in taken),
            doubts=_without(self.doubts, (name,)),
            is_edited=True,
        )

    def without(self, *names: str) -> Mapping:
        """The same mapping with these fields left empty; it answers the questions about them."""
        gone = {column for rule in self.rules if rule.field in names for column in rule.columns}
        rules = tuple(rule for rule in self.rules if rule.field not in names)
        still = {column for rule in rules for column in rule.columns}
        notes = {key: note for key, note in self.notes.items() if key not in names}
        return replace(
            self,
            rules=rules,
            notes=notes,
            unmapped=(*self.unmapped, *sorted(gone - still)),
            doubts=_without(self.doubts, names),
            is_edited=True,
        )

    def apply(
        self,
        frame: pd.DataFrame,
        *,
        decimal: str | AnyMapping[str, str] = "",
        currency: str = "",
        today: date | None = None,
        questions: Literal["raise", "keep"] = "raise",
    ) -> pd.DataFrame:
        """The table as a product frame, on its own index; a report of it stands in ``attrs``.

        Parameters
        ----------
        decimal : {"", ".", ","} or mapping of str to str
            The decimal mark of amounts and counts, for all columns or by the name of each. Needed only where a column
            does not show it; a rule may name it as well, with the transform ``money:,``.
        currency : str
            ISO code of the prices. Cells in another currency stay text.
        today : date or zoned datetime, optional
            What sale periods (``discountFrom``, ``discountTo``) are judged by; now where not given.
        questions : {"raise", "keep"}
            ``keep``: cells that can be read in two ways stay text, fields that wait for an answer stay empty, and the
            report asks about them.

        Where a question has a rule that fills the field meanwhile, that rule is applied and the report asks.

        Raises
        ------
        UsageError
            When the table lacks a column.
        OpenQuestions
            When questions about required fields or prices wait for an answer, or their cells can be read in two ways.
        """
        if self.unanswered and questions == "raise":
            raise OpenQuestions(self.unanswered)
        labels = labels_of(frame)
        for rule in self.rules:
            for column in rule.columns:
                if column not in labels:
                    alike = difflib.get_close_matches(column, labels, n=3, cutoff=0.4)
                    near = alike or columns_for(rule.field, list(labels)) or list(labels)[:8]
                    raise UsageError(
                        f"The mapping takes {rule.field} from {column!r}, and the table has no such column. "
                        f"Nearest: {', '.join(near)}."
                    )
        journal = Journal(amounts=AmountContext(decimal=decimal, currency=currency))
        for question in self.questions:
            journal.add(
                "asked",
                f"{question.reason}: {question.argument}",
                field=question.field,
                column=question.column,
                examples=question.readings,
            )

        @cache
        def column_of(name: str) -> pa.Array:
            return from_series(frame.iloc[:, labels[name]])

        journal.amounts.survey = Survey(tables=lambda: [_Labelled(list(labels), column_of)])
        cells = apply_rules(self.rules, column_of, list(labels), journal, size=len(frame))
        columns = {rule.field: rule.columns for rule in self.rules}
        settle_discounts(cells, journal, today=moment_of(today), columns=columns)
        waiting = pressing(journal.questions)
        if waiting and questions == "raise":
            raise OpenQuestions(waiting)
        products = build_frame(cells, index=frame.index)
        products.attrs = {**frame.attrs, ATTRIBUTE: self._report(frame, labels, journal).to_dict()}
        return products

    def _report(self, frame: pd.DataFrame, labels: AnyMapping[str, int], journal: Journal) -> ReadingReport:
        used = {column for rule in self.rules for column in rule.columns}
        earlier = frame.attrs.get(ATTRIBUTE)
        read = ReadingReport.from_dict(earlier) if earlier else ReadingReport(source="the given frame", rows=len(frame))
        told = Journal(read.findings)
        told.absorb(journal.findings)
        return replace(
            read,
            preset="mapping",
            confidence=None,
            reason="as mapped",
            products=len(frame),
            mapped={rule.field: ", ".join(rule.columns) for rule in self.rules},
            unmapped=tuple(label for label in labels if label not in used)[:100],
            findings=told.findings,
            questions=(*self.unanswered, *journal.questions),
            decisions=journal.decisions,
        )

    def as_frame(self) -> pd.DataFrame:
        """The mapping as a table, one row a field and one a column without; change it and read it back."""
        rows = []
        for rule in self.rules:
            score, reason = self.notes.get(rule.field, (None, ""))
            rows.append([rule.field, "; ".join(rule.columns), rule.transform, rule.constant, score, reason])
        rows += [["", column, "", None, None, self.refused.get(column, "not mapped")] for column in self._left]
        return pd.DataFrame(rows, columns=_COLUMNS)

    @property
    def _left(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.refused, *self.unmapped]))

    @classmethod
    def from_frame(cls, table: pd.DataFrame) -> Mapping:
        """The mapping that a table like that of :meth:`as_frame` describes."""
        rules: list[FieldRule] = []
        left: list[str] = []
        for row in table.astype(object).where(table.notna(), None).to_dict("records"):
            columns = tuple(part.strip() for part in str(row.get("columns") or "").split(";") if part.strip())
            if row.get("field"):
                rules.append(
                    FieldRule(
                        field=str(row["field"]),
                        columns=columns,
                        transform=str(row.get("transform") or ""),
                        constant=row.get("constant"),
                    )
                )
            else:
                left += columns
        return cls(rules=tuple(rules), unmapped=tuple(left))

    def to_dict(self) -> dict[str, Any]:
        """The mapping as plain JSON values."""
        rules = [
            {"field": rule.field, "columns": list(rule.columns), "transform": rule.transform, "constant": rule.constant}
            for rule in self.rules
        ]
        written: dict[str, Any] = {"version": _VERSION, "rules": rules}
        if self.doubts:
            written["questions"] = [question.to_dict() for question in self.questions]
        return written

    @classmethod
    def from_dict(cls, values: AnyMapping[str, Any]) -> Mapping:
        """The mapping that :meth:`to_dict` wrote."""
        if values.get("version") != _VERSION:
            raise UsageError(f"This mapping is of version {values.get('version')!r}; version {_VERSION} can be read.")
        rules = (FieldRule(**{**rule, "columns": tuple(rule["columns"])}) for rule in values["rules"])
        doubts = (Doubt(question=Question.from_dict(facts)) for facts in values.get("questions", ()))
        return cls(rules=tuple(rules), doubts=tuple(doubts))

    def save(self, path: str | Path) -> Path:
        """Write the mapping to a JSON file."""
        target = Path(path)
        target.write_text(json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return target

    @classmethod
    def load(cls, path: str | Path) -> Mapping:
        """Read a mapping that :meth:`save` wrote.

        Raises
        ------
        FeedError
            When the file is not there or holds no mapping.
        """
        try:
            return cls.from_dict(json.loads(Path(path).read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError, AttributeError) as failed:
            raise FeedError(
                f"{Path(path).name} holds no mapping ({failed}). Write one with mapping.save()."
            ) from failed

    def __repr__(self) -> str:
        lines = [f"Mapping of {len(self.rules)} field{'' if len(self.rules) == 1 else 's'}"]
        for rule in self.rules:
            score, reason = self.notes.get(rule.field, (None, ""))
            source = ", ".join(rule.columns) or (rule.transform if rule.constant is None else repr(rule.constant))
            known = "" if score is None else f"  {score:.2f}  {reason}"
            lines.append(f"  {rule.field:<24} <- {source}{known}")
        lines += [f"  {'asked':<24} ?? {asked.field}: {asked.reason}; {asked.argument}" for asked in self.questions]
        lines += [f"  {'not sent':<24} -- {column}: {reason}" for column, reason in self.refused.items()]
        left = [column for column in self.unmapped if column not in self.refused]
        if left:
            lines.append(f"  {'not mapped':<24} -- {', '.join(left)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        # pandas escapes every cell
        rules = str(self.as_frame().to_html(index=False, border=0, na_rep=""))
        if not self.doubts:
            return rules
        asked = [
            [question.field, question.reason, " or ".join(question.readings), question.argument]
            for question in self.questions
        ]
        table = pd.DataFrame(asked, columns=["asked", "reason", "readings", "answer"])
        return rules + str(table.to_html(index=False, border=0))


def _without(doubts: tuple[Doubt, ...], fields: Iterable[str]) -> tuple[Doubt, ...]:
    return tuple(doubt for doubt in doubts if doubt.question.field not in fields)


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The frame's columns by label, as a survey reads them."""

    names: list[str]
    column_of: Callable[[str], pa.Array]

    def __getitem__(self, name: str) -> pa.Array:
        return unmarked(self.typed(name))

    def typed(self, name: str) -> pa.Array:
        """The cells of a column with the marks of typed numbers."""
        return self.column_of(name)


def labels_of(frame: pd.DataFrame) -> dict[str, int]:
    """Each column's label as text, with its position; of repeated ones the first."""
    labels: dict[str, int] = {}
    for position, label in enumerate(frame.columns):
        name = ".".join(map(str, label)) if isinstance(label, tuple) else str(label)
        labels.setdefault(name, position)
    return labels
