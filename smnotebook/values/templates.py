"""Addresses built from templates: ``https://shop.example.com/products/{Handle}``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.errors import UsageError
from smnotebook.values.cells import TEXT, as_text, each_distinct, mask_of
from smnotebook.values.findings import Journal

__all__ = ["fill_template", "slugs", "template_holes"]

# Letters that Unicode does not take apart.
_LETTERS = {"ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe"}
_HOLE = re.compile(r"\{([^{}]*)\}")


def template_holes(template: str) -> list[str]:
    """The names in braces, in their order."""
    return _HOLE.findall(template)


def slugs(names: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Names as the end of an address: ``Żółty kubek 0,5 l`` is ``zolty-kubek-0-5-l``."""
    texts = as_text(names)
    for letter, plain in _LETTERS.items():
        if pc.any(pc.match_substring(texts, letter)).as_py():
            texts = pc.replace_substring(texts, letter, plain)
    plain = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKD"))
    joined = pc.replace_substring_regex(pc.replace_substring_regex(plain, r"[^\x00-\x7f]", ""), "[^a-z0-9]+", "-")
    return as_text(pc.utf8_trim(joined, "-"))


def fill_template(
    template: str,
    column_of: Callable[[str], pa.Array | None],
    known: Iterable[str],
    journal: Journal,
    *,
    field: str,
    size: int,
) -> pa.Array:
    """One address a row; a row with an empty hole has none, which is noted.

    Parameters
    ----------
    column_of : callable
        Gives the column for a hole's name, None where there is none.
    known : iterable of str
        Names to choose from, for the error message.

    Raises
    ------
    UsageError
        When a hole names no column, or the template has no hole at all.
    """
    parts = _HOLE.split(template)
    if len(parts) == 1:
        raise UsageError(
            f"The template for {field} names no column: every product would get the same address. "
            "Put a column's name in braces, for example https://shop.example.com/products/{slug}."
        )
    pieces: list[pa.Array | pa.Scalar] = []
    for at, part in enumerate(parts):
        if at % 2 == 0:
            pieces.append(pa.scalar(part, TEXT))
            continue
        column = column_of(part)
        if column is None:
            raise UsageError(_unknown_hole(part, known, field))
        pieces.append(_quoted(as_text(column)))
    filled = pc.binary_join_element_wise(*pieces, pa.scalar("", TEXT))
    empty = mask_of(filled.is_null())
    if empty.any():
        rows = [f"row {row}" for row in empty.nonzero()[0][:3]]
        holes = ", ".join(template_holes(template))
        message = f"no address: {{{holes}}} is empty in these rows"
        journal.add("warned", message, count=empty.sum(), field=field, examples=rows)
    return filled if len(filled) == size else pa.nulls(size, TEXT)


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
