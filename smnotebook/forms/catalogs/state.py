"""CatalogForm without its looks: the account's catalogs, and the one being made or changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from smnotebook.catalog import Catalog
from smnotebook.client import Client, Limits
from smnotebook.contract.standards import Currency
from smnotebook.errors import ServerUnreachable
from smnotebook.forms.catalog_news import CatalogNews, tell_of_catalogs
from smnotebook.forms.catalogs.proposals import FieldVerdicts, find_meant_currency, judge_catalog, propose_location
from smnotebook.forms.connection import Connected, follow
from smnotebook.forms.entries import Entries
from smnotebook.forms.state import FormState, Run, Secrets, in_background

__all__ = ["LABELS", "CatalogState"]

LABELS = {"name": "The name", "currency": "The currency", "location": "The location"}
_EMPTY: dict[str, str | bool] = {"name": "", "currency": "", "location": "", "default": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    catalogs: list[Catalog]
    limits: Limits


class CatalogState(FormState):
    """The catalogs as they were last listed, and what is being done to one of them.

    Attributes
    ----------
    catalogs : list of Catalog
    editing, deleting : Catalog or None
        The one whose fields are shown for a change, or whose deletion waits for a second word.
    catalog : Catalog or None
        The one made or changed last.
    """

    def __init__(self, source: Client | Connected, *, run: Run = in_background) -> None:
        super().__init__(Entries(_EMPTY), run=run)
        self.client: Client | None = None
        self.catalogs: list[Catalog] = []
        self.limits: Limits | None = None
        self.editing: Catalog | None = None
        self.deleting: Catalog | None = None
        self.catalog: Catalog | None = None
        self.code = ""
        follow(source, self._connected)

    def _connected(self, client: Client) -> None:
        with self.lock:
            self.client = client
            self.catalogs, self.catalog = [], None
            self.code = ""
            self._stop_editing()
            self._refresh({})

    # --- what the fields say -----------------------------------------------------------------------------------

    @property
    def currency(self) -> Currency | None:
        """The currency that is meant by what was typed."""
        return find_meant_currency(self.entries.text("currency"))

    @property
    def fields(self) -> dict[str, object]:
        """What would be sent."""
        code = self.currency.code if self.currency else self.entries.text("currency")
        filled = {"name": self.entries.text("name"), "currency": code, "location": self.entries.text("location")}
        return {**filled, "setAsDefault": self.entries.ticked("default")}

    @property
    def verdicts(self) -> FieldVerdicts:
        """What is wrong with each field that was filled in, and what to know about it."""
        verdicts = judge_catalog(self.fields, LABELS)
        errors = {name: words for name, words in verdicts.errors.items() if self.entries.text(name)}
        hints = dict(verdicts.hints)
        for catalog in self.catalogs:
            if catalog != self.editing:
                self._compare(catalog, hints)
        return FieldVerdicts(errors=errors, hints=hints)

    def _compare(self, other: Catalog, hints: dict[str, str]) -> None:
        for name, taken in (("name", other.name), ("location", other.location)):
            if taken and taken == self.entries.text(name):
                hints[name] = f"The catalog {other.name!r} has this {name} already."

    @property
    def missing(self) -> list[str]:
        """What is still to be filled in."""
        return [name for name in LABELS if not self.entries.text(name)]

    @property
    def is_full(self) -> bool:
        """Whether the account can't hold another catalog."""
        most = self.limits.catalogs_max if self.limits else None
        return most is not None and len(self.catalogs) >= most

    def react(self, name: str) -> None:
        """The location follows the name until somebody types one."""
        if name == "name" and not self.entries.is_touched("location") and self.editing is None:
            self.entries.put("location", propose_location(self.entries.text("name")))

    # --- what the buttons do -----------------------------------------------------------------------------------

    @property
    def actions(self) -> Mapping[str, Callable[[Secrets], None]]:
        """What may be done now."""
        if self.client is None or self.busy:
            return {}
        if self.deleting is not None:
            return {"delete": self._delete, "keep": self._keep}
        is_ready = not self.verdicts.errors and not self.missing
        actions: dict[str, Callable[[Secrets], None]] = {"refresh": self._refresh}
        for catalog in self.catalogs:
            actions[f"edit {catalog.id}"] = partial(self._edit, catalog)
            actions[f"delete {catalog.id}"] = partial(self._ask_to_delete, catalog)
        if self.editing is not None:
            actions["cancel"] = self._cancel
            if is_ready:
                actions["update"] = self._update
        elif is_ready and not self.is_full:
            actions["create"] = self._create
        return actions

    def _refresh(self, _secrets: Secrets) -> None:
        client = self._need_client()
        self.attempt("Looking at the catalogs", lambda: _list(client), self._listed)

    def _listed(self, listing: _Listing) -> None:
        self.catalogs, self.limits = listing.catalogs, listing.limits

    def _create(self, _secrets: Secrets) -> None:
        client, fields = self._need_client(), self.fields
        arguments = {
            "name": str(fields["name"]),
            "currency": str(fields["currency"]),
            "location": str(fields["location"]),
        }
        default = bool(fields["setAsDefault"])

        def create() -> tuple[Catalog, _Listing]:
            try:
                made = client.create_catalog(**arguments, set_as_default=default)
            except ServerUnreachable as lost:
                raise _explained(lost) from lost
            return made, _list(client)

        code = "".join(f"    {name}={value!r},\n" for name, value in {**arguments, "set_as_default": default}.items())
        self.attempt("Creating", create, partial(self._created, f"catalog = client.create_catalog(\n{code})"))

    def _created(self, code: str, result: tuple[Catalog, _Listing]) -> None:
        self.catalog, listing = result
        self._listed(listing)
        self.code = code
        self._stop_editing()
        self._tell(made=self.catalog)
        self.say(f"The catalog {self.catalog.name!r} is there. Products can go into it now.", "good")

    def _edit(self, catalog: Catalog, _secrets: Secrets) -> None:
        self._stop_editing()
        self.editing = catalog
        self.entries.put("name", catalog.name)
        self.entries.put("currency", catalog.currency)
        self.entries.put("location", catalog.location)
        self.entries.put("default", value=bool(catalog.set_as_default))
        self.say("")

    def _cancel(self, _secrets: Secrets) -> None:
        self._stop_editing()

    def _stop_editing(self) -> None:
        self.editing = self.deleting = None
        self.entries.start_over(_EMPTY)

    def _update(self, _secrets: Secrets) -> None:
        client, catalog, fields = self._need_client(), self.editing, self.fields
        if catalog is None:
            return
        before = {"name": catalog.name, "currency": catalog.currency, "location": catalog.location}
        changed = {name: str(fields[name]) for name, value in before.items() if fields[name] != value}
        is_default = bool(fields["setAsDefault"])
        default = is_default if is_default != bool(catalog.set_as_default) else None

        def update() -> tuple[Catalog, _Listing]:
            catalog.update(**changed, set_as_default=default)
            return catalog, _list(client)

        arguments = [f"{name}={value!r}" for name, value in changed.items()]
        arguments += [] if default is None else [f"set_as_default={default}"]
        code = f"catalog = client.catalog({catalog.id!r})\ncatalog.update({', '.join(arguments)})"
        self.attempt("Saving", update, partial(self._updated, code))

    def _updated(self, code: str, result: tuple[Catalog, _Listing]) -> None:
        self.catalog, listing = result
        self._listed(listing)
        self.code = code
        self._stop_editing()
        self._tell()
        self.say(f"The catalog {self.catalog.name!r} is changed.", "good")

    def _ask_to_delete(self, catalog: Catalog, _secrets: Secrets) -> None:
        self._stop_editing()
        self.deleting = catalog
        self.say("")

    def _keep(self, _secrets: Secrets) -> None:
        self.deleting = None

    def _delete(self, _secrets: Secrets) -> None:
        client, catalog = self._need_client(), self.deleting
        if catalog is None:
            return

        def delete() -> _Listing:
            catalog.delete()
            return _list(client)

        self.attempt("Deleting", delete, partial(self._deleted, catalog))

    def _deleted(self, catalog: Catalog, listing: _Listing) -> None:
        self._listed(listing)
        self.deleting = None
        self.catalog = None if self.catalog == catalog else self.catalog
        self.code = f"client.catalog({catalog.id!r}).delete()"
        self._tell()
        self.say(f"The catalog {catalog.name!r} and its products are gone.", "good")

    def _tell(self, made: Catalog | None = None) -> None:
        """The other forms of this connection need not look again."""
        tell_of_catalogs(self._need_client(), CatalogNews(catalogs=self.catalogs, made=made))

    def _need_client(self) -> Client:
        assert self.client is not None  # noqa: S101 - no action is open without one
        return self.client


def _list(client: Client) -> _Listing:
    return _Listing(catalogs=client.catalogs(), limits=client.limits)


def _explained(lost: ServerUnreachable) -> ServerUnreachable:
    """The error with its notes as part of the sentence: a form shows no notes."""
    words = " ".join([str(lost), *getattr(lost, "__notes__", ())])
    return ServerUnreachable(words, maybe_received=lost.maybe_received)
