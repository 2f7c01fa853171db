"""One request answered, without HTTP: who asks, how often, what was sent, then the operation itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from smnotebook.contract import Authentication
from smnotebook.sandbox.answers import Answer, refuse_authentication, refuse_json
from smnotebook.sandbox.operations.bodies import UnreadableBody, read_body
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store.keys import key_state

__all__ = ["API_KEY_HEADER", "CarryOut", "Endpoint", "is_valid_key", "respond"]

API_KEY_HEADER = "api-key"

_RECORD_LISTS = ("products", "events", "upsertDetails", "data")

CarryOut = Callable[[State, Mapping[str, Any]], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call of the API as the sandbox offers it.

    Attributes
    ----------
    authentication : Authentication or None
        None where the operation itself asks (a password, a token).
    carry_out : callable
        The operation: the state and the body, to an answer.
    source : str
        Where its behaviour is known from.
    """

    method: Literal["GET", "POST"]
    path: str
    authentication: Authentication | None
    carry_out: CarryOut
    source: str


def respond(state: State, endpoint: Endpoint, *, api_key: str | None, raw: bytes) -> Answer:
    """Answer one request.

    Parameters
    ----------
    api_key : str or None
        Value of the API-KEY header.
    raw : bytes
        The body; not looked at for GET.
    """
    if endpoint.authentication is Authentication.API_KEY_HEADER and not is_valid_key(state, api_key):
        return refuse_authentication(state.draw_id(), state.assumptions)
    try:
        body = {} if endpoint.method == "GET" else read_body(raw)
    except UnreadableBody as unreadable:
        return refuse_json(str(unreadable))
    return replace(endpoint.carry_out(state, body), records=_count_records(body))


def _count_records(body: Mapping[str, Any]) -> int:
    lists = [body[name] for name in _RECORD_LISTS if isinstance(body.get(name), list)]
    return len(lists[0]) if lists else min(len(body), 1)


def is_valid_key(state: State, api_key: str | None) -> bool:
    """Whether a key opens the account now."""
    if not api_key:
        return False
    with state.database.reading() as rows:
        found = key_state(rows, api_key)
    return found is not None and found.is_valid(state.clock.now())
