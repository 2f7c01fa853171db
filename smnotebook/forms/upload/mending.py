"""What preflight says about a frame, and the repairs to choose from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from smnotebook.frame.display import show_value
from smnotebook.frame.fixes import Fixes, Kinds, find_fixes
from smnotebook.frame.preflight import preflight
from smnotebook.frame.proposing import Proposal
from smnotebook.frame.report import PreflightReport

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LOSING", "Checked", "FindingRow", "RepairRow", "Repairs", "check_frame", "find_repairs"]

#: Kinds of findings that a form lists; the file of issues has all of them.
SHOWN_FINDINGS = 50

#: Cells that a form shows of a repair, and how many are searched for cells that differ.
SHOWN_EXAMPLES, _LOOKED_AT = 3, 100

#: Repairs that lose something: proposed, never ticked by the form itself.
LOSING = frozenset({"trim", "bad_images", "duplicates"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One rule broken in one column, as a line to read."""

    column: str
    verdict: str
    count: int
    example: str
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRow:
    """One kind of repair in one column, as lines to read.

    Attributes
    ----------
    key : str
        What it is ticked by.
    examples : tuple of (str, str)
        Some cells before and after.
    """

    key: str
    kind: str
    text: str
    column: str
    count: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A frame and what is to be said about it."""

    frame: pd.DataFrame = field(repr=False)
    report: PreflightReport
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """The repairs that can be proposed; those of one kind stand together."""

    fixes: Fixes
    rows: tuple[RepairRow, ...]

    @property
    def ticks(self) -> Mapping[str, bool]:
        """Every repair by its key, and whether it is safe enough to be chosen beforehand."""
        return {row.key: row.kind not in LOSING for row in self.rows}

    def kinds(self, keys: Collection[str]) -> Kinds:
        """The chosen ones as ``df.salesmanago.fix`` takes them; columns are named only where some are left out."""
        columns: dict[str, list[str]] = {}
        for row in self.rows:
            if row.key in keys:
                columns.setdefault(row.kind, []).append(row.column)
        is_whole = all(row.key in keys or row.kind not in columns for row in self.rows)
        return list(columns) if is_whole else columns

    def mend(self, kinds: Kinds) -> pd.DataFrame:
        """A mended copy."""
        return self.fixes.apply(kinds)


def _row(proposal: Proposal) -> RepairRow:
    column = str(proposal.binding.label)
    return RepairRow(
        key=f"{proposal.kind} {column}",
        kind=proposal.kind,
        text=proposal.text,
        column=column,
        count=len(proposal.positions),
        examples=tuple(_examples(proposal)),
    )


def _examples(proposal: Proposal) -> Iterator[tuple[str, str]]:
    """The first cells that differ from each other."""
    is_dropped = proposal.kind == "duplicates"
    shown = (
        (_visible(before), "the row goes" if is_dropped else _visible(after))
        for before, after in zip(proposal.before[:_LOOKED_AT], proposal.after[:_LOOKED_AT], strict=True)
    )
    yield from islice(dict.fromkeys(shown), SHOWN_EXAMPLES)


def _visible(value: object) -> str:
    """A cell to read; blanks at its ends can be seen."""
    text = show_value(value) or ""
    return f'"{text}"' if isinstance(value, str) and text != text.strip() else text


def _finding(line: Mapping[Any, Any]) -> FindingRow:
    return FindingRow(
        column=line["column"] or line["field"] or "",
        verdict=f"{line['severity']}: {line['message']}",
        count=line["count"],
        example=line["example"] if isinstance(line["example"], str) else "",
        suggestion=_without_code(line["suggestion"]),
    )


# What an analyst calls, this form offers to tick.
_CALL = re.compile(r"[^.;:]*\bfix\([^.]*\.?")


def _without_code(suggestion: str) -> str:
    """The advice for people who press buttons: sentences that name a method give way to the repairs below."""
    plain = _CALL.sub("", suggestion).strip(" ;:")
    return suggestion if plain == suggestion.strip(" ;:") else f"{plain}. See the repairs below.".lstrip(". ")


def check_frame(frame: pd.DataFrame) -> Checked:
    """What preflight says."""
    report = preflight(frame)
    lines = report.summary().head(SHOWN_FINDINGS).to_dict("records")
    return Checked(frame=frame, report=report, findings=tuple(map(_finding, lines)))


def find_repairs(frame: pd.DataFrame) -> Repairs:
    """Every repair that can be proposed, those that lose something too."""
    fixes = find_fixes(frame, trim=True, drop_bad_images=True, duplicates="first")
    order = list(dict.fromkeys(proposal.kind for proposal in fixes.proposals))
    rows = sorted(map(_row, fixes.proposals), key=lambda row: order.index(row.kind))
    return Repairs(fixes=fixes, rows=tuple(rows))
