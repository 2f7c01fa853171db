"""What the server answered to an event or a contact."""

from __future__ import annotations

from dataclasses import dataclass

from smnotebook.contract import Violation

__all__ = ["ContactReceipt", "EventReceipt"]

_KNOWN = {
    True: "its contact is known",
    False: "its contact is not known",
    None: "whether its contact is known was not asked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReceipt:
    """An event that the server took; whether it is stored for good also depends on the contact.

    Attributes
    ----------
    event_id : str or None
        The server's id, to update or delete the event by; None where it gave none.
    contact_known : bool or None
        Whether the server said that the contact exists; None where nobody asked. API v2 keeps an event of an unknown
        contact for an hour and then drops it.
    contact_id : str or None
        The server's id of the contact, where it gave one.
    encoding : str
        How the event travelled.
    warnings : tuple of Violation
        What was found when the event was compared with the account, and did not stop it.
    """

    event_id: str | None
    contact_known: bool | None
    contact_id: str | None
    encoding: str
    warnings: tuple[Violation, ...] = ()

    def __repr__(self) -> str:
        return "\n  ".join([self._headline(), *self._notes()])

    def _headline(self) -> str:
        return f"Event accepted ({self.encoding}, id {self.event_id or 'not given'}); {_KNOWN[self.contact_known]}."

    def _notes(self) -> list[str]:
        return [f"{found.message}. {found.suggestion}" for found in self.warnings]

    def _repr_html_(self) -> str:
        from smnotebook.render.html import element, page

        notes = (element("p", note) for note in self._notes())
        return page(element("div", self._headline(), css="sm-headline sm-good"), *notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactReceipt:
    """A contact that the server took.

    Attributes
    ----------
    contact_id : str or None
        The server's id, None where it gave none.
    """

    contact_id: str | None

    def __repr__(self) -> str:
        return f"Contact accepted (id {self.contact_id or 'not given'})."
