"""The first half of UploadForm without its looks: where the table comes from, reading it, and which column is what."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from smnotebook.errors import UsageError
from smnotebook.forms.entries import Entries
from smnotebook.forms.parts import Arrived, FileParts, Transfer
from smnotebook.forms.state import FormState, Run, Secrets
from smnotebook.forms.upload.columns import FieldRow, as_argument, change, choices_of, rows_of
from smnotebook.forms.upload.mending import Checked, check_frame
from smnotebook.forms.upload.questions import AUTO, arguments_of, errors_in
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
from smnotebook.mapping import forget_mapping, labels_of, remember_edited, remembered_mappings

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.mapping.field_mapping import Mapping as FieldMapping

__all__ = ["ANSWER", "COLUMN", "FILE", "FRAME", "SAMPLE", "RememberedMapping", "TableState"]

FILE, FRAME, SAMPLE = "file", "frame", "sample"

#: What the names of the choices of columns begin with.
COLUMN = "map "
#: What the names of the answers to a mapping's questions begin with; the question's field and code follow.
ANSWER = "answer "

_ANSWERS: dict[str, str | bool] = {
    "preset": AUTO,
    "url_template": "",
    "image_base_url": "",
    "vat_percent": "",
    "mend_encoding": False,
}


class RememberedMapping(NamedTuple):
    """A mapping that was edited for an earlier file: its key, the day, the file's columns and the fields they fill."""

    key: str
    saved: str
    columns: str
    fields: str


