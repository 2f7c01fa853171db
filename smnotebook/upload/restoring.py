"""A run taken back: the products it touched are sent as they were before it, as a plan first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from smnotebook.catalog import Catalog
from smnotebook.contract import Product as ProductModel
from smnotebook.contract import declared_fields
from smnotebook.contract.products import CLEARABLE_PATHS
from smnotebook.errors import ConfirmationNeeded
from smnotebook.upload.differences import flat
from smnotebook.upload.history import product_frame
from smnotebook.upload.options import Consent, Options
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.products import plan_rows
from smnotebook.upload.run_changes import Product, RunChanges, find_run, read_run_changes
from smnotebook.upload.shapes import UPSERT
from smnotebook.upload.stored import open_book

__all__ = ["plan_restore"]

_REQUIRED = frozenset(declared.name for declared in declared_fields(ProductModel) if declared.required)


def plan_restore(catalog: Catalog, run: int | None = None, *, over_later: bool = False) -> UploadPlan:
    """Plan to bring back the products that a run touched, as they were before it.

    Parameters
    ----------
    run : int, optional
        Its number, as ``catalog.runs()`` lists it; the last run that sent anything where none is given.
    over_later : bool
        Say yes to undoing also what later runs did to the same products.

    Returns
    -------
    UploadPlan
        Nothing is sent before its ``send()``. Its ``notes`` say what can't be brought back: products that the run was
        the first to send are taken offline, since the API can't delete; values it added stay where the API can't clear
        them; what others changed elsewhere is not known here.

    Raises
    ------
    UsageError
        There is no such run, or it is still going on.
    ConfirmationNeeded
        Later runs have changed some of its products.
    """
    with open_book(catalog) as book:
        changes = read_run_changes(book, find_run(book, catalog, run))
        doubts = book.doubts()
    if changes.later and not over_later:
        raise ConfirmationNeeded(
            f"Later runs have changed {len(changes.later):,} of the {len(changes.after):,} products of run"
            f" {changes.run.run}; taking the run back would undo that too. Take the later ones back first, or all of it"
            " at once.",
            argument="over_later=True",
        )
    # what another run left in doubt is not this one's to set: it stays as it is
    others = {(one.product_id, one.field) for one in doubts if one.field not in changes.carried.get(one.product_id, ())}
    gained = set(_gained(changes))
    clear = tuple(sorted(gained & CLEARABLE_PATHS))
    wanted = [dict(flat(product)) for product in _wanted(changes)]
    for product in wanted:
        for path in [path for path in product if (product["productId"], path) in others and path not in _REQUIRED]:
            del product[path]
    frame = product_frame(wanted)
    for path in clear:
        if path not in frame.columns:
            frame[path] = None
    consent = Consent(empty=True, overwrite=True, live=True)  # the very products that stood there before
    options = Options.checked(errors="raise", clear=clear, changed_only=True, force=(), consent=consent)
    plan = plan_rows(frame, catalog, options, shape=replace(UPSERT, name=f"restore run {changes.run.run}"))
    notes = (*_notes(changes, gained - CLEARABLE_PATHS - _restored(changes)), *plan.notes)
    return replace(plan, notes=notes)


def _wanted(changes: RunChanges) -> Iterator[Product]:
    for product_id, product in changes.now.items():
        if product_id not in changes.before:
            yield {**product, "available": False, "active": False}
        elif _was_active_unsaid(changes, product_id):
            yield {**changes.before[product_id], "active": True}
        else:
            yield changes.before[product_id]


def _was_active_unsaid(changes: RunChanges, product_id: str) -> bool:
    """Whether a product was active without anybody having said so: one that our own upload created is."""
    return (
        "active" in changes.carried[product_id]
        and "active" not in changes.before[product_id]
        and product_id in changes.own
    )


def _restored(changes: RunChanges) -> set[str]:
    """Fields that can't be cleared and are brought back all the same, in every product that gained them."""
    with_active = [
        one for one in changes.before if "active" in changes.now[one] and "active" not in changes.before[one]
    ]
    return {"active"} if with_active and all(_was_active_unsaid(changes, one) for one in with_active) else set()


def _gained(changes: RunChanges) -> Iterator[str]:
    """Fields that some product has now, or may have, and did not have before."""
    for product_id, before in changes.before.items():
        had = {path for path, _ in flat(before)}
        yield from (path for path, _ in flat(changes.now[product_id]) if path not in had)


def _notes(changes: RunChanges, stuck: Iterable[str]) -> Iterator[str]:
    if changes.unanswered:
        yield (
            f"{len(changes.unanswered):,} product{'' if len(changes.unanswered) == 1 else 's'} of the run may have been"
            " changed without an answer: what was known before is sent"
        )
    if changes.created:
        yield f"{len(changes.created):,} products were new in the run: they go offline, since the API can't delete"
    if stuck := sorted(stuck):
        yield f"the API can't clear {', '.join(stuck)}: what the run added there stays"
    yield "what was changed outside this machine since is not known here and would be overwritten"
