"""The ledger's pages for events: what each event is called there, and what became of those sent before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from smnotebook.client import Client
from smnotebook.contract.event_identity import compared_address, compared_id
from smnotebook.errors import ConfirmationNeeded, UsageError
from smnotebook.events.event import Event
from smnotebook.events.personal import Pseudonyms
from smnotebook.ledger import EventBook, Ledger, Past
from smnotebook.settings import personal_key_path

__all__ = ["EventKey", "forget_contact", "guard_past", "key_of", "open_journal", "row_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKey:
    """An event as the ledger knows it.

    Attributes
    ----------
    name : str
        The same for the same event.
    fingerprint : bytes
        The same for the same content.
    contact : bytes
        Stands for whose event it is.
    may_recur : bool
        Whether a second one like it may well be meant: it has neither a date nor an externalId.
    """

    name: str
    fingerprint: bytes
    contact: bytes
    may_recur: bool


def row_key(pseudonyms: Pseudonyms, *, kind: str, external_id: str | None, content: str) -> str:
    """The ledger's name of an event: by its type and externalId, else by all that it says."""
    return (
        pseudonyms.name("content", content) if external_id is None else pseudonyms.name("external", kind, external_id)
    )


def key_of(event: Event, fields: Mapping[str, Any], pseudonyms: Pseudonyms) -> EventKey:
    """An event's key, from it and the fields that it is sent with."""
    external_id = None if event.externalId is None else compared_id(event.externalId)
    content = _content(event, fields, external_id)
    return EventKey(
        name=row_key(pseudonyms, kind=event.type, external_id=external_id, content=content),
        fingerprint=pseudonyms.digest(content),
        contact=pseudonyms.contact(event.contactId or event.email or ""),
        may_recur=event.date is None and external_id is None,
    )


def _content(event: Event, fields: Mapping[str, Any], external_id: str | None) -> str:
    """All that the event says but for the moment of its sending, as the service compares it.

    The same text as a frame's row makes of it.
    """
    said = dict(fields)
    if "email" in said:
        said["email"] = compared_address(said["email"])
    if "contact" in said:  # of the security document's shape
        said["contact"] = {"email": compared_address(said["contact"]["email"])}
    if "contactEvent" in said:
        left_out = {"date"} if event.date is None else set()
        left_out |= {"externalId"} if external_id is None else set()
        kept = {name: value for name, value in said["contactEvent"].items() if name not in left_out}
        said["contactEvent"] = kept | ({} if external_id is None else {"externalId": external_id})
    return orjson.dumps(said, default=_exact).decode()


def _exact(amount: Decimal) -> orjson.Fragment:
    return orjson.Fragment(format(amount, "f"))


@contextmanager
def open_journal(client: Client) -> Iterator[tuple[EventBook, Pseudonyms]]:
    """The account's event book and the pseudonyms that go with it."""
    pseudonyms = Pseudonyms.open(personal_key_path(client.ledger_path))
    with Ledger.open(client.ledger_path) as ledger:
        yield ledger.event_book(client.account_names()), pseudonyms


def forget_contact(client: Client, email_or_id: str) -> int:
    """Take out of this machine's ledger what could be linked to a person; nothing is sent.

    What is kept of an event are keyed digests: of its type and externalId or its content, and of its contact. Those of
    the events of this contact go, so an event of that person could go twice from then on: it would not be recognised.

    Parameters
    ----------
    email_or_id : str
        The address or the contactId that the events were sent with.

    Returns
    -------
    int
        How many events were forgotten.
    """
    with open_journal(client) as (book, pseudonyms):
        return book.forget_contact({pseudonyms.contact(email_or_id)})


def guard_past(past: Past, *, resend_unknown: bool, send_again: bool) -> None:
    """Stop before an event is sent a second time.

    Raises
    ------
    ConfirmationNeeded
        It was accepted before, or it was sent and never answered.
    """
    if past.under_way:
        raise UsageError("Nothing was sent: another notebook is sending this very event. Wait for it to end.")
    if past.in_doubt and not resend_unknown:
        raise ConfirmationNeeded(
            "Nothing was sent: this event was sent before and never answered, so it may have arrived. Look at the "
            "contact in SALESmanago.",
            argument="resend_unknown=True",
        )
    if past.accepted and not send_again:
        raise ConfirmationNeeded(
            "Nothing was sent: this event, or one of the same type and externalId, was accepted before, and a second "
            "one would start its automations again. update_event() changes the one that is there.",
            argument="send_again=True",
        )
