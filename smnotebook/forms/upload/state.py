"""UploadForm without its looks: read, map, check, mend, plan, send, and what came of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.forms.connection import Connected, follow
from smnotebook.forms.entries import Entries
from smnotebook.forms.parts import Arrived, FileParts, Transfer
from smnotebook.forms.state import FormState, Run, Secrets, in_background
from smnotebook.forms.upload.columns import FieldRow, as_argument, change, rows_of
from smnotebook.forms.upload.dispatch import Dispatch
from smnotebook.forms.upload.mending import Checked, check_frame
from smnotebook.forms.upload.questions import AUTO, arguments_of, errors_in
from smnotebook.forms.upload.script import write_script
from smnotebook.forms.upload.sources import (
    SAMPLES,
    Reading,
    Source,
    frames_in,
    open_file,
    open_frame,
    open_sample,
    read,
)

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.frame.field_mapping import Mapping as FieldMapping

__all__ = ["COLUMN", "FILE", "FRAME", "SAMPLE", "TICK", "UploadState"]

FILE, FRAME, SAMPLE = "file", "frame", "sample"

#: What the names of the ticks of repairs and of the choices of columns begin with.
TICK, COLUMN = "fix ", "map "


class UploadState(FormState):
    """One table on its way to a catalog.

    Parameters
    ----------
    source : Client or form
        Where the catalogs are.
    frame : DataFrame, optional
        To begin with this table.
    namespace : callable
        Gives the notebook's variables, to find its DataFrames.

    Attributes
    ----------
    rows : list of FieldRow
        The mapping as a table to fill in.
    reading, mapping, checked
        What each step has come to so far; None before it. A step done again empties those after it.
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
        entries: dict[str, str | bool] = {
            "from": FRAME if frame is not None else FILE,
            "frame": "",
            "sample": next(iter(SAMPLES)),
            "preset": AUTO,
            "url_template": "",
            "image_base_url": "",
            "vat_percent": "",
            "mend_encoding": False,
            "catalog": "",
        }
        super().__init__(Entries(entries), run=run)
        self.parts = FileParts(on_progress=self._arriving, on_arrival=self._arrived, on_failure=self._not_arrived)
        self._namespace = namespace
        self._given = frame
        self.client: Client | None = None
        self.catalogs: list[Catalog] | None = None
        self.file: Arrived | None = None
        self.transfer: Transfer | None = None
        self.dispatch = Dispatch(self)
        self._round = 0
        self.applied: list[list[str]] = []
        self.reading: Reading | None = None
        self.mapping: FieldMapping | None = None
        self.rows: list[FieldRow] = []
        self._unmapped_frame: pd.DataFrame | None = None
        self.checked: Checked | None = None
        follow(source, self._connected)
        if frame is not None:
            self._read({})

    # --- where the table comes from ----------------------------------------------------------------------------

    @property
    def frames(self) -> list[str]:
        """The notebook's DataFrames by name; the one handed over comes first, under no name."""
        return [*([""] if self._given is not None else []), *frames_in(self._namespace())]

    @property
    def source(self) -> Source | None:
        """The table that is chosen; None while there is none."""
        match self.entries.text("from"):
            case "file":
                return None if self.file is None else open_file(self.file)
            case "sample":
                return open_sample(self.entries.text("sample"))
        name = self.entries.text("frame")
        if not name:
            return None if self._given is None else open_frame("df", self._given)
        found = frames_in(self._namespace()).get(name)
        return None if found is None else open_frame(name, found)

    def _arriving(self, transfer: Transfer) -> None:
        with self.lock:
            if transfer.received == 0 and not self.is_sending:
                self.file = None
                self._forget_reading()
                self.say("")
            self.transfer = transfer
            self.changed()

    def _arrived(self, arrived: Arrived) -> None:
        with self.lock:
            self.transfer, self.file = None, arrived
            if self.is_sending:
                self.say(f"{arrived.file_name} is here. Read it when this upload has ended.")
                return
            self.entries.put("from", FILE)
            self._read({})

    def _not_arrived(self, words: str) -> None:
        with self.lock:
            self.transfer = None
            self.say(words, "error")

    # --- what the fields say -----------------------------------------------------------------------------------

    @property
    def is_sending(self) -> bool:
        """Whether products are on their way: until they are there, nothing else is begun."""
        return self.dispatch.valve is not None

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field."""
        return errors_in(self.entries)

    @property
    def catalog(self) -> Catalog | None:
        """The catalog chosen."""
        chosen = self.entries.text("catalog")
        return next((catalog for catalog in self.catalogs or () if catalog.id == chosen), None)

    @property
    def ticked(self) -> list[str]:
        """The kinds of repairs chosen."""
        kinds = self.checked.ticks if self.checked else {}
        return [kind for kind in kinds if self.entries.ticked(TICK + kind)]

    @property
    def code(self) -> str:
        """The Python that does the same."""
        name = self.catalog.name if self.dispatch.report is not None and self.catalog is not None else ""
        return write_script(self.reading, fixes=self.applied, catalog_name=name, consents=self.dispatch.consents)

    def react(self, name: str) -> None:
        """Another source or catalog makes what was found out about the last one void."""
        if self.is_sending:
            return
        if name in ("from", "frame", "sample"):
            self._forget_reading()
            self.say("")
        elif name == "catalog":
            self.dispatch.forget()
        elif name.startswith(COLUMN) and self.mapping is not None:
            changed = change(self.mapping, name.removeprefix(COLUMN), self.entries.raw(name))
            self._take_mapping(changed, self._unmapped_frame)
            self._forget_check()

    def _forget_reading(self) -> None:
        self.reading, self.mapping = None, None
        self.applied = []
        self._forget_check()

    def _forget_check(self) -> None:
        """What is under way still comes to its end, but belongs to a table that is no longer shown."""
        self._round += 1
        self.checked = None
        self.dispatch.forget()

    # --- what the buttons do -----------------------------------------------------------------------------------

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
        return {**sending, **{name: action for name, (action, is_open) in self._possible().items() if is_open}}

    def _possible(self) -> dict[str, tuple[Callable[[Secrets], None], bool]]:
        checked, report = self.checked, self.dispatch.report
        return {
            "read": (self._read, self.source is not None and not self.errors),
            "map": (self._map, self.mapping is not None and not self.errors),
            "fix": (self._fix, bool(self.ticked) and report is None),
            "look": (self._look, self.client is not None),
            "rejects": (self._download_rejects, report is not None and report.refused > 0),
            "issues": (self._download_issues, checked is not None and checked.report.errors > 0),
            "again": (self._start_over, self.reading is not None),
        }

    def _connected(self, client: Client) -> None:
        with self.lock:
            self.client, self.catalogs = client, None
            self.dispatch.forget()
            self._look({})

    def _look(self, _secrets: Secrets) -> None:
        client = self.client
        if client is not None:
            self.attempt("Looking at the catalogs", client.catalogs, self._looked)

    def _looked(self, catalogs: list[Catalog]) -> None:
        self.catalogs = catalogs
        if self.catalog is None:
            self.entries.put("catalog", catalogs[0].id if len(catalogs) == 1 else "")
            self.dispatch.forget()

    def _read(self, _secrets: Secrets) -> None:
        source = self.source
        if source is not None:
            self._forget_reading()
            self._read_with(source, arguments_of(self.entries))

    def _map(self, _secrets: Secrets) -> None:
        if self.reading is not None and self.mapping is not None:
            self._forget_check()
            arguments = {key: value for key, value in arguments_of(self.entries).items() if key != "preset"}
            self._read_with(self.reading.source, {**arguments, "mapping": as_argument(self.mapping)})

    def _read_with(self, source: Source, arguments: Mapping[str, Any]) -> None:
        self.applied = []
        client, now = self.client, self._round

        def work() -> tuple[Reading, Checked | None, list[Catalog] | None]:
            reading = read(source, arguments)
            checked = check_frame(reading.frame) if reading.mapping is None else None
            return reading, checked, None if client is None else client.catalogs()

        self.attempt("Reading", work, lambda result: self._was_read(*result) if now == self._round else None)

    def _was_read(self, reading: Reading, checked: Checked | None, catalogs: list[Catalog] | None) -> None:
        self.reading = reading
        if "mapping" not in self.reading.arguments:  # else the table that was filled in stays, to be filled in anew
            self._take_mapping(self.reading.mapping, self.reading.frame)
        if catalogs is not None:
            self._looked(catalogs)
        self._take_check(checked)

    def _take_mapping(self, mapping: FieldMapping | None, frame: pd.DataFrame | None) -> None:
        self.mapping, self._unmapped_frame = mapping, frame
        self.rows = [] if mapping is None or frame is None else rows_of(mapping, frame)
        self.entries.replace_group(COLUMN, {COLUMN + row.field: row.chosen for row in self.rows})

    def _take_check(self, checked: Checked | None) -> None:
        self.checked = checked
        ticks = checked.ticks if checked else {}
        self.entries.replace_group(TICK, {TICK + kind: is_safe for kind, is_safe in ticks.items()})

    def _fix(self, _secrets: Secrets) -> None:
        checked, kinds = self.checked, self.ticked
        if checked is None:
            return
        self.dispatch.forget()
        self.attempt("Mending", lambda: check_frame(checked.mend(kinds)), partial(self._was_fixed, kinds))

    def _was_fixed(self, kinds: list[str], checked: Checked) -> None:
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

    def _start_over(self, _secrets: Secrets) -> None:
        self._forget_reading()
        self.file = None
        for name in ("url_template", "image_base_url", "vat_percent"):
            self.entries.put(name, "")
        self.entries.put("preset", AUTO)
        self.say("")
