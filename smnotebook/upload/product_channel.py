"""Products, prices and stock on their way to one catalog."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from smnotebook.catalog import Catalog
from smnotebook.contract import Operation, Violation, parse_message
from smnotebook.frame.batches import request_body
from smnotebook.ledger import Book, Contested, Holder, Receipt, Refusal, Sent
from smnotebook.upload.batch import Batch
from smnotebook.upload.blame import value_at
from smnotebook.upload.channel import LineEnds, Policy, PutOff
from smnotebook.upload.shapes import UPSERT, Shape
from smnotebook.wire import Answer, AttemptDetails

__all__ = ["SILENCE_SECONDS", "ProductChannel", "cut_texts", "put_off", "read_stored"]

_CONTESTED_SECONDS = 0.2
#: A living run that gives no sign for so long is not waited for: it may be stopped, or its machine asleep.
SILENCE_SECONDS = 60.0
_NOT_LISTED = "The server accepted the request, and its answer does not list this product. Send it again."
_SUPERSEDED = Violation(
    field=None,
    reason_code=None,
    message="A later upload has sent this product; sending it now would put older data over newer.",
    suggestion="Nothing to do, unless this is the newer data: then upload it again.",
)

_OUTDATED = Violation(
    field=None,
    reason_code=None,
    message="Another upload has sent this product since this row was filled up with what was stored; sending it now"
    " would put that back.",
    suggestion="Make the same call again: it begins with what is stored now.",
)


@dataclass(frozen=True, kw_only=True)
class ProductChannel:
    """A plan's rows in their shape; see :class:`~smnotebook.upload.channel.Channel`."""

    catalog: Catalog
    shape: Shape
    book: Book
    run: int
    on_attempt: Callable[[AttemptDetails], object]
    over_running: bool = False
    bases: Mapping[str, int] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    _seen: dict[Holder, float] = field(default_factory=dict)

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
        answers = self.book.record_sent_all(self.run, batches, over_running=self.over_running, bases=self.bases)
        return [
            self._put_off(batch, answer) if isinstance(answer, Contested) else answer
            for batch, answer in zip(batches, answers, strict=True)
        ]

    def _put_off(self, batch: Batch, contested: Contested) -> PutOff:
        now = self.clock()
        for holder in contested.holders:
            self._seen.setdefault(holder, now)  # one that gave a sign of life is another one
        silent = [holder for holder in contested.holders if now - self._seen[holder] >= SILENCE_SECONDS]
        return put_off(batch, contested, silent=silent)

    def send(self, batch: Batch, *, stop: threading.Event, may_leave: Callable[[], bool]) -> Answer:
        """Send them with all the attempts it takes."""
        shape, payloads = self.shape, batch.payloads
        travelling = payloads if shape.on_the_wire is UPSERT.on_the_wire else list(map(shape.on_the_wire, payloads))
        body = request_body(self.catalog.id, travelling)
        return self.catalog.client.connection.call(
            shape.operation, body, stop=stop, may_leave=may_leave, on_attempt=self.on_attempt
        )

    def read(self, batch: Batch, answer: Answer) -> LineEnds:
        """Products that the answer leaves out are in doubt, and so are texts that it says were cut."""
        ends = read_stored(batch, answer, must_list=self.shape.operation is Operation.UPSERT_PRODUCTS)
        return replace(ends, cut=cut_texts(batch, answer.warnings)) if answer.warnings else ends

    def is_still_own(self, sent: Sent) -> bool:
        """Whether no run was told to go over this one."""
        return self.book.is_still_own(sent)

    def record(self, sent: Sent, receipt: Receipt) -> None:
        """Write the request's end down."""
        self.book.record_receipt(sent, receipt)

    def record_refusals(self, sent: Sent, refusals: Mapping[str, Refusal]) -> None:
        """Write down who is to blame."""
        self.book.record_refusals(sent, refusals)

    def give_sign_of_life(self) -> None:
        """Keep the run from being taken for lost."""
        self.book.touch_run(self.run)

    def in_words(self, text: str) -> str:
        """Products are nobody's secret."""
        return text


def put_off(batch: Batch, contested: Contested, *, silent: Collection[Holder] = ()) -> PutOff:
    """What it means for a batch that other uploads have sent, or are sending, some of its products.

    Parameters
    ----------
    silent : collection of Holder
        Those that gave no sign of life for long. Where all are, the products they hold are not waited for.
    """
    superseded = [line for line, key in enumerate(batch.keys) if key in contested.superseded]
    doubtful: dict[int, str] = {}
    if silent and len(silent) == len(contested.holders):
        runs = ", ".join(f"run {holder.run} of process {holder.process}" for holder in silent)
        why = (
            f"under way in {runs}, which is alive and has given no sign for {SILENCE_SECONDS:.0f} s; not sent, so that "
            "older data doesn't come over newer. End that process, or send it all the same with over_running=True"
        )
        doubtful = {line: why for line, key in enumerate(batch.keys) if key in contested.in_flight}
    refused = {line: _OUTDATED for line, key in enumerate(batch.keys) if key in contested.outdated}
    refused |= dict.fromkeys(superseded, _SUPERSEDED)
    refused = {line: why for line, why in refused.items() if line not in doubtful}
    return PutOff(ends=LineEnds(refused=refused, doubtful=doubtful), wait_seconds=_CONTESTED_SECONDS)


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


def cut_texts(batch: Batch, warnings: Sequence[Violation]) -> dict[int, dict[str, str]]:
    """The texts that an answer says were cut (reason code 12): by line and field, each as it may be stored.

    A warning names a field and a limit, not the product: every text beyond the limit may be meant. How the server
    counts is unknown, so where no text has too many characters, UTF-16 units count, and then bytes.
    """
    cut: dict[int, dict[str, str]] = {}
    products = [orjson.loads(payload) for payload in batch.payloads]
    for warning in warnings:
        said = parse_message(warning.reason_code or 0, warning.message)
        if said.field is None or said.maximum is None:
            continue
        texts = {line: text for line, one in enumerate(products) if isinstance(text := value_at(one, said.field), str)}
        for encoding, width in (("utf-32-le", 4), ("utf-16-le", 2), ("utf-8", 1)):
            most = said.maximum * width
            beyond = {line: raw for line, text in texts.items() if len(raw := text.encode(encoding)) > most}
            for line, raw in beyond.items():
                cut.setdefault(line, {})[said.field] = raw[:most].decode(encoding, errors="ignore")
            if beyond:
                break
    return cut
