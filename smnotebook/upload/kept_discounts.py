"""Reduced prices that stay stored beside a new price, since an empty cell leaves a field as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import orjson

from smnotebook.frame.arrow import Positions, take_rows
from smnotebook.frame.table import CanonicalTable
from smnotebook.ledger import Book
from smnotebook.values.questions import Question

__all__ = ["KeptDiscounts", "find_kept_discounts"]

#: Changed rows looked at: a stored product is read for each, about 10 us.
_LOOKED_AT = 10_000
_SHOWN = 3
_CLEAR = "clear=['discountPrice']"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDiscounts:
    """Products whose row gives no reduced price while one is stored.

    Attributes
    ----------
    above : tuple of (str, Decimal, Decimal)
        Id, new price and stored reduced price, where the latter would not be below the former.
    ended : int
        Products whose cell is empty in a column of reduced prices, and whose stored one is below the new price.
    """

    above: tuple[tuple[str, Decimal, Decimal], ...] = ()
    ended: int = 0

    @property
    def question(self) -> Question | None:
        """What is asked before such prices are sent; None where there are none."""
        if not self.above:
            return None
        return Question(
            code="kept_discount",
            field="discountPrice",
            readings=("take the stored reduced prices away", "give the reduced prices that are meant"),
            examples=tuple(f"{one}: price {price}, stored {stored}" for one, price, stored in self.above[:_SHOWN]),
            count=len(self.above),
            argument=_CLEAR,
            reason="the reduced price that is stored would not be below the new price",
        )

    @property
    def note(self) -> str | None:
        """What a plan and a report say of sales that look as if they had ended."""
        if not self.ended:
            return None
        products = "product keeps its" if self.ended == 1 else "products keep their"
        return f"{self.ended:,} {products} stored discountPrice, as the cells are empty; {_CLEAR} takes it away"


def find_kept_discounts(book: Book, table: CanonicalTable, changed: Positions) -> KeptDiscounts:
    """Look for them among rows that change a stored product, the first ten thousand of them."""
    prices, ids, reduced = (table.find(name) for name in ("price", "productId", "discountPrice"))
    if prices is None or ids is None:
        return KeptDiscounts()
    rows = changed[:_LOOKED_AT]
    product_ids = take_rows(ids, rows).to_pylist()
    given = [None] * len(rows) if reduced is None else take_rows(reduced, rows).to_pylist()
    stored = dict(_stored_discounts(book, product_ids))
    above, ended = [], 0
    for product_id, price, cell in zip(product_ids, take_rows(prices, rows).to_pylist(), given, strict=True):
        before = stored.get(product_id)
        # a price update fills in the reduced price that is stored
        if before is None or price is None or (cell is not None and Decimal(str(cell)) != before):
            continue
        if before >= Decimal(str(price)):
            above.append((product_id, Decimal(str(price)), before))
        else:
            ended += reduced is not None and cell is None
    return KeptDiscounts(above=tuple(above), ended=ended)


def _stored_discounts(book: Book, product_ids: list[str]) -> Iterator[tuple[str, Decimal]]:
    for product_id, payload in book.payloads(product_ids).items():
        if b'"discountPrice"' in payload and (value := orjson.loads(payload).get("discountPrice")) is not None:
            yield product_id, Decimal(str(value))
