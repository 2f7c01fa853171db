"""What an export's price columns mean, row by row: the regular price, and the reduced one where there is one today."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.columns import Columns
from smnotebook.feeds.options import FeedOptions
from smnotebook.feeds.presets import PriceColumns
from smnotebook.values.cells import TEXT, Cells, Mask, as_text, mask_of
from smnotebook.values.discounts import (
    Period,
    as_floats,
    drop_discounts,
    drop_outside_period,
    fill_discounts,
    says_no,
    take_off,
)
from smnotebook.values.findings import Journal
from smnotebook.values.names import is_net_name
from smnotebook.values.periods import split_period
from smnotebook.values.prices import add_tax, first_amounts, pick, says_much
from smnotebook.values.transforms import Task, convert

__all__ = ["read_prices"]


class _Amounts(NamedTuple):
    """One amount a row and kind; a kind without columns is missing in every row."""

    regular: Cells
    paid: Cells
    former: Cells
    reduced: Cells


_REGULAR, _PAID, _FORMER, _REDUCED = range(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What every step of the pricing needs."""

    columns: Columns
    pricing: PriceColumns
    options: FeedOptions
    journal: Journal
    read: dict[str, Cells] = field(default_factory=dict)

    def filled(self, names: Iterable[str]) -> list[str]:
        """The columns that are there and hold anything."""
        table = self.columns.table
        return [name for name in self.columns.find_all(names) if table.column(name).null_count < len(table)]

    def amounts(self, names: Iterable[str], target: str) -> Cells:
        """The amounts of the columns, for each row of the first that says something, with tax where it is due."""
        parts: list[Cells] = []
        found = self.filled(names)
        for name in found:
            parts.append(self._column(name, target))
            if all(says_much(parts[-1])):
                break
        if not parts:
            return Cells(values=pa.nulls(len(self.columns), pa.float64()))
        choice = first_amounts(parts)
        for at, name in enumerate(found[: len(parts)]):
            used = int(((choice == at) & parts[at].filled).sum())
            if used and (self.pricing.net or is_net_name(name)):
                parts[at] = self._with_tax(parts[at], name, target, used)
        return parts[0] if len(parts) == 1 else pick(parts, choice)

    def _column(self, name: str, target: str) -> Cells:
        if name not in self.read:
            task = Task(field=target, journal=self.journal, column=name)
            self.read[name] = convert(self.columns.typed(name), "money", task)
        return self.read[name]

    def _with_tax(self, cells: Cells, name: str, target: str, used: int) -> Cells:
        vat = self.options.vat_percent
        if vat is None:
            message = "net prices taken as they are: give vat_percent=… to add the tax"
            self.journal.add("warned", message, count=used, field=target, column=name)
            return cells
        self.journal.add("converted", f"{vat:g} % tax added to net prices", count=used, field=target, column=name)
        return add_tax(cells, vat)


def read_prices(columns: Columns, pricing: PriceColumns, options: FeedOptions, journal: Journal) -> dict[str, Cells]:
    """``price`` and ``discountPrice``, as far as the columns give them."""
    desk = _Desk(columns=columns, pricing=pricing, options=options, journal=journal)
    amounts = _Amounts(
        regular=desk.amounts(pricing.regular, "price"),
        paid=desk.amounts(pricing.paid, "price"),
        former=desk.amounts(pricing.compare_at, "price"),
        reduced=desk.amounts(pricing.reduced, "discountPrice"),
    )
    if not desk.filled([*pricing.regular, *pricing.paid, *pricing.reduced]):
        return {}
    flag = columns.first_filled(pricing.on_sale)
    off_sale = np.zeros(len(columns), dtype=bool)
    if flag is not None:
        off_sale = says_no(convert(columns[flag], "truth", Task(field="onSale", journal=journal, column=flag)))
    price_from, reduced_from = _choose(amounts, off_sale, journal)
    cells = {"price": pick(amounts, price_from), "discountPrice": pick(amounts, reduced_from)}
    _reduce(desk, cells)
    message = "not on sale, as its column says: no reduced price"
    drop_discounts(cells, off_sale, message, journal, column=flag)
    _end_sales(desk, cells, reduced_from == _PAID)
    reductions = (pricing.reduced, pricing.compare_at, pricing.amount_off, pricing.percent_off, pricing.off)
    if not columns.find_all(chain(*reductions)) and len(columns.find_all([*pricing.regular, *pricing.paid])) < 2:
        del cells["discountPrice"]
    return cells


