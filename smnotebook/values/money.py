"""Amounts written by people: currency signs, any grouping, decimal point or comma."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.standards import currencies
from smnotebook.values.cells import TEXT, Cells, Mask, as_text, distinct_texts, mask_of
from smnotebook.values.findings import Journal

__all__ = ["read_money", "to_cents"]

_PLAIN = r"^\d{1,13}(?:\.\d{1,2})?$"
_SPACES = "[\\s\u00a0\u2007\u2009\u202f'’_]"
# token before, sign, digits with separators, a price dash (12,- or 12.–), token after
_PARTS = (
    "^[\\s\u00a0]*(?P<before>[^\\d.,+\\-−\\s]*)[\\s\u00a0]*(?P<sign>[+\\-−]?)[\\s\u00a0]*"
    f"(?P<number>[.,]?\\d(?:[\\d.,]|{_SPACES})*?)(?:[.,]?[-–—]+)?[\\s\u00a0]*(?P<after>[^\\d\\s\u00a0]*)[\\s\u00a0]*$"
)
# One digit group is the place where a point or a comma may mean either thing.
_EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"
_SIGNS = {
    "zł": "PLN", "zl": "PLN", "€": "EUR", "euro": "EUR", "£": "GBP", "$": "", "us$": "USD", "kč": "CZK", "kc": "CZK",
    "ft": "HUF", "lei": "RON", "kr": "", "kr.": "", "fr": "CHF", "fr.": "CHF", "sfr.": "CHF", "₴": "UAH", "лв": "BGN",
    "лв.": "BGN", "₺": "TRY", "¥": "", "₽": "RUB", "грн": "UAH", "₹": "INR", "": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Amounts:
    """Foreign amounts taken apart: digits with separators, and whether the words around are a currency."""

    number: pa.Array
    sign: pa.Array
    is_money: Mask
    currencies: frozenset[str]


def read_money(column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None) -> Cells:
    """Amounts as numbers: float64 where that is exact, decimals where the digits need it.

    What can't be read stays text. A point or comma before exactly three digits is decided by the rest of the column.
    """
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_integer(flat.type) or pa.types.is_floating(flat.type) or pa.types.is_decimal(flat.type):
        return Cells(values=flat if pa.types.is_decimal(flat.type) else flat.cast(pa.float64()))
    texts = as_text(flat)
    plain = pc.match_substring_regex(texts, _PLAIN)
    rest = mask_of(pc.invert(plain))
    if not rest.any():
        return Cells(values=texts.cast(pa.float64()))
    written = _rewrite(texts.filter(pa.array(rest)), texts.filter(plain), journal, field=field, name=name)
    canonical = pc.replace_with_mask(texts, pa.array(rest), written)
    unread = pc.if_else(pc.and_(texts.is_valid(), canonical.is_null()), texts, pa.scalar(None, TEXT))
    return Cells(values=_to_numbers(canonical), unread=_noted(unread, journal, field, name))


def to_cents(numbers: np.ndarray) -> np.ndarray:
    """Amounts rounded half up to the cent."""
    cents: np.ndarray = np.floor(numbers * 100 + 0.5 + 1e-7) / 100
    return cents


def _noted(unread: pa.Array, journal: Journal, field: str, name: str | None) -> pa.Array | None:
    count = len(unread) - unread.null_count
    if not count:
        return None
    message = "not readable as an amount: left as text"
    journal.add("kept", message, count=count, field=field, column=name, examples=distinct_texts(unread))
    return unread


def _rewrite(texts: pa.Array, plain: pa.Array, journal: Journal, *, field: str, name: str | None) -> pa.Array:
    """Foreign amounts as ``-1234.50``, null where they can't be read."""
    amounts = _take_apart(texts)
    written = _with_point(amounts.number, plain, journal, field=field, name=name)
    signed = pc.binary_join_element_wise(amounts.sign, written, pa.scalar("", TEXT))
    good = pc.and_(pa.array(amounts.is_money), pc.match_substring_regex(signed, r"^-?\d{1,20}(?:\.\d{1,17})?$"))
    signed = pc.if_else(pc.fill_null(good, False), signed, pa.scalar(None, TEXT))  # noqa: FBT003 - Arrow's own
    # 60.000000 is no more than a number
    foreign = signed.is_valid() if len(signed) else pa.array([], pa.bool_())
    foreign = pc.and_(foreign, pc.invert(pc.match_substring_regex(texts, r"^-?\d+(?:\.\d+)?$")))
    read = mask_of(foreign).sum()
    if read:
        known = f" ({', '.join(sorted(amounts.currencies))})" if amounts.currencies else ""
        changed = texts.filter(foreign)
        message = f"amounts read from text{known}"
        journal.add("converted", message, count=read, field=field, column=name, examples=distinct_texts(changed))
    if len(amounts.currencies) > 1:
        listed = ", ".join(sorted(amounts.currencies))
        message = f"more than one currency in one column: {listed}. A catalog has one; split the feed"
        journal.add("warned", message, count=len(amounts.currencies), field=field, column=name)
    return signed


