"""What the HTTP library raises, said in this package's words: the one place where its exceptions are known."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from requests import exceptions as theirs
from urllib3 import exceptions as below

from smnotebook.errors import BadAnswer, ServerUnreachable, SmnotebookError, UsageError

__all__ = ["MEANINGS", "Meaning", "chain_of", "translate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a foreign exception says about the request.

    ``kind`` is ``address`` where the request could not even be addressed, ``unreachable`` where no answer came,
    ``unreadable`` where one came that can't be decoded; ``wrapper`` where only its cause tells.
    """

    kind: Literal["address", "unreachable", "unreadable", "wrapper"]
    words: str = ""
    may_pass: bool = True
    advice: str = "Check the address, the network and, for a sandbox, that it still runs."


_ADDRESS = Meaning(kind="address", words="the address or a header is malformed")
_NO_CONNECTION = Meaning(kind="unreachable", words="no connection could be made")
_NO_NAME = Meaning(kind="unreachable", words="the host name is not known")
_NO_PROXY = Meaning(
    kind="unreachable",
    words="the proxy gave no connection",
    advice="Check the proxy that HTTPS_PROXY names.",
)
_UNTRUSTED = Meaning(
    kind="unreachable",
    words="its certificate is not trusted",
    may_pass=False,
    advice="Where a company's proxy reads the traffic, set REQUESTS_CA_BUNDLE to the file of its certificates.",
)
_SLOW_TO_CONNECT = Meaning(kind="unreachable", words="it took too long to connect")
_TLS = Meaning(kind="unreachable", words="the encrypted connection failed")
_SLOW = Meaning(kind="unreachable", words="it did not answer in time")
_CUT = Meaning(kind="unreachable", words="the connection was cut off")
_GARBLED = Meaning(kind="unreadable", words="the answer's encoding is broken")
_WRAPPER = Meaning(kind="wrapper")

#: Each foreign exception, most of them by name; a subclass that is not listed means what its parent does.
MEANINGS: dict[type[BaseException], Meaning] = {
    ssl.SSLCertVerificationError: _UNTRUSTED,
    theirs.ConnectTimeout: _SLOW_TO_CONNECT,
    theirs.ReadTimeout: _SLOW,
    theirs.Timeout: _SLOW,
    theirs.ProxyError: _NO_PROXY,
    theirs.SSLError: _WRAPPER,
    theirs.ChunkedEncodingError: _CUT,
    theirs.ContentDecodingError: _GARBLED,
    theirs.InvalidJSONError: _GARBLED,
    theirs.StreamConsumedError: _CUT,
    theirs.TooManyRedirects: _GARBLED,
    theirs.RetryError: _WRAPPER,
    theirs.UnrewindableBodyError: _CUT,
    theirs.URLRequired: _ADDRESS,
    theirs.MissingSchema: _ADDRESS,
    theirs.InvalidSchema: _ADDRESS,
    theirs.InvalidURL: _ADDRESS,
    theirs.InvalidHeader: _ADDRESS,
    theirs.HTTPError: _WRAPPER,
    theirs.ConnectionError: _WRAPPER,
    theirs.RequestException: _WRAPPER,
    below.NameResolutionError: _NO_NAME,
    below.NewConnectionError: _NO_CONNECTION,
    below.ConnectTimeoutError: _SLOW_TO_CONNECT,
    below.ReadTimeoutError: _SLOW,
    below.TimeoutError: _SLOW,
    below.ProxyError: _NO_PROXY,
    below.SSLError: _TLS,
    below.ProtocolError: _CUT,
    below.IncompleteRead: _CUT,
    below.DecodeError: _GARBLED,
    below.HeaderParsingError: _GARBLED,
    below.InvalidHeader: _GARBLED,
    below.BodyNotHttplibCompatible: _GARBLED,
    below.ResponseError: _GARBLED,
    below.LocationValueError: _ADDRESS,
    below.ProxySchemeUnsupported: _ADDRESS,
    below.TimeoutStateError: _CUT,
    below.UnrewindableBodyError: _CUT,
    below.MaxRetryError: _WRAPPER,
    below.PoolError: _WRAPPER,
    below.HTTPError: _WRAPPER,
    TimeoutError: _SLOW,
    OSError: _CUT,
}


def translate(error: Exception, host: str, *, has_left: bool) -> SmnotebookError:
    """Our exception for one of the HTTP library's, with the host it was about.

    The foreign one loses its copy of the request, which holds the key.

    Parameters
    ----------
    has_left : bool
        Whether a byte of the request had left this machine; whatever failed, without one nothing can have arrived.
    """
    for cause in chain_of(error):
        if isinstance(cause, theirs.RequestException):
            cause.request = cause.response = None
    meaning = _meaning(error)
    if not has_left and (fault := _fault_of_a_file(error)):
        return UsageError(f"Nothing was sent to {host}: {fault}")
    if meaning.kind == "address" and not has_left:
        return UsageError(f"Nothing was sent to {host}: {meaning.words}. Check the profile's base_url and proxies.")
    if meaning.kind == "unreadable" and has_left:
        return BadAnswer(f"The answer from {host} can't be read: {meaning.words}. Try again; it may be passing.")
    doubt = "Whether the request was carried out is unknown." if has_left else f"Nothing was sent. {meaning.advice}"
    words = meaning.words if has_left or meaning is not _CUT else _NO_CONNECTION.words
    return ServerUnreachable(
        f"No answer from {host}: {words}. {doubt}", maybe_received=has_left, may_pass=has_left or meaning.may_pass
    )


def _fault_of_a_file(error: Exception) -> str | None:
    """Which file of this machine kept the connection from being made; the library opens a log of keys, for one."""
    for cause in chain_of(error):
        if isinstance(cause, OSError) and isinstance(cause.filename, str) and cause.filename:
            return (
                f"the file {cause.filename} can't be used ({cause.strerror}). If SSLKEYLOGFILE names it, correct or "
                "remove that variable."
            )
    return None


def _meaning(error: Exception) -> Meaning:
    """That of the first exception in the chain that says more than that something failed."""
    for cause in chain_of(error):
        own = next((MEANINGS[kind] for kind in type(cause).__mro__ if kind in MEANINGS), _WRAPPER)
        if own is _TLS and any(isinstance(deeper, ssl.SSLCertVerificationError) for deeper in chain_of(cause)):
            return _UNTRUSTED
        if own.kind != "wrapper":
            return own
    return _CUT


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it was made of: the libraries use arguments, ``reason`` and the usual links."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, BaseException) and id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
