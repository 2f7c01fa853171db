"""Attribute lists - names in one column, values in another, or name=value in one cell - as product fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import Details
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.values.cells import TEXT, TEXTS, Cells, as_text, is_list, mask_of
from smnotebook.values.entries import Entries, split_entries
from smnotebook.values.plain_text import DECODED, clean
from smnotebook.values.transforms import PRODUCT_FIELDS
from smnotebook.values.vocabulary import plain_word

__all__ = ["read_attributes"]

_DETAIL_LIMIT = next(d.constraint.max for d in PRODUCT_FIELDS.values() if isinstance(d.constraint, Details))

_FIELDS = {
    "systemDetails.color": "color colour kolor farbe couleur colore barva farba kolory",
    "systemDetails.brand": "brand marka marke marque marca",
    "systemDetails.manufacturer": "manufacturer producent producer hersteller fabricant fabricante produttore vyrobce",
    "systemDetails.season": "season sezon saison temporada stagione",
}
_FIELD_OF = {word: field for field, words in _FIELDS.items() for word in words.split()}


def read_attributes(draft: Draft) -> dict[str, Cells]:
    """The attribute values of each row, as lists by field; at most as many details as the API takes."""
    found = list(_pairs(draft.columns, draft)) + list(_assignments(draft.columns, draft))
    by_field: dict[str, list[Entries]] = {}
    left_out = {plain_word(name) for name in draft.preset.attributes.left_out}
    for names, values in found:
        for name, field in _fields_of(names).items():
            if plain_word(name) in left_out:
                continue
            hit = mask_of(pc.equal(names, name))
            by_field.setdefault(field, []).append(_telling(values.keep(hit), field, draft))
    _keep_most_common(by_field, draft)
    return {field: Cells(values=Entries.joined(parts).distinct().to_lists()) for field, parts in by_field.items()}


def _telling(values: Entries, field: str, draft: Draft) -> Entries:
    """Decoded, without words that stand for nothing."""
    texts = clean(values.texts, DECODED, draft.journal, field=field)
    return Entries.of(values.rows, texts, values.size).told(draft.journal, field=field)


def _fields_of(names: pa.Array) -> dict[str, str]:
    """Each attribute name with the field it goes into."""
    found = {}
    for name in pc.unique(names).to_pylist():
        word = plain_word(name.removeprefix("pa_"))
        found[name] = _FIELD_OF.get(word, "customDetails." + " ".join(name.replace(".", " ").split()))
    return found


def _pairs(columns: Columns, draft: Draft) -> Iterator[tuple[pa.Array, Entries]]:
    """Names and values of each pair of columns, aligned; a name that is absent is that of the product's first row."""
    for name_column, value_column in draft.preset.attributes.pairs:
        for number in range(1, 21) if "#" in name_column else (0,):
            name, value = (columns.find(given.replace("#", str(number))) for given in (name_column, value_column))
            if name is None or value is None:
                continue
            names, values = columns[name], columns[value]
            if is_list(names.type) or is_list(values.type):
                yield _aligned(_as_lists(names), _as_lists(values))
                continue
            # Wix writes colours as #000000:Black
            told = pc.replace_substring_regex(as_text(values), r"#[0-9a-fA-F]{3,8}:", "")
            entries = split_entries(told, draft.preset.attributes.values or None)
            entries = entries.keep(~mask_of(pc.is_in(entries.texts, pa.array(draft.preset.attributes.ignored, TEXT))))
            row_names = _inherited(as_text(names), draft)
            per_entry = row_names.take(pa.array(entries.rows))
            named = mask_of(per_entry.is_valid())
            yield per_entry.filter(pa.array(named)), entries.keep(named)


def _as_lists(column: pa.Array) -> pa.Array:
    if is_list(column.type):
        return column.cast(TEXTS)
    texts = as_text(column)
    offsets = np.concatenate([[0], np.cumsum(mask_of(texts.is_valid()))])
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), texts.drop_null())


def _aligned(names: pa.Array, values: pa.Array) -> tuple[pa.Array, Entries]:
    """Lists of names and of values, entry by entry, in the rows where both are as long."""
    even = pc.fill_null(pc.equal(pc.list_value_length(names), pc.list_value_length(values)), False)  # noqa: FBT003
    nothing = pa.scalar(None, TEXTS)
    names, values = (pc.if_else(even, lists, nothing) for lists in (names, values))
    rows = pc.list_parent_indices(values).to_numpy(zero_copy_only=False)
    told = pc.list_flatten(names)
    texts = pc.utf8_trim_whitespace(pc.list_flatten(values))
    there = mask_of(pc.and_(pc.not_equal(texts, ""), told.is_valid()))
    kept = pa.array(there)
    return told.filter(kept), Entries(rows=rows[there], texts=texts.filter(kept), size=len(values))


def _inherited(names: pa.Array, draft: Draft) -> pa.Array:
    """Names filled from the first row of the same product: exports write them once."""
    if draft.group is None or not names.null_count:
        return names
    group = as_text(draft.group)
    first = np.flatnonzero(mask_of(pc.and_(names.is_valid(), group.is_valid())))
    index = pc.index_in(group, value_set=group.take(pa.array(first)))
    return pc.coalesce(names, names.take(pa.array(first)).take(index))


def _assignments(columns: Columns, draft: Draft) -> Iterator[tuple[pa.Array, Entries]]:
    attributes = draft.preset.attributes
    for name in columns.find_all(attributes.assignments):
        entries = split_entries(columns[name], attributes.separator)
        sign = "\\" + attributes.sign
        parts = pc.extract_regex(
            entries.texts, rf"^\s*(?P<name>[^{sign}]+?)\s*{sign}\s*(?P<value>[^{sign}]+?)\s*(?:{sign}.*)?$"
        )
        good = mask_of(parts.is_valid())
        kept = entries.keep(good)
        read = parts.filter(pa.array(good))
        yield read.field(0).cast(TEXT), Entries(rows=kept.rows, texts=read.field(1).cast(TEXT), size=kept.size)


def _keep_most_common(by_field: dict[str, list[Entries]], draft: Draft) -> None:
    counts = Counter({field: sum(len(part.rows) for part in parts) for field, parts in by_field.items()})
    details = [field for field, _ in counts.most_common() if field.startswith("customDetails.")]
    for field in details[_DETAIL_LIMIT:]:
        del by_field[field]
    if len(details) > _DETAIL_LIMIT:
        left = [field.partition(".")[2] for field in details[_DETAIL_LIMIT:]]
        message = f"more than {_DETAIL_LIMIT} kinds of attributes: the {_DETAIL_LIMIT} most common kept"
        draft.journal.add("dropped", message, count=len(left), field="customDetails", examples=left)
