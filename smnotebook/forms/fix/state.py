"""FixForm without its looks: find products, change them in a table, compare, send, take back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.errors import ConfirmationNeeded, UploadFailed
from smnotebook.forms.connection import Connected, follow
from smnotebook.forms.entries import Entries
from smnotebook.forms.fix.cells import Row, entries_of, entry_name, read_row
from smnotebook.forms.fix.difference import Change, Difference, changes_in, difference_of
from smnotebook.forms.fix.products import LABELS, KnownProducts, Stored, read_known, read_stored
from smnotebook.forms.fix.repair import Repair, make_repair
from smnotebook.forms.fix.script import write_script, write_undo
from smnotebook.forms.state import FormState, Run, Secrets, in_background
from smnotebook.forms.upload.valve import Valve
from smnotebook.upload.plan import UploadPlan

if TYPE_CHECKING:
    from smnotebook.frame.outcome import UploadReport
    from smnotebook.upload.progress import Progress

__all__ = ["MOST_HITS", "MOST_PICKS", "PICK", "READING", "REMOVE", "FixState"]

#: What is said while a catalog's products are read.
READING = "Reading what was sent"
#: Products that a search shows, and that the table holds.
MOST_HITS, MOST_PICKS = 100, 100
#: What the names of the ticks of hits and of the buttons of rows begin with.
PICK, REMOVE = "pick ", "remove "

_CONSENTS = ("allow_outliers", "allow_overwrite", "allow_live", "over_later")
_EMPTY: dict[str, str | bool] = {"catalog": "", "search": "", **dict.fromkeys(_CONSENTS, False)}


class FixState(FormState):
    """Some products of one catalog, and what is to become of them.

    Attributes
    ----------
    known : KnownProducts or None
        What can be searched; None before it was read.
    hits, total : list of Stored, int
        What the last search shows, and how many it found.
    picks : dict of str to Stored
        The products in the table, by id.
    difference : Difference or None
        What the table would change, as long as nobody has typed since.
    asked : dict of str to str
        What must be agreed to before anything is sent: the argument, and why.
    report, undo_report : UploadReport or None
        What became of the last sending, and of taking it back.
    undo : UploadPlan or None
        How it would be taken back.
    """

    def __init__(self, source: Client | Connected, *, run: Run = in_background) -> None:
        super().__init__(Entries(_EMPTY), run=run)
        self.client: Client | None = None
        self.catalogs: list[Catalog] | None = None
        self.known: KnownProducts | None = None
        self.hits: list[Stored] = []
        self.total = 0
        self.picks: dict[str, Stored] = {}
        self.difference: Difference | None = None
        self.asked: dict[str, str] = {}
        self.valve: Valve | None = None
        self.progress: Progress | None = None
        self.report: UploadReport | None = None
        self.undo: UploadPlan | None = None
        self.undo_changes: tuple[Change, ...] = ()
        self.undo_report: UploadReport | None = None
        self.code = ""
        self._is_over_later = False
        follow(source, self._connected)

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

    @property
    def repair(self) -> Repair | None:
        """What the table comes to; None where nothing is changed."""
        return make_repair(self.rows)

    @property
    def has_errors(self) -> bool:
        """Whether something in the table would be refused."""
        return any(row.errors for row in self.rows)

    @property
    def agreed(self) -> list[str]:
        """What was asked and is ticked."""
        return [argument for argument in self.asked if self.entries.ticked(argument)]

    def react(self, name: str) -> None:
        """Another catalog empties the table; another value makes a comparison void."""
        if name == "catalog":
            self._read_catalog()
        elif name.startswith(PICK):
            self._pick(name.removeprefix(PICK), is_wanted=self.entries.ticked(name))
        elif name != "search" and name not in _CONSENTS:
            self._forget_comparison()

    # --- what the buttons do -----------------------------------------------------------------------------------

    @property
    def actions(self) -> Mapping[str, Callable[[Secrets], None]]:
        """What may be done now."""
        if self.valve is not None:
            return {} if self.valve.is_stopped else {"stop": self._stop}
        if self.client is None or self.busy:
            return {}
        actions: dict[str, Callable[[Secrets], None]] = {"look": self._look}
        if self.known:
            actions["search"] = self._search
        for product_id in self.picks:
            actions[REMOVE + product_id] = partial(self._remove, product_id)
        if self.repair is not None and not self.has_errors:
            actions["compare"] = self._compare
        if self.is_ready:
            actions["send"] = self._send
        return actions | self._ways_back()

    @property
    def is_ready(self) -> bool:
        """Whether what was compared may be sent."""
        shown = self.difference
        is_agreed = len(self.agreed) == len(self.asked)
        return shown is not None and bool(shown.changes) and not shown.refusals and is_agreed

    @property
    def can_be_taken_back(self) -> bool:
        """Whether the last sending changed something that still stands."""
        report, back = self.report, self.undo_report
        is_back = back is not None and back.refused + back.unknown == 0
        return report is not None and report.run is not None and report.sent > 0 and not is_back

    def _ways_back(self) -> dict[str, Callable[[Secrets], None]]:
        if self.undo is not None:
            return {"undo": self._undo, "leave": self._leave}
        is_agreed = "over_later" not in self.asked or self.entries.ticked("over_later")
        return {"plan undo": self._plan_undo} if self.can_be_taken_back and is_agreed else {}

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
        self.report, self.undo_report, self.code = None, None, ""
        self._forget_comparison()
        for group in (PICK, *(f"{field} " for field in LABELS)):
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
            self._forget_comparison()

    def _fill(self, product: Stored) -> None:
        for name, value in entries_of(product).items():
            self.entries.put(name, value)

    def _remove(self, product_id: str, _secrets: Secrets) -> None:
        if self.picks.pop(product_id, None) is not None:
            self._forget_comparison()
        if PICK + product_id in self.entries:
            self.entries.put(PICK + product_id, value=False)

    def _renew(self, fresh: Mapping[str, Stored]) -> None:
        """Take over what is stored now; what somebody typed and is not stored yet stays."""
        self.hits = [fresh.get(hit.product_id, hit) for hit in self.hits]
        for row in self.rows:
            product = fresh.get(row.product.product_id, row.product)
            self.picks[product.product_id] = product
            for name, value in entries_of(product).items():
                if name not in {entry_name(field, product.product_id) for field in row.changed}:
                    self.entries.put(name, value)

    # --- compare and send --------------------------------------------------------------------------------------

    def _forget_comparison(self) -> None:
        self.difference, self.undo, self.progress = None, None, None
        self._ask({})

    def _ask(self, asked: Mapping[str, str]) -> None:
        for argument in _CONSENTS:
            if argument not in asked:
                self.entries.put(argument, value=False)
        self.asked = dict(asked)

    def _compare(self, _secrets: Secrets) -> None:
        repair, catalog = self.repair, self.catalog
        if repair is not None and catalog is not None:
            self._forget_comparison()
            compared = partial(self._compared, repair, catalog)
            self.attempt("Comparing", lambda: difference_of(repair.compare(catalog), repair.ending), compared)

    def _compared(self, repair: Repair, catalog: Catalog, difference: Difference) -> None:
        if repair != self.repair:
            return  # somebody typed meanwhile
        self.difference = difference
        self._ask({"allow_outliers": f"This stands out: {difference.alert}."} if difference.alert else {})
        self.code = write_script(repair, catalog_name=catalog.name)

    def _send(self, _secrets: Secrets) -> None:
        repair, catalog, consents = self.repair, self.catalog, self.agreed
        if repair is None or catalog is None:
            return
        valve = self.valve = Valve(self._show_progress)
        send = partial(repair.send, catalog, consents=consents, progress=valve)
        code = write_script(repair, catalog_name=catalog.name, consents=consents, is_sent=True)
        self.attempt("Sending", partial(self._carry_through, catalog, send), partial(self._sent, code))

    def _carry_through(
        self, catalog: Catalog, send: Callable[[], UploadReport]
    ) -> tuple[UploadReport, Mapping[str, Stored]] | ConfirmationNeeded:
        try:
            report = send()
        except ConfirmationNeeded as question:
            return question
        except UploadFailed as failed:
            report = cast("UploadReport", failed.report)
        finally:
            self.valve = None
        with self.lock:
            ids = list(dict.fromkeys([*self.picks, *(hit.product_id for hit in self.hits)]))
        return report, {product.product_id: product for product in read_stored(catalog, ids)}

    def _show_progress(self, progress: Progress) -> None:
        with self.lock:
            self.progress = progress
            self.changed()

    def _sent(self, code: str, result: tuple[UploadReport, Mapping[str, Stored]] | ConfirmationNeeded) -> None:
        if isinstance(result, ConfirmationNeeded):
            self._ask({**self.asked, **_question(result)})
            return
        self.report, fresh = result
        self.undo_report, self.code = None, code
        self._forget_comparison()
        self._renew(fresh)

    def _stop(self, _secrets: Secrets) -> None:
        if self.valve is not None:
            self.valve.stop()

    # --- take back ---------------------------------------------------------------------------------------------

    def _plan_undo(self, _secrets: Secrets) -> None:
        catalog, report = self.catalog, self.report
        if catalog is None or report is None or report.run is None:
            return
        run, over_later = report.run, self.entries.ticked("over_later")

        def plan() -> tuple[UploadPlan, tuple[Change, ...]] | ConfirmationNeeded:
            try:
                undo = catalog.restore(run, over_later=over_later)
            except ConfirmationNeeded as question:
                return question
            return undo, changes_in(undo.changes())

        self.attempt("Looking at what was there", plan, self._undo_planned)

    def _undo_planned(self, result: tuple[UploadPlan, tuple[Change, ...]] | ConfirmationNeeded) -> None:
        if isinstance(result, ConfirmationNeeded):
            self.difference = None
            self._ask(_question(result))
            return
        self._is_over_later = self.entries.ticked("over_later")
        self._forget_comparison()
        self.undo, self.undo_changes = result

    def _leave(self, _secrets: Secrets) -> None:
        self.undo = None

    def _undo(self, _secrets: Secrets) -> None:
        undo = self.undo
        if undo is not None:
            valve = self.valve = Valve(self._show_progress)
            send = partial(undo.send, progress=valve)
            self.attempt("Taking it back", partial(self._carry_through, undo.catalog, send), self._undone)

    def _undone(self, result: tuple[UploadReport, Mapping[str, Stored]] | ConfirmationNeeded) -> None:
        if isinstance(result, ConfirmationNeeded):
            self._ask(_question(result))
            return
        self.undo_report, fresh = result
        self.code = f"{self.code}\n{write_undo(over_later=self._is_over_later)}"
        self._forget_comparison()
        self._renew(fresh)


def _question(question: ConfirmationNeeded) -> dict[str, str]:
    """The argument that says yes, and why it is asked for."""
    words = str(question).partition(" If that is what you want")[0]
    return {question.argument.partition("=")[0]: words}
