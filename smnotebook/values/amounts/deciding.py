"""What a column's marks mean, decided once from its evidence: pure, by the table that ``Decision`` names.

The rules, the first that fits: what the caller said (9); currencies without cents (10) and with three decimals (11);
contradiction (12); a proven decimal mark (13); proven groups (14); nothing (16). Two exceptions to 10 and 11, since a
column that writes 12990.000 Ft writes 990.000 Ft in the same way: a mark that is proven to stand before three decimals
is decimal in forints too, and one that is proven to group does so in dinars.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from smnotebook.values.amounts.evidence import AmountEvidence, Tally
from smnotebook.values.amounts.parsing import COMMA, POINT

__all__ = ["Decision", "Kind", "Reading", "decide"]

Kind = Literal["amount", "count"]
Reading = Literal["decimal", "groups", "open"]

#: Fewer proofs than this share of the open cells prove nothing (17).
LEAST_PROOF = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How every cell of one column is read, wherever in the source it is.

    Attributes
    ----------
    kind : {"amount", "count"}
        Counts are whole and have no currency.
    point, comma : {"decimal", "groups", "open"}
        What the mark means before exactly three digits; ``"open"`` leaves such cells as they are.
    proven : bool
        Whether that rests on other cells of the column, so that sizes far from theirs are doubted.
    thousandths, grouping : str
        Marks that are proven to stand before three decimals, and to group: they hold for currencies without cents and
        with three decimals too.
    median : float or None
        Middle size of the proven cells.
    extent : (float, float) or None
        Smallest and largest size of the proven cells: what lies between them is not doubted.
    told : str
        The decimal mark that the caller named, "" for none; cells that prove another are left as they are.
    currency : str
        ISO code of cells that name none.
    only : str
        The currency that the caller named: cells in another one are left as they are.
    currencies : tuple of str
        The currencies found, where they are more than one and the caller named none, or a column beside this one names
        several: all cells are left as they are.
    reason : str
        Why, as one plain sentence.
    """

    kind: Kind = "amount"
    point: Reading = "open"
    comma: Reading = "open"
    proven: bool = False
    thousandths: str = ""
    grouping: str = ""
    median: float | None = None
    extent: tuple[float, float] | None = None
    told: str = ""
    currency: str = ""
    only: str = ""
    currencies: tuple[str, ...] = ()
    reason: str = ""

    def agreed(self, other: Decision) -> Decision:
        """What holds for cells of either column: a mark that the two read differently stays open."""
        if self.kind != other.kind or self.currencies or other.currencies:
            return replace(self, point="open", comma="open", told="", currency="", thousandths=".,", grouping=".,")
        return replace(
            self,
            point=self.point if self.point == other.point else "open",
            comma=self.comma if self.comma == other.comma else "open",
            told=self.told if self.told == other.told else "",
            currency=self.currency if self.currency == other.currency else "",
        )

    def to_dict(self) -> dict[str, Any]:
        """The decision as plain JSON values."""
        extent = None if self.extent is None else list(self.extent)
        return {**asdict(self), "currencies": list(self.currencies), "extent": extent}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Decision:
        """The decision that :meth:`to_dict` wrote."""
        extent = facts.get("extent")
        read = {"currencies": tuple(facts["currencies"]), "extent": None if extent is None else tuple(extent)}
        return cls(**{**facts, **read})


def decide(
    evidence: AmountEvidence,
    *,
    kind: Kind = "amount",
    decimal: str = "",
    currency: str = "",
    named: str = "",
    others: tuple[str, ...] = (),
) -> Decision:
    """Decide for a column.

    Parameters
    ----------
    decimal : {"", ".", ","}
        The decimal mark, where somebody knows it.
    currency : str
        The currency that the caller named.
    named : str
        The currency that the column's name speaks of.
    others : tuple of str
        What a currency column beside it holds.

    Returns
    -------
    Decision
        With ``"open"`` for marks that stay a question.
    """
    found = tuple(sorted({*evidence.currencies, *others})) if kind == "amount" else ()
    tally = evidence.total("", currency) if currency else evidence.total()
    decimals = {mark for mark in _SIGN if tally.decimal(mark)}
    witnesses = {mark: tally.groups(mark) + (_whole(tally, mark) if kind == "count" else 0) for mark in _SIGN}
    groups = {mark for mark, count in witnesses.items() if count}
    undecided = Decision(
        kind=kind,
        thousandths="".join(_SIGN[mark] for mark in decimals if tally.thousandths(mark)),
        grouping="".join(_SIGN[mark] for mark in groups),
        median=tally.median(with_open=kind == "count"),
        extent=tally.extent(with_open=kind == "count"),
        currency=(currency or (found[0] if found else named)) if kind == "amount" else "",
        only=currency,
        currencies=found if len(found) > 1 and (not currency or len(others) > 1) else (),
    )
    if decimal:
        told = replace(undecided, told=decimal, median=None, extent=None, reason=f"decimal={decimal!r} says so")
        return _with_marks(told, decimal)
    if len(decimals) == 2 or len(groups) == 2 or decimals & groups:
        return replace(undecided, reason=_contradiction(evidence, kind))
    if not decimals | groups:
        return replace(undecided, reason="nothing in the column says what its mark means")
    waiting = sum(tally.open(mark) - (_whole(tally, mark) if kind == "count" else 0) for mark in _SIGN)
    proofs = sum(map(tally.decimal, decimals)) or sum(witnesses.values())
    if proofs < LEAST_PROOF * waiting:
        reason = f"too few cells show what their mark means: {proofs}, beside {waiting} that do not"
        return replace(undecided, reason=reason)
    reason = f"other cells of the column show it: {', '.join(_proofs(evidence, decimals, groups))}"
    decided = replace(undecided, proven=True, reason=reason)
    if decimals:
        return _with_marks(decided, "".join(_SIGN[mark] for mark in decimals))
    return replace(
        decided,
        point="groups" if POINT in groups else "open",
        comma="groups" if COMMA in groups else "open",
    )


def _with_marks(decision: Decision, decimal: str) -> Decision:
    """One mark decimal, the other one groups."""
    is_point = decimal == "."
    return replace(decision, point="decimal" if is_point else "groups", comma="groups" if is_point else "decimal")


_SIGN = {POINT: ".", COMMA: ","}


def _whole(tally: Tally, mark: int) -> int:
    """Counts such as 1.250: there is no quarter of a product, so the mark groups."""
    return tally.open(mark) - tally.round(mark)


def _contradiction(evidence: AmountEvidence, kind: Kind) -> str:
    shown = list(_proofs(evidence, {POINT, COMMA}, {POINT, COMMA}))
    if kind == "count":
        shown += evidence.examples.get("open", ())[:1]
    return f"the column writes numbers in more than one way: {', '.join(dict.fromkeys(shown))}"


def _proofs(evidence: AmountEvidence, decimals: set[int], groups: set[int]) -> list[str]:
    kinds = ["plain decimal"] if POINT in decimals else []
    kinds += [f"{_SIGN[mark]} decimal" for mark in sorted(decimals)] + [
        f"{_SIGN[mark]} groups" for mark in sorted(groups)
    ]
    return list(dict.fromkeys(text for kind in kinds for text in evidence.examples.get(kind, ())[:1]))
