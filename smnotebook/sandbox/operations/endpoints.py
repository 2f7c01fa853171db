"""One request answered, without HTTP: who asks, how often, what was sent, then the operation itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from smnotebook.contract import Authentication
from smnotebook.sandbox.answers import Answer, refuse_authentication, refuse_json, refuse_v2
from smnotebook.sandbox.operations.bodies import UnreadableBody, read_body
from smnotebook.sandbox.operations.login import NOT_AUTHENTICATED, is_signed
from smnotebook.sandbox.operations.quota import charge
from smnotebook.sandbox.operations.seed import holds_secret
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store.keys import is_valid_key

__all__ = ["API_KEY_HEADER", "CarryOut", "Endpoint", "respond"]

API_KEY_HEADER = "API-KEY"

_RECORD_LISTS = ("products", "events", "upsertDetails", "data")

CarryOut = Callable[[State, Mapping[str, Any]], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call of the API as the sandbox offers it.

    Attributes
    ----------
    authentication : Authentication or None
        None where the operation itself asks (for a password, a token, a key in the body).
    carry_out : callable
        The operation: the state and the body, to an answer.
    """

    method: Literal["GET", "POST"]
    path: str
    authentication: Authentication | None
    carry_out: CarryOut


def respond(state: State, endpoint: Endpoint, *, api_key: str | None, raw: bytes) -> Answer:
    """Answer one request.

    Parameters
    ----------
    api_key : str or None
        Value of the API-KEY header.
    raw : bytes
        The body; not looked at for GET.
    """
    if endpoint.authentication is Authentication.API_KEY_HEADER:
        refused = _refuse_key(state, api_key) or charge(state)
        if refused is not None:
            return refused
    try:
        body = {} if endpoint.method == "GET" else read_body(raw)
    except UnreadableBody as unreadable:
        return refuse_json(str(unreadable))
    answer = _refuse_body(state, endpoint, body) or endpoint.carry_out(replace(state, sent_key=api_key), body)
    return replace(answer, records=_count_records(body))


def _refuse_key(state: State, api_key: str | None) -> Answer | None:
    if api_key and is_valid_key(state.database, api_key, state.clock.now()):
        return None
    return refuse_authentication(state.draw_id(), state.assumptions)


def _refuse_body(state: State, endpoint: Endpoint, body: Mapping[str, Any]) -> Answer | None:
    """The answer to a body that does not prove its sender, or that comes too often."""
    match endpoint.authentication:
        case Authentication.API_KEY_HEADER:
            return None
        case Authentication.SIGNED_BODY if not is_signed(state, body):
            return refuse_v2(NOT_AUTHENTICATED)
        case Authentication.SECRET_BODY if not holds_secret(state, body):
            return refuse_authentication(state.draw_id(), state.assumptions)
    return charge(state)


def _count_records(body: Mapping[str, Any]) -> int:
    lists = [body[name] for name in _RECORD_LISTS if isinstance(body.get(name), list)]
    return len(lists[0]) if lists else min(len(body), 1)
