"""What an upload would do with each row, decided before a byte moves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from smnotebook.errors import UsageError
from smnotebook.frame.arrow import Positions
from smnotebook.frame.batches import Encoded, encode_slabs
from smnotebook.frame.duplicates import repeated_rows
from smnotebook.frame.table import CanonicalTable
from smnotebook.ledger import Book
from smnotebook.upload.options import Options
from smnotebook.upload.standing import UNKNOWN, Standing, Words, as_words

__all__ = ["SENT_KINDS", "Kind", "Mark", "Marked", "mark_rows", "mark_to_send_at_once"]

#: Encoded rows that a plan keeps for sending; what goes beyond is encoded a second time, so that the memory of a plan
#: does not grow with the frame.
_KEPT_BYTES = 48 * 1024 * 1024


class Kind(IntEnum):
    """What would become of a row.

    ``UNSETTLED`` rows were sent before and never answered for; ``FORCED`` ones are known to be stored and are sent all
    the same, as asked; a ``COPY`` shares the end of the row it repeats.
    """

    REFUSED = 0
    NEW = 1
    CHANGED = 2
    UNSETTLED = 3
    FORCED = 4
    UNCHANGED = 5
    COPY = 6


SENT_KINDS = (Kind.NEW, Kind.CHANGED, Kind.UNSETTLED, Kind.FORCED)


@dataclass(frozen=True, kw_only=True)
class Marked:
    """Rows by kind, and what of them travels.

    Attributes
    ----------
    kinds : ndarray of int8
        A :class:`Kind` for each row.
    copies, originals : ndarray of int64
        Rows that repeat an earlier one, and the rows they repeat.
    content : bytes
        Digest of the products, of their order and of the rows they stand in; nothing of the ledger is in it.
    standing : bytes
        Digest of what the ledger knew of these products.
    payload_bytes : int
        Of the products to be sent; 0 where they were not encoded yet, and the two digests are empty then.
    slabs : tuple of Encoded, or None
        The products to be sent; None where they are too many to keep, or not encoded yet.
    """

    kinds: npt.NDArray[np.int8]
    copies: Positions
    originals: Positions
    content: bytes = b""
    standing: bytes = b""
    payload_bytes: int = 0
    slabs: tuple[Encoded, ...] | None = None

    def count(self, kind: Kind) -> int:
        """Rows of one kind."""
        return int(np.count_nonzero(self.kinds == kind))

    @property
    def positions_to_send(self) -> Positions:
        """Rows that would travel, ascending."""
        return np.flatnonzero(np.isin(self.kinds, SENT_KINDS))


#: Says of each row what would become of it.
Mark = Callable[[CanonicalTable, Positions, Book, Standing, Options], Marked]


def mark_rows(table: CanonicalTable, refused: Positions, book: Book, standing: Standing, options: Options) -> Marked:
    """Hold every row that preflight passed against what the ledger knows."""
    kinds, copies, originals = _unless_refused(table, refused)
    marker = _Marker(book, standing, options)
    for slab in encode_slabs(table, np.flatnonzero(kinds == Kind.NEW), clear=options.clear):
        kinds[slab.positions] = marker.mark(slab)
    marker.hold_to_force()
    return Marked(
        kinds=kinds,
        copies=copies,
        originals=originals,
        content=marker.content.digest(),
        standing=marker.standing.digest(),
        payload_bytes=marker.payload_bytes,
        slabs=None if marker.slabs is None else tuple(marker.slabs),
    )


def mark_to_send_at_once(
    table: CanonicalTable, refused: Positions, book: Book, standing: Standing, options: Options
) -> Marked:
    """The same, for a plan that nobody looks at before it is sent.

    Where the ledger knows nothing of the catalog every row is new, whatever it holds, and no guard has anything to
    hold against it: the rows are then encoded while those before them are on their way, and a first upload of a
    million begins four times sooner.
    """
    if options.force or standing.known or book.in_doubt():
        return mark_rows(table, refused, book, standing, options)
    kinds, copies, originals = _unless_refused(table, refused)
    return Marked(kinds=kinds, copies=copies, originals=originals)


def _unless_refused(table: CanonicalTable, refused: Positions) -> tuple[npt.NDArray[np.int8], Positions, Positions]:
    """Rows as refused, copies or new; and the copies with their originals."""
    kinds = np.full(table.rows, Kind.NEW, dtype=np.int8)
    kinds[refused] = Kind.REFUSED
    copies, originals = _copies(table)
    kept = kinds[copies] != Kind.REFUSED
    copies, originals = copies[kept], originals[kept]
    kinds[copies] = Kind.COPY
    return kinds, copies, originals


class _Marker:
    """Marks slab after slab and keeps what is to be sent while there is room."""

    def __init__(self, book: Book, standing: Standing, options: Options) -> None:
        self._standing = standing
        self._doubted = book.in_doubt()
        self._changed_only = options.changed_only
        self._force = set(options.force)
        self._unseen = set(self._force)
        self.content = blake2b(digest_size=16)
        self.standing = blake2b(digest_size=16)
        self.payload_bytes = 0
        self.slabs: list[Encoded] | None = []

    def mark(self, slab: Encoded) -> npt.NDArray[np.int8]:
        stored, wanted = self._standing.of(slab), as_words(b"".join(slab.fingerprints))
        self.content.update(slab.positions.tobytes())
        self.content.update(wanted.tobytes())
        self.standing.update(stored.tobytes())
        if self._unseen:
            self._unseen.difference_update(slab.product_ids)
        kinds = self._kinds(slab.product_ids, stored, wanted)
        self._keep(slab, kinds != Kind.UNCHANGED)
        return kinds

    def _kinds(self, product_ids: Sequence[str], stored: Words, wanted: Words) -> npt.NDArray[np.int8]:
        kinds = np.full(len(product_ids), Kind.CHANGED, dtype=np.int8)
        kinds[(stored == UNKNOWN).all(axis=1)] = Kind.NEW
        kinds[(stored == wanted).all(axis=1)] = Kind.UNCHANGED if self._changed_only else Kind.FORCED
        if self._force:
            kinds[(kinds == Kind.UNCHANGED) & _among(product_ids, self._force)] = Kind.FORCED
        if self._doubted:
            kinds[_among(product_ids, self._doubted)] = Kind.UNSETTLED
        return kinds

    def _keep(self, slab: Encoded, chosen: npt.NDArray[np.bool_]) -> None:
        if not chosen.any():
            return
        kept = slab if chosen.all() else slab.pick(chosen)
        self.payload_bytes += kept.payload_bytes
        if self.payload_bytes > _KEPT_BYTES:
            self.slabs = None
        elif self.slabs is not None:
            self.slabs.append(kept)

    def hold_to_force(self) -> None:
        if self._unseen:
            some = ", ".join(sorted(self._unseen)[:5])
            raise UsageError(
                f"force names {len(self._unseen)} products that are in no row that can be sent: {some}. "
                "Take them out, or mend their rows."
            )


def _among(product_ids: Sequence[str], wanted: Collection[str]) -> npt.NDArray[np.bool_]:
    return np.fromiter((product_id in wanted for product_id in product_ids), np.bool_, len(product_ids))


def _copies(table: CanonicalTable) -> tuple[Positions, Positions]:
    """Rows that repeat an earlier productId, and the rows they repeat."""
    ids = table.find("productId")
    if ids is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    rows, groups = repeated_rows(ids)
    _, first = np.unique(groups, return_index=True)
    is_copy = np.ones(len(rows), dtype=bool)
    is_copy[first] = False
    return rows[is_copy], rows[first[groups[is_copy]]]
