"""What a catalog's form can say before anything is sent: the currency meant, a location, what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from smnotebook.contract import CatalogDeclaration, check
from smnotebook.contract.standards import Currency, currencies, find_currency
from smnotebook.forms.wording import sentence

__all__ = ["FieldVerdicts", "find_meant_currency", "judge_catalog", "propose_location"]

#: What the older documentation of events allows for a location.
_LOCATION_LENGTH = 36
# letters that no decomposition leads to ASCII
_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldVerdicts:
    """What stands beside each field, by its wire name."""

    errors: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)


def propose_location(name: str) -> str:
    """A location made from a catalog's name: ``Shop EU`` gives ``shop_eu``; empty where no letter is left."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    location = re.sub("[^a-z0-9]+", "_", plain).strip("_")
    if location and not location[0].isalpha():
        location = f"shop_{location}"
    return location[:_LOCATION_LENGTH].rstrip("_")


def find_meant_currency(typed: str) -> Currency | None:
    """The currency of a code in either case, or of a name that only one active currency has."""
    known = find_currency(typed.strip().upper())
    if known is not None:
        return known
    words = typed.strip().lower()
    active = [currency for currency in currencies().values() if currency.status == "active"]
    named = [currency for currency in active if currency.name.lower() == words]
    return named[0] if len(named) == 1 else None


def judge_catalog(fields: Mapping[str, object], labels: Mapping[str, str]) -> FieldVerdicts:
    """The contract's word on each field, as sentences for people."""
    errors: dict[str, str] = {}
    hints: dict[str, str] = {}
    for violation in check(CatalogDeclaration, fields):
        name = violation.field or ""
        if name in labels:
            place = errors if violation.severity == "error" else hints
            place.setdefault(name, sentence(violation, labels[name]))
    return FieldVerdicts(errors=errors, hints=hints)
