"""A frame of contacts to an account: checked and sent, up to 1000 a request. Nothing of it is written down."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from smnotebook.client import Client
from smnotebook.contract import MAX_CONTACTS, Authentication, Operation
from smnotebook.contract.event_drafts import ContactRow
from smnotebook.errors import ApiError, PreflightFailed, Refused, UploadFailed, UsageError
from smnotebook.events.guard import CONTACTS, guard_contacts
from smnotebook.events.personal import mask_texts
from smnotebook.frame.arrow import Positions
from smnotebook.frame.event_checks import check_contacts, find_copies
from smnotebook.frame.event_report import ContactReport
from smnotebook.frame.event_table import encode_contacts
from smnotebook.frame.outcome import Outcomes, Status
from smnotebook.frame.reading import read_table
from smnotebook.frame.table import CanonicalTable
from smnotebook.ledger import QuotaStopped
from smnotebook.upload.attempt_log import AttemptLog
from smnotebook.upload.interrupt import stop_on_interrupt
from smnotebook.upload.options import OnErrors
from smnotebook.upload.sender import STOPPED

__all__ = ["upsert_contacts"]


def upsert_contacts(
    frame: pd.DataFrame, client: Client, *, errors: OnErrors = "raise", to_real_contacts: bool = False
) -> ContactReport:
    """Add contacts, or change the fields given of those that exist; may safely be repeated.

    Parameters
    ----------
    frame : DataFrame
        One contact a row: email, name, phone, company, externalId, address.city and so on, tags, properties.size and
        so on, forceOptIn, forceOptOut.
    errors : {"raise", "skip"}
        ``raise``: nothing is sent while preflight finds errors. ``skip``: good rows go.
    to_real_contacts : bool
        Needed on a live profile where some contacts are not among its ``test_addresses``.

    Raises
    ------
    PreflightFailed
        Preflight found errors and ``errors`` is ``raise``; nothing was sent.
    ConfirmationNeeded
        Real contacts; nothing was sent.
    UploadFailed
        Rows were refused or are unknown, and ``errors`` is ``raise``.
    """
    if errors not in ("raise", "skip"):
        raise UsageError(f"errors={errors!r}: choose 'raise' or 'skip'.")
    table = read_table(frame, ContactRow)
    preflight = check_contacts(frame, table)
    if errors == "raise" and not preflight.ok:
        raise PreflightFailed(
            f"Nothing was sent: preflight found {preflight.errors:,} errors.\n{preflight!r}\n"
            "Mend them, or send the good rows only with errors='skip'.",
            report=preflight,
        )
    outcomes = Outcomes(len(frame))
    outcomes.refuse_by_preflight(preflight)
    emails = table.find("email")
    if emails is not None:
        good = emails.take(np.flatnonzero(outcomes.status == Status.UNKNOWN)).to_pylist()
        guard_contacts(client, good, to_real_contacts=to_real_contacts, danger=CONTACTS)
    log, stop = AttemptLog(), threading.Event()
    with stop_on_interrupt(stop):
        requests = _send_all(client, table, outcomes, stop, log)
    report = ContactReport(
        frame=frame,
        preflight=preflight,
        outcomes=outcomes,
        requests=requests,
        attempts=tuple(log.marks),
        catalog_name=client.place if client.is_live else "the sandbox",
        resend=partial(upsert_contacts, client=client, errors=errors, to_real_contacts=to_real_contacts),
        seconds=log.elapsed_seconds,
        is_interrupted=stop.is_set() and not outcomes.is_settled,
        contacts=table,
    )
    if errors == "raise" and report.refused + report.unknown:
        raise UploadFailed(f"Not every contact was accepted. {report!r}", report=report)
    return report


def _send_all(client: Client, table: CanonicalTable, outcomes: Outcomes, stop: threading.Event, log: AttemptLog) -> int:
    copies, originals = find_copies(table)
    waiting = outcomes.status == Status.UNKNOWN
    waiting[copies] = False
    positions, requests = np.flatnonzero(waiting), 0
    for start in range(0, len(positions), MAX_CONTACTS):
        batch = positions[start : start + MAX_CONTACTS]
        if stop.is_set():
            outcomes.doubt(batch, STOPPED)
            continue
        requests += 1
        _send(client, table, batch, outcomes, stop, log)
    kept = outcomes.status[copies] != Status.REFUSED
    outcomes.copy(copies[kept], originals[kept])
    return requests


def _send(
    client: Client,
    table: CanonicalTable,
    batch: Positions,
    outcomes: Outcomes,
    stop: threading.Event,
    log: AttemptLog,
) -> None:
    entries = b",".join(text.encode() for text in encode_contacts(table, batch).to_pylist())
    connection = client.connection_by(Authentication.SIGNED_BODY)
    try:
        body = b'{"upsertDetails":[%b]}' % entries
        answer = connection.call(Operation.UPSERT_CONTACTS, body, stop=stop, on_attempt=log.note)
    except QuotaStopped:
        outcomes.doubt(batch, STOPPED)
    except Refused as refused:
        said = refused.violations[0]
        outcomes.refuse(batch, replace(said, message=mask_texts(said.message)), request_id=refused.request_id)
    except ApiError as error:
        outcomes.doubt(batch, mask_texts(str(error)))
    else:
        outcomes.accept(batch, request_id=answer.request_id)
