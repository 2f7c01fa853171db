"""From any Arrow type to a field's canonical one, with the faults of what can't follow.

Each function reads one block of a column (``frame.arrow.BLOCK_ROWS``), small enough for its temporaries to stay in the
processor's cache; positions count from the block's beginning.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.frame.arrow import Positions, blank_out, positions_where, with_nulls

__all__ = ["MONEY", "Converted", "Found", "read_flags", "read_money", "read_texts", "read_whole", "refuse_all"]

Found = tuple[str, Positions]
"""Name of the broken rule, and the row positions of the cells that break it."""

Converted = tuple[pa.Array, Sequence[Found]]

#: 19 digits before the point and two after it.
MONEY = pa.decimal128(21, 2)

_EXACT_FLOAT = 2.0**53
_NOISE = 1e-6


def read_texts(array: pa.Array) -> Converted:
    """Texts stay; whole numbers become their digits; anything else is of the wrong type."""
    if pa.types.is_large_string(array.type):
        return array, ()
    whole, faults = _whole_numbers(array)
    if whole is None:
        return refuse_all(array, pa.large_string())
    # no number is out of range or broken for a text: it is simply no text
    wrong = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *(positions for _, positions in faults)]))
    return whole.cast(pa.large_string()), _found("type", wrong)


def read_flags(array: pa.Array) -> Converted:
    """Booleans stay; anything else is of the wrong type."""
    return (array, ()) if pa.types.is_boolean(array.type) else refuse_all(array, pa.bool_())


def read_whole(array: pa.Array) -> Converted:
    """Whole numbers of any numeric type."""
    whole, faults = _whole_numbers(array)
    if whole is None:
        return refuse_all(array, pa.int64())
    if whole.type == pa.int64():
        return whole, faults
    beyond = _beyond_int64(whole)
    return blank_out(whole, beyond).cast(pa.int64()), [*faults, *_found("range", beyond)]


def _beyond_int64(whole: pa.Array) -> Positions:
    most = 2**63 - 1
    if whole.type == pa.uint64():  # Arrow would compare with a negative number as int64, where these don't fit
        return positions_where(pc.greater(whole, pa.scalar(most, pa.uint64())))
    return positions_where(pc.or_(pc.greater(whole, most), pc.less(whole, -most - 1)))


def _whole_numbers(array: pa.Array) -> tuple[pa.Array | None, Sequence[Found]]:
    """As int64, uint64 or decimal without decimals; None where the type holds no numbers."""
    if pa.types.is_integer(array.type):
        wide = pa.uint64() if array.type == pa.uint64() else pa.int64()
        return array.cast(wide), ()
    if pa.types.is_floating(array.type):
        return _whole_floats(array)
    if pa.types.is_decimal(array.type):
        array = array.cast(pa.decimal256(60, max(array.type.scale, 0)))  # rounding may need one digit more
        broken = positions_where(pc.not_equal(array, pc.round(array)))
        return blank_out(array, broken).cast(pa.decimal256(60, 0), safe=False), _found("fraction", broken)
    if pa.types.is_null(array.type):
        return array.cast(pa.int64()), ()
    return None, ()


def _whole_floats(array: pa.Array) -> tuple[pa.Array, Sequence[Found]]:
    numbers, valid = _floats(array)
    good = valid & (np.abs(numbers) < _EXACT_FLOAT) & (numbers == np.floor(numbers))
    whole = with_nulls(_as_whole(numbers, good), good, pa.int64())
    bad = np.flatnonzero(valid & ~good)
    if len(bad) == 0:
        return whole, ()
    odd = np.abs(numbers[bad])
    kinds = {"type": np.isinf(odd), "range": np.isfinite(odd) & (odd >= _EXACT_FLOAT), "fraction": odd < _EXACT_FLOAT}
    return whole, [found for name, mask in kinds.items() for found in _found(name, bad[mask])]


def read_money(array: pa.Array) -> Converted:
    """Amounts of any numeric type, to the cent: the rules of ``contract.fields.Money`` over a column."""
    if pa.types.is_floating(array.type):
        return _money_from_floats(array)
    if pa.types.is_integer(array.type):
        array = array.cast(pa.decimal128(20, 0))
    if pa.types.is_null(array.type):
        return array.cast(MONEY), ()
    if not pa.types.is_decimal(array.type):
        return refuse_all(array, MONEY)
    return _money_from_decimals(array)


def _money_from_floats(array: pa.Array) -> Converted:
    numbers, valid = _floats(array)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows here is infinite or has too many digits
        cents = np.rint(numbers * 100)
        good = valid & (numbers > -_NOISE) & (numbers < 1e19) & (np.abs(numbers - cents / 100) < _NOISE)
    bad = np.flatnonzero(valid & ~good)
    return _from_cents(cents, good), _money_faults(numbers[bad], bad) if len(bad) else ()


def _money_faults(odd: npt.NDArray[np.float64], positions: Positions) -> Sequence[Found]:
    finite = np.isfinite(odd)
    kinds = {
        "infinite": ~finite,
        "negative": finite & (odd <= -_NOISE),
        "digits": finite & (odd >= 1e19),
        "decimals": finite & (odd > -_NOISE) & (odd < 1e19),
    }
    return [found for name, mask in kinds.items() for found in _found(name, positions[mask])]


def _from_cents(cents: npt.NDArray[np.float64], good: npt.NDArray[np.bool_]) -> pa.Array:
    if (good & (cents >= 2.0**63)).any():
        whole = [int(value) if ok else None for value, ok in zip(cents, good, strict=True)]
        digits = pa.array(whole, pa.decimal128(21, 0))
        # the same 128-bit numbers, read as hundredths
        return pa.Array.from_buffers(MONEY, len(digits), digits.buffers(), digits.null_count, digits.offset)
    # the low word of each 128-bit number, the high one being zero; Arrow's own cast takes four times as long
    words = np.zeros((len(cents), 2), dtype="<i8")
    words[:, 0] = _as_whole(cents, good)
    return with_nulls(words, good, MONEY)


def _as_whole(numbers: npt.NDArray[np.float64], good: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The good ones, and zero for the others; choosing them by a mask takes five times as long."""
    with np.errstate(invalid="ignore"):  # what has no whole number is multiplied away
        whole: npt.NDArray[np.int64] = numbers.astype(np.int64) * good
    return whole


