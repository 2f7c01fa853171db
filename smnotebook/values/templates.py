"""Addresses built from templates: ``https://shop.example.com/products/{Handle}``."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.errors import UsageError
from smnotebook.values.cells import TEXT, Mask, as_text, each_distinct, mask_of
from smnotebook.values.findings import Journal

__all__ = ["check_holes", "check_template", "fill_template", "slugs", "template_holes"]

# Letters that Unicode does not take apart.
_LETTERS = {
    "ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
    "ı": "i", "þ": "th", "Þ": "TH", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H",
}  # fmt: skip
_HOLE = re.compile(r"\{([^{}]*)\}")


def template_holes(template: str) -> list[str]:
    """The names in braces, in their order."""
    return _HOLE.findall(template)


def slugs(names: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Names as the end of an address: ``Żółty kubek 0,5 l`` is ``zolty-kubek-0-5-l``.

    Letters of other scripts stay letters, ``Чай №5`` is ``чай-no5``: leaving them out would give many products one
    address. A name of nothing but signs, such as an emoji, keeps those outside ASCII. Null where nothing is left.
    """
    texts = as_text(names)
    for letter, plain in _LETTERS.items():
        if pc.any(pc.match_substring(texts, letter)).as_py():
            texts = pc.replace_substring(texts, letter, plain)
    apart = pc.utf8_normalize(texts, form="NFKD")
    if not pc.all(pc.string_is_ascii(apart)).as_py():
        other_letters = pc.any(pc.match_substring_regex(apart, r"[^\x00-\x7f\x{300}-\x{36f}]")).as_py()
        marks, kept = (r"([A-Za-z])\p{M}+", r"\1") if other_letters else (r"[\x{300}-\x{36f}]", "")
        apart = pc.replace_substring_regex(apart, marks, kept)
    if pc.all(pc.string_is_ascii(apart)).as_py():
        return _dashed(pc.ascii_lower(apart), "[^a-z0-9]+")
    apart = pc.replace_substring_regex(apart, r"[\x{200d}\x{fe0f}]", "")
    if not pc.all(pc.string_is_ascii(apart)).as_py():
        # marks that belong to a letter outside ASCII join it again, й is no и; Arrow 24 leaves them apart
        apart = each_distinct(apart, lambda text: unicodedata.normalize("NFC", text), TEXT)
    plain = pc.utf8_lower(apart)
    words = _dashed(plain, r"[^\p{L}\p{N}\p{M}]+")
    nameless = pc.and_(texts.is_valid(), words.is_null())
    return pc.if_else(nameless, _dashed(plain, r"[\x00-\x7f]+"), words) if len(words) else words


def _dashed(texts: pa.Array, unfit: str) -> pa.Array:
    return as_text(pc.utf8_trim(pc.replace_substring_regex(texts, unfit, "-"), "-"))


def check_template(template: str, field: str) -> None:
    """Refuse a template that gives every product the same address, or whose braces do not match.

    Raises
    ------
    UsageError
        It says what is wrong and shows a template that works.
    """
    example = "for example https://shop.example.com/products/{slug}"
    if not _HOLE.search(template):
        raise UsageError(
            f"The template for {field} names no column: every product would get the same address. "
            f"Put a column's name in braces, {example}."
        )
    if set("{}") & set(_HOLE.sub("", template)):
        raise UsageError(f"The braces in the template for {field} do not match: {template}. Write {example}.")


def check_holes(template: str, can_fill: Callable[[str], bool], known: Iterable[str], field: str) -> None:
    """Refuse a template with a hole that nothing can fill.

    Raises
    ------
    UsageError
        It names the hole and the columns that are like it.
    """
    for hole in template_holes(template):
        if not can_fill(hole):
            raise UsageError(_unknown_hole(hole, known, field))


def fill_template(
    template: str,
    column_of: Callable[[str], pa.Array | None],
    known: Iterable[str],
    journal: Journal,
    *,
    field: str,
    own: pa.Array | None = None,
) -> pa.Array:
    """One address a row: the row's own where it has one, otherwise one built from the template.

    A row without either is noted, and so are rows that get one and the same address.

    Parameters
    ----------
    column_of : callable
        Gives the column for a hole's name, None where there is none.
    known : iterable of str
        Names to choose from, for the error message.
    own : pa.Array, optional
        The addresses that are there; they are never replaced.

    Raises
    ------
    UsageError
        When a hole names no column, or the template has no hole at all.
    """
    check_template(template, field)
    pieces: list[pa.Array | pa.Scalar] = []
    for at, part in enumerate(_HOLE.split(template)):
        if at % 2 == 0:
            pieces.append(pa.scalar(part, TEXT))
            continue
        column = column_of(part)
        if column is None:
            raise UsageError(_unknown_hole(part, known, field))
        pieces.append(_quoted(as_text(column)))
    built = pc.binary_join_element_wise(*pieces, pa.scalar("", TEXT))
    addresses = built if own is None else pc.coalesce(as_text(own), built)
    is_built = np.ones(len(built), dtype=bool) if own is None else mask_of(as_text(own).is_null())
    holes = ", ".join(template_holes(template))
    empty = mask_of(addresses.is_null())
    if empty.any():
        rows = [f"row {row}" for row in empty.nonzero()[0][:3]]
        message = f"no address: {{{holes}}} is empty in these rows"
        journal.add("warned", message, count=empty.sum(), field=field, examples=rows)
    _say_shared(addresses, is_built & ~empty, holes, journal, field)
    return addresses


def _say_shared(addresses: pa.Array, is_built: Mask, holes: str, journal: Journal, field: str) -> None:
    built = addresses if is_built.all() else addresses.filter(pa.array(is_built))
    if pc.count_distinct(built).as_py() == len(built):
        return
    counts = built.value_counts()
    repeated = counts.filter(pc.greater(counts.field("counts"), 1))
    message = f"products share an address: {{{holes}}} is the same in several rows. Use a column that differs"
    count = pc.sum(repeated.field("counts")).as_py()
    journal.add("warned", message, count=count, field=field, examples=repeated.field("values")[:3].to_pylist())


def _quoted(texts: pa.Array) -> pa.Array:
    """Texts as a part of an address, everything but letters, digits and ``/-._~`` percent-encoded."""
    foreign = pc.invert(pc.match_substring_regex(texts, r"^[A-Za-z0-9/._~-]*$"))
    if not mask_of(foreign).any():
        return texts
    encoded = each_distinct(texts.filter(foreign), lambda text: quote(text.strip(), safe="/-._~"), TEXT)
    return pc.replace_with_mask(texts, foreign, encoded)


def _unknown_hole(hole: str, known: Iterable[str], field: str) -> str:
    names = list(known)
    near = difflib.get_close_matches(hole, names, n=3, cutoff=0.4) or names[:8]
    listed = ", ".join([*near, "slug"])
    return f"The template for {field} asks for {{{hole}}}, and no column is called that. Use one of: {listed}."
