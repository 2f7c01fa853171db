"""Changing and deleting an event that was sent, and telling the server of a contact."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from smnotebook.client import Client
from smnotebook.contract import Authentication, Operation
from smnotebook.events.encodings import Carry, PreparedRequest, encode_contact_event
from smnotebook.events.event import Contact, Event
from smnotebook.events.guard import CONTACTS, guard_contacts
from smnotebook.events.receipts import ContactReceipt, EventReceipt
from smnotebook.events.sending import call
from smnotebook.events.surroundings import compare_with_account

__all__ = ["contact_fields", "delete_event", "update_event", "upsert_contact"]


def update_event(
    client: Client,
    event_id: str,
    event: Event,
    *,
    carry: Carry | None = None,
    to_real_contacts: bool = False,
    feed_locations: Collection[str] = (),
    now: Callable[[], float] = time.time,
) -> EventReceipt:
    """Put an event in the place of one sent before: all its fields are replaced, also by nothing.

    Parameters
    ----------
    event_id : str
        As the receipt of the first sending gave it.
    carry, to_real_contacts, feed_locations
        As for :func:`~smnotebook.events.send_event`.
    """
    guard_contacts(client, [event.email], to_real_contacts=to_real_contacts)
    warnings = compare_with_account(client, event, feed_locations=feed_locations)
    fields = {"eventId": event_id, **encode_contact_event(event, carry=carry or {}, now=now())}
    answer = call(client, _v2(Operation.UPDATE_EVENT, {"contactEvent": fields}))
    answered = answer.data.get("eventId")
    return EventReceipt(
        event_id=answered if isinstance(answered, str) else event_id,
        contact_known=True if event.contactId else None,
        contact_id=event.contactId,
        encoding="v2",
        warnings=warnings,
    )


def delete_event(client: Client, event_id: str) -> None:
    """Delete an event sent before; the e-mails that it started are not called back."""
    call(client, _v2(Operation.DELETE_EVENT, {"eventId": event_id}))


def upsert_contact(client: Client, contact: Contact, *, to_real_contacts: bool = False) -> ContactReceipt:
    """Add a contact, or change the fields given of the one with this address; may safely be repeated.

    Parameters
    ----------
    to_real_contacts : bool
        Needed on a live profile for a contact that is not among its ``test_addresses``.

    Raises
    ------
    ConfirmationNeeded
        The last argument is needed; nothing was sent.
    """
    guard_contacts(client, [contact.email], to_real_contacts=to_real_contacts, danger=CONTACTS)
    answered = call(client, _v2(Operation.UPSERT_CONTACT, contact_fields(contact.to_wire()))).data.get("contactId")
    return ContactReceipt(contact_id=answered if isinstance(answered, str) else None)


def contact_fields(fields: dict[str, object]) -> dict[str, object]:
    """A contact's fields as ``contact/upsert`` takes them: what describes the contact apart from what goes along."""
    along: dict[str, object] = {
        name: fields[name] for name in ("tags", "properties", "forceOptIn", "forceOptOut") if name in fields
    }
    return {"contact": {name: value for name, value in fields.items() if name not in along}, **along}


def _v2(operation: Operation, fields: dict[str, object]) -> PreparedRequest:
    return PreparedRequest(
        operation=operation, authentication=Authentication.SIGNED_BODY, purpose=operation.name.lower(), fields=fields
    )
