"""The two calls about keys: ``auth/create`` trades a user's password for one, ``auth/revoke`` ends one.

Source: WIRE_FACTS section 1. Their bodies hold a password or a key, so these are built inside the seal, and each call
is made once: a second one would make a second key, or meet one that is revoked already.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import SecretStr

from smnotebook.contract import CREATE_KEY_PATH, Operation
from smnotebook.wire.addresses import checked_base_url
from smnotebook.wire.answers import ANSWER_KEYS, Answer, judge
from smnotebook.wire.attempts import Failed, sealed
from smnotebook.wire.redaction import Redaction
from smnotebook.wire.transport import RequestsTransport, Timeout, Transport, user_agent

__all__ = ["end_key", "request_key"]


def request_key(
    base_url: str, fields: Mapping[str, Any], *, password: SecretStr, transport: Transport | None = None
) -> SecretStr | None:
    """A new key; None where the server made one and does not show it.

    Parameters
    ----------
    fields : mapping
        What ``auth/create`` takes beside the password.
    """
    # a key that is made and not shown is no error to the official client
    answer = _post(
        checked_base_url(base_url) + CREATE_KEY_PATH,
        fields,
        {"password": password},
        headers={},
        owed=("apiKey", "requestId"),
        transport=transport,
    )
    shown = answer.data.pop("apiKey", None)
    return SecretStr(shown) if isinstance(shown, str) and shown else None


def end_key(base_url: str, api_key: SecretStr, *, transport: Transport | None = None) -> Answer:
    """Revoke a key by itself; the answer names it as ``apiKeyName``."""
    return _post(
        checked_base_url(base_url) + Operation.REVOKE_KEY.path,
        {},
        {"apiKey": api_key},
        headers={"API-KEY": api_key},
        owed=ANSWER_KEYS[Operation.REVOKE_KEY],
        transport=transport,
    )


def _post(
    url: str,
    fields: Mapping[str, Any],
    secrets: Mapping[str, SecretStr],
    *,
    headers: Mapping[str, SecretStr],
    owed: Sequence[str],
    transport: Transport | None,
) -> Answer:
    sender = RequestsTransport() if transport is None else transport
    redaction = Redaction(secrets.values())
    usual = {"User-Agent": user_agent(), "Accept": "application/json", "Content-Type": "application/json"}

    def ask() -> Answer:
        in_clear = {name: secret.get_secret_value() for name, secret in secrets.items()}
        body = orjson.dumps({**fields, **in_clear})
        with redaction.over_logs():
            raw = sender.send("POST", url, headers={**usual, **headers}, body=body, timeout=Timeout())
        return judge(redaction.of_answer(raw), path=url, owed=owed, now=time.time())

    outcome = sealed(ask, redaction)
    if isinstance(outcome, Failed):
        raise outcome.error
    return outcome
