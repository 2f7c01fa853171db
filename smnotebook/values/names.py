"""Column names without their dress: prefix, case, brackets, signs; and what they say of tax."""

from __future__ import annotations

import re

__all__ = ["is_minor_name", "is_net_name", "plain_name", "words_of"]

_REMARK = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_TAX = re.compile(r"(?i)excl|incl|netto|brutto|\bnet\b|\bgross\b|\btax|\bvat|\bht\b|\bttc\b|\bmwst")
_NET = re.compile(
    r"(?i)excl|netto|(?<![a-z])net(?![a-z])|without[\s_](?:tax|vat)|hors[\s_]tax|(?<![a-z])ht(?![a-z])|bez[\s_]?vat"
    r"|ohne[\s_]mwst|sin[\s_]iva|senza[\s_]iva"
)

_MINOR = frozenset(
    {
        "cents", "cent", "pence", "penny", "pennies", "grosze", "grosz", "groszy", "centimes", "centimos", "centesimi",
        "centavos", "kopecks", "minor", "subunits", "haliru", "halere", "centamount",
    }
)  # fmt: skip


def plain_name(name: str) -> str:
    """A column name without namespace prefix, case, signs, and remarks in brackets unless they speak of tax."""
    bare = _REMARK.sub(lambda found: found[0] if _TAX.search(found[0]) else "", name)
    bare = re.sub(r"^(?:g|c|sm):", "", bare.strip())
    return re.sub(r"[^\w@.]+|_", "", bare.lower()) or re.sub(r"[\W_]+", "", name.lower())


def is_net_name(name: str) -> bool:
    """Whether the name says that the column's amounts carry no tax."""
    return _NET.search(name) is not None


def is_minor_name(name: str) -> bool:
    """Whether the name says that the column's amounts are in cents and the like."""
    return not _MINOR.isdisjoint(words_of(name).split())


def words_of(name: str) -> str:
    """A name as words: ``ProductName_PL`` is ``product name pl``."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", re.sub(r"^(?:g|c|sm):", "", name.strip()))
    return " ".join(re.sub(r"[^\w]+|_", " ", split).lower().split())