def _choose(amounts: _Amounts, off_sale: Mask, journal: Journal) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each row which amount is the price, and which the reduced price (-1 for none)."""
    regular, paid, former, reduced = (as_floats(cells.values) for cells in amounts)
    given = first_amounts([amounts.regular, amounts.paid])
    says_nothing = ~says_much(amounts.regular) & ~says_much(amounts.paid)
    is_alone = says_nothing & (reduced > 0)
    price_from = np.where(is_alone, _REDUCED, given)
    price = np.where(given == _REGULAR, regular, paid)
    # what the customer pays is known: a former or regular price counts only above it
    is_struck = (given == _PAID) & (former > paid) & ~off_sale
    price_from[is_struck] = _FORMER
    price[is_struck] = former[is_struck]
    is_over = (given == _REGULAR) & ((paid > regular) | (off_sale & (paid > 0)))
    price_from[is_over] = _PAID
    price[is_over] = paid[is_over]
    _say_alone(amounts, is_alone, journal)
    useless = ((given == _PAID) & (former <= paid) & (former != 0)) | (paid > regular) & (given == _REGULAR)
    if useless.any():
        message = "a former price that is not above the price says nothing and is left out"
        shown = pick(amounts, np.where(useless, np.where(given == _PAID, _FORMER, _REGULAR), -1))
        examples = shown.values.drop_null().slice(0, 3).to_pylist()
        journal.add("dropped", message, count=useless.sum(), field="discountPrice", examples=examples)
    is_lower = (reduced > 0) & (reduced < price)
    is_paid = ~is_lower & (paid > 0) & (paid < price)
    reduced_from = np.where(is_paid, _PAID, np.where(amounts.reduced.filled & ~is_alone, _REDUCED, -1))
    return price_from, reduced_from


def _say_alone(amounts: _Amounts, is_alone: Mask, journal: Journal) -> None:
    if is_alone.any():
        message = "a reduced price without a regular one is taken for the price"
        examples = amounts.reduced.values.filter(pa.array(is_alone)).slice(0, 3).to_pylist()
        journal.add("converted", message, count=is_alone.sum(), field="price", examples=examples)


def _reduce(desk: _Desk, cells: dict[str, Cells]) -> None:
    """Reduced prices from the columns that give a reduction, where no column gives a reduced price."""
    columns, pricing = desk.columns, desk.pricing
    read = {}
    for kind, names in (("amount", pricing.amount_off), ("percent", pricing.percent_off), ("either", pricing.off)):
        name = columns.first_filled(names)
        if name is not None:
            transform = "percent" if kind == "percent" else "money"
            task = Task(field="discountPrice", journal=desk.journal, column=name)
            read[kind] = as_floats(convert(columns.typed(name), transform, task).values)
    mode = columns.first_filled(pricing.off_mode)
    if "either" in read and mode is not None:
        is_percent = mask_of(pc.match_substring(pc.utf8_lower(as_text(columns[mode]).cast(TEXT)), "percent"))
        read["percent"] = np.where(is_percent, read["either"], np.nan)
        read["amount"] = np.where(is_percent, np.nan, read["either"])
    off = {kind: read[kind] for kind in ("amount", "percent") if kind in read}
    if off:
        fill_discounts(cells, take_off(as_floats(cells["price"].values), **off))


def _end_sales(desk: _Desk, cells: dict[str, Cells], is_paid: Mask) -> None:
    """Without the reduced prices whose sale does not last today; what the customer pays now needs no period."""
    columns, pricing = desk.columns, desk.pricing
    names = [columns.first_filled(given) for given in (pricing.starts, pricing.ends)]
    starts, ends = (None if name is None else columns[name] for name in names)
    period = columns.first_filled(pricing.period)
    if period is not None:
        starts, ends = split_period(columns[period])
        names = [period]
    if starts is None and ends is None:
        return
    given = [name for name in names if name is not None]
    lasting = Period(starts=starts, ends=ends, names=given, month_first=pricing.month_first)
    drop_outside_period(cells, lasting, desk.journal, today=desk.options.today, without=is_paid)
