"""Arguments of ``read_feed`` that would have no effect are refused, with the reason."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_args

from smnotebook.errors import UsageError
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.options import FeedOptions, Rows
from smnotebook.feeds.presets import Preset
from smnotebook.values.categories import MainCategory
from smnotebook.values.names import is_net_name
from smnotebook.values.rules import FieldRule, is_field
from smnotebook.values.templates import check_holes, check_template
from smnotebook.values.transforms import PRODUCT_FIELDS

__all__ = ["check_arguments", "check_fit", "check_marks", "rule_of"]


def check_arguments(options: FeedOptions, names: Iterable[str] | None) -> None:
    """Refuse what is wrong whatever the file holds, and what its column names show, before it is read.

    Parameters
    ----------
    names : iterable of str or None
        The column names; None where the file has to be read to know them.

    Raises
    ------
    UsageError
        For a choice that is none, a rate of tax below 1 %, a constant of no field, and a template that can't be filled.
    """
    for argument, value, known in (
        ("rows", options.rows, get_args(Rows)),
        ("main_category", options.main_category, get_args(MainCategory)),
    ):
        if value not in known:
            raise UsageError(f"{argument} must be one of {', '.join(map(repr, known))}, not {value!r}.")
    if options.vat_percent is not None and not 1 <= options.vat_percent < 100:
        raise UsageError(
            f"vat_percent is a percentage: 23 for 23 %, not {options.vat_percent!r}. Where no tax is due, leave it out."
        )
    for name in options.constants:
        if not is_field(name):
            listed = ", ".join(PRODUCT_FIELDS)
            raise UsageError(f"constants: the API has no product field {name!r}. Its fields are: {listed}.")
    if options.url_template is None:
        return
    check_template(options.url_template, "productUrl")
    if names is not None:
        columns = Columns.of_names(names)

        def can_fill(hole: str) -> bool:
            return hole == "slug" or is_field(hole) or columns.find(hole) is not None

        check_holes(options.url_template, can_fill, columns.names, "productUrl")


def check_marks(decimal: str | Mapping[str, str], names: Sequence[str]) -> None:
    """Refuse the decimal mark of a column that is not there.

    Raises
    ------
    UsageError
        It names the columns that are like it.
    """
    for label in () if isinstance(decimal, str) else decimal:
        # fields that several columns fill are answered under all of their names
        if label not in names and not all(part in names for part in label.split(", ")):
            near = difflib.get_close_matches(label, names, n=3, cutoff=0.4) or names[:8]
            raise UsageError(f"decimal names the column {label!r}, and there is none. Nearest: {', '.join(near)}.")


def check_fit(options: FeedOptions, preset: Preset | None, columns: Columns) -> None:
    """Refuse the arguments that this table gives nothing to do.

    Raises
    ------
    UsageError
        It says why, and what would have the effect.
    """
    for name, value, reason in (
        ("vat_percent", options.vat_percent, _no_net_price),
        ("main_category", options.main_category if options.main_category != "deepest" else None, _no_category),
        ("image_base_url", options.image_base_url, _no_images),
        ("rows", options.rows if options.rows in ("product", "variant") else None, _no_groups),
    ):
        if value is not None and (why := _reason(reason, preset, columns)):
            raise UsageError(f"{name}={value!r} has no effect: {why}.")


def _reason(find: Callable[[Preset, Columns], str], preset: Preset | None, columns: Columns) -> str:
    if preset is None:
        return "no preset fits this table, so it is left as it is. Say which column is what with mapping=…"
    if preset.name == "product fields" and not preset.overrides:
        return "the columns carry the API's own names and are left as they are"
    return find(preset, columns)


def _no_net_price(preset: Preset, columns: Columns) -> str:
    mapped = [
        name
        for rule in preset.overrides
        if rule.field in ("price", "discountPrice") and not rule.transform
        for name in rule.columns
    ]
    pricing = preset.price
    own = columns.find_all([*pricing.regular, *pricing.reduced, *pricing.paid, *pricing.compare_at])
    if pricing.net or any(map(is_net_name, [*mapped, *own])):
        return ""
    name = next(iter([*mapped, *own]), "price")
    return (
        "no column of prices says that it is net. To add the tax all the same, give "
        f"mapping={{'price': {{'from': {name!r}, 'as': 'add_tax:23'}}}}"
    )


def _no_category(preset: Preset, columns: Columns) -> str:
    rule = next((rule for rule in preset.overrides if rule.field == "mainCategory"), None)
    if rule is not None and rule.transform:
        return f"the mapping reads mainCategory with the transform {rule.transform!r}"
    return "" if rule is not None or columns.find_all(preset.categories.paths) else "no column holds category paths"


def _no_images(preset: Preset, columns: Columns) -> str:
    is_mapped = any(rule.field in ("mainImageUrl", "imageUrls") for rule in preset.overrides)
    return "" if is_mapped or columns.find_all(preset.images.columns) else "no column holds images"


def _no_groups(preset: Preset, columns: Columns) -> str:  # noqa: ARG001 - the reasons share a signature
    if preset.name not in ("mapping", "product fields") or preset.variants.group:
        return ""
    return "the mapping does not say which rows belong to one product, so every row stays one"


def rule_of(field: str, source: Any) -> FieldRule:
    """The rule that one entry of a mapping stands for.

    Raises
    ------
    UsageError
        For what names neither columns nor a constant.
    """
    if isinstance(source, Mapping):
        unknown = set(source) - {"from", "as", "constant"}
        if unknown:
            raise UsageError(
                f"mapping[{field!r}] may hold 'from', 'as' and 'constant', not {', '.join(sorted(unknown))}."
            )
        transform = source.get("as", "")
        if not isinstance(transform, str):
            raise UsageError(f"mapping[{field!r}]['as'] must be the name of a transform, not {transform!r}.")
        columns = _columns(field, source.get("from", ()))
        return FieldRule(field=field, columns=columns, transform=transform, constant=source.get("constant"))
    return FieldRule(field=field, columns=_columns(field, source))


def _columns(field: str, names: Any) -> tuple[str, ...]:
    listed = (names,) if isinstance(names, str) else tuple(names) if isinstance(names, (list, tuple)) else None
    if listed is None or not all(isinstance(name, str) for name in listed):
        raise UsageError(
            f"mapping[{field!r}] must name a column, as text, or a list of columns, not {names!r}. "
            f"For one value in every row write {{'constant': {names!r}}}."
        )
    return listed
