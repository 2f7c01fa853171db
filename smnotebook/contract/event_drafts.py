"""An event as an analyst writes it, in ``sm.Event`` and in the columns of a frame, before it is encoded.

The names are those of API v2 but for ``type``; limits are the ones of the two shapes in :mod:`.events`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from smnotebook.contract.contacts import Address
from smnotebook.contract.event_fields import JoinedIds, When
from smnotebook.contract.events import EVENT_TYPE, MAX_JOINED_PRODUCTS, ContactEvent, FreeObject
from smnotebook.contract.fields import Details, Flag, Items, Money, Text
from smnotebook.contract.grammars import CURRENCY, EMAIL
from smnotebook.contract.records import Record

__all__ = ["PERSONAL_FIELDS", "ContactRow", "EventDraft", "EventEntry", "EventRow"]

#: Fields that say who a contact is: never shown whole, never written down in clear.
PERSONAL_FIELDS = frozenset({"email", "contactId", "name", "phone", "company", "address", "properties"})

_Short = Annotated[str | None, Text(max=255)]


class _EventFields(Record):
    email: Annotated[str | None, Text(max=254, grammar=EMAIL)] = Field(None, description="Whose event it is.")
    contactId: _Short = Field(None, description="The contact's id, where it is known.")  # noqa: N815
    value: Annotated[Decimal | None, Money()] = Field(None, description="Total, without a currency symbol.")
    currency: Annotated[str | None, Text(max=3, grammar=CURRENCY)] = Field(None, description="ISO 4217 code.")
    description: Annotated[str | None, Text(max=2048)] = Field(None, description="Free text.")
    products: Annotated[str | None, JoinedIds(max=MAX_JOINED_PRODUCTS)] = Field(None, description="Product ids.")
    # 36: the older documentation (WIRE_FACTS 7, row 15)
    location: Annotated[str | None, Text(max=255, soft=36)] = Field(
        None, description="Location of the product catalog, exactly as there."
    )
    detail1: _Short = None
    detail2: _Short = None
    detail3: _Short = None
    detail4: _Short = None
    detail5: _Short = None
    detail6: _Short = None
    detail7: _Short = None
    detail8: _Short = None
    detail9: _Short = None
    detail10: _Short = None
    detail11: _Short = None
    detail12: _Short = None
    detail13: _Short = None
    detail14: _Short = None
    detail15: _Short = None
    detail16: _Short = None
    detail17: _Short = None
    detail18: _Short = None
    detail19: _Short = None
    detail20: _Short = None
    externalId: _Short = Field(None, description="Your own id, such as the order's number.")  # noqa: N815
    shopDomain: _Short = Field(None, description="Domain of the shop.")  # noqa: N815


class EventDraft(_EventFields):
    """One event; which encodings can carry it is theirs to say."""

    type: Annotated[str, Text(max=255)] = Field(description="What happened: PURCHASE, CART, VISIT and so on.")
    date: Annotated[int | None, When()] = Field(None, description="When; left out, the moment of sending.")
    details: Annotated[str | None, Text(max=2048)] = Field(None, description="Free text of the security document.")
    parameters: Annotated[dict[str, Any] | None, FreeObject(max=100)] = Field(
        None, description="Names and values of your own."
    )


class EventRow(_EventFields):
    """One row of a frame of events, which go by API v2."""

    type: Annotated[str, Text(max=64, grammar=EVENT_TYPE)] = Field(description="What happened.")
    # a row sent again must be known for the same, so its date can't be the moment of sending
    date: Annotated[int, When()] = Field(description="When it happened.")


class EventEntry(Record):
    """One event of ``addBatchContactExtEvent``: whose it is, and what happened."""

    email: Annotated[str | None, Text(max=254, grammar=EMAIL)] = Field(None, description="Whose event it is.")
    contactId: _Short = Field(None, description="The contact's id, in place of the address.")  # noqa: N815
    contactEvent: ContactEvent = Field(description="What happened.")  # noqa: N815


class ContactRow(Record):
    """One row of a frame of contacts."""

    email: Annotated[str, Text(max=254, grammar=EMAIL)] = Field(description="Address of the contact, its key.")
    name: _Short = Field(None, description="Name.")
    phone: _Short = Field(None, description="Telephone number.")
    company: _Short = Field(None, description="Company.")
    externalId: _Short = Field(None, description="Your own id of the contact.")  # noqa: N815
    address: Address | None = Field(None, description="Postal address.")
    tags: Annotated[list[str] | None, Items(max=1000, of=Text(max=255))] = Field(None, description="Tags to set.")
    properties: Annotated[dict[str, str] | None, Details(max=1000, of=Text(max=255))] = Field(
        None, description="Details of your own."
    )
    forceOptIn: Annotated[bool | None, Flag()] = Field(None, description="Subscribes the contact.")  # noqa: N815
    forceOptOut: Annotated[bool | None, Flag()] = Field(None, description="Unsubscribes the contact.")  # noqa: N815
