"""``df.salesmanago``: a frame in hand, each method a line over a function that works without it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from smnotebook.catalog import Catalog
    from smnotebook.frame.fixes import Fixes, Keep
    from smnotebook.frame.outcome import UploadReport
    from smnotebook.frame.report import PreflightReport
    from smnotebook.upload import OnErrors

__all__ = ["SalesmanagoAccessor"]


@pd.api.extensions.register_dataframe_accessor("salesmanago")
class SalesmanagoAccessor:
    """What can be done with a product table; reach it as ``df.salesmanago``."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def preflight(self) -> PreflightReport:
        """Find everything the API would refuse or ignore; see :func:`smnotebook.frame.preflight.preflight`."""
        from smnotebook.frame.preflight import preflight

        return preflight(self._frame)

    def fixes(self, *, trim: bool = False, duplicates: Keep | None = None) -> Fixes:
        """Propose repairs, before and after; see :func:`smnotebook.frame.fixes.find_fixes`."""
        from smnotebook.frame.fixes import find_fixes

        return find_fixes(self._frame, trim=trim, duplicates=duplicates)

    def fix(
        self, kinds: Collection[str] | None = None, *, trim: bool = False, duplicates: Keep | None = None
    ) -> pd.DataFrame:
        """A mended copy of the frame; ``attrs["smnotebook.fixes"]`` lists what was done."""
        return self.fixes(trim=trim, duplicates=duplicates).apply(kinds)

    def upsert_products(
        self, catalog: Catalog, *, errors: OnErrors = "raise", clear: Sequence[str] = ()
    ) -> UploadReport:
        """Put the table into a catalog; see :func:`smnotebook.upload.upload_products`."""
        from smnotebook.upload import upload_products

        return upload_products(self._frame, catalog, errors=errors, clear=clear)
