"""Presets: one small TOML file a shop system, beside this module.

A preset says how to recognise an export (``needs``, ``usual``, ``formats``) and where its columns go. Tables in the
file:

``[fields]``
    Product field to column. A list names alternatives, of which the first that holds something is taken; a table adds
    a transform: ``{ from = "Body (HTML)", as = "html" }``.
``[price]``
    How the export means its prices, see :class:`PriceColumns`.
``[categories]``, ``[images]``, ``[attributes]``, ``[variants]``
    Paths, addresses, name and value pairs, and which rows belong together.

A column may be named in any dress (``g:price``, ``Price``, ``price (gross)``). What a file can't say is said in a
module of :mod:`smnotebook.feeds.peculiarities` under the preset's name. To add a preset: write the file, put a small
export of your own making into ``tests/feeds/data``, and add its expected products to ``tests/feeds/test_presets.py``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any

from smnotebook.errors import UsageError
from smnotebook.values.rules import FieldRule

__all__ = [
    "AttributeColumns",
    "CategoryColumns",
    "ImageColumns",
    "Preset",
    "PriceColumns",
    "VariantColumns",
    "all_presets",
    "find_preset",
]

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceColumns:
    """Where the prices are and what they mean.

    Attributes
    ----------
    regular : names
        The price without reduction.
    reduced : names
        The price in a sale; counts where it is lower and its period covers today.
    paid, compare_at : names
        What the customer pays now, and the former price that is struck through where it is higher. Beside ``regular``
        columns ``paid`` stands for a reduced price that has no column of its own.
    amount_off, percent_off : names
        A reduction instead of a reduced price.
    off, off_mode : names
        A reduction and the column that says whether it is a percentage.
    starts, ends, period : names
        Days of the sale, in two columns or in one.
    month_first : bool
        The shop writes 03/04/2026 for the fourth of March; otherwise the dates themselves decide.
    on_sale : names
        Yes and no: where it says no there is no reduced price.
    net : bool
        The prices carry no tax.
    """

    regular: Names = ()
    reduced: Names = ()
    paid: Names = ()
    compare_at: Names = ()
    amount_off: Names = ()
    percent_off: Names = ()
    off: Names = ()
    off_mode: Names = ()
    starts: Names = ()
    ends: Names = ()
    period: Names = ()
    month_first: bool = False
    on_sale: Names = ()
    net: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryColumns:
    """Where the categories are.

    Attributes
    ----------
    paths : names
        Columns of category paths; of several the first that holds something.
    separator : str
        Between the paths in one cell, empty where a cell holds one.
    levels : str
        Between the levels of a path; empty to find it out.
    others : names
        Further names for ``categories``, split at ``others_separator``.
    ignored : names
        Levels that are no category, such as a shop's root.
    """

    paths: Names = ()
    separator: str = ""
    levels: str = ""
    others: Names = ()
    others_separator: str = ","
    ignored: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageColumns:
    """Columns of image addresses, the main one first; ``folder`` is put before relative ones."""

    columns: Names = ()
    folder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeColumns:
    """Attributes written as names and values.

    Attributes
    ----------
    pairs : sequence of (name column, value column)
        ``#`` in both stands for 1, 2, 3 and so on.
    assignments : names
        Columns of ``name=value`` lists.
    separator, sign : str
        Between assignments, and between name and value.
    values : str
        Between the values in one cell, empty where a cell holds one.
    ignored : names
        Values that say nothing, such as a placeholder.
    left_out : names
        Attributes that are no details: codes, for instance.
    """

    pairs: Sequence[Sequence[str]] = ()
    assignments: Names = ()
    separator: str = ","
    sign: str = "="
    values: str = ","
    ignored: Names = ()
    left_out: Names = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantColumns:
    """Which rows belong to one product.

    Attributes
    ----------
    group : names
        Rows with the same value here are one product.
    id : names
        A variant's own id.
    separate : bool
        Whether variants stay products of their own unless joining is asked for: where each has its own address.
    explode : str
        What the names of columns begin with whose cells list one entry a variant.
    """

    group: Names = ()
    explode: str = ""
    id: Names = ()
    separate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """How one shop system's export becomes products."""

    name: str
    title: str
    needs: tuple[Names, ...] = ()
    usual: Names = ()
    formats: Names = ()
    rules: tuple[FieldRule, ...] = ()
    overrides: tuple[FieldRule, ...] = ()
    price: PriceColumns = field(default_factory=PriceColumns)
    categories: CategoryColumns = field(default_factory=CategoryColumns)
    images: ImageColumns = field(default_factory=ImageColumns)
    attributes: AttributeColumns = field(default_factory=AttributeColumns)
    variants: VariantColumns = field(default_factory=VariantColumns)


@cache
def all_presets() -> Mapping[str, Preset]:
    """Every preset by name."""
    found = [entry for entry in files(__package__).iterdir() if entry.name.endswith(".toml")]
    names = sorted(entry.name.removesuffix(".toml") for entry in found)
    return {name: _load(name) for name in names}


def find_preset(name: str) -> Preset:
    """The preset of this name.

    Raises
    ------
    UsageError
        When there is none.
    """
    if name not in all_presets():
        raise UsageError(f"There is no preset {name!r}. Use 'auto', 'none' or one of: {', '.join(all_presets())}.")
    return all_presets()[name]


def _load(name: str) -> Preset:
    values = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return Preset(
        name=name,
        title=values["title"],
        needs=tuple(_names(need) for need in values["needs"]),
        usual=_names(values.get("usual", [])),
        formats=_names(values.get("formats", [])),
        rules=tuple(_rule(target, source) for target, source in values.get("fields", {}).items()),
        price=_part(PriceColumns, values, "price"),
        categories=_part(CategoryColumns, values, "categories"),
        images=_part(ImageColumns, values, "images"),
        attributes=_part(AttributeColumns, values, "attributes"),
        variants=_part(VariantColumns, values, "variants"),
    )


def _rule(target: str, source: Any) -> FieldRule:
    if isinstance(source, dict):
        return FieldRule(
            field=target,
            columns=_names(source.get("from", [])),
            transform=source.get("as", ""),
            constant=source.get("constant"),
        )
    return FieldRule(field=target, columns=_names(source))


def _part(kind: Any, values: Mapping[str, Any], section: str) -> Any:
    given = values.get(section, {})
    names = {item.name for item in fields(kind) if item.type == "Names"}
    return kind(**{key: _names(value) if key in names else value for key, value in given.items()})


def _names(value: str | list[str]) -> Names:
    return (value,) if isinstance(value, str) else tuple(value)
