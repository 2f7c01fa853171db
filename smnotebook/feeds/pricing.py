"""What an export's price columns mean: the regular price, and the reduced one where there is one today."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.columns import Columns
from smnotebook.feeds.options import FeedOptions
from smnotebook.feeds.presets import PriceColumns
from smnotebook.values.amounts.reading import read_money, to_cents
from smnotebook.values.cells import TEXT, Cells, Mask, as_text, mask_of
from smnotebook.values.findings import Journal
from smnotebook.values.names import is_net_name
from smnotebook.values.periods import covers, split_period

__all__ = ["read_prices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What every step of the pricing needs."""

    columns: Columns
    pricing: PriceColumns
    options: FeedOptions
    journal: Journal

    def amounts(self, names: tuple[str, ...], field: str) -> Cells | None:
        """The amounts of the first filled column, with tax where it is to be added."""
        name = self.columns.first_filled(names)
        if name is None:
            return None
        cells = read_money(self.columns[name], self.journal, field=field, name=name)
        return self._with_tax(cells, name, field) if self.pricing.net or is_net_name(name) else cells

    def _with_tax(self, cells: Cells, name: str, field: str) -> Cells:
        vat = self.options.vat_percent
        if vat is None:
            message = "net prices taken as they are: give vat_percent=… to add the tax"
            self.journal.add("warned", message, count=len(self.columns), field=field, column=name)
            return cells
        self.journal.add("converted", f"{vat:g} % tax added to net prices", count=len(cells), field=field, column=name)
        gross = to_cents(_floats(cells.values) * (1 + vat / 100))
        return Cells(values=_array(gross), unread=cells.unread)

    def in_period(self) -> Mask:
        """Rows whose sale lasts today."""
        starts, ends = (
            as_text(self.columns[name]) if (name := self.columns.first_filled(names)) else None
            for names in (self.pricing.starts, self.pricing.ends)
        )
        period = self.columns.first_filled(self.pricing.period)
        if period is not None:
            starts, ends = split_period(self.columns[period])
        return covers(starts, ends, self.options.today, len(self.columns))


def read_prices(columns: Columns, pricing: PriceColumns, options: FeedOptions, journal: Journal) -> dict[str, Cells]:
    """``price`` and ``discountPrice``, as far as the columns give them."""
    desk = _Desk(columns=columns, pricing=pricing, options=options, journal=journal)
    regular = desk.amounts(pricing.regular, "price")
    if regular is None and pricing.paid:
        return _from_paid(desk)
    reduced = desk.amounts(pricing.reduced, "discountPrice")
    if regular is not None and reduced is None and _other_column(desk):
        reduced = desk.amounts(pricing.paid, "discountPrice")
    if regular is None and reduced is None:
        return {}
    if regular is None or reduced is None:
        return _from_one(desk, regular or reduced)  # type: ignore[arg-type]
    return _from_both(desk, regular, reduced)


def _other_column(desk: _Desk) -> bool:
    """Whether what the customer pays stands in another column than the regular price."""
    paid = desk.columns.first_filled(desk.pricing.paid)
    return paid is not None and paid != desk.columns.first_filled(desk.pricing.regular)


def _from_paid(desk: _Desk) -> dict[str, Cells]:
    paid = desk.amounts(desk.pricing.paid, "price")
    former = desk.amounts(desk.pricing.compare_at, "price")
    if paid is None:
        return {}
    if former is None:
        return _from_one(desk, paid)
    higher = mask_of(pc.greater(former.values, paid.values))
    useless = mask_of(former.values.is_valid()) & ~higher & (_floats(former.values) != 0)
    if useless.any():
        message = "a former price that is not above the price says nothing and is left out"
        desk.journal.add(
            "dropped", message, count=useless.sum(), field="discountPrice", examples=_shown(former, useless)
        )
    regular = pc.if_else(pa.array(higher), former.values, paid.values)
    reduced = pc.if_else(pa.array(higher), paid.values, pa.scalar(None, paid.values.type))
    return {"price": Cells(values=regular, unread=paid.unread), "discountPrice": Cells(values=reduced)}


def _from_both(desk: _Desk, regular: Cells, reduced: Cells) -> dict[str, Cells]:
    only = mask_of(reduced.values.is_valid()) & ~regular.filled
    if only.any():
        message = "a reduced price without a regular one is taken for the price"
        desk.journal.add("converted", message, count=only.sum(), field="price", examples=_shown(reduced, only))
    price = pc.if_else(pa.array(only), reduced.values, regular.values)
    lower = mask_of(pc.less(reduced.values, price))
    running = desk.in_period()
    _note_dropped(desk, reduced, lower=lower, running=running, there=mask_of(reduced.values.is_valid()) & ~only)
    kept = pc.if_else(pa.array(lower & running), reduced.values, pa.scalar(None, reduced.values.type))
    return {
        "price": Cells(values=price, unread=regular.unread),
        "discountPrice": Cells(values=kept, unread=reduced.unread),
    }


def _note_dropped(desk: _Desk, reduced: Cells, *, lower: Mask, running: Mask, there: Mask) -> None:
    high, over = there & ~lower, there & lower & ~running
    for mask, message in (
        (high, "a reduced price that is not below the price is left out"),
        (over, f"a sale that does not last on {desk.options.today.isoformat()} is left out"),
    ):
        if mask.any():
            desk.journal.add(
                "dropped", message, count=mask.sum(), field="discountPrice", examples=_shown(reduced, mask)
            )


def _from_one(desk: _Desk, regular: Cells) -> dict[str, Cells]:
    """The price alone, less the reduction that columns of their own give."""
    off = _reduction(desk, _floats(regular.values))
    if off is None:
        return {"price": regular}
    there = off > 0
    if not there.any():
        return {"price": regular}
    price = _floats(regular.values)
    left = to_cents(price - off)
    sensible = there & (left >= 0) & (left < price)
    reduced = Cells(values=_array(np.where(there, left, np.nan)))
    running = desk.in_period()
    _note_dropped(desk, reduced, lower=sensible, running=running, there=there & ~np.isnan(price))
    kept = np.where(sensible & running, left, np.nan)
    return {"price": regular, "discountPrice": Cells(values=_array(kept))}


def _reduction(desk: _Desk, price: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """The amount taken off each price, nan where nothing is."""
    columns, pricing = desk.columns, desk.pricing
    read = {}
    for kind, names in (("amount", pricing.amount_off), ("percent", pricing.percent_off), ("either", pricing.off)):
        name = columns.first_filled(names)
        if name is not None:
            read[kind] = _floats(
                read_money(columns[name], desk.journal.quiet(), field="discountPrice", name=name).values
            )
    mode = columns.first_filled(pricing.off_mode)
    if "either" in read and mode is not None:
        is_percent = mask_of(pc.match_substring(pc.utf8_lower(as_text(columns[mode]).cast(TEXT)), "percent"))
        read["percent"] = np.where(is_percent, read["either"], np.nan)
        read["amount"] = np.where(is_percent, np.nan, read.pop("either"))
    if not read.keys() & {"amount", "percent"}:
        return None
    nothing = np.full(len(columns), np.nan)
    amount, percent = read.get("amount", nothing), read.get("percent", nothing)
    return np.where(np.nan_to_num(percent) > 0, price * percent / 100, amount)


def _floats(values: pa.Array) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers


def _array(numbers: npt.NDArray[np.float64]) -> pa.Array:
    return pa.array(numbers, mask=np.isnan(numbers))


def _shown(cells: Cells, mask: Mask) -> list[str]:
    return [str(value) for value in cells.values.filter(pa.array(mask)).slice(0, 3).to_pylist()]
