"""A plan carried out: sent, written down, and told row by row."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import numpy as np
import pandas as pd

from smnotebook.client import Client
from smnotebook.frame.outcome import Outcomes, UploadReport
from smnotebook.ledger import Ledger
from smnotebook.upload.batch import as_batch, cut_batches
from smnotebook.upload.ending import Ending, raise_unless_well, state_of, totals_of, warnings_of
from smnotebook.upload.interrupt import Interrupts
from smnotebook.upload.kinds import Kind
from smnotebook.upload.mishaps import Mishaps
from smnotebook.upload.pace import Pace
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.product_channel import ProductChannel
from smnotebook.upload.progress import Watch
from smnotebook.upload.sender import Sender
from smnotebook.upload.stored import open_book
from smnotebook.upload.watching import Watcher

__all__ = ["carry_out"]

# Requests that the search for bad rows may cost when a plan is small.
_SEARCH_REQUESTS = 200


def carry_out(
    plan: UploadPlan,
    *,
    watch: Watch | None,
    resend: Callable[[pd.DataFrame], UploadReport],
    connections: int,
    interrupts: Interrupts,
    mishaps: Mishaps,
) -> UploadReport:
    """Send a plan; raises, with the report, where rows end otherwise than the caller wants."""
    outcomes = Outcomes(len(plan.frame))
    outcomes.refuse_by_preflight(plan.preflight)
    outcomes.leave(np.flatnonzero(plan.marked.kinds == Kind.UNCHANGED))
    pace = Pace(connections)
    watcher = Watcher(
        rows=plan.to_send,
        requests=plan.requests,
        pace=pace,
        quota=plan.catalog.client.connection.quota,
        watch=watch,
        interrupts=interrupts,
        mishaps=mishaps,
    )
    ending, run = Ending(is_interrupted=interrupts.stop.is_set()), None
    if plan.to_send and not ending.is_interrupted:
        with ExitStack() as opened:
            # what fails here has sent nothing, and is raised as it is
            book = opened.enter_context(open_book(plan.catalog))
            run = book.start_run(plan.shape.name, fields=plan.shape.fields)
            channel = ProductChannel(
                catalog=plan.catalog,
                shape=plan.shape,
                book=book,
                run=run,
                on_attempt=watcher.on_attempt,
                over_running=plan.options.consent.over_running,
                bases=plan.bases,
            )
            ending = _run(plan, channel, outcomes, pace, watcher, interrupts, mishaps)
            with mishaps.kept("The ledger could not be closed"):
                opened.close()
        with mishaps.kept("The records of idle sandboxes could not be tidied away"):
            _forget_idle_sandboxes(plan.catalog.client)
    unsent = np.intersect1d(outcomes.waiting, plan.marked.positions_to_send)
    outcomes.hold_back(unsent, ending.why_unsent)
    outcomes.copy(plan.marked.copies, plan.marked.originals)
    report = UploadReport(
        frame=plan.frame,
        preflight=plan.preflight,
        outcomes=outcomes,
        requests=ending.requests,
        catalog_name=plan.catalog.name,
        resend=resend,
        attempts=tuple(watcher.log.marks),
        seconds=watcher.log.elapsed_seconds,
        is_interrupted=ending.is_interrupted and not outcomes.is_settled,
        run=run,
        warnings=warnings_of(ending, mishaps),
        notes=plan.notes,
    )
    raise_unless_well(report, ending.error, errors=plan.options.errors)
    return report


def _forget_idle_sandboxes(client: Client) -> None:
    """Trials come and go under ever new names; their records would pile up."""
    if not client.is_live:
        with Ledger.open(client.ledger_path) as ledger:
            ledger.forget_sandboxes()


def _run(
    plan: UploadPlan,
    channel: ProductChannel,
    outcomes: Outcomes,
    pace: Pace,
    watcher: Watcher,
    interrupts: Interrupts,
    mishaps: Mishaps,
) -> Ending:
    sender = Sender(
        channel=channel,
        sink=outcomes,
        pace=pace,
        interrupts=interrupts,
        search_requests=max(_SEARCH_REQUESTS, plan.requests),
        on_tick=watcher.on_tick,
    )
    with watcher.told_of_waits():
        ending = sender.run(cut_batches(map(as_batch, plan.slabs()), size=plan.shape.operation.max_records))
    watcher.on_end(ending)
    with mishaps.kept("The end of the run could not be written into the ledger"):
        channel.book.finish_run(channel.run, totals_of(outcomes), state=state_of(ending, outcomes))
    return ending
