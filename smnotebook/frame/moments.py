"""Columns of times, in whatever form, to milliseconds since 1970: the rules of ``contract.event_fields.When``.

Each function reads one block of a column; positions count from the block's beginning.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.event_fields import When
from smnotebook.contract.events import EARLIEST_LIKELY, LATEST, Moment
from smnotebook.contract.fields import Broken
from smnotebook.frame.arrow import Positions, byte_lengths, positions_where
from smnotebook.frame.conversions import Converted, read_whole, refuse_all

__all__ = ["read_moments"]

_PER_MILLISECOND = {"us": 1_000, "ns": 1_000_000}
_DAY = 86_400_000
_NAT = np.iinfo(np.int64).min

# What these prove good is read by a kernel, anything else one by one. Years from 1000 on, as fromisoformat has them.
_DATE = r"[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{3}(?:\d{3})?)?)?"
_LOCAL = rf"^{_DATE}(?:[T ]{_TIME})?$"
_PLACED = rf"^{_DATE}[T ]{_TIME}(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$"


@dataclass(slots=True)
class _Reading:
    """A block while it is read: milliseconds, where there are any, and the faults by rule."""

    numbers: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    faults: defaultdict[str, list[Positions]] = field(default_factory=lambda: defaultdict(list))

    def refuse(self, rule: str, positions: Positions) -> None:
        """Leave these cells out, for this reason."""
        if len(positions):
            self.known[positions] = False
            self.faults[rule].append(positions)

    def finish(self, constraint: Moment) -> Converted:
        """Hold what was read to the limits."""
        self.refuse("range", np.flatnonzero(self.known & ((self.numbers < 0) | (self.numbers > LATEST))))
        early = np.flatnonzero(self.known & (self.numbers < EARLIEST_LIKELY))
        if isinstance(constraint, When):
            self.refuse("seconds", early)
        elif len(early):
            self.faults["seconds"].append(early)  # advice: the value stays
        found = [(rule, np.sort(np.concatenate(parts))) for rule, parts in self.faults.items()]
        return pa.array(np.where(self.known, self.numbers, 0), mask=~self.known), found


def read_moments(array: pa.Array, constraint: Moment) -> Converted:
    """Timestamps, dates, texts and numbers as milliseconds; times without a zone take the constraint's."""
    kind = array.type
    if pa.types.is_large_string(kind):
        return _from_texts(array, constraint).finish(constraint)
    if isinstance(constraint, When) and (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
        return _from_timestamps(array, constraint).finish(constraint)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind):
        return _from_numbers(array).finish(constraint)
    return refuse_all(array, pa.int64())


def _from_numbers(array: pa.Array) -> _Reading:
    whole, faults = read_whole(array)
    reading = _blank(whole)
    for rule, positions in faults:
        # a float beyond its exact numbers stands for no moment; an integer beyond 64 bits for a very late one
        reading.refuse("range" if rule == "range" and not pa.types.is_floating(array.type) else "type", positions)
    return reading


def _blank(array: pa.Array) -> _Reading:
    """An int64 array as a reading."""
    known = array.is_valid().to_numpy(zero_copy_only=False).copy()
    return _Reading(np.array(pc.fill_null(array, 0).to_numpy(zero_copy_only=False), dtype=np.int64), known)


def _from_timestamps(array: pa.Array, constraint: When) -> _Reading:
    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("ms"))
    unit, is_local = array.type.unit, array.type.tz is None
    if unit == "s":
        array, unit = array.cast(pa.timestamp("ms", array.type.tz)), "ms"
    reading = _blank(array.cast(pa.int64()))
    if unit in _PER_MILLISECOND:
        reading.numbers //= _PER_MILLISECOND[unit]
    if is_local:
        _place(reading, np.flatnonzero(reading.known), constraint)
    return reading


