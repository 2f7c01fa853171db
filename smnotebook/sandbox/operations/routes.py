"""Every endpoint of the sandbox: which path leads to which operation."""

from __future__ import annotations

from smnotebook.contract import Operation
from smnotebook.sandbox.operations.catalogs import delete_catalog, list_catalogs, upsert_catalog
from smnotebook.sandbox.operations.endpoints import CarryOut, Endpoint
from smnotebook.sandbox.operations.products import update_prices, update_quantities, upsert_products

__all__ = ["ENDPOINTS"]


def _endpoint(operation: Operation, carry_out: CarryOut, source: str) -> Endpoint:
    return Endpoint(
        method=operation.value.method,
        path=operation.path,
        authentication=operation.authentication,
        carry_out=carry_out,
        source=source,
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint(Operation.LIST_CATALOGS, list_catalogs, "official client and its tests"),
    _endpoint(Operation.CREATE_CATALOG, upsert_catalog, "product documentation"),
    _endpoint(Operation.DELETE_CATALOG, delete_catalog, "official client and its tests"),
    _endpoint(Operation.UPSERT_PRODUCTS, upsert_products, "product documentation"),
    _endpoint(Operation.UPDATE_QUANTITY, update_quantities, "official client and its tests"),
    _endpoint(Operation.UPDATE_PRICE, update_prices, "official client"),
)
