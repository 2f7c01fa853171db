"""Words that shops write where they have nothing to say: "n/a", "Niezdefiniowany", "ohne", "-"."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.amounts.parsing import Shape
from smnotebook.values.cells import TEXT, as_text, distinct_texts, is_text, mask_of
from smnotebook.values.findings import Journal
from smnotebook.values.vocabulary import VOCABULARY, plain_word

__all__ = ["numbers_alone", "says_nothing", "without_placeholders"]

_UNKNOWN = frozenset(map(plain_word, VOCABULARY["nothing"]["unknown"]))
_WITHOUT = _UNKNOWN | frozenset(map(plain_word, VOCABULARY["nothing"]["without"]))
_NO_PICTURE = _WITHOUT | frozenset(map(plain_word, VOCABULARY["nothing"]["pictures"]))
#: What may be one of them; names of files are not, and neither is what is longer than any of these.
_MAY_BE_A_WORD = r"^.{0,40}$"
_FILE = r"\.[A-Za-z]{3,4}$"

#: Where "none" is no answer. In a detail of the shop's own it is one: a coat's hood may be none.
_NEEDS_A_NAME = frozenset(
    {"systemDetails.brand", "systemDetails.manufacturer", "systemDetails.season", "systemDetails.color"}
)
_OTHERS = ("categoryExternalId", "customDetails.")
_PICTURES = frozenset({"mainImageUrl", "imageUrls"})
#: No word is a number, so that one of these says that there is none; a price is then missing.
_NUMBERS = frozenset({"price", "discountPrice", "quantity"})


def says_nothing(field: str, text: str) -> bool:
    """Whether the text stands for no value in this field; never in a required one that holds text."""
    if field in _PICTURES:
        return plain_word(text) in _NO_PICTURE
    if field in _NEEDS_A_NAME | _NUMBERS:
        return plain_word(text) in _WITHOUT
    return field.startswith(_OTHERS) and plain_word(text) in _UNKNOWN


def without_placeholders(texts: pa.Array, journal: Journal, *, field: str, name: str | None = None) -> pa.Array:
    """The texts, those that stand for nothing missing, which is noted."""
    if field not in _NEEDS_A_NAME | _PICTURES | _NUMBERS and not field.startswith(_OTHERS):
        return texts
    asked = texts
    if field in _PICTURES:
        is_file = pc.match_substring_regex(texts, _FILE)
        asked = texts.filter(pc.and_not(pc.match_substring_regex(texts, _MAY_BE_A_WORD), is_file))
    words = [text for text in pc.unique(asked).to_pylist() if text is not None and says_nothing(field, text)]
    if not words:
        return texts
    nothing = pc.is_in(texts, value_set=pa.array(words, texts.type))
    dropped = texts.filter(nothing)
    message = "words for nothing left out"
    journal.add("dropped", message, count=len(dropped), field=field, column=name, examples=distinct_texts(dropped))
    return pc.if_else(pa.array(mask_of(nothing)), pa.scalar(None, TEXT), texts.cast(TEXT))


def numbers_alone(column: pa.Array, journal: Journal, *, field: str, name: str | None = None) -> pa.Array:
    """A column of amounts or counts without such words; the same array where it has none."""
    if not is_text(column.type):
        return column
    parsed = journal.amounts.parsed(column)
    texts = parsed.texts.filter(pa.array(parsed.shape == Shape.UNREADABLE))
    if not any(says_nothing(field, text) for text in texts.to_pylist()):
        return column
    return without_placeholders(as_text(column), journal, field=field, name=name)
