"""What the name of a column says: its words in many languages, what they mean, and how well that suits a field.

Words are matched whole: a name is cut at signs, capitals and digits, and compounds such as ``Artikelnummer`` or
``PRODUCTNAME`` only where known words cover them from end to end.
"""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from rapidfuzz.distance import OSA

from smnotebook.contract.standards import currencies

__all__ = ["Meaning", "columns_for", "likeness", "meaning_of", "named_fields", "withheld_as"]

_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "\u0131": "i"})
_WORD = re.compile(r"b2[bc]|[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿ])")
_PREFIX = re.compile(r"^(?:g|c|sm):")
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "₺": "TRY", "₴": "UAH", "₽": "RUB"}
_CURRENCY_WORDS = {"zl": "PLN", "euro": "EUR", "euros": "EUR", "kc": "CZK"}
# codes of currencies that are words of everyday English
_NO_CURRENCY = {"all", "top", "cup", "gel", "pen"}
_LONGEST_PHRASE = 4
_JOINTS = ("", "s", "es", "n")  # letters between the parts of a German compound
_DEPTH, _GUESS, _NUMBERED = 0.985, 0.95, 0.01

# words of their own too, so that in front of a name they say nothing
_NO_LEADING_LANGUAGE = {"de", "es", "it", "da", "el", "et", "en", "ita", "por"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a name says.

    Attributes
    ----------
    concepts : frozenset of str
        What its words mean, by the names of the vocabulary.
    unknown : int
        Words that no vocabulary knows.
    language, currency : str or None
        Of the cells, where the name ends in a code for one.
    number : int
        The number at its end (``Image 2``), 0 for none.
    depth : int
        How many levels of a nested file stand above it.
    is_guessed : bool
        Whether a word was taken for one that is spelt nearly so.
    """

    concepts: frozenset[str]
    unknown: int = 0
    language: str | None = None
    currency: str | None = None
    number: int = 0
    depth: int = 0
    is_guessed: bool = False

    def has(self, *concepts: str) -> bool:
        """Whether any of these is among what it says."""
        return not self.concepts.isdisjoint(concepts)


@cache
def _vocabulary() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("vocabulary.toml").read_text(encoding="utf-8"))


@cache
def _words() -> dict[str, tuple[str, ...]]:
    """Each known word with all that it may mean."""
    found: dict[str, tuple[str, ...]] = {}
    for concept, words in _vocabulary()["words"].items():
        for word in words.split():
            found[word] = (*found.get(word, ()), concept)
    return found


@cache
def _languages() -> dict[str, str]:
    """Each code or word for a language with its code of two letters."""
    return {word: code for code, words in _vocabulary()["languages"].items() for word in (code, *words.split())}


@cache
def _days() -> dict[str, tuple[str, ...]]:
    """Each word that at the end of a name introduces a day: ``promo od``, ``Sonderpreis bis``."""
    return {word: ("date", day) for day, words in _vocabulary()["days"].items() for word in words.split()}


@cache
def _phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    return {tuple(words.split()): tuple(concepts) for words, concepts in _vocabulary()["phrases"].items()}


def named_fields() -> Collection[str]:
    """The fields that a name can speak of."""
    fields: dict[str, Any] = _vocabulary()["fields"]
    return fields.keys()


@lru_cache(maxsize=65536)
def likeness(meaning: Meaning, field: str) -> float:
    """How surely the name means the field: 0 where it does not, below 1 for all but the very name."""
    rule = _vocabulary()["fields"][field]
    fits = rule["fits"].split()
    best = 0.0
    for words, weight in rule["heads"]:
        head = frozenset(words.split())
        if head <= meaning.concepts:
            for concept in meaning.concepts - head:
                weight *= 1.0 if concept in fits else rule["lessens"].get(concept, 0.0)
            best = max(best, weight)
    best *= rule["unknown"] ** meaning.unknown * _DEPTH**meaning.depth * (_GUESS if meaning.is_guessed else 1)
    return float(best * (1 - _NUMBERED * min(meaning.number, 9)))


@lru_cache(maxsize=65536)
def withheld_as(meaning: Meaning) -> str | None:
    """Under which heading of the vocabulary a column is withheld; None where nothing speaks against it."""
    for kind, rules in _vocabulary()["withheld"].items():
        for words, unless in rules:
            if set(words.split()) <= meaning.concepts and not meaning.has(*unless.split()):
                return str(kind)
    return None


@lru_cache(maxsize=4096)
def meaning_of(name: str) -> Meaning:
    """What a column's name says."""
    bare = _PREFIX.sub("", name.strip()).replace("@lang", "@xmllang")
    signs = {code for sign, code in _SIGNS.items() if sign in bare}
    segments = [words for part in re.split(r"[.@/]", bare) if (words := _tokens(part))]
    language, segments = _language(segments)
    if len(segments) > 1 and segments[-2] == ["description"]:
        segments = [*segments[:-2], segments[-1]]  # a level that holds a product's texts, its name among them
    concepts: set[str] = {"percent"} if "%" in bare else set()
    unknown, is_guessed = 0, False
    currency = signs.pop() if len(signs) == 1 else None
    for token, found in _read([word for words in segments for word in words]):
        if found:
            concepts.update(found)
        elif code := _currency(token):
            currency = code
        elif guessed := _spelt_nearly(token):
            concepts.update(guessed)
            is_guessed = True
        else:
            unknown += 1
    if segments and not concepts.isdisjoint(("sale", "validity")):
        concepts.update(_days().get(segments[-1][-1], ()))
    numbers = re.findall(r"\d+", segments[-1][-1]) if segments else []
    return Meaning(
        concepts=frozenset(concepts - {"filler"}),
        unknown=unknown,
        language=language,
        currency=currency,
        number=int(numbers[0]) if numbers and len(numbers[0]) < 4 else 0,
        depth=max(len(segments) - 1, 0),
        is_guessed=is_guessed,
    )


def columns_for(field: str, names: Sequence[str], limit: int = 3) -> list[str]:
    """The names that mean a field or nearly spell it, the surest first; nothing is known of their cells."""
    if field not in named_fields():
        return difflib.get_close_matches(field, names, n=limit, cutoff=0.5)
    meanings = {name: meaning_of(name) for name in names}
    scored = [(likeness(meaning, field), name) for name, meaning in meanings.items() if withheld_as(meaning) is None]
    meant = [name for score, name in sorted(scored, key=lambda pair: -pair[0]) if score >= 0.5]
    unclear = [
        name for name, meaning in meanings.items() if not any(likeness(meaning, other) for other in named_fields())
    ]
    return (meant or difflib.get_close_matches(field, unclear, n=limit, cutoff=0.6))[:limit]


def _tokens(part: str) -> list[str]:
    kept = re.sub(r"(?i)\bb2[bc]\b", lambda found: found[0].lower(), part.translate(_LETTERS))
    return [token for chunk in re.findall(r"[^\W_]+", kept) for token in _WORD.findall(_cut(chunk))]


def _cut(chunk: str) -> str:
    """Lower case without accents; cut at capitals, unless all of it is words that are known: ``EKpreis``."""
    whole = _folded(chunk)
    return whole if _part(whole, is_first=True) or _compound(whole) else _folded(_CAMEL.sub(" ", chunk))


def _folded(text: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark)).lower()


