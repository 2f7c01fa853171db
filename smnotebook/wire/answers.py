"""What an answer means: status first, then the body, in each of its error shapes (WIRE_FACTS section 5).

Nothing is a success unless it says so: a 2xx status, a JSON object, no problem but trimmed data (12), and the key that
the operation's answer holds. Everything else becomes an exception with a word that tells what came instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from smnotebook.contract import Operation, ReasonCode, Violation, parse_message
from smnotebook.contract.reasons import Severity
from smnotebook.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    LimitReached,
    Refused,
    Throttled,
    UnknownIdentifier,
)
from smnotebook.wire.retry_after import seconds_to_wait
from smnotebook.wire.transport import RawAnswer
from smnotebook.wire.wording import advice_on, describe_body, is_from_a_front, one_line

__all__ = ["ANSWER_KEYS", "Answer", "judge", "read_answer"]

_V2 = ("success",)
_CHANGED_PRODUCTS = ("productIds", "requestId")  # of a change, only the requestId is known (WIRE_FACTS section 2)

#: What the answer to an operation holds, one of them at least (WIRE_FACTS section 2). The security seed shows no
#: answer, so any id will do there.
ANSWER_KEYS: dict[Operation, tuple[str, ...]] = {
    Operation.LIST_CATALOGS: ("catalogs",),
    Operation.CREATE_CATALOG: ("catalogId",),
    Operation.UPDATE_CATALOG: ("catalogId", "requestId"),
    Operation.DELETE_CATALOG: ("catalogId", "requestId"),
    Operation.UPSERT_PRODUCTS: _CHANGED_PRODUCTS,
    Operation.UPDATE_QUANTITY: _CHANGED_PRODUCTS,
    Operation.UPDATE_PRICE: _CHANGED_PRODUCTS,
    Operation.LIST_COLLECTIONS: ("collections",),
    Operation.CREATE_COLLECTION: ("collectionUUID",),
    Operation.DELETE_COLLECTION: _V2,
    Operation.ADD_TO_COLLECTION: _V2,
    Operation.REMOVE_FROM_COLLECTION: _V2,
    Operation.LIST_CONTACT_PRODUCTS: ("products",),
    Operation.REVOKE_KEY: ("apiKeyName", "requestId"),
    Operation.LIST_USERS: ("users",),
    Operation.UPSERT_CONTACT: _V2,
    Operation.UPSERT_CONTACTS: _V2,
    Operation.ADD_EVENT: _V2,
    Operation.UPDATE_EVENT: _V2,
    Operation.ADD_EVENTS: _V2,
    Operation.ADD_EVENTS_V1: _V2,
    Operation.DELETE_EVENT: _V2,
    Operation.UPSERT_CONTACT_WITH_EVENT: ("contactId", "eventId"),
    Operation.SEED_UPSERT_CONTACT: ("contactId", "requestId", "success"),
    Operation.SEED_ADD_EVENT: ("eventId", "contactId", "requestId", "success"),
}

#: Keys whose value is a list that may be empty; of the others, nothing empty counts.
_LISTS = frozenset({"catalogs", "collections", "products", "users"})

_MAX_PROBLEMS = 1000

#: The server's, and those of what stands before it: about the whole request, whatever shape the body has.
_TOO_LARGE = 413
_ABOUT_THE_ADDRESS = frozenset({404, 405, 407})
_CREDENTIALS = frozenset({401, 403})

#: API v2 has no code for a wrong key, only these texts (WIRE_FACTS section 5).
_NOT_AUTHENTICATED = frozenset({"user not authenticated", "not authenticated"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A success.

    Attributes
    ----------
    request_id : str or None
        The server's own id of the request.
    data : dict
        The answer as it came; not in the repr, since it may hold a key or a customer's data.
    warnings : tuple of Violation
        What the server trimmed (reason code 12).
    status : int
        HTTP status.
    has_open_attempts : bool
        Whether an earlier attempt of the same call was never answered and may still be carried out.
    """

    request_id: str | None
    data: dict[str, Any] = field(repr=False)
    warnings: tuple[Violation, ...] = ()
    status: int = 200
    has_open_attempts: bool = False


def read_answer(raw: RawAnswer, operation: Operation, *, now: float) -> Answer:
    """The success that an answer to an operation reports; see :func:`judge`."""
    return judge(raw, path=operation.path, owed=ANSWER_KEYS[operation], now=now)


def judge(raw: RawAnswer, *, path: str, owed: Sequence[str], now: float) -> Answer:
    """The success that an answer reports.

    Parameters
    ----------
    path : str
        What was called, for messages.
    owed : sequence of str
        Keys of which a success holds at least one.
    now : float
        Unix time, for a Retry-After given as a date.

    Raises
    ------
    Throttled
        HTTP 429 or 503, whatever the body says.
    Refused
        The server understood and declined; one of its subclasses for the reason codes 10, 16 and 19, and for HTTP 401
        and 403.
    BadAnswer
        Anything else: no JSON, cut off, empty, a redirect, too large, a status or an object that is no success.
    """
    document = _document(raw.body)
    if raw.status in {429, 503}:
        raise _throttled(raw, now=now)
    violations = () if document is None else tuple(_violations(document))
    if _is_about_the_request(raw, violations):
        raise _bad(raw, document, path)
    errors = tuple(violation for violation in violations if violation.severity == "error")
    if errors or (violations and raw.status >= 400) or raw.status in _CREDENTIALS:
        raise _refused(errors or violations, raw, document or {}, path)
    if not 200 <= raw.status < 300 or document is None or not _holds_one(document, owed):
        raise _bad(raw, document, path)
    return Answer(request_id=_request_id(document), data=document, warnings=violations, status=raw.status)


