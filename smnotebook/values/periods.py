"""Sale periods: whether a day or a moment lies in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.errors import UsageError
from smnotebook.values.cells import TEXT, Mask, as_text, each_distinct, mask_of, one_array

__all__ = ["Moment", "Orders", "Running", "as_iso", "moment_of", "read_moment", "running", "split_period"]

_TIME = (
    r"(?:(?:T|,?\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp][Mm])?)?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<mark>[./-])\s?(?P<two>\d{1,2})(?P=mark)\s?(?P<year>\d{4}|\d{2})" + _TIME)
_SECONDS = re.compile(r"(\d{10})(?:\d{3})?")
#: What stands for no date at all: 0, 0000-00-00 and a dash.
_NO_DATE = re.compile(r"[0\s.:/TZ-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A day, or a time of day on it.

    Attributes
    ----------
    at : datetime
        With a zone only where the text names one.
    whole_day : bool
        Whether the text names a day without a time.
    """

    at: datetime
    whole_day: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Rows whose sale lasts, and rows of which that can't be known.

    Attributes
    ----------
    mask : mask
        An absent start or end is open.
    unread, ambiguous : mask
        Rows whose dates can't be read, and rows whose dates can be read in two ways that do not agree; they are not in
        ``mask``.
    """

    mask: Mask
    unread: Mask
    ambiguous: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the dates of some columns prove about 03/04/2026: a number above 12 is a day."""

    day_first: bool = False
    month_first: bool = False

    @classmethod
    def of(cls, column: pa.Array | pa.ChunkedArray) -> Orders:
        """What one column proves."""
        texts = _texts(column)
        day_first = pc.any(pc.match_substring_regex(texts, r"^\s*(?:1[3-9]|[23]\d)[/-]\d{1,2}[/-]\d"))
        month_first = pc.any(pc.match_substring_regex(texts, r"^\s*\d{1,2}[/-](?:1[3-9]|[23]\d)[/-]\d"))
        return cls(day_first=bool(day_first.as_py()), month_first=bool(month_first.as_py()))

    def merged(self, other: Orders) -> Orders:
        """What both prove together."""
        return Orders(day_first=self.day_first or other.day_first, month_first=self.month_first or other.month_first)

    @property
    def possible(self) -> tuple[bool, ...]:
        """Whether the month may stand first: one answer where the dates prove it, both where they do not."""
        return (False, True) if self.day_first == self.month_first else (self.month_first,)


def read_moment(text: str | None, *, month_first: bool = False) -> Moment | None:
    """The moment that a text names.

    Parameters
    ----------
    month_first : bool
        How 03/04/2026 is read. Dates with points are day first, and a number above 12 is a day, always.

    Raises
    ------
    ValueError
        When it names none; an empty text, 0 and 0000-00-00 give None.
    """
    bare = "" if text is None else text.strip()
    if _NO_DATE.fullmatch(bare):
        return None
    if found := _SECONDS.fullmatch(bare):
        return Moment(at=datetime.fromtimestamp(int(found[1]), UTC), whole_day=False)
    found = _YEAR_FIRST.fullmatch(bare)
    if found:
        day, month = int(found["day"]), int(found["month"])
    elif found := _YEAR_LAST.fullmatch(bare):
        day, month = int(found["one"]), int(found["two"])
        if month > 12 or (month_first and found["mark"] != "." and day <= 12):
            day, month = month, day
    else:
        raise ValueError(text)
    year = int(found["year"])
    return _with_time(datetime(year + 2000 if year < 100 else year, month, day), found)


def _with_time(day: datetime, found: re.Match[str]) -> Moment:
    if found["hour"] is None:
        return Moment(at=day, whole_day=True)
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    # 24:00 is the end of the day
    at = day + timedelta(hours=hour, minutes=int(found["minute"]), seconds=int(found["second"] or 0))
    if hour > 24 or int(found["minute"]) > 59:
        raise ValueError(found[0])
    return Moment(at=at.replace(tzinfo=_zone(found["zone"])), whole_day=False)


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text in ("Z", "UTC"):
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:] if len(text) > 3 else 0)
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def moment_of(today: date | None) -> date:
    """What periods are judged by: as given, or this moment in the machine's own zone.

    Raises
    ------
    UsageError
        For a datetime without a zone: it is another moment in every zone; and for what is no date.
    """
    if today is None:
        return datetime.now().astimezone()
    if not isinstance(today, date):
        raise UsageError(f"today must be a date or a zoned datetime, such as date(2026, 1, 31), not {today!r}.")
    if isinstance(today, datetime) and today.tzinfo is None:
        raise UsageError(
            f"today={today.isoformat()} has no zone. Give one, tzinfo=ZoneInfo('Europe/Warsaw'), or a date."
        )
    return today


