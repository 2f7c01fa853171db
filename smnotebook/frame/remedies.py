"""What can be done about a cell: each remedy reads the distinct texts of a column and proposes a value for some.

A remedy proposes only what it is sure of. Text that can be read in two ways ("1,234") is left as it is, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.damage import ID_DAMAGE, NULL_WORDS, TEXT_DAMAGE
from smnotebook.contract.fields import Choice, Constraint, Flag, Items, Money, Text, Whole
from smnotebook.contract.grammars import URL
from smnotebook.values.amounts.reading import read_count, read_money
from smnotebook.values.cells import Cells, mask_of
from smnotebook.values.entries import split_urls
from smnotebook.values.findings import Journal
from smnotebook.values.mojibake import mend_text, twice_encoded
from smnotebook.values.pictures import PICTURES, bad_pictures, encode_url
from smnotebook.values.plain_text import bare_id, decode_entities, decode_markup, drop_invisible
from smnotebook.values.vocabulary import STATES, TRUTH
from smnotebook.values.words import read_availability, read_gender, read_words

__all__ = ["BAD_IMAGES", "REMEDIES", "TRIM", "Remedy"]

_MARKUP, _CONTROL = (
    next(damage.pattern for damage in TEXT_DAMAGE if damage.name == name) for name in ("markup", "control")
)

#: Damage of ids that can be taken off without a doubt.
_UNSEEN = {"guard", "invisible", "outer_blank"}

Suspects = Callable[[pa.LargeStringArray, Constraint], pa.BooleanArray]
Mend = Callable[[pa.LargeStringArray, Constraint, str, Journal], Sequence[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One kind of repair.

    Attributes
    ----------
    kind : str
        The name it is chosen by.
    text : str
        What it does, for a person.
    fits : callable
        Whether it is for a field with this constraint.
    suspects : callable
        Finds the texts that may need it; others are left alone unseen.
    mend : callable
        Takes distinct texts, the constraint, the field's path, and a journal that knows how the column's numbers are
        read; gives a value for each, None where it has none.
    """

    kind: str
    text: str
    fits: Callable[[Constraint], bool]
    suspects: Suspects
    mend: Mend


def _like(pattern: str) -> Suspects:
    """Texts that an RE2 pattern is found in."""
    return lambda texts, _constraint: pc.match_substring_regex(texts, pattern)


def _any(texts: pa.LargeStringArray, _constraint: Constraint) -> pa.BooleanArray:
    return texts.is_valid()


def _too_long(texts: pa.LargeStringArray, constraint: Constraint) -> pa.BooleanArray:
    limit = constraint.max if isinstance(constraint, Text) else None
    return pc.greater(pc.utf8_length(texts), pa.scalar(limit, pa.int64()))


def _twice_encoded(texts: pa.LargeStringArray, _constraint: Constraint) -> pa.BooleanArray:
    return pa.array(twice_encoded(texts))


def _repair_encoding(
    texts: pa.LargeStringArray, _constraint: Constraint, _path: str, _journal: Journal
) -> Sequence[object]:
    repaired: Sequence[object] = mend_text(texts, mask_of(texts.is_valid())).to_pylist()
    return repaired


def _among(words: Sequence[str]) -> Suspects:
    return lambda texts, _constraint: pc.is_in(texts, value_set=pa.array(words, pa.large_string()))


def _is_id(constraint: Constraint) -> bool:
    return isinstance(constraint, Text) and constraint.damage is ID_DAMAGE


def _each(change: Callable[[str], object]) -> Mend:
    return lambda texts, _constraint, _path, _journal: [change(text) for text in texts.to_pylist()]


def _is_plain_text(constraint: Constraint) -> bool:
    return isinstance(constraint, Text) and constraint.grammar is None


def _is_url(constraint: Constraint) -> bool:
    return isinstance(constraint, Text) and constraint.grammar is URL


def _collapse(texts: pa.LargeStringArray, constraint: Constraint, _path: str, _journal: Journal) -> Sequence[object]:
    """Blanks around a text go; runs of them inside become one, but not in long texts, where lines have a meaning."""
    keeps_lines = isinstance(constraint, Text) and constraint.max > 2048
    return [text.strip() if keeps_lines else " ".join(text.split()) for text in texts.to_pylist()]


# Digits that a float keeps: of a longer number the last ones may be wrong.
_EXACT_DIGITS = 15


def _restore_id(texts: pa.LargeStringArray, _constraint: Constraint, path: str, _journal: Journal) -> Sequence[object]:
    is_id = path in {"productId", "categoryExternalId"}
    wholes = [text.split(".")[0] for text in texts.to_pylist()]
    return [whole if is_id and len(whole) <= _EXACT_DIGITS else None for whole in wholes]


def _decode(texts: pa.LargeStringArray, constraint: Constraint, _path: str, _journal: Journal) -> Sequence[object]:
    """Tags are taken out only where no text of several lines is due."""
    is_line = isinstance(constraint, Text) and constraint.damage is TEXT_DAMAGE
    return [decode_markup(text) if is_line else decode_entities(text) for text in texts.to_pylist()]


def _read_money(texts: pa.LargeStringArray, _constraint: Constraint, path: str, journal: Journal) -> Sequence[object]:
    return _values(read_money(texts, journal.quiet(), field=path, name=path))


def _read_truth(texts: pa.LargeStringArray, _constraint: Constraint, path: str, _journal: Journal) -> Sequence[object]:
    if path == "available":
        return _values(read_availability(texts, Journal(), field=path))
    words = STATES if path == "active" else TRUTH
    return _values(read_words(texts, words, pa.bool_(), Journal(), field=path))


