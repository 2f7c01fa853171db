"""What the sandbox's behaviour rests on: documented, observed or assumed, each with its source, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

__all__ = ["CLAIMS", "Claim", "claims_as_json"]

Basis = Literal["documented", "observed", "assumed"]

_PRODUCTS = "product documentation (a damaged copy)"
_SECURITY = "security document (not official)"
_CLIENT = "official PHP client"
_TESTS = "official client's feature tests"
_THIRD = "third-party clients"
_BOTH = f"{_CLIENT}, {_THIRD}"
_NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that the sandbox does, and why it may be believed.

    Attributes
    ----------
    basis : {"documented", "observed", "assumed"}
        Written by the vendor; seen in official or foreign clients; or neither.
    switch : str
        Attribute of :class:`Assumptions` that turns it; empty where there is none.
    """

    topic: str
    behaviour: str
    basis: Basis
    source: str
    switch: str = ""


def _documented(topic: str, behaviour: str, source: str = _PRODUCTS) -> Claim:
    return Claim(topic=topic, behaviour=behaviour, basis="documented", source=source)


def _observed(topic: str, behaviour: str, source: str = _CLIENT) -> Claim:
    return Claim(topic=topic, behaviour=behaviour, basis="observed", source=source)


def _assumed(topic: str, behaviour: str, switch: str = "", source: str = _NONE) -> Claim:
    return Claim(topic=topic, behaviour=behaviour, basis="assumed", source=source, switch=switch)


CLAIMS: tuple[Claim, ...] = (
    _documented("keys", "The API-KEY header is the only credential of API v3; a key may expire and be revoked."),
    _documented("errors", "Reason codes 10 to 19 with their message formats; 400, and 200 for warning 12."),
    _documented("catalogs", "Fields and limits of catalogUpsert; an id is left out to create, given to update."),
    _documented("products", "Fields and limits of product/upsert; 100 products a request; a known id is updated."),
    _documented("products", "The answer holds requestId and productIds."),
    _documented("security seed", "contact/upsert with apiKey, apiSecret and owner in the body.", _SECURITY),
    _documented("security seed", "An event creates a contact that does not exist.", _SECURITY),
    _documented("quota", "1,000 or 10,000 requests an hour by plan.", _SECURITY),
    _observed("errors", "Two error shapes, a list of problems and a flat one; all problems of a request at once."),
    _observed("errors", "Field checks come before the limit of catalogs.", _TESTS),
    _observed("errors", "v2 says no on HTTP 200 with success false and a list of texts.", _THIRD),
    _observed("catalogs", "catalogList and catalogDelete; the name goes under name, formerly catalogName."),
    _observed("products", "Ids and categories may be numbers; a list may come as an object with number keys."),
    _observed("products", "setAsNull clears fields, also beside a value, also of a new product."),
    _observed("products", "updateQuantity and updatePrice; unknown ids are no problem.", _TESTS),
    _observed("products", "A third decimal in a price and a fraction in a quantity are refused.", _TESTS),
    _observed("collections", "All six calls and their answers; deleting one that is gone is no error."),
    _observed("keys", "auth/create and auth/revoke; revoking twice gives code 10.", _TESTS),
    _observed("v2", "Signature, login chain, contact and event calls under their v2 and v1 names.", _BOTH),
    _observed("v2", "requestTime may be in seconds or milliseconds and is not checked.", _THIRD),
    _assumed("catalogs", "An account holds this many catalogs.", "catalog_limit"),
    _assumed("collections", "An account holds this many collections.", "collection_limit"),
    _assumed("catalogs", "A location that another catalog has is code 15.", "unique_location"),
    _assumed("catalogs", "Deleting an unknown catalog succeeds.", "unknown_catalog_on_delete", _TESTS),
    _assumed("products", "One bad product refuses its whole request.", "bad_products"),
    _assumed("products", "Of two products with one id in a request the last wins.", "duplicate_ids"),
    _assumed("products", "Text beyond a soft limit earns warning 12 and is kept whole.", "soft_limits"),
    _assumed("products", "An absent key leaves the stored value; details merge name by name.", "details", _CLIENT),
    _assumed("products", "A product whose details would be more than five after a merge refuses its request, code 11."),
    _assumed("products", "A null or empty optional value counts as absent; in the two updates a null clears."),
    _assumed("products", "A third decimal is code 18; problems name a field and never a product."),
    _assumed("products", "An update of quantities or prices takes 100 entries and answers a requestId only."),
    _assumed("errors", "Code 10 travels in the flat shape.", "authentication_error_shape", _CLIENT),
    _assumed("quota", "The hour is the hour of the clock.", "quota_window"),
    _assumed("quota", "Beyond the quota the status is 429.", "quota_status"),
    _assumed("quota", "The refusal says how long to wait, and is not counted itself.", "quota_retry_after"),
    _assumed(
        "v2", "An event for an unknown address waits an hour and is then dropped.", "event_for_unknown_contact", _THIRD
    ),
    _assumed("v2", "Bad entries of batchupsertv2 are passed over without a word."),
    _assumed("v2", "An e-mail address is compared without regard to case."),
    _assumed("keys", "A month is 30 days, a token of the login chain lives an hour."),
    _assumed("security seed", "The event goes to /api/v3/contact/event; answers are those of API v3."),
    _assumed("transport", "A large body gets 413, another content type 415, an unknown path 404, another host 421."),
    _assumed("transport", "An object with a name twice, NaN and deep nesting are no valid JSON."),
)


def claims_as_json() -> list[dict[str, Any]]:
    """The claims as plain values."""
    return [asdict(claim) for claim in CLAIMS]
