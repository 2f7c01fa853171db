"""What sending a frame of events would send, shown for its first rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

import numpy as np
import orjson
import pandas as pd

from smnotebook.client import Client
from smnotebook.contract import Operation
from smnotebook.contract.event_fields import Ambiguous
from smnotebook.events import DryRun
from smnotebook.events.dry_run import show_requests
from smnotebook.events.encodings import PreparedRequest
from smnotebook.frame.event_table import EventColumns, encode_events
from smnotebook.upload.events import read_and_check

__all__ = ["dry_run_events"]

#: Rows of a request that a dry run shows.
SHOWN_ROWS = 5


def dry_run_events(
    frame: pd.DataFrame,
    client: Client,
    *,
    timezone: str | None = None,
    ambiguous: Ambiguous | None = None,
    carry: Mapping[str, str] | None = None,
    feed_locations: Collection[str] = (),
    ensure_contacts: bool = True,
    now: Callable[[], float] = time.time,
) -> DryRun:
    """What :func:`~smnotebook.upload.send_events` would send for the first good rows; no event is sent."""
    events, preflight = read_and_check(frame, client, timezone, carry or {}, feed_locations, ambiguous=ambiguous)
    good = np.setdiff1d(np.arange(len(frame)), preflight.refused)
    shown = good[:SHOWN_ROWS]
    requests = [_events(events, shown, len(good))]
    emails = [entry["email"] for entry in requests[0].fields["events"] if "email" in entry]
    if ensure_contacts and emails:
        requests.insert(0, _contacts(emails))
    return show_requests(client, requests if len(good) else (), moment=now())


def _events(events: EventColumns, shown: np.ndarray[tuple[int], np.dtype[np.int64]], good: int) -> PreparedRequest:
    entries = [orjson.loads(text) for text in encode_events(events, shown).to_pylist()]
    return _request(Operation.ADD_EVENTS, f"{len(shown):,} of {good:,} events", {"events": entries})


def _contacts(emails: list[str]) -> PreparedRequest:
    details = [{"contact": {"email": email}} for email in dict.fromkeys(emails)]
    return _request(Operation.UPSERT_CONTACTS, "their contacts first", {"upsertDetails": details})


def _request(operation: Operation, purpose: str, fields: Mapping[str, object]) -> PreparedRequest:
    return PreparedRequest(operation=operation, authentication=operation.authentication, purpose=purpose, fields=fields)
