"""UploadForm without its looks: read, map, check, mend, plan, send, and what came of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.errors import ConfirmationNeeded, UploadFailed
from smnotebook.forms.connection import Connected, follow
from smnotebook.forms.entries import Entries
from smnotebook.forms.parts import Arrived, FileParts, Transfer
from smnotebook.forms.state import FormState, Run, Secrets, in_background
from smnotebook.forms.upload.columns import FieldRow, as_argument, change, rows_of
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
from smnotebook.forms.upload.valve import Valve
from smnotebook.upload import plan_products
from smnotebook.upload.plan import UploadPlan

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.frame.field_mapping import Mapping as FieldMapping
    from smnotebook.frame.outcome import UploadReport
    from smnotebook.upload.progress import Progress

__all__ = ["COLUMN", "FILE", "FRAME", "SAMPLE", "TICK", "UploadState"]

FILE, FRAME, SAMPLE = "file", "frame", "sample"

#: Reasons of refused rows that the form lists.
SHOWN_REASONS = 10
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
    reasons : list of (str, int)
        Why rows were refused, and how many.
    reading, mapping, checked, plan, report
        What each step has come to so far; None before it. A step done again empties those after it.
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
        self.valve: Valve | None = None
        self.progress: Progress | None = None
        self.question: ConfirmationNeeded | None = None
        self.consents: tuple[str, ...] = ()
        self.applied: list[list[str]] = []
        self.reading: Reading | None = None
        self.mapping: FieldMapping | None = None
        self.rows: list[FieldRow] = []
        self._unmapped_frame: pd.DataFrame | None = None
        self.checked: Checked | None = None
        self.plan: UploadPlan | None = None
        self.report: UploadReport | None = None
        self.reasons: list[tuple[str, int]] = []
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
            if transfer.received == 0:
                self.file = None
                self._forget_from("reading")
                self.say("")
            self.transfer = transfer
            self.changed()

    def _arrived(self, arrived: Arrived) -> None:
        with self.lock:
            self.transfer, self.file = None, arrived
            self.entries.put("from", FILE)
            self._read({})

    def _not_arrived(self, words: str) -> None:
        with self.lock:
            self.transfer = None
            self.say(words, "error")

    # --- what the fields say -----------------------------------------------------------------------------------

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
        name = self.catalog.name if self.report is not None and self.catalog is not None else ""
        return write_script(self.reading, fixes=self.applied, catalog_name=name, consents=self.consents)

    def react(self, name: str) -> None:
        """Another source or catalog makes what was found out about the last one void."""
        if name in ("from", "frame", "sample"):
            self._forget_from("reading")
            self.say("")
        elif name == "catalog":
            self._forget_from("plan")
        elif name.startswith(COLUMN) and self.mapping is not None:
            changed = change(self.mapping, name.removeprefix(COLUMN), self.entries.raw(name))
            self._take_mapping(changed, self._unmapped_frame)
            self._forget_from("checked")

    _STEPS = ("reading", "mapping", "checked", "plan", "report")

    def _forget_from(self, step: str) -> None:
        for later in self._STEPS[self._STEPS.index(step) :]:
            setattr(self, later, None)
        self.question, self.progress, self.consents = None, None, ()
        if step == "reading":
            self.applied = []

    # --- what the buttons do -----------------------------------------------------------------------------------

    @property
    def actions(self) -> Mapping[str, Callable[[Secrets], None]]:
        """What may be done now."""
        if self.valve is not None:
            if self.valve.is_stopped:
                return {}
            hold = {"resume": self._resume} if self.valve.is_held else {"pause": self._pause}
            return {**hold, "stop": self._stop}
        if self.busy or self.transfer is not None:
            return {}
        return {name: action for name, (action, is_open) in self._possible().items() if is_open}

    def _possible(self) -> dict[str, tuple[Callable[[Secrets], None], bool]]:
        checked, plan = self.checked, self.plan
        is_ready = checked is not None and checked.report.ready > 0 and self.catalog is not None
        asks = self.question is not None
        return {
            "read": (self._read, self.source is not None and not self.errors),
            "map": (self._map, self.mapping is not None and not self.errors),
            "fix": (self._fix, bool(self.ticked) and self.report is None),
            "look": (self._look, self.client is not None),
            "plan": (self._make_plan, is_ready and self.report is None),
            "upload": (self._upload, plan is not None and plan.to_send > 0 and not asks and self.report is None),
            "agree": (self._agree, asks),
            "decline": (self._decline, asks),
            "rejects": (self._download_rejects, self.report is not None and self.report.refused > 0),
            "issues": (self._download_issues, checked is not None and checked.report.errors > 0),
            "again": (self._start_over, self.reading is not None),
        }

    def _connected(self, client: Client) -> None:
        with self.lock:
            self.client, self.catalogs = client, None
            self._forget_from("plan")
            self._look({})

    def _look(self, _secrets: Secrets) -> None:
        client = self.client
        if client is not None:
            self.attempt("Looking at the catalogs", client.catalogs, self._looked)

    def _looked(self, catalogs: list[Catalog]) -> None:
        self.catalogs = catalogs
        if self.catalog is None:
            self.entries.put("catalog", catalogs[0].id if len(catalogs) == 1 else "")
            self._forget_from("plan")

    def _read(self, _secrets: Secrets) -> None:
        source = self.source
        if source is not None:
            self._forget_from("reading")
            self._read_with(source, arguments_of(self.entries))

    def _map(self, _secrets: Secrets) -> None:
        if self.reading is not None and self.mapping is not None:
            self._forget_from("checked")
            arguments = {key: value for key, value in arguments_of(self.entries).items() if key != "preset"}
            self._read_with(self.reading.source, {**arguments, "mapping": as_argument(self.mapping)})

    def _read_with(self, source: Source, arguments: Mapping[str, Any]) -> None:
        self.applied = []
        client = self.client

        def work() -> tuple[Reading, Checked | None, list[Catalog] | None]:
            reading = read(source, arguments)
            checked = check_frame(reading.frame) if reading.mapping is None else None
            return reading, checked, None if client is None else client.catalogs()

        self.attempt("Reading", work, self._was_read)

    def _was_read(self, result: tuple[Reading, Checked | None, list[Catalog] | None]) -> None:
        self.reading, checked, catalogs = result
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
        self._forget_from("plan")
        self.attempt("Mending", lambda: check_frame(checked.mend(kinds)), partial(self._was_fixed, kinds))

    def _was_fixed(self, kinds: list[str], checked: Checked) -> None:
        self.applied.append(kinds)
        self._take_check(checked)

    # --- sending -----------------------------------------------------------------------------------------------

    def _make_plan(self, _secrets: Secrets) -> None:
        checked, catalog = self.checked, self.catalog
        if checked is None or catalog is None:
            return
        self._forget_from("plan")
        self.attempt("Planning", lambda: plan_products(checked.frame, catalog, errors="skip"), self._planned)

    def _planned(self, plan: UploadPlan) -> None:
        self.plan = plan
        if plan.to_send == 0:
            self.say("There is nothing to send: the catalog has every good row already.", "good")

    def _upload(self, _secrets: Secrets) -> None:
        plan = self.plan
        if plan is None:
            return
        consents: dict[str, Any] = dict.fromkeys(self.consents, True)
        valve = self.valve = Valve(self._show_progress)

        def work() -> UploadReport | ConfirmationNeeded:
            try:
                agreed = plan_products(plan.frame, plan.catalog, errors="skip", **consents) if consents else plan
                return agreed.send(progress=valve)
            except ConfirmationNeeded as question:
                return question
            except UploadFailed as failed:
                return cast("UploadReport", failed.report)
            finally:
                self.valve = None

        self.attempt("Sending", work, self._uploaded)

    def _show_progress(self, progress: Progress) -> None:
        with self.lock:
            self.progress = progress
            self.changed()

    def _uploaded(self, result: UploadReport | ConfirmationNeeded) -> None:
        if isinstance(result, ConfirmationNeeded):
            self.question = result
            return
        self.report, self.progress = result, None
        reasons = result.rejected["reason"].value_counts().head(SHOWN_REASONS)
        self.reasons = [(str(reason), int(count)) for reason, count in reasons.items()]

    def _agree(self, secrets: Secrets) -> None:
        if self.question is not None:
            self.consents = (*self.consents, self.question.argument.partition("=")[0])
            self.question = None
            self._upload(secrets)

    def _decline(self, _secrets: Secrets) -> None:
        self.question, self.plan = None, None

    def _pause(self, _secrets: Secrets) -> None:
        if self.valve is not None:
            self.valve.hold()

    def _resume(self, _secrets: Secrets) -> None:
        if self.valve is not None:
            self.valve.release()

    def _stop(self, _secrets: Secrets) -> None:
        if self.valve is not None:
            self.valve.stop()

    # --- what can be taken away --------------------------------------------------------------------------------

    def _download_rejects(self, _secrets: Secrets) -> None:
        if self.report is not None:
            self._offer(self.report.to_csv, "rejected.csv")

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
        self._forget_from("reading")
        self.file = None
        for name in ("url_template", "image_base_url", "vat_percent"):
            self.entries.put(name, "")
        self.entries.put("preset", AUTO)
        self.say("")
