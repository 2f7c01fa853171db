"""The last part of FixForm without its looks: what the table changes, compared, sent, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from smnotebook.catalog import Catalog
from smnotebook.client import Client
from smnotebook.errors import ConfirmationNeeded, UploadFailed
from smnotebook.forms.connection import Connected
from smnotebook.forms.fix.difference import Change, Difference, changes_in, difference_of
from smnotebook.forms.fix.editing import EditingState
from smnotebook.forms.fix.products import Stored, read_stored
from smnotebook.forms.fix.repair import CONSENTS, Repair, make_repair
from smnotebook.forms.fix.script import write_script, write_undo
from smnotebook.forms.state import Run, Secrets, in_background
from smnotebook.forms.upload.valve import Valve
from smnotebook.forms.wording import question_words
from smnotebook.upload.plan import UploadPlan

if TYPE_CHECKING:
    from smnotebook.frame.outcome import UploadReport
    from smnotebook.upload.progress import Progress

__all__ = ["OVER_LATER", "FixState"]

#: The argument that says yes to taking back what later runs did.
OVER_LATER = "over_later"


class FixState(EditingState):
    """Some products of one catalog, and what is to become of them.

    Attributes
    ----------
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
        self.difference: Difference | None = None
        self.asked: dict[str, str] = {}
        self.valve: Valve | None = None
        self.progress: Progress | None = None
        self.report: UploadReport | None = None
        self.undo: UploadPlan | None = None
        self.undo_changes: tuple[Change, ...] = ()
        self.undo_report: UploadReport | None = None
        self.code = ""
        self._sent_code = ""
        self._is_over_later = False
        # last: a client that is there already begins to read
        super().__init__(source, dict.fromkeys((*CONSENTS, OVER_LATER), False), run=run)

    # --- what the fields say -----------------------------------------------------------------------------------

    @property
    def repair(self) -> Repair | None:
        """What the table comes to; None where nothing is changed."""
        return make_repair(self.rows)

    @property
    def agreed(self) -> list[str]:
        """What was asked and is ticked."""
        return [argument for argument in self.asked if self.entries.ticked(argument)]

    # --- what the buttons do -----------------------------------------------------------------------------------

    @property
    def actions(self) -> Mapping[str, Callable[[Secrets], None]]:
        """What may be done now."""
        if self.valve is not None:
            return {} if self.valve.is_stopped else {"stop": self._stop}
        if self.client is None or self.busy:
            return {}
        actions = self.ways_to_pick | self.ways_to_edit
        if self.has_changes and not self.has_errors:
            actions["compare"] = self._compare
        if self.is_ready:
            actions["send"] = self._send
        return actions | self._ways_back()

    @property
    def is_ready(self) -> bool:
        """Whether what was compared may be sent."""
        shown = self.difference
        is_agreed = len(self.agreed) == len(self.asked)
        return shown is not None and shown.products > 0 and not shown.refusals and is_agreed

    @property
    def can_be_taken_back(self) -> bool:
        """Whether the last sending changed something that still stands."""
        report, back = self.report, self.undo_report
        is_back = back is not None and back.refused + back.unknown + back.unsent == 0
        return report is not None and report.run is not None and report.sent > 0 and not is_back

    def _ways_back(self) -> dict[str, Callable[[Secrets], None]]:
        if self.undo is not None:
            return {"undo": self._undo, "leave": self._leave}
        is_agreed = OVER_LATER not in self.asked or self.entries.ticked(OVER_LATER)
        return {"plan undo": self._plan_undo} if self.can_be_taken_back and is_agreed else {}

    # --- compare and send --------------------------------------------------------------------------------------

    def table_changed(self) -> None:
        """What was compared is void, and so is what was agreed to."""
        self.difference, self.undo, self.progress = None, None, None
        self._ask({})

    def catalog_changed(self) -> None:
        """What was sent elsewhere is not taken back from here."""
        self.report, self.undo_report, self.code = None, None, ""
        self.table_changed()

    def _ask(self, asked: Mapping[str, str]) -> None:
        for argument in (*CONSENTS, OVER_LATER):
            if argument not in asked:
                self.entries.put(argument, value=False)
        self.asked = dict(asked)

    def _compare(self, _secrets: Secrets) -> None:
        repair, catalog = self.repair, self.catalog
        if repair is not None and catalog is not None:
            self.table_changed()
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
        self.undo_report = None
        self.code = self._sent_code = code
        self.table_changed()
        self.renew(fresh)

    def _stop(self, _secrets: Secrets) -> None:
        if self.valve is not None:
            self.valve.stop()

    # --- take back ---------------------------------------------------------------------------------------------

    def _plan_undo(self, _secrets: Secrets) -> None:
        catalog, report = self.catalog, self.report
        if catalog is None or report is None or report.run is None:
            return
        run, over_later = report.run, self.entries.ticked(OVER_LATER)

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
        self._is_over_later = self.entries.ticked(OVER_LATER)
        self.table_changed()
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
        self.code = f"{self._sent_code}\n{write_undo(over_later=self._is_over_later)}"
        self.table_changed()
        self.renew(fresh)


def _question(question: ConfirmationNeeded) -> dict[str, str]:
    """The argument that says yes, and why it is asked for."""
    return {question.argument.partition("=")[0]: question_words(question)}