def _take_apart(texts: pa.Array) -> _Amounts:
    parts = pc.extract_regex(texts, _PARTS)
    before, sign, number, after = (parts.field(name) for name in range(4))
    number = pc.replace_substring_regex(pc.replace_substring_regex(number, _SPACES, ""), "[.,]+$", "")
    number = pc.if_else(parts.is_valid(), number, pa.scalar(None, TEXT))
    sign = pc.if_else(pc.is_in(sign, pa.array(["-", "−"], sign.type)), "-", "").cast(TEXT)
    tokens = pc.binary_join_element_wise(
        before.cast(TEXT), after.cast(TEXT), pa.scalar("\x1f", TEXT)
    ).dictionary_encode()
    codes = [_currency(token) for token in tokens.dictionary.to_pylist()]
    known = pa.array([code is not None for code in codes]).take(tokens.indices)
    used = {codes[at] for at in pc.unique(tokens.indices.drop_null()).to_pylist()}
    return _Amounts(
        number=number.cast(TEXT),
        sign=sign,
        is_money=mask_of(pc.and_(known, parts.is_valid())),
        currencies=frozenset(code for code in used if code),
    )


def _currency(token: str | None) -> str | None:
    """The currency that two words around a number name; "" where they name none, None where they are no currency."""
    if token is None:
        return None
    found = []
    for word in token.split("\x1f"):
        code = word.upper() if word.upper() in currencies() else _SIGNS.get(word.lower())
        if code is None:
            return None
        found.append(code)
    return next((code for code in found if code), "")


def _with_point(number: pa.Array, plain: pa.Array, journal: Journal, *, field: str, name: str | None) -> pa.Array:
    """The decimal point where it belongs, grouping taken out; null where it is anyone's guess."""
    either = mask_of(pc.match_substring_regex(number, _EITHER))
    dots, commas = (mask_of(pc.match_substring(number, mark)) for mark in ".,")
    last_is_dot = mask_of(pc.match_substring_regex(number, r"\.\d*$"))
    # the same mark several times groups; one mark alone that is not before three digits is decimal
    several = mask_of(pc.match_substring_regex(number, r"^\d{1,3}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,})$"))
    sure = (dots | commas) & ~either
    point_means_decimal = bool((sure & last_is_dot & ~several).any() or (sure & several & commas).any())
    comma_means_decimal = bool((sure & ~last_is_dot & ~several).any() or (sure & several & dots).any())
    point_means_decimal |= bool(pc.any(pc.match_substring(plain, ".")).as_py())
    if either.any() and point_means_decimal == comma_means_decimal:
        message = "a point or comma before three digits, and nothing in the column says whether it groups: "
        message += "a point was taken for decimal, a comma for grouping" if not point_means_decimal else "left as text"
        examples = distinct_texts(number.filter(pa.array(either)))
        journal.add("warned", message, count=either.sum(), field=field, column=name, examples=examples)
    undecided = either & point_means_decimal & comma_means_decimal
    comma_is_decimal = np.where(either, comma_means_decimal & ~dots, ~last_is_dot) & commas & ~several
    dot_is_decimal = np.where(either, dots & (not comma_means_decimal), last_is_dot) & dots & ~several
    no_commas = pc.replace_substring(number, ",", "")
    no_dots = pc.replace_substring(number, ".", "")
    bare = pc.replace_substring(no_commas, ".", "")
    with_comma = pc.replace_substring(no_dots, ",", ".")
    written = pc.if_else(pa.array(comma_is_decimal), with_comma, pc.if_else(pa.array(dot_is_decimal), no_commas, bare))
    written = pc.replace_substring_regex(written, r"^\.", "0.")
    return pc.if_else(pa.array(undecided), pa.scalar(None, TEXT), written)


def _to_numbers(canonical: pa.Array) -> pa.Array:
    """Floats where at most 15 digits make the shortest text of a float the very amount, decimals otherwise."""
    digits = pc.utf8_length(pc.replace_substring_regex(canonical, r"^-?0*|\.", ""))
    if (pc.max(digits).as_py() or 0) <= 15:
        return canonical.cast(pa.float64())
    decimals = pc.utf8_length(pc.replace_substring_regex(canonical, r"^-?\d*\.?", ""))
    return canonical.cast(pa.decimal128(38, max(pc.max(decimals).as_py() or 0, 2)))
