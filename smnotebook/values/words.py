"""Words that stand for yes and no, in stock and not, and for whom a product is made, as columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.amounts.counts import at_least_one
from smnotebook.values.cells import TEXT, Cells, Mask, as_text, distinct_texts, each_distinct, mask_of, one_array
from smnotebook.values.findings import Journal
from smnotebook.values.stock import Stock, read_stock
from smnotebook.values.vocabulary import GENDER, TRUTH, VOCABULARY, plain_word

__all__ = [
    "discontinued",
    "read_availability",
    "read_gender",
    "read_sold_out",
    "read_strict_truth",
    "read_truth",
    "read_words",
]

# read without a word: there is but one way to understand them
_PLAIN = pa.array(["true", "false", "1", "0"], TEXT)

#: Column names that end so hold codes; the longer words also at the end of a compound, ``Lagerstatus``.
_CODE_NAMES = frozenset(map(plain_word, VOCABULARY["code_columns"]["last_words"]))
_CODE_ENDINGS = tuple(word for word in _CODE_NAMES if len(word) > 4)
#: Column names with one of these in them hold counts.
_COUNT_NAMES = tuple(map(plain_word, VOCABULARY["code_columns"]["counts"]))
#: A shop has few codes for availability, and writes them with one or two digits; stock varies more.
_MOST_CODES = 6
_SMALL = 100
_WHOLE = re.compile(r"\s*\d+(?:\.0+)?\s*")

_SAID = {
    Stock.LATER: "can be ordered ahead: counted as available",
    Stock.DELIVERED: "a delivery time: counted as available",
    Stock.GONE: "discontinued: counted as not available",
}


def read_truth(column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None) -> Cells:
    """Yes and no in any of the languages as booleans; anything else stays text."""
    return read_words(column, TRUTH, pa.bool_(), journal, field=field, name=name)


def read_strict_truth(
    column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None
) -> Cells:
    """``true`` and ``false`` only, in any case: for files that are written in the API's own terms."""
    return read_words(column, {"true": True, "false": False}, pa.bool_(), journal, field=field, name=name, quiet=True)


def read_availability(
    column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None
) -> Cells:
    """Stock phrases and counts as booleans: a positive count is available, and so is what can be ordered ahead.

    Numbers beyond yes and no stay text in a column that is called a code, and so do a few small ones in a column whose
    name speaks of no count: what each stands for is known only to the preset of the shop that wrote them.
    """
    flat = one_array(column)
    texts = as_text(flat)
    if not pa.types.is_boolean(flat.type) and _holds_codes(texts, name, journal):
        message = (
            "numbers in a column of codes: only the shop knows what each stands for. "
            f"If they are counts, map them: mapping={{'quantity': {name!r}}}"
        )
        count, examples = len(texts) - texts.null_count, distinct_texts(texts)
        journal.add("warned", message, count=count, field=field, column=name, examples=examples)
        return Cells(values=pa.nulls(len(texts), pa.bool_()), unread=texts)
    told = _stock_of(texts)
    for stock, message in _SAID.items():
        here = pc.equal(told, stock.value)
        if pc.any(here).as_py():
            some = texts.filter(here)
            journal.add("converted", message, count=len(some), field=field, column=name, examples=distinct_texts(some))

    def decide(text: str) -> bool | None:
        stock = read_stock(text)
        return None if stock is None else stock.can_be_bought

    return _read(flat, decide, pa.bool_(), journal, field=field, name=name)


def read_sold_out(
    column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None
) -> Cells:
    """A column that is called sold out, or the like, as availability: yes is not available, no is available.

    A stock phrase says by itself what it means and is not turned round; a count says nothing under such a name and
    stays text.
    """
    flat = one_array(column)

    def decide(text: str) -> bool | None:
        said = TRUTH.get(plain_word(text))
        if said is not None:
            return not said
        stock = None if at_least_one(text) is not None else read_stock(text)
        return None if stock is None else stock.can_be_bought

    read = _read(as_text(flat), decide, pa.bool_(), journal, field=field, name=name, quiet=True)
    count = len(read.values) - read.values.null_count
    if count:
        journal.add("converted", "sold out turned into available: yes is no", count=count, field=field, column=name)
    return read


def discontinued(column: pa.Array | pa.ChunkedArray) -> Mask:
    """Which cells say that the product will not come back."""
    return mask_of(pc.equal(_stock_of(as_text(column)), Stock.GONE.value))


def _stock_of(texts: pa.Array) -> pa.Array:
    """What each text says, by the value of its :class:`Stock`; null where it says nothing that is known."""

    def said(text: str | None) -> str | None:
        stock = None if text is None else read_stock(text)
        return None if stock is None else stock.value

    return each_distinct(texts, said, TEXT)


@dataclass(frozen=True, kw_only=True)
class _Numbers:
    """What a column shows: whether a number is beyond 0 and 1, and whether it holds nothing but a few small ones."""

    is_beyond_flags: bool
    are_few_and_small: bool

    @classmethod
    def of_chunks(cls, columns: Iterable[pa.Array]) -> _Numbers:
        """What all chunks show together."""
        found: set[str] = set()
        for column in columns:
            found |= set(pc.unique(as_text(column).drop_null()).to_pylist())
        numbers = {float(text) for text in found if _WHOLE.fullmatch(text)}
        is_beyond = bool(numbers - {0, 1})
        are_small = len(numbers) == len(found) <= _MOST_CODES and all(number < _SMALL for number in numbers)
        return cls(is_beyond_flags=is_beyond, are_few_and_small=is_beyond and are_small)


def _holds_codes(texts: pa.Array, name: str | None, journal: Journal) -> bool:
    """By the column's name, and by the numbers in all of it."""
    if name is None:
        return False
    words = [plain_word(word) for word in re.split(r"[^\w]+|_", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))]
    is_code = words[-1] in _CODE_NAMES or words[-1].endswith(_CODE_ENDINGS)
    if not is_code and any(part in word for word in words for part in _COUNT_NAMES):
        return False
    survey = journal.amounts.survey
    numbers = _Numbers.of_chunks([texts]) if survey is None else survey.shown(name, _Numbers.of_chunks)
    return numbers.is_beyond_flags if is_code else numbers.are_few_and_small


def read_gender(column: pa.Array | pa.ChunkedArray, journal: Journal, *, field: str, name: str | None = None) -> Cells:
    """Whom it is for as the API's numbers: female 0, male 1, other 2, unisex 4, undefined -1."""
    return read_words(column, GENDER, pa.int64(), journal, field=field, name=name)


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
    flat = one_array(column)
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
