"""The check of UploadForm: what would be refused, and the repairs to choose from."""

from __future__ import annotations

from collections.abc import Iterator

from smnotebook.forms.filled import Filled
from smnotebook.forms.panel import Button, Group, Node, Notice, Table, Tone, Words
from smnotebook.forms.upload.mending import LOSING, Checked, RepairRow
from smnotebook.forms.upload.state import LOOKING, TICK, UploadState
from smnotebook.forms.wording import counted
from smnotebook.frame.report import PreflightReport

__all__ = ["draw_check"]


def draw_check(state: UploadState, checked: Checked, filled: Filled) -> Node:
    """Headline, findings by field and rule, repairs."""
    return Group(
        name="check",
        title="2. The check",
        children=[
            Notice(name="headline", tone=_tone(checked.report), text=_headline(checked.report)),
            *_findings(state, checked),
            *(_repairs(state, filled) if state.dispatch.report is None else ()),
        ],
    )


def _tone(report: PreflightReport) -> Tone:
    if report.errors:
        return "error"
    return "warning" if report.warnings else "good"


def _headline(report: PreflightReport) -> str:
    refused = report.rows - report.ready
    verdict = f"{refused:,} would be refused" if refused else "none would be refused"
    return (
        f"{report.rows:,} rows: {report.ready:,} can be sent, {verdict}. "
        f"{counted(report.errors, 'error')}, {counted(report.warnings, 'warning')}."
    )


def _findings(state: UploadState, checked: Checked) -> Iterator[Node]:
    if not checked.findings:
        return
    rows = [[line.column, line.verdict, f"{line.count:,}", line.example, line.suggestion] for line in checked.findings]
    columns = ["Column", "What is wrong", "Rows", "Example", "What to do"]
    yield Table(name="findings", caption="Findings", columns=columns, rows=rows)
    if checked.report.errors:
        download = Button(name="issues", label="Download all findings", disabled="issues" not in state.actions)
        yield Group(name="findings-go", row=True, children=[download])


def _repairs(state: UploadState, filled: Filled) -> Iterator[Node]:
    repairs = state.repairs
    if repairs is None:
        if state.busy == LOOKING:
            yield Words(text=f"{LOOKING} ...")
        return
    if not repairs.rows:
        return
    columns = ["Do it", "Repair", "Column", "Cells", "Before", "After"]
    lines = [line for row in repairs.rows for line in _lines(row, filled)]
    yield Table(name="repairs", caption="Repairs that can be made", columns=columns, rows=lines)
    ticked = state.ticked
    count = sum(row.count for row in repairs.rows if row.key in ticked)
    label = f"Mend {counted(count, 'cell')}" if count else "Mend what is ticked"
    button = Button(
        name="fix",
        label="Mending ..." if state.busy == "Mending" else label,
        tone="primary" if state.checked is not None and state.checked.report.errors else "plain",
        disabled="fix" not in state.actions,
    )
    yield Group(name="repairs-go", row=True, children=[button])


def _lines(row: RepairRow, filled: Filled) -> Iterator[list[str | Node]]:
    """A tick and its first example; further examples below it."""
    text = f"{row.text}; something is lost" if row.kind in LOSING else row.text
    tick = filled.tick(TICK + row.key, f"{text}: {row.column}")
    (before, after), *others = row.examples
    yield [tick, text, row.column, f"{row.count:,}", before, after]
    for before, after in others:
        yield ["", "", "", "", before, after]
