"""Every cell of a file without what spreadsheets, exports and wrong encodings put into it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.byte_scan import byte_range
from smnotebook.values.cells import TEXT, TEXTS, distinct_texts, is_list, is_text, one_array
from smnotebook.values.findings import Journal
from smnotebook.values.mojibake import mend_text, still_broken, twice_encoded
from smnotebook.values.plain_text import CLEANED, clean
from smnotebook.values.typed import unmarked

__all__ = ["CleanedColumns", "clean_cells"]


def clean_cells(table: pa.Table, journal: Journal, *, mend: bool) -> pa.Table:
    """The table without guards and unseen characters; text encoded twice is found, and repaired where asked."""
    columns = []
    for at, name in enumerate(table.column_names):
        column = one_array(table.column(at))
        lowest, highest = byte_range(column) if is_text(column.type) else (0, 255)
        for cleaning in CLEANED:
            if cleaning.concerns(lowest, highest):
                column = clean(column, cleaning, journal, name=name)
        columns.append(column if highest < 0x80 else _repaired(column, name, journal, mend=mend))
    return pa.Table.from_arrays(columns, names=table.column_names)


def _repaired(flat: pa.Array, name: str, journal: Journal, *, mend: bool) -> pa.Array:
    """The column with text that was encoded twice found, and repaired where asked."""
    if is_list(flat.type) and is_text(flat.type.value_type):
        lists = flat.cast(TEXTS)
        entries = _repaired(lists.flatten(), name, journal, mend=mend)
        offsets = np.concatenate([[0], np.cumsum(pc.fill_null(pc.list_value_length(lists), 0).to_numpy())])
        return pa.LargeListArray.from_arrays(pa.array(offsets), entries.cast(TEXT), mask=lists.is_null())
    if not is_text(flat.type):
        return flat
    lost = still_broken(flat)
    if lost.any():
        examples = distinct_texts(flat.filter(pa.array(lost)))
        message = "letters were lost when the file was decoded, and can't be repaired: read it with its right encoding"
        journal.add("warned", message, count=lost.sum(), column=name, examples=examples)
    wrong = twice_encoded(flat)
    if not wrong.any():
        return flat
    examples = distinct_texts(flat.filter(pa.array(wrong)))
    if mend:
        journal.add("converted", "text encoded twice was repaired", count=wrong.sum(), column=name, examples=examples)
        return mend_text(flat, wrong)
    message = "text looks encoded twice: mend_encoding=True repairs it"
    journal.add("warned", message, count=wrong.sum(), column=name, examples=examples)
    return flat


@dataclass(frozen=True, kw_only=True)
class CleanedColumns:
    """A chunk for the first pass, which asks for few of its columns: each is cleaned when it is."""

    table: pa.Table
    mend: bool

    @property
    def names(self) -> list[str]:
        """All column names."""
        return list(self.table.column_names)

    def __getitem__(self, name: str) -> pa.Array:
        return unmarked(self.typed(name))

    def typed(self, name: str) -> pa.Array:
        """The cells of a column with the marks of typed numbers."""
        column = clean_cells(self.table.select([name]), Journal(), mend=self.mend).column(0)
        return one_array(column)
