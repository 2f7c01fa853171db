"""Addresses built from templates: ``https://shop.example.com/products/{Handle}``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.conversion.cells import TEXT, as_text, each_distinct, mask_of
from smnotebook.conversion.findings import Journal
from smnotebook.conversion.words import plain_word
from smnotebook.errors import UsageError

__all__ = ["fill_template", "slugs", "template_holes"]

_HOLE = re.compile(r"\{([^{}]*)\}")


def template_holes(template: str) -> list[str]:
    """The names in braces, in their order."""
    return _HOLE.findall(template)


def slugs(names: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Names as the end of an address: ``Żółty kubek 0,5 l`` is ``zolty-kubek-0-5-l``."""

    def slug(name: str | None) -> str | None:
        return None if name is None else re.sub(r"[^a-z0-9]+", "-", plain_word(name).lower()).strip("-") or None

    return each_distinct(as_text(names), slug, TEXT)


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
        pieces.append(
            each_distinct(
                as_text(column), lambda text: None if text is None else quote(text.strip(), safe="/-._~"), TEXT
            )
        )
    filled = pc.binary_join_element_wise(*pieces, pa.scalar("", TEXT))
    empty = mask_of(filled.is_null())
    if empty.any():
        rows = [f"row {row}" for row in empty.nonzero()[0][:3]]
        holes = ", ".join(template_holes(template))
        message = f"no address: {{{holes}}} is empty in these rows"
        journal.add("warned", message, count=empty.sum(), field=field, examples=rows)
    return filled if len(filled) == size else pa.nulls(size, TEXT)


def _unknown_hole(hole: str, known: Iterable[str], field: str) -> str:
    names = list(known)
    near = difflib.get_close_matches(hole, names, n=3, cutoff=0.4) or names[:8]
    listed = ", ".join([*near, "slug"])
    return f"The template for {field} asks for {{{hole}}}, and no column is called that. Use one of: {listed}."
