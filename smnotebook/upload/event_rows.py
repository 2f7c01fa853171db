"""Rows of a frame of events as they are sent and as the ledger knows them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from smnotebook.events.journal import row_key
from smnotebook.events.personal import Pseudonyms
from smnotebook.frame.arrow import Positions, take_rows
from smnotebook.frame.event_identity import as_compared
from smnotebook.frame.event_table import EventColumns, encode_events
from smnotebook.upload.batch import Batch

__all__ = ["keyed_rows"]

#: Rows encoded at once: bounds the memory of a sending, whatever the frame's size.
SLAB_ROWS = 8_000


def keyed_rows(events: EventColumns, positions: Positions, pseudonyms: Pseudonyms) -> Iterator[Batch]:
    """The rows at ascending positions, a slab at a time; their preflight is the caller's business.

    The next slab is made in a thread of its own, while the one before is on its way to the server.
    """
    starts = range(0, len(positions), SLAB_ROWS)
    table = as_compared(events.rows_as_given)
    compared = events if table is events.rows_as_given else replace(events, rows_as_given=table)
    with ThreadPoolExecutor(1) as maker:
        coming: deque[Future[Batch]] = deque()
        for start in starts:
            coming.append(maker.submit(_slab, events, compared, positions[start : start + SLAB_ROWS], pseudonyms))
            if len(coming) > 1:
                yield coming.popleft().result()
        if coming:
            yield coming.popleft().result()


def _slab(events: EventColumns, compared: EventColumns, positions: Positions, pseudonyms: Pseudonyms) -> Batch:
    texts: list[str] = encode_events(events, positions).to_pylist()
    said = texts if compared is events else encode_events(compared, positions).to_pylist()
    kinds, external_ids = _texts(compared, "type", positions), _texts(compared, "externalId", positions)
    emails, contact_ids = _texts(events, "email", positions), _texts(events, "contactId", positions)
    return Batch(
        positions=positions,
        keys=[
            row_key(pseudonyms, kind=kind or "", external_id=external_id, content=text)
            for kind, external_id, text in zip(kinds, external_ids, said, strict=True)
        ],
        fingerprints=[pseudonyms.digest(text) for text in said],
        contacts=[contact_id or (email or "").lower() for email, contact_id in zip(emails, contact_ids, strict=True)],
        payloads=[text.encode() for text in texts],
    )


def _texts(events: EventColumns, path: str, positions: Positions) -> list[str | None]:
    values = events.rows_as_given.find(path)
    if values is None:
        return [None] * len(positions)
    texts: list[str | None] = take_rows(values, positions).to_pylist()
    return texts
