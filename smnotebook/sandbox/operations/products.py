"""product/upsert, updateQuantity, updatePrice. Rules: seed_product_api.txt and WIRE_FACTS section 4."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from smnotebook.contract import MAX_CUSTOM_DETAILS, PriceUpdate, Product, QuantityUpdate, ReasonCode, Record
from smnotebook.sandbox.answers import Answer, accept, refuse, violation
from smnotebook.sandbox.operations.batches import Batch, read_batch
from smnotebook.sandbox.operations.catalogs import unknown_catalog
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store import Rows
from smnotebook.sandbox.store import products as stored
from smnotebook.sandbox.store.catalogs import find_catalog

__all__ = ["update_prices", "update_quantities", "upsert_products"]


class _TooManyDetails(Exception):
    """What an upsert would leave stored holds more details than a product may; nothing of it is kept."""


RecordType = TypeVar("RecordType", bound=Record)


def upsert_products(state: State, body: Mapping[str, Any]) -> Answer:
    """Add products, or change those that are there: a key that is absent leaves the stored value."""
    batch = read_batch(state, body, Product)
    ids = [product.productId for product in batch.records]

    def write(rows: Rows, catalog: int) -> None:
        patches = ((product.productId, product_patch(product)) for product in batch.records)
        replaces = state.assumptions.details == "replace"
        stored.upsert_products(rows, catalog, patches, now=state.clock.now(), replaces_details=replaces)
        if stored.hold_too_many_details(rows, catalog, ids, MAX_CUSTOM_DETAILS):
            raise _TooManyDetails

    return _write(state, batch, write, productIds=ids)


def update_quantities(state: State, body: Mapping[str, Any]) -> Answer:
    """Set quantities; ids that were never upserted are passed over without a word (WIRE_FACTS 4)."""
    return _update(state, read_batch(state, body, QuantityUpdate))


def update_prices(state: State, body: Mapping[str, Any]) -> Answer:
    """Set prices; a null discountPrice clears the reduction."""
    return _update(state, read_batch(state, body, PriceUpdate))


def product_patch(product: Product) -> dict[str, Any]:
    """The change an upsert makes, as an RFC 7396 merge patch: null where ``setAsNull`` clears."""
    patch = product.model_dump(exclude_none=True, exclude={"setAsNull"})
    for name in product.setAsNull or ():
        if name.startswith("detail"):
            patch.setdefault("customDetails", {})[name] = None
        else:
            patch[name] = None
    return patch


def _update(state: State, batch: Batch[Any]) -> Answer:
    def write(rows: Rows, catalog: int) -> None:
        # exclude_unset: a null that was sent clears, a key that was not sent leaves the stored value
        patches = ((record.productId, record.model_dump(exclude_unset=True)) for record in batch.records)
        stored.patch_products(rows, catalog, patches, now=state.clock.now())

    return _write(state, batch, write)


def _write(state: State, batch: Batch[RecordType], write: Callable[[Rows, int], None], **members: Any) -> Answer:
    request_id = state.draw_id()
    if batch.request_errors or (batch.record_errors and not _accepts_rest(state)):
        return refuse(request_id, batch.errors)
    try:
        with state.database.transaction() as rows:
            catalog = find_catalog(rows, batch.catalog_id)
            if catalog is not None:
                write(rows, catalog)
    except _TooManyDetails:
        text = f"holds more than {MAX_CUSTOM_DETAILS} details together with those stored before"
        beyond = violation(ReasonCode.EXCEEDS_LIMIT, "customDetails", text, maximum=MAX_CUSTOM_DETAILS)
        return refuse(request_id, [*batch.record_errors, beyond])
    if catalog is None:
        return refuse(request_id, [*batch.record_errors, unknown_catalog()])
    if batch.record_errors:
        return refuse(request_id, batch.record_errors)
    return accept(request_id, batch.warnings, **members)


def _accepts_rest(state: State) -> bool:
    if state.refusal is not None:
        return state.refusal.accepts_rest
    return state.assumptions.bad_products == "accept the rest"
