"""From a feed's table to a product frame: the stages of a preset, in their order."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import Text
from smnotebook.conversion.categories import level_mark, split_paths
from smnotebook.conversion.cells import TEXT, Cells, Mask, as_text, mask_of
from smnotebook.conversion.entries import Entries, split_entries, split_urls
from smnotebook.conversion.findings import Journal
from smnotebook.conversion.rules import FieldRule, apply_rule, apply_rules, build_frame, fill_constant, is_field
from smnotebook.conversion.templates import fill_template, slugs
from smnotebook.conversion.transforms import PRODUCT_FIELDS, Task, cut_lists
from smnotebook.errors import UsageError
from smnotebook.feeds.attributes import read_attributes
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.joining import Joined, explode_variants, join_rows
from smnotebook.feeds.options import FeedOptions
from smnotebook.feeds.peculiarities import PREPARE, SETTLE
from smnotebook.feeds.presets import Preset
from smnotebook.feeds.pricing import read_prices

__all__ = ["finish_plain", "make_products"]

_LOCAL = r"(?i)^https?://(?:localhost|127\.0\.0\.1)(?::\d+)?/"


def make_products(
    columns: Columns, preset: Preset, options: FeedOptions, journal: Journal
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Products as the preset means them.

    Returns
    -------
    tuple of DataFrame and dict
        The frame, and for each field the columns that fed it.
    """
    columns = explode_variants(columns, preset.variants.explode, journal) if preset.variants.explode else columns
    columns = PREPARE[preset.name](columns, journal) if preset.name in PREPARE else columns
    draft = Draft(columns=columns, preset=preset, options=options, journal=journal)
    mapped = _fill_fields(draft)
    _fill_categories(draft, mapped)
    draft.lists["images"] = _images(draft)
    draft.cells.update(read_prices(columns, preset.price, options, journal))
    group = columns.first_filled(preset.variants.group)
    draft.group = None if group is None else columns[group]
    if preset.name in SETTLE:
        SETTLE[preset.name](draft)
    _derive_availability(draft)
    draft.lists.update(read_attributes(draft))
    mapped.update(_override(draft))
    joined = join_rows(draft)
    return _finish(draft, joined), mapped


def finish_plain(frame: pd.DataFrame, columns: Columns, options: FeedOptions, journal: Journal) -> pd.DataFrame:
    """Constants and addresses for a table that no preset was applied to."""
    for name, value in options.constants.items():
        _check_field(name)
        frame[name] = fill_constant(name, value, len(frame)).to_series(frame.index)
    if options.url_template is not None:
        names = columns.get("name")

        def column_of(hole: str) -> pa.Array | None:
            return slugs(names) if hole == "slug" and names is not None else columns.get(hole)

        filled = fill_template(
            options.url_template, column_of, columns.names, journal, field="productUrl", size=len(frame)
        )
        frame["productUrl"] = Cells(values=filled).to_series(frame.index)
    return frame


def _check_field(name: str) -> None:
    if not is_field(name):
        listed = ", ".join(PRODUCT_FIELDS)
        raise UsageError(f"constants: the API has no product field {name!r}. Its fields are: {listed}.")


def _override(draft: Draft) -> dict[str, str]:
    """The caller's own rules, after all that the preset says."""
    rules = [_with_own_names(rule, draft.columns) for rule in draft.preset.overrides]
    made = apply_rules(rules, draft.columns.__getitem__, draft.columns.names, draft.journal, size=len(draft))
    draft.cells.update(made)
    for name in made:
        draft.lists.pop(name, None)
    return {rule.field: ", ".join(rule.columns) for rule in rules}


def _with_own_names(rule: FieldRule, columns: Columns) -> FieldRule:
    for name in rule.columns:
        if columns.find(name) is None:
            raise UsageError(_unknown_column(name, rule.field, columns.names))
    return replace(rule, columns=tuple(columns.find(name) or name for name in rule.columns))


