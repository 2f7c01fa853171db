"""A mapping suggested for a table nobody has a preset for: names and cells judged together, doubts asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd
import pyarrow.compute as pc

from smnotebook.errors import UsageError
from smnotebook.mapping.candidates import GOOD_ENOUGH, Candidate, candidates, is_codes, withheld
from smnotebook.mapping.choices import Choice, Doubt, ask
from smnotebook.mapping.content import Looks, spread
from smnotebook.mapping.field_mapping import Mapping, labels_of
from smnotebook.mapping.names import Meaning, likeness, meaning_of, named_fields
from smnotebook.mapping.prices import PriceJudgement
from smnotebook.mapping.remembered import recall
from smnotebook.values.cells import from_series
from smnotebook.values.findings import Journal
from smnotebook.values.rules import TEMPLATE, FieldRule, is_list_field
from smnotebook.values.transforms import PRODUCT_FIELDS
from smnotebook.values.words import read_availability, read_sold_out

__all__ = ["suggest_mapping"]

#: Cells of a column whose name says nothing; they tell only addresses and personal data.
_GLANCE = 2_000
#: A name that says less than this of a required field is asked about.
_SURE = 0.65
#: Two columns this close to each other are asked about, the better one taken meanwhile.
_CLOSE = 0.02

# The language of a shop that sells in a currency, where a table has texts in several.
_LANGUAGE_OF = {"PLN": "pl", "CZK": "cs", "HUF": "hu", "RON": "ro", "TRY": "tr", "UAH": "uk", "SEK": "sv", "DKK": "da",
                "NOK": "nb", "BGN": "bg", "GBP": "en", "USD": "en", "BRL": "pt", "RUB": "ru"}  # fmt: skip
_REQUIRED = tuple(name for name, declared in PRODUCT_FIELDS.items() if declared.required)


def suggest_mapping(
    frame: pd.DataFrame,
    *,
    url_template: str | None = None,
    currency: str | None = None,
    language: str | None = None,
    learned: bool = True,
) -> Mapping:
    """Suggest which columns hold which fields.

    Whole columns are looked at. What names and cells do not decide is asked: see :attr:`Mapping.questions`. Personal
    data, purchase prices and prices for the trade are withheld by name: see :attr:`Mapping.refused`.

    Parameters
    ----------
    url_template : str
        Builds ``productUrl`` where no column holds an address.
    currency : str
        The catalog's, for example ``"PLN"``: chooses between prices in several currencies.
    language : str
        Two letters, for example ``"pl"``: chooses between texts in several languages. Without it the currency's
        language is taken, or that of most cells, and asked about.
    learned : bool
        Whether a mapping that you edited for a table with the same columns is offered again.

    Raises
    ------
    UsageError
        When the table has no columns.
    """
    if not len(frame.columns):
        raise UsageError("The table has no columns to map.")
    table = _Table(frame)
    known = recall(table.looks) if learned else None
    if known is not None:
        return table.finished(known, url_template)
    wanted = language or _LANGUAGE_OF.get(currency or "")
    found = [one for name in table.open for one in candidates(name, table.meanings[name], table.looks[name])]
    texts, doubts = _of_one_language([one for one in found if one.field != "price"], table, wanted)
    chosen = _choose(texts)
    prices = PriceJudgement(
        (one for one in found if one.field == "price"),
        table.looks,
        currency=currency,
        language=wanted,
        tax_percent=table.tax_percent,
    )
    mapping = _as_mapping(chosen, table, texts)
    for rule, score, reason in prices.rules:
        mapping = _noted(mapping, rule, score, reason)
    reductions = {rule.field for doubt in prices.doubts for choice in doubt.choices for rule in choice.rules}
    if "discountPrice" not in {*mapping.fields, *reductions}:
        mapping = mapping.without("discountFrom", "discountTo", "onSale")
    mapping = replace(mapping, doubts=(*doubts, *prices.doubts, *mapping.doubts))
    return table.finished(mapping, url_template)


class _Table:
    """A frame's columns: what their names say, what their cells are, and which are withheld."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.meanings: dict[str, Meaning] = {}
        self.looks: dict[str, Looks] = {}
        self.refused: dict[str, str] = {}
        for name, position in labels_of(frame).items():
            meaning = meaning_of(name)
            is_named = any(likeness(meaning, field) for field in named_fields()) or meaning.has("tax", "percent")
            cells = frame.iloc[:, position] if is_named else frame.iloc[spread(len(frame), _GLANCE), position]
            self.meanings[name], self.looks[name] = meaning, Looks(from_series(cells))
            if reason := withheld(meaning, self.looks[name]):
                self.refused[name] = reason

    @property
    def open(self) -> list[str]:
        """The columns that may be sent."""
        return [name for name in self.looks if name not in self.refused]

    @property
    def tax_percent(self) -> str | None:
        """The one rate of tax that a column names in every row; None where there is none, or several."""
        for name in self.open:
            meaning, looks = self.meanings[name], self.looks[name]
            if (
                meaning.has("tax")
                and not meaning.has("id", "code", "name", "price", "type")
                and looks.filled
                and looks.is_constant
            ):
                text = looks.examples()[0].strip().removesuffix("%").strip().replace(",", ".")
                if looks.filled > 0.99 and text.replace(".", "", 1).isdecimal() and 4 < float(text) < 30:
                    return f"{float(text):g}"
        return None

    def codes_for(self, field: str) -> str | None:
        """A column that the field's name fits and whose cells are codes."""
        fitting = (name for name in self.open if likeness(self.meanings[name], field) >= GOOD_ENOUGH)
        return next((name for name in fitting if is_codes(self.looks[name])), None)

    def finished(self, mapping: Mapping, url_template: str | None) -> Mapping:
        """The mapping with what follows from others, and a question for each required field that is empty."""
        mapping = _derived(mapping, self, url_template)
        doubts = [doubt for doubt in mapping.doubts if doubt.question.field not in _answered(mapping, url_template)]
        asked = {doubt.question.field for doubt in doubts}
        doubts += [self._no_column(name) for name in _REQUIRED if name not in mapping and name not in asked]
        used = {column for rule in mapping.rules for column in rule.columns}
        left = tuple(name for name in self.open if name not in used)
        return replace(
            mapping, doubts=tuple(doubts), refused=self.refused, unmapped=left, is_suggested=True, is_edited=False
        )

    def _no_column(self, field: str) -> Doubt:
        codes = self.codes_for(field) if field == "mainCategory" else None
        argument = "url_template='https://…/{productId}'" if field == "productUrl" else ""
        if codes is not None:
            examples = self.looks[codes].examples()
            reason = f"{codes} holds codes or kinds of rows, not names of categories"
            return ask("no_column", field, (), reason, column=codes, examples=examples, argument=argument)
        return ask("no_column", field, (), f"No column holds {field}", argument=argument)


