"""What a column's cells show about its marks: counts of fixed size that add up over chunks and partitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from smnotebook.values.amounts.parsing import BLANK, COMMA, POINT, Parsed, Shape
from smnotebook.values.cells import Mask

__all__ = ["AmountEvidence", "Tally"]

Counts = npt.NDArray[np.int64]

# Places in a tally; those named by a mark have one place for the point and one for the comma.
_CELLS, _UNREADABLE, _OPEN, _ROUND, _DECIMAL, _THOUSANDTHS, _GROUPS = 0, 1, 2, 4, 6, 8, 10
_FIXED = 12
# Sizes on a logarithmic scale: from a thousandth to 10^13 in steps of half a percent.
_STEPS, _LEAST, _MOST = 500, -3, 13
_BINS = _STEPS * (_MOST - _LEAST)
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one currency's cells."""

    counts: Counts

    @property
    def cells(self) -> int:
        """Cells that hold anything."""
        return int(self.counts[_CELLS])

    @property
    def unreadable(self) -> int:
        """Cells that are no amount, or have groups that are none."""
        return int(self.counts[_UNREADABLE])

    def open(self, mark: int) -> int:
        """Cells with this mark alone, before exactly three digits."""
        return self._of(_OPEN, mark)

    def round(self, mark: int) -> int:
        """Open cells that end in three zeros: as a count, one or a thousand."""
        return self._of(_ROUND, mark)

    def decimal(self, mark: int) -> int:
        """Cells that prove this mark decimal."""
        return self._of(_DECIMAL, mark)

    def thousandths(self, mark: int) -> int:
        """Cells that prove this mark decimal and have exactly three digits behind it."""
        return self._of(_THOUSANDTHS, mark)

    def groups(self, mark: int) -> int:
        """Cells that prove this mark groups."""
        return self._of(_GROUPS, mark)

    def median(self, *, with_open: bool) -> float | None:
        """The middle size of the proven cells, None where there are none; ``with_open`` adds open ones as groups."""
        sizes = self.counts[_FIXED : _FIXED + _BINS]
        sizes = sizes + self.counts[_FIXED + _BINS :] if with_open else sizes
        total = int(sizes.sum())
        if not total:
            return None
        at = int(np.searchsorted(np.cumsum(sizes), (total + 1) // 2))
        return float(10 ** ((at + 0.5) / _STEPS + _LEAST))

    def extent(self, *, with_open: bool) -> tuple[float, float] | None:
        """The smallest and the largest size of the proven cells, to half a percent; None where there are none."""
        sizes = self.counts[_FIXED : _FIXED + _BINS]
        at = np.flatnonzero(sizes + self.counts[_FIXED + _BINS :] if with_open else sizes)
        if not len(at):
            return None
        return float(10 ** (at[0] / _STEPS + _LEAST)), float(10 ** ((at[-1] + 1) / _STEPS + _LEAST))

    def _of(self, place: int, mark: int) -> int:
        return int(self.counts[place + mark - POINT])


def _nothing() -> Tally:
    return Tally(np.zeros(_FIXED + 2 * _BINS, dtype=np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountEvidence:
    """What a column shows, by currency; of the same size for ten cells and for ten million.

    Attributes
    ----------
    by_currency : mapping of str to Tally
        ISO code to counts; "" for cells without one.
    examples : mapping of str to tuple of str
        The first distinct texts of each kind: ``open``, ``unreadable``, and what proves a mark, such as ``. decimal``.
    """

    by_currency: Mapping[str, Tally] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, parsed: Parsed) -> AmountEvidence:
        """The evidence of parsed cells."""
        sizes, open_sizes = _sizes(parsed)
        tallies = {}
        for place, code in enumerate(parsed.currencies):
            own = parsed.currency == place
            if own.any():
                tallies[code] = _tally(parsed, own, sizes, open_sizes)
        if parsed.plain.null_count < len(parsed.plain):
            plain = _tally_of_plain(parsed)
            tallies[""] = Tally(tallies[""].counts + plain.counts) if "" in tallies else plain
        return cls(by_currency=tallies, examples=_examples(parsed))

    def merged(self, other: AmountEvidence) -> AmountEvidence:
        """The evidence of both, this one's cells first."""
        tallies = dict(self.by_currency)
        for code, tally in other.by_currency.items():
            tallies[code] = Tally(tallies[code].counts + tally.counts) if code in tallies else tally
        examples = {
            kind: tuple(dict.fromkeys((*self.examples.get(kind, ()), *other.examples.get(kind, ()))))[:_EXAMPLES]
            for kind in {**self.examples, **other.examples}
        }
        return AmountEvidence(by_currency=tallies, examples=examples)

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that cells name."""
        return tuple(sorted(code for code in self.by_currency if code))

    def total(self, *codes: str) -> Tally:
        """The counts of these currencies together; of all where none is named."""
        chosen = [tally for code, tally in self.by_currency.items() if not codes or code in codes]
        return Tally(sum((tally.counts for tally in chosen), start=_nothing().counts))


def _bins(numbers: npt.NDArray[np.float64]) -> Counts:
    """The bin of each size; zero has none and gets -1."""
    with np.errstate(divide="ignore"):
        scaled = np.floor((np.log10(numbers) - _LEAST) * _STEPS)
    bins: Counts = np.where(numbers > 0, np.clip(scaled, 0, _BINS - 1), -1).astype(np.int64)
    return bins


def _sizes(parsed: Parsed) -> tuple[Counts, Counts]:
    """The bin of each proven text, and of each open one that does not end in three zeros; -1 for all others."""
    written = parsed.written(decimal=np.zeros(len(parsed.texts), dtype=bool))
    bins = _bins(written.cast(pa.float64()).fill_null(0).to_numpy(zero_copy_only=False))
    proven = parsed.shape == Shape.SURE
    return np.where(proven, bins, -1), np.where(parsed.open & ~parsed.ends_round, bins, -1)


def _tally_of_plain(parsed: Parsed) -> Tally:
    """Plain numbers: those with a point prove it decimal."""
    tally = _nothing()
    tally.counts[_CELLS] = len(parsed.plain) - parsed.plain.null_count
    tally.counts[_DECIMAL] = int(parsed.with_point.sum())
    bins = _bins(parsed.plain.to_numpy(zero_copy_only=False)[parsed.with_point])
    tally.counts[_FIXED : _FIXED + _BINS] = np.bincount(bins[bins >= 0], minlength=_BINS)
    return tally


def _tally(parsed: Parsed, own: Mask, sizes: Counts, open_sizes: Counts) -> Tally:
    tally = _nothing()
    counts, weights = tally.counts, parsed.weights
    sure = own & (parsed.shape == Shape.SURE)
    counts[_CELLS] = parsed.count(own)
    counts[_UNREADABLE] = parsed.count(own & (parsed.shape == Shape.UNREADABLE))
    is_round = parsed.ends_round
    for mark in (POINT, COMMA):
        has_it = parsed.decimal_mark == mark
        counts[_OPEN + mark - POINT] = parsed.count(own & parsed.open & has_it)
        counts[_ROUND + mark - POINT] = parsed.count(own & is_round & has_it)
        counts[_DECIMAL + mark - POINT] = parsed.count(sure & has_it)
        counts[_THOUSANDTHS + mark - POINT] = parsed.count(sure & has_it & parsed.thousandths)
        counts[_GROUPS + mark - POINT] = parsed.count(sure & (parsed.group_mark == mark))
    for start, bins in ((_FIXED, sizes), (_FIXED + _BINS, open_sizes)):
        there = own & (bins >= 0)
        # weights as floats are exact up to 2^53 cells
        counted = np.bincount(bins[there], weights=weights[there], minlength=_BINS)
        counts[start : start + _BINS] = counted.astype(np.int64)
    return tally


def _examples(parsed: Parsed) -> dict[str, tuple[str, ...]]:
    sure = parsed.shape == Shape.SURE
    kinds = {"open": parsed.open, "unreadable": parsed.shape == Shape.UNREADABLE}
    for mark, sign in ((POINT, "."), (COMMA, ",")):
        kinds[f"{sign} decimal"] = sure & (parsed.decimal_mark == mark)
        kinds[f"{sign} groups"] = sure & (parsed.group_mark == mark)
    kinds["blank groups"] = sure & (parsed.group_mark == BLANK)
    found = {kind: _first(parsed.texts, mask) for kind, mask in kinds.items()}
    found["plain decimal"] = _first(parsed.cells, parsed.with_point)
    return {kind: texts for kind, texts in found.items() if texts}


def _first(texts: pa.Array, mask: Mask) -> tuple[str, ...]:
    """The first distinct texts of a kind; all are looked at, so that chunks together give what the whole gives."""
    at = np.flatnonzero(mask)
    found: dict[str, None] = {}
    for start in range(0, len(at), 64):
        found.update(dict.fromkeys(texts.take(pa.array(at[start : start + 64])).to_pylist()))
        if len(found) >= _EXAMPLES:
            break
    return tuple(found)[:_EXAMPLES]
