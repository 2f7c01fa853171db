"""The transforms that presets and mappings call by name.

A name may carry an argument after a colon: ``split:;`` splits at semicolons. To add one, write a function from a
column and a :class:`Task` to :class:`Cells` and list it in :data:`TRANSFORMS`.

``availability`` reads a column such as "in stock", ``not_available`` one that says the opposite, such as "sold out".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import Choice, Details, Flag, Items, Money, Whole
from smnotebook.contract.products import Product
from smnotebook.contract.records import declared_fields
from smnotebook.errors import UsageError
from smnotebook.values.amounts.context import checked_currency, checked_mark
from smnotebook.values.amounts.counts import bare_counts
from smnotebook.values.amounts.reading import read_count, read_money, to_cents
from smnotebook.values.categories import MainCategory, PathEvidence, SplitCategories, split_paths
from smnotebook.values.cells import TEXT, Cells, as_text, is_list, is_text, mask_of, one_array
from smnotebook.values.entries import Entries, single_entries, split_entries, split_urls
from smnotebook.values.findings import Journal
from smnotebook.values.html_text import html_to_text
from smnotebook.values.percents import read_percents
from smnotebook.values.periods import as_iso, split_period
from smnotebook.values.placeholders import numbers_alone, without_placeholders
from smnotebook.values.plain_text import BARE_IDS, DECODED, clean
from smnotebook.values.typed import find_typed, unmarked
from smnotebook.values.vocabulary import STATES
from smnotebook.values.words import (
    read_availability,
    read_gender,
    read_sold_out,
    read_strict_truth,
    read_truth,
    read_words,
)

__all__ = [
    "LIST_LIMIT",
    "PRODUCT_FIELDS",
    "TRANSFORMS",
    "Task",
    "Transform",
    "convert",
    "cut_lists",
    "default_transform",
]

#: Every field of a product, nested ones dotted, with what it may hold.
PRODUCT_FIELDS = {declared.name: declared for declared in declared_fields(Product) if declared.name != "setAsNull"}

LIST_LIMIT = next(d.constraint.max for d in PRODUCT_FIELDS.values() if isinstance(d.constraint, Items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a transform is asked for besides the column.

    Attributes
    ----------
    field : str
        The product field that is filled.
    column : str or None
        The analyst's name of the column, for findings.
    argument : str
        What stood behind the colon.
    """

    field: str
    journal: Journal
    column: str | None = None
    argument: str = ""


Transform = Callable[[pa.Array, Task], Cells]


def _readable(column: pa.Array, task: Task) -> pa.Array:
    """Without entities and tags; descriptions have a transform of their own."""
    return clean(column, DECODED, task.journal, field=task.field, name=task.column)


def _text(column: pa.Array, task: Task) -> Cells:
    if task.field == "productId":
        return Cells(values=clean(as_text(column), BARE_IDS, task.journal, field=task.field, name=task.column))
    texts = as_text(column if task.field == "description" else _readable(column, task))
    return Cells(values=without_placeholders(texts, task.journal, field=task.field, name=task.column))


def _strip(column: pa.Array, task: Task) -> Cells:
    texts = as_text(column)
    trimmed = pc.utf8_trim_whitespace(texts)
    changed = mask_of(pc.not_equal(texts, trimmed))
    if changed.any():
        task.journal.add(
            "converted", "blanks around the text taken off", count=changed.sum(), field=task.field, column=task.column
        )
    return Cells(values=as_text(trimmed))


def _html(column: pa.Array, task: Task) -> Cells:
    column = split_entries(column).first() if is_list(column.type) else column  # texts of several languages
    return Cells(values=html_to_text(column, task.journal, field=task.field, name=task.column))


def _money(column: pa.Array, task: Task) -> Cells:
    """``money:,`` names the decimal mark, ``money:HUF`` the currency, ``money:, HUF`` both."""
    decimal, currency = _answers(task.argument.split())
    column = numbers_alone(column, task.journal, field=task.field, name=task.column)
    return read_money(column, task.journal, field=task.field, name=task.column, decimal=decimal, currency=currency)


def _answers(words: list[str]) -> tuple[str, str]:
    """The decimal mark and the currency among the words of an argument."""
    marks = [word for word in words if word in {".", ","}]
    names = [word for word in words if word not in {".", ","}]
    if len(marks) > 1 or len(names) > 1:
        raise UsageError(f"A decimal mark and a currency, for example 'money:, HUF', not {' '.join(words)!r}.")
    return "".join(marks), checked_currency("".join(names))


def _add_tax(column: pa.Array, task: Task) -> Cells:
    percent, *words = task.argument.split() or [""]
    try:
        factor = 1 + float(percent) / 100
    except ValueError:
        raise UsageError(f"add_tax wants a percentage, for example add_tax:23, not {task.argument!r}.") from None
    read = _money(column, replace(task, argument=" ".join(words)))
    net = read.values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    task.journal.add("converted", f"{percent} % tax added", count=len(net), field=task.field, column=task.column)
    return Cells(values=pa.array(to_cents(net * factor), from_pandas=True), unread=read.unread)


