"""Texts without what exports, spreadsheets and pages put into them: guards, control characters, entities and tags."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.damage import ID_DAMAGE, TEXT_DAMAGE
from smnotebook.values.byte_scan import find_bytes, rows_at, text_buffer
from smnotebook.values.cells import (
    TEXT,
    TEXTS,
    as_text,
    distinct_texts,
    each_distinct,
    is_list,
    is_text,
    mask_of,
    one_array,
)
from smnotebook.values.findings import FindingKind, Journal

__all__ = [
    "CLEANED",
    "DECODED",
    "bare_id",
    "clean",
    "decode_entities",
    "decode_markup",
    "drop_invisible",
    "take_off_guard",
]

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MARKUP = next(damage.pattern for damage in TEXT_DAMAGE if damage.name == "markup")
_TAG = re.compile(_MARKUP.partition(";|")[2])
_BLOCK_TAG = re.compile(r"(?i)</?(?:br|p|div|li|tr|td|th|h[1-6]|hr|ul|ol|table)\b")
_CONTROL = re.compile(next(damage.pattern for damage in TEXT_DAMAGE if damage.name == "control"))
_INVISIBLE = re.compile(next(damage.pattern for damage in ID_DAMAGE if damage.name == "invisible"))

#: An apostrophe before a sign that begins a formula, as exports guard it, or before nothing but a number, as
#: spreadsheets mark text; and a formula that is nothing but a text.
_GUARD = re.compile(r"""'(?=[-+=@\t\r])|'(?=\d[\d.,]*\Z)|="(?P<held>[^"]*)"\Z""")

#: Entities within entities, as text has that was escaped more than once.
_MOST_ROUNDS = 3


def decode_entities(text: str) -> str:
    """Entities become characters, also those that were escaped twice; one without its semicolon is text."""
    for _ in range(_MOST_ROUNDS):
        plain = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
        if plain == text:
            break
        text = plain
    return text


def decode_markup(text: str) -> str:
    """Entities become characters; tags that HTML knows go, others are text."""
    plain = decode_entities(text)
    bare = _TAG.sub(lambda found: " " if _BLOCK_TAG.match(found[0]) else "", plain)
    return plain if bare == plain else " ".join(bare.split())


def take_off_guard(text: str) -> str:
    """Without the mark that keeps a spreadsheet from calculating: ``'-3`` is -3, ``="00123"`` is 00123."""
    found = _GUARD.match(text)
    if found is None:
        return text
    return text[1:] if found["held"] is None else found["held"]


def drop_invisible(text: str) -> str:
    """Without control and zero-width characters; line breaks and tabs stay."""
    return _CONTROL.sub("", text)


def bare_id(text: str) -> str:
    """An id without a spreadsheet's guard, without characters that nobody sees, and without blanks around it."""
    seen = _INVISIBLE.sub("", text).strip()
    return take_off_guard(seen.removeprefix("'")).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """A change to texts, and how it is told.

    Attributes
    ----------
    signs, below, leads
        Bytes that a text holds that needs it, as :func:`find_bytes` takes them.
    at_start : bool
        Whether the signs count only as a text's first byte.
    """

    change: Callable[[str], str]
    message: str
    signs: tuple[int, ...]
    below: int = 0
    leads: tuple[int, ...] = ()
    at_start: bool = False
    kind: FindingKind = "converted"

    def concerns(self, lowest: int, highest: int) -> bool:
        """Whether texts whose bytes lie in this range may need it."""
        signs = any(lowest <= sign <= highest for sign in self.signs)
        return signs or lowest < self.below or any(lead <= highest for lead in self.leads)

    def candidates(self, texts: pa.LargeStringArray) -> np.ndarray:
        """Rows of texts that may need it."""
        inside, starts, ends = text_buffer(texts)
        if len(inside) == 0:
            return np.empty(0, dtype=np.int64)
        if self.at_start:
            if not any((inside == sign).any() for sign in self.signs):
                return np.empty(0, dtype=np.int64)
            first = inside[np.minimum(starts, len(inside) - 1)]
            return np.flatnonzero(np.isin(first, self.signs) & (ends > starts))
        return rows_at(find_bytes(inside, below=self.below, signs=self.signs, leads=self.leads), ends)


#: What every cell of a file is rid of.
CLEANED = (
    Cleaning(
        change=drop_invisible,
        message="control and zero-width characters taken out",
        signs=(),
        below=0x20,
        leads=(0xC2, 0xE2, 0xEF),
    ),
    Cleaning(
        change=take_off_guard,
        message="a spreadsheet's guard before the value taken off",
        signs=tuple(b"'="),
        at_start=True,
    ),
)
#: What a name, a category, a brand or an address is rid of.
DECODED = Cleaning(change=decode_markup, message="HTML entities and tags decoded", signs=tuple(b"&<"))
#: What an id is rid of besides.
BARE_IDS = Cleaning(
    change=bare_id,
    message="blanks, marks and characters that nobody sees taken off ids",
    signs=tuple(b" '"),
    below=0x20,
    leads=(0xC2, 0xE2, 0xEF),
)


def clean(
    column: pa.Array | pa.ChunkedArray,
    cleaning: Cleaning,
    journal: Journal,
    *,
    field: str | None = None,
    name: str | None = None,
) -> pa.Array:
    """The column, texts or lists of texts, with the cleaning done where a text needs it, which is noted."""
    flat = one_array(column)
    if is_list(flat.type):
        lists = flat.cast(TEXTS)
        entries = clean(lists.flatten(), cleaning, journal, field=field, name=name)
        offsets = np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(lists), 0).to_numpy())])
        missing = mask_of(lists.is_null())
        return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), entries.cast(TEXT), mask=pa.array(missing))
    if not is_text(flat.type):
        return flat
    texts = flat.cast(TEXT)
    rows = cleaning.candidates(texts)
    if len(rows) == 0:
        return flat
    before = texts.take(pa.array(rows))
    after = each_distinct(before, lambda text: None if text is None else cleaning.change(text), TEXT)
    changed = mask_of(pc.not_equal(before, after))
    if not changed.any():
        return flat
    examples = distinct_texts(before.filter(pa.array(changed)))
    journal.add(cleaning.kind, cleaning.message, count=changed.sum(), field=field, column=name, examples=examples)
    mask = np.zeros(len(texts), dtype=bool)
    mask[rows[changed]] = True
    return as_text(pc.replace_with_mask(texts, pa.array(mask), after.filter(pa.array(changed))))
