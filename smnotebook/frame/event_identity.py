"""Rows of events as they are compared: which are one event written twice, in this frame or in the ledger."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.event_identity import BLANKS, compared_address
from smnotebook.frame.arrow import Positions, take_rows
from smnotebook.frame.duplicates import cell_codes
from smnotebook.frame.table import CanonicalTable, Column

__all__ = ["as_compared", "repeats_without_id"]

_TEXT = pa.large_string()
_NOTHING = pa.scalar(None, _TEXT)


def as_compared(table: CanonicalTable) -> CanonicalTable:
    """The table with addresses and ids as the service compares them; the same object where they are so already."""
    by_path = {column.binding.path: column for column in table.columns}
    changed: dict[str, pa.ChunkedArray] = {}
    if (email := by_path.get("email")) is not None:
        contact_id = by_path.get("contactId")
        changed["email"] = _addresses(email.values, None if contact_id is None else contact_id.values)
    if (external_id := by_path.get("externalId")) is not None:
        changed["externalId"] = _ids(external_id.values)
    if all(values.equals(by_path[path].values) for path, values in changed.items()):
        return table

    def compared(column: Column) -> Column:
        path = column.binding.path
        return replace(column, values=changed[path]) if path in changed else column

    return replace(table, columns=tuple(map(compared, table.columns)))


def _addresses(emails: pa.ChunkedArray, contact_ids: pa.ChunkedArray | None) -> pa.ChunkedArray:
    """Without regard to case; none where the contact's id travels in its place."""
    if pc.all(pc.string_is_ascii(emails)).as_py() is False:
        # Arrow and Python lower some letters differently, and a single event is compared by Python
        texts = [None if email is None else compared_address(email) for email in emails.to_pylist()]
        lowered = pa.chunked_array([pa.array(texts, _TEXT)])
    else:
        lowered = pc.utf8_lower(emails)
    if contact_ids is None:
        return lowered
    return pa.chunked_array(
        [pc.if_else(contact_ids.combine_chunks().is_valid(), _NOTHING, lowered.combine_chunks())], _TEXT
    )


def _ids(external_ids: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim(external_ids, characters=BLANKS)
    return pc.if_else(pc.equal(trimmed, ""), _NOTHING, trimmed)


def repeats_without_id(table: CanonicalTable) -> Positions:
    """Rows without an ``externalId`` that repeat an earlier row in every field, ascending.

    Parameters
    ----------
    table : CanonicalTable
        As :func:`as_compared` gives it.
    """
    external_ids = table.find("externalId")
    rows = np.arange(table.rows) if external_ids is None else np.flatnonzero(external_ids.is_null().to_numpy())
    if (dates := table.find("date")) is not None:
        rows = rows[_occur_twice(pc.fill_null(take_rows(dates, rows), -1).to_numpy())]
    groups = np.zeros(len(rows), dtype=np.int64)
    # times and people first: after these two, few rows are left to compare
    telling = {"date": 0, "email": 1, "contactId": 2}
    for column in sorted(table.columns, key=lambda column: telling.get(column.binding.path, 3)):
        if len(rows) == 0:
            break
        codes = cell_codes(column, rows)
        codes -= codes.min()
        groups, counts = np.unique(groups * (codes.max() + 1) + codes, return_inverse=True, return_counts=True)[1:]
        is_repeated = counts[groups] > 1
        rows, groups = rows[is_repeated], groups[is_repeated]
    is_later = np.ones(len(rows), dtype=bool)
    is_later[np.unique(groups, return_index=True)[1]] = False
    return rows[is_later]


def _occur_twice(moments: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which numbers occur more than once; sorting them takes a fifth of the time of numbering them by a hash table."""
    order = np.sort(moments)
    return np.isin(moments, order[1:][order[1:] == order[:-1]])
