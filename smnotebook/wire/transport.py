"""The one seam through which bytes leave and come back; everything above it can be tested without a socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Protocol, TypedDict
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from smnotebook.errors import BadAnswer, ServerUnreachable
from smnotebook.wire.addresses import is_loopback_url
from smnotebook.wire.translation import translate

__all__ = ["MAX_ANSWER_BYTES", "RawAnswer", "RequestsTransport", "Timeout", "Transport", "user_agent"]

#: An answer beyond this is no answer of the API: the largest, a list of catalogs, is some kilobytes.
MAX_ANSWER_BYTES = 32 * 1024 * 1024

_CHUNK_BYTES = 64 * 1024
_POOL_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout:
    """Seconds to wait for a connection, for the next byte, and for the whole answer."""

    connect: float = 10.0
    read: float = 60.0
    whole: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What came back, before anyone judges it; the repr leaves out the body, which may hold anything.

    ``headers`` have lower-case names; ``elapsed`` is in seconds.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    elapsed: float = 0.0


class Transport(Protocol):
    """Sends one request once: no retry, no redirect, no opinion on the status."""

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str | SecretStr], body: bytes | None, timeout: Timeout
    ) -> RawAnswer:
        """The answer, whatever its status.

        Raises
        ------
        ServerUnreachable
            No whole answer came back.
        BadAnswer
            One came that is too large or wrongly encoded.
        """

    def close(self) -> None:
        """Give back what is held open."""


@cache
def user_agent() -> str:
    """Our own name: a front of the live service blocks the usual Python ones (WIRE_FACTS section 1)."""
    return f"smnotebook/{version('smnotebook')}"


class _Surroundings(TypedDict):
    proxies: dict[str, str]
    verify: str | bool


class RequestsTransport:
    """A pool of connections kept open; several threads may send at once.

    Redirects are not followed, so a key goes to the host it was meant for or nowhere; cookies are not kept, and
    ``.netrc`` is not read. Proxies and certificate bundles of the environment count, proxies not to loopback;
    they are looked up once a host, until the transport is closed: each time anew it cost a third of a request.
    """

    def __init__(self, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._checked: dict[tuple[str, str], requests.PreparedRequest] = {}
        self._known_surroundings: dict[str, _Surroundings] = {}
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0, pool_maxsize=_POOL_SIZE))

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str | SecretStr], body: bytes | None, timeout: Timeout
    ) -> RawAnswer:
        """See :meth:`Transport.send`."""
        host = urlsplit(url).netloc
        started = self._clock()
        try:
            request = self._prepare(method, url, headers, body)
            # straight to the adapter: what a session adds are cookies and redirects, and neither is wanted
            with self._session.get_adapter(url).send(
                request, timeout=(timeout.connect, timeout.read), stream=True, **self._surroundings(url, host)
            ) as response:
                content = self._read(response, host, deadline=started + timeout.whole)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise translate(error, host) from error
        return RawAnswer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=content,
            elapsed=self._clock() - started,
        )

    def _prepare(
        self, method: str, url: str, headers: Mapping[str, str | SecretStr], body: bytes | None
    ) -> requests.PreparedRequest:
        """A request made from one that was checked before: an upload sends thousands to the same address."""
        known = self._checked.get((method, url))
        if known is None:
            known = self._checked[method, url] = requests.Request(method, url).prepare()
        request = known.copy()
        request.prepare_headers(_in_clear(headers))
        request.prepare_body(body, None)
        return request

    def close(self) -> None:
        """Give the connections back; a later send opens new ones."""
        self._session.close()
        self._known_surroundings.clear()

    def _surroundings(self, url: str, host: str) -> _Surroundings:
        known = self._known_surroundings.get(host)
        if known is None:
            settings = self._session.merge_environment_settings(url, {}, None, None, None)
            # a request to this machine that went through a proxy would show the key to it
            proxies = {} if is_loopback_url(url) else dict(settings["proxies"])
            known = self._known_surroundings[host] = {"proxies": proxies, "verify": settings["verify"] or True}
        return known

    def _read(self, response: requests.Response, host: str, *, deadline: float) -> bytes:
        content = bytearray()
        while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=True):
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise BadAnswer(
                    f"The answer from {host} is larger than {MAX_ANSWER_BYTES} bytes, which no answer of the API is. "
                    "Check the profile's base_url.",
                    status=response.status_code,
                )
            if self._clock() > deadline:
                raise ServerUnreachable(
                    f"The answer from {host} came too slowly and was given up. "
                    "Whether the request was carried out is unknown.",
                    maybe_received=True,
                )
        return bytes(content)


def _in_clear(headers: Mapping[str, str | SecretStr]) -> dict[str, str]:
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in headers.items()
    }
