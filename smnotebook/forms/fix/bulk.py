"""What can be done to all products of FixForm's table at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from smnotebook.contract.exact import EXACT
from smnotebook.forms.fix.cells import Row, read_amount
from smnotebook.forms.fix.products import Value

__all__ = ["BULK_CHANGES", "BulkChange", "change_all", "read_number"]

Needs = Literal["amount", "percent", "count", "nothing"]

_CENT, _ONE = Decimal("0.01"), Decimal(1)
_SIGNED = re.compile(r"[+-]?[0-9]{1,12}([.,][0-9]{1,12})?")
_WANTED = {
    "amount": "Write an amount such as 19.99.",
    "percent": "Write a number above -100, such as 5 or -12.5.",
    "count": "Write a whole number such as 10 or -3.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkChange:
    """One thing to do to a field of every product.

    Attributes
    ----------
    needs : str
        What must be filled in for it.
    compute : callable
        Takes a product's value and what was filled in; None where there is nothing to change.
    """

    label: str
    field: str
    needs: Needs
    compute: Callable[[Value, Decimal], Value]

    @property
    def clears(self) -> bool:
        """Whether it takes a value away."""
        return self.needs == "nothing" and self.field == "discountPrice"


def _percent(smallest: Decimal) -> Callable[[Value, Decimal], Value]:
    def change(value: Value, percent: Decimal) -> Value:
        if isinstance(value, (bool, str)) or value is None:
            return None
        changed = EXACT.divide(EXACT.multiply(value, EXACT.add(100, percent)), 100).quantize(
            smallest, ROUND_HALF_UP, EXACT
        )
        return int(changed) if smallest == _ONE else changed

    return change


def _add(value: Value, number: Decimal) -> Value:
    """So many pieces more or fewer; taking off ends at none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return max(value + int(number), min(value, 0))


#: By the name that the form's choice gives them.
BULK_CHANGES: Mapping[str, BulkChange] = {
    "price set": BulkChange(label="Set the price to", field="price", needs="amount", compute=lambda _, new: new),
    "price percent": BulkChange(
        label="Change the price by percent", field="price", needs="percent", compute=_percent(_CENT)
    ),
    "discount set": BulkChange(
        label="Set the reduced price to", field="discountPrice", needs="amount", compute=lambda _, new: new
    ),
    "discount percent": BulkChange(
        label="Change the reduced price by percent", field="discountPrice", needs="percent", compute=_percent(_CENT)
    ),
    "discount end": BulkChange(
        label="End the reduction", field="discountPrice", needs="nothing", compute=lambda _value, _: None
    ),
    "stock set": BulkChange(label="Set the stock to", field="quantity", needs="count", compute=lambda _, new: int(new)),
    "stock add": BulkChange(label="Change the stock by pieces", field="quantity", needs="count", compute=_add),
    "stock percent": BulkChange(
        label="Change the stock by percent", field="quantity", needs="percent", compute=_percent(_ONE)
    ),
    "available": BulkChange(
        label="Make them available", field="available", needs="nothing", compute=lambda _value, _: True
    ),
    "unavailable": BulkChange(
        label="Make them unavailable", field="available", needs="nothing", compute=lambda _value, _: False
    ),
}


def read_number(change: BulkChange, text: str) -> Decimal | str:
    """What was filled in; a sentence where it is not what the change needs."""
    if change.needs == "nothing":
        return Decimal(0)
    if change.needs == "amount":
        amount = read_amount(text)
        return amount if isinstance(amount, Decimal) else _WANTED["amount"]
    if not _SIGNED.fullmatch(text):
        return _WANTED[change.needs]
    number = Decimal(text.replace(",", "."))
    is_fit = number > -100 if change.needs == "percent" else number == number.to_integral_value(context=EXACT)
    return number if is_fit else _WANTED[change.needs]


def change_all(change: BulkChange, rows: Iterable[Row], number: Decimal) -> dict[str, Value]:
    """The new value of each product that the change concerns, by id."""
    changed = {row.product.product_id: change.compute(row.typed[change.field], number) for row in rows}
    return {product_id: value for product_id, value in changed.items() if value is not None or change.clears}
