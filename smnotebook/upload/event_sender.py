"""Events of a frame, a request at a time: contacts first, written down before it leaves and after its answer came.

Unlike products, nothing here is ever sent twice by itself: a request without an answer is in doubt, and a refused one
is not cut in halves to find the culprit. One request at a time: events are few, and order may matter to automations.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import orjson

from smnotebook.client import Client
from smnotebook.contract import MAX_EVENTS, Authentication, Operation, Violation
from smnotebook.errors import ApiError, Refused, Throttled
from smnotebook.events.personal import mask_texts
from smnotebook.events.sending import ending_of
from smnotebook.frame.outcome import Outcomes
from smnotebook.ledger import Claimed, EventBook, Past, QuotaStopped, Receipt, Refusal, RequestState, Sent
from smnotebook.upload.attempt_log import AttemptLog
from smnotebook.upload.event_answers import DECLINED, UNNAMED, read_verdict
from smnotebook.upload.event_rows import EventRows
from smnotebook.upload.sender import STOPPED
from smnotebook.wire import Answer

__all__ = ["EventSender", "Progressed"]

ACCEPTED_DIFFERENTLY = Violation(
    field="externalId",
    reason_code=None,
    message="externalId|an event of this type and id was accepted before, with other content",
    suggestion="Change that one with client.update_event(), or send a second one with send_again=True.",
)
IN_DOUBT = "sent before and never answered, so it may have arrived; not sent again without resend_unknown=True"
UNDER_WAY = "another notebook is sending this event right now"
# So many requests in a row without an answer: more of them would only be in doubt too.
_HOPELESS_AFTER = 2

Progressed = Callable[[int, int], object]
"""Told the rows settled and the requests made so far."""


@dataclass(slots=True, kw_only=True)
class EventSender:
    """Sends rows to one account.

    Attributes
    ----------
    requests : int
        Requests that left, those for contacts included.
    log : AttemptLog
        Every attempt of every request.
    error : ApiError or None
        Why the run was given up.
    """

    client: Client
    book: EventBook
    run: int
    outcomes: Outcomes
    ensure_contacts: bool
    resend_unknown: bool
    send_again: bool
    stop: threading.Event
    on_progress: Progressed | None = None
    requests: int = 0
    log: AttemptLog = field(default_factory=AttemptLog)
    settled: int = 0
    error: ApiError | None = None
    _silent: int = 0
    _known_contacts: set[str] = field(default_factory=set)

    def send(self, slabs: Iterable[EventRows]) -> None:
        """Send all rows that nothing speaks against, and settle each one's outcome."""
        for slab in slabs:
            for rows in self._sendable(slab, self.book.past(slab.keys)).cut(MAX_EVENTS):
                self._send_batch(rows)
                if self.on_progress is not None:
                    self.on_progress(self.settled, self.requests)

    def _sendable(self, rows: EventRows, past: Past) -> EventRows:
        """The rows that may go; what becomes of the others is known."""
        left = []
        for line, key in enumerate(rows.keys):
            position = [rows.positions[line]]
            if key in past.under_way:
                self.outcomes.doubt(position, UNDER_WAY)
            elif key in past.in_doubt and not self.resend_unknown:
                self.outcomes.doubt(position, IN_DOUBT)
            elif key not in past.accepted or self.send_again:
                left.append(line)
            elif past.accepted[key] == rows.fingerprints[line]:
                self.outcomes.leave(position)
            else:
                self.outcomes.refuse(position, ACCEPTED_DIFFERENTLY)
        self.settled += len(rows) - len(left)
        return rows if len(left) == len(rows) else rows.pick(left)

    def _send_batch(self, rows: EventRows) -> None:
        if not self._may_go(rows):
            return
        if not self._tell_contacts(rows):
            self._settle_unsent(rows, str(self.error))
            return
        claim = self._claim(rows)
        while isinstance(claim, Claimed):  # somebody else came first, since this was looked up
            rows = self._sendable(rows, claim.past)
            if len(rows) == 0:
                return
            claim = self._claim(rows)
        self._deliver(rows, claim)
        self.settled += len(rows)

    def _may_go(self, rows: EventRows) -> bool:
        if self.stop.is_set() or self.error is not None:
            self._settle_unsent(rows, STOPPED)
            return False
        return True

    def _settle_unsent(self, rows: EventRows, why: str) -> None:
        self.outcomes.doubt(rows.positions, why)
        self.settled += len(rows)

    def _claim(self, rows: EventRows) -> Sent | Claimed:
        return self.book.claim(
            self.run,
            rows.keys,
            rows.fingerprints,
            accepted_again=rows.keys if self.send_again else (),
            doubted_again=rows.keys if self.resend_unknown else (),
        )

    # --- the two requests --------------------------------------------------------------------------------------

    def _tell_contacts(self, rows: EventRows) -> bool:
        """Make sure that the contacts of these rows are known; false where that failed, with the reason kept."""
        new = [name for name in dict.fromkeys(rows.contacts) if "@" in name and name not in self._known_contacts]
        if not self.ensure_contacts or not new:
            return True
        try:
            self._call(Operation.UPSERT_CONTACTS, _contacts_body(new))
        except QuotaStopped:
            return True  # the event's own request will be told the same
        except ApiError as error:
            self.error = error
            return False
        self._known_contacts.update(new)
        return True

    def _deliver(self, rows: EventRows, sent: Sent) -> None:
        receipt = Receipt(state=RequestState.UNKNOWN)
        try:
            answer = self._call(Operation.ADD_EVENTS, b'{"events":[%b]}' % b",".join(rows.payloads))
            receipt = self._land(rows, answer)
            self._silent = 0
        except QuotaStopped:
            receipt = Receipt(state=RequestState.PLANNED)
            self.outcomes.doubt(rows.positions, STOPPED)
        except ApiError as error:
            receipt = ending_of(error, trusts_busy=self.client.connection.retry.trusts_busy)
            self._settle_failed(rows, error, receipt)
        finally:
            self.book.record_receipt(sent, receipt)

    def _call(self, operation: Operation, body: bytes) -> Answer:
        connection = self.client.connection_by(Authentication.SIGNED_BODY)
        try:
            return connection.call(operation, body, stop=self.stop, on_attempt=self.log.note)
        finally:
            self.requests += 1

    def _land(self, rows: EventRows, answer: Answer) -> Receipt:
        verdict = read_verdict(answer.data, rows.contacts)
        apart = verdict.declined | verdict.doubtful
        taken = [rows.positions[line] for line in range(len(rows)) if line not in apart]
        self.outcomes.accept(taken, request_id=answer.request_id)
        self.outcomes.refuse([rows.positions[line] for line in sorted(verdict.declined)], DECLINED)
        self.outcomes.doubt([rows.positions[line] for line in sorted(verdict.doubtful)], UNNAMED)
        refusals = {rows.keys[line]: Refusal(message=DECLINED.message) for line in verdict.declined}
        refusals |= {rows.keys[line]: Refusal(state=RequestState.UNKNOWN, message=UNNAMED) for line in verdict.doubtful}
        return Receipt(
            state=RequestState.ACKNOWLEDGED, status=answer.status, request_id=answer.request_id, refusals=refusals
        )

    def _settle_failed(self, rows: EventRows, error: ApiError, receipt: Receipt) -> None:
        if isinstance(error, Refused):
            said = replace(error.violations[0], message=mask_texts(error.violations[0].message))
            self.outcomes.refuse(rows.positions, said, request_id=error.request_id)
            self._silent = 0
            if receipt.status == 401 or said.reason_code == 10:
                self.error = error
            return
        self.outcomes.doubt(rows.positions, mask_texts(str(error)))
        self._silent += 1
        if isinstance(error, Throttled) or receipt.state is RequestState.PLANNED or self._silent >= _HOPELESS_AFTER:
            self.error = error


def _contacts_body(emails: Sequence[str]) -> bytes:
    return orjson.dumps({"upsertDetails": [{"contact": {"email": email}} for email in emails]})
