"""What makes a reduced price none: its terms - a period, a flag - and that it reduces nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.amounts.reading import to_cents
from smnotebook.values.cells import Cells, Mask, as_text, mask_of
from smnotebook.values.findings import FindingKind, Journal
from smnotebook.values.periods import Orders, as_iso, running
from smnotebook.values.questions import Question

__all__ = [
    "DISCOUNT_TERMS",
    "Period",
    "as_floats",
    "drop_discounts",
    "drop_outside_period",
    "drop_void_discounts",
    "fill_discounts",
    "says_no",
    "settle_discounts",
    "take_off",
]

#: Names that a mapping may fill like fields: they decide about ``discountPrice`` and are not sent.
DISCOUNT_TERMS = ("discountFrom", "discountTo", "onSale", "discountPercentage")


def settle_discounts(
    cells: dict[str, Cells], journal: Journal, *, today: date, columns: Mapping[str, Sequence[str]]
) -> None:
    """Apply the terms among ``cells``, and take them out; then leave out discounts that are none.

    Parameters
    ----------
    cells : dict of str to Cells
        Product fields; ``discountPrice`` is changed or made.
    today : date or zoned datetime
        What periods are held against, see :func:`smnotebook.values.periods.running`.
    columns : mapping of str to sequence of str
        By term, the analyst's columns it comes from.
    """
    terms = {name: cells.pop(name) for name in DISCOUNT_TERMS if name in cells}
    if "discountPercentage" in terms and _holds_amounts(cells, "price"):
        price, percent = as_floats(cells["price"].values), as_floats(terms["discountPercentage"].values)
        fill_discounts(cells, take_off(price, percent=percent))
    if "discountFrom" in terms or "discountTo" in terms:
        starts, ends = (terms[name].values if name in terms else None for name in ("discountFrom", "discountTo"))
        names = list(dict.fromkeys((*columns.get("discountFrom", ()), *columns.get("discountTo", ()))))
        drop_outside_period(cells, Period(starts=starts, ends=ends, names=names), journal, today=today)
    if "onSale" in terms:
        flags = terms["onSale"]
        drop_discounts(cells, says_no(flags), "not on sale, as its column says: no reduced price", journal)
        if flags.unread is not None:
            message = "a word that says neither yes nor no to being on sale: the reduced price is left out"
            column = ", ".join(columns.get("onSale", ())) or None
            drop_discounts(cells, mask_of(flags.unread.is_valid()), message, journal, kind="warned", column=column)
    drop_void_discounts(cells, journal)


def take_off(
    price: npt.NDArray[np.float64],
    *,
    percent: npt.NDArray[np.float64] | float = np.nan,
    amount: npt.NDArray[np.float64] | float = np.nan,
) -> npt.NDArray[np.float64]:
    """Prices less a percentage, or else less an amount; never below 0, nan where nothing is taken off."""
    off = np.where(np.nan_to_num(percent) > 0, price * percent / 100, amount)
    return np.where(off > 0, np.maximum(to_cents(price - off), 0), np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Sale periods, row by row; ``names`` are the analyst's columns, ``month_first`` what is known of 03/04/2026."""

    starts: pa.Array | None
    ends: pa.Array | None
    names: Sequence[str] = ()
    month_first: bool = False


def drop_outside_period(
    cells: dict[str, Cells], period: Period, journal: Journal, *, today: date, without: Mask | None = None
) -> None:
    """Leave out the discounts whose period does not cover ``today``, and those whose period can't be known.

    Parameters
    ----------
    without : mask, optional
        Rows whose reduced price needs no period.
    """
    if "discountPrice" not in cells:
        return
    size, survey = len(cells["discountPrice"]), journal.amounts.survey
    orders = Orders(month_first=True) if period.month_first else survey.date_orders(period.names) if survey else None
    found = running(period.starts, period.ends, today, size, orders=orders)
    there = mask_of(cells["discountPrice"].values.is_valid())
    there = there if without is None else there & ~without
    column = ", ".join(period.names) or None
    _ask_order(period, found.ambiguous & there, journal, column)
    message = "the sale period can't be read: the reduced price is left out"
    drop_discounts(cells, found.unread & there, message, journal, kind="warned", column=column)
    day = today.isoformat(sep=" ", timespec="minutes") if isinstance(today, datetime) else today.isoformat()
    message = f"a sale that does not last on {day} is left out"
    drop_discounts(cells, ~found.mask & ~found.ambiguous & there, message, journal, column=column)
    message = "day and month of the sale period can't be told apart: the reduced price is left out"
    drop_discounts(cells, found.ambiguous & there, message, journal, kind="warned", column=column)


