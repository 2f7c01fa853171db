"""Receipts that could not be written when they came, such as on a full disk: kept by this process until they can be.

Without them the ledger would take a request that never left, or that was answered, for one without an answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from smnotebook.ledger.database import Database
from smnotebook.ledger.records import Receipt, Sent

__all__ = ["keep_unwritten", "take_unwritten"]

# by process, since a forked child must not write its parent's, and by file, which may be deleted and made anew
_KEPT: dict[tuple[int, object], list[tuple[Sent, Receipt]]] = {}


def keep_unwritten(database: Database, ended: Iterable[tuple[Sent, Receipt]]) -> None:
    """Remember how these requests ended."""
    _KEPT.setdefault((os.getpid(), database.identity), []).extend(ended)


def take_unwritten(database: Database) -> list[tuple[Sent, Receipt]]:
    """What is remembered of requests that the file has; it is the caller's to write from now on."""
    kept = _KEPT.pop((os.getpid(), database.identity), [])
    return [(sent, receipt) for sent, receipt in kept if _is_of(database, sent)]


def _is_of(database: Database, sent: Sent) -> bool:
    """False where the file was made anew: its requests are numbered from one again."""
    rows = database.rows("SELECT fingerprints FROM manifests WHERE request = ?", (sent.request,))
    return rows == [(b"".join(sent.fingerprints),)]