def _language(segments: list[list[str]]) -> tuple[str | None, list[list[str]]]:
    """The language that a name names: by a whole level, at its end with or without a country, or in front."""
    if sum(map(len, segments)) < 2:
        return None, segments
    known = _languages()
    for at, words in enumerate(segments):
        if words[0] in known and (len(words) == 1 or (len(words) == 2 and len(words[1]) == 2)):
            return known[words[0]], segments[:at] + segments[at + 1 :]
    last = segments[-1]
    for size in (2, 1):
        code = last[-size] if len(last) > size or (len(last) == size and len(segments) > 1) else ""
        if code in known and (size == 1 or (len(code) == 2 and len(last[-1]) == 2)):
            return known[code], [*segments[:-1], last[:-size]] if last[:-size] else segments[:-1]
    first = segments[0]
    if len(first) > 1 and first[0] in known and first[0] not in _NO_LEADING_LANGUAGE:
        return known[first[0]], [first[1:], *segments[1:]]
    return None, segments


def _read(tokens: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each word or phrase with its concepts; numbers are passed over."""
    at = 0
    while at < len(tokens):
        for size in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
            found = _phrases().get(tuple(tokens[at : at + size]))
            if found:
                yield tokens[at], found
                at += size
                break
        else:
            token = tokens[at]
            if not token.isdigit():
                yield token, _words().get(token) or _compound(token)
            at += 1


@lru_cache(maxsize=4096)
def _compound(token: str) -> tuple[str, ...]:
    """The meanings of a compound's parts, where known words cover all of it; none otherwise."""
    for end in range(len(token) - 2, 1, -1):
        first = _part(token[:end], is_first=True)
        if not first:
            continue
        for joint in _JOINTS:
            if token.startswith(joint, end) and (rest := token[end + len(joint) :]):
                others = _part(rest, is_first=False) or (_compound(rest) if len(rest) > 5 else ())
                if others:
                    return (*first, *others)
    return ()


def _part(piece: str, *, is_first: bool) -> tuple[str, ...]:
    is_long = len(piece) > 2 or piece in (("vk", "ek") if is_first else ("id", "nr"))
    if not is_long:
        return ()
    found = _phrases().get((piece,)) or _words().get(piece, ())
    return () if "filler" in found else found


def _currency(token: str) -> str | None:
    code = token.upper()
    if len(token) == 3 and code in currencies() and token not in _NO_CURRENCY:
        return code
    return _CURRENCY_WORDS.get(token)


@lru_cache(maxsize=4096)
def _spelt_nearly(token: str) -> tuple[str, ...]:
    """The meaning of a long word that is one or two letters from this one."""
    if len(token) < 6:
        return ()
    allowed = 1 if len(token) < 9 else 2
    for word, concepts in _words().items():
        is_alike = len(word) > 5 and word[0] == token[0] and abs(len(word) - len(token)) <= allowed
        if is_alike and OSA.distance(word, token, score_cutoff=allowed) <= allowed:
            return concepts
    return ()
