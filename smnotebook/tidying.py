"""``smnotebook ledger``: what the ledgers of this machine hold, and giving old history back."""

from __future__ import annotations

from collections.abc import Iterator

from smnotebook.ledger import Ledger
from smnotebook.settings import ledger_path, sandbox_ledger_path

__all__ = ["describe_ledgers", "prune_ledgers"]

_MB = 1_000_000


def describe_ledgers() -> Iterator[str]:
    """A line for each ledger: where it is and how large."""
    for path in (ledger_path(), sandbox_ledger_path()):
        size = f"{path.stat().st_size / _MB:,.1f} MB" if path.exists() else "made by the first upload"
        yield f"{path}: {size}"


def prune_ledgers(*, keep_days: float) -> Iterator[str]:
    """Give back what runs older than this sent and later ones have overwritten; a line for each ledger.

    What is known to be stored stays, and so do events and all that is in doubt; ``catalog.as_of()``, ``restore()`` and
    ``undo()`` then reach back so many days.
    """
    for path in (ledger_path(), sandbox_ledger_path()):
        if path.exists():
            with Ledger.open(path) as ledger:
                pruned = ledger.prune(keep_days=keep_days)
            yield (
                f"{path}: {pruned.requests:,} overwritten requests and {pruned.sandboxes:,} idle sandboxes dropped, "
                f"{pruned.freed_bytes / _MB:,.1f} MB given back"
            )