def _read_gender(texts: pa.LargeStringArray, _constraint: Constraint, path: str, _journal: Journal) -> Sequence[object]:
    return _values(read_gender(texts, Journal(), field=path))


def _read_whole(texts: pa.LargeStringArray, _constraint: Constraint, path: str, journal: Journal) -> Sequence[object]:
    return _values(read_count(texts, journal.quiet(), field=path, name=path))


def _values(cells: Cells) -> Sequence[Any]:
    values: Sequence[Any] = cells.values.to_pylist()
    return values


def _split_list(texts: pa.LargeStringArray, constraint: Constraint, _path: str, _journal: Journal) -> Sequence[object]:
    """Addresses wherever they part; other texts at bars, semicolons and line ends.

    A comma may belong to a name, so a text parted by nothing but commas is left alone.
    """
    if isinstance(constraint, Items) and constraint.of.grammar is URL:
        lists: Sequence[object] = split_urls(texts).to_lists().to_pylist()
        return lists
    split = ([part.strip() for part in re.split(r"[|;\n]", text) if part.strip()] for text in texts.to_pylist())
    return [None if len(parts) == 1 and "," in parts[0] else parts for parts in split]


def _trim(texts: pa.LargeStringArray, constraint: Constraint, _path: str, _journal: Journal) -> Sequence[object]:
    limit = constraint.max if isinstance(constraint, Text) else None
    return [text[:limit].rstrip() for text in texts.to_pylist()]


def _leave_out(texts: pa.LargeStringArray, _constraint: Constraint, path: str, _journal: Journal) -> Sequence[object]:
    return ["" if bad else None for bad in bad_pictures(texts)] if path in PICTURES else [None] * len(texts)


#: In the order in which they are tried; a later one sees what an earlier one proposed.
REMEDIES: tuple[Remedy, ...] = (
    Remedy(
        kind="null",
        text="words that a program wrote for a missing value become empty",
        fits=_is_plain_text,
        suspects=_among(NULL_WORDS),
        mend=_each(lambda _word: ""),
    ),
    Remedy(
        kind="encoding",
        text="texts that were encoded twice are repaired",
        fits=lambda constraint: isinstance(constraint, Text),
        suspects=_twice_encoded,
        mend=_repair_encoding,
    ),
    Remedy(
        kind="guard",
        text="a spreadsheet's marks, invisible characters and blanks around ids go",
        fits=_is_id,
        suspects=_like("|".join(kind.pattern for kind in ID_DAMAGE if kind.name in _UNSEEN)),
        mend=_each(bare_id),
    ),
    Remedy(
        kind="entities",
        text="HTML entities become the characters they stand for, tags go from names, categories and brands",
        fits=lambda constraint: isinstance(constraint, Text),
        suspects=_like(_MARKUP),
        mend=_decode,
    ),
    Remedy(
        kind="control",
        text="control and zero-width characters go",
        fits=lambda constraint: isinstance(constraint, Text) and not _is_id(constraint),
        suspects=_like(_CONTROL),
        mend=_each(drop_invisible),
    ),
    Remedy(
        kind="blanks",
        text="blanks around a text go, and runs of blanks become one",
        fits=lambda constraint: isinstance(constraint, Text),
        suspects=_like(r"^[\s\pZ]|[\s\pZ]$|[\s\pZ][\s\pZ]|[\t\n\r\x{a0}\x{2028}\x{2029}]"),
        mend=_collapse,
    ),
    Remedy(
        kind="url",
        text="blanks and letters outside ASCII in a URL are percent-encoded",
        fits=_is_url,
        suspects=_like(r"[^!-~]"),
        mend=_each(encode_url),
    ),
    Remedy(
        kind="id",
        text="ids that a spreadsheet turned into numbers lose the .0",
        fits=_is_plain_text,
        suspects=_like(r"^\d+\.0+$"),
        mend=_restore_id,
    ),
    Remedy(
        kind="money",
        text="amounts written as text become numbers",
        fits=lambda constraint: isinstance(constraint, Money),
        suspects=_any,
        mend=_read_money,
    ),
    Remedy(
        kind="truth",
        text="words for yes, no and stock become True and False",
        fits=lambda constraint: isinstance(constraint, Flag),
        suspects=_any,
        mend=_read_truth,
    ),
    Remedy(
        kind="gender",
        text="words for women, men and unisex become their numbers",
        fits=lambda constraint: isinstance(constraint, Choice),
        suspects=_any,
        mend=_read_gender,
    ),
    Remedy(
        kind="number",
        text="whole numbers written as text become numbers",
        fits=lambda constraint: isinstance(constraint, Whole) and not isinstance(constraint, Choice),
        suspects=_any,
        mend=_read_whole,
    ),
    Remedy(
        kind="list",
        text="lists written as one text are taken apart",
        fits=lambda constraint: isinstance(constraint, Items),
        suspects=_any,
        mend=_split_list,
    ),
)

#: Only where it is asked for by name: it loses text.
TRIM = Remedy(
    kind="trim",
    text="texts are cut to the limit",
    fits=lambda constraint: isinstance(constraint, Text),
    suspects=_too_long,
    mend=_trim,
)

#: Only where it is asked for by name: the picture is lost, and the product is not.
BAD_IMAGES = Remedy(
    kind="bad_images",
    text="addresses of pictures that nobody can open are left out",
    fits=_is_url,
    suspects=_any,
    mend=_leave_out,
)
