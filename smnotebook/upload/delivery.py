"""One request's way: sent, its end written down."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from functools import partial

from smnotebook.contract import Violation
from smnotebook.errors import ApiError, LedgerError, Refused
from smnotebook.events.sending import state_after
from smnotebook.ledger import QuotaStopped, Receipt, Refusal, RequestState, Sent
from smnotebook.upload.batch import Batch
from smnotebook.upload.blame import merge
from smnotebook.upload.channel import Channel, LineEnds
from smnotebook.wire import Consequence, consequence_of

__all__ = ["Delivery", "deliver", "refusal_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How one request ended.

    Attributes
    ----------
    consequence : Consequence or None
        What follows from its failure; None where it was acknowledged.
    ends : LineEnds
        Lines of an acknowledged request that ended otherwise.
    has_open_attempts : bool
        Whether an earlier attempt of an acknowledged request may still be carried out.
    violations : tuple of Violation
        What the server objected to.
    error : BaseException or None
        What it failed with.
    ledger_error : LedgerError or None
        Why its end could not be written down.
    """

    batch: Batch
    sent: Sent
    consequence: Consequence | None = None
    ends: LineEnds = field(default_factory=LineEnds)
    status: int | None = None
    request_id: str | None = None
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()
    has_open_attempts: bool = False
    error: BaseException | None = None
    ledger_error: LedgerError | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether it never left since the run was stopped."""
        return isinstance(self.error, QuotaStopped)


def deliver(batch: Batch, sent: Sent, *, channel: Channel, stop: threading.Event) -> Delivery:
    """Send a batch that is written down, and write down how it ended; what goes wrong stands in what is returned."""
    try:
        answer = channel.send(batch, stop=stop, may_leave=partial(channel.is_still_own, sent))
        delivery = Delivery(
            batch=batch,
            sent=sent,
            ends=channel.read(batch, answer),
            status=answer.status,
            request_id=answer.request_id,
            warnings=answer.warnings,
            has_open_attempts=answer.has_open_attempts,
        )
    except BaseException as error:  # noqa: BLE001 - nobody else can write down what became of the rows
        delivery = _failed(batch, sent, error, channel)
    try:
        channel.record(sent, _receipt(delivery))
    except LedgerError as error:
        return replace(delivery, ledger_error=error)
    return delivery


def _failed(batch: Batch, sent: Sent, error: BaseException, channel: Channel) -> Delivery:
    consequence = consequence_of(error, trusts_busy=channel.policy.trusts_busy)
    failed = Delivery(batch=batch, sent=sent, consequence=consequence, error=error)
    if isinstance(error, ApiError):
        failed = replace(failed, status=error.status, request_id=error.request_id)
    if isinstance(error, Refused):
        said = tuple(replace(one, message=channel.in_words(one.message)) for one in error.violations)
        failed = replace(failed, violations=said)
    return failed


def _receipt(delivery: Delivery) -> Receipt:
    """What the ledger is told."""
    keys, consequence = delivery.batch.keys, delivery.consequence
    refusals = {keys[line]: refusal_of(said) for line, said in delivery.ends.refused.items()}
    refusals |= {
        keys[line]: Refusal(state=RequestState.UNKNOWN, message=why) for line, why in delivery.ends.doubtful.items()
    }
    state = RequestState.ACKNOWLEDGED if consequence is None else state_after(consequence)
    if state is RequestState.REFUSED and len(keys) == 1:
        said = merge(delivery.violations)
        refusals[keys[0]] = refusal_of(said)
    return Receipt(
        state=state,
        status=delivery.status,
        request_id=delivery.request_id,
        refusals=refusals,
        cut={keys[line]: texts for line, texts in delivery.ends.cut.items()},
        has_open_attempts=delivery.has_open_attempts,
    )


def refusal_of(said: Violation) -> Refusal:
    """A record's refusal for the ledger."""
    return Refusal(reason_code=said.reason_code, field=said.field, message=said.message)
