"""Every exception of the HTTP library has its meaning in ours."""

import inspect

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
    ours = translate(bare, "api.example.com")
    assert isinstance(ours, SmnotebookError)
    assert "api.example.com" in str(ours)


@pytest.mark.parametrize(
    ("error", "kind", "maybe_received"),
    [
        (requests.ConnectTimeout(), ServerUnreachable, False),
        (requests.ReadTimeout(), ServerUnreachable, True),
        (requests.exceptions.ProxyError(), ServerUnreachable, False),
        (requests.ConnectionError(urllib3.exceptions.ProtocolError("aborted")), ServerUnreachable, True),
        (
            requests.ConnectionError(
                urllib3.exceptions.MaxRetryError(None, "/", urllib3.exceptions.NewConnectionError(None, "refused"))
            ),
            ServerUnreachable,
            False,
        ),
        (
            requests.ConnectionError(
                urllib3.exceptions.MaxRetryError(
                    None, "/", urllib3.exceptions.NameResolutionError("h", None, OSError())
                )
            ),
            ServerUnreachable,
            False,
        ),
        (requests.exceptions.ChunkedEncodingError(), ServerUnreachable, True),
        (requests.ConnectionError(), ServerUnreachable, True),
        (ConnectionResetError(), ServerUnreachable, True),
        (TimeoutError(), ServerUnreachable, True),
        (requests.exceptions.ContentDecodingError(), BadAnswer, None),
        (requests.exceptions.InvalidURL(), UsageError, None),
        (requests.exceptions.InvalidHeader(), UsageError, None),
    ],
    ids=repr,
)
def test_whether_it_may_have_arrived(error, kind, maybe_received):
    ours = translate(error, "h")
    assert type(ours) is kind
    assert getattr(ours, "maybe_received", None) is maybe_received


def test_the_foreign_exception_forgets_the_request_that_holds_the_key():
    error = requests.ConnectionError(request=requests.Request("GET", "https://h").prepare(), response=object())
    translate(error, "h")
    assert error.request is None
    assert error.response is None
