"""auth/create and auth/revoke. Rules: WIRE_FACTS section 1."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from smnotebook.contract import KEY_EXPIRY_DAYS, KeyRequest, ReasonCode, Violation, check
from smnotebook.sandbox.answers import (
    Answer,
    accept,
    find_errors,
    refuse,
    refuse_authentication,
    refuse_json,
    violation,
)
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store.keys import add_key, key_state, revoke_key

__all__ = ["create_key", "is_owner", "revoke"]

_DAY_SECONDS = 86_400.0


def create_key(state: State, body: Mapping[str, Any]) -> Answer:
    """Make a key for the user whose password the body holds."""
    request_id = state.draw_id()
    password = body.get("password")
    if errors := find_errors([*check(KeyRequest, body), *_find_password_errors(body)]):
        return refuse(request_id, errors)
    asked = KeyRequest.model_validate(dict(body))
    if not is_owner(state, asked.email, password):
        return refuse_authentication(request_id, state.assumptions)
    now, days = state.clock.now(), KEY_EXPIRY_DAYS[asked.expiry]
    api_key = secrets.token_hex(16)
    with state.database.transaction() as rows:
        expires_at = None if days is None else now + days * _DAY_SECONDS
        add_key(rows, api_key, name=asked.keyName, now=now, expires_at=expires_at)
    return accept(request_id, apiKey=api_key)


def _find_password_errors(body: Mapping[str, Any]) -> list[Violation]:
    if "password" not in body or body["password"] == "":
        return [violation(ReasonCode.MISSING, "password", "is required")]
    if body["password"] is None:
        return [violation(ReasonCode.REQUIRED_IS_NULL, "password", "is required and can't be null")]
    if not isinstance(body["password"], str):
        return [violation(ReasonCode.WRONG_TYPE, "password", "must be text", type_name="string")]
    return []


def is_owner(state: State, user: object, password: object) -> bool:
    """Whether this is the account's owner and the right password."""
    if not isinstance(user, str) or not isinstance(password, str) or user.lower() != state.account.owner:
        return False
    expected = state.account.password.get_secret_value()
    return hmac.compare_digest(password.encode("utf-8", "surrogatepass"), expected.encode())


def revoke(state: State, body: Mapping[str, Any]) -> Answer:
    """Revoke the key that both header and body hold; the answer names it. One revoked already gives code 10."""
    request_id = state.draw_id()
    api_key = body.get("apiKey")
    if not api_key:
        return refuse_json("apiKey is empty.")
    if not isinstance(api_key, str):
        return refuse(request_id, [violation(ReasonCode.WRONG_TYPE, "apiKey", "must be text", type_name="string")])
    now = state.clock.now()
    with state.database.transaction() as rows:
        found = key_state(rows, api_key)
        if found is None or not found.is_valid(now) or state.sent_key != api_key:
            return refuse_authentication(request_id, state.assumptions)
        revoke_key(rows, api_key, now)
    return accept(request_id, apiKeyName=found.name)
