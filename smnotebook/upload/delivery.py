"""One request's way: sent, its end written down."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from smnotebook.contract import Violation
from smnotebook.errors import ApiError, BadAnswer, Refused
from smnotebook.ledger import Book, QuotaStopped, Receipt, Refusal, RequestState, Sent
from smnotebook.upload.batch import Batch
from smnotebook.upload.blame import merge
from smnotebook.wire import Answer

__all__ = ["Delivery", "Send", "deliver"]

_NOT_LISTED = Violation(
    field=None,
    reason_code=None,
    message="The server accepted the request, and its answer does not list this product.",
    suggestion="Send it again.",
)
_TOO_LARGE = 413


class Send(Protocol):
    """Sends products, with all the attempts it takes; raises an ApiError or QuotaStopped where that fails."""

    def __call__(self, payloads: Sequence[bytes], *, stop: threading.Event) -> Answer:
        """The server's success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How one request ended.

    Attributes
    ----------
    doubtful : mapping of int to Violation
        Lines of an acknowledged request that the answer leaves out.
    error : ApiError or None
        What a refused or unknown request ended in.
    """

    batch: Batch
    state: RequestState
    status: int | None = None
    request_id: str | None = None
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()
    doubtful: Mapping[int, Violation] = field(default_factory=dict)
    error: ApiError | None = None


def deliver(batch: Batch, sent: Sent, *, book: Book, send: Send, stop: threading.Event) -> Delivery:
    """Send a batch that is written down, and write down how it ended."""
    try:
        delivery = _send(batch, send, stop)
    except BaseException:
        book.record_receipt(sent, Receipt(state=RequestState.UNKNOWN))
        raise
    book.record_receipt(sent, _receipt(delivery, sent))
    return delivery


def _send(batch: Batch, send: Send, stop: threading.Event) -> Delivery:
    try:
        answer = send(batch.payloads, stop=stop)
    except Refused as refused:
        return _failed(batch, RequestState.REFUSED, refused, violations=refused.violations)
    except QuotaStopped:
        return Delivery(batch=batch, state=RequestState.PLANNED)
    except BadAnswer as bad:
        if bad.status == _TOO_LARGE and len(batch) > 1:
            return _failed(batch, RequestState.REFUSED, bad)
        return _failed(batch, RequestState.UNKNOWN, bad)
    except ApiError as error:
        return _failed(batch, RequestState.UNKNOWN, error)
    return Delivery(
        batch=batch,
        state=RequestState.ACKNOWLEDGED,
        status=answer.status,
        request_id=answer.request_id,
        warnings=answer.warnings,
        doubtful=_not_listed(batch, answer.data),
    )


def _failed(batch: Batch, state: RequestState, error: ApiError, **fields: Any) -> Delivery:
    return Delivery(batch=batch, state=state, status=error.status, request_id=error.request_id, error=error, **fields)


def _not_listed(batch: Batch, data: Mapping[str, Any]) -> dict[int, Violation]:
    """Products that an answer which lists products leaves out."""
    listed = data.get("productIds")
    if not isinstance(listed, list) or not listed or listed == batch.product_ids:
        return {}
    stored = {str(product_id) for product_id in listed}
    return {line: _NOT_LISTED for line, product_id in enumerate(batch.product_ids) if product_id not in stored}


def _receipt(delivery: Delivery, sent: Sent) -> Receipt:
    refusals = {
        delivery.batch.product_ids[line]: Refusal(state=RequestState.UNKNOWN, message=violation.message)
        for line, violation in delivery.doubtful.items()
    }
    if delivery.state is RequestState.REFUSED and len(sent.product_ids) == 1:
        said = merge(delivery.violations)
        refusals[sent.product_ids[0]] = Refusal(reason_code=said.reason_code, field=said.field, message=said.message)
    return Receipt(
        state=delivery.state,
        status=delivery.status,
        request_id=delivery.request_id,
        refusals=refusals,
    )
