"""Cells that hold several entries: split, gathered from several columns, cut to the field's limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import TEXT, TEXTS, as_text, distinct_texts, is_list, mask_of, one_array
from smnotebook.values.findings import Journal
from smnotebook.values.placeholders import without_placeholders
from smnotebook.values.typed import unmarked

__all__ = ["Entries", "single_entries", "split_entries", "split_urls"]

_HELD = "\x1e"  # stands for a separator that was escaped
_CUT = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The entries of all rows, one after the other, ordered by row.

    Attributes
    ----------
    rows : ndarray of int64
        The row of each entry.
    texts : pa.Array
        The entries: trimmed, none empty.
    size : int
        Number of rows.
    """

    rows: npt.NDArray[np.int64]
    texts: pa.Array
    size: int

    @classmethod
    def of(cls, rows: npt.NDArray[np.int64], texts: pa.Array, size: int) -> Entries:
        """Entries from their parts: trimmed, empty ones left out."""
        trimmed = pc.utf8_trim_whitespace(texts.cast(TEXT))
        there = mask_of(pc.not_equal(trimmed, ""))
        return cls(rows=rows[there], texts=trimmed.filter(pa.array(there)), size=size)

    @classmethod
    def joined(cls, parts: Iterable[Entries]) -> Entries:
        """The entries of several columns, in the columns' order within each row."""
        listed = list(parts)
        rows = np.concatenate([part.rows for part in listed])
        order = np.argsort(rows, kind="stable")
        texts = pa.concat_arrays([part.texts for part in listed])
        return cls(rows=rows[order], texts=texts.take(pa.array(order)), size=listed[0].size)

    def keep(self, mask: npt.NDArray[np.bool_]) -> Entries:
        """Only the entries where the mask is true."""
        return Entries(rows=self.rows[mask], texts=self.texts.filter(pa.array(mask)), size=self.size)

    def told(self, journal: Journal, *, field: str, name: str | None = None) -> Entries:
        """Without words that stand for nothing in this field."""
        texts = without_placeholders(self.texts, journal, field=field, name=name)
        return self if texts is self.texts else Entries.of(self.rows, texts.fill_null(""), self.size)

    def distinct(self) -> Entries:
        """Without what a row holds already."""
        if len(self.rows) < 2 or (np.diff(self.rows) > 0).all():
            return self
        codes = self.texts.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
        repeated = pd.Series(self.rows * (codes.max(initial=0) + 1) + codes).duplicated().to_numpy()
        return self.keep(~repeated) if repeated.any() else self

    def without(self, texts: pa.Array) -> Entries:
        """Without those that equal the row's own text in ``texts``."""
        return self.keep(~mask_of(pc.equal(self.texts, texts.take(pa.array(self.rows)))))

    @property
    def places(self) -> npt.NDArray[np.int64]:
        """The place of each entry within its row, from 0."""
        starts = np.searchsorted(self.rows, self.rows)
        return np.arange(len(self.rows)) - starts

    def first(self) -> pa.Array:
        """The first entry of each row, null where there is none."""
        return self.one_a_row(self.places == 0)

    def one_a_row(self, mask: npt.NDArray[np.bool_]) -> pa.Array:
        """The entries where the mask is true, at most one a row, as a column."""
        at = np.full(self.size, -1, dtype=np.int64)
        at[self.rows[mask]] = np.flatnonzero(mask)
        return self.texts.take(pa.array(at, mask=at < 0))

    def rest(self) -> Entries:
        """All but the first entry of each row."""
        return self.keep(self.places > 0)

    def cut(self, limit: int) -> tuple[Entries, int]:
        """At most ``limit`` entries a row, and how many rows had more."""
        beyond = self.places >= limit
        return (self.keep(~beyond), len(np.unique(self.rows[beyond]))) if beyond.any() else (self, 0)

    def to_lists(self) -> pa.Array:
        """The entries as a column of lists; null where a row has none."""
        counts = np.bincount(self.rows, minlength=self.size)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        return pa.LargeListArray.from_arrays(
            pa.array(offsets, pa.int64()), self.texts.cast(TEXT), mask=pa.array(counts == 0)
        ).cast(TEXTS)


def split_entries(column: pa.Array | pa.ChunkedArray, separator: str | None = ",") -> Entries:
    """The entries of each cell: a list's own, or a text split at ``separator`` (one behind a backslash is none).

    None means that a text is one entry.
    """
    flat = one_array(column)
    if is_list(flat.type):
        lists = flat.cast(TEXTS)
        return Entries.of(
            pc.list_parent_indices(lists).to_numpy(zero_copy_only=False),
            pc.list_flatten(lists).fill_null(""),
            len(flat),
        )
    texts = as_text(flat).fill_null("")
    if separator is None:
        return Entries.of(np.arange(len(texts)), texts, len(texts))
    lists = pc.split_pattern(pc.replace_substring(texts, "\\" + separator, _HELD), separator)
    entries = pc.replace_substring(pc.list_flatten(lists), _HELD, separator)
    return Entries.of(pc.list_parent_indices(lists).to_numpy(zero_copy_only=False), entries, len(texts))


def single_entries(
    column: pa.Array, journal: Journal, *, field: str, name: str | None = None
) -> tuple[pa.Array, pa.Array | None]:
    """Lists where one value is due: the entries of cells with one, and the text of cells with several that differ.

    Which of several is meant only a person can say, so it is asked.
    """
    entries = split_entries(column).distinct()
    counts = np.bincount(entries.rows, minlength=entries.size)
    if not (counts > 1).any():
        return entries.first(), None
    several = pa.array(counts > 1)
    none = pa.scalar(None, TEXT)
    texts = pc.if_else(several, as_text(unmarked(column)), none)
    message = "several values in one cell where one is due: map a column with one, or split the rows"
    journal.add("asked", message, count=(counts > 1).sum(), field=field, column=name, examples=distinct_texts(texts))
    return pc.if_else(several, none, entries.first()), texts


def split_urls(column: pa.Array | pa.ChunkedArray) -> Entries:
    """Addresses in one cell, whatever stands between them; a comma inside an address is part of it."""
    flat = one_array(column)
    if is_list(flat.type):
        return split_entries(flat)
    texts = as_text(flat).fill_null("")
    absolute = pc.match_substring_regex(texts, r"(?i)\bhttps?:|(?:^|[,;|\s])//")
    between = pc.replace_substring_regex(texts, r"(?i)[,;|\s]+((?:https?:)?//)", _CUT + r"\1")
    relative = pc.replace_substring_regex(texts, r"[,;|]+", _CUT)
    return split_entries(pc.if_else(absolute, between, relative), _CUT)
