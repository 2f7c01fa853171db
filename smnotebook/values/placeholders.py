"""Words that shops write where they have nothing to say: "n/a", "Niezdefiniowany", "ohne", "-"."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import TEXT, distinct_texts, mask_of
from smnotebook.values.findings import Journal
from smnotebook.values.vocabulary import VOCABULARY, plain_word

__all__ = ["says_nothing", "without_placeholders"]

_UNKNOWN = frozenset(map(plain_word, VOCABULARY["nothing"]["unknown"]))
_WITHOUT = _UNKNOWN | frozenset(map(plain_word, VOCABULARY["nothing"]["without"]))

#: Where "none" is no answer. In a detail of the shop's own it is one: a coat's hood may be none.
_NEEDS_A_NAME = frozenset(
    {"systemDetails.brand", "systemDetails.manufacturer", "systemDetails.season", "systemDetails.color"}
)
_OTHERS = ("categoryExternalId", "customDetails.")


def says_nothing(field: str, text: str) -> bool:
    """Whether the text stands for no value in this optional field; never in a required one."""
    if field in _NEEDS_A_NAME:
        return plain_word(text) in _WITHOUT
    return field.startswith(_OTHERS) and plain_word(text) in _UNKNOWN


def without_placeholders(texts: pa.Array, journal: Journal, *, field: str, name: str | None = None) -> pa.Array:
    """The texts, those that stand for nothing missing, which is noted."""
    if field not in _NEEDS_A_NAME and not field.startswith(_OTHERS):
        return texts
    words = [text for text in pc.unique(texts).to_pylist() if text is not None and says_nothing(field, text)]
    if not words:
        return texts
    nothing = pc.is_in(texts, value_set=pa.array(words, texts.type))
    dropped = texts.filter(nothing)
    message = "words for nothing left out"
    journal.add("dropped", message, count=len(dropped), field=field, column=name, examples=distinct_texts(dropped))
    return pc.if_else(pa.array(mask_of(nothing)), pa.scalar(None, TEXT), texts.cast(TEXT))
