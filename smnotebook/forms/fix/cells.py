"""The table of FixForm: what was typed into a product's fields, held against what is stored and what the API takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from smnotebook.contract import PriceUpdate, QuantityUpdate, check
from smnotebook.contract.exact import EXACT
from smnotebook.contract.reasons import Severity
from smnotebook.forms.entries import Entries
from smnotebook.forms.fix.products import LABELS, Stored, Value
from smnotebook.forms.wording import sentence
from smnotebook.values.amounts.reading import read_typed_amount

__all__ = ["Row", "entries_of", "entry_name", "read_amount", "read_row", "written"]

# lengths beyond any price: an integer of thousands of digits is more than Python reads
_AMOUNT = re.compile(r"-?[0-9]{1,30}([.,][0-9]{1,30})?")
_LONGEST = 60
_COUNT = re.compile(r"-?[0-9]{1,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One product of the table.

    Attributes
    ----------
    typed : mapping
        What stands in each field; the text itself where it can't be read.
    changed : mapping
        The fields that differ from what is stored.
    errors, hints : mapping
        What the API would refuse about the changed fields, and what it would take and is strange even so; in words.
    """

    product: Stored
    typed: Mapping[str, Value]
    changed: Mapping[str, Value]
    errors: Mapping[str, str]
    hints: Mapping[str, str]


def entry_name(field: str, product_id: str) -> str:
    """What the form's field is called."""
    return f"{field} {product_id}"


def entries_of(product: Stored) -> dict[str, str | bool]:
    """The form's fields of a product, filled with what is stored."""
    values = product.values
    return {
        entry_name(field, product.product_id): values[field] is True if field == "available" else written(values[field])
        for field in LABELS
    }


def written(value: Value) -> str:
    """A stored value as it stands in a field of text."""
    return "" if value is None else str(value)


def read_row(product: Stored, entries: Entries) -> Row:
    """What stands in a product's fields."""
    typed = {field: _read(field, product, entries) for field in LABELS}
    changed = {field: value for field, value in typed.items() if value != product.values[field]}
    found = [*_verdicts(product, typed)] if changed else []  # what is stored was accepted once
    errors = {field: words for field, severity, words in found if severity == "error" and field in changed}
    if changed.get("quantity", 0) is None:
        errors["quantity"] = "The API can't take a stock away again. Write 0 for sold out."
    hints = {field: words for field, severity, words in found if severity == "warning"}
    return Row(product=product, typed=typed, changed=changed, errors=errors, hints=hints)


def _verdicts(product: Stored, typed: Mapping[str, Value]) -> Iterator[tuple[str, Severity, str]]:
    filled = {field: value for field, value in typed.items() if value is not None}
    record = {"productId": product.product_id, **filled}
    for found in (*check(PriceUpdate, record), *check(QuantityUpdate, record)):
        if found.field in LABELS:
            yield found.field, found.severity, sentence(found, LABELS[found.field])


def _read(field: str, product: Stored, entries: Entries) -> Value:
    name = entry_name(field, product.product_id)
    if field == "available":
        is_ticked = entries.ticked(name)
        # what was never said stays unsaid until somebody ticks it
        return None if product.values[field] is None and not is_ticked else is_ticked
    text = entries.text(name)
    if not text:
        return None
    return _read_count(text) if field == "quantity" else read_amount(text)


def _read_count(text: str) -> Value:
    return int(text) if _COUNT.fullmatch(text) else text


def read_amount(text: str) -> Value:
    """An amount; the text itself where it can't be read, or can be read in two ways."""
    if not _AMOUNT.fullmatch(text):
        read = read_typed_amount(text) if len(text) <= _LONGEST else None
        return text if read is None else read
    amount = Decimal(text.replace(",", "."))
    cents = EXACT.multiply(amount, 100)
    # 1.000 is a thousand to some: a third decimal is read only where it can be nothing else
    is_grouping = amount.as_tuple().exponent < -2 and cents == cents.to_integral_value(context=EXACT)  # type: ignore[operator]
    return text if is_grouping else amount
