"""What one run did to the products it touched, read back from the ledger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.errors import UsageError
from smnotebook.ledger import Book, RunRecord, RunState, leaves
from smnotebook.upload.differences import list_changes
from smnotebook.upload.history import lay_over

__all__ = ["RunChanges", "find_run", "read_run_changes"]

Product = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RunChanges:
    """The products of one run, as they were before it, right after it, and as they are known to be now.

    Attributes
    ----------
    before : dict of str to dict
        Without the products that the run was the first to send.
    later : frozenset of str
        Products that are not as the run left them; one that was changed and changed back is.
    carried : dict of str to set of str
        The fields that the run set or cleared.
    unanswered : frozenset of str
        Products of which the run may have been carried out, and was never acknowledged.
    own : frozenset of str
        Products that an upload of this machine created, as far as it knows.
    """

    run: RunRecord
    before: dict[str, Product]
    after: dict[str, Product]
    now: dict[str, Product]
    later: frozenset[str]
    carried: dict[str, set[str]]
    unanswered: frozenset[str]
    own: frozenset[str]

    @property
    def created(self) -> list[str]:
        """Products that the run was the first to send."""
        return [product_id for product_id in self.after if product_id not in self.before]

    def as_frame(self) -> pd.DataFrame:
        """One row a changed value: ``productId``, ``field``, ``before``, ``after``; what is absent is missing."""
        rows = [
            (product_id, *change)
            for product_id, product in self.after.items()
            for change in list_changes(self.before.get(product_id, {}), product)
        ]
        return pd.DataFrame(rows, columns=["productId", "field", "before", "after"])


def find_run(book: Book, catalog: Catalog, run: int | None) -> RunRecord:
    """A run by its number, the last one that sent anything where none is given.

    Raises
    ------
    UsageError
        There is none, or it is still going on.
    """
    runs = book.runs()
    wanted = [record for record in runs if record.run == run or (run is None and record.requests)]
    if not wanted:
        known = ", ".join(str(record.run) for record in runs[-10:]) or "none yet"
        which = "no run that sent anything" if run is None else f"no run {run}"
        raise UsageError(f"{catalog.name} has {which}; the latest are {known}. catalog.runs() lists them.")
    if wanted[-1].run <= book.pruned_run:
        raise UsageError(f"Run {wanted[-1].run} is pruned: what it changed is known of later runs only.")
    if wanted[-1].state is RunState.RUNNING:
        raise UsageError(f"Run {wanted[-1].run} is still going on. Wait for its end, or stop it.")
    return wanted[-1]


def read_run_changes(book: Book, run: RunRecord) -> RunChanges:
    """Gather the states of a run's products; only theirs are kept in memory.

    What the run sent and never saw acknowledged counts as carried out: that is what there may be to take back.
    """
    carried: defaultdict[str, set[str]] = defaultdict(set)
    unanswered = set()
    for sent in book.sent_products(until_run=run.run, with_run=run.run):
        if sent.run == run.run:
            said = leaves(sent.payload).keys()
            carried[sent.product_id] |= said if sent.fields is None else said & set(sent.fields)
            if not sent.is_accepted:
                unanswered.add(sent.product_id)
    theirs = [sent for sent in book.sent_products(with_run=run.run) if sent.product_id in carried]
    after, now = lay_over(sent for sent in theirs if sent.run <= run.run), lay_over(theirs)
    first = {sent.product_id: sent for sent in reversed(theirs)}
    return RunChanges(
        run=run,
        before=lay_over(sent for sent in theirs if sent.run < run.run),
        after=after,
        now=now,
        later=frozenset(product_id for product_id, product in now.items() if product != after[product_id]),
        carried=dict(carried),
        unanswered=frozenset(unanswered),
        own=frozenset(product_id for product_id, sent in first.items() if sent.operation != "adopt"),
    )
