"""The API's operations: where each lives, what it carries, and whether it may be repeated.

Source: WIRE_FACTS section 2 (endpoint table); seed_product_api.txt for records a request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from smnotebook.contract.contacts import MAX_CONTACTS
from smnotebook.contract.events import MAX_EVENTS
from smnotebook.contract.products import MAX_PRODUCTS

__all__ = [
    "CREATE_KEY_PATH",
    "HOURLY_LIMITS",
    "INTEGRATE_PATH",
    "KEY_AGE_LIMIT_DAYS",
    "LOG_IN_PATH",
    "Authentication",
    "Operation",
    "Plan",
]

Plan = Literal["professional", "enterprise", "custom", "none"]

#: Requests an hour by plan (seed_security_and_events.txt, "Rate Limits"). ``custom`` is agreed with the vendor and
#: given as a number; no second source knows these limits, so ``none`` switches the quota off.
HOURLY_LIMITS: dict[Plan, int | None] = {
    "professional": 1_000,
    "enterprise": 10_000,
    "custom": None,
    "none": None,
}

#: Calls made before there is a key: the body holds a password or a token. All are POST.
CREATE_KEY_PATH = "/v3/auth/create"
LOG_IN_PATH = "/api/authorization/token"
INTEGRATE_PATH = "/api/account/integration"

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
    trusts_busy: bool = True


def _signed(path: str, *, repeatable: bool, max_records: int = 1, trusts_busy: bool = True) -> _Route:
    """A call of API v2."""
    return _Route(
        method="POST",
        path=path,
        repeatable=repeatable,
        max_records=max_records,
        authentication=Authentication.SIGNED_BODY,
        trusts_busy=trusts_busy,
    )


class Operation(Enum):
    """One call of the API.

    Attributes
    ----------
    method, path : str
        The path begins with a slash and follows the profile's base URL.
    repeatable : bool
        Whether sending it twice ends in the same state as sending it once. What is not repeatable is never sent
        again by itself once it may have arrived.
    trusts_busy : bool
        Whether HTTP 429 and 503 are taken for the server's word that it did not take the request up. Nobody documents
        that they are (WIRE_FACTS 5): the security seed says to try again after a 503, of whatever call, and a front
        may answer so once its server has done the work. Where a mistake mails people twice it is not believed.
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

    LIST_COLLECTIONS = _Route(method="GET", path="/v3/product/collection/list", repeatable=True)
    CREATE_COLLECTION = _Route(method="POST", path="/v3/product/collection/add", repeatable=False)
    DELETE_COLLECTION = _Route(method="POST", path="/v3/product/collection/delete", repeatable=True)
    ADD_TO_COLLECTION = _Route(method="POST", path="/v3/product/collection/products/add", repeatable=True)
    REMOVE_FROM_COLLECTION = _Route(method="POST", path="/v3/product/collection/products/delete", repeatable=True)
    LIST_CONTACT_PRODUCTS = _Route(method="POST", path="/v3/product/collection/contact/products", repeatable=True)

    REVOKE_KEY = _Route(method="POST", path="/v3/auth/revoke", repeatable=True)

    LIST_USERS = _signed("/api/user/listByClient", repeatable=True)

    UPSERT_CONTACT = _signed("/api/contact/upsert", repeatable=True)
    UPSERT_CONTACTS = _signed("/api/contact/batchupsertv2", repeatable=True, max_records=MAX_CONTACTS)
    # an event sent twice is two events, and automations mail people
    ADD_EVENT = _signed("/api/v2/contact/addContactExtEvent", repeatable=False, trusts_busy=False)
    UPDATE_EVENT = _signed("/api/v2/contact/updateContactExtEvent", repeatable=True)
    ADD_EVENTS = _signed(
        "/api/v2/contact/addBatchContactExtEvent", repeatable=False, max_records=MAX_EVENTS, trusts_busy=False
    )
    # the older name, which the official client marks as deprecated
    ADD_EVENTS_V1 = _signed(
        "/api/contact/batchAddContactExtEvent", repeatable=False, max_records=MAX_EVENTS, trusts_busy=False
    )
    DELETE_EVENT = _signed("/api/contact/deleteContactExtEvent", repeatable=True)
    UPSERT_CONTACT_WITH_EVENT = _signed("/api/integration/upsert", repeatable=False, trusts_busy=False)

    # seed_security_and_events.txt; it names no path for the event, which is taken to lie beside the contact
    SEED_UPSERT_CONTACT = _Route(
        method="POST", path="/api/v3/contact/upsert", repeatable=True, authentication=Authentication.SECRET_BODY
    )
    SEED_ADD_EVENT = _Route(
        method="POST",
        path="/api/v3/contact/event",
        repeatable=False,
        authentication=Authentication.SECRET_BODY,
        trusts_busy=False,
    )

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
    def trusts_busy(self) -> bool:
        """Whether 429 and 503 say that nothing was done."""
        return self.value.trusts_busy

    @property
    def max_records(self) -> int:
        """Records one request may carry."""
        return self.value.max_records

    @property
    def authentication(self) -> Authentication:
        """The kind of authentication it needs."""
        return self.value.authentication
