"""Which column likely holds which field: by what its name says and what its cells are, both together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from smnotebook.mapping.content import Looks
from smnotebook.mapping.names import Meaning, likeness, named_fields, withheld_as

__all__ = ["GOOD_ENOUGH", "Candidate", "candidates", "is_codes", "withheld"]

#: Below this score a column is left unmapped.
GOOD_ENOUGH = 0.5

_NAME_WEIGHT = 0.6
_MOSTLY = 0.5

_WITHHELD = {
    "personal": "personal data, by its name",
    "purchase": "a purchase price, cost or margin, by its name",
    "trade": "a price for the trade, by its name",
    "restricted": "a price that is not everybody's, by its name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A column for a field, with a score from 0 to 1 and what spoke for it."""

    field: str
    column: str
    score: float
    reason: str
    meaning: Meaning


def withheld(meaning: Meaning, looks: Looks) -> str | None:
    """Why a column must not be sent; None where nothing speaks against it."""
    if looks["email"] >= 0.2:
        return "holds e-mail addresses"
    if looks["phone"] >= _MOSTLY:
        return "holds phone numbers"
    kind = withheld_as(meaning)
    if kind is None or (kind == "personal" and looks["url"] >= _MOSTLY):
        return None
    return _WITHHELD[kind]


def candidates(column: str, meaning: Meaning, looks: Looks) -> Iterator[Candidate]:
    """The fields that a column may hold."""
    if not looks.filled:
        return
    is_nameless = meaning.unknown > 0 and not meaning.concepts
    for field in named_fields():
        named = likeness(meaning, field)
        if named == 0 and not (is_nameless and field in _TOLD_BY_CONTENT):
            continue
        fit, seen = _FITS.get(field, _fits_short_text)(looks)
        if fit == 0 or (named == 0 and fit < 0.9):
            continue
        score = _NAME_WEIGHT * named + (1 - _NAME_WEIGHT) * fit if named else 0.55 * fit
        reason = f"its name says {', '.join(sorted(meaning.concepts))}; {seen}" if named else f"its cells: {seen}"
        yield Candidate(field=field, column=column, score=round(score, 3), reason=reason, meaning=meaning)


def is_codes(looks: Looks) -> bool:
    """Whether the cells are numbers, hashes or the kind of a row: nothing that a shopper reads."""
    return looks["code"] > _MOSTLY or looks["kind"] > 0.9


Fit = tuple[float, str]
_NO_FIT: Fit = (0.0, "")


def _fits_id(looks: Looks) -> Fit:
    if looks.is_list or looks["url"] > 0.1 or looks["html"] > 0 or looks.length > 60 or looks["cents"] > _MOSTLY:
        return _NO_FIT
    return looks.distinct * looks.filled * (1 - 0.6 * looks["spaced"]), f"{looks.distinct:.0%} distinct"


def _fits_name(looks: Looks) -> Fit:
    if looks["url"] > 0.1 or looks["amount"] > _MOSTLY or looks["truth"] > _MOSTLY or looks.length > 200:
        return _NO_FIT
    if looks["html"] > _MOSTLY or looks["code"] > 0.8 or looks["kind"] > 0.9:
        return _NO_FIT
    return min(1.0, 0.4 + 0.6 * looks.variety), "short texts, mostly distinct"


def _fits_url(looks: Looks) -> Fit:
    if looks["url"] < _MOSTLY or looks["image"] > _MOSTLY:
        return _NO_FIT
    return looks["url"] * (0.5 + 0.5 * looks.variety), "web addresses"


def _fits_image(looks: Looks) -> Fit:
    if looks["url"] < _MOSTLY and looks["image"] < _MOSTLY:
        return _NO_FIT
    return 0.5 * looks["url"] + 0.5 * looks["image"], "addresses of images"


def _fits_money(looks: Looks) -> Fit:
    if looks.is_list or looks["amount"] < _MOSTLY or (looks["truth"] > 0.9 and not looks.is_constant):
        return _NO_FIT
    return looks["amount"] * (0.7 + 0.3 * min(1.0, 2 * looks["cents"])), "amounts"