def split_period(column: pa.Array | pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Start and end of periods written in one cell: ``2025-01-01T00:00/2025-01-31T23:59``, ``1.1.2025 - 31.1.2025``."""
    texts = as_text(column)
    marked = pc.replace_substring_regex(texts, r"^([^/|]*)/([^/|]*)$", r"\1|\2")
    marked = pc.replace_substring_regex(marked, r"^([^–—|]*\d)\s+[-–—]\s+(\d[^–—|]*)$", r"\1|\2")
    parts = pc.extract_regex(marked, r"^\s*(?P<start>[^|]*?)\s*\|\s*(?P<end>[^|]*?)\s*$")
    # a period without its stroke is no period: it stays, to be found unreadable
    start = pc.if_else(parts.is_valid(), parts.field(0).cast(TEXT), texts)
    return as_text(start), as_text(parts.field(1))


def as_iso(column: pa.Array | pa.ChunkedArray, *, month_first: bool) -> pa.Array:
    """Dates as texts that can be read in one way only; what is no date stays as it is."""

    def rewrite(text: str) -> str | None:
        try:
            moment = read_moment(text, month_first=month_first)
        except ValueError:
            return text
        if moment is None:
            return None
        return moment.at.date().isoformat() if moment.whole_day else moment.at.isoformat()

    return each_distinct(_texts(column), rewrite, TEXT)


def running(
    starts: pa.Array | None, ends: pa.Array | None, today: date, size: int, *, orders: Orders | None = None
) -> Running:
    """Which rows' periods cover ``today``.

    A day without a time is covered to its end; with a time, up to that time.

    Parameters
    ----------
    today : date or zoned datetime
        For a datetime, texts without a zone are times in its zone. For a date, a period counts that covers any part of
        the day, and zones are passed over.
    orders : Orders, optional
        How 03/04/2026 may be read; where not given, the dates in both columns decide.
    """
    given = [pa.nulls(size, TEXT) if column is None else _texts(column) for column in (starts, ends)]
    if orders is None:
        orders = reduce(Orders.merged, map(Orders.of, given))
    readings = []
    for month_first in orders.possible:
        begun = _decide(given[0], lambda moment: _has_begun(moment, today), month_first=month_first)
        lasting = _decide(given[1], lambda moment: not _is_over(moment, today), month_first=month_first)
        readings.append(pc.and_(begun, lasting))
    first, other = readings[0], readings[-1]
    agreed = pc.if_else(pc.equal(first, other), first, pa.scalar(None, pa.bool_()))
    # what can be read one way only is read that way
    known = pc.coalesce(agreed, pc.if_else(other.is_null(), first, pa.scalar(None, pa.bool_())))
    is_open = mask_of(pc.and_(first.is_valid(), other.is_valid())) & mask_of(known.is_null())
    return Running(mask=mask_of(known), unread=mask_of(known.is_null()) & ~is_open, ambiguous=is_open)


def _texts(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Dates as text; a column of timestamps that are all at midnight holds days."""
    flat = one_array(column)
    if pa.types.is_timestamp(flat.type) and flat.type.tz is None:
        days = flat.cast(pa.date32(), safe=False)
        if pc.all(pc.equal(days.cast(flat.type), flat)).as_py() is not False:
            flat = days
    return as_text(flat)


def _decide(texts: pa.Array, holds: Callable[[Moment], bool], *, month_first: bool) -> pa.Array:
    """Whether it holds for each row's moment; true where there is none, null where it can't be read."""

    def decide(text: str) -> bool | None:
        try:
            moment = read_moment(text, month_first=month_first)
            return moment is None or holds(moment)
        except (ValueError, OverflowError):
            return None

    decided = each_distinct(texts, decide, pa.bool_())
    return pc.if_else(texts.is_null(), pa.scalar(True), decided) if len(texts) else decided  # noqa: FBT003


def _has_begun(start: Moment, today: date) -> bool:
    if isinstance(today, datetime):
        return _zoned(start.at, today) <= today
    return start.at.date() <= today


def _is_over(end: Moment, today: date) -> bool:
    last = end.at.date()
    if end.whole_day:
        return last < (today.date() if isinstance(today, datetime) else today)
    if isinstance(today, datetime):
        return _zoned(end.at, today) <= today
    # a sale that ends at midnight does not cover the day that then begins
    return last < today or (last == today and not (end.at.hour or end.at.minute or end.at.second))


def _zoned(moment: datetime, today: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=today.tzinfo)