def _answered(mapping: Mapping, url_template: str | None) -> set[str]:
    return {"productUrl"} if url_template is not None and "productUrl" in mapping else set()


def _of_one_language(found: list[Candidate], table: _Table, wanted: str | None) -> tuple[list[Candidate], list[Doubt]]:
    """Of columns that differ in the language of their texts those in one, and what is asked about it."""
    several = {
        field: languages
        for field in named_fields()
        if len(languages := _languages(one for one in found if one.field == field)) > 1
    }
    doubts = [_asked_of_list(one, table) for one in found if one.field == "name" and table.looks[one.column].is_list]
    if not several:
        return found, doubts[:1]
    filled: dict[str, float] = {}
    for one in found:
        if one.meaning.language and one.field in several:
            filled[one.meaning.language] = filled.get(one.meaning.language, 0) + table.looks[one.column].filled
    chosen = wanted if wanted in filled else max(filled, key=filled.__getitem__)
    kept = [one for one in found if one.field not in several or one.meaning.language in (None, chosen)]
    if chosen == wanted:
        return kept, doubts[:1]
    for field, languages in several.items():
        ordered = sorted(languages.items(), key=lambda item: item[0] != chosen)
        choices = [Choice(reading=name, rules=(FieldRule(field=field, columns=(name,)),)) for _, name in ordered]
        reason = f"{field} stands there in {len(languages)} languages"
        examples = table.looks[choices[0].reading].examples()
        argument = f"language={chosen!r}"
        column = choices[0].reading
        doubts.append(ask("language", field, choices, reason, column=column, examples=examples, argument=argument))
    return kept, doubts


def _languages(found: Iterable[Candidate]) -> dict[str, str]:
    """Each language with its best column."""
    best: dict[str, Candidate] = {}
    for one in found:
        language = one.meaning.language
        if language is not None and (language not in best or one.score > best[language].score):
            best[language] = one
    return {language: one.column for language, one in best.items()}


def _asked_of_list(one: Candidate, table: _Table) -> Doubt:
    choices = [Choice(reading=one.column, rules=(FieldRule(field="name", columns=(one.column,), transform="first"),))]
    reason = f"A cell of {one.column} holds several texts, as in several languages; the first is taken"
    examples = table.looks[one.column].examples()
    return ask("language", one.field, choices, reason, column=one.column, examples=examples)


