"""External events of API v2. Rules: WIRE_FACTS section 6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smnotebook.contract import MAX_EVENTS, ContactEvent, ContactReference, ContactUpsert, check
from smnotebook.sandbox.answers import Answer, accept_v2, find_errors, refuse_v2
from smnotebook.sandbox.operations.contacts import NO_EMAIL, find_owner_error, keep_contact, texts_of
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store import Rows
from smnotebook.sandbox.store.contacts import find_contact, remove_event, replace_event, store_event

__all__ = ["add_event", "add_events", "delete_event", "update_event", "upsert_contact_with_event"]


def add_event(state: State, body: Mapping[str, Any]) -> Answer:
    """Add one event to a contact."""
    if error := find_owner_error(state, body):
        return refuse_v2(error)
    if errors := _find_event_errors(body):
        return refuse_v2(*errors)
    with state.database.transaction() as rows:
        event_id = _keep_event(state, rows, body)
    return refuse_v2("Contact not found") if event_id is None else accept_v2(eventId=event_id)


def add_events(state: State, body: Mapping[str, Any]) -> Answer:
    """Add many events; the answer counts the good and names the contacts of the others."""
    if error := find_owner_error(state, body):
        return refuse_v2(error)
    events = body.get("events")
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        return refuse_v2(f"events must be a list of 1 to {MAX_EVENTS} events")
    failed: list[str] = []
    with state.database.transaction() as rows:
        for event in events:
            is_good = isinstance(event, dict) and not _find_event_errors(event)
            if not is_good or _keep_event(state, rows, event) is None:
                failed.append(_name_contact(event))
    return accept_v2(createdAmount=len(events) - len(failed), failedAmount=len(failed), failedContacts=failed)


def update_event(state: State, body: Mapping[str, Any]) -> Answer:
    """Put an event in the place of the one whose id it has; it must be there."""
    if error := find_owner_error(state, body):
        return refuse_v2(error)
    sent = body.get("contactEvent")
    if errors := _find_errors_within(sent):
        return refuse_v2(*errors)
    event = ContactEvent.model_validate(sent)
    if event.eventId is None:
        return refuse_v2("contactEvent.eventId is required")
    with state.database.transaction() as rows:
        is_replaced = replace_event(rows, event.eventId, event.model_dump(exclude_none=True, exclude={"eventId"}))
    return accept_v2(eventId=event.eventId) if is_replaced else refuse_v2("Event not found")


def delete_event(state: State, body: Mapping[str, Any]) -> Answer:
    """Remove an event."""
    if error := find_owner_error(state, body):
        return refuse_v2(error)
    event_id = body.get("eventId")
    if not isinstance(event_id, str) or not event_id:
        return refuse_v2("eventId is required")
    if not event_id.isprintable():
        return refuse_v2("Event not found")
    with state.database.transaction() as rows:
        is_removed = remove_event(rows, event_id)
    return accept_v2(result="deleted") if is_removed else refuse_v2("Event not found")


def upsert_contact_with_event(state: State, body: Mapping[str, Any]) -> Answer:
    """Upsert a contact, add an event, or both in one call; either object alone is enough (WIRE_FACTS 11)."""
    contact, event = body.get("contactUpsertRequest"), body.get("addContactExtEventRequest")
    parts = [part for part in (contact, event) if part is not None]
    if not parts or not all(isinstance(part, dict) for part in parts):
        return refuse_v2("contactUpsertRequest, addContactExtEventRequest or both must be given, as objects")
    # the owner may stand beside the two objects or in either
    if error := find_owner_error(state, next((place for place in (body, *parts) if "owner" in place), body)):
        return refuse_v2(error)
    errors = []
    if contact is not None:
        errors += texts_of(find_errors(check(ContactUpsert, contact)))
    if event is not None:
        errors += _find_event_errors(event) if contact is None else _find_errors_within(event.get("contactEvent"))
    if errors:
        return refuse_v2(*errors)
    members: dict[str, Any] = {}
    with state.database.transaction() as rows:
        if contact is not None:
            members["contactId"] = keep_contact(state, rows, ContactUpsert.model_validate(contact))
        if event is not None:
            members["eventId"] = _keep_event(state, rows, {**event, **members})
    return refuse_v2("Contact not found") if members.get("eventId", "") is None else accept_v2(**members)


def _find_event_errors(body: Mapping[str, Any]) -> list[str]:
    errors = texts_of(find_errors(check(ContactReference, body)))
    if not errors and not body.get("email") and not body.get("contactId"):
        errors = [NO_EMAIL]
    return errors + _find_errors_within(body.get("contactEvent"))


def _find_errors_within(event: Any) -> list[str]:
    if not isinstance(event, dict):
        return ["contactEvent is required"]
    return [f"contactEvent.{text}" for text in texts_of(find_errors(check(ContactEvent, event)))]


def _keep_event(state: State, rows: Rows, body: Mapping[str, Any]) -> str | None:
    """Store a checked event and return its id; None where its contact is unknown and it may not wait.

    An event for an unknown id can't wait: there is no address by which the contact could become known.
    """
    reference = ContactReference.model_validate(dict(body))
    email = reference.email.lower() if reference.email and not reference.contactId else None
    contact_id = find_contact(rows, contact_id=reference.contactId, email=email)
    may_wait = email is not None and state.assumptions.event_for_unknown_contact == "wait"
    if contact_id is None and not may_wait:
        return None
    event = ContactEvent.model_validate(body["contactEvent"])
    event_id = state.draw_id()
    payload = event.model_dump(exclude_none=True, exclude={"eventId"})
    store_event(rows, event_id, payload, state.clock.now(), contact_id=contact_id, email=email)
    return event_id


def _name_contact(event: Any) -> str:
    named = (event.get("email") or event.get("contactId")) if isinstance(event, dict) else None
    return named if isinstance(named, str) else ""
