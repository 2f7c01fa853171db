"""Sale periods: whether today lies in them."""

from __future__ import annotations

import re
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import Mask, as_text, each_distinct, mask_of

__all__ = ["covers", "read_day", "split_period"]

_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-?(\d{1,2})-?(\d{1,2})(?!\d)")
_US_SHORT = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2})(?!\d)")


def read_day(text: str | None) -> date | None:
    """The day that a text names, None where it names none; 0000-00-00 and the like name none.

    Time of day and zone are passed over: a sale that ends today counts today.
    """
    if text is None:
        return None
    found = _YEAR_FIRST.match(text.strip())
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY_FIRST.match(text.strip()):
            first, second = int(found[1]), int(found[2])
            # 12/31/2025 can only be written month first
            day, month = (second, first) if second > 12 else (first, second)
            return date(int(found[3]), month, day)
        if found := _US_SHORT.match(text.strip()):
            return datetime.strptime(found[0], "%m/%d/%y").date()
    except ValueError:
        return None
    return None


def split_period(column: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Start and end of periods written in one cell, ``2025-01-01T00:00/2025-01-31T23:59``."""
    texts = as_text(column)
    parts = pc.extract_regex(texts, r"^\s*(?P<start>[^/]*?)\s*/\s*(?P<end>[^/]*?)\s*$")
    return as_text(parts.field(0)), as_text(parts.field(1))


def covers(starts: pa.Array | None, ends: pa.Array | None, today: date, size: int) -> Mask:
    """Whether each row's period covers ``today``; an absent end is open."""
    begun = _compare(starts, lambda day: day <= today, size)
    lasting = _compare(ends, lambda day: day >= today, size)
    result: Mask = begun & lasting
    return result


def _compare(column: pa.Array | None, holds: object, size: int) -> Mask:
    if column is None:
        column = pa.nulls(size, pa.large_string())

    def decide(text: str | None) -> bool:
        day = read_day(text)
        return True if day is None else bool(holds(day))  # type: ignore[operator]

    return mask_of(pc.fill_null(each_distinct(column, decide, pa.bool_()), True))  # noqa: FBT003 - Arrow's own
