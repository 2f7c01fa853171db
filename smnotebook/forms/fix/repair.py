"""What the changed rows of FixForm come to: one call of a repair, with the frame it needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smnotebook.catalog import Catalog
from smnotebook.forms.fix.cells import Row
from smnotebook.forms.fix.products import AMOUNTS, LABELS, Value
from smnotebook.upload.diffing import CatalogDiff, diff_products
from smnotebook.upload.history import product_frame
from smnotebook.upload.progress import Watch
from smnotebook.upload.repairs import RepairArguments, patch_products, update_prices, update_quantities

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.frame.outcome import UploadReport

__all__ = ["CONSENTS", "Repair", "make_repair"]

#: What a sending may ask to be agreed to.
CONSENTS = ("allow_outliers", "allow_live", "allow_overwrite")

_CALLS = {"update_prices": update_prices, "update_quantities": update_quantities, "patch_products": patch_products}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A few values to change.

    Attributes
    ----------
    call : str
        The method of ``df.salesmanago`` that does it.
    rows : tuple of dict
        productId and the changed fields; None leaves what is stored, unless its field is in ``clear``.
    ending : tuple of str
        Products whose reduction ends.
    """

    call: str
    rows: tuple[dict[str, Value], ...]
    clear: tuple[str, ...]
    ending: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The table it sends."""
        return product_frame([dict(row) for row in self.rows])

    def compare(self, catalog: Catalog) -> CatalogDiff:
        """Hold it against what is stored; nothing is sent."""
        return diff_products(self.frame, catalog, clear=self.clear)

    def send(self, catalog: Catalog, *, consents: Collection[str], progress: Watch) -> UploadReport:
        """Send it; ``consents`` names the arguments that were said yes to."""
        arguments: RepairArguments = {
            "clear": self.clear,
            "allow_outliers": "allow_outliers" in consents,
            "allow_live": "allow_live" in consents,
            "allow_overwrite": "allow_overwrite" in consents,
        }
        return _CALLS[self.call](self.frame, catalog, progress=progress, **arguments)


def make_repair(rows: Sequence[Row]) -> Repair | None:
    """The repair that makes the stored products what the rows say; None where nothing is changed."""
    changed = [row for row in rows if row.changed]
    if not changed:
        return None
    fields = [field for field in LABELS if any(field in row.changed for row in changed)]
    call = _call_for(set(fields))
    ending = tuple(row.product.product_id for row in changed if row.changed.get("discountPrice", 0) is None)
    clear = ("discountPrice",) if ending else ()
    # a price travels with its reduction, and one that is not said would end
    whole = AMOUNTS if call == "update_prices" else clear
    fields = [field for field in LABELS if field in fields or field in whole]
    cells = tuple(
        {"productId": row.product.product_id, **{field: _cell(row, field, whole) for field in fields}}
        for row in changed
    )
    return Repair(call=call, rows=cells, clear=clear, ending=ending)


def _cell(row: Row, field: str, whole: tuple[str, ...]) -> Value:
    return row.typed[field] if field in whole else row.changed.get(field)


def _call_for(fields: set[str]) -> str:
    if fields <= set(AMOUNTS):
        return "update_prices"
    return "update_quantities" if fields == {"quantity"} else "patch_products"
