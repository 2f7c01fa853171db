"""``df.salesmanago``: a frame in hand, each method a line over a function that works without it."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal, Unpack, overload

import pandas as pd

from smnotebook.errors import UsageError

if TYPE_CHECKING:
    from smnotebook.catalog import Catalog
    from smnotebook.client import Client
    from smnotebook.contract.event_fields import Ambiguous
    from smnotebook.events import DryRun
    from smnotebook.frame.event_report import ContactReport, EventReport
    from smnotebook.frame.fixes import Fixes, Keep, Kinds
    from smnotebook.frame.house_rules import HouseRules
    from smnotebook.frame.outcome import UploadReport
    from smnotebook.frame.report import PreflightReport
    from smnotebook.mapping import Mapping as FieldMapping
    from smnotebook.upload import EventArguments, OnErrors, UploadArguments, UploadPlan
    from smnotebook.upload.diffing import CatalogDiff
    from smnotebook.upload.outliers import Thresholds
    from smnotebook.upload.progress import Watch
    from smnotebook.upload.repairs import RepairArguments

__all__ = ["SalesmanagoAccessor"]


@pd.api.extensions.register_dataframe_accessor("salesmanago")
class SalesmanagoAccessor:
    """What can be done with a product table; reach it as ``df.salesmanago``."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def suggest_mapping(
        self,
        *,
        url_template: str | None = None,
        currency: str | None = None,
        language: str | None = None,
        learned: bool = True,
    ) -> FieldMapping:
        """Propose which column holds which field; see :func:`smnotebook.mapping.suggest_mapping`."""
        from smnotebook.mapping import suggest_mapping

        return suggest_mapping(
            self._frame, url_template=url_template, currency=currency, language=language, learned=learned
        )

    def map(
        self,
        mapping: FieldMapping,
        *,
        decimal: str | Mapping[str, str] = "",
        currency: str = "",
        today: date | None = None,
        questions: Literal["raise", "keep"] = "raise",
        remember: bool = True,
    ) -> pd.DataFrame:
        """The product table that a mapping makes of this one; see :meth:`smnotebook.mapping.Mapping.apply`.

        Parameters
        ----------
        mapping : Mapping
            Which column is which field.
        decimal : {"", ".", ","} or mapping of str to str
            The decimal mark of amounts and counts, for all columns or by the name of each.
        currency : str
            ISO code of the prices.
        today : date or zoned datetime, optional
            What sale periods are judged by; now where not given.
        questions : {"raise", "keep"}
            What happens where a price can be read in two ways: an error that names both, or a text that is left as it
            is.
        remember : bool
            Keep a suggestion that you edited, so that :meth:`suggest_mapping` offers it again for tables with the same
            columns; :func:`smnotebook.remembered_mappings` lists what is kept.
        """
        from smnotebook.mapping import labels_of, remember_edited

        products = mapping.apply(self._frame, decimal=decimal, currency=currency, today=today, questions=questions)
        if remember:
            try:
                remember_edited(mapping, labels_of(self._frame))
            except UsageError as fault:  # the products are made: what can't be kept costs no result
                warnings.warn(str(fault), stacklevel=2)
        return products

    def preflight(self, *, rules: HouseRules | None = None) -> PreflightReport:
        """Find everything the API would refuse or ignore; see :func:`smnotebook.frame.preflight.preflight`."""
        from smnotebook.frame.preflight import preflight

        return preflight(self._frame, rules=rules)

    def fixes(self, *, trim: bool = False, drop_bad_images: bool = False, duplicates: Keep | None = None) -> Fixes:
        """Propose repairs, before and after; see :func:`smnotebook.frame.fixes.find_fixes`."""
        from smnotebook.frame.fixes import find_fixes

        return find_fixes(self._frame, trim=trim, drop_bad_images=drop_bad_images, duplicates=duplicates)

    def fix(
        self,
        kinds: Kinds | None = None,
        *,
        trim: bool = False,
        drop_bad_images: bool = False,
        duplicates: Keep | None = None,
    ) -> pd.DataFrame:
        """A mended copy of the frame; ``attrs["smnotebook.fixes"]`` lists what was done.

        ``kinds`` names what to mend, as ``["money", "url"]`` or with columns: ``{"money": ["price"]}``. Three kinds
        lose something and are done only where they are asked for: ``trim`` cuts texts to their limit,
        ``drop_bad_images`` leaves out pictures without a proper address, ``duplicates`` drops rows.
        """
        return self.fixes(trim=trim, drop_bad_images=drop_bad_images, duplicates=duplicates).apply(kinds)

    def plan_products(self, catalog: Catalog, **options: Unpack[UploadArguments]) -> UploadPlan:
        """Show what :meth:`upsert_products` would do; see :func:`smnotebook.upload.plan_products`."""
        from smnotebook.upload import plan_products

        return plan_products(self._frame, catalog, **options)

    @overload
    def upsert_products(
        self,
        catalog: Catalog,
        *,
        dry_run: Literal[True],
        progress: Watch | bool = True,
        **options: Unpack[UploadArguments],
    ) -> UploadPlan: ...

    @overload
    def upsert_products(
        self,
        catalog: Catalog,
        *,
        dry_run: Literal[False] = False,
        progress: Watch | bool = True,
        **options: Unpack[UploadArguments],
    ) -> UploadReport: ...

    def upsert_products(
        self,
        catalog: Catalog,
        *,
        dry_run: bool = False,
        progress: Watch | bool = True,
        **options: Unpack[UploadArguments],
    ) -> UploadReport | UploadPlan:
        """Put the table into a catalog; see :func:`smnotebook.upload.upload_products`.

        Parameters
        ----------
        dry_run : bool
            Send nothing and return the plan.
        """
        from smnotebook.upload import upload_products

        if dry_run:
            return self.plan_products(catalog, **options)
        return upload_products(self._frame, catalog, progress=progress, **options)

    def preflight_events(
        self,
        client: Client,
        *,
        timezone: str | None = None,
        ambiguous: Ambiguous | None = None,
        carry: Mapping[str, str] | None = None,
        feed_locations: Collection[str] = (),
    ) -> PreflightReport:
        """Find everything API v2 would refuse about events; see :func:`smnotebook.upload.preflight_events`."""
        from smnotebook.upload import preflight_events

        return preflight_events(
            self._frame, client, timezone=timezone, ambiguous=ambiguous, carry=carry, feed_locations=feed_locations
        )

    def dry_run_events(
        self,
        client: Client,
        *,
        timezone: str | None = None,
        ambiguous: Ambiguous | None = None,
        carry: Mapping[str, str] | None = None,
        feed_locations: Collection[str] = (),
    ) -> DryRun:
        """Show the requests that :meth:`send_events` would make; see :func:`smnotebook.upload.dry_run_events`."""
        from smnotebook.upload import dry_run_events

        return dry_run_events(
            self._frame, client, timezone=timezone, ambiguous=ambiguous, carry=carry, feed_locations=feed_locations
        )

    @overload
    def send_events(
        self,
        client: Client,
        *,
        dry_run: Literal[True],
        progress: Watch | bool = True,
        **options: Unpack[EventArguments],
    ) -> DryRun: ...

    @overload
    def send_events(
        self,
        client: Client,
        *,
        dry_run: Literal[False] = False,
        progress: Watch | bool = True,
        **options: Unpack[EventArguments],
    ) -> EventReport: ...

    def send_events(
        self,
        client: Client,
        *,
        dry_run: bool = False,
        progress: Watch | bool = True,
        **options: Unpack[EventArguments],
    ) -> EventReport | DryRun:
        """Send a table of events, none of them twice; see :func:`smnotebook.upload.send_events`.

        Parameters
        ----------
        dry_run : bool
            Send nothing and return what would be sent.
        """
        from smnotebook.upload import send_events

        if dry_run:
            return self.dry_run_events(
                client,
                timezone=options.get("timezone"),
                ambiguous=options.get("ambiguous"),
                carry=options.get("carry"),
                feed_locations=options.get("feed_locations", ()),
            )
        return send_events(self._frame, client, progress=progress, **options)

    def upsert_contacts(
        self, client: Client, *, errors: OnErrors = "raise", to_real_contacts: bool = False
    ) -> ContactReport:
        """Add or change a table of contacts; see :func:`smnotebook.upload.upsert_contacts`."""
        from smnotebook.upload import upsert_contacts

        return upsert_contacts(self._frame, client, errors=errors, to_real_contacts=to_real_contacts)

    def diff(self, catalog: Catalog, *, clear: Sequence[str] = (), thresholds: Thresholds | None = None) -> CatalogDiff:
        """Hold the table against what is stored; see :func:`smnotebook.upload.diffing.diff_products`."""
        from smnotebook.upload.diffing import diff_products

        return diff_products(self._frame, catalog, clear=clear, thresholds=thresholds)

    def plan_patch(self, catalog: Catalog, **arguments: Unpack[RepairArguments]) -> UploadPlan:
        """Show what :meth:`patch_products` would do."""
        from smnotebook.upload.repairs import plan_patch

        return plan_patch(self._frame, catalog, **arguments)

    def patch_products(
        self, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
    ) -> UploadReport:
        """Change some columns of stored products; see :func:`smnotebook.upload.repairs.patch_products`."""
        from smnotebook.upload.repairs import patch_products

        return patch_products(self._frame, catalog, progress=progress, **arguments)

    def update_prices(
        self, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
    ) -> UploadReport:
        """Change prices only; see :func:`smnotebook.upload.repairs.update_prices`."""
        from smnotebook.upload.repairs import update_prices

        return update_prices(self._frame, catalog, progress=progress, **arguments)

    def update_quantities(
        self, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
    ) -> UploadReport:
        """Change stock only; see :func:`smnotebook.upload.repairs.update_quantities`."""
        from smnotebook.upload.repairs import update_quantities

        return update_quantities(self._frame, catalog, progress=progress, **arguments)

    def deactivate(
        self, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
    ) -> UploadReport:
        """Take the products offline; see :func:`smnotebook.upload.repairs.deactivate`."""
        from smnotebook.upload.repairs import deactivate

        return deactivate(self._frame, catalog, progress=progress, **arguments)

    def activate(
        self, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
    ) -> UploadReport:
        """Bring the products back; see :func:`smnotebook.upload.repairs.activate`."""
        from smnotebook.upload.repairs import activate

        return activate(self._frame, catalog, progress=progress, **arguments)
