"""PrestaShop: available where it may be ordered."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.draft import Draft
from smnotebook.feeds.peculiarities.asking import quantity_of, says, truth_of
from smnotebook.values.cells import Cells, mask_of

__all__ = ["settle"]


def settle(draft: Draft) -> None:
    """Available where it may be ordered and there is stock, or orders are taken without."""
    orderable = truth_of(draft, ("Available for order (0 = No, 1 = Yes)",), "available")
    quantity = quantity_of(draft)
    in_stock = mask_of(pc.greater(quantity, 0)) | mask_of(quantity.is_null())
    in_stock |= says(draft, ("Out of stock action",), "1") | says(draft, ("Virtual product",), "1")
    may = np.ones(len(draft), dtype=bool) if orderable is None else mask_of(pc.fill_null(orderable, True))  # noqa: FBT003
    draft.cells["available"] = Cells(values=pa.array(in_stock & may))