def _percent(column: pa.Array, task: Task) -> Cells:
    """``percent:sure`` says that 0.2 is 0.2 %, and not 20 %."""
    sure = task.argument == "sure"
    return read_percents(column, task.journal, field=task.field, name=task.column, sure=sure)


def _fraction(column: pa.Array, task: Task) -> Cells:
    read = read_money(column, task.journal, field=task.field, name=task.column)
    return Cells(values=pc.multiply(pc.abs(read.values.cast(pa.float64(), safe=False)), 100.0), unread=read.unread)


def _day_first(column: pa.Array, task: Task) -> Cells:  # noqa: ARG001 - transforms share a signature
    return Cells(values=as_iso(column, month_first=False))


def _month_first(column: pa.Array, task: Task) -> Cells:  # noqa: ARG001 - transforms share a signature
    return Cells(values=as_iso(column, month_first=True))


def _period_start(column: pa.Array, task: Task) -> Cells:  # noqa: ARG001 - transforms share a signature
    return Cells(values=split_period(column)[0])


def _period_end(column: pa.Array, task: Task) -> Cells:  # noqa: ARG001 - transforms share a signature
    return Cells(values=split_period(column)[1])


def _minor_units(column: pa.Array, task: Task) -> Cells:
    """Cents and the like as amounts; the argument is how many digits stand behind the point, 2 where none is given."""
    read = read_money(column, task.journal, field=task.field, name=task.column)
    amounts = read.values.cast(pa.float64()).to_numpy(zero_copy_only=False) / 10 ** int(task.argument or 2)
    return Cells(values=pa.array(amounts, from_pandas=True), unread=read.unread)


def _number(column: pa.Array, task: Task) -> Cells:
    """Amounts that are written plainly; the rest stays text, for preflight to show, and so does 1.234 without proof."""
    return _only_plain(column, read_money(column, task.journal.for_questions(), field=task.field, name=task.column))


def _whole_number(column: pa.Array, task: Task) -> Cells:
    """Counts that are written plainly; the rest stays text."""
    return _only_plain(column, read_count(column, task.journal.for_questions(), field=task.field, name=task.column))


def _only_plain(column: pa.Array, read: Cells) -> Cells:
    """What was read of cells that hold digits and a point; any other cell as it is."""
    if not is_text(column.type):
        return read
    marked = as_text(column)
    texts = unmarked(marked)
    is_plain = pc.or_(pc.match_substring_regex(texts, r"^-?\d+(?:\.\d+)?$"), pa.array(find_typed(marked)))
    good = pc.and_(read.values.is_valid(), is_plain)
    values = pc.if_else(good, read.values, pa.scalar(None, read.values.type))
    unread = pc.if_else(pc.fill_null(good, False), pa.scalar(None, TEXT), texts)  # noqa: FBT003 - Arrow's own
    return Cells(values=values, unread=unread if unread.null_count < len(unread) else None)


def _truth(column: pa.Array, task: Task) -> Cells:
    return read_truth(column, task.journal, field=task.field, name=task.column)


def _flag(column: pa.Array, task: Task) -> Cells:
    return read_strict_truth(column, Journal(), field=task.field, name=task.column)


def _published(column: pa.Array, task: Task) -> Cells:
    """Words for the state of a product's page; those that say neither shown nor hidden are passed over."""
    read = read_words(column, STATES, pa.bool_(), Journal(), field=task.field, name=task.column)
    return Cells(values=read.values)


def _availability(column: pa.Array, task: Task) -> Cells:
    return read_availability(column, task.journal, field=task.field, name=task.column)


def _not_available(column: pa.Array, task: Task) -> Cells:
    return read_sold_out(column, task.journal, field=task.field, name=task.column)


def _gender(column: pa.Array, task: Task) -> Cells:
    return read_gender(column, task.journal, field=task.field, name=task.column)


def _whole(column: pa.Array, task: Task) -> Cells:
    """``whole:,`` names the decimal mark."""
    decimal = checked_mark(task.argument.strip())
    column = numbers_alone(column, task.journal, field=task.field, name=task.column)
    return read_count(column, task.journal, field=task.field, name=task.column, decimal=decimal)


def _at_least(column: pa.Array, task: Task) -> Cells:
    """Counts with more behind them or a unit: ``10+`` and ``> 9`` are 10, ``0 szt.`` is 0."""
    return _whole(bare_counts(column), task)


def _split(column: pa.Array, task: Task) -> Cells:
    return cut_lists(split_entries(_readable(column, task), task.argument or ",").distinct(), task)


def _addresses(column: pa.Array, task: Task) -> Entries:
    return split_urls(_readable(column, task)).told(task.journal, field=task.field, name=task.column)


