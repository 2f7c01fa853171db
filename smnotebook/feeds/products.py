"""From a feed's table to a product frame: the stages of a preset, in their order."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.errors import UsageError
from smnotebook.feeds.attributes import read_attributes
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.finishing import finish
from smnotebook.feeds.grouping import Groups, explode_variants
from smnotebook.feeds.joining import join_rows
from smnotebook.feeds.options import FeedOptions
from smnotebook.feeds.peculiarities import PREPARE, SETTLE
from smnotebook.feeds.presets import Preset
from smnotebook.feeds.pricing import read_prices
from smnotebook.values.categories import PathEvidence, split_at_roots, split_paths
from smnotebook.values.cells import TEXT, Cells, Mask, as_text, coalesce, distinct_texts, mask_of
from smnotebook.values.discounts import settle_discounts
from smnotebook.values.entries import Entries, split_entries, split_urls
from smnotebook.values.findings import Journal
from smnotebook.values.plain_text import DECODED, clean
from smnotebook.values.rules import FieldRule, apply_rule, apply_rules, discontinued_rows, make_inactive
from smnotebook.values.words import read_availability

__all__ = ["make_products", "override"]

_HOST = r"(?i)^(?:https?:)?//"
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
    _retire_discontinued(draft, mapped)
    draft.lists.update(read_attributes(draft))
    mapped.update(override(draft.cells, preset.overrides, columns, options, journal))
    for rule in preset.overrides:
        draft.lists.pop(rule.field, None)
        if rule.field == "quantity":
            draft.shares_stock = _shares_stock(draft, rule.columns)
    _derive_availability(draft, mapped)
    _keep_apart(draft)
    joined = join_rows(draft)
    return finish(draft, joined), mapped


def override(
    cells: dict[str, Cells],
    rules: Sequence[FieldRule],
    columns: Columns,
    options: FeedOptions,
    journal: Journal,
) -> dict[str, str]:
    """Fill fields by the caller's own rules, after all that a preset says; then settle the discounts.

    Returns
    -------
    dict of str to str
        For each of these fields the columns that fed it.
    """
    rules = [_with_choices(_with_own_names(rule, columns), options) for rule in rules]
    size = len(columns)
    made = apply_rules(rules, columns.typed, columns.names, journal, size=size, vat_percent=options.vat_percent)
    for name in ("mainImageUrl", "imageUrls"):
        if name not in made or options.image_base_url is None:
            continue
        entries = _with_folder(split_urls(made[name].values), options.image_base_url)
        made[name] = Cells(values=entries.first() if name == "mainImageUrl" else entries.to_lists())
    cells.update(made)
    settle_discounts(cells, journal, today=options.today, columns={rule.field: rule.columns for rule in rules})
    return {rule.field: ", ".join(rule.columns) for rule in rules}


def _with_choices(rule: FieldRule, options: FeedOptions) -> FieldRule:
    """The caller's rule with what another argument says of its field."""
    if rule.field == "mainCategory" and not rule.transform and options.main_category == "first":
        return replace(rule, transform="first_level")
    return rule


def _keep_apart(draft: Draft) -> None:
    """Variants to which the caller's mapping gives ids of their own stay products of their own."""
    is_mapped = any(rule.field == "productId" for rule in draft.preset.overrides)
    if not is_mapped or draft.group is None or draft.options.rows != "auto":
        return
    groups = Groups.of(draft)
    ids = as_text(draft.cells["productId"].values).dictionary_encode().indices.fill_null(-1).to_numpy()
    is_row = ~draft.is_parent & ~draft.is_extra & (ids >= 0)
    pairs = np.unique(np.stack([groups.codes[is_row], ids[is_row]]), axis=1)
    if (np.bincount(pairs[0]) > 1).any():
        variants = replace(draft.preset.variants, separate=True)
        draft.preset = replace(draft.preset, variants=variants)


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
    overridden = {rule.field for rule in draft.preset.overrides}
    for rule in draft.preset.rules:
        found = draft.columns.find_all(rule.columns)
        if not found and rule.constant is None:
            continue
        used = FieldRule(field=rule.field, columns=tuple(found), transform=rule.transform, constant=rule.constant)
        # of a field that the caller fills otherwise nothing is told
        journal = draft.journal.quiet() if rule.field in overridden else draft.journal
        draft.cells[rule.field] = apply_rule(used, draft.columns.typed, journal, size=len(draft))
        mapped[rule.field] = ", ".join(found)
        if rule.field == "quantity":
            draft.shares_stock = _shares_stock(draft, found)
    return mapped


