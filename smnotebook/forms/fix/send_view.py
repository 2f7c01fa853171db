"""The last steps of FixForm: the difference, sending it, what came of it, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from smnotebook.forms.filled import Filled
from smnotebook.forms.fix.difference import Change, Difference
from smnotebook.forms.fix.state import OVER_LATER, FixState
from smnotebook.forms.panel import Button, Group, Node, Notice, Progress, Table, Words

if TYPE_CHECKING:
    from smnotebook.frame.outcome import UploadReport

__all__ = ["draw_difference", "draw_result"]

#: Changed values that the form lists.
SHOWN_CHANGES = 100
_UNSETTLED = "Sent before and never answered for, so sent again: {:,}."
_TICKS = {
    "allow_outliers": "Yes, these changes are meant",
    "allow_live": "Yes, these are real products",
    "allow_overwrite": "Yes, most of the catalog is to change",
    OVER_LATER: "Yes, take the later changes back too",
}


def draw_difference(state: FixState, filled: Filled) -> Node:
    """Each value before and after, what must be agreed to, and sending it."""
    children = [*_difference(state, state.difference, filled)] if state.difference else []
    if state.valve is not None:
        children.append(_under_way(state))
    return Group(name="difference", title="3. The difference", submits="send", children=children)


def _difference(state: FixState, difference: Difference, filled: Filled) -> Iterator[Node]:
    if difference.products == 0 and not difference.refusals:
        yield Words(text="Nothing differs from what is stored; there is nothing to send.")
        return
    if difference.changes:
        yield _changes("changes", "What would change", difference.changes)
    if difference.unsettled:
        yield Words(text=_UNSETTLED.format(difference.unsettled))
    for number, words in enumerate(difference.refusals):
        yield Notice(name=f"refusal {number}", tone="error", text=words)
    yield from _questions(state, filled, [name for name in state.asked if name != OVER_LATER])
    if state.valve is None:
        label = f"Change {difference.products:,} {'product' if difference.products == 1 else 'products'}"
        send = Button(name="send", label=label, tone="primary", disabled="send" not in state.actions)
        yield Group(name="send-go", row=True, children=[send])


def _changes(name: str, caption: str, changes: Sequence[Change]) -> Node:
    # what stands out comes first: it must not be among those that are not shown
    shown = sorted(changes, key=lambda change: not change.remark)[:SHOWN_CHANGES]
    rows = [[change.product_id, change.field, change.before, change.after, change.remark] for change in shown]
    if len(changes) > len(shown):
        caption = f"{caption}: {len(shown):,} of {len(changes):,} values"
    return Table(name=name, caption=caption, columns=["Id", "Field", "Before", "After", "Remark"], rows=rows)


def _questions(state: FixState, filled: Filled, arguments: Iterable[str]) -> Iterator[Node]:
    for argument in arguments:
        yield Notice(name=f"ask {argument}", tone="warning", text=state.asked[argument])
        yield filled.tick(argument, _TICKS[argument])


def _under_way(state: FixState) -> Node:
    progress = state.progress
    done, total = (progress.rows_settled, progress.rows) if progress else (0, 1)
    said = str(progress) if progress else "Beginning"
    stop = Button(name="stop", label="Stop", disabled="stop" not in state.actions)
    return Group(
        name="under-way",
        children=[
            Progress(name="sending", label=state.busy or "Sending", done=done, total=total, said=said),
            Group(name="valve", row=True, children=[stop]),
        ],
    )


def draw_result(state: FixState, report: UploadReport, filled: Filled) -> Node:
    """What became of the products, and taking it back."""
    children = [*_outcome("outcome", report, "The catalog has the changes.")]
    if state.undo_report is not None:
        children += _outcome("undone", state.undo_report, "The catalog is as it was before.")
    return Group(name="result", title="The result", children=[*children, *_way_back(state, filled)])


def _outcome(name: str, report: UploadReport, words: str) -> Iterator[Node]:
    if report.refused + report.unknown + report.unsent == 0:
        counts = f"{report.sent:,} sent" + (f", {report.unchanged:,} unchanged" if report.unchanged else "")
        yield Notice(name=name, tone="good", text=f"{words} {counts}.")
        return
    counts = f"{report.sent:,} sent, {report.refused:,} refused, {report.unknown:,} not known to have arrived"
    if report.unsent:
        counts += f", {report.unsent:,} not sent"
    yield Notice(name=name, tone="warning", text=f"Not everything is in the catalog: {counts}.")
    if report.unknown + report.unsent:
        yield Words(text="What is not sent or not known to have arrived is sent when you send again.")
        rows = [[f"{count:,}", reason] for reason, count in report.open_reasons[:10]]
        caption = "Why products did not arrive for certain"
        yield Table(name=f"{name} open", caption=caption, columns=["Products", "Reason"], rows=rows)
    if report.refused:
        rows = [[f"{count:,}", reason] for reason, count in report.reasons[:10]]
        yield Table(
            name=f"{name} reasons", caption="Why products were refused", columns=["Products", "Reason"], rows=rows
        )


def _way_back(state: FixState, filled: Filled) -> Iterator[Node]:
    if state.undo is not None and state.valve is None:
        yield _changes("undo-changes", "What taking it back would change", state.undo_changes)
        if state.undo.unsettled:
            yield Words(text=_UNSETTLED.format(state.undo.unsettled))
        yield from (Words(text=f"{note[:1].upper()}{note[1:]}.") for note in state.undo.notes)
        buttons = [
            Button(name="leave", label="Leave it", disabled="leave" not in state.actions),
            Button(name="undo", label="Take it back", tone="danger", disabled="undo" not in state.actions),
        ]
        yield Group(name="undo-go", row=True, children=buttons)
    elif state.can_be_taken_back:
        yield from _questions(state, filled, [name for name in state.asked if name == OVER_LATER])
        label = f"{state.busy} ..." if state.busy == "Looking at what was there" else "Take it back ..."
        button = Button(name="plan undo", label=label, disabled="plan undo" not in state.actions)
        yield Group(name="undo-plan-go", row=True, children=[button])
