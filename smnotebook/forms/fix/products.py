"""The products of a catalog that this machine has sent: found by words, and their values as they are stored now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smnotebook.catalog import Catalog
from smnotebook.frame.display import show_value
from smnotebook.upload.completing import complete_frame
from smnotebook.upload.history import product_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LABELS", "KnownProducts", "Stored", "Value", "read_stored"]

Value = Decimal | int | bool | str | None

#: The fields that the form changes, and what their columns are called.
LABELS = {"price": "Price", "discountPrice": "Reduced price", "quantity": "Stock", "available": "Available"}

_SEARCHED = ("productId", "name", "mainCategory", "systemDetails.brand")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A product as the ledger knows it to be stored.

    Attributes
    ----------
    values : mapping
        By field; None where the product has none.
    """

    product_id: str
    name: str
    values: Mapping[str, Value]


class KnownProducts:
    """Finds ids by words of the product's id, name, category and brand, in either case.

    Parameters
    ----------
    frame : DataFrame
        As ``catalog.products()`` gives it.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        held = [frame[name].fillna("").tolist() for name in _SEARCHED if name in frame.columns]
        self._ids: list[str] = frame["productId"].tolist() if held else []
        self._texts = ["\n".join(texts).casefold() for texts in zip(*held, strict=True)]

    def __len__(self) -> int:
        return len(self._ids)

    def find(self, words: str) -> list[str]:
        """The ids of all products that have every word; of all products where there is none."""
        wanted = words.casefold().split()
        if not wanted:
            return self._ids
        pairs = zip(self._ids, self._texts, strict=True)
        return [product_id for product_id, text in pairs if all(word in text for word in wanted)]


def read_stored(catalog: Catalog, product_ids: Sequence[str]) -> list[Stored]:
    """These products as the ledger knows them now, in the same order."""
    if not product_ids:
        return []
    ids = product_frame([{"productId": product_id} for product_id in product_ids])
    return list(_rows(complete_frame(ids, catalog).frame))


def _rows(frame: pd.DataFrame) -> Iterator[Stored]:
    names = _cells(frame, "name")
    columns = {field: _cells(frame, field) for field in LABELS}
    for position, product_id in enumerate(frame["productId"].tolist()):
        values = {field: cells[position] for field, cells in columns.items()}
        yield Stored(product_id=product_id, name=show_value(names[position]) or "", values=values)


def _cells(frame: pd.DataFrame, field: str) -> list[Any]:
    if field not in frame.columns:
        return [None] * len(frame)
    cells = frame[field]
    missing = cells.isna().tolist()
    return [None if is_missing else cell for cell, is_missing in zip(cells.tolist(), missing, strict=True)]