def _unknown_column(name: str, field: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names[:8]
    return f"The mapping takes {field} from {name!r}, and there is no such column. Nearest: {', '.join(near)}."


def _fill_fields(draft: Draft) -> dict[str, str]:
    mapped = {}
    for rule in draft.preset.rules:
        found = draft.columns.find_all(rule.columns)
        if not found and rule.constant is None:
            continue
        used = FieldRule(field=rule.field, columns=tuple(found), transform=rule.transform, constant=rule.constant)
        draft.cells[rule.field] = apply_rule(used, draft.columns.__getitem__, draft.journal, size=len(draft))
        mapped[rule.field] = ", ".join(found)
    return mapped


def _fill_categories(draft: Draft, mapped: dict[str, str]) -> None:
    given = draft.preset.categories
    found = draft.columns.find_all(given.paths)
    others = draft.columns.find_all(given.others)
    lists = []
    if found:
        name = draft.columns.first_filled(found) or found[0]
        paths = _coalesced_paths(draft, found, given.separator)
        mark = given.levels or level_mark(paths.texts)
        split = split_paths(_without_roots(paths, given.ignored, mark), mark=mark, main=draft.options.main_category)
        draft.cells["mainCategory"] = Cells(values=split.main)
        lists.append(split.others)
        mapped["mainCategory"] = name
    lists += [split_entries(draft.columns[name], given.others_separator) for name in others]
    if lists:
        draft.cells["categories"] = Cells(values=Entries.joined(lists).distinct().to_lists())
        mapped["categories"] = ", ".join([*found[:1], *others])


def _without_roots(paths: Entries, ignored: tuple[str, ...], mark: str | None) -> Entries:
    """Paths without first levels that are no category, such as a shop's root."""
    texts = paths.texts
    for root in ignored:
        texts = pc.replace_substring_regex(texts, rf"^{re.escape(root)}\s*(?:{re.escape(mark or '>')}\s*|$)", "")
    return Entries.of(paths.rows, texts, paths.size)


def _coalesced_paths(draft: Draft, found: list[str], separator: str) -> Entries:
    """For each row the paths of the first column that has any."""
    parts: list[Entries] = []
    taken = np.zeros(len(draft), dtype=bool)
    for name in found:
        entries = split_entries(draft.columns[name], separator or None)
        parts.append(entries.keep(~taken[entries.rows]))
        taken[entries.rows] = True
    return Entries.joined(parts)


def _images(draft: Draft) -> Cells:
    """All addresses of a row's images; relative ones behind the shop's image folder."""
    found = draft.columns.find_all(draft.preset.images.columns)
    if not found:
        return Cells(values=pa.nulls(len(draft), pa.large_list(TEXT)))
    entries = Entries.joined([split_urls(draft.columns[name]) for name in found])
    folder = draft.options.image_base_url or draft.preset.images.folder
    homeless = ~mask_of(pc.match_substring_regex(entries.texts, r"(?i)^(?:https?:)?//"))
    local = mask_of(pc.match_substring_regex(entries.texts, _LOCAL))
    if folder:
        tails = pc.utf8_ltrim(pc.replace_substring_regex(entries.texts, _LOCAL, ""), "/")
        full = pc.binary_join_element_wise(pa.scalar(folder.rstrip("/") + "/", TEXT), tails, pa.scalar("", TEXT))
        texts = pc.if_else(pa.array(homeless | local), full, entries.texts)
        entries = Entries(rows=entries.rows, texts=texts, size=entries.size)
        return Cells(values=entries.distinct().to_lists())
    for mask, words in (
        (homeless, "images without an address"),
        (local, "images on localhost, which nobody else can open"),
    ):
        if mask.any():
            examples = entries.texts.filter(pa.array(mask)).slice(0, 3).to_pylist()
            message = f"{words}: give image_base_url=…"
            draft.journal.add("asked", message, count=mask.sum(), field="mainImageUrl", examples=examples)
    return Cells(values=entries.distinct().to_lists())


def _finish(draft: Draft, joined: Joined) -> pd.DataFrame:
    """What can be said only once products are made: addresses, images, attributes, constants, availability."""
    cells, size = joined.cells, len(joined.heads)
    _finish_images(draft, joined)
    _finish_attributes(draft, joined)
    if "categories" in cells:
        entries = split_entries(cells["categories"].values)
        if "mainCategory" in cells:
            entries = entries.without(cells["mainCategory"].values)
        cells["categories"] = cut_lists(entries, Task(field="categories", journal=draft.journal))
    for name, value in draft.options.constants.items():
        _check_field(name)
        cells[name] = fill_constant(name, value, size)
    _finish_address(draft, joined, size)
    _finish_availability(draft, cells, size)
    return build_frame(cells)


def _finish_images(draft: Draft, joined: Joined) -> None:
    entries = split_entries(joined.lists.pop("images").values)
    if not len(entries.rows):
        return
    joined.cells.setdefault("mainImageUrl", Cells(values=entries.first()))
    rest = entries.without(joined.cells["mainImageUrl"].values)
    if len(rest.rows) and "imageUrls" not in joined.cells:
        joined.cells["imageUrls"] = cut_lists(rest, Task(field="imageUrls", journal=draft.journal))


def _finish_attributes(draft: Draft, joined: Joined) -> None:
    """Attribute values as text: several in one, as many as the field holds."""
    for name, column in joined.lists.items():
        declared = PRODUCT_FIELDS.get(name)
        limit = declared.constraint.max if declared and isinstance(declared.constraint, Text) else 255
        texts, cut = _fitting(split_entries(column.values), limit)
        if cut:
            message = f"more values than {limit} characters hold: the first ones kept"
            draft.journal.add("dropped", message, count=cut, field=name)
        own = joined.cells.get(name)
        joined.cells[name] = Cells(values=texts) if own is None else Cells(values=pc.coalesce(own.values, texts))


def _fitting(entries: Entries, limit: int) -> tuple[pa.Array, int]:
    """The entries of each row joined by commas as far as they fit, and how many rows lost some."""
    lengths = pc.utf8_length(entries.texts).to_numpy(zero_copy_only=False) + 2
    ends = np.cumsum(lengths)
    starts = np.searchsorted(entries.rows, entries.rows)
    before = np.concatenate([[0], ends])[starts] if len(ends) else ends
    fits = (ends - before - 2 <= limit) | (entries.places == 0)
    return as_text(entries.keep(fits).to_lists()), len(np.unique(entries.rows[~fits]))


def _finish_address(draft: Draft, joined: Joined, size: int) -> None:
    template = draft.options.url_template
    if template is not None:
        heads = draft.columns.take(joined.heads)

        def column_of(hole: str) -> pa.Array | None:
            if hole == "slug" and heads.find("slug") is None:
                return slugs(joined.cells["name"].values) if "name" in joined.cells else None
            cells = joined.cells.get(hole)
            return cells.values if cells is not None else heads.get(hole)

        filled = fill_template(template, column_of, heads.names, draft.journal, field="productUrl", size=size)
        joined.cells["productUrl"] = Cells(values=filled)
    address = joined.cells.get("productUrl")
    if draft.options.rows == "variant" and address is not None:
        _say_shared(address, draft.journal)
    if address is None or not address.filled.any():
        message = "the file holds no product addresses: give url_template=…, for example https://shop.example.com/products/{slug}"
        draft.journal.add("asked", message, count=size, field="productUrl")
        # no column is asked for once; a column of nothing would be a finding in every row
        joined.cells.pop("productUrl", None)


def _say_shared(address: Cells, journal: Journal) -> None:
    """Variants are products of their own only with an address each."""
    there = address.values.drop_null()
    shared = len(there) - len(there.unique())
    if shared:
        message = "variants share an address: give url_template=… with a hole that differs, or rows='product'"
        journal.add("warned", message, count=shared, field="productUrl")


def _derive_availability(draft: Draft) -> None:
    if "available" in draft.cells or "quantity" not in draft.cells:
        return
    quantity = draft.cells["quantity"].values
    in_stock = mask_of(pc.greater(quantity, 0)) | mask_of(quantity.is_null())
    draft.cells["available"] = Cells(values=pa.array(in_stock))
    message = "available where the quantity is above 0, or not given"
    draft.journal.add("converted", message, count=len(draft), field="available")


def _finish_availability(draft: Draft, cells: dict[str, Cells], size: int) -> None:
    if "available" in cells:
        _fill_availability(draft, cells)
        return
    cells["available"] = fill_constant("available", True, size)  # noqa: FBT003 - the field's value
    message = "the file says nothing of stock: all are taken for available"
    draft.journal.add("warned", message, count=size, field="available")


def _fill_availability(draft: Draft, cells: dict[str, Cells]) -> None:
    unknown: Mask = ~cells["available"].filled
    if unknown.any():
        values = pc.fill_null(cells["available"].values, True)  # noqa: FBT003 - the field's value
        blank = cells["available"].unread
        if blank is not None:
            values = pc.if_else(blank.is_valid(), pa.scalar(None, pa.bool_()), values)
        cells["available"] = Cells(values=values, unread=blank)
        message = "availability not given: taken for available"
        draft.journal.add("warned", message, count=unknown.sum(), field="available")
