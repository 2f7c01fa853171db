"""Texts taken apart into sign, digits, marks and currency, before anybody decides what a mark means.

Everything is done once for each distinct text: a shop has far fewer prices than products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.amounts.currencies import currency_of
from smnotebook.values.cells import TEXT, TEXTS, Mask, as_text, is_list, mask_of
from smnotebook.values.typed import find_typed, unmarked

__all__ = ["BLANK", "COMMA", "NO_MARK", "POINT", "Parsed", "Shape", "parse"]

NO_MARK, POINT, COMMA, BLANK = 0, 1, 2, 3
_MARKS = {POINT: ".", COMMA: ","}


class Shape:
    """What can be said of one text alone."""

    MISSING, UNREADABLE, DIGITS, SURE, OPEN = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A column of texts: plain numbers as such, every other distinct text taken apart.

    Attributes
    ----------
    cells : pa.Array
        All texts, null where missing.
    plain : pa.Array
        The numbers among them that need no reading (``1299``, ``12.50``, typed ones) as float64, null elsewhere.
    typed : mask
        The plain ones that were typed as numbers: they show nothing about how texts are written.
    with_point : mask
        The other plain ones that have decimals.
    rows : ndarray of int64
        Where all other texts stand.
    codes : ndarray of int64
        For each of ``rows`` its place in ``texts`` and all below.
    texts : pa.Array
        Those other texts, in the order of their first appearance; each once where many repeat.
    weights : ndarray of int64
        How many cells hold each text.
    shape : ndarray of int8
        One of :class:`Shape` for each text.
    number : pa.Array
        Digits and marks, without blanks; null where the text is no amount.
    negative : mask
    decimal_mark, group_mark : ndarray of int8
        The marks whose meaning the text itself proves; for open texts ``decimal_mark`` is the mark in question.
    thousandths : mask
        The decimal mark is proven, with exactly three digits behind it.
    currency : ndarray of int64
        Place in ``currencies``.
    currencies : tuple of str
        The codes found; "" stands for none.
    """

    cells: pa.Array
    plain: pa.Array
    typed: Mask
    with_point: Mask
    rows: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int64]
    texts: pa.Array
    weights: npt.NDArray[np.int64]
    shape: npt.NDArray[np.int8]
    number: pa.Array
    negative: Mask
    decimal_mark: npt.NDArray[np.int8]
    group_mark: npt.NDArray[np.int8]
    thousandths: Mask
    currency: npt.NDArray[np.int64]
    currencies: tuple[str, ...]

    @property
    def open(self) -> Mask:
        """Texts whose only mark stands before exactly three digits."""
        found: Mask = self.shape == Shape.OPEN
        return found

    @property
    def ends_round(self) -> Mask:
        """Open texts that end in three zeros."""
        return self.open & mask_of(pc.ends_with(self.number, "000"))

    def count(self, mask: Mask) -> int:
        """How many cells hold one of these texts."""
        return int(self.weights[mask].sum())

    def spread(self, of_texts: pa.Array) -> pa.Array:
        """A value for each of ``texts`` as a column, null where other cells are."""
        places = np.full(len(self.cells), -1, dtype=np.int64)
        places[self.rows] = self.codes
        return of_texts.take(pa.array(places, mask=places < 0))

    def written(self, *, decimal: Mask) -> pa.Array:
        """Each number with a point before its decimals and no groups; ``decimal`` says so of the open ones."""
        is_decimal = np.where(self.open, decimal, self.decimal_mark != NO_MARK)
        commas = is_decimal & (self.decimal_mark == COMMA)
        points = is_decimal & (self.decimal_mark == POINT)
        no_commas = pc.replace_substring(self.number, ",", "")
        bare = pc.replace_substring(no_commas, ".", "")
        with_point = pc.replace_substring(pc.replace_substring(self.number, ".", ""), ",", ".")
        text = pc.if_else(pa.array(points), no_commas, pc.if_else(pa.array(commas), with_point, bare))
        return pc.replace_substring_regex(text, r"^\.", "0.")