def _choose(found: list[Candidate]) -> dict[str, list[Candidate]]:
    """The best column for each field and the best field for each column; list fields take several."""
    ranked = sorted(found, key=lambda one: -one.score)
    chosen: dict[str, list[Candidate]] = {}
    taken: set[str] = set()
    for one in ranked:
        if one.score < GOOD_ENOUGH or one.column in taken or (one.field not in _REQUIRED and not _is_sure(one)):
            continue
        if one.field in chosen and not is_list_field(one.field):
            continue
        chosen.setdefault(one.field, []).append(one)
        taken.add(one.column)
    _gather(ranked, chosen, taken)
    return chosen


def _is_sure(one: Candidate) -> bool:
    named = likeness(one.meaning, one.field)
    return named == 0 or named >= _SURE


def _gather(ranked: list[Candidate], chosen: dict[str, list[Candidate]], taken: set[str]) -> None:
    """Further columns of images and categories go into the lists."""
    for single, several in (("mainImageUrl", "imageUrls"), ("mainCategory", "categories")):
        if single not in chosen:
            continue
        first = chosen[single][0].meaning
        rest = [one for one in ranked if one.field == single and one.column not in taken and _is_sure(one)]
        for one in sorted(rest, key=lambda one: one.meaning.number):
            is_next = one.meaning.concepts == first.concepts and one.meaning.number > first.number
            if single == "mainImageUrl" or is_next or one.meaning.has("plural", "extra"):
                chosen.setdefault(several, []).append(replace(one, field=several, reason="a further one"))
                taken.add(one.column)


def _as_mapping(chosen: dict[str, list[Candidate]], table: _Table, found: list[Candidate]) -> Mapping:
    mapping = Mapping(rules=())
    doubts: list[Doubt] = []
    for name, several in chosen.items():
        columns = tuple(dict.fromkeys(one.column for one in several))
        best = several[0]
        looks = table.looks[best.column]
        if name == "discountPeriod":
            if chosen.keys().isdisjoint(("discountFrom", "discountTo")):
                for end, transform in (("discountFrom", "period_start"), ("discountTo", "period_end")):
                    rule = FieldRule(field=end, columns=columns, transform=transform)
                    mapping = _noted(mapping, rule, best.score, best.reason)
            continue
        rule = FieldRule(field=name, columns=columns, transform=_transform(name, best.meaning, looks))
        if name in _REQUIRED and not _is_sure(best):
            choice = Choice(reading=best.column, rules=(rule,))
            reason = f"{best.column} is the likeliest column for {name}, and its name does not say so"
            doubts.append(ask("which_column", name, [choice], reason, column=best.column, examples=looks.examples()))
            continue
        mapping = _noted(mapping, rule, best.score, best.reason)
        doubts += _rivals(best, found, table)
    return replace(mapping, doubts=tuple(doubts))


def _rivals(best: Candidate, found: list[Candidate], table: _Table) -> Iterator[Doubt]:
    """A question where another column is as likely the name or the category, and holds something else."""
    if best.field not in ("name", "mainCategory"):
        return
    rivals = [
        one
        for one in found
        if one.field == best.field
        and one.column != best.column
        and one.meaning.concepts != best.meaning.concepts
        and best.score - one.score <= _CLOSE
        and not table.looks[one.column].column.equals(table.looks[best.column].column)
    ]
    if rivals:
        choices = [
            Choice(
                reading=one.column,
                rules=(
                    FieldRule(
                        field=one.field,
                        columns=(one.column,),
                        transform=_transform(one.field, one.meaning, table.looks[one.column]),
                    ),
                ),
            )
            for one in (best, *rivals)
        ]
        listed = " and ".join(choice.reading for choice in choices)
        examples = table.looks[best.column].examples()
        reason = f"{listed} are equally likely; {best.column} is taken"
        yield ask("which_column", best.field, choices, reason, column=best.column, examples=examples)


def _transform(name: str, meaning: Meaning, looks: Looks) -> str:
    """A transform other than the field's own, where the cells ask for one."""
    if name == "mainCategory":
        return "deepest" if looks["path"] > 0.05 else "first" if looks.is_list or meaning.has("plural") else ""
    if name == "mainImageUrl":
        return "first_url"
    if name == "available" and meaning.has("sold_out"):
        return "not_available"
    if name == "quantity" and looks["dressed"] > looks["whole"]:
        return "at_least"
    if name == "active" and looks["state"] > looks["truth"]:
        return "published"
    return "first" if name == "name" and looks.is_list else ""


