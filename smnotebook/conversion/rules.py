"""One rule a field: which columns feed it, through which transform, or which constant fills it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from smnotebook.contract.fields import Flag, Items, Money, Whole
from smnotebook.conversion.cells import TEXT, TEXTS, Cells, as_text, coalesce, is_list
from smnotebook.conversion.entries import Entries, split_entries
from smnotebook.conversion.findings import Journal
from smnotebook.conversion.transforms import PRODUCT_FIELDS, Task, convert, cut_lists, default_transform
from smnotebook.errors import UsageError

__all__ = ["FieldRule", "apply_rule", "build_frame", "fill_constant", "is_field", "is_list_field"]

_DETAIL = "customDetails."


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """How one product field is filled.

    Attributes
    ----------
    field : str
        Wire name, nested ones dotted.
    columns : tuple of str
        For a list field all of them go into the list; for any other the first that holds something is taken.
    transform : str
        By name; empty for the one that the field's kind calls for.
    constant : Any
        The same value in every row, instead of columns; beside columns it fills the rows they leave empty.
    """

    field: str
    columns: tuple[str, ...] = ()
    transform: str = ""
    constant: Any = None

    def __post_init__(self) -> None:
        if not is_field(self.field):
            raise UsageError(
                f"The API has no product field {self.field!r}. Its fields are: {', '.join(PRODUCT_FIELDS)}; "
                "details of your own are customDetails.NAME."
            )


def is_field(name: str) -> bool:
    """Whether products have a field of this name; ``customDetails.material`` is one."""
    return name in PRODUCT_FIELDS or (name.startswith(_DETAIL) and len(name) > len(_DETAIL))


def is_list_field(name: str) -> bool:
    """Whether the field holds a list."""
    return name in PRODUCT_FIELDS and isinstance(PRODUCT_FIELDS[name].constraint, Items)


def apply_rule(rule: FieldRule, column_of: Callable[[str], pa.Array], journal: Journal, *, size: int) -> Cells:
    """The field's column, made as the rule says."""
    if not rule.columns:
        return fill_constant(rule.field, rule.constant, size)
    columns = [column_of(name) for name in rule.columns]
    label = ", ".join(rule.columns)
    if is_list_field(rule.field):
        cells = _gather(rule, columns, Task(field=rule.field, journal=journal, column=label))
    else:
        kinds = {column.type for column in columns}
        source = coalesce(
            columns if len(kinds) == 1 and not is_list(columns[0].type) else [as_text(c) for c in columns]
        )
        cells = convert(source, rule.transform, Task(field=rule.field, journal=journal, column=label))
    return cells if rule.constant is None else _fill_up(cells, rule, size)


def _gather(rule: FieldRule, columns: Sequence[pa.Array], task: Task) -> Cells:
    """Several columns into one list: one column is split, of several each is an entry unless it holds lists itself."""
    if len(columns) == 1:
        return convert(columns[0], rule.transform, task)
    transform = rule.transform or default_transform(rule.field)
    parts = []
    for column in columns:
        if transform == "text" or (not rule.transform and rule.field != "imageUrls"):
            parts.append(split_entries(column, None))
        else:
            parts.append(split_entries(convert(column, transform, task).values))
    return cut_lists(Entries.joined(parts).distinct(), task)


def _fill_up(cells: Cells, rule: FieldRule, size: int) -> Cells:
    constant = fill_constant(rule.field, rule.constant, size).values
    empty = ~cells.filled
    return Cells(values=coalesce([_where(empty, constant.cast(cells.values.type)), cells.values]), unread=cells.unread)


def _where(mask: np.ndarray, array: pa.Array) -> pa.Array:
    rows = np.where(mask, np.arange(len(array)), -1)
    return array.take(pa.array(rows, mask=rows < 0))


def fill_constant(field: str, value: Any, size: int) -> Cells:
    """A column that holds ``value`` in every row.

    Raises
    ------
    UsageError
        When the field can't hold such a value.
    """
    try:
        if is_list_field(field):
            entries = [value] if isinstance(value, str) else list(value)
            return Cells(values=pa.array([entries] * size, TEXTS))
        return Cells(values=pa.array([value] * size, _kind_of(field)))
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError) as refused:
        raise UsageError(f"{field} can't be {value!r} in every row: it takes another kind of value.") from refused


def _kind_of(field: str) -> pa.DataType | None:
    constraint = PRODUCT_FIELDS[field].constraint if field in PRODUCT_FIELDS else None
    match constraint:
        case Flag():
            return pa.bool_()
        case Whole():
            return pa.int64()
        case Money():
            return pa.float64()
        case _:
            return TEXT


def build_frame(columns: Mapping[str, Cells], *, index: pd.Index[Any] | None = None) -> pd.DataFrame:
    """A product frame: fields in their declared order, details of one's own last."""
    order = {name: at for at, name in enumerate(PRODUCT_FIELDS)}
    names = sorted(columns, key=lambda name: (order.get(name, len(order)), name if name not in order else ""))
    return pd.DataFrame({name: columns[name].to_series(index) for name in names}, index=index)