#: Most cells of most columns: nothing to take apart.
_PLAIN = r"^\d{1,13}(?:\.\d{1,2})?$"
# Marks of writing direction and characters without width, as browsers copy them.
_UNSEEN = "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
_W = r"[\s\pZ]*"
_WORD = r"(?:[\pL\p{Sc}]*\p{Sc}|\p{Sc}?\pL(?:[\pL\p{Sc}./]*[\pL./])?)"
_QUOTES = "'\u2018\u2019\u02bc\u00b4`\u2032"
_PARTS = (
    rf"^{_W}(?P<open>\(?){_W}(?P<sign>[+\-−–]?){_W}(?P<before>{_WORD}?){_W}(?P<inner>\(?){_W}(?P<second>[+\-−–]?){_W}"
    rf"(?P<number>[.,]?\d(?:[\d.,\s\pZ_{_QUOTES}]*\d)?)(?P<tail>(?:[.,]?[-–—−]{{1,2}}|:[-–—−]|/-|[.,])?){_W}(?P<close>\)?){_W}"
    rf"(?P<after>(?:{_WORD}(?:[\s\pZ]{_WORD})*)?){_W}(?P<last>\)?){_W}$"
)
#: Nearly all that is left: digits and marks, and perhaps a currency behind; no part of it can be taken in two ways,
#: which makes it ten times as fast.
_SIMPLE = rf"^(?P<number>[\d.,\s\pZ_{_QUOTES}]+)(?P<after>[^\d.,\s\pZ_{_QUOTES}()+\-−–—/]*)$"
_BETWEEN = rf"[\s\pZ_{_QUOTES}]"
_BLANK_GROUPS = rf"^[1-9]\d{{0,2}}(?:(?:[\s\pZ]\d{{3}})+|(?:[{_QUOTES}]\d{{3}})+|(?:_\d{{3}})+)(?:[.,]\d+)?$"
_OPEN = r"^[1-9]\d{0,2}[.,]\d{3}$"
_ONE_MARK = r"^\d*[.,]\d+$"
_THOUSANDTHS = r"[.,]\d{3}$"
# Threes, or as India writes: a hundred thousand is 1,00,000.
_GROUPS = r"^(?:[1-9]\d{0,2}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,})|[1-9]\d?(?:,\d{2})+,\d{3})$"
_BOTH = r"^(?:[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:\.\d{3})+,\d+)|[1-9]\d?(?:,\d{2})*,\d{3}\.\d+)$"

#: How many cells are asked whether texts repeat.
_SAMPLE = 20_000


def parse(column: pa.Array) -> Parsed:
    """Take the texts of a column apart; of lists, their entries."""
    cells = as_text(pc.list_flatten(column.cast(TEXTS)) if is_list(column.type) else column)
    typed = find_typed(cells)
    cells = unmarked(cells)
    is_plain = pc.match_substring_regex(cells, _PLAIN)
    is_plain = pc.or_(is_plain, pa.array(typed)) if typed.any() else is_plain
    plain = mask_of(is_plain)
    rows = np.flatnonzero(~plain & mask_of(cells.is_valid()))
    numbers = (cells if not len(rows) else pc.if_else(is_plain, cells, pa.scalar(None, TEXT))).cast(pa.float64())
    texts, codes = _distinct(cells.take(pa.array(rows)))
    return Parsed(
        cells=cells,
        plain=numbers,
        typed=typed,
        with_point=mask_of(pc.match_substring(cells, ".")) & plain & ~typed,
        rows=rows,
        codes=codes,
        texts=texts,
        weights=np.bincount(codes, minlength=len(texts)),
        **_taken_apart(texts),
    )


