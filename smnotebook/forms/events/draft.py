"""An event as it stands in the form's fields: read, checked, and written as Python."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from smnotebook.contract import DETAIL_NAMES
from smnotebook.events import check_event
from smnotebook.forms.entries import Entries
from smnotebook.forms.wording import sentence

__all__ = ["EMPTY", "LABELS", "errors_in", "fields_of", "products_in", "write_code"]

#: The fields of the form and what they are called.
LABELS = {
    "type": "Type",
    "email": "E-mail",
    "date": "Date",
    "timezone": "Time zone",
    "value": "Value",
    "products": "Products",
    "location": "Location",
    "description": "Description",
    "externalId": "Your own id",
    **{name: f"Detail {name.removeprefix('detail')}" for name in DETAIL_NAMES},
}

#: What an empty form holds.
EMPTY: dict[str, str | bool] = {**dict.fromkeys(LABELS, ""), "type": "PURCHASE", "product": ""}

_PLAIN_NUMBER = re.compile(r"\d{1,15}([.,]\d+)?")
_ASKED_FOR = 'getpass("E-mail of the contact: ")'


def products_in(text: str) -> list[str]:
    """Product ids that commas, semicolons or line ends keep apart."""
    return [part for part in (part.strip() for part in re.split(r"[,;\n]", text)) if part]


def fields_of(entries: Entries) -> dict[str, Any]:
    """The event's fields; what is empty is left out."""
    filled = {name: entries.text(name) for name in LABELS if name != "timezone" and entries.text(name)}
    fields: dict[str, Any] = dict(filled)
    if "value" in filled and _PLAIN_NUMBER.fullmatch(filled["value"]):
        fields["value"] = Decimal(filled["value"].replace(",", "."))
    if "products" in filled:
        fields["products"] = products_in(filled["products"])
    return fields


def errors_in(entries: Entries) -> dict[str, str]:
    """What is wrong, by field; a field that is still empty is no error yet."""
    findings = check_event(fields_of(entries), timezone=entries.text("timezone") or None)
    named = {finding.field or "": finding for finding in findings}
    return {name: sentence(named[name], LABELS[name]) for name in LABELS if name in named and entries.text(name)}


def write_code(entries: Entries, consents: tuple[str, ...] = ()) -> str:
    """The Python that sends it; the contact's address is asked for, so that no notebook keeps it."""
    lines = []
    for name, value in fields_of(entries).items():
        shown = _ASKED_FOR if name == "email" else float(value) if isinstance(value, Decimal) else value
        lines.append(f"    {name}={shown if name == 'email' else repr(shown)},")
    if entries.text("date") and entries.text("timezone"):
        lines.append(f"    timezone={entries.text('timezone')!r},")
    agreed = "".join(f", {name}=True" for name in consents)
    event = "\n".join(["event = sm.Event(", *lines, ")"])
    return f"from getpass import getpass\n\n{event}\nclient.send_event(event{agreed})"
