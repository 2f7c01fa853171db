"""Every exception of the HTTP library has its meaning in ours."""

import inspect
import ssl

import pytest
import requests
import urllib3

from smnotebook.errors import BadAnswer, ServerUnreachable, SmnotebookError, UsageError
from smnotebook.wire.translation import MEANINGS, translate

ROOTS = (requests.exceptions.RequestException, urllib3.exceptions.HTTPError)

#: Subclasses that may mean what their parent does.
BY_THEIR_PARENT = {
    "ConnectionError",  # urllib3's other name for ProtocolError
    "JSONDecodeError",
    "InvalidProxyURL",
    "RequestError",
    "HostChangedError",
    "EmptyPoolError",
    "FullPoolError",
    "ClosedPoolError",
    "LocationParseError",
    "URLSchemeUnknown",
    "ProxySchemeUnknown",
    "ResponseNotChunked",
    "InvalidChunkLength",
}


def foreign_exceptions():
    return sorted(
        {
            kind
            for module in (requests.exceptions, urllib3.exceptions)
            for kind in vars(module).values()
            if inspect.isclass(kind) and issubclass(kind, ROOTS) and not issubclass(kind, Warning)
        },
        key=str,
    )


@pytest.mark.parametrize("kind", foreign_exceptions(), ids=str)
def test_each_foreign_exception_is_listed_or_knowingly_left_to_its_parent(kind):
    assert kind in MEANINGS or kind.__name__ in BY_THEIR_PARENT


@pytest.mark.parametrize("kind", foreign_exceptions(), ids=str)
def test_each_foreign_exception_becomes_one_of_ours(kind):
    bare = kind.__new__(kind)
    for has_left in (False, True):
        ours = translate(bare, "api.example.com", has_left=has_left)
        assert isinstance(ours, SmnotebookError)
        assert "api.example.com" in str(ours)


REFUSED = requests.ConnectionError(
    urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.NewConnectionError(None, "refused"))
)
NO_NAME = requests.ConnectionError(
    urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.NameResolutionError("h", None, OSError()))
)
UNTRUSTED = urllib3.exceptions.SSLError(ssl.SSLCertVerificationError())


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (requests.ConnectTimeout(), ServerUnreachable, "too long to connect"),
        (requests.exceptions.ProxyError(), ServerUnreachable, "HTTPS_PROXY"),
        (REFUSED, ServerUnreachable, "no connection could be made"),
        (NO_NAME, ServerUnreachable, "host name is not known"),
        (UNTRUSTED, ServerUnreachable, "certificate is not trusted"),
        (urllib3.exceptions.SSLError("wrong version"), ServerUnreachable, "encrypted connection failed"),
        (requests.ConnectionError(), ServerUnreachable, "no connection could be made"),
        (ConnectionResetError(), ServerUnreachable, "no connection could be made"),
        (TimeoutError(), ServerUnreachable, "in time"),
        (urllib3.exceptions.ProtocolError("aborted", PermissionError(13, "Denied", "/k")), UsageError, "SSLKEYLOGFILE"),
        (requests.exceptions.InvalidURL(), UsageError, "malformed"),
        (requests.exceptions.InvalidHeader(), UsageError, "malformed"),
    ],
    ids=repr,
)
def test_before_the_first_byte_nothing_was_sent_whatever_went_wrong(error, kind, word):
    ours = translate(error, "h", has_left=False)
    assert type(ours) is kind
    assert "Nothing was sent" in str(ours)
    assert word in str(ours)
    assert getattr(ours, "maybe_received", False) is False
    assert getattr(ours, "may_pass", True) is (error is not UNTRUSTED)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ReadTimeout(), ServerUnreachable),
        (requests.ConnectionError(urllib3.exceptions.ProtocolError("aborted")), ServerUnreachable),
        (requests.exceptions.ChunkedEncodingError(), ServerUnreachable),
        (requests.exceptions.ProxyError(), ServerUnreachable),
        (ConnectionResetError(), ServerUnreachable),
        (PermissionError(13, "Denied", "/k"), ServerUnreachable),
        (TimeoutError(), ServerUnreachable),
        (UNTRUSTED, ServerUnreachable),
        (requests.exceptions.InvalidURL(), ServerUnreachable),
        (requests.exceptions.ContentDecodingError(), BadAnswer),
    ],
    ids=repr,
)
def test_after_the_first_byte_it_may_have_arrived_whatever_went_wrong(error, kind):
    ours = translate(error, "h", has_left=True)
    assert type(ours) is kind
    assert "Nothing was sent" not in str(ours)
    assert getattr(ours, "maybe_received", True) is True
    assert getattr(ours, "may_pass", True) is True


def test_the_foreign_exception_forgets_the_request_that_holds_the_key():
    error = requests.ConnectionError(request=requests.Request("GET", "https://h").prepare(), response=object())
    translate(error, "h", has_left=True)
    assert error.request is None
    assert error.response is None
