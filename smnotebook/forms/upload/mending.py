"""A frame that was checked: what preflight says, and the repairs to choose from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smnotebook.frame.display import show_value
from smnotebook.frame.fixes import Fixes, find_fixes
from smnotebook.frame.preflight import preflight
from smnotebook.frame.report import PreflightReport

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LOSING", "Checked", "FindingRow", "ProposalRow", "check_frame"]

#: Kinds of findings that a form lists; the file of issues has all of them.
SHOWN_FINDINGS = 50

#: Repairs that lose something: proposed, never ticked by the form itself.
LOSING = frozenset({"trim", "duplicates"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One rule broken in one column, as a line to read."""

    column: str
    verdict: str
    count: int
    example: str
    suggestion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One kind of repair in one column, as a line to read."""

    kind: str
    text: str
    column: str
    count: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A frame and what is to be said about it."""

    frame: pd.DataFrame = field(repr=False)
    report: PreflightReport
    findings: tuple[FindingRow, ...]
    fixes: Fixes

    @property
    def proposals(self) -> tuple[ProposalRow, ...]:
        """The repairs, those of one kind together."""
        order = list(dict.fromkeys(proposal.kind for proposal in self.fixes.proposals))
        rows = [_row(proposal) for proposal in self.fixes.proposals]
        return tuple(sorted(rows, key=lambda row: order.index(row.kind)))

    @property
    def ticks(self) -> Mapping[str, bool]:
        """Every kind of repair, and whether it is safe enough to be chosen beforehand."""
        return {row.kind: row.kind not in LOSING for row in self.proposals}

    def mend(self, kinds: Collection[str]) -> pd.DataFrame:
        """A mended copy."""
        return self.fixes.apply(kinds)


def _row(proposal: Any) -> ProposalRow:
    is_dropped = proposal.kind == "duplicates"
    return ProposalRow(
        kind=proposal.kind,
        text=proposal.text,
        column=str(proposal.binding.label),
        count=len(proposal.positions),
        before=show_value(proposal.before[0]) or "",
        after="the row goes" if is_dropped else show_value(proposal.after[0]) or "",
    )


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
    """Preflight and every repair that can be proposed."""
    report = preflight(frame)
    return Checked(
        frame=frame,
        report=report,
        findings=tuple(_finding(line) for line in report.summary().head(SHOWN_FINDINGS).to_dict("records")),
        fixes=find_fixes(frame, trim=True, duplicates="first"),
    )