def _urls(column: pa.Array, task: Task) -> Cells:
    return cut_lists(_addresses(column, task).distinct(), task)


def _first_url(column: pa.Array, task: Task) -> Cells:
    return Cells(values=_addresses(column, task).first())


def _first(column: pa.Array, task: Task) -> Cells:
    return Cells(values=split_entries(_readable(column, task), task.argument or ",").first())


def _deepest(column: pa.Array, task: Task) -> Cells:
    return Cells(values=_paths(column, task, main="deepest").main)


def _first_level(column: pa.Array, task: Task) -> Cells:
    return Cells(values=_paths(column, task, main="first").main)


def _other_levels(column: pa.Array, task: Task) -> Cells:
    return cut_lists(_paths(column, task, main="deepest").others, task)


def _paths(column: pa.Array, task: Task, *, main: MainCategory) -> SplitCategories:
    """Split at the mark that the argument names, or that the whole column proves."""
    paths = split_entries(_readable(column, task), None)
    if task.argument:
        return split_paths(paths, mark=task.argument, main=main)
    survey = task.journal.amounts.survey
    evidence = (
        PathEvidence() if survey is None or task.column is None else survey.shown(task.column, PathEvidence.of_chunks)
    )
    if not evidence.texts:
        evidence = PathEvidence.of(paths.texts)
    return split_paths(paths, mark=evidence.mark(), main=main)


TRANSFORMS: dict[str, Transform] = {
    "text": _text,
    "strip": _strip,
    "html": _html,
    "money": _money,
    "add_tax": _add_tax,
    "percent": _percent,
    "fraction": _fraction,
    "day_first": _day_first,
    "month_first": _month_first,
    "period_start": _period_start,
    "period_end": _period_end,
    "minor_units": _minor_units,
    "highest": _money,
    "number": _number,
    "whole_number": _whole_number,
    "whole": _whole,
    "at_least": _at_least,
    "truth": _truth,
    "flag": _flag,
    "published": _published,
    "availability": _availability,
    "not_available": _not_available,
    "gender": _gender,
    "split": _split,
    "urls": _urls,
    "first": _first,
    "first_url": _first_url,
    "deepest": _deepest,
    "first_level": _first_level,
    "other_levels": _other_levels,
}


# They read numbers, and know a typed one by its mark.
_OF_NUMBERS = {
    "money", "add_tax", "percent", "fraction", "minor_units", "highest", "number", "whole_number", "whole", "at_least",
}  # fmt: skip
# They read one value: a list is never run together into one.
_OF_ONE_VALUE = _OF_NUMBERS - {"minor_units", "highest"} | {
    "truth", "flag", "published", "availability", "not_available", "gender",
}  # fmt: skip


def convert(column: pa.Array | pa.ChunkedArray, transform: str, task: Task) -> Cells:
    """Run the transform called ``transform`` (its default for the field where empty).

    Raises
    ------
    UsageError
        When there is none of that name.
    """
    flat = one_array(column)
    name, _, argument = (transform or default_transform(task.field)).partition(":")
    if name not in TRANSFORMS:
        raise UsageError(f"There is no transform {name!r} (for {task.field}). Use one of: {', '.join(TRANSFORMS)}.")
    task = replace(task, argument=argument)
    flat = flat if name in _OF_NUMBERS else unmarked(flat)
    if name not in _OF_ONE_VALUE or not is_list(flat.type):
        return TRANSFORMS[name](flat, task)
    single, several = single_entries(flat, task.journal, field=task.field, name=task.column)
    read = TRANSFORMS[name](single, task)
    return Cells(values=read.values, unread=several if read.unread is None else pc.coalesce(several, read.unread))


# Fields and terms whose kind alone does not say it.
_TRANSFORM_OF = {
    "description": "html",
    "mainCategory": "deepest",
    "available": "availability",
    "imageUrls": "urls",
    "discountPercentage": "percent",
    "onSale": "truth",
}


def default_transform(field: str) -> str:
    """The transform that a field's kind calls for."""
    if field in _TRANSFORM_OF:
        return _TRANSFORM_OF[field]
    declared = PRODUCT_FIELDS.get(field)
    match declared.constraint if declared else None:
        case Money():
            return "money"
        case Flag():
            return "truth"
        case Choice():
            return "gender"
        case Whole():
            return "whole"
        case Items() | Details():
            return "split"
        case _:
            return "text"


def cut_lists(entries: Entries, task: Task) -> Cells:
    """Lists cut to what the field takes; what was cut is noted."""
    kept, longer = entries.cut(LIST_LIMIT)
    if longer:
        message = f"more than {LIST_LIMIT} entries: the first {LIST_LIMIT} kept"
        task.journal.add("dropped", message, count=longer, field=task.field, column=task.column)
    return Cells(values=kept.to_lists())
