"""The API's operations: where each lives, what it carries, and whether it may be repeated.

Source: WIRE_FACTS section 2 (endpoint table); seed_product_api.txt for records a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from smnotebook.contract.products import MAX_PRODUCTS

__all__ = ["HOURLY_LIMITS", "KEY_AGE_LIMIT_DAYS", "Authentication", "Operation", "Plan"]

Plan = Literal["professional", "enterprise", "custom", "none"]

#: Requests an hour by plan (seed_security_and_events.txt, "Rate Limits"). ``custom`` is agreed with the vendor and
#: given as a number; no second source knows these limits, so ``none`` switches the quota off.
HOURLY_LIMITS: dict[Plan, int | None] = {
    "professional": 1_000,
    "enterprise": 10_000,
    "custom": None,
    "none": None,
}

#: Age at which a secret should be changed (seed_security_and_events.txt, "Rotate Secrets").
KEY_AGE_LIMIT_DAYS = 90


class Authentication(Enum):
    """How a request says who sends it (WIRE_FACTS 7, row 1)."""

    API_KEY_HEADER = "API-KEY header"
    SIGNED_BODY = "signed body"
    SECRET_BODY = "secret in the body"  # noqa: S105 - a name, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    method: Literal["GET", "POST"]
    path: str
    repeatable: bool
    max_records: int = 1
    authentication: Authentication = Authentication.API_KEY_HEADER


class Operation(Enum):
    """One call of the API.

    Attributes
    ----------
    method, path : str
        The path begins with a slash and follows the profile's base URL.
    repeatable : bool
        Whether sending it twice ends in the same state as sending it once. What is not repeatable is never sent
        again by itself once it may have arrived.
    max_records : int
        Records one request may carry.
    """

    LIST_CATALOGS = _Route(method="GET", path="/v3/product/catalogList", repeatable=True)
    # creating is not repeatable: a second request makes a second catalog, or is refused by code 15
    CREATE_CATALOG = _Route(method="POST", path="/v3/product/catalogUpsert", repeatable=False)
    UPDATE_CATALOG = _Route(method="POST", path="/v3/product/catalogUpsert", repeatable=True)
    DELETE_CATALOG = _Route(method="POST", path="/v3/product/catalogDelete", repeatable=True)
    UPSERT_PRODUCTS = _Route(method="POST", path="/v3/product/upsert", repeatable=True, max_records=MAX_PRODUCTS)
    # the limit of the two below is not documented; the one of upsert is taken
    UPDATE_QUANTITY = _Route(
        method="POST", path="/v3/product/updateQuantity", repeatable=True, max_records=MAX_PRODUCTS
    )
    UPDATE_PRICE = _Route(method="POST", path="/v3/product/updatePrice", repeatable=True, max_records=MAX_PRODUCTS)

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.value.method

    @property
    def path(self) -> str:
        """The path below the base URL."""
        return self.value.path

    @property
    def repeatable(self) -> bool:
        """Whether a second sending changes nothing."""
        return self.value.repeatable

    @property
    def max_records(self) -> int:
        """Records one request may carry."""
        return self.value.max_records

    @property
    def authentication(self) -> Authentication:
        """The kind of authentication it needs."""
        return self.value.authentication
