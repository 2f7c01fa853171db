"""contact/upsert, batchupsertv2 and integration/upsert of API v2. Rules: WIRE_FACTS section 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smnotebook.contract import MAX_CONTACTS, ContactUpsert, Violation, check, parse_message
from smnotebook.sandbox.answers import Answer, accept_v2, find_errors, refuse_v2
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store import Rows
from smnotebook.sandbox.store.contacts import store_contact

__all__ = ["find_owner_error", "keep_contact", "texts_of", "upsert_contact", "upsert_contacts"]

NO_EMAIL = "No email specified"


def upsert_contact(state: State, body: Mapping[str, Any]) -> Answer:
    """Add a contact, or change the one with this address."""
    if error := find_owner_error(state, body):
        return refuse_v2(error)
    if errors := find_errors(check(ContactUpsert, body)):
        return refuse_v2(*texts_of(errors))
    sent = ContactUpsert.model_validate(dict(body))
    with state.database.transaction() as rows:
        contact_id = keep_contact(state, rows, sent)
    members = {} if sent.contact.externalId is None else {"externalId": sent.contact.externalId}
    return accept_v2(contactId=contact_id, **members)


def upsert_contacts(state: State, body: Mapping[str, Any]) -> Answer:
    """Add or change many contacts; bad ones are passed over, since the real call answers before it looks."""
    if error := find_owner_error(state, body):
        return refuse_v2(error)
    listed = body.get("upsertDetails")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_CONTACTS:
        return refuse_v2(f"upsertDetails must be a list of 1 to {MAX_CONTACTS} contacts")
    good = [entry for entry in listed if isinstance(entry, dict) and not find_errors(check(ContactUpsert, entry))]
    with state.database.transaction() as rows:
        for entry in good:
            keep_contact(state, rows, ContactUpsert.model_validate(entry))
    return accept_v2(requestId=state.draw_id())


def keep_contact(state: State, rows: Rows, sent: ContactUpsert) -> str:
    """Store a contact and return its id."""
    payload = sent.model_dump(exclude_none=True)
    members = {**payload.pop("contact"), **payload}
    email = sent.contact.email.lower()
    del members["email"]
    return store_contact(rows, state.draw_id(), email, members, state.clock.now())


def find_owner_error(state: State, body: Mapping[str, Any]) -> str | None:
    """What v2 says where the body's owner is missing or another's."""
    owner = body.get("owner")
    if not owner:
        return "User cannot be empty"
    if not isinstance(owner, str) or owner.lower() != state.account.owner:
        return "User not authenticated"
    return None


def texts_of(violations: list[Violation]) -> list[str]:
    """Violations in v2's way: sentences without codes. A missing address has a sentence of its own."""
    return [
        NO_EMAIL
        if found.field in ("contact", "contact.email") and found.reason_code in (13, 17)
        else f"{found.field} {parse_message(found.reason_code or 0, found.message).text}"
        for found in violations
    ]
