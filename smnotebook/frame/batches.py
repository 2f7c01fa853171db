"""Rows of a canonical table as encoded products, each with its position, id and fingerprint, cut into requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import orjson
import pyarrow as pa

from smnotebook.contract.products import CLEARABLE_PATHS
from smnotebook.errors import UsageError
from smnotebook.fingerprints import fingerprint_each
from smnotebook.frame.ahead import work_ahead
from smnotebook.frame.arrow import Positions, take_rows, text_bytes
from smnotebook.frame.encoding import encode_rows
from smnotebook.frame.table import CanonicalTable

__all__ = ["Encoded", "check_clear", "cut_slabs", "encode_products", "encode_slabs", "request_body"]

#: Rows encoded at once: bounds the memory of an upload, whatever the frame's size.
SLAB_ROWS = 8_000


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """Some rows, ready for the wire.

    Attributes
    ----------
    positions : ndarray of int64
        Row positions in the frame.
    ids : pyarrow.LargeStringArray
        The rows' productIds.
    texts : pyarrow.LargeStringArray
        One JSON object a row.
    """

    positions: Positions
    ids: pa.LargeStringArray
    texts: pa.LargeStringArray

    def __len__(self) -> int:
        return len(self.positions)

    @cached_property
    def product_ids(self) -> list[str]:
        """The same as texts of Python."""
        product_ids: list[str] = self.ids.to_pylist()
        return product_ids

    @cached_property
    def payloads(self) -> list[bytes]:
        """One JSON object a row, as bytes."""
        payloads: list[bytes] = self.texts.cast(pa.large_binary()).to_pylist()
        return payloads

    @cached_property
    def fingerprints(self) -> list[bytes]:
        """16 bytes a row that depend on the product's content alone."""
        content, starts, ends = text_bytes(self.texts)
        return fingerprint_each(
            content.data[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        )


def encode_products(table: CanonicalTable, positions: Positions, *, clear: Sequence[str] = ()) -> Encoded:
    """Encode the rows at ascending positions; their preflight is the caller's business.

    Parameters
    ----------
    clear : sequence of str
        Fields whose missing cells clear what is stored; see :func:`check_clear`.
    """
    ids = table.find("productId")
    if ids is None:
        raise UsageError("The frame has no productId column; preflight() says which columns come nearest.")
    return Encoded(
        positions=positions,
        ids=take_rows(ids, positions),
        texts=encode_rows(table, positions, clear=clear),
    )


def encode_slabs(
    table: CanonicalTable,
    positions: Positions,
    *,
    clear: Sequence[str] = (),
    slab_rows: int = SLAB_ROWS,
) -> Iterator[Encoded]:
    """The same, a slab at a time, so that memory depends on the slab and not on the frame.

    While the caller works on one the next is encoded.
    """
    slabs = cut_slabs(positions, slab_rows)
    encode = partial(encode_products, table, clear=clear)
    return map(encode, slabs) if len(slabs) < 2 else work_ahead(encode, slabs, threads=1)


def cut_slabs(positions: Positions, slab_rows: int = SLAB_ROWS) -> list[Positions]:
    """Rows that are encoded at once."""
    return [positions[start : start + slab_rows] for start in range(0, len(positions), slab_rows)]


def check_clear(clear: Sequence[str]) -> None:
    """Refuse fields that ``setAsNull`` can't name.

    Raises
    ------
    UsageError
        Naming the fields that can be cleared.
    """
    paths = sorted(CLEARABLE_PATHS)
    unknown = sorted(set(clear) - set(paths))
    if unknown:
        raise UsageError(f"clear={tuple(unknown)!r}: only these can be cleared: {', '.join(paths)}.")


def request_body(catalog_id: str, payloads: Sequence[bytes]) -> bytes:
    """One request: the catalog's id and the products."""
    return b'{"catalogId":%b,"products":[%b]}' % (orjson.dumps(catalog_id), b",".join(payloads))
