"""Who sends a request: the three ways the API's sources describe (WIRE_FACTS 7, row 1).

A strategy takes the encoded body and gives back headers and body with its proof added. All of them keep what is secret
in ``SecretStr``, show none of it, and refuse to be pickled: a pickle would hold the secret in clear.
"""

from __future__ import annotations

import hashlib
import secrets
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NoReturn

import orjson
from pydantic import SecretStr

from smnotebook.contract import Authentication
from smnotebook.errors import UsageError

__all__ = ["ApiKeyHeader", "Authenticator", "SecretBody", "SecretInBodyWarning", "SignedBody", "SignedRequest"]

_MAX_SECRET = 256


class SecretInBodyWarning(UserWarning):
    """The secret itself travels with each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """Headers and body of one request, proof included; the repr shows neither."""

    headers: Mapping[str, SecretStr] = field(repr=False)
    body: bytes | None = field(repr=False)


class Authenticator(ABC):
    """Adds the proof of who sends a request."""

    __slots__ = ()

    #: The kind of authentication this is.
    kind: ClassVar[Authentication]

    @property
    @abstractmethod
    def confidential(self) -> tuple[SecretStr, ...]:
        """What must never be seen, so that it is taken out of an answer that echoes it."""

    @abstractmethod
    def sign(self, body: bytes | None) -> SignedRequest:
        """The request with its proof; called anew for each attempt."""

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise UsageError(
            f"{type(self).__name__} holds a secret and can't be pickled. Call connect() with the profile's name there."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyHeader(Authenticator):
    """API v3 of products: the key in the header ``API-KEY``, nothing in the body."""

    kind = Authentication.API_KEY_HEADER
    api_key: SecretStr

    def __post_init__(self) -> None:
        _hold_to_form("API key", self.api_key)

    @property
    def confidential(self) -> tuple[SecretStr, ...]:
        return (self.api_key,)

    def sign(self, body: bytes | None) -> SignedRequest:
        return SignedRequest(headers={"API-KEY": self.api_key}, body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBody(Authenticator):
    """API v2 of contacts and events: a signature in the body; the secret itself is never sent.

    ``sha`` is the hexadecimal SHA-1 of apiKey, clientId and apiSecret in a row, where apiKey is any random text;
    ``requestTime`` is in milliseconds (WIRE_FACTS section 1).
    """

    kind = Authentication.SIGNED_BODY
    client_id: str
    api_secret: SecretStr
    owner: str = field(repr=False)
    now: Callable[[], float] = field(default=time.time, repr=False, compare=False)
    draw_token: Callable[[], str] = field(default=lambda: secrets.token_hex(16), repr=False, compare=False)

    def __post_init__(self) -> None:
        _hold_to_form("API secret", self.api_secret)

    @property
    def confidential(self) -> tuple[SecretStr, ...]:
        return (self.api_secret,)

    def sign(self, body: bytes | None) -> SignedRequest:
        token = self.draw_token()
        signed = token + self.client_id + self.api_secret.get_secret_value()
        proof: dict[str, str | int] = {
            "clientId": self.client_id,
            "apiKey": token,
            "requestTime": int(self.now() * 1000),
            "sha": hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest(),
            "owner": self.owner,
        }
        return SignedRequest(headers={}, body=_with_fields(body, proof))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretBody(Authenticator):
    """The security seed's way: key and secret in clear inside the body. Chosen by name only, and warned about."""

    kind = Authentication.SECRET_BODY
    api_key: SecretStr
    api_secret: SecretStr
    owner: str = field(repr=False)

    def __post_init__(self) -> None:
        _hold_to_form("API key", self.api_key)
        _hold_to_form("API secret", self.api_secret)
        warnings.warn(
            "The API secret will travel in the body of every request. Prefer the API-KEY header or a signed body.",
            SecretInBodyWarning,
            stacklevel=3,
        )

    @property
    def confidential(self) -> tuple[SecretStr, ...]:
        return (self.api_key, self.api_secret)

    def sign(self, body: bytes | None) -> SignedRequest:
        proof = {
            "apiKey": self.api_key.get_secret_value(),
            "apiSecret": self.api_secret.get_secret_value(),
            "owner": self.owner,
        }
        return SignedRequest(headers={}, body=_with_fields(body, proof))


def _with_fields(body: bytes | None, fields: Mapping[str, str | int]) -> bytes:
    """The fields put in front of an encoded object, without decoding it: a batch may be a megabyte."""
    front = orjson.dumps(fields)
    rest = b"}" if body is None else body.lstrip()[1:].lstrip()
    return front if rest.startswith(b"}") else front[:-1] + b"," + rest


def _hold_to_form(what: str, secret: SecretStr) -> None:
    if not _is_sendable(secret):
        raise UsageError(
            f"The {what} is empty, or holds blanks or characters that no header can carry. "
            "Copy it again from SALESmanago, Integration Center, API."
        )


def _is_sendable(secret: SecretStr) -> bool:
    value = secret.get_secret_value()
    is_text = isinstance(value, str)  # SecretStr takes bytes as well, and never looks
    return is_text and 0 < len(value) <= _MAX_SECRET and value.isascii() and value.isprintable() and " " not in value