def _retire_discontinued(draft: Draft, mapped: dict[str, str]) -> None:
    """By the preset's own rules; a product of several rows is gone only with all of them."""
    found = [
        replace(rule, columns=tuple(draft.columns.find_all(rule.columns)))
        for rule in draft.preset.rules
        if rule.field in mapped
    ]
    gone = discontinued_rows(found, draft.columns.__getitem__, len(draft))
    if gone.any() and draft.group is not None:
        codes = pc.fill_null(as_text(draft.group), "").dictionary_encode().indices.to_numpy(zero_copy_only=False)
        gone &= np.bincount(codes, weights=~gone & ~draft.is_extra)[codes] == 0
    make_inactive(draft.cells, gone, draft.journal)


def _shares_stock(draft: Draft, columns: Sequence[str]) -> Mask:
    """Rows of listed variants whose quantity comes from a column of their product."""
    prefix = draft.preset.variants.explode
    own = [as_text(draft.columns[name]) for name in columns if prefix and name.startswith(prefix)]
    if not prefix:
        return np.zeros(len(draft), dtype=bool)
    return mask_of(coalesce(own).is_null()) if own else np.ones(len(draft), dtype=bool)


def _fill_categories(draft: Draft, mapped: dict[str, str]) -> None:
    given = draft.preset.categories
    found = draft.columns.find_all(given.paths)
    others = draft.columns.find_all(given.others)
    lists = []
    if found:
        name = draft.columns.first_filled(found) or found[0]
        evidence = _path_evidence(draft, found)
        roots = evidence.roots(given.levels, given.ignored) if given.levels and given.ignored else ()
        paths = _coalesced_paths(draft, found, given.separator, roots)
        single = evidence.parted(given.separator, roots) if given.separator else evidence
        mark = single.mark(given.levels, roots=roots)
        if mark is None and mask_of(pc.match_substring(paths.texts, "/")).any():
            message = "slashes that prove no levels are kept: the transform deepest:/ splits there"
            examples = distinct_texts(paths.texts.filter(pc.match_substring(paths.texts, "/")))
            draft.journal.add("kept", message, field="mainCategory", column=name, examples=examples)
        split = split_paths(_without_roots(paths, given.ignored, mark), mark=mark, main=draft.options.main_category)
        draft.cells["mainCategory"] = Cells(values=split.main)
        lists.append(split.others)
        mapped["mainCategory"] = name
    lists += [split_entries(_decoded(draft, name, "categories"), given.others_separator) for name in others]
    if lists:
        draft.cells["categories"] = Cells(values=Entries.joined(lists).distinct().to_lists())
        mapped["categories"] = ", ".join([*found[:1], *others])


def _path_evidence(draft: Draft, found: list[str]) -> PathEvidence:
    """What the columns of paths hold over the whole source."""
    survey = draft.journal.amounts.survey
    seen = PathEvidence()
    for name in found:
        told = PathEvidence() if survey is None else survey.shown(name, PathEvidence.of_chunks)
        seen = seen.merged(told if told.texts else PathEvidence.of(draft.columns[name]))
    return seen


def _decoded(draft: Draft, name: str, field: str) -> pa.Array:
    return clean(draft.columns[name], DECODED, draft.journal, field=field, name=name)


