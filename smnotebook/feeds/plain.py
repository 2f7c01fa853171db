"""Tables without a preset: left as they are, or in the API's own names already."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import Flag, Money, Whole
from smnotebook.feeds.columns import Columns
from smnotebook.values.cells import TEXT, Cells, is_list, one_array
from smnotebook.values.discounts import drop_void_discounts
from smnotebook.values.findings import Journal
from smnotebook.values.transforms import PRODUCT_FIELDS, Task, convert
from smnotebook.values.typed import find_typed, unmarked

__all__ = ["as_it_is", "in_api_names"]


#: Whole numbers as files write typed ones.
_WHOLE = r"^-?(?:0|[1-9]\d{0,14})$"


def as_it_is(columns: Columns) -> dict[str, Cells]:
    """The table's own columns: text stays text, and typed numbers stay numbers."""
    return {name: _as_they_are(one_array(columns.table.column(name))) for name in columns.names}


def _as_they_are(column: pa.Array) -> Cells:
    texts = unmarked(column)
    if texts is column or is_list(column.type):
        return Cells(values=texts)
    typed = pa.array(find_typed(column))
    if pc.all(pc.or_(typed, pc.match_substring_regex(texts, _WHOLE))).as_py():
        return Cells(values=texts.cast(pa.float64()))
    numbers = pc.if_else(typed, texts, pa.scalar(None, texts.type)).cast(pa.float64())
    return Cells(values=numbers, unread=pc.if_else(typed, pa.scalar(None, TEXT), texts.cast(TEXT)))


def in_api_names(columns: Columns, journal: Journal) -> dict[str, Cells]:
    """Numbers and truth values of a table in the API's own names read as such, where they are written plainly.

    Anything else stays text: ``"349,00 zł"`` is for preflight to show, not for the reading to change. A reduced price
    of 0, or one that is not below the price, is none.
    """
    made = {}
    for name in columns.names:
        transform = _strict_transform(name)
        column = columns.typed(name)
        made[name] = (
            convert(column, transform, Task(field=name, journal=journal, column=name))
            if transform
            else Cells(values=unmarked(column))
        )
    drop_void_discounts(made, journal)
    return made


def _strict_transform(name: str) -> str | None:
    match PRODUCT_FIELDS[name].constraint if name in PRODUCT_FIELDS else None:
        case Money():
            return "number"
        case Whole():
            return "whole_number"
        case Flag():
            return "flag"
        case _:
            return None