def _is_about_the_request(raw: RawAnswer, violations: Sequence[Violation]) -> bool:
    """Whether the status alone says what is wrong, so that no row may be blamed by what the body adds."""
    if raw.status == 403:
        return is_from_a_front(raw)
    if raw.status in _ABOUT_THE_ADDRESS:
        # a code of the documentation is the API's own word, so the address is right
        return not any(violation.reason_code in set(ReasonCode) for violation in violations)
    return raw.status == _TOO_LARGE


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        document = orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def _holds_one(document: Mapping[str, Any], owed: Sequence[str]) -> bool:
    return any(isinstance(document.get(key), list) if key in _LISTS else bool(document.get(key)) for key in owed)


def _request_id(document: Mapping[str, Any]) -> str | None:
    found = document.get("requestId")
    return one_line(found) if isinstance(found, str) and found else None


# --- the three shapes of a problem -----------------------------------------------------------------------------


def _violations(document: Mapping[str, Any]) -> Iterator[Violation]:
    """Those of the list shape, of the flat shape, and of v2's ``success: false``."""
    problems = document.get("problems")
    if problems:
        listed = problems if isinstance(problems, list) else [problems]
        for problem in listed[:_MAX_PROBLEMS]:
            yield _violation(problem)
    has_failed = "success" in document and document["success"] is not True
    if (
        document.get("reasonCode") is not None
        or has_failed
        or (document.get("messages") and not _is_v2_success(document))
    ):
        yield from _flat(document)


def _is_v2_success(document: Mapping[str, Any]) -> bool:
    return document.get("success") is True


def _violation(problem: Any) -> Violation:
    if not isinstance(problem, dict):
        return _worded(None, one_line(problem))
    return _worded(_reason_code(problem.get("reasonCode")), one_line(problem.get("message")))


def _flat(document: Mapping[str, Any]) -> Iterator[Violation]:
    code = _reason_code(document.get("reasonCode"))
    texts = document.get("messages") or document.get("message") or "no reason given"
    for text in (texts if isinstance(texts, list) else [texts])[:_MAX_PROBLEMS]:
        yield _worded(code, one_line(text))


def _reason_code(given: Any) -> int | None:
    """A whole number, also as text; None for what is none."""
    if isinstance(given, bool):
        return None
    if isinstance(given, int):
        return given
    if isinstance(given, float) and given.is_integer():
        return int(given)
    if isinstance(given, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", given):
        return int(given)
    return None


def _worded(code: int | None, message: str) -> Violation:
    field_name = parse_message(code, message).field if code is not None else None
    severity: Severity = "warning" if code == ReasonCode.TRIMMED else "error"
    return Violation(field=field_name, reason_code=code, message=message, severity=severity)


# --- the exceptions --------------------------------------------------------------------------------------------


def _throttled(raw: RawAnswer, *, now: float) -> Throttled:
    wait = seconds_to_wait(raw.headers, now=now)
    asked = "" if wait is None else f" and asks for {wait:.0f} s of patience"
    what = "is asked too often" if raw.status == 429 else "is not available at the moment"
    return Throttled(
        f"The server {what} (HTTP {raw.status}){asked}. Try again later; nothing needs to change.",
        status=raw.status,
        retry_after=wait,
    )


def _refused(violations: tuple[Violation, ...], raw: RawAnswer, document: Mapping[str, Any], path: str) -> Refused:
    codes = {violation.reason_code for violation in violations}
    kind = Refused
    if raw.status in _CREDENTIALS or ReasonCode.AUTHENTICATION in codes or _is_v2_stranger(violations):
        kind = AuthenticationFailed
    elif codes == {int(ReasonCode.UNKNOWN_IDENTIFIER)}:
        kind = UnknownIdentifier
    elif codes == {int(ReasonCode.ABOVE_QUOTA)}:
        kind = LimitReached
    request_id = _request_id(document)
    said = "; ".join(violation.message for violation in violations[:5]) or _unsaid(raw)
    more = f"; and {len(violations) - 5} more" if len(violations) > 5 else ""
    where = f"HTTP {raw.status}" + (f", request {request_id}" if request_id else "")
    message = f"The server refused {path} ({where}): {said}{more}. {advice_on(codes, kind)}"
    return kind(message, violations=violations, status=raw.status, request_id=request_id)


def _is_v2_stranger(violations: Sequence[Violation]) -> bool:
    return any(violation.message.strip().rstrip(".").lower() in _NOT_AUTHENTICATED for violation in violations)


def _unsaid(raw: RawAnswer) -> str:
    """What stands for the reason of a refusal by its status alone."""
    return "not authenticated" if raw.status == 401 else "not allowed, by the API or by what stands before it"


def _bad(raw: RawAnswer, document: Mapping[str, Any] | None, path: str) -> ApiError:
    request_id = _request_id(document) if document is not None else None
    message = f"{path} was answered by HTTP {raw.status} with {describe_body(raw, document)}."
    return BadAnswer(message, status=raw.status, request_id=request_id)
