"""Addresses of pictures: which of them nobody can open, and blanks and foreign letters in addresses encoded."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.grammars import URL, is_url
from smnotebook.values.cells import Cells, Mask, each_distinct, is_list, mask_of
from smnotebook.values.entries import split_entries
from smnotebook.values.findings import Journal
from smnotebook.values.transforms import PRODUCT_FIELDS

__all__ = ["PICTURES", "bad_pictures", "encode_url", "without_bad_pictures"]

#: The fields that hold pictures; both are optional.
PICTURES = ("mainImageUrl", "imageUrls")

# Beyond it no address is taken; both fields have the same limit.
_LIMIT = PRODUCT_FIELDS["mainImageUrl"].constraint.max  # type: ignore[attr-defined]


def encode_url(text: str) -> str | None:
    """The address with blanks and letters outside ASCII percent-encoded, None where that makes it no URL."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    path = quote(parts.path, safe="/%:@&=+,!~*'$;()-._")
    query = quote(parts.query, safe="/%:@&=+,!~*'$;()-._?[]")
    encoded = urlunsplit((parts.scheme, parts.netloc, path, query, parts.fragment))
    return encoded if is_url(encoded) else None


def bad_pictures(texts: pa.Array) -> Mask:
    """Addresses that are no URL, not even once they are percent-encoded, or that are too long."""
    good = URL.surely_good
    proven = pc.match_substring_regex(texts, f"^(?:{good()})$") if good else pa.nulls(len(texts), pa.bool_())
    doubtful = mask_of(texts.is_valid()) & ~mask_of(proven)
    bad = mask_of(pc.greater(pc.utf8_length(texts), _LIMIT))
    if doubtful.any():
        wrong = each_distinct(
            texts.filter(pa.array(doubtful)), lambda text: not is_url(text) and encode_url(text) is None, pa.bool_()
        )
        bad[np.flatnonzero(doubtful)[mask_of(wrong)]] = True
    return bad


def without_bad_pictures(cells: Cells, field: str, journal: Journal) -> Cells:
    """The field without the pictures that are bad, which the journal tells of; the products stay."""
    entries = split_entries(cells.values, None)
    bad = bad_pictures(entries.texts)
    if not bad.any():
        return cells
    examples = entries.texts.filter(pa.array(bad)).slice(0, 3).to_pylist()
    journal.add("warned", "bad addresses of pictures are left out", count=bad.sum(), field=field, examples=examples)
    kept = entries.keep(~bad)
    return Cells(values=kept.to_lists() if is_list(cells.values.type) else kept.first(), unread=cells.unread)