def _distinct(texts: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    sample = texts.slice(0, _SAMPLE)
    if len(pc.unique(sample)) * 2 > len(sample):
        return texts, np.arange(len(texts))
    encoded = texts.dictionary_encode()
    return encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _taken_apart(texts: pa.Array) -> dict[str, Any]:
    parts = pc.extract_regex(texts, _SIMPLE)
    number, after = pc.utf8_trim_whitespace(parts.field(0).cast(TEXT)), parts.field(1).cast(TEXT)
    currency, codes = _currencies(pc.utf8_slice_codeunits(after, 0, 0), after)
    shapes = _shapes(number)
    known = mask_of(parts.is_valid()) & (currency >= 0) & (shapes["shape"] != Shape.UNREADABLE)
    found = {
        **shapes,
        "number": _stripped(number, known),
        "negative": np.zeros(len(texts), dtype=bool),
        "currency": currency,
        "currencies": codes,
    }
    odd = np.flatnonzero(~known)
    return _with(found, odd, _taken_apart_with_care(texts.take(pa.array(odd)))) if len(odd) else found


def _with(found: dict[str, Any], at: npt.NDArray[np.int64], other: dict[str, Any]) -> dict[str, Any]:
    """What was found, with what was found otherwise in some places."""
    codes = tuple(dict.fromkeys((*found["currencies"], *other["currencies"])))
    for name in ("shape", "negative", "decimal_mark", "group_mark", "thousandths"):
        found[name][at] = other[name]
    moved = np.array([codes.index(code) for code in other["currencies"]])
    found["currency"][at] = moved[other["currency"]]
    mask = np.zeros(len(found["shape"]), dtype=bool)
    mask[at] = True
    number = pc.replace_with_mask(found["number"], pa.array(mask), other["number"])
    return {**found, "number": number, "currencies": codes}


def _taken_apart_with_care(texts: pa.Array) -> dict[str, Any]:
    parts = pc.extract_regex(pc.replace_substring_regex(texts, _UNSEEN, ""), _PARTS)
    part = {name: parts.field(at).cast(TEXT) for at, name in enumerate(_NAMES)}
    currency, codes = _currencies(part["before"], part["after"])
    known = mask_of(parts.is_valid()) & (currency >= 0)
    minus = np.zeros(len(texts), dtype=np.int8)
    for name, signs in (("sign", ["-", "−", "–"]), ("second", ["-", "−", "–"]), ("tail", ["-", "−"])):
        minus += mask_of(pc.is_in(part[name], pa.array(signs, TEXT)))
    opened, closed = (
        mask_of(pc.equal(part[one], bracket)).astype(np.int8) + mask_of(pc.equal(part[other], bracket))
        for one, other, bracket in (("open", "inner", "("), ("close", "last", ")"))
    )
    plus = sum(mask_of(pc.equal(part[name], "+")).astype(np.int8) for name in ("sign", "second"))
    known &= (opened == closed) & (plus + minus + opened <= 1)
    number, odd_tail = _with_tail(part["number"], part["tail"])
    shapes = _shapes(number)
    known &= ~odd_tail & (shapes["shape"] != Shape.UNREADABLE)
    return {
        **shapes,
        "shape": np.where(known, shapes["shape"], Shape.UNREADABLE).astype(np.int8),
        "number": _stripped(number, known),
        "negative": (minus + opened) == 1,
        "currency": np.where(known, currency, 0),
        "currencies": codes,
    }


def _stripped(number: pa.Array, known: Mask) -> pa.Array:
    """Known numbers without what is neither digit nor mark."""
    wide = pc.match_substring_regex(number, _BETWEEN)
    bare = pc.replace_substring_regex(number, _BETWEEN, "") if pc.any(wide).as_py() else number
    return pc.if_else(pa.array(known), bare, pa.scalar(None, TEXT))


_NAMES = ("open", "sign", "before", "inner", "second", "number", "tail", "close", "after", "last")


def _with_tail(number: pa.Array, tail: pa.Array) -> tuple[pa.Array, Mask]:
    """Numbers with no cents where a dash stands for them (``12,-``), and where what stands behind makes no sense.

    Sweden writes ``12:-``, so that a mark inside the number groups: ``12.900:-`` is ``12.900,0``.
    """
    swedish = mask_of(pc.match_substring_regex(tail, r"^:[-–—−]$"))
    for inner, sign in ((".", ","), (",", ".")):
        grouped = pa.array(swedish & mask_of(pc.match_substring(number, inner)))
        tail = pc.if_else(grouped, pa.scalar(f"{sign}-", TEXT), tail)
    dash = mask_of(pc.match_substring_regex(tail, r"^[.,][-–—−]"))
    mark = pc.utf8_slice_codeunits(tail, 0, 1)
    no_cents = pc.binary_join_element_wise(number, mark, pa.scalar("0", TEXT), pa.scalar("", TEXT))
    is_whole = mask_of(pc.match_substring_regex(number, rf"^(?:\d|{_BETWEEN})+$"))
    lonely = mask_of(pc.is_in(tail, pa.array([".", ","], TEXT)))
    odd = mask_of(pc.match_substring_regex(tail, r"^(?:[-–—−]{2}|[–—])$")) | (lonely & ~is_whole)
    return pc.if_else(pa.array(dash), no_cents, number), odd


def _shapes(number: pa.Array) -> dict[str, Any]:
    """The shape of each number, and the marks whose meaning it proves."""
    digits, is_open, one, groups, both, blanks = (
        mask_of(pc.match_substring_regex(number, pattern))
        for pattern in (r"^\d+$", _OPEN, _ONE_MARK, _GROUPS, _BOTH, _BLANK_GROUPS)
    )
    has_point, has_comma = (mask_of(pc.match_substring(number, mark)) for mark in ".,")
    last_is_point = mask_of(pc.match_substring_regex(number, r"\.\d*$"))
    mark = np.where(has_point | has_comma, np.where(last_is_point, POINT, COMMA), NO_MARK)
    other = np.where(last_is_point, COMMA, POINT)
    shape = np.full(len(number), Shape.UNREADABLE, dtype=np.int8)
    shape[one | groups | both | blanks] = Shape.SURE
    shape[is_open] = Shape.OPEN
    shape[digits] = Shape.DIGITS
    group = np.where(groups, mark, np.where(both, other, np.where(blanks, BLANK, NO_MARK)))
    return {
        "shape": shape,
        "decimal_mark": np.where(groups, NO_MARK, mark).astype(np.int8),
        "group_mark": group.astype(np.int8),
        "thousandths": (one | blanks | both) & ~is_open & mask_of(pc.match_substring_regex(number, _THOUSANDTHS)),
    }


def _currencies(before: pa.Array, after: pa.Array) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """For each text the place of its currency among the codes found; -1 where its words are no currency."""
    tokens = pc.binary_join_element_wise(before, after, pa.scalar("\x1f", TEXT)).dictionary_encode()
    of_token = [None if token is None else currency_of(*token.split("\x1f")) for token in tokens.dictionary.to_pylist()]
    codes = ("", *sorted({code for code in of_token if code}))
    places = np.array([-1 if code is None else codes.index(code) for code in of_token], dtype=np.int64)
    at = tokens.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(at < 0, -1, places[at] if len(places) else -1), codes
