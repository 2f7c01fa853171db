"""A plan carried out: sent, written down, and told row by row."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from smnotebook.client import Client
from smnotebook.errors import BadAnswer, Refused, ServerUnreachable, Throttled, UploadFailed
from smnotebook.frame.batches import request_body
from smnotebook.frame.outcome import Outcomes, Status, UploadReport
from smnotebook.ledger import Book, Ledger, Quota, RunState
from smnotebook.upload.batch import as_batch, cut_batches
from smnotebook.upload.delivery import Send
from smnotebook.upload.ending import Ending, totals_of
from smnotebook.upload.interrupt import stop_on_interrupt
from smnotebook.upload.kinds import Kind
from smnotebook.upload.pace import Pace
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.progress import Watch
from smnotebook.upload.sender import STOPPED, Sender
from smnotebook.upload.shapes import UPSERT
from smnotebook.upload.stored import open_book
from smnotebook.upload.watching import Watcher
from smnotebook.wire import Answer

__all__ = ["carry_out"]

# Requests that the search for bad rows may cost when a plan is small.
_SEARCH_REQUESTS = 200


def carry_out(
    plan: UploadPlan, *, watch: Watch | None, resend: Callable[[pd.DataFrame], UploadReport], connections: int
) -> UploadReport:
    """Send a plan; raises where the caller wants to hear of rows that were not accepted."""
    outcomes = Outcomes(len(plan.frame))
    outcomes.refuse_by_preflight(plan.preflight)
    outcomes.leave(np.flatnonzero(plan.marked.kinds == Kind.UNCHANGED))
    pace, stop = Pace(connections), threading.Event()
    quota = plan.catalog.client.connection.quota
    watcher = Watcher(
        rows=plan.to_send,
        requests=plan.requests,
        pace=pace,
        quota=quota if isinstance(quota, Quota) else None,
        watch=watch,
        stop=stop,
    )
    ending, run = Ending(), None
    if plan.to_send:
        with open_book(plan.catalog) as book:
            run, ending = _run(plan, book, outcomes, pace, watcher, stop)
        _forget_idle_sandboxes(plan.catalog.client)
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
        warnings=tuple(ending.warnings.items()),
        notes=plan.notes,
    )
    _raise_if_wanted(plan, report, ending)
    return report


def _forget_idle_sandboxes(client: Client) -> None:
    """Trials come and go under ever new names; their records would pile up."""
    if not client.is_live:
        with Ledger.open(client.ledger_path) as ledger:
            ledger.forget_sandboxes()


def _run(
    plan: UploadPlan, book: Book, outcomes: Outcomes, pace: Pace, watcher: Watcher, stop: threading.Event
) -> tuple[int, Ending]:
    run = book.start_run(plan.shape.name, fields=plan.shape.fields)
    state = RunState.INTERRUPTED
    try:
        with stop_on_interrupt(stop), watcher.told_of_waits():
            sender = Sender(
                book=book,
                run=run,
                send=_sending(plan, watcher),
                sink=outcomes,
                pace=pace,
                stop=stop,
                search_requests=max(_SEARCH_REQUESTS, plan.requests),
                on_tick=watcher.on_tick,
            )
            ending = sender.run(cut_batches(map(as_batch, plan.slabs()), size=plan.shape.operation.max_records))
            watcher.on_end(ending)
        state = RunState.INTERRUPTED if ending.is_interrupted else RunState.FINISHED
    finally:
        _mark_unsent(plan, outcomes)
        # an interrupt that found everything on its way has interrupted nothing
        book.finish_run(run, totals_of(outcomes), state=RunState.FINISHED if outcomes.is_settled else state)
    return run, ending


def _sending(plan: UploadPlan, watcher: Watcher) -> Send:
    catalog = plan.catalog

    def send(payloads: Sequence[bytes], *, stop: threading.Event) -> Answer:
        travelling = payloads if plan.shape is UPSERT else [plan.shape.on_the_wire(payload) for payload in payloads]
        body = request_body(catalog.id, travelling)
        return catalog.client.connection.call(plan.shape.operation, body, stop=stop, on_attempt=watcher.on_attempt)

    return send


def _mark_unsent(plan: UploadPlan, outcomes: Outcomes) -> None:
    """What was never drawn from the plan has no word of its own yet."""
    positions = plan.marked.positions_to_send
    status, message = outcomes.status[positions], outcomes.message[positions]
    outcomes.doubt(positions[(status == Status.UNKNOWN) & pd.isna(message)], STOPPED)


def _raise_if_wanted(plan: UploadPlan, report: UploadReport, ending: Ending) -> None:
    if isinstance(ending.error, Refused) and report.sent == 0:
        raise ending.error
    # an answer that never came stands in the rows; a ledger that can't be written, or a bug, stands nowhere else
    is_untold = ending.error is not None and not isinstance(ending.error, ServerUnreachable | Throttled | BadAnswer)
    wants_all = plan.options.errors == "raise" and not report.is_interrupted
    if is_untold or (wants_all and report.refused + report.unknown):
        raise UploadFailed(f"Not every row was accepted. {report!r}", report=report) from ending.error
