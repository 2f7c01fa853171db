"""The check of UploadForm: what would be refused, and the repairs to choose from."""

from __future__ import annotations

from collections.abc import Iterator

from smnotebook.forms.filled import Filled
from smnotebook.forms.panel import Button, Group, Node, Notice, Table, Tone
from smnotebook.forms.upload.mending import LOSING, Checked, ProposalRow
from smnotebook.forms.upload.state import TICK, UploadState
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
            *(_repairs(state, checked, filled) if state.dispatch.report is None else ()),
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
        f"{report.errors:,} errors, {report.warnings:,} warnings."
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


def _repairs(state: UploadState, checked: Checked, filled: Filled) -> Iterator[Node]:
    rows = _lines(checked.proposals, filled)
    if not rows:
        return
    columns = ["Do it", "Repair", "Column", "Rows", "Before", "After"]
    yield Table(name="repairs", caption="Repairs that can be made", columns=columns, rows=rows)
    count = sum(row.count for row in checked.proposals if row.kind in state.ticked)
    label = f"Mend {count:,} cells" if count else "Mend what is ticked"
    tone = "primary" if checked.report.errors else "plain"
    button = Button(
        name="fix",
        label="Mending ..." if state.busy == "Mending" else label,
        tone=tone,  # type: ignore[arg-type]
        disabled="fix" not in state.actions,
    )
    yield Group(name="repairs-go", row=True, children=[button])


def _lines(proposals: tuple[ProposalRow, ...], filled: Filled) -> list[list[str | Node]]:
    """One line a kind and column; a kind is ticked as a whole, in its first line."""
    lines: list[list[str | Node]] = []
    seen: set[str] = set()
    for row in proposals:
        first = row.kind not in seen
        seen.add(row.kind)
        text = f"{row.text}; something is lost" if row.kind in LOSING else row.text
        tick: str | Node = filled.tick(TICK + row.kind, text) if first else ""
        lines.append([tick, text, row.column, f"{row.count:,}", row.before, row.after])
    return lines
