"""An external event as API v2 takes it, and the shape of the security document.

Source: WIRE_FACTS section 6 for v2, seed_security_and_events.txt for the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from smnotebook.contract.fields import Constraint, Fault, Money, Rule, Text, whole_number
from smnotebook.contract.grammars import CURRENCY, Grammar
from smnotebook.contract.reasons import ReasonCode
from smnotebook.contract.records import Record

__all__ = [
    "DETAIL_NAMES",
    "EARLIEST_LIKELY",
    "EVENT_TYPE",
    "EVENT_TYPES",
    "LATEST",
    "MAX_EVENTS",
    "MAX_JOINED_PRODUCTS",
    "ContactEvent",
    "FreeObject",
    "Moment",
    "SeedEvent",
]

#: Events in one batch request (client documentation; the official client sends 400).
MAX_EVENTS = 1000

#: Characters of all product ids of an event together, commas included.
MAX_JOINED_PRODUCTS = 512

#: Types that API v2 knows; anything else goes as OTHER.
EVENT_TYPES = (
    "PURCHASE",
    "CART",
    "VISIT",
    "PHONE_CALL",
    "OTHER",
    "RESERVATION",
    "CANCELLED",
    "ACTIVATION",
    "MEETING",
    "OFFER",
    "DOWNLOAD",
    "LOGIN",
    "TRANSACTION",
    "CANCELLATION",
    "RETURN",
    "SURVEY",
    "APP_STATUS",
    "APP_TYPE_WEB",
    "APP_TYPE_MANUAL",
    "APP_TYPE_RETENTION",
    "APP_TYPE_UPSALE",
    "LOAN_STATUS",
    "LOAN_ORDER",
    "FIRST_LOAN",
    "REPEATED_LOAN",
)

DETAIL_NAMES = tuple(f"detail{number}" for number in range(1, 21))

EVENT_TYPE = Grammar(
    name="event_type",
    decide=frozenset(EVENT_TYPES).__contains__,
    words=frozenset(EVENT_TYPES),
    expects="one of the documented event types, in capitals",
    suggestion=f"Use one of {', '.join(EVENT_TYPES)}; what fits none of them is OTHER.",
)

#: 1973: a time in seconds read as milliseconds lies before it, and nobody sends events from before.
EARLIEST_LIKELY = 100_000_000_000
LATEST = 253_402_300_799_999  # the last millisecond of the year 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Moment(Constraint):
    """A time in milliseconds since 1970; ISO 8601 text with an offset is read too (old clients send it)."""

    @property
    def json_schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 0, "maximum": LATEST}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        milliseconds = "Give milliseconds since 1970 (UTC)."
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be a time in milliseconds since 1970",
                suggestion=milliseconds,
                type_name="integer",
            ),
            Rule(
                name="range",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text="lies before 1970 or after the year 9999",
                suggestion=milliseconds,
                maximum=LATEST,
            ),
            Rule(
                name="seconds",
                reason_code=None,
                severity="warning",
                text="lies in the early 1970s: it looks like seconds",
                suggestion="Multiply seconds by 1000.",
            ),
        )

    def read(self, value: Any) -> int:
        return self.coerce(value)

    def coerce(self, value: Any) -> int:
        number = _read_iso(value) if isinstance(value, str) else whole_number(value)
        if number is None:
            raise self.broken("type")
        if not 0 <= number <= LATEST:
            raise self.broken("range")
        return number

    def advise(self, value: int) -> tuple[Fault, ...]:
        return ((None, self.rules["seconds"]),) if value < EARLIEST_LIKELY else ()


def _read_iso(text: str) -> int | None:
    """Milliseconds of an ISO 8601 text; None for another form, and without an offset, which leaves the time open."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else (moment - _EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class FreeObject(Constraint):
    """An object of the sender's own making, one level deep: names, and texts, numbers or flags."""

    max: int

    @property
    def json_schema(self) -> dict[str, Any]:
        member = {"type": ["string", "number", "boolean"]}
        return {"type": "object", "maxProperties": self.max, "additionalProperties": member}

    @cached_property
    def declared_rules(self) -> tuple[Rule, ...]:
        return (
            Rule(
                name="type",
                reason_code=ReasonCode.WRONG_TYPE,
                text="must be an object of texts, numbers and flags",
                suggestion="Give a dict without lists or dicts in it.",
                type_name="object",
            ),
            Rule(
                name="count",
                reason_code=ReasonCode.EXCEEDS_LIMIT,
                text=f"has more than {self.max} members",
                suggestion=f"Keep the {self.max} that matter.",
                maximum=self.max,
            ),
        )

    def read(self, value: Any) -> dict[str, Any]:
        members = self.coerce(value)
        if len(members) > self.max:
            raise self.broken("count")
        return members

    def coerce(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise self.broken("type")
        if not all(isinstance(member, (str, int, float, Decimal)) for member in value.values()):
            raise self.broken("type")
        return dict(value)


Detail = Annotated[str | None, Text(max=255)]


class ContactEvent(Record):
    """An external event, the ``contactEvent`` of API v2."""

    eventId: Annotated[str | None, Text(max=255)] = Field(  # noqa: N815
        None, description="Only to update an event; all its fields are replaced."
    )
    date: Annotated[int, Moment()] = Field(description="When it happened, milliseconds since 1970.")
    contactExtEventType: Annotated[str, Text(max=64, grammar=EVENT_TYPE)] = Field(  # noqa: N815
        description="What happened."
    )
    description: Annotated[str | None, Text(max=2048)] = Field(None, description="Free text.")
    products: Annotated[str | None, Text(max=MAX_JOINED_PRODUCTS)] = Field(
        None, description="Product ids separated by commas, all in one text."
    )
    # 36: the older documentation (WIRE_FACTS 7, row 15)
    location: Annotated[str | None, Text(max=255, soft=36)] = Field(
        None, description="Location of the product catalog, exactly as there."
    )
    value: Annotated[Decimal | None, Money()] = Field(None, description="Total; there is no field for the currency.")
    detail1: Detail = None
    detail2: Detail = None
    detail3: Detail = None
    detail4: Detail = None
    detail5: Detail = None
    detail6: Detail = None
    detail7: Detail = None
    detail8: Detail = None
    detail9: Detail = None
    detail10: Detail = None
    detail11: Detail = None
    detail12: Detail = None
    detail13: Detail = None
    detail14: Detail = None
    detail15: Detail = None
    detail16: Detail = None
    detail17: Detail = None
    detail18: Detail = None
    detail19: Detail = None
    detail20: Detail = None
    externalId: Annotated[str | None, Text(max=255)] = Field(  # noqa: N815
        None, description="Id of the order; not a key: the same one twice makes two events."
    )
    shopDomain: Annotated[str | None, Text(max=255)] = Field(None, description="Domain of the shop.")  # noqa: N815


class SeedEvent(Record):
    """An event as the security document shows it. No second source knows this shape (WIRE_FACTS 7, row 4).

    No limits are documented; those of API v2 are taken.
    """

    type: Annotated[str, Text(max=255)] = Field(description="What happened; common are PURCHASE, CART and VISIT.")
    details: Annotated[str | None, Text(max=2048)] = Field(None, description="Free text.")
    # the text speaks of these two, the sample has neither
    value: Annotated[Decimal | None, Money()] = Field(None, description="Total, without a currency symbol.")
    currency: Annotated[str | None, Text(max=3, grammar=CURRENCY)] = Field(None, description="ISO 4217 code.")
    parameters: Annotated[dict[str, Any] | None, FreeObject(max=100)] = Field(
        None, description="Whatever belongs to the event."
    )
