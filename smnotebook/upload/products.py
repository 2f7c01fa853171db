"""A product table into a catalog: planned, sent, every answer joined to its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.contract import Product
from smnotebook.errors import OpenQuestions, PlanOutdated, PreflightFailed
from smnotebook.frame.arrow import take_rows
from smnotebook.frame.house_rules import HouseRules
from smnotebook.frame.outcome import UploadReport
from smnotebook.frame.preflight import check_table
from smnotebook.frame.reading import read_table
from smnotebook.frame.report import PreflightReport
from smnotebook.frame.table import CanonicalTable
from smnotebook.ledger import Quota
from smnotebook.upload.carrying import carry_out
from smnotebook.upload.doubtful import Doubts, settling_note
from smnotebook.upload.guards import (
    ask_about_currency,
    ask_about_ids,
    guard_empty,
    guard_live,
    guard_overwrite,
    guard_questions,
)
from smnotebook.upload.interrupt import Interrupts, stop_on_interrupt
from smnotebook.upload.kept_discounts import KeptDiscounts, find_kept_discounts
from smnotebook.upload.kinds import Kind, Mark, Marked, mark_rows, mark_to_send_at_once
from smnotebook.upload.mishaps import Mishaps
from smnotebook.upload.options import Consent, OnErrors, Options
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.progress import Watch, watch_of
from smnotebook.upload.shapes import UPSERT, Shape
from smnotebook.upload.standing import Standing
from smnotebook.upload.stored import open_book
from smnotebook.values.report import open_questions

__all__ = ["Adjust", "plan_products", "plan_rows", "send_as_planned", "upload_products"]

Adjust = Callable[[PreflightReport], PreflightReport]

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
    rules: HouseRules | None = None,
    allow_empty: bool = False,
    allow_overwrite: bool = False,
    allow_live: bool = False,
    allow_new_ids: bool = False,
    allow_currency: bool = False,
    over_running: bool = False,
) -> UploadPlan:
    """What :func:`upload_products` would do with these arguments; nothing is sent.

    Raises
    ------
    OpenQuestions
        As :func:`upload_products`.
    UsageError
        The frame is no DataFrame, or an argument is not one of those listed.
    """
    consent = Consent(
        empty=allow_empty,
        overwrite=allow_overwrite,
        live=allow_live,
        new_ids=allow_new_ids,
        currency=allow_currency,
        over_running=over_running,
    )
    options = Options.checked(
        errors=errors, clear=clear, changed_only=changed_only, force=force, consent=consent, rules=rules
    )
    _refuse_open_questions(frame, errors)
    return plan_rows(frame, catalog, options)


def upload_products(
    frame: pd.DataFrame,
    catalog: Catalog,
    *,
    errors: OnErrors = "raise",
    clear: Sequence[str] = (),
    changed_only: bool = True,
    force: Sequence[object] = (),
    rules: HouseRules | None = None,
    allow_empty: bool = False,
    allow_overwrite: bool = False,
    allow_live: bool = False,
    allow_new_ids: bool = False,
    allow_currency: bool = False,
    over_running: bool = False,
    progress: Watch | bool = True,
) -> UploadReport:
    """Put a product table into a catalog.

    An interrupt (the notebook's stop button, Ctrl-C) lets the requests under way finish and returns the report, a
    second one does not wait for them; the same call again goes on from there, also after the kernel was killed.

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
    rules : HouseRules, optional
        The shop's own rules, checked besides the API's.
    allow_empty, allow_overwrite, allow_live, allow_new_ids, allow_currency : bool
        Say yes to what is stopped otherwise: a frame without rows; more than half of a catalog overwritten; sample
        data for a live account; new products whose ids differ from those of stored ones only in leading zeros, case or
        blanks; prices that were read in another currency than the catalog's.
    over_running : bool
        Send products also while another upload that is alive has them under way. That one then sends them no more, and
        they stay in doubt until it ends. Without it they are waited for, and come back as unknown once that upload has
        given no sign of life for a minute.
    progress : callable or bool
        Called with :class:`Progress`; True writes one line that is kept up to date.

    Raises
    ------
    OpenQuestions
        Cells of a required field or a price can be read in two ways and ``errors`` is ``raise``; nothing was sent. The
        questions name the argument of :func:`read_feed` or :meth:`Mapping.apply` that answers them.
    PreflightFailed
        Preflight found errors and ``errors`` is ``raise``; nothing was sent.
    ConfirmationNeeded
        See the ``allow_`` arguments; nothing was sent.
    UploadFailed
        With the report. Rows are unknown or unsent at the end, whatever ``errors`` is: the server did not answer, could
        not be reached, or refused the key or the catalog. Or it refused rows, and ``errors`` is ``raise``.
    LedgerError
        The ledger can't be used; nothing was sent.
    UsageError
        The frame is no DataFrame, or an argument is not one of those listed.
    """
    consent = Consent(
        empty=allow_empty,
        overwrite=allow_overwrite,
        live=allow_live,
        new_ids=allow_new_ids,
        currency=allow_currency,
        over_running=over_running,
    )
    options = Options.checked(
        errors=errors, clear=clear, changed_only=changed_only, force=force, consent=consent, rules=rules
    )
    _refuse_open_questions(frame, errors)
    return _plan_and_send(frame, catalog, options, watch_of(progress))


def _plan_and_send(frame: pd.DataFrame, catalog: Catalog, options: Options, watch: Watch | None) -> UploadReport:
    return send_as_planned(lambda: plan_rows(frame, catalog, options, mark=mark_to_send_at_once), watch)


def send_as_planned(make_plan: Callable[[], UploadPlan], watch: Watch | None) -> UploadReport:
    """Plan and send at once; an interrupt while it is planned means that nothing is sent, which the report says."""
    mishaps = Mishaps()
    with stop_on_interrupt(mishaps) as interrupts:
        return _send_plan(make_plan(), watch, interrupts, mishaps)


def _refuse_open_questions(frame: pd.DataFrame, errors: OnErrors) -> None:
    """With ``errors="skip"`` the rows with such cells are left out as any other that preflight rejects."""
    waiting = open_questions(frame) if errors == "raise" and isinstance(frame, pd.DataFrame) else ()
    if waiting:
        raise OpenQuestions(waiting)


def plan_rows(
    frame: pd.DataFrame,
    catalog: Catalog,
    options: Options,
    *,
    shape: Shape = UPSERT,
    adjust: Adjust | None = None,
    mark: Mark = mark_rows,
) -> UploadPlan:
    """What an upload in this shape would do.

    Parameters
    ----------
    adjust : callable, optional
        Has a last word on the preflight report, for what only the caller knows about the rows.
    mark : Mark
        Says what would become of each row.
    """
    table = read_table(frame, Product)
    with open_book(catalog) as book, Standing(book, table.find("productId")) as standing:
        preflight = check_table(frame, table, rules=options.rules)
        if adjust is not None:
            preflight = adjust(preflight)
        doubts = Doubts.of(book.doubts(), fields=shape.fields)
        marked = mark(table, preflight.refused, doubts, standing, options)
        kept = KeptDiscounts()
        if "discountPrice" not in options.clear:
            kept = find_kept_discounts(book, table, np.flatnonzero(marked.kinds == Kind.CHANGED))
        asked = [
            ask_about_ids(_nearly_known(table, marked, standing)) if shape is UPSERT else None,
            ask_about_currency(frame, catalog) if shape is UPSERT else None,
            kept.question,
        ]
    questions = tuple(question for question in asked if question is not None)
    requests = -(-len(marked.positions_to_send) // shape.operation.max_records)
    quota = catalog.client.connection.quota
    shared = quota if isinstance(quota, Quota) else None
    return UploadPlan(
        frame=frame,
        catalog=catalog,
        preflight=preflight,
        table=table,
        marked=marked,
        options=options,
        shape=shape,
        known=standing.known,
        quota_left=None if shared is None else shared.left,
        seconds=_seconds(requests, shared),
        carry_out=partial(_send_later, adjust=adjust),
        questions=questions,
        notes=tuple(str(note) for note in (*questions, kept.note, settling_note(marked.doubts.unnamed)) if note),
    )


def _nearly_known(table: CanonicalTable, marked: Marked, standing: Standing) -> dict[str, str]:
    """The ids of new products that are nearly those of known ones; nothing is read where no product is new."""
    ids = table.find("productId")
    rows = np.flatnonzero(marked.kinds == Kind.NEW)
    return {} if ids is None or not len(rows) else standing.nearly_known(take_rows(ids, rows))


def _seconds(requests: int, quota: Quota | None) -> float:
    if requests == 0:
        return 0.0
    waiting = 0.0 if quota is None else quota.seconds_until(requests)
    return max(0.0, waiting) + _SECONDS_A_REQUEST * -(-requests // _CONNECTIONS)


def _send_later(plan: UploadPlan, watch: Watch | None, *, adjust: Adjust | None) -> UploadReport:
    """Send a plan that was made a while ago: made once more, it must come out the same."""
    return send_as_planned(lambda: _planned_again(plan, adjust), watch)


def _planned_again(plan: UploadPlan, adjust: Adjust | None) -> UploadPlan:
    now = plan_rows(plan.frame, plan.catalog, plan.options, shape=plan.shape, adjust=adjust)
    if now.marked.content != plan.marked.content or len(now.marked.kinds) != len(plan.marked.kinds):
        raise PlanOutdated("The frame has changed since the plan was made; nothing was sent. Plan again.")
    differing = int(np.count_nonzero(now.marked.kinds != plan.marked.kinds))
    if differing or now.marked.standing != plan.marked.standing:
        which = f"{differing:,} rows would be treated in another way now" if differing else "what is stored has changed"
        raise PlanOutdated(
            f"The ledger has moved on since the plan was made: {which}, since another upload has sent some of these"
            " products. Nothing was sent. Plan again."
        )
    return replace(now, notes=plan.notes, bases=plan.bases)


def _send_plan(plan: UploadPlan, watch: Watch | None, interrupts: Interrupts, mishaps: Mishaps) -> UploadReport:
    """Ask what must be asked, then send a plan that was made just now."""
    options = plan.options
    guard_empty(plan.table, options)
    # preflight objects to a frame without rows, too; who allowed one has been told
    if options.errors == "raise" and not plan.preflight.ok and plan.table.rows:
        raise PreflightFailed(_refusal(plan.preflight), report=plan.preflight)
    guard_live(plan.table, plan.catalog, options)
    guard_questions(plan.questions, options)
    guard_overwrite(plan.marked.count(Kind.CHANGED), plan.known, options)

    return carry_out(
        plan,
        watch=watch,
        resend=lambda fixed: _plan_and_send(fixed, plan.catalog, options, watch),
        connections=_CONNECTIONS,
        interrupts=interrupts,
        mishaps=mishaps,
    )


def _refusal(preflight: PreflightReport) -> str:
    return (
        f"Nothing was sent: preflight found {preflight.errors:,} error{'' if preflight.errors == 1 else 's'} "
        f"in {len(preflight.refused):,} row{'' if len(preflight.refused) == 1 else 's'}.\n"
        f"{preflight!r}\n"
        "Mend them (df.salesmanago.fix() proposes how), or send the good rows only with errors='skip'."
    )