def _without_roots(paths: Entries, ignored: tuple[str, ...], mark: str | None) -> Entries:
    """Paths without first levels that are no category, such as a shop's root."""
    texts = paths.texts
    for root in ignored:
        texts = pc.replace_substring_regex(texts, rf"^{re.escape(root)}\s*(?:{re.escape(mark or '>')}\s*|$)", "")
    return Entries.of(paths.rows, texts, paths.size)


def _coalesced_paths(draft: Draft, found: list[str], separator: str, roots: tuple[str, ...]) -> Entries:
    """For each row the paths of the first column that has any; a bare number is a shop's or Google's id, no name."""
    parts: list[Entries] = []
    taken = np.zeros(len(draft), dtype=bool)
    for name in found:
        cells = _decoded(draft, name, "mainCategory")
        entries = split_at_roots(cells, separator, roots) if roots else split_entries(cells, separator or None)
        is_number = _matches(entries, r"^\d+$")
        if is_number.any():
            message = "numbers are no category names and are left out: "
            message += f"mapping={{'mainCategory': {name!r}}} takes them as they are"
            examples = entries.texts.filter(pa.array(is_number)).slice(0, 3).to_pylist()
            draft.journal.add(
                "asked", message, count=is_number.sum(), field="mainCategory", column=name, examples=examples
            )
            entries = entries.keep(~is_number)
        parts.append(entries.keep(~taken[entries.rows]))
        taken[entries.rows] = True
    return Entries.joined(parts)


def _images(draft: Draft) -> Cells:
    """All addresses of a row's images; relative ones behind the shop's image folder."""
    found = draft.columns.find_all(draft.preset.images.columns)
    if not found:
        return Cells(values=pa.nulls(len(draft), pa.large_list(TEXT)))
    parts = [(split_urls(_decoded(draft, name, "mainImageUrl")), name) for name in found]
    entries = Entries.joined([part.told(draft.journal, field="mainImageUrl", name=name) for part, name in parts])
    folder = draft.options.image_base_url or draft.preset.images.folder
    if folder:
        return Cells(values=_with_folder(entries, folder).distinct().to_lists())
    for mask, words in (
        (~_matches(entries, _HOST), "images without an address"),
        (_matches(entries, _LOCAL), "images on localhost, which nobody else can open"),
    ):
        if mask.any():
            examples = entries.texts.filter(pa.array(mask)).slice(0, 3).to_pylist()
            message = f"{words}: give image_base_url=…"
            draft.journal.add("asked", message, count=mask.sum(), field="mainImageUrl", examples=examples)
    return Cells(values=entries.distinct().to_lists())


def _matches(entries: Entries, pattern: str) -> Mask:
    return mask_of(pc.match_substring_regex(entries.texts, pattern))


def _with_folder(entries: Entries, folder: str) -> Entries:
    """Addresses without a host of their own, behind a folder."""
    homeless = pa.array(~_matches(entries, _HOST) | _matches(entries, _LOCAL))
    tails = pc.utf8_ltrim(pc.replace_substring_regex(entries.texts, _LOCAL, ""), "/")
    full = pc.binary_join_element_wise(pa.scalar(folder.rstrip("/") + "/", TEXT), tails, pa.scalar("", TEXT))
    return Entries(rows=entries.rows, texts=pc.if_else(homeless, full, entries.texts), size=entries.size)


def _derive_availability(draft: Draft, mapped: dict[str, str]) -> None:
    if "available" in draft.cells or "quantity" not in draft.cells:
        return
    count, label = draft.cells["quantity"], mapped.get("quantity", "")
    given = [count.values, *([] if count.unread is None else [count.unread])]
    # what is no count may say all the same that there is none: "brak"
    given += [draft.columns[name] for name in draft.columns.find_all([label, *label.split(", ")])]
    texts = coalesce([as_text(column) for column in given])
    said = read_availability(texts, draft.journal.quiet(), field="available").values
    in_stock = pc.if_else(texts.is_null(), pa.scalar(True), said)  # noqa: FBT003 - Arrow's own
    draft.cells["available"] = Cells(values=in_stock)
    message = "available where the quantity is above 0, or not given"
    draft.journal.add("converted", message, count=len(draft), field="available")