def _place(reading: _Reading, local: Positions, constraint: When) -> None:
    """Put times without a zone into the constraint's."""
    if constraint.zone is None:
        reading.refuse("zone", local)
        return
    numbers = reading.numbers[local]
    # far outside, the zone's rules have no say; a day is more than any offset
    outside = (numbers < -_DAY) | (numbers > LATEST + _DAY)
    reading.refuse("range", local[outside])
    local, numbers = local[~outside], numbers[~outside]
    times = pd.DatetimeIndex(numbers.astype("datetime64[ms]"))
    # not the name: pandas 2 makes of it a zone that knows no summer time after 2037
    zone = ZoneInfo(constraint.zone)
    placed = times.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").asi8.copy()
    odd = np.flatnonzero(placed == _NAT)  # they came twice, or never
    earlier, later = (
        times[odd].tz_localize(zone, ambiguous=np.full(len(odd), is_first), nonexistent="NaT").asi8
        for is_first in (True, False)
    )
    reading.numbers[local] = placed
    reading.numbers[local[odd]] = later if constraint.ambiguous == "later" else earlier
    reading.refuse("skipped", local[odd[earlier == _NAT]])
    if constraint.ambiguous is None:
        reading.refuse("ambiguous", local[odd[earlier != _NAT]])


def _from_texts(array: pa.LargeStringArray, constraint: Moment) -> _Reading:
    known = array.is_valid().to_numpy(zero_copy_only=False).copy()
    reading = _Reading(np.zeros(len(array), dtype=np.int64), known)
    open_ones = known.copy()
    if isinstance(constraint, When) and _is_all_seconds(array) and _read_all(array, reading):
        _place(reading, np.arange(len(array)), constraint)
        return reading
    if isinstance(constraint, When):
        local = _read_by_kernel(array, _LOCAL, pa.timestamp("us"), reading)
        placed = _read_by_kernel(array, _PLACED, pa.timestamp("us", "UTC"), reading)
        open_ones[local] = open_ones[placed] = False
        _place(reading, local, constraint)
    _read_one_by_one(array, np.flatnonzero(open_ones), constraint, reading)
    return reading


# How most tools write a time: 2026-11-21 14:30:00.
_SECONDS = b"dddd-dd-ddTdd:dd:dd"


def _is_all_seconds(array: pa.LargeStringArray) -> bool:
    """Whether every text has the form of ``_SECONDS``: a look at each byte, several times faster than a pattern."""
    if array.null_count or len(array) == 0 or (byte_lengths(array) != len(_SECONDS)).any():
        return False
    _, offsets, content = array.buffers()
    start = int(np.frombuffer(offsets, dtype=np.int64, count=1, offset=8 * array.offset)[0])
    seen = np.frombuffer(content, dtype=np.uint8, count=len(array) * len(_SECONDS), offset=start)
    rows = seen.reshape(len(array), len(_SECONDS))
    form = np.frombuffer(_SECONDS, dtype=np.uint8)
    digits = rows[:, form == ord("d")]
    parts = rows[:, (form == ord("-")) | (form == ord(":"))]
    middle = rows[:, 10]
    return bool(
        ((digits >= ord("0")) & (digits <= ord("9"))).all()
        and (parts == form[(form == ord("-")) | (form == ord(":"))]).all()
        and ((middle == ord("T")) | (middle == ord(" "))).all()
        and (rows[:, 0] != ord("0")).all()
    )


def _read_all(array: pa.LargeStringArray, reading: _Reading) -> bool:
    """Read all of a block; false where the calendar or the clock lacks one of them."""
    try:
        times = array.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return False
    reading.numbers[:] = times.cast(pa.int64()).to_numpy(zero_copy_only=False) * 1_000
    return True


def _read_by_kernel(array: pa.LargeStringArray, pattern: str, kind: pa.DataType, reading: _Reading) -> Positions:
    """Read the texts of one form; which they are. None where the calendar lacks one of the days."""
    positions = positions_where(pc.match_substring_regex(array, pattern))
    try:
        times = array.take(pa.array(positions)).cast(kind)
    except pa.ArrowInvalid:
        return np.empty(0, dtype=np.int64)
    reading.numbers[positions] = times.cast(pa.int64()).to_numpy(zero_copy_only=False) // _PER_MILLISECOND["us"]
    return positions.astype(np.int64)


def _read_one_by_one(array: pa.LargeStringArray, positions: Positions, constraint: Moment, reading: _Reading) -> None:
    refused = defaultdict(list)
    for position, text in zip(positions.tolist(), array.take(pa.array(positions)).to_pylist(), strict=True):
        try:
            reading.numbers[position] = constraint.coerce(text)
        except Broken as broken:
            refused[broken.faults[0][1].name].append(position)
    for rule, places in refused.items():
        reading.refuse(rule, np.array(places, dtype=np.int64))
