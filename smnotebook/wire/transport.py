"""The one seam through which bytes leave and come back; everything above it can be tested without a socket."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.utils import check_header_validity, select_proxy
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Retry
from urllib3 import Timeout as SocketTimeout
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from smnotebook.errors import BadAnswer, ServerUnreachable, UsageError
from smnotebook.process import LOADED_VERSION, renew_in_children
from smnotebook.wire.addresses import is_loopback_url
from smnotebook.wire.translation import translate

__all__ = ["MAX_ANSWER_BYTES", "RawAnswer", "RequestsTransport", "Timeout", "Transport", "user_agent"]

#: An answer beyond this is no answer of the API: the largest, a list of catalogs, is some kilobytes.
MAX_ANSWER_BYTES = 32 * 1024 * 1024

_CHUNK_BYTES = 64 * 1024
_POOL_SIZE = 32
_NO_RETRIES = Retry(total=False)


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
    """Sends one request once: no retry, no redirect, no opinion on the status.

    A :class:`~smnotebook.errors.SmnotebookError` that is no ApiError means that no byte of the request left.
    """

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str | SecretStr], body: bytes | None, timeout: Timeout
    ) -> RawAnswer:
        """The answer, whatever its status.

        Raises
        ------
        ServerUnreachable
            No whole answer came back; ``maybe_received`` says whether a byte had left.
        BadAnswer
            One came that is too large or wrongly encoded.
        UsageError
            A setting or a file that it names keeps the request from being sent.
        """

    def close(self) -> None:
        """Give back what is held open."""


@cache
def user_agent() -> str:
    """Our own name: a front of the live service blocks the usual Python ones (WIRE_FACTS section 1)."""
    return f"smnotebook/{LOADED_VERSION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Road:
    """Where requests to an address go: found once, and checked then."""

    pool: HTTPConnectionPool
    target: str


class _Departure(threading.local):
    """Whether the request that this thread is sending has begun to leave this machine."""

    has_begun: bool = False


class _OwnConnection(HTTPConnection):
    """A connection that says when the first byte of a request is about to leave.

    By then the connection is made, with its proxy's tunnel and its encryption: what fails before has sent nothing.
    """

    departure: _Departure
    #: ``http.client.HTTPConnection.debuglevel = 1`` prints every header that leaves; of ours, one is the key.
    debuglevel = 0

    def request(self, *args: Any, **options: Any) -> None:
        """Connect before the headers are put together, so that an error about it can't hold the key."""
        if self.sock is None:
            self.connect()
        super().request(*args, **options)

    def endheaders(self, *args: Any, **options: Any) -> None:
        """Send the headers, which nothing of the request has preceded."""
        self.departure.has_begun = True
        super().endheaders(*args, **options)


