"""Who may be written to without a question: everybody in the sandbox, and a live profile's test addresses."""

from __future__ import annotations

from collections.abc import Iterable

from smnotebook.client import Client
from smnotebook.errors import ConfirmationNeeded

__all__ = ["CONTACTS", "guard_contacts", "is_test_address"]


def is_test_address(email: str, test_addresses: Iterable[str]) -> bool:
    """Whether an address is on a profile's list; ``@example.com`` there stands for all of a domain."""
    lowered = email.lower()
    domain = "@" + lowered.rpartition("@")[2]
    return any(entry.lower() in (lowered, domain) for entry in test_addresses)


EVENTS = "Events start automations, which send e-mails to real people."
CONTACTS = "A new or changed contact may start automations, which send e-mails to real people."


def guard_contacts(
    client: Client, emails: Iterable[str | None], *, to_real_contacts: bool, danger: str = EVENTS
) -> None:
    """Stop before a real customer may get mail.

    Parameters
    ----------
    emails : iterable of str or None
        None for a contact that is named by its id, which tells nothing about who it is.
    danger : str
        What may happen to them, for the message.

    Raises
    ------
    ConfirmationNeeded
        The profile is live, and some of the contacts are not on its list of test addresses.
    """
    if not client.is_live or to_real_contacts:
        return
    listed = client.profile.test_addresses
    strangers = sum(email is None or not is_test_address(email, listed) for email in emails)
    if not strangers:
        return
    contacts = "1 contact is" if strangers == 1 else f"{strangers:,} contacts are"
    raise ConfirmationNeeded(
        f"Nothing was sent: {client.place} is live, and {contacts} not among the profile's test_addresses. {danger}",
        argument="to_real_contacts=True",
    )