class TableState(FormState):
    """A table from a file, from the notebook or from the samples.

    Parameters
    ----------
    frame : DataFrame or None
        To begin with this table.
    namespace : callable
        Gives the notebook's variables, to find its DataFrames.
    entries : mapping
        Further fields of the form.

    Attributes
    ----------
    file, transfer
        The file that is here, and how far another one has come.
    rows : list of FieldRow
        The mapping as a table to fill in.
    reading, mapping
        What was read, and which column was taken for what; None before.
    remembered : list of RememberedMapping
        The mappings that earlier files left, to be seen and forgotten.
    """

    def __init__(
        self,
        entries: Mapping[str, str | bool],
        *,
        frame: pd.DataFrame | None,
        namespace: Callable[[], Mapping[str, Any]],
        run: Run,
    ) -> None:
        begin = {"from": FRAME if frame is not None else FILE, "frame": "", "sample": next(iter(SAMPLES))}
        super().__init__(Entries({**begin, **_ANSWERS, **entries}), run=run)
        self.parts = FileParts(on_progress=self._arriving, on_arrival=self._arrived, on_failure=self._not_arrived)
        self._namespace = namespace
        self._given = frame
        self._round = 0
        self.file: Arrived | None = None
        self.transfer: Transfer | None = None
        self.reading: Reading | None = None
        self.mapping: FieldMapping | None = None
        self.rows: list[FieldRow] = []
        self._unmapped_frame: pd.DataFrame | None = None
        self.remembered: list[RememberedMapping] = []
        self._look_at_remembered()

    @property
    @abstractmethod
    def is_sending(self) -> bool:
        """Whether products are on their way: until they are there, nothing else is begun."""

    @property
    @abstractmethod
    def currency(self) -> str | None:
        """The currency of the catalog that is chosen; None while none is."""

    @abstractmethod
    def table_gone(self) -> None:
        """Called when what was found out about the last table is void."""

    @abstractmethod
    def table_here(self, checked: Checked | None) -> None:
        """Called with what the check of a new table says; None where its columns must be mapped first."""

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
            self.read_it({})

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
    def ways_to_read(self) -> dict[str, Callable[[Secrets], None]]:
        """What may be done to the table now."""
        possible = {
            "read": (self.read_it, self.source is not None and not self.errors),
            "map": (self._map, self.mapping is not None and not self.mapping.unanswered and not self.errors),
            "forget mapping": (self._forget_mapping, self.mapping is not None and self.mapping.remembered_as != ""),
            "again": (self._start_over, self.reading is not None),
        }
        forget = {f"forget {one.key}": partial(self._forget_remembered, one.key) for one in self.remembered}
        return {**{name: action for name, (action, is_open) in possible.items() if is_open}, **forget}

    def react(self, name: str) -> None:
        """Another source or another column makes what was found out about the last one void."""
        if self.is_sending:
            return
        if name in ("from", "frame", "sample"):
            self._forget_reading()
            self.say("")
        elif name.startswith(COLUMN) and self.mapping is not None:
            changed = change(self.mapping, name.removeprefix(COLUMN), self.entries.raw(name))
            self._take_mapping(changed, self._unmapped_frame)
            self._forget_table()
        elif name.startswith(ANSWER) and self.mapping is not None and self.entries.raw(name):
            field = name.removeprefix(ANSWER).partition(" ")[0]
            self._take_mapping(self.mapping.answer(field, self.entries.raw(name)), self._unmapped_frame)
            self._forget_table()

    def _forget_reading(self) -> None:
        self.reading, self.mapping = None, None
        self._forget_table()

    def _forget_table(self) -> None:
        """What is under way still comes to its end, but belongs to a table that is no longer shown."""
        self._round += 1
        self.table_gone()

    # --- reading -----------------------------------------------------------------------------------------------

    def read_it(self, _secrets: Secrets) -> None:
        """Read the table that is chosen."""
        source = self.source
        if source is not None:
            self._forget_reading()
            self._read_with(source, arguments_of(self.entries))

    def _map(self, _secrets: Secrets) -> None:
        if self.reading is not None and self.mapping is not None:
            self._forget_table()
            arguments = {key: value for key, value in arguments_of(self.entries).items() if key != "preset"}
            chosen = {**arguments, "mapping": as_argument(self.mapping)}
            self._read_with(self.reading.source, chosen, mapping=self.mapping)

    def _forget_mapping(self, secrets: Secrets) -> None:
        if self.mapping is not None:
            self._forget_remembered(self.mapping.remembered_as, secrets)
            self.read_it(secrets)

    def _forget_remembered(self, key: str, _secrets: Secrets) -> None:
        try:
            forget_mapping(key)
        except UsageError as error:  # another notebook has forgotten it, or the file is damaged
            self.say(str(error), "error")
        self._look_at_remembered()

    def _look_at_remembered(self) -> None:
        with suppress(UsageError):  # a damaged file costs the list, not the upload
            kept = remembered_mappings()
            self.remembered = [RememberedMapping(*row) for row in kept.itertuples(index=False)]

    def _read_with(self, source: Source, arguments: Mapping[str, Any], *, mapping: FieldMapping | None = None) -> None:
        now, unmapped, currency = self._round, self._unmapped_frame, self.currency

        def work() -> tuple[Reading, Checked | None]:
            reading = read(source, arguments, currency=currency)
            if mapping is not None and unmapped is not None:
                with suppress(UsageError):  # a mapping that can't be kept costs no upload
                    remember_edited(mapping, labels_of(unmapped))
            return reading, check_frame(reading.frame) if reading.mapping is None else None

        self.attempt("Reading", work, lambda result: self._was_read(*result) if now == self._round else None)

    def _was_read(self, reading: Reading, checked: Checked | None) -> None:
        self.reading = reading
        self._look_at_remembered()
        if "mapping" not in reading.arguments:  # else the table that was filled in stays, to be filled in anew
            self._take_mapping(reading.mapping, reading.frame)
        self.table_here(checked)

    def _take_mapping(self, mapping: FieldMapping | None, frame: pd.DataFrame | None) -> None:
        self.mapping, self._unmapped_frame = mapping, frame
        self.rows = [] if mapping is None or frame is None else rows_of(mapping, frame)
        self.entries.replace_group(COLUMN, {COLUMN + row.field: row.chosen for row in self.rows})
        asked = [] if mapping is None else choices_of(mapping)
        self.entries.replace_group(ANSWER, {ANSWER + choice.name: choice.chosen for choice in asked})

    def _start_over(self, _secrets: Secrets) -> None:
        self._forget_reading()
        self.file = None
        for name, value in _ANSWERS.items():
            self.entries.put(name, value)
        self.say("")
