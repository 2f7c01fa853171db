"""What an upload would do with each row, decided before a byte moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.errors import UsageError
from smnotebook.fingerprints import fingerprint
from smnotebook.frame.ahead import work_ahead
from smnotebook.frame.arrow import Positions, byte_lengths, positions_where, take_rows
from smnotebook.frame.batches import cut_slabs, encode_products
from smnotebook.frame.duplicates import repeated_rows
from smnotebook.frame.table import CanonicalTable
from smnotebook.upload.doubtful import NO_DOUBTS, Doubts, RowDoubts
from smnotebook.upload.options import Options
from smnotebook.upload.standing import UNKNOWN, Standing, Words, as_words, same_words

__all__ = ["SENT_KINDS", "Kind", "Mark", "Marked", "mark_rows", "mark_to_send_at_once"]

_ID = pa.large_binary()

# The ledger is read in a third thread meanwhile, and for longer where there is only one.
_ENCODERS = 2


class Kind(IntEnum):
    """What would become of a row.

    ``UNSETTLED`` rows say something of a field that is in doubt; ``FORCED`` ones are known to be stored and are sent
    all the same, as asked; a ``COPY`` shares the end of the row it repeats.
    """

    REFUSED = 0
    NEW = 1
    CHANGED = 2
    UNSETTLED = 3
    FORCED = 4
    UNCHANGED = 5
    COPY = 6


SENT_KINDS = (Kind.NEW, Kind.CHANGED, Kind.UNSETTLED, Kind.FORCED)
_IS_SENT = np.array([kind in SENT_KINDS for kind in Kind])


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
    doubts : RowDoubts
        What is in doubt of the rows' products.
    """

    kinds: npt.NDArray[np.int8]
    copies: Positions
    originals: Positions
    content: bytes = b""
    standing: bytes = b""
    payload_bytes: int = 0
    doubts: RowDoubts = NO_DOUBTS

    def count(self, kind: Kind) -> int:
        """Rows of one kind."""
        return int(np.count_nonzero(self.kinds == kind))

    @property
    def positions_to_send(self) -> Positions:
        """Rows that would travel, ascending."""
        return np.flatnonzero(_IS_SENT[self.kinds])


#: Says of each row what would become of it.
Mark = Callable[[CanonicalTable, Positions, Doubts, Standing, Options], Marked]


def mark_rows(
    table: CanonicalTable, refused: Positions, doubts: Doubts, standing: Standing, options: Options
) -> Marked:
    """Hold every row that preflight passed against what the ledger knows.

    What is encoded for it is not kept: the memory of a plan does not grow with the frame.
    """
    kinds, copies, originals = _unless_refused(table, refused)
    rows = np.flatnonzero(kinds == Kind.NEW)
    wanted, sizes = _encoded(table, rows, options)
    stored = standing.of(rows)
    kinds[rows] = _held_against(stored, wanted, options)
    in_doubt = _mark_by_id(kinds, table, rows, doubts, options)
    return Marked(
        kinds=kinds,
        copies=copies,
        originals=originals,
        content=fingerprint(rows.tobytes() + wanted.tobytes()),
        standing=fingerprint(stored.tobytes()),
        payload_bytes=int(sizes[_IS_SENT[kinds[rows]]].sum()),
        doubts=in_doubt,
    )


def mark_to_send_at_once(
    table: CanonicalTable, refused: Positions, doubts: Doubts, standing: Standing, options: Options
) -> Marked:
    """The same, for a plan that nobody looks at before it is sent.

    Where the ledger knows nothing of the catalog every row is new, whatever it holds, and no guard has anything to
    hold against it: the rows are then encoded while those before them are on their way, and a first upload of a
    million begins four times sooner.
    """
    if options.force or standing.known or doubts.by_product:
        return mark_rows(table, refused, doubts, standing, options)
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


def _encoded(table: CanonicalTable, rows: Positions, options: Options) -> tuple[Words, npt.NDArray[np.int64]]:
    """Fingerprint and bytes of each row as it would travel."""

    def measure(positions: Positions) -> tuple[bytes, npt.NDArray[np.int64]]:
        slab = encode_products(table, positions, clear=options.clear)
        return b"".join(slab.fingerprints), byte_lengths(slab.texts)

    fingerprints, sizes = bytearray(), [np.empty(0, dtype=np.int64)]
    for some, lengths in work_ahead(measure, cut_slabs(rows), threads=_ENCODERS):
        fingerprints += some
        sizes.append(lengths)
    return as_words(bytes(fingerprints)), np.concatenate(sizes)


def _held_against(stored: Words, wanted: Words, options: Options) -> npt.NDArray[np.int8]:
    kinds = np.full(len(wanted), Kind.CHANGED, dtype=np.int8)
    kinds[same_words(stored, UNKNOWN)] = Kind.NEW
    kinds[same_words(stored, wanted)] = Kind.UNCHANGED if options.changed_only else Kind.FORCED
    return kinds


def _mark_by_id(
    kinds: npt.NDArray[np.int8], table: CanonicalTable, rows: Positions, doubts: Doubts, options: Options
) -> RowDoubts:
    """What is asked for by name, and what says something of a field in doubt, travels whatever it holds."""
    if not (options.force or doubts.by_product):
        return NO_DOUBTS
    ids = table.find("productId")
    there = pa.array([], _ID) if ids is None else take_rows(ids, rows).cast(_ID)
    force, doubted = _as_ids(options.force), _as_ids(doubts.by_product)
    unseen = force.filter(pc.invert(pc.is_in(force, value_set=there))).to_pylist()
    if unseen:
        some = ", ".join(sorted(product_id.decode(errors="replace") for product_id in unseen)[:5])
        raise UsageError(
            f"force names {len(unseen)} products that are in no row that can be sent: {some}. "
            "Take them out, or mend their rows."
        )
    forced = rows[positions_where(pc.is_in(there, value_set=force))]
    kinds[forced[kinds[forced] == Kind.UNCHANGED]] = Kind.FORCED
    in_doubt = doubts.of_rows(table, rows[positions_where(pc.is_in(there, value_set=doubted))], clear=options.clear)
    kinds[np.array(in_doubt.positions, dtype=np.int64)] = Kind.UNSETTLED
    return in_doubt


def _as_ids(product_ids: Iterable[str]) -> pa.Array:
    """As bytes: what an analyst forces may be no text that Arrow takes."""
    return pa.array([product_id.encode(errors="surrogatepass") for product_id in set(product_ids)], _ID)


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
