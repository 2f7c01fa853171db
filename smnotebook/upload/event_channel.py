"""Events of a frame on their way to one account: written down before they leave, contacts first, none sent twice.

Unlike products, nothing here is ever sent again by itself: a request without an answer is in doubt, and a refused one
is not cut in halves to find the culprit. One request at a time: events are few, and order may matter to automations.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson

from smnotebook.client import Client
from smnotebook.contract import MAX_EVENTS, Authentication, Operation, Violation
from smnotebook.events.personal import Pseudonyms, mask_texts
from smnotebook.ledger import Claimed, EventBook, Past, Receipt, Refusal, Sent
from smnotebook.upload.batch import Batch
from smnotebook.upload.channel import LineEnds, Policy, PutOff
from smnotebook.upload.event_answers import read_verdict
from smnotebook.wire import Answer, AttemptDetails

__all__ = ["EventChannel"]

ACCEPTED_DIFFERENTLY = Violation(
    field="externalId",
    reason_code=None,
    message="externalId|an event of this type and id was accepted before, with other content",
    suggestion="Change that one with client.update_event(), or send a second one with send_again=True.",
)
IN_DOUBT = "sent before and never answered, so it may have arrived; not sent again without resend_unknown=True"
UNDER_WAY = "another notebook is sending this event right now"


@dataclass(frozen=True, kw_only=True)
class EventChannel:
    """Events to one account; see :class:`~smnotebook.upload.channel.Channel`."""

    client: Client
    book: EventBook
    run: int
    pseudonyms: Pseudonyms
    ensure_contacts: bool
    resend_unknown: bool
    send_again: bool
    on_attempt: Callable[[AttemptDetails], object]
    _known_contacts: set[str] = field(default_factory=set)

    @property
    def policy(self) -> Policy:
        """One after the other, refused as a whole."""
        return Policy(trusts_busy=self.client.connection.retry.trusts_busy)

    def batches(self, slabs: Iterable[Batch], settle: Callable[[Batch, LineEnds], Batch]) -> Iterator[Batch]:
        """The requests: what may go of each slab, and the contacts that it needs before it.

        Parameters
        ----------
        settle : callable
            Is given what is known of rows sent before, and gives back those that may go.
        """
        for slab in slabs:
            left = settle(slab, self._ends(slab, self.book.past(slab.keys)))
            for start in range(0, len(left), MAX_EVENTS):
                batch = left.cut(start, start + MAX_EVENTS)
                yield from self._contacts_of(batch)
                yield batch

    def _ends(self, batch: Batch, past: Past) -> LineEnds:
        """What is known of rows that were sent before; the others may go."""
        refused, doubtful, unchanged = dict[int, Violation](), dict[int, str](), list[int]()
        for line, key in enumerate(batch.keys):
            if key in past.under_way:
                doubtful[line] = UNDER_WAY
            elif key in past.in_doubt and not self.resend_unknown:
                doubtful[line] = IN_DOUBT
            elif key in past.accepted and not self.send_again:
                if past.accepted[key] == batch.fingerprints[line]:
                    unchanged.append(line)
                else:
                    refused[line] = ACCEPTED_DIFFERENTLY
        return LineEnds(refused=refused, doubtful=doubtful, unchanged=unchanged)

    def _contacts_of(self, batch: Batch) -> Iterator[Batch]:
        new = [name for name in dict.fromkeys(batch.contacts) if "@" in name and name not in self._known_contacts]
        if self.ensure_contacts and new:
            # if they are not accepted the run ends, so that none is taken for known in error
            self._known_contacts.update(new)
            payloads = [orjson.dumps({"contact": {"email": email}}) for email in new]
            yield Batch(
                positions=np.empty(0, dtype=np.int64), keys=(), fingerprints=(), payloads=payloads, is_prelude=True
            )

    def claim(self, batches: Sequence[Batch]) -> Sequence[Sent | PutOff]:
        """Write each down, unless somebody else came first since it was looked up."""
        return [self._claim(batch) for batch in batches]

    def _claim(self, batch: Batch) -> Sent | PutOff:
        if batch.is_prelude:
            return _UNWRITTEN
        claim = self.book.claim(
            self.run,
            batch.keys,
            batch.fingerprints,
            contacts=[self.pseudonyms.contact(contact) for contact in batch.contacts],
            accepted_again=batch.keys if self.send_again else (),
            doubted_again=batch.keys if self.resend_unknown else (),
        )
        return PutOff(ends=self._ends(batch, claim.past)) if isinstance(claim, Claimed) else claim

    def send(self, batch: Batch, *, stop: threading.Event, may_leave: Callable[[], bool]) -> Answer:
        """Send events, or the contacts that go before them."""
        operation, name = Operation.ADD_EVENTS, b"events"
        if batch.is_prelude:
            operation, name = Operation.UPSERT_CONTACTS, b"upsertDetails"
        body = b'{"%b":[%b]}' % (name, b",".join(batch.payloads))
        connection = self.client.connection_by(Authentication.SIGNED_BODY)
        return connection.call(operation, body, stop=stop, may_leave=may_leave, on_attempt=self.on_attempt)

    def read(self, batch: Batch, answer: Answer) -> LineEnds:
        """Rows that the answer counts out."""
        return LineEnds() if batch.is_prelude else read_verdict(answer.data, batch.contacts)

    def is_still_own(self, sent: Sent) -> bool:
        """An event that is under way is never taken over; a run that was taken for lost has lost it all the same."""
        return sent is _UNWRITTEN or self.book.is_still_own(sent)

    def record(self, sent: Sent, receipt: Receipt) -> None:
        """Write the request's end down."""
        if sent is not _UNWRITTEN:
            self.book.record_receipt(sent, receipt)

    def record_refusals(self, sent: Sent, refusals: Mapping[str, Refusal]) -> None:
        """Nobody is singled out."""

    def give_sign_of_life(self) -> None:
        """Keep the run from being taken for lost."""
        self.book.touch_run(self.run)

    def in_words(self, text: str) -> str:
        """Without the address of a contact, should the server repeat it."""
        return mask_texts(text)


# Contacts may be sent again at any time, so nothing is written down of them.
_UNWRITTEN = Sent(request=0, product_ids=(), fingerprints=())
