"""The last steps of UploadForm: catalog, plan, sending, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smnotebook.errors import ConfirmationNeeded
from smnotebook.forms.filled import Filled
from smnotebook.forms.panel import Button, Group, Node, Notice, Progress, Table, Words
from smnotebook.forms.upload.state import UploadState
from smnotebook.forms.upload.valve import Valve
from smnotebook.forms.wording import question_words
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.progress import duration

if TYPE_CHECKING:
    from smnotebook.frame.outcome import UploadReport

__all__ = ["draw_result", "draw_send"]


def draw_send(state: UploadState, filled: Filled) -> Node:
    """Where to, what it will do, and doing it."""
    submits = "plan" if state.dispatch.plan is None else "upload"
    return Group(name="send", title="3. The catalog", submits=submits, children=[*_send(state, filled)])


def _send(state: UploadState, filled: Filled) -> Iterator[Node]:
    if state.client is None:
        yield Words(text="Connect first, in the form above.")
        return
    yield from _catalog_choice(state, filled)
    if state.dispatch.plan is not None:
        yield _plan(state.dispatch.plan)
    if state.dispatch.question is not None:
        yield _question(state, state.dispatch.question)
    elif state.dispatch.valve is not None:
        yield _under_way(state, state.dispatch.valve)
    elif state.dispatch.report is None and state.dispatch.plan is not None and state.dispatch.plan.to_send:
        label = f"Upload {state.dispatch.plan.to_send:,} products"
        yield Button(name="upload", label=label, tone="primary", disabled="upload" not in state.actions)
    elif state.dispatch.report is None and state.dispatch.plan is None:
        label = "Planning ..." if state.busy == "Planning" else "Show what would be sent"
        yield Button(name="plan", label=label, tone="primary", disabled="plan" not in state.actions)
        if state.checked is not None and not state.checked.report.ready:
            yield Words(text="No row can be sent as it is. Mend what the check has found first.")


def _catalog_choice(state: UploadState, filled: Filled) -> Iterator[Node]:
    catalogs = state.catalogs
    if catalogs is None:
        yield Words(text="Looking at the catalogs ..." if state.busy else "The catalogs are not known yet.")
    elif not catalogs:
        yield Words(text="The account has no catalog yet. Make one in the form above, then look again.")
    else:
        options = [(catalog.id, f"{catalog.name} ({catalog.currency})") for catalog in catalogs]
        if state.catalog is None:
            options = [("", "(choose)"), *options]
        yield filled.choice("catalog", "Into", options=options, disabled=state.dispatch.has_begun)
    if not state.dispatch.has_begun:
        again = Button(name="look", label="Look for catalogs again", disabled="look" not in state.actions)
        yield Group(name="send-go", row=True, children=[again])


def _plan(plan: UploadPlan) -> Node:
    kinds = {
        "new": plan.new,
        "changed": plan.changed,
        "sent before, never answered for": plan.unsettled,
        "unchanged, not sent": plan.unchanged,
        "refused by the check, not sent": plan.refused,
        "repeated rows": plan.duplicates,
    }
    rows = [[name, f"{count:,}"] for name, count in kinds.items() if count]
    rows += [
        ["requests", f"{plan.requests:,}"],
        ["time", f"about {duration(plan.seconds)}" if plan.seconds >= 1 else "less than a second"],
    ]
    if plan.quota_left is not None:
        rows.append(["requests left this hour", f"{plan.quota_left:,}"])
    return Table(
        name="plan", caption=f"What would be sent to {plan.catalog.name}", columns=["What", "How many"], rows=rows
    )


def _question(state: UploadState, question: ConfirmationNeeded) -> Node:
    words = question_words(question)
    return Group(
        name="question",
        children=[
            Notice(name="sure", tone="warning", text=words),
            Group(
                name="answers",
                row=True,
                children=[
                    Button(name="decline", label="Don't send", disabled="decline" not in state.actions),
                    Button(name="agree", label="Send it even so", tone="danger", disabled="agree" not in state.actions),
                ],
            ),
        ],
    )


def _under_way(state: UploadState, valve: Valve) -> Node:
    progress = state.dispatch.progress
    done, total = (progress.rows_settled, progress.rows) if progress else (0, 1)
    said = str(progress) if progress else "Beginning"
    if valve.is_stopped:
        said = f"Stopping: what is under way is finished. {said}"
    elif valve.is_held:
        said = f"Paused. {said}"
    name, label = ("resume", "Go on") if valve.is_held else ("pause", "Pause")
    return Group(
        name="under-way",
        children=[
            Progress(name="sending", label="Sending", done=done, total=total, said=said),
            Group(
                name="valve",
                row=True,
                children=[
                    Button(name=name, label=label, disabled=name not in state.actions),
                    Button(name="stop", label="Stop", disabled="stop" not in state.actions),
                ],
            ),
        ],
    )


def draw_result(state: UploadState, report: UploadReport) -> Node:
    """What became of the rows."""
    figures = {
        "sent": report.sent,
        "unchanged": report.unchanged,
        "refused": report.refused,
        "not known to have arrived": report.unknown,
        "not sent": report.unsent,
    }
    is_whole = report.refused + report.unknown + report.unsent == 0
    words = "All rows are in the catalog." if is_whole else "Not every row is in the catalog."
    rows = [[name, f"{count:,}"] for name, count in figures.items()]
    caption = f"{len(report.frame):,} rows to {report.catalog_name}"
    return Group(
        name="result",
        title="4. The result",
        children=[
            Notice(name="outcome", tone="good" if is_whole else "warning", text=words),
            Table(
                name="figures",
                caption=caption,
                columns=["Outcome", "Rows"],
                rows=rows,
            ),
            *_rejects(state, report),
        ],
    )


def _rejects(state: UploadState, report: UploadReport) -> Iterator[Node]:
    if report.unknown + report.unsent:
        yield Words(text="Rows not sent or not known to have arrived are sent when you read the same table again.")
        open_rows = [[f"{count:,}", reason] for reason, count in report.open_reasons[:10]]
        yield Table(
            name="open", caption="Why rows did not arrive for certain", columns=["Rows", "Reason"], rows=open_rows
        )
    if not report.refused:
        return
    rows = [[f"{count:,}", reason] for reason, count in state.dispatch.reasons]
    yield Table(name="reasons", caption="Why rows were refused", columns=["Rows", "Reason"], rows=rows)
    yield Words(
        text="Download the refused rows, mend them, and pick the mended file above: what is stored already is not sent "
        "again."
    )
    download = Button(name="rejects", label="Download the refused rows", disabled="rejects" not in state.actions)
    yield Group(name="result-go", row=True, children=[download])
