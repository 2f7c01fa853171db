"""One event, sent: guarded, its contact first, written down before it leaves and after its answer came."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace

from smnotebook.client import Client
from smnotebook.contract import Violation
from smnotebook.errors import ApiError, LedgerError, Refused, UsageError
from smnotebook.events.encodings import Carry, EncodingName, PreparedRequest, prepare
from smnotebook.events.event import Event
from smnotebook.events.guard import guard_contacts
from smnotebook.events.journal import EventKey, guard_past, key_of, open_journal
from smnotebook.events.personal import mask_texts
from smnotebook.events.receipts import EventReceipt
from smnotebook.events.surroundings import compare_with_account
from smnotebook.ledger import Claimed, EventBook, Receipt, RequestState, RunTotals, Sent
from smnotebook.wire import Answer, Consequence, RowsEnd, consequence_of

__all__ = ["call", "send_event", "state_after"]

_IN_DOUBT = (
    "Whether the event arrived is unknown, so it is not sent again by itself. Look at the contact in SALESmanago; if "
    "it is not there, send it with resend_unknown=True."
)


def send_event(
    client: Client,
    event: Event,
    *,
    encoding: EncodingName = "v2",
    carry: Carry | None = None,
    ensure_contact: bool = True,
    to_real_contacts: bool = False,
    feed_locations: Collection[str] = (),
    resend_unknown: bool = False,
    send_again: bool = False,
    now: Callable[[], float] = time.time,
) -> EventReceipt:
    """Send one event.

    Parameters
    ----------
    encoding : {"v2", "seed"}
        ``v2`` with a signed body, or ``seed``, the security document's shape with the secret in the body.
    carry : mapping of str to str, optional
        Where to put what the encoding has no field for, such as ``{"currency": "detail9"}``.
    ensure_contact : bool
        With ``v2``, tell the server of the contact first; it drops the event of a contact that it does not know.
    to_real_contacts : bool
        Needed on a live profile for a contact that is not among its ``test_addresses``.
    feed_locations : collection of str
        Locations that are right although no catalog has them: those of XML feeds, which the API does not list.
    resend_unknown, send_again : bool
        Send although the same event was sent and never answered, or was accepted before.

    Raises
    ------
    ConfirmationNeeded
        ``to_real_contacts``, ``resend_unknown`` or ``send_again`` is needed; nothing was sent.
    DataError
        The encoding can't carry the event, or no catalog has its location; nothing was sent.
    Refused
        The server declined.
    ServerUnreachable, BadAnswer, Throttled
        No answer, or none that says what became of it; a note says where the event may have arrived. Where no byte of
        it left, it is as if it had not been sent, and the same call may be made again. That an answer
        of 429 or 503 means that nothing was done is documented nowhere; who knows that it does on an account connects
        with ``retry=RetryPolicy(trusts_busy=True)``.
    """
    guard_contacts(client, [event.email], to_real_contacts=to_real_contacts)
    requests = prepare(event, encoding=encoding, carry=carry or {}, now=now(), ensure_contact=ensure_contact)
    with open_journal(client) as (book, pseudonyms):
        key = key_of(event, requests[-1].fields, pseudonyms)
        guard_past(book.past([key.name]), resend_unknown=resend_unknown, send_again=send_again or key.may_recur)
        warnings = compare_with_account(client, event, feed_locations=feed_locations)
        answers = [call(client, request) for request in requests[:-1]]
        run = book.start_run(requests[-1].operation.name.lower())
        answer, trouble = _send_once(
            client, requests[-1], book, run, key, resend_unknown=resend_unknown, send_again=send_again
        )
        if trouble is not None:
            unwritten = Violation(field=None, reason_code=None, message=trouble, severity="warning")
            warnings = (*warnings, unwritten)
    contact_id = next((found for answer in [*answers, answer] if (found := _id(answer, "contactId"))), None)
    return EventReceipt(
        event_id=_id(answer, "eventId"),
        contact_known=True if contact_id or event.contactId else None,
        contact_id=contact_id or event.contactId,
        encoding=encoding,
        warnings=warnings,
    )


def _send_once(
    client: Client,
    request: PreparedRequest,
    book: EventBook,
    run: int,
    key: EventKey,
    *,
    resend_unknown: bool,
    send_again: bool,
) -> tuple[Answer, str | None]:
    """Write down, send, write down; what goes wrong in between leaves the event in doubt once a byte has left.

    Returns
    -------
    Answer, str or None
        And why its end could not be written down.
    """
    claim = book.claim(
        run,
        [key.name],
        [key.fingerprint],
        contacts=[key.contact],
        accepted_again=[key.name] if send_again or key.may_recur else (),
        doubted_again=[key.name] if resend_unknown else (),
    )
    if isinstance(claim, Claimed):
        book.finish_run(run, _totals(RequestState.PLANNED))
        raise UsageError("Nothing was sent: another notebook has just sent this very event.")
    try:
        answer = call(client, request)
    except BaseException as error:
        consequence = consequence_of(error, trusts_busy=client.connection.retry.trusts_busy)
        status, request_id = (error.status, error.request_id) if isinstance(error, ApiError) else (None, None)
        receipt = Receipt(state=state_after(consequence), status=status, request_id=request_id)
        if receipt.state is RequestState.UNKNOWN:
            error.add_note(_IN_DOUBT)
        if trouble := _write_end(book, run, claim, receipt):
            error.add_note(trouble)
        raise
    event_id = _id(answer, "eventId") or answer.request_id
    receipt = Receipt(state=RequestState.ACKNOWLEDGED, status=answer.status, request_id=event_id)
    return answer, _write_end(book, run, claim, receipt)


def _write_end(book: EventBook, run: int, claim: Sent, receipt: Receipt) -> str | None:
    """Write down how the event ended; what went wrong with that in words, since the answer is worth more."""
    try:
        book.record_receipt(claim, receipt)
        book.finish_run(run, _totals(receipt.state))
    except LedgerError as error:
        return f"That it ended so could not be written into the ledger. {error}"
    return None


def state_after(consequence: Consequence) -> RequestState:
    """What the ledger is told of a request that failed."""
    if consequence.may_have_arrived:
        return RequestState.UNKNOWN
    return RequestState.REFUSED if consequence.rows is RowsEnd.REFUSED else RequestState.PLANNED


def call(client: Client, request: PreparedRequest) -> Answer:
    """Send one request; an error repeats no address of a contact."""
    try:
        return client.connection_by(request.authentication).call(request.operation, request.fields)
    except Refused as refused:
        refused.args = tuple(mask_texts(str(argument)) for argument in refused.args)
        refused.violations = tuple(
            replace(violation, message=mask_texts(violation.message)) for violation in refused.violations
        )
        raise


def _totals(state: RequestState) -> RunTotals:
    return RunTotals(
        rows=1,
        sent=int(state is RequestState.ACKNOWLEDGED),
        refused=int(state is RequestState.REFUSED),
        unknown=int(state is RequestState.UNKNOWN),
    )


def _id(answer: Answer, name: str) -> str | None:
    found = answer.data.get(name)
    return found if isinstance(found, str) and found else None
