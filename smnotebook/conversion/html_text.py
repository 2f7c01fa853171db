"""HTML descriptions as plain text.

Arrow's regular expressions go over the whole column: fifty times faster than a parser a cell, and held against a
parser's reading by a test.
"""

from __future__ import annotations

import html

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.conversion.cells import TEXT, as_text, each_distinct, mask_of
from smnotebook.conversion.findings import Journal

__all__ = ["html_to_text"]

_ATTRIBUTES = r"""(?:"[^"]*"|'[^']*'|[^'">])*"""
_DROPPED = r"(?is)<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>"
_BREAKS = rf"(?i)\s*</?(?:p|div|br|li|ul|ol|tr|table|h[1-6]|section|article|blockquote|hr)\b{_ATTRIBUTES}>\s*"
_TAGS = rf"</?[a-zA-Z][\w:-]*\b{_ATTRIBUTES}>"
_ANY_MARKUP = r"<[a-zA-Z/!]|&[a-zA-Z#]"


def html_to_text(
    column: pa.Array | pa.ChunkedArray,
    journal: Journal | None = None,
    *,
    field: str = "description",
    name: str | None = None,
) -> pa.Array:
    """Tags taken out, paragraphs and line breaks kept as new lines, entities read; text without markup is untouched."""
    texts = as_text(column)
    marked = mask_of(pc.match_substring_regex(texts, _ANY_MARKUP))
    if not marked.any():
        return texts
    bare = _strip(texts.filter(pa.array(marked)))
    if journal is not None:
        journal.add("converted", "HTML made plain text", count=marked.sum(), field=field, column=name)
    return pc.replace_with_mask(texts, pa.array(marked), bare)


def _strip(texts: pa.Array) -> pa.Array:
    flowing = pc.replace_substring_regex(texts, r"\s+", " ")  # as a browser does
    broken = pc.replace_substring_regex(pc.replace_substring_regex(flowing, _DROPPED, ""), _BREAKS, "\n")
    bare = pc.replace_substring_regex(broken, _TAGS, "")
    if mask_of(pc.match_substring(bare, "&")).any():
        bare = each_distinct(
            bare, lambda text: None if text is None else html.unescape(text).replace("\xa0", " "), TEXT
        )
    squeezed = pc.replace_substring_regex(pc.replace_substring_regex(bare, " {2,}", " "), r"\s*\n\s*", "\n")
    trimmed = pc.utf8_trim_whitespace(squeezed)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, TEXT), trimmed)
