"""Fields of which the server may hold another value than the ledger knows; see :mod:`smnotebook.ledger`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.frame.arrow import Positions
from smnotebook.frame.batches import encode_slabs
from smnotebook.frame.table import CanonicalTable
from smnotebook.ledger import EXISTENCE, Doubt, leaves
from smnotebook.upload.stored import open_book

__all__ = ["DOUBT_COLUMNS", "NO_DOUBTS", "Doubts", "RowDoubts", "doubt_frame", "doubtful_fields", "settling_note"]

DOUBT_COLUMNS = ("productId", "field", "acknowledged", "attempted", "run")


def doubtful_fields(catalog: Catalog) -> pd.DataFrame:
    """Every field of the catalog that is in doubt; see :func:`doubt_frame`."""
    with open_book(catalog) as book:
        return doubt_frame(book.doubts())


def doubt_frame(doubts: Iterable[Doubt]) -> pd.DataFrame:
    """Fields in doubt with both values the server may hold.

    Returns
    -------
    DataFrame
        ``productId``, ``field`` (``productId`` stands for the product's being there), ``acknowledged`` (the value that
        was accepted last), ``attempted`` (the one that may have been carried out) and the ``run`` that attempted it; a
        value that is absent is missing.
    """
    rows = [(one.product_id, one.field, one.acknowledged, one.attempted, one.run) for one in doubts]
    return pd.DataFrame(rows, columns=list(DOUBT_COLUMNS)).astype({"run": "int64"})


@dataclass(frozen=True, kw_only=True)
class RowDoubts:
    """What is in doubt of the products that rows are for.

    Attributes
    ----------
    positions : list of int
        Rows that say something of a field in doubt, and may settle it: a text that was cut would be cut again.
    named, unnamed : tuple of Doubt
        What a row sets or clears, and what none does: that stays in doubt.
    """

    positions: Sequence[int] = ()
    named: tuple[Doubt, ...] = ()
    unnamed: tuple[Doubt, ...] = ()


NO_DOUBTS = RowDoubts()


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """What is in doubt of a catalog, by product.

    Attributes
    ----------
    fields : tuple of str, or None
        What the operation that is planned carries of a row; None for all of it.
    """

    by_product: Mapping[str, Sequence[Doubt]] = field(default_factory=dict)
    fields: tuple[str, ...] | None = None

    @classmethod
    def of(cls, doubts: Iterable[Doubt], *, fields: tuple[str, ...] | None = None) -> Doubts:
        """These, gathered."""
        by_product: defaultdict[str, list[Doubt]] = defaultdict(list)
        for one in doubts:
            by_product[one.product_id].append(one)
        return cls(by_product=by_product, fields=fields)

    def of_rows(self, table: CanonicalTable, positions: Positions, *, clear: Sequence[str]) -> RowDoubts:
        """What these rows, all of products in doubt, would say of it."""
        naming, named, unnamed = [], list[Doubt](), list[Doubt]()
        for slab in encode_slabs(table, positions, clear=clear):
            for position, product_id, payload in zip(slab.positions, slab.product_ids, slab.payloads, strict=True):
                said = set(leaves(payload))
                if self.fields is not None:
                    said &= set(self.fields)
                for one in self.by_product[product_id]:
                    (named if one.field in said else unnamed).append(one)
                if any(one.field in said and not one.is_cut for one in self.by_product[product_id]):
                    naming.append(int(position))
        return RowDoubts(positions=naming, named=tuple(named), unnamed=tuple(unnamed))


def settling_note(unnamed: Sequence[Doubt]) -> str | None:
    """What to do about doubt that a plan leaves as it is; None where it leaves none."""
    if not unnamed:
        return None
    fields = sorted({one.field for one in unnamed if one.field != EXISTENCE}) or [EXISTENCE]
    products = len({one.product_id for one in unnamed})
    return (
        f"in doubt and not in these rows: {', '.join(fields)} of {products:,} product{'' if products == 1 else 's'}"
        " (plan.doubtful lists both values the server may hold). A column of that name settles it, an empty one with"
        f" clear={[fields[0]]!r} where the API can clear it, or catalog.adopt(frame) with what is stored"
    )