def _fits_description(looks: Looks) -> Fit:
    if looks["url"] > _MOSTLY or looks["amount"] > _MOSTLY or looks["truth"] > _MOSTLY:
        return _NO_FIT
    return max(min(1.0, looks.length / 60), looks["html"], 0.1), "HTML" if looks["html"] > _MOSTLY else "texts"


def _counts(looks: Looks) -> bool:
    """Whether there are numbers besides 0 and 1: ids of states, counts, days."""
    return looks["whole"] - looks["bit"] > 0.01


def _fits_availability(looks: Looks) -> Fit:
    fit = max(looks["truth"], looks["stock_word"], looks.stock_phrases) if not _counts(looks) else 0.0
    return (fit, "yes and no, or words for in stock") if fit >= _MOSTLY else _NO_FIT


def _fits_flag(looks: Looks) -> Fit:
    return (looks["truth"], "yes and no") if looks["truth"] >= _MOSTLY and not _counts(looks) else _NO_FIT


def _fits_active(looks: Looks) -> Fit:
    fit = max(looks["truth"], looks["state"]) if not _counts(looks) else 0.0
    return (fit, "yes and no, or the state of a page") if fit >= _MOSTLY else _NO_FIT


def _fits_stock(looks: Looks) -> Fit:
    fit = max(looks["whole"], looks["dressed"])
    return (fit, "counts") if fit >= _MOSTLY and not looks.is_list else _NO_FIT


def _fits_whole(looks: Looks) -> Fit:
    return (looks["whole"], "whole numbers") if looks["whole"] >= _MOSTLY and not looks.is_list else _NO_FIT


def _fits_category(looks: Looks) -> Fit:
    if looks["url"] > 0.1 or looks["amount"] > _MOSTLY or looks["html"] > 0.2 or looks["truth"] > _MOSTLY:
        return _NO_FIT
    if is_codes(looks):
        return _NO_FIT
    return min(1.0, 0.5 + 0.3 * looks["path"] + 0.4 * (1 - looks.variety)), "names that come again"


def _fits_list(looks: Looks) -> Fit:
    if looks["url"] > 0.1 or looks["amount"] > _MOSTLY or looks["html"] > 0.2 or is_codes(looks):
        return _NO_FIT
    return (1.0 if looks.is_list else 0.6), "lists" if looks.is_list else "texts"


def _fits_date(looks: Looks) -> Fit:
    return (looks["date"], "dates") if looks["date"] >= _MOSTLY > looks["period"] else _NO_FIT


def _fits_period(looks: Looks) -> Fit:
    return (looks["period"], "two days each") if looks["period"] >= _MOSTLY else _NO_FIT


def _fits_gender(looks: Looks) -> Fit:
    return (looks["gender"], "words for a gender") if looks["gender"] > 0.3 else _NO_FIT


def _fits_maker(looks: Looks) -> Fit:
    return _NO_FIT if looks["code"] > 0.8 or looks["truth"] > _MOSTLY else _fits_short_text(looks)


def _fits_short_text(looks: Looks) -> Fit:
    if looks["url"] > 0.3 or looks["html"] > 0.3 or looks.length > 100:
        return _NO_FIT
    return 0.7, "short texts"


_FITS: dict[str, Callable[[Looks], Fit]] = {
    "productId": _fits_id,
    "name": _fits_name,
    "mainCategory": _fits_category,
    "categories": _fits_list,
    "description": _fits_description,
    "productUrl": _fits_url,
    "mainImageUrl": _fits_image,
    "available": _fits_availability,
    "active": _fits_active,
    "quantity": _fits_stock,
    "price": _fits_money,
    "discountFrom": _fits_date,
    "discountTo": _fits_date,
    "discountPeriod": _fits_period,
    "onSale": _fits_flag,
    "systemDetails.brand": _fits_maker,
    "systemDetails.manufacturer": _fits_maker,
    "systemDetails.color": _fits_maker,
    "systemDetails.season": _fits_maker,
    "systemDetails.gender": _fits_gender,
    "systemDetails.popularity": _fits_whole,
    "systemDetails.bestseller": _fits_flag,
    "systemDetails.newProduct": _fits_flag,
    "customDetails.material": _fits_maker,
}
# Fields whose cells give them away under a name that says nothing.
_TOLD_BY_CONTENT = {"productUrl", "mainImageUrl"}