def _money_from_decimals(array: pa.Array) -> Converted:
    # room for the comparisons below, whose common type needs six decimals more
    wide = array.cast(pa.decimal256(60, max(array.type.scale, 2)))
    negative = positions_where(pc.less_equal(wide, pa.scalar(-_NOISE).cast(pa.decimal128(20, 6))))
    digits = positions_where(pc.greater_equal(wide, pa.scalar(10**19, pa.decimal128(20, 0))))
    wide = blank_out(wide, np.union1d(negative, digits))
    decimals = positions_where(pc.not_equal(wide, pc.round(wide, ndigits=2)))
    values = blank_out(wide, decimals).cast(MONEY)
    return values, [*_found("negative", negative), *_found("digits", digits), *_found("decimals", decimals)]


def _floats(array: pa.Array) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """The numbers, and where there are any; what stands at the others means nothing."""
    valid = np.ones(len(array), dtype=bool)
    if array.null_count:
        valid = array.is_valid().to_numpy(zero_copy_only=False)
    numbers = np.frombuffer(array.buffers()[1], dtype=np.float64, count=len(array), offset=8 * array.offset)
    return numbers, valid


def refuse_all(array: pa.Array, canonical: pa.DataType) -> Converted:
    """Every cell that is there is of the wrong type."""
    return pa.nulls(len(array), canonical), _found("type", positions_where(array.is_valid()))


def _found(rule: str, positions: Positions) -> Sequence[Found]:
    return [(rule, positions)] if len(positions) else []
