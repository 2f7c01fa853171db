"""A product table into a catalog: planned, sent, every answer joined to its row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.contract import MAX_PRODUCTS, Product
from smnotebook.errors import PlanOutdated, PreflightFailed
from smnotebook.frame.outcome import UploadReport
from smnotebook.frame.preflight import check_table
from smnotebook.frame.report import PreflightReport
from smnotebook.frame.table import read_table
from smnotebook.ledger import Quota
from smnotebook.upload.carrying import carry_out
from smnotebook.upload.guards import guard_empty, guard_live, guard_overwrite
from smnotebook.upload.kinds import Kind, mark_rows
from smnotebook.upload.options import Consent, OnErrors, Options
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.progress import Watch, watch_of
from smnotebook.upload.stored import open_book

__all__ = ["plan_products", "upload_products"]

# A round trip as the official client's users report it; only the estimate depends on it.
_SECONDS_A_REQUEST = 0.33
_CONNECTIONS = 4


def plan_products(
    frame: pd.DataFrame,
    catalog: Catalog,
    *,
    errors: OnErrors = "raise",
    clear: Sequence[str] = (),
    changed_only: bool = True,
    force: Sequence[object] = (),
    allow_empty: bool = False,
    allow_overwrite: bool = False,
    allow_live: bool = False,
) -> UploadPlan:
    """What :func:`upload_products` would do with these arguments; nothing is sent.

    Raises
    ------
    UsageError
        The frame is no DataFrame, or an argument is not one of those listed.
    """
    consent = Consent(empty=allow_empty, overwrite=allow_overwrite, live=allow_live)
    options = Options.checked(errors=errors, clear=clear, changed_only=changed_only, force=force, consent=consent)
    return _plan(frame, catalog, options)


def upload_products(
    frame: pd.DataFrame,
    catalog: Catalog,
    *,
    errors: OnErrors = "raise",
    clear: Sequence[str] = (),
    changed_only: bool = True,
    force: Sequence[object] = (),
    allow_empty: bool = False,
    allow_overwrite: bool = False,
    allow_live: bool = False,
    progress: Watch | bool = True,
) -> UploadReport:
    """Put a product table into a catalog.

    An interrupt (the notebook's stop button, Ctrl-C) lets the requests under way finish and returns the report; the
    same call again goes on from there, also after the kernel was killed.

    Parameters
    ----------
    frame : DataFrame
        One product a row, columns named as the API names them.
    errors : {"raise", "skip"}
        ``raise``: nothing is sent while preflight finds errors. ``skip``: good rows go, the others come back in
        ``UploadReport.rejected``.
    clear : sequence of str
        Fields whose empty cells clear what is stored; elsewhere an empty cell leaves it as it is.
    changed_only : bool
        Leave out products that this machine's ledger knows to be stored with the same content.
    force : sequence
        Ids of products to send even so, for instance because they were lost on the far side.
    allow_empty, allow_overwrite, allow_live : bool
        Say yes to what is stopped otherwise: a frame without rows; more than half of a catalog overwritten; sample
        data for a live account.
    progress : callable or bool
        Called with :class:`Progress`; True writes one line that is kept up to date.

    Raises
    ------
    PreflightFailed
        Preflight found errors and ``errors`` is ``raise``; nothing was sent.
    ConfirmationNeeded
        See the ``allow_`` arguments; nothing was sent.
    UploadFailed
        The server refused rows, or never answered, and ``errors`` is ``raise``; everything else was sent.
    Refused
        The key, the catalog or the account's limits were refused, and nothing was stored.
    LedgerError
        The ledger can't be used.
    UsageError
        The frame is no DataFrame, or an argument is not one of those listed.
    """
    consent = Consent(empty=allow_empty, overwrite=allow_overwrite, live=allow_live)
    options = Options.checked(errors=errors, clear=clear, changed_only=changed_only, force=force, consent=consent)
    return _send(_plan(frame, catalog, options), watch_of(progress))


def _plan(frame: pd.DataFrame, catalog: Catalog, options: Options) -> UploadPlan:
    table = read_table(frame, Product)
    preflight = check_table(frame, table)
    with open_book(catalog) as book:
        marked = mark_rows(
            table,
            preflight.refused,
            book,
            clear=options.clear,
            changed_only=options.changed_only,
            force=options.force,
        )
        known = book.count_known()
    requests = -(-len(marked.positions_to_send) // MAX_PRODUCTS)
    quota = catalog.client.connection.quota
    shared = quota if isinstance(quota, Quota) else None
    return UploadPlan(
        frame=frame,
        catalog=catalog,
        preflight=preflight,
        table=table,
        marked=marked,
        options=options,
        known=known,
        quota_left=None if shared is None else shared.left,
        seconds=_seconds(requests, shared),
        carry_out=_send_later,
    )


def _seconds(requests: int, quota: Quota | None) -> float:
    if requests == 0:
        return 0.0
    waiting = 0.0 if quota is None else quota.seconds_until(requests)
    return max(0.0, waiting) + _SECONDS_A_REQUEST * -(-requests // _CONNECTIONS)


def _send_later(plan: UploadPlan, watch: Watch | None) -> UploadReport:
    """Send a plan that was made a while ago: made once more, it must come out the same."""
    now = _plan(plan.frame, plan.catalog, plan.options)
    if now.marked.content != plan.marked.content or len(now.marked.kinds) != len(plan.marked.kinds):
        raise PlanOutdated("The frame has changed since the plan was made; nothing was sent. Plan again.")
    differing = int(np.count_nonzero(now.marked.kinds != plan.marked.kinds))
    if differing:
        raise PlanOutdated(
            f"The ledger has moved on since the plan was made: {differing:,} rows would be treated in another way now,"
            " since another upload has sent them. Nothing was sent. Plan again."
        )
    return _send(now, watch)


def _send(plan: UploadPlan, watch: Watch | None) -> UploadReport:
    options = plan.options
    guard_empty(plan.table, options)
    if options.errors == "raise" and not plan.preflight.ok:
        raise PreflightFailed(_refusal(plan.preflight), report=plan.preflight)
    guard_live(plan.table, plan.catalog, options)
    guard_overwrite(plan.marked.count(Kind.CHANGED), plan.known, options)

    def resend(fixed: pd.DataFrame) -> UploadReport:
        return _send(_plan(fixed, plan.catalog, options), watch)

    return carry_out(plan, watch=watch, resend=resend, connections=_CONNECTIONS)


def _refusal(preflight: PreflightReport) -> str:
    return (
        f"Nothing was sent: preflight found {preflight.errors:,} errors in {len(preflight.refused):,} rows.\n"
        f"{preflight!r}\n"
        "Mend them (df.salesmanago.fix() proposes how), or send the good rows only with errors='skip'."
    )
