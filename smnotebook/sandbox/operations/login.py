"""The v2 login chain: user and password to a token, token to client id and signature, and the list of users.

Rules: WIRE_FACTS section 1.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from smnotebook.sandbox.answers import Answer, accept_v2, refuse_v2
from smnotebook.sandbox.operations.keys import is_owner
from smnotebook.sandbox.operations.state import State

__all__ = ["integrate", "is_signed", "list_users", "log_in"]

NOT_AUTHENTICATED = "User not authenticated"

# The number of the application server; the official client takes nothing but a number (WIRE_FACTS 11).
_SMAPP = 1
# How long a token of the login chain is good for; no source says.
_TOKEN_SECONDS = 3600


def log_in(state: State, body: Mapping[str, Any]) -> Answer:
    """Exchange user name and password for a token; ``endpoint`` is the host to go on with."""
    if not is_owner(state, body.get("username"), body.get("password")):
        return refuse_v2(NOT_AUTHENTICATED)
    issued = int(state.clock.now())
    token = f"{issued}.{_seal(state, issued)}"
    return accept_v2(token=token, endpoint=state.host, smapp=_SMAPP)


def integrate(state: State, body: Mapping[str, Any]) -> Answer:
    """Exchange a token for the client id and the signature that goes with the random ``apiKey`` of the body."""
    token, api_key = body.get("token"), body.get("apiKey")
    if not _is_good_token(state, token) or not isinstance(api_key, str) or not api_key.isprintable():
        return refuse_v2(NOT_AUTHENTICATED)
    return accept_v2(shortId=state.account.client_id, sha1=state.account.sign(api_key))


def list_users(state: State, _body: Mapping[str, Any]) -> Answer:
    """The account's users: there is one."""
    return accept_v2(users=[state.account.owner])


def is_signed(state: State, body: Mapping[str, Any]) -> bool:
    """Whether a v2 body proves its sender; ``requestTime`` is not looked at, as clients send it in two units."""
    api_key, sha = body.get("apiKey"), body.get("sha")
    if not isinstance(api_key, str) or not isinstance(sha, str) or body.get("clientId") != state.account.client_id:
        return False
    try:
        expected = state.account.sign(api_key)
    except UnicodeEncodeError:  # half a character: nobody can have signed that
        return False
    return hmac.compare_digest(sha.encode("utf-8", "surrogatepass"), expected.encode())


def _is_good_token(state: State, token: object) -> bool:
    issued, _, seal = token.partition(".") if isinstance(token, str) else ("", "", "")
    if not issued.isascii() or not issued.isdecimal() or len(issued) > 15:
        return False
    age = state.clock.now() - int(issued)
    return age < _TOKEN_SECONDS and hmac.compare_digest(
        seal.encode("utf-8", "replace"), _seal(state, int(issued)).encode()
    )


def _seal(state: State, issued: int) -> str:
    secret = state.account.api_secret.get_secret_value()
    return hmac.new(secret.encode(), f"token {issued}".encode(), hashlib.sha256).hexdigest()
