"""HTML descriptions as plain text.

Arrow's regular expressions go over the whole column: fifty times faster than a parser a cell, and held against a
parser's reading by a test.
"""

from __future__ import annotations

import html

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import TEXT, as_text, each_distinct, mask_of
from smnotebook.values.findings import Journal

__all__ = ["html_to_text"]

_ATTRIBUTES = r"""(?:"[^"]*"|'[^']*'|[^'">])*"""
_DROPPED = r"(?is)<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>"
_BLOCKS = "p|div|br|li|ul|ol|tr|table|h[1-6]|section|article|blockquote|hr"
_BREAKS = rf"(?i)(?:\s*</?(?:{_BLOCKS})\b{_ATTRIBUTES}>\s*)+"
_CELLS = rf"(?i)</?t[dh]\b{_ATTRIBUTES}>"
_TAGS = rf"</?[a-zA-Z][\w:-]*\b{_ATTRIBUTES}>"
# &amp; last: &amp;lt; is the text &lt; and no sign
_EVERYDAY = {
    "&nbsp;": " ", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#39;": "'", "&#039;": "'", "&amp;": "&",
}  # fmt: skip
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
    flowing = _replaced(texts, r"[\t\r\n]|  ", r"\s+", " ")  # as a browser does
    shown = _replaced(flowing, r"<!--|(?i:<script|<style)", _DROPPED, "")
    lines = pc.replace_substring_regex(shown, _BREAKS, "\n")
    bare = pc.replace_substring_regex(_replaced(lines, "(?i)<t[dh]", _CELLS, " "), _TAGS, "")
    squeezed = _replaced(_unescaped(bare), "  ", " {2,}", " ")
    trimmed = pc.utf8_trim_whitespace(_replaced(squeezed, r"\s\n|\n\s", r"\s*\n\s*", "\n"))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, TEXT), trimmed)


def _replaced(texts: pa.Array, telltale: str, pattern: str, by: str) -> pa.Array:
    """Replace where the telltale is found: a look costs a fraction of a replacement."""
    found = pc.match_substring_regex(texts, telltale)
    return pc.replace_substring_regex(texts, pattern, by) if pc.any(found).as_py() else texts


def _unescaped(texts: pa.Array) -> pa.Array:
    """Entities read: the everyday ones by Arrow, texts with any other by the standard library."""
    if not mask_of(pc.match_substring(texts, "&")).any():
        return texts
    rest = pc.replace_substring_regex(texts, "&(?:amp|nbsp|lt|gt|quot|apos|#0?39);", "")
    rare = pc.match_substring_regex(rest, "&[a-zA-Z#]")
    plain = texts
    for entity, sign in _EVERYDAY.items():
        if pc.any(pc.match_substring(plain, entity)).as_py():
            plain = pc.replace_substring(plain, entity, sign)
    if not mask_of(rare).any():
        return plain
    read = each_distinct(texts.filter(rare), lambda text: html.unescape(text).replace("\xa0", " "), TEXT)
    return pc.replace_with_mask(plain, pc.fill_null(rare, False), read)  # noqa: FBT003 - Arrow's own
