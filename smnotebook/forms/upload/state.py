"""UploadForm without its looks: a table checked, mended, planned, sent, and what came of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.forms.catalog_news import CatalogNews, hear_of_catalogs
from smnotebook.forms.connection import Connected, follow
from smnotebook.forms.state import Run, Secrets, in_background
from smnotebook.forms.upload.dispatch import Dispatch
from smnotebook.forms.upload.mending import Checked, Repairs, check_frame, find_repairs
from smnotebook.forms.upload.script import write_script
from smnotebook.forms.upload.table_state import TableState

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.frame.fixes import Kinds

__all__ = ["LOOKING", "TICK", "UploadState"]

#: What is said while repairs are looked for.
LOOKING = "Looking for repairs"
#: What the names of the ticks of repairs begin with.
TICK = "fix "


class UploadState(TableState):
    """One table on its way to a catalog. A step done again empties those after it.

    Parameters
    ----------
    source : Client or form
        Where the catalogs are.

    Attributes
    ----------
    checked, repairs
        What the check says, and the repairs it leads to; None before. The first is shown while the second is made.
    applied : list
        The repairs that were chosen so far, as ``df.salesmanago.fix`` takes them.
    dispatch : Dispatch
        The steps from the plan on.
    """

    def __init__(
        self,
        source: Client | Connected,
        *,
        frame: pd.DataFrame | None = None,
        namespace: Callable[[], Mapping[str, Any]] = dict,
        run: Run = in_background,
    ) -> None:
        super().__init__({"catalog": ""}, frame=frame, namespace=namespace, run=run)
        self.client: Client | None = None
        self.catalogs: list[Catalog] | None = None
        self.dispatch = Dispatch(self)
        self.applied: list[Kinds] = []
        self.checked: Checked | None = None
        self.repairs: Repairs | None = None
        follow(source, self._connected)
        if frame is not None:
            self.read_it({})

    # --- what the fields say -----------------------------------------------------------------------------------

    @property
    def is_sending(self) -> bool:
        """Whether products are on their way: until they are there, nothing else is begun."""
        return self.dispatch.valve is not None

    @property
    def catalog(self) -> Catalog | None:
        """The catalog chosen."""
        chosen = self.entries.text("catalog")
        return next((catalog for catalog in self.catalogs or () if catalog.id == chosen), None)

    @property
    def currency(self) -> str | None:
        """The currency of the catalog chosen."""
        return None if self.catalog is None else self.catalog.currency or None

    @property
    def ticked(self) -> list[str]:
        """The repairs chosen, by their keys."""
        keys = self.repairs.ticks if self.repairs else {}
        return [key for key in keys if self.entries.ticked(TICK + key)]

    @property
    def code(self) -> str:
        """The Python that does the same."""
        name = self.catalog.name if self.dispatch.report is not None and self.catalog is not None else ""
        return write_script(self.reading, fixes=self.applied, catalog_name=name, consents=self.dispatch.consents)

    def react(self, name: str) -> None:
        """Another catalog makes the plan for the last one void."""
        super().react(name)
        if name == "catalog" and not self.is_sending:
            self.dispatch.forget()

    @property
    def actions(self) -> Mapping[str, Callable[[Secrets], None]]:
        """What may be done now."""
        checked = self.checked
        frame = checked.frame if checked is not None and checked.report.ready else None
        sending = self.dispatch.actions(frame, self.catalog)
        if self.dispatch.valve is not None:
            return sending
        if self.busy or self.transfer is not None:
            return {}
        return {**sending, **self.ways_to_read, **self._further_ways()}

    def _further_ways(self) -> dict[str, Callable[[Secrets], None]]:
        checked, report = self.checked, self.dispatch.report
        possible = {
            "fix": (self._fix, bool(self.ticked) and report is None),
            "look": (self._look, self.client is not None),
            "rejects": (self._download_rejects, report is not None and report.refused > 0),
            "issues": (self._download_issues, checked is not None and checked.report.errors > 0),
        }
        return {name: action for name, (action, is_open) in possible.items() if is_open}

    # --- catalogs ----------------------------------------------------------------------------------------------

    def _connected(self, client: Client) -> None:
        with self.lock:
            self.client, self.catalogs = client, None
            self.dispatch.forget()
            hear_of_catalogs(client, self._heard)
            self._look({})

    def _heard(self, news: CatalogNews) -> None:
        """A catalog just made is where the table goes, unless somebody chose another one."""
        with self.lock:
            if news.made is not None and not self.entries.is_touched("catalog") and not self.is_sending:
                self.entries.put("catalog", news.made.id)
                self.dispatch.forget()
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
            self.dispatch.forget()

    # --- check and repairs -------------------------------------------------------------------------------------

    def table_gone(self) -> None:
        """Nothing is known of it any more."""
        self.checked, self.applied = None, []
        self._take_repairs(None)
        self.dispatch.forget()

    def table_here(self, checked: Checked | None) -> None:
        """The verdict is shown at once; repairs, and a catalog that was made meanwhile, are looked for after that."""
        self._take_check(checked)
        if self.catalog is None:
            self._look({})

    def _take_check(self, checked: Checked | None) -> None:
        self.checked, self.repairs = checked, None
        if checked is not None:
            found = partial(self._were_found, self._round)
            self.attempt(LOOKING, lambda: find_repairs(checked.frame), found)

    def _were_found(self, asked: int, repairs: Repairs) -> None:
        if asked == self._round:
            self._take_repairs(repairs)

    def _take_repairs(self, repairs: Repairs | None) -> None:
        """What somebody has ticked or not stays so for the repairs that are left after others were made."""
        self.repairs = repairs
        names = {TICK + key: is_safe for key, is_safe in repairs.ticks.items()} if repairs is not None else {}
        kept = {name: self.entries.ticked(name) for name in names if self._is_decided(name)}
        self.entries.replace_group(TICK, {**names, **kept})

    def _is_decided(self, name: str) -> bool:
        return name in self.entries and self.entries.is_touched(name)

    def _fix(self, _secrets: Secrets) -> None:
        checked, repairs = self.checked, self.repairs
        if checked is None or repairs is None:
            return
        kinds = repairs.kinds(self.ticked)
        self.dispatch.forget()
        self.attempt("Mending", lambda: check_frame(repairs.mend(kinds)), partial(self._was_fixed, kinds))

    def _was_fixed(self, kinds: Kinds, checked: Checked) -> None:
        self.applied.append(kinds)
        self._take_check(checked)

    # --- what can be taken away --------------------------------------------------------------------------------

    def _download_rejects(self, _secrets: Secrets) -> None:
        if self.dispatch.report is not None:
            self._offer(self.dispatch.report.to_csv, "rejected.csv")

    def _download_issues(self, _secrets: Secrets) -> None:
        if self.checked is not None:
            self._offer(self.checked.report.to_csv, "issues.csv")

    def _offer(self, write: Callable[[Path], object], file_name: str) -> None:
        def work() -> bytes:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / file_name
                write(path)
                return path.read_bytes()

        self.attempt("Writing", work, lambda content: self.hand_out(content, file_name, "text/csv"))
