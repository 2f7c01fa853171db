"""API keys: making and revoking them (WIRE_FACTS section 1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from smnotebook.contract.fields import Text
from smnotebook.contract.grammars import EMAIL, URL, Grammar
from smnotebook.contract.records import Record

__all__ = ["KEY_EXPIRY_DAYS", "KeyRequest"]

#: Days until a key expires, by the name of its expiry; None for never. A month is taken for 30 days.
KEY_EXPIRY_DAYS: dict[str, int | None] = {
    "NEVER": None,
    "SEVEN_DAYS": 7,
    "ONE_MONTH": 30,
    "THREE_MONTHS": 90,
    "ONE_YEAR": 365,
}

_EXPIRY = Grammar(
    name="expiry",
    decide=KEY_EXPIRY_DAYS.__contains__,
    expects=f"one of {', '.join(KEY_EXPIRY_DAYS)}",
    suggestion=f"Use one of {', '.join(KEY_EXPIRY_DAYS)}.",
)


class KeyRequest(Record):
    """What ``auth/create`` takes beside the password, which no model may hold."""

    email: Annotated[str, Text(max=254, grammar=EMAIL)] = Field(description="User who makes the key.")
    keyName: Annotated[str, Text(max=255)] = Field(description="Name of the key.")  # noqa: N815
    expiry: Annotated[str, Text(max=16, grammar=_EXPIRY)] = Field(description="When the key expires.")
    webhookUrl: Annotated[str | None, Text(max=2048, grammar=URL)] = Field(  # noqa: N815
        None, description="Told of the key's changes."
    )
    endpoint: Annotated[str | None, Text(max=255)] = Field(
        None, description="Host of the application, for users with accounts on several."
    )
