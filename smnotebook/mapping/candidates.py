"""Which column likely holds which field: by its name, in six languages and misspelt, and by what its cells are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pyarrow as pa
from rapidfuzz import fuzz, process

from smnotebook.mapping.content import Looks, look_at_cells
from smnotebook.values.names import is_net_name, words_of
from smnotebook.values.vocabulary import plain_word

__all__ = ["GOOD_ENOUGH", "Candidate", "Refusal", "candidates", "refusal"]

#: Below this score a column is left unmapped.
GOOD_ENOUGH = 0.5

_NAME_WEIGHT = 0.6
_LIKE_ENOUGH = 86.0
_NO_PRICE = re.compile(r"percent|procent|prozent|porcent|pourcent|rabat\b|%|amount|kwota|betrag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A column for a field, with a score from 0 to 1 and what spoke for it."""

    field: str
    column: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A column that is not to be sent, and why."""

    column: str
    reason: str


@cache
def _synonyms() -> dict[str, dict[str, list[str]]]:
    text = files(__package__).joinpath("synonyms.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def refusal(column: str, cells: pa.Array) -> Refusal | None:
    """Why a column must not be sent; None where nothing speaks against it."""
    if look_at_cells(cells)["email"] >= 0.2:
        return Refusal(column=column, reason="holds e-mail addresses")
    for kind, reason in (("purchase", "a purchase price or margin"), ("personal", "personal data")):
        if _likeness(column, _synonyms()["refused"][kind])[0] >= 0.95:
            return Refusal(column=column, reason=f"{reason}, by its name")
    return None


def candidates(column: str, cells: pa.Array) -> Iterator[Candidate]:
    """The fields that a column may hold."""
    looks = look_at_cells(cells)
    if not looks.filled:
        return
    for field, synonyms in _synonyms()["fields"].items():
        named, synonym = _likeness(column, synonyms)
        fit, seen = _FITS.get(field, _fits_short_text)(looks)
        if field in {"price", "discountPrice"} and _NO_PRICE.search(plain_word(words_of(column))):
            continue
        if fit == 0 or (named == 0 and (field not in _TOLD_BY_CONTENT or fit < 0.9)):
            continue
        score = _NAME_WEIGHT * named + (1 - _NAME_WEIGHT) * fit if named else 0.55 * fit
        if field == "price" and is_net_name(column):
            score -= 0.12
            seen += ", net of tax"
        reason = f"name like “{synonym}”, {seen}" if named else f"cells: {seen}"
        yield Candidate(field=field, column=column, score=round(score, 2), reason=reason)


def _likeness(column: str, synonyms: list[str]) -> tuple[float, str]:
    """How much a name is like one of the synonyms, 0 where too little; earlier synonyms win by a hair."""
    name = plain_word(words_of(column.rpartition(".")[2] or column))
    whole = plain_word(words_of(column))
    found = process.extractOne(whole, synonyms, scorer=fuzz.ratio) if len(whole) > 2 else None
    exact = next((synonym for synonym in synonyms if synonym in (name, whole)), None)
    if exact is not None:
        return 1.0 - 0.001 * min(synonyms.index(exact), 30), exact
    squeezed = next((synonym for synonym in synonyms if synonym.replace(" ", "") == whole.replace(" ", "")), None)
    if squeezed is not None:
        return 0.98, squeezed
    if found is not None and found[1] >= _LIKE_ENOUGH:
        return found[1] / 100 - 0.02, found[0]
    words = f" {whole} "
    inside = max((synonym for synonym in synonyms if f" {synonym} " in words), key=len, default=None)
    return (0.6 + 0.3 * len(inside) / len(whole), inside) if inside else (0.0, "")


Fit = tuple[float, str]


def _fits_id(looks: Looks) -> Fit:
    if looks["url"] > 0.1 or looks["html"] > 0 or looks.length > 60 or looks["cents"] > 0.5:
        return 0.0, ""
    return looks.distinct * looks.filled, f"{looks.distinct:.0%} distinct"


def _fits_name(looks: Looks) -> Fit:
    if looks["url"] > 0.1 or looks["whole"] > 0.5 or looks["amount"] > 0.5 or looks.length > 200:
        return 0.0, ""
    return min(1.0, 0.4 + 0.6 * looks.distinct), "short texts, mostly distinct"


def _fits_url(looks: Looks) -> Fit:
    if looks["url"] < 0.5 or looks["image"] > 0.5:
        return 0.0, ""
    return looks["url"] * (0.5 + 0.5 * looks.distinct), "web addresses"


def _fits_image(looks: Looks) -> Fit:
    if looks["url"] < 0.5 and looks["image"] < 0.5:
        return 0.0, ""
    return 0.5 * looks["url"] + 0.5 * looks["image"], "image addresses"


def _fits_money(looks: Looks) -> Fit:
    if looks["amount"] < 0.5 or looks["truth"] > 0.9:
        return 0.0, ""
    return looks["amount"] * (0.7 + 0.3 * min(1.0, 2 * looks["cents"])), "amounts"


def _fits_description(looks: Looks) -> Fit:
    if looks["url"] > 0.5 or looks["amount"] > 0.5:
        return 0.0, ""
    long = min(1.0, looks.length / 60)
    return max(long, looks["html"]), "HTML" if looks["html"] > 0.5 else "texts"


def _fits_availability(looks: Looks) -> Fit:
    fit = max(looks["truth"], looks["stock_word"])
    return (fit, "yes and no") if fit >= 0.5 else (0.3 if looks["whole"] > 0.9 else 0.0, "counts")


def _fits_flag(looks: Looks) -> Fit:
    return (looks["truth"], "yes and no") if looks["truth"] >= 0.5 else (0.0, "")


def _fits_whole(looks: Looks) -> Fit:
    return (looks["whole"], "whole numbers") if looks["whole"] >= 0.5 else (0.0, "")


def _fits_category(looks: Looks) -> Fit:
    if looks["url"] > 0.1 or looks["amount"] > 0.5 or looks["html"] > 0.2:
        return 0.0, ""
    return min(1.0, 0.5 + 0.3 * looks["path"] + 0.4 * (1 - looks.distinct)), "names that come again"


def _fits_list(looks: Looks) -> Fit:
    if looks["url"] > 0.1 or looks["amount"] > 0.5:
        return 0.0, ""
    return (1.0 if looks.is_list else 0.6), "lists" if looks.is_list else "texts"


def _fits_gender(looks: Looks) -> Fit:
    return (max(looks["gender"], looks["whole"]), "words for a gender") if looks["gender"] > 0.3 else (0.0, "")


def _fits_short_text(looks: Looks) -> Fit:
    if looks["url"] > 0.3 or looks["html"] > 0.3 or looks.length > 100:
        return 0.0, ""
    return 0.7, "short texts"


_FITS: dict[str, Callable[[Looks], Fit]] = {
    "productId": _fits_id,
    "name": _fits_name,
    "mainCategory": _fits_category,
    "categories": _fits_list,
    "description": _fits_description,
    "productUrl": _fits_url,
    "mainImageUrl": _fits_image,
    "imageUrls": _fits_image,
    "available": _fits_availability,
    "active": _fits_flag,
    "quantity": _fits_whole,
    "price": _fits_money,
    "discountPrice": _fits_money,
    "systemDetails.gender": _fits_gender,
    "systemDetails.popularity": _fits_whole,
    "systemDetails.bestseller": _fits_flag,
    "systemDetails.newProduct": _fits_flag,
}
# Fields whose cells give them away under any name.
_TOLD_BY_CONTENT = {"productUrl", "mainImageUrl"}
