"""The last steps of an upload: planned, asked about, sent, paused, stopped, and what came of it."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from smnotebook.catalog import Catalog
from smnotebook.errors import ConfirmationNeeded, UploadFailed
from smnotebook.forms.state import FormState, Secrets
from smnotebook.forms.upload.valve import Valve
from smnotebook.upload import UploadPlan, plan_products

if TYPE_CHECKING:
    import pandas as pd

    from smnotebook.frame.outcome import UploadReport
    from smnotebook.upload.progress import Progress

__all__ = ["Dispatch"]

#: Reasons of refused rows that the form lists.
SHOWN_REASONS = 10


class Dispatch:
    """One table and one catalog, from the plan on.

    Attributes
    ----------
    plan, report
        What came of planning and of sending; None before.
    progress : Progress or None
        While it is sent.
    valve : Valve or None
        Holds or ends what is being sent; None while nothing is.
    question : ConfirmationNeeded or None
        What the upload wants to hear a yes to.
    consents : dict
        Arguments that were said yes to.
    reasons : list of (str, int)
        Why rows were refused, and how many.
    """

    def __init__(self, form: FormState) -> None:
        self._form = form
        self.valve: Valve | None = None
        self.forget()

    def forget(self) -> None:
        """As if nothing had been planned."""
        self.plan: UploadPlan | None = None
        self.report: UploadReport | None = None
        self.progress: Progress | None = None
        self.question: ConfirmationNeeded | None = None
        self.consents: dict[str, Any] = {}
        self.reasons: list[tuple[str, int]] = []

    @property
    def has_begun(self) -> bool:
        """Whether a product is, or may be, in the catalog: until then another one can be chosen."""
        report = self.report
        return self.valve is not None or (report is not None and report.sent + report.unchanged + report.unknown > 0)

    def actions(self, frame: pd.DataFrame | None, catalog: Catalog | None) -> Mapping[str, Callable[[Secrets], None]]:
        """What may be done now.

        Parameters
        ----------
        frame : DataFrame or None
            The table to be sent, if there is one with a row that may be.
        catalog : Catalog or None
            Where to.
        """
        if self.valve is not None:
            return self._actions_under_way(self.valve)
        if self.question is not None:
            return {"agree": self._agree, "decline": self._decline}
        if self.report is not None or frame is None or catalog is None:
            return {}
        can_send = self.plan is not None and self.plan.to_send > 0
        plan = partial(self._make_plan, frame, catalog)
        return {"plan": plan, "upload": self._upload} if can_send else {"plan": plan}

    def _actions_under_way(self, valve: Valve) -> Mapping[str, Callable[[Secrets], None]]:
        if valve.is_stopped:
            return {}
        if valve.is_held:
            return {"resume": lambda _: valve.release(), "stop": lambda _: valve.stop()}
        return {"pause": lambda _: valve.hold(), "stop": lambda _: valve.stop()}

    def _make_plan(self, frame: pd.DataFrame, catalog: Catalog, _secrets: Secrets) -> None:
        self.forget()
        self._form.attempt("Planning", lambda: plan_products(frame, catalog, errors="skip"), self._planned)

    def _planned(self, plan: UploadPlan) -> None:
        self.plan = plan
        if plan.to_send == 0:
            self._form.say("There is nothing to send: the catalog has every good row already.", "good")

    def _upload(self, _secrets: Secrets) -> None:
        if self.plan is not None:
            self.valve = Valve(self._show)
            self._form.attempt("Sending", partial(self._send, self.plan, self.valve), self._ended)

    def _send(self, plan: UploadPlan, valve: Valve) -> UploadReport | ConfirmationNeeded:
        consents = self.consents
        try:
            agreed = plan_products(plan.frame, plan.catalog, errors="skip", **consents) if consents else plan
            return agreed.send(progress=valve)
        except ConfirmationNeeded as question:
            return question
        except UploadFailed as failed:
            return cast("UploadReport", failed.report)
        finally:
            self.valve = None

    def _show(self, progress: Progress) -> None:
        with self._form.lock:
            self.progress = progress
            self._form.changed()

    def _ended(self, result: UploadReport | ConfirmationNeeded) -> None:
        if isinstance(result, ConfirmationNeeded):
            self.question = result
            return
        self.report, self.progress = result, None
        self.reasons = list(result.reasons[:SHOWN_REASONS])

    def _agree(self, secrets: Secrets) -> None:
        if self.question is not None:
            name, _, value = self.question.argument.partition("=")
            self.consents = {**self.consents, name: literal_eval(value)}
            self.question = None
            self._upload(secrets)

    def _decline(self, _secrets: Secrets) -> None:
        self.forget()
