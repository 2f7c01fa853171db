"""A frame of contacts to an account: checked and sent, up to 1000 a request. Nothing of it is written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from smnotebook.client import Client
from smnotebook.contract import MAX_CONTACTS, Authentication, Operation
from smnotebook.contract.event_drafts import ContactRow
from smnotebook.errors import PreflightFailed, UsageError
from smnotebook.events.guard import CONTACTS, guard_contacts
from smnotebook.events.personal import mask_texts
from smnotebook.frame.arrow import Positions
from smnotebook.frame.event_checks import check_contacts, find_copies
from smnotebook.frame.event_report import ContactReport
from smnotebook.frame.event_table import encode_contacts
from smnotebook.frame.outcome import Outcomes, Status
from smnotebook.frame.reading import read_table
from smnotebook.frame.table import CanonicalTable
from smnotebook.ledger import Receipt, Refusal, Sent
from smnotebook.upload.attempt_log import AttemptLog
from smnotebook.upload.batch import Batch
from smnotebook.upload.channel import LineEnds, Policy, PutOff
from smnotebook.upload.ending import raise_unless_well, warnings_of
from smnotebook.upload.interrupt import stop_on_interrupt
from smnotebook.upload.mishaps import Mishaps
from smnotebook.upload.options import OnErrors
from smnotebook.upload.pace import Pace
from smnotebook.upload.sender import Sender
from smnotebook.wire import Answer, AttemptDetails

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
        With the report. Contacts are unknown or unsent at the end, whatever ``errors`` is; or the server refused some,
        and ``errors`` is ``raise``.
    """
    if errors not in ("raise", "skip"):
        raise UsageError(f"errors={errors!r}: choose 'raise' or 'skip'.")
    mishaps, log = Mishaps(), AttemptLog()
    with stop_on_interrupt(mishaps) as interrupts:
        table = read_table(frame, ContactRow)
        preflight = check_contacts(frame, table)
        if errors == "raise" and not preflight.ok:
            raise PreflightFailed(
                f"Nothing was sent: preflight found {preflight.errors:,} error{'' if preflight.errors == 1 else 's'}.\n"
                f"{preflight!r}\n"
                "Mend them, or send the good rows only with errors='skip'.",
                report=preflight,
            )
        outcomes = Outcomes(len(frame))
        outcomes.refuse_by_preflight(preflight)
        emails = table.find("email")
        if emails is not None:
            good = emails.take(outcomes.waiting).to_pylist()
            guard_contacts(client, good, to_real_contacts=to_real_contacts, danger=CONTACTS)
        copies, originals = find_copies(table)
        sender = Sender(
            channel=_ContactChannel(client=client, on_attempt=log.note),
            sink=outcomes,
            pace=Pace(1),
            interrupts=interrupts,
        )
        ending = sender.run(_batches(table, np.setdiff1d(outcomes.waiting, copies)))
    outcomes.hold_back(np.setdiff1d(outcomes.waiting, copies), ending.why_unsent)
    kept = outcomes.status[copies] != Status.REFUSED
    outcomes.copy(copies[kept], originals[kept])
    report = ContactReport(
        frame=frame,
        preflight=preflight,
        outcomes=outcomes,
        requests=ending.requests,
        attempts=tuple(log.marks),
        catalog_name=client.place if client.is_live else "the sandbox",
        resend=partial(upsert_contacts, client=client, errors=errors, to_real_contacts=to_real_contacts),
        seconds=log.elapsed_seconds,
        is_interrupted=ending.is_interrupted and not outcomes.is_settled,
        warnings=warnings_of(ending, mishaps),
        contacts=table,
    )
    raise_unless_well(report, ending.error, errors=errors, noun="contact")
    return report


def _batches(table: CanonicalTable, positions: Positions) -> Iterator[Batch]:
    for start in range(0, len(positions), MAX_CONTACTS):
        some = positions[start : start + MAX_CONTACTS]
        yield Batch(
            positions=some,
            keys=[str(position) for position in some],
            fingerprints=[b""] * len(some),
            payloads=[text.encode() for text in encode_contacts(table, some).to_pylist()],
        )


@dataclass(frozen=True, kw_only=True)
class _ContactChannel:
    """Contacts to one account; see :class:`~smnotebook.upload.channel.Channel`. Nothing of them is written down."""

    client: Client
    on_attempt: Callable[[AttemptDetails], object]

    @property
    def policy(self) -> Policy:
        return Policy(trusts_busy=self.client.connection.retry.trusts_busy)

    def claim(self, batches: Sequence[Batch]) -> Sequence[Sent | PutOff]:
        return [Sent(request=0, product_ids=batch.keys, fingerprints=batch.fingerprints) for batch in batches]

    def send(self, batch: Batch, *, stop: threading.Event, may_leave: Callable[[], bool]) -> Answer:
        connection = self.client.connection_by(Authentication.SIGNED_BODY)
        body = b'{"upsertDetails":[%b]}' % b",".join(batch.payloads)
        return connection.call(
            Operation.UPSERT_CONTACTS, body, stop=stop, may_leave=may_leave, on_attempt=self.on_attempt
        )

    def read(self, _batch: Batch, _answer: Answer) -> LineEnds:
        return LineEnds()

    def is_still_own(self, _sent: Sent) -> bool:
        """Nothing is kept of a contact, here and below."""
        return True

    def record(self, sent: Sent, receipt: Receipt) -> None: ...

    def record_refusals(self, sent: Sent, refusals: Mapping[str, Refusal]) -> None: ...

    def give_sign_of_life(self) -> None:
        """There is no run."""

    def in_words(self, text: str) -> str:
        return mask_texts(text)
