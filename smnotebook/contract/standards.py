"""Currencies (ISO 4217), languages (ISO 639-1) and language tags (BCP 47).

Source of which standard applies: seed_product_api.txt, table of validations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

import iso4217
import langcodes

__all__ = [
    "CURRENCY_DATA_DATE",
    "WITHDRAWN_LANGUAGES",
    "Currency",
    "currencies",
    "find_currency",
    "is_language",
    "is_language_tag",
]

#: Day of the ISO 4217 table in use.
CURRENCY_DATA_DATE = str(iso4217.__published__)

CurrencyStatus = Literal["active", "withdrawn", "not for shops"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """One ISO 4217 code.

    Attributes
    ----------
    decimals : int or None
        Digits after the point, None where the standard gives none.
    status : str
        ``active``; ``withdrawn`` (left the standard: accepted with a warning, since the live API was seen to
        take such codes, WIRE_FACTS 8); ``not for shops`` (metals, units of account, test codes: refused).
    successor : str or None
        The code to use instead of a withdrawn one.
    """

    code: str
    name: str
    decimals: int | None
    status: CurrencyStatus
    successor: str | None = None


# Codes that left ISO 4217 (its list three) since 1978, each with the code that replaced it, or "-" where
# none did. The iso4217 package has no withdrawn codes; babel has, at 33 MB.
_WITHDRAWN = """
ADP>EUR AFA>AFN ANG>XCG AOK>AOA AON>AOA AOR>AOA ARA>ARS ARP>ARS ATS>EUR AZM>AZN BAD>BAM BEF>EUR BGL>EUR BGN>EUR
BOP>BOB BRB>BRL BRC>BRL BRE>BRL BRN>BRL BRR>BRL BUK>MMK BYB>BYN BYR>BYN CSD>RSD CSK>CZK CUC>CUP CYP>EUR DDM>EUR
DEM>EUR ECS>USD EEK>EUR ESP>EUR FIM>EUR FRF>EUR GEK>GEL GHC>GHS GNS>GNF GQE>XAF GRD>EUR GWP>XOF HRD>EUR HRK>EUR
IEP>EUR ILP>ILS ILR>ILS ISJ>ISK ITL>EUR LTL>EUR LTT>EUR LUF>EUR LVL>EUR LVR>EUR MGF>MGA MLF>XOF MRO>MRU MTL>EUR
MXP>MXN MZE>MZN MZM>MZN NIC>NIO NLG>EUR PEI>PEN PES>PEN PLZ>PLN PTE>EUR RHD>ZWG ROL>RON RUR>RUB SDD>SDG SDP>SDG
SIT>EUR SKK>EUR SLL>SLE SRG>SRD STD>STN SUR>RUB TJR>TJS TMM>TMT TPE>USD TRL>TRY UAK>UAH UGS>UGX UYP>UYU VEB>VES
VEF>VES VNN>VND YDD>YER YUD>RSD YUM>RSD YUN>RSD ZMK>ZMW ZRN>CDF ZRZ>CDF ZWD>ZWG ZWL>ZWG ZWR>ZWG
"""

# Codes without a country's money behind them: precious metals, bond market units, clearing units, test, none.
_NOT_FOR_SHOPS = frozenset(["XAG", "XAU", "XPD", "XPT", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA", "XTS", "XXX"])

#: Two-letter codes that ISO 639-1 replaced, and what by.
WITHDRAWN_LANGUAGES = {"iw": "he", "in": "id", "ji": "yi", "mo": "ro"}


# In the registry of tags, but not in ISO 639-1: a mistake for jv, and a group of languages since 2021.
_NEVER_LANGUAGES = frozenset({"jw", "bh"})


@cache
def currencies() -> dict[str, Currency]:
    """All known codes, active ones first, each group in alphabetical order."""
    known = {}
    for entry in sorted(iso4217.Currency, key=lambda entry: str(entry.code)):
        known[entry.code] = Currency(
            code=entry.code,
            name=entry.currency_name,
            decimals=entry.exponent,
            status="not for shops" if entry.code in _NOT_FOR_SHOPS else "active",
        )
    for pair in _WITHDRAWN.split():
        code, successor = pair.split(">")
        if code not in known:  # a newer table may bring a code back
            name = f"withdrawn, now {known[successor].name}" if successor in known else "withdrawn"
            known[code] = Currency(code=code, name=name, decimals=2, status="withdrawn", successor=successor)
    return known


def find_currency(code: str) -> Currency | None:
    """Look a code up; None when ISO 4217 never had it. Codes are upper case."""
    return currencies().get(code)


@cache
def is_language(code: str) -> bool:
    """Whether ``code`` is a current ISO 639-1 code: two lower-case letters, ``sh`` included, ``iw`` not."""
    if not re.fullmatch("[a-z]{2}", code, re.ASCII) or code in WITHDRAWN_LANGUAGES or code in _NEVER_LANGUAGES:
        return False
    return langcodes.tag_is_valid(code)


# Language, optional script, optional region: what the table behind the documentation lists (pl, pl-PL, zh-Hant-TW).
_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")


@cache
def is_language_tag(tag: str) -> bool:
    """Whether ``tag`` is a BCP 47 language tag with parts that the registry knows, joined by hyphens."""
    # langcodes takes underscores and mends en-UK by itself, so the form and the region are held separately
    if _TAG.fullmatch(tag) is None or not langcodes.tag_is_valid(tag):
        return False
    region = _TAG.fullmatch(tag)
    return region is None or region[3] is None or region[3].upper() not in {"UK", "XX", "ZZ", "AA"}
