"""Products, prices and stock on their way to one catalog."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from smnotebook.catalog import Catalog
from smnotebook.contract import Operation, Violation
from smnotebook.frame.batches import request_body
from smnotebook.ledger import Book, Contested, Receipt, Sent
from smnotebook.upload.batch import Batch
from smnotebook.upload.channel import LineEnds, Policy, PutOff
from smnotebook.upload.shapes import UPSERT, Shape
from smnotebook.wire import Answer, AttemptDetails

__all__ = ["ProductChannel", "put_off", "read_stored"]

_CONTESTED_SECONDS = 0.2
_NOT_LISTED = "The server accepted the request, and its answer does not list this product. Send it again."
_SUPERSEDED = Violation(
    field=None,
    reason_code=None,
    message="A later upload has sent this product; sending it now would put older data over newer.",
    suggestion="Nothing to do, unless this is the newer data: then upload it again.",
)


@dataclass(frozen=True, kw_only=True)
class ProductChannel:
    """A plan's rows in their shape; see :class:`~smnotebook.upload.channel.Channel`."""

    catalog: Catalog
    shape: Shape
    book: Book
    run: int
    on_attempt: Callable[[AttemptDetails], object]

    @property
    def policy(self) -> Policy:
        """Any product may be sent again, so the rows to blame are found by sending parts."""
        return Policy(
            trusts_busy=self.catalog.client.connection.retry.trusts_busy,
            isolates=True,
            written_at_once=8,
            hopeless_after=4,
        )

    def claim(self, batches: Sequence[Batch]) -> Sequence[Sent | PutOff]:
        """Write them down; what another upload has under way is waited for, what a later one has sent stays."""
        answers = self.book.record_sent_all(self.run, batches)
        return [
            put_off(batch, answer) if isinstance(answer, Contested) else answer
            for batch, answer in zip(batches, answers, strict=True)
        ]

    def send(self, batch: Batch, *, stop: threading.Event) -> Answer:
        """Send them with all the attempts it takes."""
        shape, payloads = self.shape, batch.payloads
        travelling = payloads if shape.on_the_wire is UPSERT.on_the_wire else list(map(shape.on_the_wire, payloads))
        body = request_body(self.catalog.id, travelling)
        return self.catalog.client.connection.call(shape.operation, body, stop=stop, on_attempt=self.on_attempt)

    def read(self, batch: Batch, answer: Answer) -> LineEnds:
        """Products that the answer leaves out are in doubt."""
        return read_stored(batch, answer, must_list=self.shape.operation is Operation.UPSERT_PRODUCTS)

    def record(self, sent: Sent, receipt: Receipt) -> None:
        """Write the request's end down."""
        self.book.record_receipt(sent, receipt)

    def give_sign_of_life(self) -> None:
        """Keep the run from being taken for lost."""
        self.book.touch_run(self.run)

    def in_words(self, text: str) -> str:
        """Products are nobody's secret."""
        return text


def put_off(batch: Batch, contested: Contested) -> PutOff:
    """What it means for a batch that other uploads have sent, or are sending, some of its products."""
    superseded = [line for line, key in enumerate(batch.keys) if key in contested.superseded]
    return PutOff(ends=LineEnds(refused=dict.fromkeys(superseded, _SUPERSEDED)), wait_seconds=_CONTESTED_SECONDS)


def read_stored(batch: Batch, answer: Answer, *, must_list: bool) -> LineEnds:
    """Which products an answer proves to be stored: those that it lists.

    Parameters
    ----------
    must_list : bool
        Whether an answer without a list proves nothing; of a change of price or stock only the requestId is known
        (WIRE_FACTS section 2).
    """
    listed = answer.data.get("productIds", [] if must_list else None)
    if listed is None or listed == batch.keys:
        return LineEnds()
    stored = {str(product_id) for product_id in listed} if isinstance(listed, list) else set()
    return LineEnds(doubtful={line: _NOT_LISTED for line, key in enumerate(batch.keys) if key not in stored})
