"""What travels together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from smnotebook.frame.arrow import Positions
from smnotebook.frame.batches import Encoded

__all__ = ["Batch", "as_batch", "cut_batches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records of one request; a *line* is a record's place in it, counted from 0.

    Attributes
    ----------
    positions : ndarray of int64
        Row positions in the frame.
    keys : sequence of str
        What the ledger calls each record: a product's id, an event's pseudonym.
    contacts : sequence of str
        Address or id of each event's contact, in lower case; of other records nothing.
    is_prelude : bool
        Whether it is no part of the frame and goes before the rows that need it: the contacts of events.
    """

    positions: Positions
    keys: Sequence[str]
    fingerprints: Sequence[bytes]
    payloads: Sequence[bytes]
    contacts: Sequence[str] = ()
    is_prelude: bool = False

    def __len__(self) -> int:
        return len(self.payloads)

    @property
    def product_ids(self) -> Sequence[str]:
        """The keys, as the ledger asks for them."""
        return self.keys

    @property
    def bytes(self) -> int:
        """Bytes of the records, as good as all of the request's."""
        return sum(map(len, self.payloads)) + len(self.payloads)

    def cut_to(self, most_bytes: int) -> list[Batch]:
        """Batches of at most so many bytes; a record that has more stands alone, and last."""
        if self.bytes <= most_bytes or len(self) == 1:
            return [self]
        cuts, held = [0], 0
        for line, payload in enumerate(self.payloads):
            size = len(payload) + 1
            if held and held + size > most_bytes:
                cuts.append(line)
                held = 0
            held += size
        parts = [self.cut(start, end) for start, end in pairwise([*cuts, len(self)])]
        return sorted(parts, key=lambda part: part.bytes > most_bytes)

    def pick(self, lines: Iterable[int]) -> Batch:
        """A batch of some of the records, in the order given."""
        chosen = list(lines)
        return replace(
            self,
            positions=self.positions[chosen],
            keys=[self.keys[line] for line in chosen],
            fingerprints=[self.fingerprints[line] for line in chosen],
            payloads=[self.payloads[line] for line in chosen],
            contacts=[self.contacts[line] for line in chosen] if self.contacts else (),
        )

    def without(self, lines: Collection[int]) -> Batch:
        """The batch without some of its records."""
        return self.pick(line for line in range(len(self)) if line not in lines) if lines else self

    def cut(self, start: int, end: int) -> Batch:
        """The records from one line up to another."""
        return replace(
            self,
            positions=self.positions[start:end],
            keys=self.keys[start:end],
            fingerprints=self.fingerprints[start:end],
            payloads=self.payloads[start:end],
            contacts=self.contacts[start:end],
        )


def as_batch(encoded: Encoded) -> Batch:
    """All of what was encoded, to be cut later."""
    return Batch(
        positions=encoded.positions,
        keys=encoded.product_ids,
        fingerprints=encoded.fingerprints,
        payloads=encoded.payloads,
    )


def cut_batches(stretches: Iterable[Batch], *, size: int) -> Iterator[Batch]:
    """Batches of ``size`` records, the last one smaller, from stretches of any length; one at a time, as asked for."""
    left: Batch | None = None
    for stretch in stretches:
        joined = stretch if left is None else _join(left, stretch)
        whole = len(joined) - len(joined) % size
        for start in range(0, whole, size):
            yield joined.cut(start, start + size)
        left = joined.cut(whole, len(joined)) if whole < len(joined) else None
    if left is not None:
        yield left


def _join(first: Batch, second: Batch) -> Batch:
    return Batch(
        positions=np.concatenate([first.positions, second.positions]),
        keys=[*first.keys, *second.keys],
        fingerprints=[*first.fingerprints, *second.fingerprints],
        payloads=[*first.payloads, *second.payloads],
        contacts=[*first.contacts, *second.contacts],
    )
