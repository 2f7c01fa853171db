"""What travels together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from smnotebook.frame.arrow import Positions
from smnotebook.frame.batches import Encoded

__all__ = ["Batch", "as_batch", "cut_batches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Products of one request; a *line* is a product's place in it, counted from 0.

    Attributes
    ----------
    positions : ndarray of int64
        Row positions in the frame.
    """

    positions: Positions
    product_ids: Sequence[str]
    fingerprints: Sequence[bytes]
    payloads: Sequence[bytes]

    def __len__(self) -> int:
        return len(self.product_ids)

    def pick(self, lines: Iterable[int]) -> Batch:
        """A batch of some of the products, in the order given."""
        chosen = list(lines)
        return Batch(
            positions=self.positions[chosen],
            product_ids=[self.product_ids[line] for line in chosen],
            fingerprints=[self.fingerprints[line] for line in chosen],
            payloads=[self.payloads[line] for line in chosen],
        )


def as_batch(encoded: Encoded) -> Batch:
    """All of what was encoded, to be cut later."""
    return Batch(
        positions=encoded.positions,
        product_ids=encoded.product_ids,
        fingerprints=encoded.fingerprints,
        payloads=encoded.payloads,
    )


def cut_batches(stretches: Iterable[Batch], *, size: int) -> Iterator[Batch]:
    """Batches of ``size`` products, the last one smaller, from stretches of any length; one at a time, as asked for."""
    left: Batch | None = None
    for stretch in stretches:
        joined = stretch if left is None else _join(left, stretch)
        whole = len(joined) - len(joined) % size
        for start in range(0, whole, size):
            yield _slice(joined, start, start + size)
        left = _slice(joined, whole, len(joined)) if whole < len(joined) else None
    if left is not None:
        yield left


def _slice(batch: Batch, start: int, end: int) -> Batch:
    return Batch(
        positions=batch.positions[start:end],
        product_ids=batch.product_ids[start:end],
        fingerprints=batch.fingerprints[start:end],
        payloads=batch.payloads[start:end],
    )


def _join(first: Batch, second: Batch) -> Batch:
    return Batch(
        positions=np.concatenate([first.positions, second.positions]),
        product_ids=[*first.product_ids, *second.product_ids],
        fingerprints=[*first.fingerprints, *second.fingerprints],
        payloads=[*first.payloads, *second.payloads],
    )
