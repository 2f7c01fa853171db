"""A few things changed in products that are stored: prices, stock, any columns, on or off.

Each takes a frame of productId and the changed columns, fills it up from the ledger, and plans and sends it like any
upload: what does not change is not sent, what was killed half-way goes on with the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import pandas as pd

from smnotebook.catalog import Catalog
from smnotebook.contract import Product
from smnotebook.errors import UsageError
from smnotebook.frame.columns import bind_columns
from smnotebook.frame.outcome import UploadReport
from smnotebook.upload.completing import complete_frame
from smnotebook.upload.options import Consent, OnErrors, Options
from smnotebook.upload.outliers import find_outliers, guard_outliers
from smnotebook.upload.plan import UploadPlan
from smnotebook.upload.products import plan_rows, send_as_planned
from smnotebook.upload.progress import Watch, watch_of
from smnotebook.upload.shapes import PRICE, QUANTITY, UPSERT, Shape

__all__ = [
    "RepairArguments",
    "activate",
    "deactivate",
    "patch_products",
    "plan_patch",
    "update_prices",
    "update_quantities",
]


class RepairArguments(TypedDict, total=False):
    """Arguments that all repairs share.

    ``errors``, ``over_running`` and those that begin with ``allow_`` are those of ``upsert_products``; ``clear``
    names fields whose empty cells take the stored value away; ``allow_outliers`` says yes to prices that jump and to a
    large part of the catalog going offline.
    """

    errors: OnErrors
    clear: Sequence[str]
    allow_empty: bool
    allow_overwrite: bool
    allow_live: bool
    over_running: bool
    allow_outliers: bool


def plan_patch(frame: pd.DataFrame, catalog: Catalog, **arguments: Unpack[RepairArguments]) -> UploadPlan:
    """What :func:`patch_products` would do; nothing is sent."""
    return _plan(frame, catalog, _named("patch"), arguments)


def patch_products(
    frame: pd.DataFrame, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
) -> UploadReport:
    """Change some columns of products that are stored; the rest of each product is filled in from the ledger.

    Parameters
    ----------
    frame : DataFrame
        ``productId`` and the changed columns; an empty cell changes nothing unless its field is in ``clear``.

    Raises
    ------
    PreflightFailed
        A product is in no upload of this machine, or a value would be refused; nothing was sent.
    """
    return _send(lambda: _plan(frame, catalog, _named("patch"), arguments), arguments, progress=progress)


def update_prices(
    frame: pd.DataFrame, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
) -> UploadReport:
    """Change ``price`` and ``discountPrice`` through their own operation.

    Parameters
    ----------
    frame : DataFrame
        ``productId`` and one of the two or both. ``clear=["discountPrice"]`` ends the reduction of products whose cell
        is empty.
    """
    columns = _only(frame, ("price", "discountPrice"))
    return _send(lambda: _plan(columns, catalog, PRICE, arguments), arguments, progress=progress)


def update_quantities(
    frame: pd.DataFrame, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
) -> UploadReport:
    """Change ``quantity`` through its own operation."""
    columns = _only(frame, ("quantity",))
    return _send(lambda: _plan(columns, catalog, QUANTITY, arguments), arguments, progress=progress)


def deactivate(
    frame: pd.DataFrame, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
) -> UploadReport:
    """Take products offline: ``available`` and ``active`` become false. The API has no way to delete one."""
    return _switch(frame, catalog, arguments, to=False, progress=progress)


def activate(
    frame: pd.DataFrame, catalog: Catalog, *, progress: Watch | bool = True, **arguments: Unpack[RepairArguments]
) -> UploadReport:
    """Bring products back: ``available`` and ``active`` become true."""
    return _switch(frame, catalog, arguments, to=True, progress=progress)


def _switch(
    frame: pd.DataFrame, catalog: Catalog, arguments: RepairArguments, *, to: bool, progress: Watch | bool
) -> UploadReport:
    constants = {"available": to, "active": to}
    shape = _named("activate" if to else "deactivate")
    products = _only(frame, ())
    return _send(lambda: _plan(products, catalog, shape, arguments, constants=constants), arguments, progress=progress)


def _named(name: str) -> Shape:
    """A whole upsert under the name of the repair, for ``catalog.runs()``."""
    return replace(UPSERT, name=name)


def _options(arguments: RepairArguments) -> Options:
    consent = Consent(
        empty=arguments.get("allow_empty", False),
        overwrite=arguments.get("allow_overwrite", False),
        live=arguments.get("allow_live", False),
        over_running=arguments.get("over_running", False),
    )
    errors, clear = arguments.get("errors", "raise"), arguments.get("clear", ())
    return Options.checked(errors=errors, clear=clear, changed_only=True, force=(), consent=consent)


def _plan(
    frame: pd.DataFrame,
    catalog: Catalog,
    shape: Shape,
    arguments: RepairArguments,
    *,
    constants: Mapping[str, Any] | None = None,
) -> UploadPlan:
    options = _options(arguments)
    completed = complete_frame(frame, catalog, clear=options.clear, constants=constants, fields=shape.fields)
    plan = plan_rows(completed.frame, catalog, options, shape=shape, adjust=completed.explain)
    return replace(plan, bases=completed.bases)


def _send(make_plan: Callable[[], UploadPlan], arguments: RepairArguments, *, progress: Watch | bool) -> UploadReport:
    def guarded() -> UploadPlan:
        plan = make_plan()
        if plan.preflight.ok or plan.options.errors == "skip":
            outliers = find_outliers(plan.changes(), known=plan.known)
            guard_outliers(outliers, allowed=arguments.get("allow_outliers", False))
        return plan

    return send_as_planned(guarded, watch_of(progress))


def _only(frame: pd.DataFrame, fields: Sequence[str]) -> pd.DataFrame:
    """The columns that an operation reads; what else the frame holds does not travel."""
    bindings = bind_columns(list(frame.columns), Product).bound
    held = {binding.path for binding in bindings}
    if fields and not held.intersection(fields):
        raise UsageError(f"The frame needs productId and {' or '.join(fields)}; it has none of the latter.")
    return frame.iloc[:, [binding.position for binding in bindings if binding.path in ("productId", *fields)]]
