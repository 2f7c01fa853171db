"""A contact, as API v2 and the security document take it.

Source: WIRE_FACTS section 2 (contact/upsert) and seed_security_and_events.txt. Neither gives lengths: 255 is taken,
the limit of every other short text.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from smnotebook.contract.fields import Details, Flag, Items, Text
from smnotebook.contract.grammars import EMAIL
from smnotebook.contract.records import Record

__all__ = ["MAX_CONTACTS", "Address", "Contact", "ContactReference", "ContactUpsert"]

#: Contacts in one batch request.
MAX_CONTACTS = 1000

_ShortText = Annotated[str | None, Text(max=255)]
_Email = Text(max=254, grammar=EMAIL)


class Address(Record):
    """Where a contact lives."""

    streetAddress: _ShortText = None  # noqa: N815
    zipCode: _ShortText = None  # noqa: N815
    city: _ShortText = None
    country: _ShortText = None
    province: _ShortText = None


class Contact(Record):
    """A person, known by an e-mail address."""

    email: Annotated[str, _Email] = Field(description="Address of the contact, its key.")
    name: _ShortText = Field(None, description="Name.")
    phone: _ShortText = Field(None, description="Telephone number.")
    company: _ShortText = Field(None, description="Company.")
    externalId: _ShortText = Field(None, description="Your own id of the contact.")  # noqa: N815
    address: Address | None = Field(None, description="Postal address.")


class ContactUpsert(Record):
    """What goes along with a contact in ``contact/upsert``."""

    contact: Contact
    tags: Annotated[list[str] | None, Items(max=1000, of=Text(max=255))] = Field(None, description="Tags to set.")
    properties: Annotated[dict[str, str] | None, Details(max=1000, of=Text(max=255))] = Field(
        None, description="Details of your own."
    )
    forceOptIn: Annotated[bool | None, Flag()] = Field(None, description="Subscribes the contact.")  # noqa: N815
    forceOptOut: Annotated[bool | None, Flag()] = Field(None, description="Unsubscribes the contact.")  # noqa: N815


class ContactReference(Record):
    """A contact named by one of its two keys; the id wins where both are given (WIRE_FACTS 6)."""

    email: Annotated[str | None, _Email] = Field(None, description="Address of the contact.")
    contactId: Annotated[str | None, Text(max=255)] = Field(None, description="Id that an upsert answered.")  # noqa: N815
