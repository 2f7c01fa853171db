"""Contacts and their events as rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from smnotebook.sandbox.store.database import Rows

__all__ = [
    "WAIT_SECONDS",
    "find_contact",
    "read_contacts",
    "read_events",
    "remove_event",
    "replace_event",
    "store_contact",
    "store_event",
]

#: How long an event waits for a contact that is not known yet (WIRE_FACTS 6).
WAIT_SECONDS = 3600.0

EventState = Literal["assigned", "waiting", "dropped"]


def find_contact(rows: Rows, *, contact_id: str | None = None, email: str | None = None) -> str | None:
    """The id of a known contact; the id wins where both are given."""
    if contact_id is not None:
        found = rows.execute("SELECT contact_id FROM contacts WHERE contact_id = ?", (contact_id,)).fetchone()
    else:
        found = rows.execute("SELECT contact_id FROM contacts WHERE email = ?", (email,)).fetchone()
    return None if found is None else str(found[0])


def store_contact(rows: Rows, new_id: str, email: str, payload: Mapping[str, Any], now: float) -> str:
    """Add a contact, or lay what was sent over the one with this address; events that wait for it find it.

    Returns
    -------
    str
        The contact's id: ``new_id``, or the one it had.
    """
    rows.execute(
        "INSERT INTO contacts VALUES (:id, :email, json_patch('{}', :patch), :now)"
        " ON CONFLICT (email) DO UPDATE SET payload = json_patch(payload, :patch), changed_at = :now",
        {"id": new_id, "email": email, "patch": _encode(payload), "now": now},
    )
    contact_id = find_contact(rows, email=email) or new_id
    rows.execute(
        "UPDATE events SET contact_id = ? WHERE contact_id IS NULL AND email = ? AND received_at > ?",
        (contact_id, email, now - WAIT_SECONDS),
    )
    return contact_id


def store_event(
    rows: Rows, event_id: str, payload: Mapping[str, Any], now: float, *, contact_id: str | None, email: str | None
) -> None:
    """Add an event; one without a contact id waits for its address to become known."""
    rows.execute(
        "INSERT INTO events (event_id, contact_id, email, payload, received_at) VALUES (?, ?, ?, ?, ?)",
        (event_id, contact_id, email, _encode(payload), now),
    )


def replace_event(rows: Rows, event_id: str, payload: Mapping[str, Any]) -> bool:
    """Put an event in the place of another; false where there is none with this id."""
    changed = rows.execute("UPDATE events SET payload = ? WHERE event_id = ?", (_encode(payload), event_id))
    return changed.rowcount > 0


def remove_event(rows: Rows, event_id: str) -> bool:
    """Remove an event; false where there is none."""
    return rows.execute("DELETE FROM events WHERE event_id = ?", (event_id,)).rowcount > 0


def read_contacts(rows: Rows) -> list[dict[str, Any]]:
    """The contacts in the order of their creation: contactId, email, and what was sent."""
    found = rows.execute("SELECT contact_id, email, payload FROM contacts ORDER BY rowid")
    return [{"contactId": contact_id, "email": email, **json.loads(payload)} for contact_id, email, payload in found]


def read_events(rows: Rows, now: float) -> list[dict[str, Any]]:
    """The events in the order of their arrival: eventId, contactId, email, state, and the event as it was sent."""
    return list(_events(rows, now))


def _events(rows: Rows, now: float) -> Iterator[dict[str, Any]]:
    found = rows.execute("SELECT event_id, contact_id, email, payload, received_at FROM events ORDER BY number")
    for event_id, contact_id, email, payload, received_at in found:
        state: EventState = "assigned"
        if contact_id is None:
            state = "waiting" if received_at > now - WAIT_SECONDS else "dropped"
        yield {
            "eventId": event_id,
            "contactId": contact_id,
            "email": email,
            "state": state,
            "event": json.loads(payload),
        }


def _encode(payload: Mapping[str, Any]) -> str:
    """JSON with amounts as text, as products are kept."""
    return json.dumps(payload, separators=(",", ":"), default=str)
