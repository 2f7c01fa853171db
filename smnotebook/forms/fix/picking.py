"""The first part of FixForm without its looks: a catalog chosen, its products searched, some of them picked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.forms.catalog_news import CatalogNews, hear_of_catalogs
from smnotebook.forms.connection import Connected, follow
from smnotebook.forms.entries import Entries
from smnotebook.forms.fix.paging import Page
from smnotebook.forms.fix.products import KnownProducts, Stored, read_known, read_stored
from smnotebook.forms.state import FormState, Run, Secrets

__all__ = ["FOUND", "MOST_PICKS", "PICK", "READING", "PickingState"]

#: What is said while a catalog's products are read.
READING = "Reading what was sent"
#: Products that the table holds.
MOST_PICKS = 1_000
#: What the names of the ticks of hits begin with, and what the pages of hits are called.
PICK, FOUND = "pick ", "products found"
_FULL = (
    f"The table holds {MOST_PICKS:,} products, and no more. Send these first; for more at once there is "
    "df.salesmanago.patch_products(catalog)."
)


class PickingState(FormState):
    """Products of one catalog in a table.

    Attributes
    ----------
    known : KnownProducts or None
        What can be searched; None before it was read.
    hits, page : list of Stored, Page
        What the last search shows, and which part of all it found that is.
    picks : dict of str to Stored
        The products in the table, by id.
    """

    def __init__(self, source: Client | Connected, entries: Mapping[str, str | bool], *, run: Run) -> None:
        super().__init__(Entries({"catalog": "", "search": "", **entries}), run=run)
        self.client: Client | None = None
        self.catalogs: list[Catalog] | None = None
        self.known: KnownProducts | None = None
        self.hits: list[Stored] = []
        self.page = Page()
        self._found: list[str] = []
        self.picks: dict[str, Stored] = {}
        follow(source, self._connected)

    @abstractmethod
    def picks_changed(self, products: Sequence[Stored]) -> None:
        """Called when products came into the table or went out of it."""

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
    def to_pick(self) -> int:
        """How many more of the products found the table takes."""
        missing = sum(product_id not in self.picks for product_id in self._found)
        return min(missing, MOST_PICKS - len(self.picks))

    def react(self, name: str) -> None:
        """Another catalog empties the table."""
        if name == "catalog":
            self._read_catalog()
        elif name.startswith(PICK):
            self._pick(name.removeprefix(PICK), is_wanted=self.entries.ticked(name))

    @property
    def ways_to_pick(self) -> dict[str, Callable[[Secrets], None]]:
        """What may be done to find products and to take them."""
        actions: dict[str, Callable[[Secrets], None]] = {"look": self._look}
        if self.known:
            actions["search"] = self._search
            actions |= {f"{way} {FOUND}": partial(self._turn_to, first) for way, first in self.page.ways}
        if self.to_pick:
            actions["pick all"] = self._pick_all
        return actions

    # --- catalogs and their products ---------------------------------------------------------------------------

    def _connected(self, client: Client) -> None:
        with self.lock:
            self.client, self.catalogs = client, None
            self._forget_catalog()
            hear_of_catalogs(client, self._heard)
            self._look({})

    def _heard(self, news: CatalogNews) -> None:
        with self.lock:
            self._looked(news.catalogs)
            self.changed()

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
        gone = list(self.picks.values())
        self.known, self.hits, self.page, self._found, self.picks = None, [], Page(), [], {}
        self.picks_changed(gone)
        self.catalog_changed()
        self.entries.replace_group(PICK, {})

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

    # --- searching ---------------------------------------------------------------------------------------------

    def _search(self, _secrets: Secrets) -> None:
        if self.known:
            self._found = self.known.find(self.entries.text("search"))
            self._turn_to(0, {})

    def _turn_to(self, first: int, _secrets: Secrets) -> None:
        catalog = self.catalog
        if catalog is not None:
            page = self.page.at(first, len(self._found))
            shown = page.of(self._found)
            self.attempt("Searching", lambda: read_stored(catalog, shown), partial(self._turned, catalog, page))

    def _turned(self, catalog: Catalog, page: Page, hits: list[Stored]) -> None:
        if catalog == self.catalog:
            self.page, self.hits = page, hits
            self.entries.replace_group(PICK, {PICK + hit.product_id: hit.product_id in self.picks for hit in hits})

    # --- picking -----------------------------------------------------------------------------------------------

    def _pick(self, product_id: str, *, is_wanted: bool) -> None:
        product = next((hit for hit in self.hits if hit.product_id == product_id), None)
        if not is_wanted:
            self.leave_out([product_id])
        elif len(self.picks) >= MOST_PICKS:
            self.entries.put(PICK + product_id, value=False)
            self.say(_FULL)
        elif product is not None:
            self._take([product])

    def _pick_all(self, _secrets: Secrets) -> None:
        catalog, room = self.catalog, self.to_pick
        if catalog is not None:
            wanted = [product_id for product_id in self._found if product_id not in self.picks][:room]
            is_part = len(wanted) + len(self.picks) >= MOST_PICKS
            taken = partial(self._took, catalog, is_part=is_part)
            self.attempt("Picking", lambda: read_stored(catalog, wanted), taken)

    def _took(self, catalog: Catalog, products: list[Stored], *, is_part: bool) -> None:
        if catalog == self.catalog:
            self._take(products)
            if is_part and any(product_id not in self.picks for product_id in self._found):
                self.say(_FULL)

    def _take(self, products: Iterable[Stored]) -> None:
        fresh = [product for product in products if product.product_id not in self.picks]
        self.picks |= {product.product_id: product for product in fresh}
        self._show_picks(product.product_id for product in fresh)
        self.picks_changed(fresh)

    def leave_out(self, product_ids: Iterable[str]) -> None:
        """Take products out of the table."""
        gone = [self.picks.pop(product_id) for product_id in list(product_ids) if product_id in self.picks]
        self._show_picks(product.product_id for product in gone)
        self.picks_changed(gone)

    def _show_picks(self, product_ids: Iterable[str]) -> None:
        for product_id in product_ids:
            if PICK + product_id in self.entries:
                self.entries.put(PICK + product_id, value=product_id in self.picks)
