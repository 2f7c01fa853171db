"""Words that stand for yes and no, in stock and not, and for whom a product is made, in six languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import TEXT, Cells, as_text, distinct_texts, each_distinct, mask_of
from smnotebook.values.findings import Journal

__all__ = [
    "STATES",
    "plain_word",
    "read_availability",
    "read_gender",
    "read_strict_truth",
    "read_truth",
    "read_whole",
    "read_words",
]

_YES = "true t yes y 1 on tak prawda ja wahr si verdadero oui vrai vero x enabled aktywny active activo actif attivo"
_NO = "false f no n 0 off nie falsz nein falsch falso non faux disabled nieaktywny inactive inactivo inactif inattivo"
_TRUTH = {**dict.fromkeys(_YES.split(), True), **dict.fromkeys(_NO.split(), False)}

#: What shops call the state of a product's page.
STATES = {
    **_TRUTH,
    **dict.fromkeys(["publish", "published", "visible", "online", "live", "opublikowany"], True),
    **dict.fromkeys(["draft", "archived", "private", "hidden", "unpublished", "offline", "trash", "deleted"], False),
}

# read without a word: there is but one way to understand them
_PLAIN = pa.array(["true", "false", "1", "0"], TEXT)

_AVAILABLE = (
    "instock|in stock|available|limited availability|online only|instoreonly|in store only|onlineonly|"
    "limitedavailability|preorder|pre order|presale|presell|backorder|back order|onbackorder|on backorder|"
    "available for order|"
    "dostepny|dostepna|dostepne|w magazynie|na stanie|na zamowienie|przedsprzedaz|"
    "auf lager|verfugbar|lieferbar|sofort lieferbar|vorbestellbar|vorbestellung|"
    "en stock|disponible|en existencia|en precommande|reserva|preventa|disponibile|in magazzino|preordine"
)
_UNAVAILABLE = (
    "outofstock|out of stock|unavailable|sold out|soldout|discontinued|not available|mark as sold|pending|"
    "niedostepny|niedostepna|niedostepne|brak|brak w magazynie|wyprzedany|wyprzedane|wycofany|"
    "nicht auf lager|nicht verfugbar|nicht lieferbar|ausverkauft|vergriffen|"
    "agotado|sin existencias|no disponible|rupture|rupture de stock|en rupture de stock|epuise|indisponible|"
    "esaurito|non disponibile"
)
_AVAILABILITY = {
    **_TRUTH,
    **dict.fromkeys(_AVAILABLE.split("|"), True),
    **dict.fromkeys(_UNAVAILABLE.split("|"), False),
}
#: Words that let a product be bought although it is not on the shelf: counted as available, and said.
TO_COME = re.compile(
    r"pre[\s_-]?(?:order|sale|sell)|back[\s_-]?order|przedsprzeda|vorbestell|precommande|preventa|preordine"
)

_FEMALE = "female women woman w f 0 damskie kobieta kobiety damen frau femme femmes mujer donna"
_MALE = "male men man m 1 meskie mezczyzna mezczyzni herren mann homme hommes hombre uomo"
_GENDER = {
    **dict.fromkeys(_FEMALE.split(), 0),
    **dict.fromkeys(_MALE.split(), 1),
    **dict.fromkeys(["other", "2"], 2),
    **dict.fromkeys(["unisex", "4"], 4),
    **dict.fromkeys(["undefined", "-1"], -1),
}

_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})


def plain_word(text: str) -> str:
    """A word without case, accents, dashes and the address in front of a schema.org term."""
    tail = text.strip().rsplit("/", 1)[-1] if "schema.org" in text else text
    letters = unicodedata.normalize("NFKD", tail.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[_\-]+", " ", letters).lower().split()) or text.strip()


def read_truth(column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None) -> Cells:
    """Yes and no in any of the six languages as booleans; anything else stays text."""
    return read_words(column, _TRUTH, pa.bool_(), journal, field=field, name=name)


def read_strict_truth(
    column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None
) -> Cells:
    """``true`` and ``false`` only, in any case: for files that are written in the API's own terms."""
    return read_words(column, {"true": True, "false": False}, pa.bool_(), journal, field=field, name=name, quiet=True)


def read_availability(
    column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None
) -> Cells:
    """Stock words and counts as booleans: a positive count is available, and so is what can be ordered ahead."""
    texts = as_text(column)
    ahead = mask_of(pc.match_substring_regex(pc.utf8_lower(texts), TO_COME.pattern))
    if ahead.any():
        message = "can be ordered ahead: counted as available"
        examples = distinct_texts(texts.filter(pa.array(ahead)))
        journal.add("converted", message, count=ahead.sum(), field=field, column=name, examples=examples)

    def decide(word: str) -> bool | None:
        known = _AVAILABILITY.get(plain_word(word))
        return float(word) > 0 if known is None and re.fullmatch(r"-?\d{1,15}(\.\d+)?", word) else known

    return _read(column, decide, pa.bool_(), journal, field=field, name=name)


def read_gender(column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None) -> Cells:
    """Whom it is for as the API's numbers: female 0, male 1, other 2, unisex 4, undefined -1."""
    return read_words(column, _GENDER, pa.int64(), journal, field=field, name=name)


def read_words(
    column: pa.Array | pa.ChunkedArray,
    meanings: Mapping[str, object],
    kind: pa.DataType,
    journal: Journal,
    *,
    field: str,
    name: str | None = None,
    quiet: bool = False,
) -> Cells:
    """What the words of a column stand for; words without a meaning stay text."""
    return _read(
        column, lambda word: meanings.get(plain_word(word)), kind, journal, field=field, name=name, quiet=quiet
    )


def read_whole(column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None) -> Cells:
    """Whole numbers; ``12.0`` and ``1 200`` are ones, fractions stay what they are."""
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_integer(flat.type):
        return Cells(values=flat)
    texts = as_text(flat)
    bare = pc.replace_substring_regex(pc.replace_substring_regex(texts, "[\\s\u00a0]", ""), r"[.,]0+$", "")
    good = pc.match_substring_regex(bare, r"^-?\d{1,18}$")
    values = pc.if_else(good, bare, pa.scalar(None, TEXT)).cast(pa.int64())
    return _kept(values, texts, "a whole number", journal, field=field, name=name)


def _read(
    column: pa.Array | pa.ChunkedArray,
    decide: Callable[[str], object],
    kind: pa.DataType,
    journal: Journal,
    *,
    field: str,
    name: str | None,
    quiet: bool = False,
) -> Cells:
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if flat.type == kind:
        return Cells(values=flat)
    texts = as_text(flat)
    values = each_distinct(texts, lambda word: None if word is None else decide(word), kind)
    read = texts.filter(pa.array(mask_of(values.is_valid()) & ~mask_of(pc.is_in(pc.utf8_lower(texts), _PLAIN))))
    if not quiet and len(read):
        message = f"words read as {'yes or no' if pa.types.is_boolean(kind) else 'numbers'}"
        journal.add("converted", message, count=len(read), field=field, column=name, examples=distinct_texts(read, 4))
    return _kept(values, texts, "a known word", journal, field=field, name=name)


def _kept(values: pa.Array, texts: pa.Array, what: str, journal: Journal, *, field: str, name: str | None) -> Cells:
    unread = pc.if_else(pc.and_(texts.is_valid(), values.is_null()), texts, pa.scalar(None, TEXT))
    count = len(unread) - unread.null_count
    if not count:
        return Cells(values=values)
    message = f"not {what}: left as text"
    journal.add("kept", message, count=count, field=field, column=name, examples=distinct_texts(unread))
    return Cells(values=values, unread=unread)