def _ask_order(period: Period, rows: Mask, journal: Journal, column: str | None) -> None:
    if not rows.any():
        return
    dates = [as_text(part) for part in (period.starts, period.ends) if part is not None]
    texts = pc.unique(pa.concat_arrays([part.filter(pa.array(rows)) for part in dates]).drop_null())
    both = [[as_iso(texts, month_first=order)[at].as_py() for order in (False, True)] for at in range(len(texts))]
    at = next((at for at, (day, month) in enumerate(both) if day != month), 0)
    named = " and ".join(f"{name!r}" for name in period.names)
    journal.ask(
        Question(
            code="date_order",
            field="discountPrice",
            column=column,
            readings=tuple(both[at]),
            examples=(texts[at].as_py(),),
            count=int(rows.sum()),
            argument=f"the transform day_first or month_first for discountFrom and discountTo in a mapping of {named}",
            reason="nothing in the column says whether the day or the month stands first",
        )
    )


def drop_void_discounts(cells: dict[str, Cells], journal: Journal) -> None:
    """A reduced price of 0, or one that is not below the price, reduces nothing: it is left out."""
    if not _holds_amounts(cells, "discountPrice"):
        return
    reduced = as_floats(cells["discountPrice"].values)
    drop_discounts(cells, reduced == 0, "a reduced price of 0 means none", journal)
    if _holds_amounts(cells, "price"):
        high = reduced >= as_floats(cells["price"].values)
        drop_discounts(cells, high, "a reduced price that is not below the price is left out", journal)


def drop_discounts(
    cells: dict[str, Cells],
    void: Mask,
    message: str,
    journal: Journal,
    *,
    kind: FindingKind = "dropped",
    column: str | None = None,
) -> None:
    """Empty ``discountPrice`` where ``void``, and say of how many and with which message."""
    if "discountPrice" not in cells:
        return
    reduced = cells["discountPrice"]
    hit = void & mask_of(reduced.values.is_valid())
    if not hit.any():
        return
    examples = [str(value) for value in reduced.values.filter(pa.array(hit)).slice(0, 3).to_pylist()]
    journal.add(kind, message, count=hit.sum(), field="discountPrice", column=column, examples=examples)
    kept = pc.if_else(pa.array(hit), pa.scalar(None, reduced.values.type), reduced.values)
    cells["discountPrice"] = Cells(values=kept, unread=reduced.unread)


def fill_discounts(cells: dict[str, Cells], reduced: npt.NDArray[np.float64]) -> None:
    """Take reduced prices where ``discountPrice`` holds none."""
    made = pa.array(reduced, mask=np.isnan(reduced))
    own = cells.get("discountPrice")
    if own is None:
        cells["discountPrice"] = Cells(values=made)
    elif _holds_amounts(cells, "discountPrice"):
        none = mask_of(pc.equal(own.values, pa.scalar(0).cast(own.values.type))) | ~own.filled
        kept = pc.if_else(pa.array(none), pa.scalar(None, own.values.type), own.values)
        cells["discountPrice"] = Cells(values=pc.coalesce(kept, made.cast(own.values.type)), unread=own.unread)


def says_no(flags: Cells) -> Mask:
    """Rows that a column of yes and no says no of."""
    return mask_of(pc.invert(flags.values)) if pa.types.is_boolean(flags.values.type) else np.zeros(len(flags), bool)


def _holds_amounts(cells: dict[str, Cells], name: str) -> bool:
    if name not in cells:
        return False
    kind = cells[name].values.type
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def as_floats(values: pa.Array) -> npt.NDArray[np.float64]:
    """Amounts for comparing and computing, nan where missing."""
    numbers: npt.NDArray[np.float64] = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers
