"""What each call answers: the members of a success, and the shapes of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smnotebook.contract import CREATE_KEY_PATH, INTEGRATE_PATH, LOG_IN_PATH, Operation
from smnotebook.sandbox.openapi.records import list_of, object_of

__all__ = ["refusals", "success"]

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_FLAG = {"type": "boolean"}
_TEXTS = list_of(_TEXT)
_PROBLEMS = list_of(object_of({"reasonCode": _NUMBER, "message": _TEXT}))
_LIMITS = object_of({"max": _NUMBER})
_CATALOG = object_of({"catalogId": _TEXT, "name": _TEXT, "setAsDefault": _FLAG, "currency": _TEXT, "location": _TEXT})
_COLLECTION = object_of({"collectionId": _TEXT, "name": _TEXT})

# Members of a success beside requestId (v3) or success and message (v2).
_MEMBERS: Mapping[str, Mapping[str, Any]] = {
    Operation.LIST_CATALOGS.path: {"catalogs": list_of(_CATALOG), "limits": _LIMITS},
    Operation.CREATE_CATALOG.path: {"catalogId": _TEXT},
    Operation.DELETE_CATALOG.path: {"catalogId": _TEXT},
    Operation.UPSERT_PRODUCTS.path: {"productIds": _TEXTS},
    Operation.UPDATE_QUANTITY.path: {},
    Operation.UPDATE_PRICE.path: {},
    Operation.LIST_COLLECTIONS.path: {"collections": list_of(_COLLECTION), "limits": _LIMITS},
    Operation.CREATE_COLLECTION.path: {"success": _FLAG, "collectionUUID": _TEXT},
    Operation.DELETE_COLLECTION.path: {"success": _FLAG},
    Operation.ADD_TO_COLLECTION.path: {"success": _FLAG},
    Operation.REMOVE_FROM_COLLECTION.path: {"success": _FLAG},
    Operation.LIST_CONTACT_PRODUCTS.path: {"success": _FLAG, "products": _TEXTS},
    CREATE_KEY_PATH: {"apiKey": _TEXT},
    Operation.REVOKE_KEY.path: {"apiKeyName": _TEXT},
    LOG_IN_PATH: {"token": _TEXT, "endpoint": _TEXT, "smapp": {"type": "integer"}},
    INTEGRATE_PATH: {"shortId": _TEXT, "sha1": _TEXT},
    Operation.LIST_USERS.path: {"users": _TEXTS},
    Operation.UPSERT_CONTACT.path: {"contactId": _TEXT, "externalId": _TEXT},
    Operation.UPSERT_CONTACTS.path: {"requestId": _TEXT},
    Operation.ADD_EVENT.path: {"eventId": _TEXT},
    Operation.UPDATE_EVENT.path: {"eventId": _TEXT},
    Operation.ADD_EVENTS.path: {"createdAmount": _NUMBER, "failedAmount": _NUMBER, "failedContacts": _TEXTS},
    Operation.ADD_EVENTS_V1.path: {"createdAmount": _NUMBER, "failedAmount": _NUMBER, "failedContacts": _TEXTS},
    Operation.DELETE_EVENT.path: {"result": _TEXT},
    Operation.UPSERT_CONTACT_WITH_EVENT.path: {"contactId": _TEXT, "eventId": _TEXT},
    Operation.SEED_UPSERT_CONTACT.path: {"contactId": _TEXT},
    Operation.SEED_ADD_EVENT.path: {"contactId": _TEXT, "eventId": _TEXT},
}
_SOMETIMES = ("externalId",)

_REFUSED_V2 = object_of({"success": {"const": False}, "message": _TEXTS})
_LIST_SHAPE = object_of({"requestId": _TEXT, "problems": _PROBLEMS})
_FLAT_SHAPE = object_of({"messages": _TEXTS, "reasonCode": _NUMBER})
_MESSAGE = object_of({"message": _TEXT})


def success(path: str) -> dict[str, Any]:
    """The schema of HTTP 200; of v2 it holds refusals too."""
    members = _MEMBERS[path]
    always = tuple(name for name in members if name not in _SOMETIMES)
    if not is_v2(path):
        return object_of({"requestId": _TEXT, "problems": _PROBLEMS, **members}, required=("requestId", *always))
    granted = object_of(
        {"success": {"const": True}, "message": _TEXTS, **members}, required=("success", "message", *always)
    )
    return {"oneOf": [granted, _REFUSED_V2]}


def is_v2(path: str) -> bool:
    """Whether a path answers in the way of API v2."""
    return path.startswith("/api/") and not path.startswith("/api/v3/")


def refusals(path: str) -> dict[int, dict[str, Any]]:
    """Every other status with its schema; faults on demand come on top."""
    refused = _FLAT_SHAPE if is_v2(path) else {"oneOf": [_LIST_SHAPE, _FLAT_SHAPE]}
    return {400: refused, 413: _FLAT_SHAPE, 415: _FLAT_SHAPE, 421: _FLAT_SHAPE, 429: _MESSAGE, 503: _MESSAGE}