def _derived(mapping: Mapping, table: _Table, url_template: str | None) -> Mapping:
    """Fields that follow from others: availability from the stock, further categories and images, the address."""
    doubts = mapping.doubts
    if "available" not in mapping:
        mapping, asked = _available(mapping, table)
        doubts = (*doubts, *asked)
    elif mapping["available"].transform == "not_available" and "quantity" in mapping:
        mapping, asked = _beside_stock(mapping, table)
        doubts = (*doubts, *asked)
    filled = {rule.field: rule for rule in mapping.rules}
    main = filled.get("mainCategory")
    if main is not None and "categories" not in filled and main.transform in ("deepest", "first"):
        transform = "other_levels" if main.transform == "deepest" else ""
        rule = FieldRule(field="categories", columns=main.columns, transform=transform)
        mapping = _noted(mapping, rule, GOOD_ENOUGH, "the other categories of the column")
    image = filled.get("mainImageUrl")
    if image is not None and "imageUrls" not in filled and _holds_several(image, table):
        rule = FieldRule(field="imageUrls", columns=image.columns)
        mapping = _noted(mapping, rule, GOOD_ENOUGH, "all addresses of the column")
    if url_template is not None:
        own = mapping["productUrl"].columns if "productUrl" in mapping else ()
        rule = FieldRule(field="productUrl", columns=own, transform=f"{TEMPLATE}{url_template}")
        mapping = _noted(mapping, rule, 1.0, "the template that was given")
    return replace(mapping, doubts=doubts)


def _holds_several(rule: FieldRule, table: _Table) -> bool:
    names = [name for name in rule.columns if name in table.looks]
    return any(table.looks[name].is_list or table.meanings[name].has("plural") for name in names)


def _available(mapping: Mapping, table: _Table) -> tuple[Mapping, list[Doubt]]:
    stock = mapping["quantity"].columns if "quantity" in mapping else ()
    if stock and not all(table.looks[name].is_always_zero for name in stock if name in table.looks):
        rule = FieldRule(field="available", columns=stock, transform="availability")
        return _noted(mapping, rule, GOOD_ENOUGH, "available where the quantity is above 0"), []
    rules = [FieldRule(field="available", constant=value) for value in (True, False)]
    choices = [
        Choice(reading=f"every product is {words}", rules=(rule,))
        for rule, words in zip(rules, ("available", "not available"), strict=True)
    ]
    used = {column for rule in mapping.rules for column in rule.columns}
    spoken = [name for name in table.open if name not in used and table.looks[name].says_available]
    if spoken:
        said = [FieldRule(field="available", columns=(name,), transform="availability") for name in spoken]
        choices = [*(Choice(reading=rule.columns[0], rules=(rule,)) for rule in said), *choices]
        reason = f"{spoken[0]} holds words for stock, and its name does not say so; it is taken"
        examples = table.looks[spoken[0]].examples()
        doubt = ask("availability", "available", choices, reason, column=spoken[0], examples=examples)
        return _noted(mapping, said[0], GOOD_ENOUGH, "its cells are words for stock"), [doubt]
    reason = "No column says what is available; every product is taken for available"
    doubt = ask("availability", "available", choices, reason, argument="mapping.set('available', constant=True)")
    return _noted(mapping, rules[0], 0.0, "no column says so: taken for available"), [doubt]


def _beside_stock(mapping: Mapping, table: _Table) -> tuple[Mapping, list[Doubt]]:
    """A column called out of stock that says yes beside a stock above 0 may be a policy, as in PrestaShop: asked."""
    flags, stock = mapping["available"], mapping["quantity"]
    if not {*flags.columns, *stock.columns} <= table.looks.keys():
        return mapping, []
    column = table.looks[flags.columns[0]].column
    sold_out = pc.invert(read_sold_out(column, Journal(), field="available").values)
    in_stock = read_availability(table.looks[stock.columns[0]].column, Journal(), field="available").values
    if not pc.any(pc.and_(sold_out, in_stock)).as_py():
        return mapping, []
    by_stock = FieldRule(field="available", columns=stock.columns, transform="availability")
    choices = [Choice(reading=rule.columns[0], rules=(rule,)) for rule in (by_stock, flags)]
    reason = f"{flags.columns[0]} says yes of products whose {stock.columns[0]} is above 0; the stock is taken"
    examples = table.looks[flags.columns[0]].examples()
    doubt = ask("availability", "available", choices, reason, column=flags.columns[0], examples=examples)
    return _noted(mapping, by_stock, GOOD_ENOUGH, "available where the quantity is above 0"), [doubt]


def _noted(mapping: Mapping, rule: FieldRule, score: float, reason: str) -> Mapping:
    """The mapping with one more rule; unlike :meth:`Mapping.set` it answers no question."""
    others = tuple(old for old in mapping.rules if old.field != rule.field)
    return replace(mapping, rules=(*others, rule), notes={**mapping.notes, rule.field: (score, reason)})