class RequestsTransport:
    """A pool of connections kept open; several threads may send at once.

    Redirects are not followed, so a key goes to the host it was meant for or nowhere; cookies are not kept, and
    ``.netrc`` is not read. Proxies and certificate bundles of the environment count, proxies not to loopback;
    they are looked up once an address, until the transport is closed. What requests does for each request besides
    (cookies, redirects, looking the pool up again) cost a third of it and is wanted nowhere here, so requests finds the
    road and urllib3 is sent along it.
    """

    def __init__(self, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._renew()
        renew_in_children(self, RequestsTransport._renew)

    def _renew(self) -> None:
        """Begin without connections; a forked child must not speak on its parent's."""
        self._roads: dict[str, _Road] = {}
        self._departure = _Departure()
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._adapter = HTTPAdapter(pool_connections=_POOL_SIZE, pool_maxsize=_POOL_SIZE)

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str | SecretStr], body: bytes | None, timeout: Timeout
    ) -> RawAnswer:
        """See :meth:`Transport.send`."""
        host = urlsplit(url).netloc
        started = self._clock()
        self._departure.has_begun = False
        try:
            road = self._roads.get(url) or self._find_road(url)
            with road.pool.urlopen(
                method,
                road.target,
                body=body,
                headers=_in_clear(headers),
                timeout=_socket_timeout(timeout),
                retries=_NO_RETRIES,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
            ) as response:
                content = self._read(response, host, deadline=started + timeout.whole)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise translate(error, host, has_left=self._departure.has_begun) from error
        return RawAnswer(
            status=response.status,
            headers={name.lower(): value for name, value in response.headers.itermerged()},
            body=content,
            elapsed=self._clock() - started,
        )

    def _find_road(self, url: str) -> _Road:
        settings = self._session.merge_environment_settings(url, {}, None, None, None)
        # a request to this machine that went through a proxy would show the key to it
        proxies = {} if is_loopback_url(url) else dict(settings["proxies"])
        _require_socks(select_proxy(url, proxies))
        verify = settings["verify"] or True
        _check_bundle(verify)
        request = requests.Request("POST", url).prepare()
        # what stands for both kinds of pools in the stubs has neither urlopen nor a class of connections
        pool = cast(
            "HTTPConnectionPool", self._adapter.get_connection_with_tls_context(request, verify, proxies=proxies)
        )
        self._adapter.cert_verify(pool, url, verify, None)  # type: ignore[no-untyped-call]
        if not issubclass(pool.ConnectionCls, _OwnConnection):
            kinds = (_OwnConnection, pool.ConnectionCls)
            pool.ConnectionCls = type(pool.ConnectionCls.__name__, kinds, {"departure": self._departure})
        road = self._roads[url] = _Road(pool=pool, target=self._adapter.request_url(request, proxies))
        return road

    def close(self) -> None:
        """Give the connections back; a later send opens new ones."""
        self._adapter.close()
        self._roads.clear()

    def _read(self, response: BaseHTTPResponse, host: str, *, deadline: float) -> bytes:
        content = bytearray()
        # To ask once more after the last byte costs a tenth of a request, but nothing else tells the end where no
        # length was given, or where what has come is still to be unpacked.
        is_plain = "content-encoding" not in response.headers
        while not (is_plain and response.length_remaining == 0):
            chunk = response.read1(_CHUNK_BYTES, decode_content=True)
            if not chunk:
                break
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise BadAnswer(
                    f"The answer from {host} is larger than {MAX_ANSWER_BYTES} bytes, which no answer of the API is. "
                    "Check the profile's base_url.",
                    status=response.status,
                )
            if self._clock() > deadline:
                raise ServerUnreachable(
                    f"The answer from {host} came too slowly and was given up. "
                    "Whether the request was carried out is unknown.",
                    maybe_received=True,
                )
        return bytes(content)


def _require_socks(proxy: str | None) -> None:
    """The HTTP library needs one more package for SOCKS, and says so of the address instead."""
    if proxy is not None and proxy.lower().startswith("socks") and find_spec("socks") is None:
        raise UsageError(
            "Nothing was sent: the environment names a SOCKS proxy (HTTPS_PROXY or ALL_PROXY), which needs PySocks. "
            "Install it: python -m pip install PySocks"
        )


def _check_bundle(verify: str | bool) -> None:  # noqa: FBT001 - what requests calls it
    """A bundle of certificates that can't be read would only be found out once the connection stands."""
    if isinstance(verify, bool):
        return
    is_folder = Path(verify).is_dir()
    try:
        # not create_default_context, which would also open the file that SSLKEYLOGFILE names
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=None if is_folder else verify, capath=verify if is_folder else None)
    except OSError as error:
        reason = "it holds no certificates in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise UsageError(
            f"Nothing was sent: the file of trusted certificates {verify} can't be used ({reason}). REQUESTS_CA_BUNDLE "
            "or CURL_CA_BUNDLE names it: correct or remove that variable."
        ) from error


@cache
def _socket_timeout(timeout: Timeout) -> SocketTimeout:
    return SocketTimeout(connect=timeout.connect, read=timeout.read)


def _in_clear(headers: Mapping[str, str | SecretStr]) -> dict[str, str]:
    clear = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in headers.items()
    }
    for header in clear.items():
        check_header_validity(header)
    return clear
