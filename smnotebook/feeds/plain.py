"""Tables without a preset: left as they are, or in the API's own names already."""

from __future__ import annotations

from smnotebook.contract.fields import Flag, Money, Whole
from smnotebook.feeds.columns import Columns
from smnotebook.values.cells import Cells, one_array
from smnotebook.values.discounts import drop_void_discounts
from smnotebook.values.findings import Journal
from smnotebook.values.transforms import PRODUCT_FIELDS, Task, convert

__all__ = ["as_it_is", "in_api_names"]


def as_it_is(columns: Columns) -> dict[str, Cells]:
    """The table's own columns: text stays text."""
    return {name: Cells(values=one_array(columns.table.column(name))) for name in columns.names}


def in_api_names(columns: Columns, journal: Journal) -> dict[str, Cells]:
    """Numbers and truth values of a table in the API's own names read as such, where they are written plainly.

    Anything else stays text: ``"349,00 zł"`` is for preflight to show, not for the reading to change. A reduced price
    of 0, or one that is not below the price, is none.
    """
    made = {}
    for name in columns.names:
        transform = _strict_transform(name)
        column = columns[name]
        made[name] = (
            convert(column, transform, Task(field=name, journal=journal, column=name))
            if transform
            else Cells(values=column)
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
