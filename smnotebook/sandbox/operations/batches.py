"""A request of many products, read: what is wrong with it, and what of it can be stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from smnotebook.contract import MAX_PRODUCTS, ReasonCode, Record, Violation, check, parse_message
from smnotebook.sandbox.answers import find_errors, find_warnings, violation
from smnotebook.sandbox.operations.catalogs import CatalogReference
from smnotebook.sandbox.operations.state import State

__all__ = ["Batch", "read_batch"]

RecordType = TypeVar("RecordType", bound=Record)

# Lists that the official PHP client turns into objects {"1": "a"} when it filtered an empty entry out (WIRE_FACTS 4).
_LISTS = ("categories", "imageUrls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Generic[RecordType]):
    """A request as it was understood.

    Attributes
    ----------
    catalog_id : str
        Empty where the request names none.
    records : tuple of Record
        Those without an error, in the order of the request.
    request_errors : tuple of Violation
        Wrong with the request itself: nothing of it can be stored.
    record_errors, warnings : tuple of Violation
        Found in single records, one a field and record.
    """

    catalog_id: str
    records: tuple[RecordType, ...]
    request_errors: tuple[Violation, ...]
    record_errors: tuple[Violation, ...]
    warnings: tuple[Violation, ...]

    @property
    def errors(self) -> tuple[Violation, ...]:
        """All that an answer lists."""
        return (*self.request_errors, *self.record_errors)


def read_batch(state: State, body: Mapping[str, Any], model: type[RecordType]) -> Batch[RecordType]:
    """Hold a request's records to the contract."""
    request_errors = [*find_errors(check(CatalogReference, body)), *_find_list_errors(body)]
    listed = body.get("products")
    records: list[RecordType] = []
    record_errors: list[Violation] = []
    warnings: list[Violation] = []
    for position, product in enumerate(listed if isinstance(listed, list) else ()):
        read, errors, advice = _read_record(state, position, product, model)
        record_errors += errors
        warnings += advice
        if read is not None:
            records.append(read)
    if state.assumptions.duplicate_ids == "refuse":
        request_errors += _find_duplicates(records)
    catalog_id = body.get("catalogId")
    return Batch(
        catalog_id="" if catalog_id is None or request_errors else str(catalog_id),
        records=tuple(records),
        request_errors=tuple(request_errors),
        record_errors=tuple(record_errors),
        warnings=tuple(warnings),
    )


def _read_record(
    state: State, position: int, product: Any, model: type[RecordType]
) -> tuple[RecordType | None, list[Violation], list[Violation]]:
    """One record (None where it can't be stored), its errors and its warnings."""
    if not isinstance(product, dict):
        return None, [violation(ReasonCode.WRONG_TYPE, "products", "must hold objects", type_name="object")], []
    tolerated = _tolerate(product)
    found = check(model, tolerated)
    if errors := find_errors(found):
        return None, errors, []
    warnings = find_warnings(found, state.assumptions)
    if warnings and state.assumptions.soft_limits == "trim":
        tolerated = _trim(tolerated, warnings)
    read = model.model_validate(tolerated)
    if state.refusal is not None and state.refusal.concerns(position, str(tolerated["productId"])):
        return None, [state.refusal.violation], []
    return read, [], warnings


def _find_list_errors(body: Mapping[str, Any]) -> Iterator[Violation]:
    if "products" not in body:
        yield violation(ReasonCode.MISSING, "products", "is required")
    elif body["products"] is None:
        yield violation(ReasonCode.REQUIRED_IS_NULL, "products", "is required and can't be null")
    elif not isinstance(body["products"], list):
        yield violation(ReasonCode.WRONG_TYPE, "products", "must be a list", type_name="array")
    elif not 1 <= len(body["products"]) <= MAX_PRODUCTS:
        text = f"must hold 1 to {MAX_PRODUCTS} products"
        yield violation(ReasonCode.EXCEEDS_LIMIT, "products", text, minimum=1, maximum=MAX_PRODUCTS)


def _find_duplicates(records: Sequence[Any]) -> Iterator[Violation]:
    ids = [record.productId for record in records]
    if len(set(ids)) < len(ids):
        yield violation(ReasonCode.NOT_UNIQUE, "productId", "occurs twice in the request")


def _tolerate(product: dict[str, Any]) -> dict[str, Any]:
    """The product with what real clients are known to send put right."""
    objects = {name: list(product[name].values()) for name in _LISTS if isinstance(product.get(name), dict)}
    return {**product, **objects} if objects else product


def _trim(product: dict[str, Any], warnings: Sequence[Violation]) -> dict[str, Any]:
    """The product with every text that earned warning 12 cut to the length the warning names."""
    trimmed = dict(product)
    for warning in warnings:
        maximum = parse_message(ReasonCode.TRIMMED, warning.message).maximum
        first, _, second = str(warning.field).partition(".")
        if second:
            trimmed[first] = {**trimmed[first], second: trimmed[first][second][:maximum]}
        elif isinstance(trimmed[first], str):
            trimmed[first] = trimmed[first][:maximum]
    return trimmed
