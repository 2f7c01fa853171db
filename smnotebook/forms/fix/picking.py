"""The first half of FixForm without its looks: a catalog chosen, its products searched, some of them picked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.forms.connection import Connected, follow
from smnotebook.forms.entries import Entries
from smnotebook.forms.fix.cells import Row, entries_of, entry_name, read_row
from smnotebook.forms.fix.products import LABELS, KnownProducts, Stored, read_known, read_stored
from smnotebook.forms.state import FormState, Run, Secrets

__all__ = ["MOST_HITS", "MOST_PICKS", "PICK", "READING", "REMOVE", "PickingState"]

#: What is said while a catalog's products are read.
READING = "Reading what was sent"
#: Products that a search shows, and that the table holds.
MOST_HITS, MOST_PICKS = 100, 100
#: What the names of the ticks of hits and of the buttons of rows begin with.
PICK, REMOVE = "pick ", "remove "
_CELLS = tuple(entry_name(field, "") for field in LABELS)


class PickingState(FormState):
    """Products of one catalog in a table.

    Attributes
    ----------
    known : KnownProducts or None
        What can be searched; None before it was read.
    hits, total : list of Stored, int
        What the last search shows, and how many it found.
    picks : dict of str to Stored
        The products in the table, by id.
    """

    def __init__(self, source: Client | Connected, entries: Mapping[str, str | bool], *, run: Run) -> None:
        super().__init__(Entries({"catalog": "", "search": "", **entries}), run=run)
        self.client: Client | None = None
        self.catalogs: list[Catalog] | None = None
        self.known: KnownProducts | None = None
        self.hits: list[Stored] = []
        self.total = 0
        self.picks: dict[str, Stored] = {}
        follow(source, self._connected)

    @abstractmethod
    def table_changed(self) -> None:
        """Called when a product came or went, or something was typed into the table."""

    @abstractmethod
    def catalog_changed(self) -> None:
        """Called when what was done in the last catalog is no longer of interest."""

    # --- what the fields say -----------------------------------------------------------------------------------

    @property
    def catalog(self) -> Catalog | None:
        """The catalog chosen."""
        chosen = self.entries.text("catalog")
        return next((catalog for catalog in self.catalogs or () if catalog.id == chosen), None)

    @property
    def rows(self) -> list[Row]:
        """The table."""
        return [read_row(product, self.entries) for product in self.picks.values()]

    def react(self, name: str) -> None:
        """Another catalog empties the table."""
        if name == "catalog":
            self._read_catalog()
        elif name.startswith(PICK):
            self._pick(name.removeprefix(PICK), is_wanted=self.entries.ticked(name))
        elif name.startswith(_CELLS):
            self.table_changed()

    @property
    def ways_to_pick(self) -> dict[str, Callable[[Secrets], None]]:
        """What may be done to find products and to leave them out."""
        actions: dict[str, Callable[[Secrets], None]] = {"look": self._look}
        if self.known:
            actions["search"] = self._search
        for product_id in self.picks:
            actions[REMOVE + product_id] = partial(self._remove, product_id)
        return actions

    # --- catalogs and their products ---------------------------------------------------------------------------

    def _connected(self, client: Client) -> None:
        with self.lock:
            self.client, self.catalogs = client, None
            self._forget_catalog()
            self._look({})

    def _look(self, _secrets: Secrets) -> None:
        client = self.client
        if client is not None:
            self.attempt("Looking at the catalogs", client.catalogs, self._looked)

    def _looked(self, catalogs: list[Catalog]) -> None:
        self.catalogs = catalogs
        if self.catalog is None:
            self.entries.put("catalog", catalogs[0].id if len(catalogs) == 1 else "")
            self._read_catalog()
        elif not self.picks:
            self._read_catalog()

    def _forget_catalog(self) -> None:
        self.known, self.hits, self.total, self.picks = None, [], 0, {}
        self.catalog_changed()
        for group in (PICK, *_CELLS):
            self.entries.replace_group(group, {})

    def _read_catalog(self) -> None:
        self._forget_catalog()
        catalog = self.catalog
        if catalog is not None:
            self.attempt(READING, lambda: read_known(catalog), partial(self._was_read, catalog))

    def _was_read(self, catalog: Catalog, known: KnownProducts) -> None:
        if catalog == self.catalog:  # else another one was chosen meanwhile
            self._forget_catalog()
            self.known = known
            self._search({})

    def _search(self, _secrets: Secrets) -> None:
        known, catalog, words = self.known, self.catalog, self.entries.text("search")
        if not known or catalog is None:
            return

        def search() -> tuple[int, list[Stored]]:
            found = known.find(words)
            return len(found), read_stored(catalog, found[:MOST_HITS])

        self.attempt("Searching", search, partial(self._found, catalog))

    def _found(self, catalog: Catalog, result: tuple[int, list[Stored]]) -> None:
        if catalog == self.catalog:
            self.total, self.hits = result
            ticks = {PICK + hit.product_id: hit.product_id in self.picks for hit in self.hits}
            self.entries.replace_group(PICK, dict(ticks))

    # --- the table ---------------------------------------------------------------------------------------------

    def _pick(self, product_id: str, *, is_wanted: bool) -> None:
        product = next((hit for hit in self.hits if hit.product_id == product_id), None)
        if not is_wanted:
            self._remove(product_id, {})
        elif len(self.picks) >= MOST_PICKS:
            self.entries.put(PICK + product_id, value=False)
            self.say(f"The table holds {MOST_PICKS} products. Send these first, or change more of them in code.")
        elif product is not None and product_id not in self.picks:
            self.picks[product_id] = product
            self._fill(product)
            self.table_changed()

    def _fill(self, product: Stored) -> None:
        for name, value in entries_of(product).items():
            self.entries.put(name, value)

    def _remove(self, product_id: str, _secrets: Secrets) -> None:
        if self.picks.pop(product_id, None) is not None:
            self.table_changed()
        if PICK + product_id in self.entries:
            self.entries.put(PICK + product_id, value=False)

    def renew(self, fresh: Mapping[str, Stored]) -> None:
        """Take over what is stored now; what somebody typed and is not stored yet stays."""
        self.hits = [fresh.get(hit.product_id, hit) for hit in self.hits]
        for row in self.rows:
            product = fresh.get(row.product.product_id, row.product)
            self.picks[product.product_id] = product
            for name, value in entries_of(product).items():
                if name not in {entry_name(field, product.product_id) for field in row.changed}:
                    self.entries.put(name, value)
