"""A feed between its own columns and products: one value a field and row, before rows are joined."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from smnotebook.feeds.columns import Columns
from smnotebook.feeds.options import FeedOptions
from smnotebook.feeds.presets import Preset
from smnotebook.values.cells import Cells, Mask
from smnotebook.values.findings import Journal

__all__ = ["Draft"]


@dataclass(kw_only=True)
class Draft:
    """What is known of each row so far. Filled in stages, by one reading at a time.

    Attributes
    ----------
    cells : dict of str to Cells
        Product fields, one value a row of the feed.
    lists : dict of str to Cells
        What is gathered over all rows of a product before it is written: ``images`` and attribute values by field.
    group : pa.Array or None
        Rows with the same text belong to one product; None where every row is one.
    is_parent : mask
        Rows that stand for several variants and can't be bought themselves.
    is_extra : mask
        Rows that only add to a product, a further image for instance.
    shares_stock : mask
        Rows whose quantity is that of the whole product, repeated for each variant.
    is_off : mask
        Rows that the shop has switched off: no part of any product.
    """

    columns: Columns
    preset: Preset
    options: FeedOptions
    journal: Journal
    cells: dict[str, Cells] = field(default_factory=dict)
    lists: dict[str, Cells] = field(default_factory=dict)
    group: pa.Array | None = None
    is_parent: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    is_extra: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    shares_stock: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))
    is_off: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __post_init__(self) -> None:
        for name in ("is_parent", "is_extra", "shares_stock", "is_off"):
            if not len(getattr(self, name)):
                setattr(self, name, np.zeros(len(self.columns), dtype=bool))

    def only(self, rows: npt.NDArray[np.int64]) -> Draft:
        """The draft of these rows alone."""
        return replace(
            self,
            columns=self.columns.take(rows),
            cells={name: column.take(rows) for name, column in self.cells.items()},
            lists={name: column.take(rows) for name, column in self.lists.items()},
            group=None if self.group is None else self.group.take(pa.array(rows)),
            is_parent=self.is_parent[rows],
            is_extra=self.is_extra[rows],
            shares_stock=self.shares_stock[rows],
            is_off=self.is_off[rows],
        )

    def __len__(self) -> int:
        return len(self.columns)
