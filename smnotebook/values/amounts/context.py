"""What readers of amounts share over one reading: the caller's answers, and the decision for each column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from smnotebook.contract.standards import currencies
from smnotebook.errors import UsageError
from smnotebook.values.amounts.currencies import currency_in_name, currency_of
from smnotebook.values.amounts.deciding import Decision, Kind, decide
from smnotebook.values.amounts.evidence import AmountEvidence
from smnotebook.values.amounts.parsing import Parsed, parse

__all__ = ["AmountContext", "checked_mark"]

#: Finds the evidence of the named columns over the whole source; columns that it does not know are left out.
Survey = Callable[[tuple[str, ...]], Mapping[str, AmountEvidence]]


def checked_mark(mark: str) -> str:
    """A decimal mark.

    Raises
    ------
    UsageError
        When it is neither a point nor a comma.
    """
    if mark not in {".", ","}:
        raise UsageError(f"decimal must be '.' or ',', not {mark!r}.")
    return mark


@dataclass(kw_only=True)
class AmountContext:
    """The answers and decisions of one reading; every chunk of it uses the same one.

    Attributes
    ----------
    decimal : str, or mapping of str to str
        The decimal mark of all columns, or of some by name.
    currency : str
        ISO code of the prices.
    survey : callable or None
        Evidence over the whole source; None where the columns that are read are the whole.
    currency_column : tuple of str
        The currencies that a currency column names, over the whole source.
    decisions : dict of (str, str) to Decision
        What was decided, by kind and column; filled while columns are read.
    """

    decimal: str | Mapping[str, str] = ""
    currency: str = ""
    survey: Survey | None = None
    currency_column: tuple[str, ...] = ()
    decisions: dict[tuple[Kind, str], Decision] = field(default_factory=dict)
    _parsed: tuple[pa.Array, Parsed] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for mark in [self.decimal] if isinstance(self.decimal, str) else self.decimal.values():
            if mark:
                checked_mark(mark)
        if self.currency:
            code = currency_of(self.currency, "") or self.currency.upper()
            if code not in currencies():
                raise UsageError(f"currency={self.currency!r} is no ISO 4217 code such as 'EUR'.")
            self.currency = code

    def parsed(self, column: pa.Array) -> Parsed:
        """The column taken apart; the last one is remembered, since it is surveyed and then read."""
        if self._parsed is None or self._parsed[0] is not column:
            self._parsed = (column, parse(column))
        return self._parsed[1]

    def decision(self, kind: Kind, column: str | None, parsed: Parsed, *, decimal: str = "") -> Decision:
        """The decision for a column, taken on first sight; ``decimal`` is the mark that a rule of it names."""
        mark = decimal or (self.decimal if isinstance(self.decimal, str) else self.decimal.get(column or "", ""))
        known = self.decisions.get((kind, column)) if column is not None else None
        if known is not None:
            return known
        decision = decide(
            self._evidence(column, parsed),
            kind=kind,
            decimal=mark,
            currency=self.currency if kind == "amount" else "",
            named=currency_in_name(column or ""),
            others=self.currency_column,
        )
        if column is not None:
            self.decisions[(kind, column)] = decision
        return decision

    def _evidence(self, column: str | None, parsed: Parsed) -> AmountEvidence:
        if self.survey is not None and column is not None:
            # several columns that fill one field are read as one
            names = (column, *column.split(", "))
            found = self.survey(names)
            if column in found:
                return found[column]
            if found.keys() >= set(names[1:]):
                evidence = AmountEvidence()
                for name in names[1:]:
                    evidence = evidence.merged(found[name])
                return evidence
        return AmountEvidence.of(parsed)
