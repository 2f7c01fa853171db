"""The mapping table: for each product field the column that fills it, chosen from a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from smnotebook.contract import Product, declared_fields
from smnotebook.contract.fields import Names
from smnotebook.frame.display import show_value

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.mapping.field_mapping import Mapping as FieldMapping
    from smnotebook.values.rules import FieldRule

__all__ = ["EMPTY", "SUGGESTED", "AskedChoice", "FieldRow", "as_argument", "change", "choices_of", "rows_of"]

#: Choices that are no column.
EMPTY, SUGGESTED = "", "\x00suggested"


#: Rows that are searched for an example.
_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One product field and what fills it.

    Attributes
    ----------
    options : tuple of (str, str)
        Value and label of every choice.
    chosen : str
        A column, ``EMPTY``, or ``SUGGESTED`` for what is made of several columns, a constant or a template.
    example : str
        A value of the chosen column.
    reason : str
        Why it was suggested.
    """

    field: str
    required: bool
    options: tuple[tuple[str, str], ...]
    chosen: str
    example: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedChoice:
    """A question of the mapping as a choice.

    Attributes
    ----------
    name : str
        Field and code of the question.
    options : tuple of (str, str)
        Value and label of every answer; the first is no answer, where none is taken for the time being.
    chosen : str
        The answer that stands meanwhile, ``EMPTY`` for none.
    """

    name: str
    field: str
    reason: str
    options: tuple[tuple[str, str], ...]
    chosen: str


def choices_of(mapping: FieldMapping) -> list[AskedChoice]:
    """The questions that have answers to choose from; those that must be answered come first."""
    asked = []
    for question in mapping.questions:
        if question.readings:
            is_filled = question.field in mapping
            asked.append(
                AskedChoice(
                    name=f"{question.field} {question.code}",
                    field=question.field,
                    reason=question.reason,
                    options=(
                        *(() if is_filled else ((EMPTY, "(choose)"),)),
                        *((reading, reading) for reading in question.readings),
                    ),
                    chosen=question.readings[0] if is_filled else EMPTY,
                )
            )
    return sorted(asked, key=lambda choice: choice.chosen != EMPTY)


def rows_of(mapping: FieldMapping, frame: pd.DataFrame) -> list[FieldRow]:
    """The table: required fields, those that are filled, and then the rest."""
    columns = [(str(name), str(name)) for name in frame.columns if str(name) not in mapping.refused]
    rows = [_row(mapping, frame, name, columns, required=required) for name, required in _fields()]
    return sorted(rows, key=lambda row: (not row.required, row.chosen == EMPTY))


def _fields() -> list[tuple[str, bool]]:
    """Every field that one column can fill."""
    return [
        (field.name, field.required) for field in declared_fields(Product) if not isinstance(field.constraint, Names)
    ]


def _row(
    mapping: FieldMapping, frame: pd.DataFrame, name: str, columns: list[tuple[str, str]], *, required: bool
) -> FieldRow:
    rule = next((rule for rule in mapping.rules if rule.field == name), None)
    is_plain = rule is not None and len(rule.columns) == 1
    special = [(SUGGESTED, _label(rule))] if rule is not None and not is_plain else []
    chosen = EMPTY if rule is None else rule.columns[0] if is_plain else SUGGESTED
    score, reason = mapping.notes.get(name, (0.0, ""))
    return FieldRow(
        field=name,
        required=required,
        options=((EMPTY, "(leave empty)"), *special, *columns),
        chosen=chosen,
        example=_example(frame, rule.columns[0]) if rule is not None and rule.columns else "",
        reason=f"{reason} ({score:.0%})" if reason else "",
    )


def _label(rule: FieldRule) -> str:
    if rule.columns:
        return " + ".join(rule.columns)
    if rule.transform:
        return rule.transform.replace("template:", "made from ", 1)
    return f"{rule.constant} in every row"


def _example(frame: pd.DataFrame, column: str) -> str:
    cells = next(cells for label, cells in frame.items() if str(label) == column)
    filled = cells.head(_LOOKED_AT).dropna().head(1).tolist()
    return (show_value(filled[0]) or "") if filled else "(empty)"


def change(mapping: FieldMapping, field: str, chosen: str) -> FieldMapping:
    """The mapping with another choice for a field."""
    if chosen == SUGGESTED:
        return mapping
    return mapping.without(field) if chosen == EMPTY else mapping.set(field, chosen)


def as_argument(mapping: FieldMapping) -> Mapping[str, Any]:
    """The mapping as ``read_feed`` takes it, in plain values that can be copied into a cell."""
    return {rule.field: _plain(rule) for rule in mapping.rules}


def _plain(rule: FieldRule) -> Any:
    columns = rule.columns[0] if len(rule.columns) == 1 else list(rule.columns)
    if not rule.transform and rule.constant is None:
        return columns
    parts = {"from": columns or None, "as": rule.transform or None, "constant": rule.constant}
    return {name: part for name, part in parts.items() if part is not None}
