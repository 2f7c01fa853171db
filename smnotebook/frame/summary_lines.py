"""The lines of a preflight summary: one for each field and rule, one for each fault of the whole table."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from smnotebook.frame.display import show_value, visible
from smnotebook.frame.findings import Finding, TableFinding
from smnotebook.render.preflight import SummaryLine
from smnotebook.values.report import ATTRIBUTE, open_questions, reading_report

__all__ = ["line_of_cells", "line_of_table", "notes_of_reading"]


def line_of_cells(found: Finding) -> SummaryLine:
    """One rule and how many cells of a column break it."""
    rule = found.faults.rule
    return SummaryLine(
        field=visible(found.binding.path),
        column=visible(str(found.binding.label)),
        severity=rule.severity,
        reason_code=None if rule.reason_code is None else int(rule.reason_code),
        message=rule.text,
        count=len(found.faults.positions),
        example=show_value(found.value_at(0)),
        suggestion=rule.suggestion,
    )


def line_of_table(found: TableFinding) -> SummaryLine:
    """What is wrong with the table as a whole."""
    return SummaryLine(
        field=visible(found.field or ""),
        column=visible(found.column or ""),
        severity=found.severity,
        reason_code=found.reason_code,
        message=visible(found.message.rpartition("|")[2]),
        count=1,
        example=None,
        suggestion=visible(found.suggestion),
    )


def notes_of_reading(frame: pd.DataFrame) -> Iterator[str]:
    """What the reading of the file wants looked at, where the frame still tells."""
    if ATTRIBUTE not in frame.attrs:
        return
    yield from (f"asks: {visible(str(question))}" for question in open_questions(frame))
    for finding in reading_report(frame).warnings:
        where = f"{finding.field}: " if finding.field else ""
        count = f"{finding.count:,} x " if finding.count else ""
        examples = f", e.g. {show_value(finding.examples[0])!r}" if finding.examples else ""
        yield f"{where}{count}{visible(finding.message)}{examples}"
