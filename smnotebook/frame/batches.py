"""Rows of a canonical table as encoded products, each with its position, id and fingerprint, cut into requests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import compress, pairwise

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from smnotebook.contract.products import CLEARABLE_PATHS
from smnotebook.errors import UsageError
from smnotebook.frame.arrow import Positions, take_rows
from smnotebook.frame.encoding import encode_rows
from smnotebook.frame.table import CanonicalTable

__all__ = ["FINGERPRINT_BYTES", "Encoded", "check_clear", "encode_products", "encode_slabs", "request_body"]

#: Rows encoded at once: bounds the memory of an upload, whatever the frame's size.
SLAB_ROWS = 8_000

#: Bytes of a fingerprint. With 128 bits a million products collide with a chance of about 1e-27.
FINGERPRINT_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Encoded:
    """Some rows, ready for the wire.

    Attributes
    ----------
    positions : ndarray of int64
        Row positions in the frame.
    product_ids : list of str
    texts : pyarrow.LargeStringArray
        One JSON object a row.
    """

    positions: Positions
    product_ids: list[str]
    texts: pa.LargeStringArray

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def payload_bytes(self) -> int:
        """Bytes of all payloads together."""
        _, offsets, _ = self.texts.buffers()
        ends = np.frombuffer(offsets, np.int64, len(self.texts) + 1, 8 * self.texts.offset)
        return int(ends[-1] - ends[0])

    def pick(self, chosen: npt.NDArray[np.bool_]) -> Encoded:
        """The chosen rows only."""
        return Encoded(
            positions=self.positions[chosen],
            product_ids=list(compress(self.product_ids, chosen)),
            texts=self.texts.filter(pa.array(chosen)),
        )

    @cached_property
    def payloads(self) -> list[bytes]:
        """One JSON object a row, as bytes."""
        payloads: list[bytes] = self.texts.cast(pa.large_binary()).to_pylist()
        return payloads

    @cached_property
    def fingerprints(self) -> list[bytes]:
        """16 bytes a row that depend on the product's content alone."""
        _, offsets, content = self.texts.buffers()
        ends = np.frombuffer(offsets, np.int64, len(self.texts) + 1, 8 * self.texts.offset).tolist()
        view = memoryview(content) if content is not None else memoryview(b"")
        return [blake2b(view[start:end], digest_size=FINGERPRINT_BYTES).digest() for start, end in pairwise(ends)]


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
        product_ids=take_rows(ids, positions).to_pylist(),
        texts=encode_rows(table, positions, clear=clear),
    )


def encode_slabs(
    table: CanonicalTable, positions: Positions, *, clear: Sequence[str] = (), slab_rows: int = SLAB_ROWS
) -> Iterator[Encoded]:
    """The same, a slab at a time, so that memory depends on the slab and not on the frame.

    The next slab is encoded while the caller works on this one.
    """
    slabs = [positions[start : start + slab_rows] for start in range(0, len(positions), slab_rows)]
    if len(slabs) < 2:
        yield from (encode_products(table, slab, clear=clear) for slab in slabs)
        return
    with ThreadPoolExecutor(1) as encoder:
        ahead = encoder.submit(encode_products, table, slabs[0], clear=clear)
        for slab in slabs[1:]:
            ready, ahead = ahead.result(), encoder.submit(encode_products, table, slab, clear=clear)
            yield ready
        yield ahead.result()


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
