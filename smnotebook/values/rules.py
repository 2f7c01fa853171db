"""One rule a field: which columns feed it, through which transform, or which constant fills it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import Constraint, Flag, Items, Money, Whole
from smnotebook.errors import UsageError
from smnotebook.values.cells import TEXT, TEXTS, Cells, Mask, as_marked_text, as_text, coalesce
from smnotebook.values.discounts import DISCOUNT_TERMS
from smnotebook.values.entries import Entries, split_entries
from smnotebook.values.findings import Journal
from smnotebook.values.names import is_minor_name, is_net_name
from smnotebook.values.prices import first_amounts, pick
from smnotebook.values.templates import fill_template, slugs
from smnotebook.values.transforms import PRODUCT_FIELDS, Task, convert, cut_lists, default_transform
from smnotebook.values.typed import unmarked
from smnotebook.values.words import discontinued

__all__ = [
    "TEMPLATE",
    "FieldRule",
    "apply_rule",
    "apply_rules",
    "build_frame",
    "discontinued_rows",
    "fill_constant",
    "fill_up",
    "is_field",
    "is_list_field",
    "make_inactive",
]

_DETAIL = "customDetails."
#: A transform that begins with it builds addresses where the rule's columns, if any, hold none.
TEMPLATE = "template:"
_HIGHEST = "highest"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """How one product field is filled.

    Attributes
    ----------
    field : str
        Wire name, nested ones dotted; or a term of a discount, which is used and not sent.
    columns : tuple of str
        For a list field all of them go into the list; for any other the first that holds something is taken, with the
        transform ``highest`` the highest amount of each row.
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
        if not is_field(self.field) and self.field not in DISCOUNT_TERMS:
            raise UsageError(
                f"The API has no product field {self.field!r}. Its fields are: {', '.join(PRODUCT_FIELDS)}; "
                "details of your own are customDetails.NAME. "
                f"A mapping may also fill {', '.join(DISCOUNT_TERMS)}, which decide about discountPrice."
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
    elif rule.transform == _HIGHEST:
        cells = _highest(rule, columns, journal)
    else:
        # one column goes as it is: what was found out about its numbers is found again by the array itself
        source = columns[0] if len(columns) == 1 else coalesce([as_marked_text(column) for column in columns])
        cells = convert(source, rule.transform, Task(field=rule.field, journal=journal, column=label))
    return cells if rule.constant is None else fill_up(cells, rule.field, rule.constant)


def apply_rules(
    rules: Sequence[FieldRule],
    column_of: Callable[[str], pa.Array],
    names: Sequence[str],
    journal: Journal,
    *,
    size: int,
    vat_percent: float | None = None,
) -> dict[str, Cells]:
    """Every rule's field; addresses from templates last, since a template may ask for other fields.

    Terms of a discount (``DISCOUNT_TERMS``) are among them: :func:`smnotebook.values.discounts.settle_discounts`
    applies them once all fields are there.
    """
    cells: dict[str, Cells] = {}
    for rule in sorted(rules, key=lambda rule: rule.transform.startswith(TEMPLATE)):
        if rule.transform.startswith(TEMPLATE):
            cells[rule.field] = _from_template(rule, cells, column_of, names, journal)
        elif len(rule.columns) > 1 and _reads_amounts(rule):
            cells[rule.field] = _first_price(rule, column_of, journal, size=size, vat_percent=vat_percent)
        else:
            taxed = _with_tax(rule, journal, size=size, vat_percent=vat_percent)
            cells[rule.field] = apply_rule(taxed, column_of, journal, size=size)
            _warn_of_cents(rule, cells[rule.field], journal)
    make_inactive(cells, discontinued_rows(rules, column_of, size), journal)
    return cells


def discontinued_rows(rules: Sequence[FieldRule], column_of: Callable[[str], pa.Array], size: int) -> Mask:
    """Rows whose stock text says that the product will not come back."""
    gone = np.zeros(size, dtype=bool)
    for rule in rules:
        if rule.field == "available" and (rule.transform or "availability") == "availability":
            for name in rule.columns:
                gone |= discontinued(unmarked(column_of(name)))
    return gone


def make_inactive(cells: dict[str, Cells], gone: Mask, journal: Journal) -> None:
    """Products that will not come back are inactive, unless a column of their own says otherwise.

    Elsewhere ``active`` stays as it is: that a product is in stock says nothing of its page.
    """
    told = cells.get("active")
    silent = gone if told is None else gone & ~told.filled
    if not silent.any():
        return
    off = pa.array(np.zeros(len(gone), dtype=bool), mask=~silent)
    values = off if told is None else coalesce([told.values, off])
    cells["active"] = Cells(values=values, unread=None if told is None else told.unread)
    journal.add("converted", "discontinued: active is set to false", count=silent.sum(), field="active")


def _reads_amounts(rule: FieldRule) -> bool:
    is_money = isinstance(_constraint(rule.field), Money)
    return is_money and rule.transform.partition(":")[0] in ("", "money", "add_tax")


def _from_template(
    rule: FieldRule,
    cells: Mapping[str, Cells],
    column_of: Callable[[str], pa.Array],
    names: Sequence[str],
    journal: Journal,
) -> Cells:
    """Addresses: those of the rule's columns, and built ones where they hold none."""

    def look_up(hole: str) -> pa.Array | None:
        if hole in names:
            return unmarked(column_of(hole))
        if hole == "slug":
            return slugs(cells["name"].values) if "name" in cells else None
        return cells[hole].values if hole in cells else None

    own = coalesce([as_text(unmarked(column_of(name))) for name in rule.columns]) if rule.columns else None
    template = rule.transform.removeprefix(TEMPLATE)
    return Cells(values=fill_template(template, look_up, names, journal, field=rule.field, own=own))


def _first_price(
    rule: FieldRule,
    column_of: Callable[[str], pa.Array],
    journal: Journal,
    *,
    size: int,
    vat_percent: float | None,
) -> Cells:
    """Of several columns, each read by itself, for each row the first that holds a price."""
    singles = [replace(rule, columns=(name,), constant=None) for name in rule.columns]
    parts = [
        apply_rule(_with_tax(single, journal, size=size, vat_percent=vat_percent), column_of, journal, size=size)
        for single in singles
    ]
    cells = pick(parts, first_amounts(parts))
    return cells if rule.constant is None else fill_up(cells, rule.field, rule.constant)


def _with_tax(rule: FieldRule, journal: Journal, *, size: int, vat_percent: float | None) -> FieldRule:
    """The rule with the tax that its net column asks for; without ``vat_percent`` that is only said."""
    is_net = isinstance(_constraint(rule.field), Money) and any(map(is_net_name, rule.columns))
    if not is_net or rule.transform.startswith("add_tax"):
        return rule
    if vat_percent is not None and not rule.transform:
        return replace(rule, transform=f"add_tax:{vat_percent:g}")
    message = "net prices taken as they are: the transform add_tax:23 adds 23 %"
    journal.add("warned", message, count=size, field=rule.field, column=", ".join(rule.columns))
    return rule


def _warn_of_cents(rule: FieldRule, cells: Cells, journal: Journal) -> None:
    """Say that a column whose name speaks of cents, and that holds whole numbers, was taken for whole units."""
    if not _reads_amounts(rule) or not any(map(is_minor_name, rule.columns)) or pa.types.is_null(cells.values.type):
        return
    amounts = cells.values.drop_null().cast(pa.float64())
    if not len(amounts) or not pc.all(pc.equal(amounts, pc.floor(amounts))).as_py():
        return
    message = "amounts taken as they are, and the column's name says cents: the transform minor_units divides by 100"
    examples = amounts.slice(0, 3).to_pylist()
    column = ", ".join(rule.columns)
    journal.add("warned", message, count=len(amounts), field=rule.field, column=column, examples=examples)


def _highest(rule: FieldRule, columns: Sequence[pa.Array], journal: Journal) -> Cells:
    """The highest amount of each row; a text that is no amount stays where no other column has one."""
    parts = [
        convert(column, _HIGHEST, Task(field=rule.field, journal=journal, column=name))
        for name, column in zip(rule.columns, columns, strict=True)
    ]
    values = pc.max_element_wise(*(part.values.cast(pa.float64()) for part in parts))
    kept = [part.unread for part in parts if part.unread is not None]
    unread = pc.if_else(values.is_null(), coalesce(kept), pa.scalar(None, TEXT)) if kept else None
    return Cells(values=values, unread=unread)


def _gather(rule: FieldRule, columns: Sequence[pa.Array], task: Task) -> Cells:
    """Several columns into one list: one column is split, of several each is an entry unless it holds lists itself."""
    if len(columns) == 1:
        return convert(columns[0], rule.transform, task)
    transform = rule.transform or default_transform(rule.field)
    parts = []
    for column in columns:
        if transform == "text" or (not rule.transform and rule.field != "imageUrls"):
            parts.append(split_entries(unmarked(column), None))
        else:
            parts.append(split_entries(convert(column, transform, task).values))
    return cut_lists(Entries.joined(parts).distinct(), task)


def fill_up(cells: Cells, field: str, value: Any) -> Cells:
    """The cells with a constant where they hold nothing, readable or not."""
    constant = fill_constant(field, value, len(cells)).values
    empty = ~cells.filled
    if not empty.any():
        return cells
    values = cells.values
    if pa.types.is_null(values.type):
        values = values.cast(constant.type)
    return Cells(values=coalesce([_where(empty, constant.cast(values.type)), values]), unread=cells.unread)


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


def _constraint(field: str) -> Constraint | None:
    return PRODUCT_FIELDS[field].constraint if field in PRODUCT_FIELDS else None


def _kind_of(field: str) -> pa.DataType | None:
    match _constraint(field):
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
