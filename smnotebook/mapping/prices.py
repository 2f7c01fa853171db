"""The prices of a table, judged together: which is paid, which was paid before, which carries tax.

The life of a judgement: columns in minor units, of other currencies and without tax are set aside where better ones
stand beside them; of those that are left one is the regular price, and one may be the reduced price, by what their
names say and never by their amounts alone. Where names and amounts leave two readings, that is a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from smnotebook.mapping.candidates import Candidate
from smnotebook.mapping.choices import Choice, Doubt, ask
from smnotebook.mapping.content import Looks
from smnotebook.values.rules import FieldRule

__all__ = ["PriceJudgement"]

#: Factors between a net and a gross column: from the lowest reduced rate (5 %) to Hungary's 27 %.
_TAX_FACTORS = (1.045, 1.275)
#: How far the factor of single rows may be from the usual one, for amounts that were rounded to the cent.
_FACTOR_TOLERANCE = 0.006
_CLEARLY_BETTER = 0.05
#: Meanings that leave open whether a column is the price of one piece for everybody.
_WEAK = ("unit", "base", "rrp")

_Kind = Literal["plain", "sale", "former"]


class PriceJudgement:
    """Which columns become ``price`` and ``discountPrice``, and what is asked about them.

    Parameters
    ----------
    found : iterable of Candidate
        The columns that may hold prices.
    currency, language : str or None
        Of the catalog, where known: they choose between columns for several.
    tax_percent : str or None
        The one rate that a column of the table names in every row.

    Attributes
    ----------
    rules : list of (FieldRule, float, str)
        Each with its score and the reason.
    doubts : list of Doubt
        What is asked.
    """

    def __init__(
        self,
        found: Iterable[Candidate],
        looks: Mapping[str, Looks],
        *,
        currency: str | None = None,
        language: str | None = None,
        tax_percent: str | None = None,
    ) -> None:
        self.rules: list[tuple[FieldRule, float, str]] = []
        self.doubts: list[Doubt] = []
        self._looks = looks
        self._tax_percent = tax_percent
        pool = sorted(found, key=lambda candidate: -candidate.score)
        pool = self._in_major_units(pool)
        pool = self._of_one_currency(pool, currency)
        pool = self._of_one_language(pool, language)
        pool = self._with_tax(pool)
        if pool:
            self._pick(pool)

    # --- what is set aside -------------------------------------------------------------------------------------

    def _in_major_units(self, pool: list[Candidate]) -> list[Candidate]:
        minor = [one for one in pool if self._is_minor(one)]
        major = [one for one in pool if one not in minor]
        if not minor or any(_kind(one) == "plain" for one in major):
            return major
        name = minor[0].column
        choices = [
            Choice(reading=f"{name} / 100", rules=(_rule("price", minor[:1], "minor_units"),)),
            Choice(reading=name, rules=(_rule("price", minor[:1]),)),
        ]
        self._ask("minor_units", choices, f"{name} seems to hold cents: whole numbers 100 times the price", minor[0])
        return []

    def _is_minor(self, one: Candidate) -> bool:
        is_whole = self._looks[one.column]["whole"] > 0.99 and self._looks[one.column]["cents"] == 0
        return is_whole and one.meaning.has("minor", "amount")

    def _of_one_currency(self, pool: list[Candidate], wanted: str | None) -> list[Candidate]:
        groups = _grouped(pool, lambda one: one.meaning.currency)
        codes = [code for code in groups if code]
        if wanted is not None and codes and wanted not in codes and not _plain(groups.get(None, [])):
            choices = [Choice(reading=one.column, rules=(_rule("price", [one]),)) for one in _plain(pool)]
            reason = f"The catalog is in {wanted}, and the columns of prices are in {' and '.join(codes)}"
            self._ask("currency", choices, reason, pool[0])
            return []
        if not codes or (len(codes) == 1 and not _plain(groups.get(None, []))):
            return pool
        if wanted in groups:
            return _kept(groups, wanted)
        chosen = None if _plain(groups.get(None, [])) else max(codes, key=lambda code: self._filled(groups[code]))
        leading = sorted(groups, key=lambda code: code != chosen)
        choices = [
            Choice(reading=plain[0].column, rules=(_rule("price", plain[:1]),))
            for code in leading
            if (plain := _plain(groups[code]))
        ]
        if len(choices) > 1:
            reason = f"There are prices in {' and '.join(codes)}, and a catalog has one currency"
            self._ask("currency", choices, reason, pool[0], argument=f"currency={codes[0]!r}")
        return _kept(groups, chosen)

    def _of_one_language(self, pool: list[Candidate], wanted: str | None) -> list[Candidate]:
        groups = _grouped(pool, lambda one: one.meaning.language)
        codes = [code for code in groups if code and _plain(groups[code])]
        if len(codes) < 2:
            return pool
        if wanted in codes:
            return _kept(groups, wanted)
        chosen = None if _plain(groups.get(None, [])) else max(codes, key=lambda code: self._filled(groups[code]))
        leading = sorted(groups, key=lambda code: code != chosen)
        choices = [
            Choice(reading=plain[0].column, rules=(_rule("price", plain[:1]),))
            for code in leading
            if (plain := _plain(groups[code]))
        ]
        reason = f"There are prices for {' and '.join(codes)}"
        self._ask("language", choices, reason, pool[0], argument=f"language={codes[0]!r}")
        return _kept(groups, chosen)

    def _filled(self, several: Sequence[Candidate]) -> float:
        return max(self._looks[one.column].filled for one in _plain(several) or several)

    def _with_tax(self, pool: list[Candidate]) -> list[Candidate]:
        """Gross columns instead of net ones; the tax is added where the table names its rate."""
        plain = _plain(pool)
        net = [one for one in plain if _is_net(one)]
        rest = [one for one in plain if one not in net]
        if net and not rest:
            former = [one for one in pool if _kind(one) == "former" and not _is_net(one)]
            if any(self._factor(one, net[0]) for one in former):
                return [one for one in pool if one not in net]
            return self._without_gross(pool, net[0])
        higher = [one for one in rest if not any(self._factor(other, one) for other in rest)]
        plain = higher or rest
        others = [one for one in pool if _kind(one) != "plain"]
        gross_kinds = {_kind(one) for one in others if not _is_net(one)}
        for one in others:
            if _is_net(one) and _kind(one) == "sale" and "sale" not in gross_kinds:
                self._ask_net("discountPrice", one, "the price beside it carries tax")
        return [one for one in pool if one in plain or (one in others and not _is_net(one))]

    def _without_gross(self, pool: list[Candidate], net: Candidate) -> list[Candidate]:
        if self._tax_percent is None:
            self._ask_net("price", net, "no column holds the price with tax")
            return []
        transform = f"add_tax:{self._tax_percent}"
        self._take("price", [net], f"net, with the {self._tax_percent} % that the table names", transform)
        sale = [one for one in pool if _kind(one) == "sale"]
        if sale:
            self._take("discountPrice", sale[:1], "a reduced price, by its name", transform if _is_net(sale[0]) else "")
        return []

    def _ask_net(self, name: str, net: Candidate, why: str) -> None:
        choices = [Choice(reading=net.column, rules=(_rule(name, [net]),))]
        if self._tax_percent is not None:
            taxed = _rule(name, [net], f"add_tax:{self._tax_percent}")
            choices.insert(0, Choice(reading=f"{net.column} + {self._tax_percent} %", rules=(taxed,)))
        argument = f"mapping.set({name!r}, {net.column!r}, transform='add_tax:RATE')"
        reason = f"{net.column} is net of tax by its name, and {why}"
        self._ask("net_price", choices, reason, net, argument=argument, name=name)

    # --- the choice ----------------------------------------------------------------------------------------------

    def _pick(self, pool: list[Candidate]) -> None:
        plain, sale, former = ([one for one in pool if _kind(one) == kind] for kind in ("plain", "sale", "former"))
        if not plain:
            self._without_plain(sale, former)
            return
        firm = [one for one in plain if not one.meaning.has(*_WEAK)]
        if not firm:
            choices = [Choice(reading=one.column, rules=(_rule("price", [one]),)) for one in plain]
            reason = f"{plain[0].column} may be a price per unit or a recommended one"
            self._ask("which_price", choices, reason, plain[0])
            return
        regular = [one for one in firm if one.meaning.has("regular", "list")]
        paid = [one for one in firm if one not in regular]
        if sale:
            self._beside_sale((regular or paid)[0], sale[0], paid or regular)
        elif former and paid:
            self._beside_former(former[0], paid)
        elif regular and paid:
            self._beside_regular(regular[0], paid)
        else:
            self._one_of(firm)

    def _without_plain(self, sale: list[Candidate], former: list[Candidate]) -> None:
        if former and sale:
            self._pair(former[0], sale[0], "the price before the reduction")
        elif former and self._looks[former[0].column].filled > 0.9:
            self._take("price", former[:1], "the only price of the table")
        else:
            one = (sale or former)[0]
            choices = [Choice(reading=one.column, rules=(_rule("price", [one]),))]
            reason = f"{one.column} is the only price, and is no regular one by its name"
            self._ask("which_price", choices, reason, one)

    def _beside_sale(self, regular: Candidate, sale: Candidate, rivals: list[Candidate]) -> None:
        if self._is_mostly_higher(sale, regular):
            choices = [
                Choice(reading=f"{sale.column}, reduced to {regular.column}", rules=_both(sale, regular)),
                Choice(reading=regular.column, rules=(_rule("price", [regular]),)),
            ]
            reason = f"{sale.column} is the reduced price by its name, and its amounts are the higher ones"
            self._ask("which_price", choices, reason, sale)
            return
        if not regular.meaning.has("regular", "list"):
            self._one_of(rivals)
        else:
            self._take("price", [regular], regular.reason)
        self._take("discountPrice", [sale], f"a reduced price, {sale.reason}")

    def _beside_former(self, former: Candidate, paid: list[Candidate]) -> None:
        if self._is_mostly_higher(former, paid[0]):
            self._pair(former, paid[0], "the higher of the former price and this one")
        else:
            self._one_of(paid)

    def _beside_regular(self, regular: Candidate, paid: list[Candidate]) -> None:
        """A regular or list price beside another: the same amounts, or a reduction that only the names can tell."""
        if not self._is_mostly_higher(regular, paid[0]):
            self._one_of(paid)
        elif regular.meaning.has("regular") or paid[0].meaning.has("current"):
            self._pair(regular, paid[0], "the higher of the regular price and this one")
        else:
            choices = [
                Choice(reading=paid[0].column, rules=(_rule("price", paid[:1]),)),
                Choice(reading=f"{regular.column}, reduced to {paid[0].column}", rules=_both(regular, paid[0])),
            ]
            reason = f"{regular.column} is above {paid[0].column}, and no name says that the price is reduced"
            self._ask("which_price", choices, reason, paid[0])

    def _one_of(self, plain: list[Candidate]) -> None:
        best = plain[0]
        rivals = [one for one in plain[1:] if self._is_rival(one, best)]
        if not rivals:
            self._take("price", [best], best.reason)
            return
        choices = [Choice(reading=one.column, rules=(_rule("price", [one]),)) for one in (best, *rivals)]
        listed = ", ".join(one.column for one in rivals)
        self._ask("which_price", choices, f"{best.column} and {listed} differ, and either may be the price", best)

    def _is_rival(self, other: Candidate, best: Candidate) -> bool:
        if best.score - other.score > _CLEARLY_BETTER or other.meaning.unknown > best.meaning.unknown:
            return False
        if best.meaning.concepts <= {"price", "item"} and other.meaning.has("main", "retail"):
            return False  # the price of one location, or the one that others are recommended to take
        left, right = self._pairs(other, best)
        return bool((np.abs(left - right) > 0.005).any())

    # --- amounts -------------------------------------------------------------------------------------------------

    def _pairs(self, one: Candidate, other: Candidate) -> tuple[np.ndarray, np.ndarray]:
        """The amounts of both where both are above 0."""
        left, right = self._looks[one.column].amounts, self._looks[other.column].amounts
        both = (left > 0) & (right > 0)
        return left[both], right[both]

    def _factor(self, gross: Candidate, net: Candidate) -> bool:
        """Whether one column is the other with tax: a constant factor within the rates that there are."""
        left, right = self._pairs(gross, net)
        if len(left) < 2:
            return False
        factors = left / right
        usual = float(np.median(factors))
        is_constant = float((np.abs(factors / usual - 1) <= _FACTOR_TOLERANCE).mean()) >= 0.98
        return is_constant and _TAX_FACTORS[0] <= usual <= _TAX_FACTORS[1]

    def _is_mostly_higher(self, one: Candidate, other: Candidate) -> bool:
        left, right = self._pairs(one, other)
        differ = np.abs(left - right) > 0.005
        return bool(differ.any() and (left[differ] > right[differ]).mean() > 0.5)

    # --- results -------------------------------------------------------------------------------------------------

    def _take(self, name: str, columns: Sequence[Candidate], reason: str, transform: str = "") -> None:
        self.rules.append((_rule(name, columns, transform), columns[-1].score, reason))

    def _pair(self, regular: Candidate, paid: Candidate, reason: str) -> None:
        self.rules += [
            (_both(regular, paid)[0], regular.score, reason),
            (_both(regular, paid)[1], paid.score, f"what is paid beside {regular.column}"),
        ]

    def _ask(
        self,
        code: str,
        choices: list[Choice],
        reason: str,
        about: Candidate,
        *,
        argument: str = "",
        name: str = "price",
    ) -> None:
        examples = self._looks[about.column].examples()
        self.doubts.append(ask(code, name, choices, reason, column=about.column, examples=examples, argument=argument))


def _rule(name: str, columns: Sequence[Candidate], transform: str = "") -> FieldRule:
    return FieldRule(field=name, columns=tuple(one.column for one in columns), transform=transform)


def _both(regular: Candidate, paid: Candidate) -> tuple[FieldRule, FieldRule]:
    """The regular price is the higher one in each row: a former price that is empty, 0 or lower reduces nothing."""
    return _rule("price", [regular, paid], "highest"), _rule("discountPrice", [paid])


def _kind(one: Candidate) -> _Kind:
    return "former" if one.meaning.has("former") else "sale" if one.meaning.has("sale") else "plain"


def _plain(several: Iterable[Candidate]) -> list[Candidate]:
    return [one for one in several if _kind(one) == "plain"]


def _is_net(one: Candidate) -> bool:
    return one.meaning.has("net") and not one.meaning.has("gross")


def _grouped(pool: Iterable[Candidate], key: Callable[[Candidate], str | None]) -> dict[str | None, list[Candidate]]:
    groups: dict[str | None, list[Candidate]] = {}
    for one in pool:
        groups.setdefault(key(one), []).append(one)
    return groups


def _kept(groups: Mapping[str | None, list[Candidate]], chosen: str | None) -> list[Candidate]:
    """The chosen group, and of those without a mark the kinds that it lacks."""
    kept = list(groups[chosen])
    kinds = {_kind(one) for one in kept}
    return kept + [one for one in groups.get(None, []) if one not in kept and _kind(one) not in kinds]
