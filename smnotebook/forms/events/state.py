"""EventForm without its looks: one event filled in, tried out, sent, and what came back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.errors import ConfirmationNeeded, LedgerError
from smnotebook.events import DryRun, Event, EventReceipt
from smnotebook.forms.catalog_news import CatalogNews, hear_of_catalogs
from smnotebook.forms.connection import Connected, follow
from smnotebook.forms.entries import Entries
from smnotebook.forms.events.draft import EMPTY, errors_in, fields_of, products_in, write_code
from smnotebook.forms.state import FormState, Run, Secrets, in_background
from smnotebook.upload.stored import open_book

__all__ = ["EventState", "Past"]

#: Product ids of a catalog that the form proposes.
_PROPOSED_PRODUCTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An event that this form has sent; nothing of its contact."""

    number: int
    type: str
    outcome: str


class EventState(FormState):
    """One event after the other.

    Attributes
    ----------
    products : mapping of str to list of str
        Ids that are known to be stored, by the location of their catalog.
    dry_run : DryRun or None
        The requests of the event as it stands, once they were asked for.
    history : list of Past
        The latest first.
    """

    def __init__(self, source: Client | Connected, *, run: Run = in_background) -> None:
        super().__init__(Entries(EMPTY), run=run)
        self.client: Client | None = None
        self.catalogs: list[Catalog] = []
        self.products: Mapping[str, list[str]] = {}
        self.dry_run: DryRun | None = None
        self.question: ConfirmationNeeded | None = None
        self.consents: tuple[str, ...] = ()
        self.code = ""
        self.history: list[Past] = []
        follow(source, self._connected)

    def _connected(self, client: Client) -> None:
        with self.lock:
            self.client = client
            hear_of_catalogs(client, self._heard)
            self._look({})

    def _heard(self, news: CatalogNews) -> None:
        with self.lock:
            if news.made is not None and not self.entries.is_touched("location"):
                self.entries.put("location", news.made.location)
                self.react("location")
            self.catalogs = news.catalogs
            self.changed()

    # --- what the fields say -----------------------------------------------------------------------------------

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field."""
        return errors_in(self.entries)

    @property
    def missing(self) -> list[str]:
        """What is still to be filled in."""
        return [] if self.entries.text("email") else ["the contact's e-mail address"]

    @property
    def proposed_products(self) -> list[str]:
        """Ids of the catalog that the location names."""
        return self.products.get(self.entries.text("location"), [])

    def react(self, name: str) -> None:
        """Requests that were shown, and what was agreed to, were about the event as it was."""
        if name != "product":
            self.dry_run, self.question, self.consents = None, None, ()

    # --- what the buttons do -----------------------------------------------------------------------------------

    @property
    def actions(self) -> Mapping[str, Callable[[Secrets], None]]:
        """What may be done now."""
        if self.client is None or self.busy:
            return {}
        if self.question is not None:
            return {"agree": self._agree, "decline": self._decline}
        actions: dict[str, Callable[[Secrets], None]] = {"look": self._look}
        if self.entries.text("product"):
            actions["add"] = self._add_product
        if not self.errors and not self.missing:
            actions |= {"show": self._show, "send": self._send}
        return actions

    def _look(self, _secrets: Secrets) -> None:
        client = self.client
        if client is not None:
            self.attempt("Looking at the catalogs", lambda: _catalogs_and_products(client), self._looked)

    def _looked(self, found: tuple[list[Catalog], Mapping[str, list[str]]]) -> None:
        self.catalogs, self.products = found
        if not self.entries.text("location") and len(self.catalogs) == 1:
            self.entries.put("location", self.catalogs[0].location)

    def _add_product(self, _secrets: Secrets) -> None:
        ids = [*products_in(self.entries.text("products")), self.entries.text("product")]
        self.entries.put("products", ", ".join(dict.fromkeys(ids)))
        self.entries.put("product", "")
        self.react("products")

    def _event(self) -> Event:
        return Event(timezone=self.entries.text("timezone") or None, **fields_of(self.entries))

    def _show(self, _secrets: Secrets) -> None:
        client = self.client
        if client is not None:
            event = self._event()
            self.attempt("Writing the requests", lambda: client.dry_run(event), self._showed)

    def _showed(self, dry_run: DryRun) -> None:
        self.dry_run = dry_run

    def _send(self, _secrets: Secrets) -> None:
        client = self.client
        if client is None:
            return
        event, consents = self._event(), self.consents

        def send() -> EventReceipt | ConfirmationNeeded:
            try:
                return client.send_event(
                    event,
                    to_real_contacts="to_real_contacts" in consents,
                    resend_unknown="resend_unknown" in consents,
                    send_again="send_again" in consents,
                )
            except ConfirmationNeeded as question:
                return question

        self.attempt("Sending", send, partial(self._sent, event.type))

    def _sent(self, kind: str, result: EventReceipt | ConfirmationNeeded) -> None:
        if isinstance(result, ConfirmationNeeded):
            self.question = result
            return
        self.code = write_code(self.entries, self.consents)
        self.consents = ()
        self.history.insert(0, Past(number=len(self.history) + 1, type=kind, outcome=repr(result)))
        self.say(repr(result), "good")

    def _agree(self, secrets: Secrets) -> None:
        if self.question is not None:
            self.consents = (*self.consents, self.question.argument.partition("=")[0])
            self.question = None
            self._send(secrets)

    def _decline(self, _secrets: Secrets) -> None:
        self.question, self.consents = None, ()


def _catalogs_and_products(client: Client) -> tuple[list[Catalog], Mapping[str, list[str]]]:
    catalogs = client.catalogs()
    return catalogs, {catalog.location: _known_ids(catalog) for catalog in catalogs}


def _known_ids(catalog: Catalog) -> list[str]:
    """Some ids that this machine has sent; proposals only, so a ledger that can't be read costs nothing more."""
    try:
        with open_book(catalog) as book:
            known = next(iter(book.known(chunk=_PROPOSED_PRODUCTS)), None)
            return [] if known is None else list(known.product_ids)
    except LedgerError:
        return []
