"""What the ledger knows of a table's products: a fingerprint for each row."""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.frame.arrow import positions_where
from smnotebook.frame.batches import FINGERPRINT_BYTES, Encoded
from smnotebook.ledger import Book

__all__ = ["UNKNOWN", "Standing", "Words", "as_words", "standing_of"]

#: Fingerprints as rows of two numbers, so that a whole slab is compared at once.
Words = npt.NDArray[np.uint64]

#: Gives the fingerprints of a slab's products as the ledger knows them.
Standing = Callable[[Encoded], Words]


def as_words(fingerprints: bytes) -> Words:
    """Fingerprints that follow each other, as a row of numbers for each."""
    return np.frombuffer(fingerprints, np.uint64).reshape(-1, FINGERPRINT_BYTES // 8)


#: Stands for the fingerprint of a product that the ledger doesn't know.
UNKNOWN = as_words(bytes(FINGERPRINT_BYTES))

# A table that holds this share of what is known is joined with all of it, read once in the ledger's order: a quarter of
# the time of looking up a million ids that are not in that order. It takes 16 bytes a row.
_SHARE = 0.25
_FEW_ROWS = 20_000
_KNOWN_AT_ONCE = 200_000


def standing_of(book: Book, product_ids: pa.ChunkedArray) -> Standing:
    """How to learn of a slab's rows what the ledger knows of their products.

    Parameters
    ----------
    product_ids : ChunkedArray of large_string
        Of every row of the table that the slabs are cut from.
    """
    known = book.count_known()
    if known == 0:
        return lambda slab: np.repeat(UNKNOWN, len(slab), axis=0)
    if len(product_ids) < max(_FEW_ROWS, _SHARE * known):
        return lambda slab: _look_up(book, slab)
    joined = _join(book, product_ids)
    return lambda slab: joined[slab.positions]


def _look_up(book: Book, slab: Encoded) -> Words:
    known = book.fingerprints_of(slab.product_ids)
    return as_words(b"".join(map(known.get, slab.product_ids, repeat(UNKNOWN.tobytes()))))


def _join(book: Book, product_ids: pa.ChunkedArray) -> Words:
    joined = np.repeat(UNKNOWN, len(product_ids), axis=0)
    for known in book.known(chunk=_KNOWN_AT_ONCE):
        places = pc.index_in(product_ids, value_set=pa.array(known.product_ids, pa.large_string()))
        rows = positions_where(places.is_valid())
        joined[rows] = as_words(b"".join(known.fingerprints))[places.drop_null().to_numpy()]
    return joined
