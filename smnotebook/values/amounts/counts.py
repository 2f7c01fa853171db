"""Counts that are no bare number: at least so many, with a unit, or asked only whether there is one."""

from __future__ import annotations

import re

import pyarrow as pa

from smnotebook.values.cells import TEXT, as_text, each_distinct

__all__ = ["at_least_one", "bare_counts"]

_COUNT = re.compile(r"(?P<minus>[-−]?)\d+(?:[.,]\d+|[\s'’]\d{3}(?!\d))*")
_BELOW_ONE = re.compile(r"[0.,]+$|0*[.,]")
# szt., ks, pcs, Stück, st., db, buc.: units differ by language, so any one word is taken for one
_DRESSED = re.compile(r"(?P<more>>|>=|≥)?\s*(?P<count>[-−]?\d[\d.,\s'’]*?)\s*(?P<plus>\+?)\s*(?:[^\W\d_]+\.?)?")


def at_least_one(text: str) -> bool | None:
    """Whether a count is 1 or more; None where the text is no count.

    Nothing needs to be decided for it: 1.000 is one or a thousand, and 0.500 is less than one either way.
    """
    found = _COUNT.fullmatch(text.strip())
    if found is None:
        return None
    return not found["minus"] and _BELOW_ONE.match(text.strip()) is None


def bare_counts(column: pa.Array) -> pa.Array:
    """Counts without signs and words around them, the least they can be: ``> 5`` is 6, ``10+`` is 10."""
    return each_distinct(as_text(column), _bare_count, TEXT)


def _bare_count(text: str | None) -> str | None:
    found = _DRESSED.fullmatch(text.strip()) if text else None
    if found is None or (found["more"] and found["plus"]):
        return text
    if found["more"] == ">" and found["count"].isdigit():
        return str(int(found["count"]) + 1)
    return text if found["more"] == ">" else found["count"]
