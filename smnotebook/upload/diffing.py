"""A frame held against what is known to be stored: every value that differs, and what stands out among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.contract import Product, declared_fields
from smnotebook.frame.columns import bind_columns
from smnotebook.frame.display import show_value
from smnotebook.render.diff import DiffSummary, diff_html, diff_text
from smnotebook.upload.completing import complete_frame
from smnotebook.upload.kinds import Kind
from smnotebook.upload.options import Consent, Options
from smnotebook.upload.outliers import Outliers, Thresholds, find_outliers
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.products import plan_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CatalogDiff", "diff_products"]

#: Changes that an HTML diff shows; all of them are in ``changes``.
SHOWN_CHANGES = 100


@dataclass(frozen=True, kw_only=True)
class CatalogDiff:
    """What would change in a catalog.

    Attributes
    ----------
    changes : DataFrame
        ``position``, ``productId``, ``field``, ``before``, ``after``; a value that is absent is missing. Before is
        what this machine last saw accepted: what others changed elsewhere is not known.
    new, changed, unchanged, refused : int
        Rows whose product is not known to be stored, would change, would not, or would be refused.
    known : int
        Products known to be stored, in the frame or not.
    outliers : Outliers
    """

    plan: UploadPlan = field(repr=False)
    changes: pd.DataFrame
    outliers: Outliers

    @property
    def new(self) -> int:
        """Rows whose product is not known to be stored."""
        return self.plan.new

    @property
    def changed(self) -> int:
        """Rows whose product is stored with another content."""
        return int(self.changes["position"].nunique())

    @property
    def unchanged(self) -> int:
        """Rows all of whose fields are stored as they are, and none of which is in doubt."""
        is_changed = self.plan.marked.kinds == Kind.CHANGED
        is_changed[self.changes["position"].to_numpy(dtype=np.int64)] = False
        return self.plan.unchanged + int(np.count_nonzero(is_changed))

    @property
    def doubtful(self) -> pd.DataFrame:
        """Fields of the rows' products that are in doubt: nobody knows whether they are the same.

        Returns
        -------
        DataFrame
            As :attr:`UploadPlan.doubtful`.
        """
        return self.plan.doubtful

    @property
    def refused(self) -> int:
        """Rows that would be refused."""
        return self.plan.refused

    @property
    def known(self) -> int:
        """Products known to be stored."""
        return self.plan.known

    def plot(self) -> Figure:
        """Draw which fields change, and by how much the prices move.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from smnotebook.render.diff_picture import draw_diff  # matplotlib loads when first used

        prices = self.changes[self.changes["field"] == "price"]
        before = pd.to_numeric(prices["before"], errors="coerce").to_numpy(dtype=np.float64)
        after = pd.to_numeric(prices["after"], errors="coerce").to_numpy(dtype=np.float64)
        return draw_diff(self._summary(), before, after)

    def _summary(self) -> DiffSummary:
        counts = self.changes["field"].value_counts()
        return DiffSummary(
            catalog=self.plan.catalog.name,
            rows=len(self.plan.frame),
            changed=self.changed,
            new=self.new,
            unchanged=self.unchanged,
            refused=self.refused,
            known=self.known,
            fields=tuple((str(name), int(count)) for name, count in counts.items()),
            alerts=self.outliers.alerts,
            doubtful=tuple(Counter(self.doubtful["field"]).most_common()),
        )

    def __repr__(self) -> str:
        return diff_text(self._summary())

    def _repr_html_(self) -> str:
        columns = ["productId", "field", "before", "after"]
        shown = self.changes.head(SHOWN_CHANGES)[columns].astype(object).map(show_value)
        return diff_html(self._summary(), columns, shown.to_numpy().tolist())


def diff_products(
    frame: pd.DataFrame, catalog: Catalog, *, clear: Sequence[str] = (), thresholds: Thresholds | None = None
) -> CatalogDiff:
    """Hold a frame against what is known to be stored; nothing is sent.

    Parameters
    ----------
    frame : DataFrame
        Whole products, or ``productId`` and some columns; of partial ones only the columns at hand are compared.
    clear : sequence of str
        Fields whose empty cells would take the stored value away.
    """
    options = Options.checked(errors="skip", clear=clear, changed_only=True, force=(), consent=Consent())
    if _is_whole(frame):
        plan = plan_rows(frame, catalog, options)
    else:
        completed = complete_frame(frame, catalog, clear=options.clear)
        plan = plan_rows(completed.frame, catalog, options, adjust=completed.explain)
    changes = plan.changes()
    return CatalogDiff(
        plan=plan, changes=changes, outliers=find_outliers(changes, known=plan.known, thresholds=thresholds)
    )


def _is_whole(frame: pd.DataFrame) -> bool:
    held = {binding.field for binding in bind_columns(list(frame.columns), Product).bound}
    return all(declared.name in held for declared in declared_fields(Product) if declared.required)
