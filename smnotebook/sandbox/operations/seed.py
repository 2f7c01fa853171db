"""The calls of the security document: secret in the body, and a contact that an event creates.

Only seed_security_and_events.txt knows them; it gives no answers, so those of API v3 are taken.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from smnotebook.contract import Contact, ContactUpsert, ReasonCode, SeedEvent, Violation, check
from smnotebook.sandbox.answers import Answer, accept, find_errors, refuse, violation
from smnotebook.sandbox.operations.contacts import keep_contact
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store.contacts import store_event
from smnotebook.sandbox.store.keys import is_valid_key

__all__ = ["add_event", "holds_secret", "upsert_contact"]


def holds_secret(state: State, body: Mapping[str, Any]) -> bool:
    """Whether the body holds a valid key, the secret, and no other owner (the sample of the event has none)."""
    api_key, api_secret, owner = body.get("apiKey"), body.get("apiSecret"), body.get("owner", state.account.owner)
    if not isinstance(api_key, str) or not isinstance(api_secret, str) or not isinstance(owner, str):
        return False
    expected = state.account.api_secret.get_secret_value()
    is_secret = hmac.compare_digest(api_secret.encode("utf-8", "surrogatepass"), expected.encode())
    return (
        is_secret and owner.lower() == state.account.owner and is_valid_key(state.database, api_key, state.clock.now())
    )


def upsert_contact(state: State, body: Mapping[str, Any]) -> Answer:
    """Add a contact, or change the one with this address."""
    request_id = state.draw_id()
    errors = find_errors(check(ContactUpsert, body))
    if not body.get("owner"):  # the document lists it among the credentials of this call
        errors.append(violation(ReasonCode.MISSING, "owner", "is required"))
    if errors:
        return refuse(request_id, errors)
    with state.database.transaction() as rows:
        contact_id = keep_contact(state, rows, ContactUpsert.model_validate(dict(body)))
    return accept(request_id, contactId=contact_id)


def add_event(state: State, body: Mapping[str, Any]) -> Answer:
    """Add an event; a contact that does not exist is created, as the document says."""
    request_id = state.draw_id()
    errors = [*_find_errors_at("contact", Contact, body), *_find_errors_at("event", SeedEvent, body)]
    if errors:
        return refuse(request_id, errors)
    contact = ContactUpsert.model_validate({"contact": body["contact"]})
    event = SeedEvent.model_validate(body["event"])
    with state.database.transaction() as rows:
        contact_id = keep_contact(state, rows, contact)
        event_id = state.draw_id()
        payload = event.model_dump(exclude_none=True)
        store_event(rows, event_id, payload, state.clock.now(), contact_id=contact_id, email=None)
    return accept(request_id, contactId=contact_id, eventId=event_id)


def _find_errors_at(name: str, model: type[Contact] | type[SeedEvent], body: Mapping[str, Any]) -> list[Violation]:
    """The errors of one member of the body, its fields under the member's name."""
    member = body.get(name)
    if member is None:
        return [violation(ReasonCode.MISSING, name, "is required")]
    if not isinstance(member, dict):
        return [violation(ReasonCode.WRONG_TYPE, name, "must be an object", type_name="object")]
    return [
        Violation(field=f"{name}.{found.field}", reason_code=found.reason_code, message=f"{name}.{found.message}")
        for found in find_errors(check(model, member))
    ]
