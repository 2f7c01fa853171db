"""What a shop writes about stock: phrases in fourteen languages, counts, delivery times, terms of schema.org.

A text is read only where every part of it is known; one unknown word, or parts that contradict each other, and it
stays text. The phrases are data: ``words.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache, lru_cache

from smnotebook.values.amounts.counts import at_least_one
from smnotebook.values.vocabulary import TRUTH, VOCABULARY, plain_word

__all__ = ["Stock", "read_stock"]


class Stock(Enum):
    """What a text says of a product's stock.

    ``LATER`` can be ordered ahead, ``DELIVERED`` names a delivery time and nothing else, ``GONE`` will not come back.
    """

    AVAILABLE = "available"
    LATER = "later"
    DELIVERED = "delivered"
    UNAVAILABLE = "unavailable"
    GONE = "gone"

    @property
    def can_be_bought(self) -> bool:
        """Whether the product counts as available."""
        return self in (Stock.AVAILABLE, Stock.LATER, Stock.DELIVERED)


_SCHEMA = re.compile(r"(?i)^\s*(?:https?://)?(?:www\.)?schema(?:\.org/|:)\s*")
_NUMBER = r"\d+(?:[.,\s]\d{3})*(?:[.,]\d+)?"
#: A minus belongs to a number at the beginning, or behind a colon or bracket; elsewhere it is a dash.
_PART = re.compile(
    rf"(?P<number>(?:(?<![\s\S])[-−]|(?<=[:(])[-−]|(?<=[:(]\s)[-−])?{_NUMBER}(?:\s*[-–—]\s*{_NUMBER})?)|(?P<more>\+|>=?|≥)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)|(?P<between>[\s,.;:!()\[\]|/*•·✓✔●_\-–—]+)|(?P<unknown>.)",
    re.DOTALL,
)
_TIME = re.compile(r"\b(?:some|none|unsure)(?: more)? time\b")
_AMOUNTS = frozenset({"some", "none"})
_STATES = frozenset({"available", "later", "unavailable", "gone"})
_JOINED_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    """What each phrase is: available, not, beside, count and so on."""
    return {
        tuple(plain_word(phrase).replace("’", "'").split()): kind
        for kinds in VOCABULARY["stock"].values()
        for kind, phrases in kinds.items()
        for phrase in phrases
    }


@cache
def _longest() -> int:
    return max(map(len, _phrases()))


@lru_cache(maxsize=10_000)  # a shop writes few phrases, and each is asked about more than once
def read_stock(text: str) -> Stock | None:
    """What one text says of the stock; None where that isn't known for certain."""
    term = _SCHEMA.sub("", text)
    enough = at_least_one(term)
    if enough is not None:
        return Stock.AVAILABLE if enough else Stock.UNAVAILABLE
    known = TRUTH.get(plain_word(term))
    if known is not None:
        return Stock.AVAILABLE if known else Stock.UNAVAILABLE
    parts = _parts(term)
    kinds = None if parts is None else list(_kinds(parts))
    return None if kinds is None or None in kinds else _decide([kind for kind in kinds if kind is not None])


def _parts(text: str) -> list[str] | None:
    """Words without case and accents, numbers, and ``+`` for more; None where something else stands in the text."""
    found = []
    for part in _PART.finditer(_JOINED_WORDS.sub(" ", text)):
        if part.lastgroup == "unknown":
            return None
        if part.lastgroup != "between":
            found.append("+" if part.lastgroup == "more" else plain_word(part[0].replace("’", "'"), dashes=False))
    return found


def _kinds(parts: Sequence[str]) -> Iterator[str | None]:
    """The kind of each part, phrases as long as they come, and None for one that is unknown.

    Numbers are ``some`` or ``none``, ranges that begin with nothing ``unsure``.
    """
    at = 0
    while at < len(parts):
        if parts[at] == "+":
            yield "more"
            at += 1
        elif parts[at][-1].isdigit():
            yield _amount(parts[at])
            at += 1
        else:
            sizes = range(min(_longest(), len(parts) - at), 0, -1)
            size = next((size for size in sizes if tuple(parts[at : at + size]) in _phrases()), 1)
            yield _phrases().get(tuple(parts[at : at + size]))
            at += size


def _amount(number: str) -> str:
    counts = re.findall(_NUMBER, number)
    filled = [re.search(r"[1-9]", count) is not None for count in counts]
    if len(set(filled)) > 1:
        return "unsure"
    return "some" if filled[0] and number[0] not in "-−" else "none"


def _decide(kinds: Sequence[str]) -> Stock | None:
    """One verdict from the parts; None where they contradict each other or say nothing."""
    line = " ".join(kind for kind in kinds if kind != "beside")
    has_time = _TIME.search(line) is not None
    line = re.sub(r"\bdelivery\b", "", _TIME.sub("", line))
    line = re.sub(r"\bnot +(?:available|later)\b", "unavailable", line)
    # "10+" and "> 10" are more than that; "0+" may be nothing
    line = re.sub(r"\bsome more\b|\bmore some\b", "some", line)
    said = re.sub(r"\b(some|none) count\b", r"\1", line).split()
    stated = set(said)
    if not stated:
        return Stock.DELIVERED if has_time else None
    if sum(part in _AMOUNTS for part in said) > 1 or stated - _STATES - _AMOUNTS:
        return None
    return _agreed(stated, has_time=has_time)


def _agreed(stated: set[str], *, has_time: bool) -> Stock | None:
    """What states and counts have in common."""
    if stated <= {"available", "some"}:
        return Stock.AVAILABLE
    if stated in ({"later"}, {"later", "available"}, {"later", "some"}):
        return Stock.LATER
    if has_time:  # what is sold out and still has a delivery time may be orderable
        return None
    if stated <= {"unavailable", "none"} or stated == {"available", "none"}:
        return Stock.UNAVAILABLE
    return Stock.GONE if stated <= {"gone", "unavailable", "none"} else None
