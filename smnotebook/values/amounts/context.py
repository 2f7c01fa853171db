"""What readers of amounts share over one reading: the caller's answers, and the decision for each column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from smnotebook.contract.standards import currencies
from smnotebook.errors import UsageError
from smnotebook.values.amounts.currencies import (
    NO_CURRENCY,
    currencies_in,
    currency_in_name,
    currency_of,
    is_about,
    is_currency_column,
)
from smnotebook.values.amounts.deciding import Decision, Kind, decide
from smnotebook.values.amounts.evidence import AmountEvidence
from smnotebook.values.amounts.parsing import Parsed, parse
from smnotebook.values.periods import Orders

__all__ = ["AmountContext", "Survey", "Table", "checked_currency", "checked_mark"]


_Shown = TypeVar("_Shown")


def checked_mark(mark: str) -> str:
    """A decimal mark, or "" for none.

    Raises
    ------
    UsageError
        When it is neither a point nor a comma.
    """
    if mark not in {"", ".", ","}:
        raise UsageError(f"decimal must be '.' or ',', not {mark!r}.")
    return mark


def checked_currency(name: str) -> str:
    """The ISO code of a currency, or "" for none.

    Raises
    ------
    UsageError
        When there is no such currency.
    """
    code = currency_of(name, "") or name.upper()
    if code and code not in currencies():
        raise UsageError(f"currency={name!r} is no code of ISO 4217, such as 'EUR'.")
    return code


class Table(Protocol):
    """A table, or one chunk of it."""

    @property
    def names(self) -> Iterable[str]:
        """Its columns."""

    def __getitem__(self, name: str) -> pa.Array:
        """The cells of a column."""

    def typed(self, name: str) -> pa.Array:
        """The same with the marks of typed numbers."""


@dataclass(kw_only=True)
class Survey:
    """What the columns of a source show, looked up when somebody asks and then remembered.

    Attributes
    ----------
    tables : callable
        Gives the source's chunks from the beginning, as often as it is called.
    evidence : dict of str to AmountEvidence
        By column; one that the source does not have is there without any cells.
    in_use : dict of str to set of str
        The currencies that each currency column names.
    orders : dict of tuple of str to Orders
        What columns of dates prove about day and month.
    looks : dict of tuple to Any
        What other readers saw in columns.
    """

    tables: Callable[[], Iterable[Table]]
    evidence: dict[str, AmountEvidence] = field(default_factory=dict)
    in_use: dict[str, frozenset[str]] = field(default_factory=dict)
    orders: dict[tuple[str, ...], Orders] = field(default_factory=dict)
    looks: dict[tuple[str, Callable[[Iterable[pa.Array]], Any]], Any] = field(default_factory=dict)

    def look_at(self, names: Iterable[str], parsed: Callable[[pa.Array], Parsed] = parse) -> None:
        """Go through the source once for the columns that were not looked at before."""
        wanted = {name: AmountEvidence() for name in names if name not in self.evidence}
        if not wanted:
            return
        in_use: dict[str, frozenset[str]] = {}
        for table in self.tables():
            for name in table.names:
                if name in wanted:
                    wanted[name] = wanted[name].merged(AmountEvidence.of(parsed(table.typed(name))))
                if is_currency_column(name):
                    in_use[name] = in_use.get(name, frozenset()) | currencies_in(table[name])
        self.evidence |= wanted
        self.in_use = in_use

    def date_orders(self, names: Iterable[str]) -> Orders:
        """What the dates in these columns prove about day and month."""
        wanted = tuple(names)
        if wanted not in self.orders:
            columns = (table[name] for table in self.tables() for name in table.names if name in wanted)
            self.orders[wanted] = reduce(Orders.merged, map(Orders.of, columns), Orders())
        return self.orders[wanted]

    def shown(self, name: str, look: Callable[[Iterable[pa.Array]], _Shown]) -> _Shown:
        """What a column shows to somebody who looks at it, chunk by chunk; remembered by the column and the look.

        The chunks have the marks of typed numbers.
        """
        key = (name, look)
        if key not in self.looks:
            self.looks[key] = look(table.typed(name) for table in self.tables() if name in table.names)
        shown: _Shown = self.looks[key]
        return shown

    def of(self, column: str, parsed: Callable[[pa.Array], Parsed]) -> AmountEvidence:
        """The evidence of a column, or of several that fill one field and are named as ``"a, b"``."""
        parts = column.split(", ")
        self.look_at([column, *parts], parsed)
        own = self.evidence[column]
        return own if own.by_currency else reduce(AmountEvidence.merged, map(self.evidence.__getitem__, parts))


@dataclass(kw_only=True)
class AmountContext:
    """The answers and decisions of one reading; every chunk of it uses the same one.

    Attributes
    ----------
    decimal : str, or mapping of str to str
        The decimal mark of all columns, or of some by name.
    currency : str
        The currency of the prices, as the caller named it.
    survey : Survey or None
        Evidence over the whole source; None where the columns that are read are all there is.
    decisions : dict of tuple to Decision
        What was decided, by kind, column and the answers of a rule; filled while columns are read.
    """

    decimal: str | Mapping[str, str] = ""
    currency: str = ""
    survey: Survey | None = None
    decisions: dict[tuple[Kind, str, str, str], Decision] = field(default_factory=dict)
    _parsed: tuple[pa.Array, Parsed] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for mark in [self.decimal] if isinstance(self.decimal, str) else self.decimal.values():
            checked_mark(mark)
        self.currency = checked_currency(self.currency)

    def anew(self) -> AmountContext:
        """A context with the same answers, in which nothing is decided yet."""
        return AmountContext(decimal=self.decimal, currency=self.currency)

    def parsed(self, column: pa.Array) -> Parsed:
        """The column taken apart; the last one is remembered, since it is surveyed and then read."""
        if self._parsed is None or self._parsed[0] is not column:
            self._parsed = (column, parse(column))
        return self._parsed[1]

    def remember(self, kind: Kind, column: str, decision: Decision) -> None:
        """Take over a decision that was taken elsewhere."""
        self.decisions[(kind, column, "", "")] = decision

    def decision(self, kind: Kind, column: str | None, parsed: Parsed, *, decimal: str, currency: str) -> Decision:
        """The decision for a column, taken on first sight; ``decimal`` and ``currency`` are what a rule says of it."""
        key = (kind, column or "", decimal, currency)
        if column is not None and key in self.decisions:
            return self.decisions[key]
        of_caller = self.decimal if isinstance(self.decimal, str) else self.decimal.get(column or "", "")
        evidence = (
            AmountEvidence.of(parsed) if column is None or self.survey is None else self.survey.of(column, self.parsed)
        )
        if not evidence.by_currency:  # a column that was made of others
            evidence = AmountEvidence.of(parsed)
        in_use = (self.survey.in_use if self.survey else {}).items()

        def speaks(name: str, codes: frozenset[str]) -> bool:
            return NO_CURRENCY not in codes and is_about(name, column or "")

        decision = decide(
            evidence,
            kind=kind,
            decimal=decimal or of_caller,
            currency=(currency or self.currency) if kind == "amount" else "",
            named=currency_in_name(column or ""),
            others=tuple(code for name, codes in in_use if speaks(name, codes) for code in codes),
        )
        if column is not None:
            self.decisions[key] = decision
        return decision
