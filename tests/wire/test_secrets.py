"""No secret is seen: not in a repr, an exception, a frame of its traceback, a log line or a pickle."""

import logging
import pickle
import socket
import threading
import traceback
import warnings
from contextlib import closing

import pytest
from pydantic import SecretStr

from smnotebook.contract import Operation
from smnotebook.wire import (
    ApiKeyHeader,
    Connection,
    RawAnswer,
    RequestsTransport,
    RetryPolicy,
    SecretBody,
    SecretInBodyWarning,
    SignedBody,
    Timeout,
)

KEY = "canaryKEY7f3a9b2c"
SECRET = "canarySECRETe81d"
KINDS = ["header", "signed", "body"]


class AnySignedBody(SignedBody):
    """Signs what needs the header, so that one operation serves all three."""

    kind = Operation.UPSERT_PRODUCTS.authentication


def signer(kind):
    if kind == "header":
        return ApiKeyHeader(api_key=SecretStr(KEY))
    if kind == "signed":
        return AnySignedBody(client_id="client-1", api_secret=SecretStr(SECRET), owner="owner@example.com")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecretInBodyWarning)
        return SecretBody(api_key=SecretStr(KEY), api_secret=SecretStr(SECRET), owner="owner@example.com")


def seen_in(error: BaseException) -> str:
    """All that a traceback with locals, a log of the exception or a look at its parts would show."""
    shown = ["".join(traceback.TracebackException.from_exception(error, capture_locals=True).format(chain=True))]
    waiting, seen = [error], set()
    while waiting:
        link = waiting.pop()
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        shown += [repr(link), repr(link.args), repr(getattr(link, "__notes__", ""))]
        shown += [repr(value) for value in vars(link).values()]
        for value in vars(link).values():
            shown += [repr(inner) for inner in getattr(value, "__dict__", {}).values()]
        frame = link.__traceback__
        while frame is not None:
            shown += [f"{name}={value!r}" for name, value in frame.tb_frame.f_locals.items()]
            frame = frame.tb_next
        waiting += [link.__cause__, link.__context__, *link.args, getattr(link, "reason", None)]
    return "\n".join(shown)


def assert_unseen(text: str) -> None:
    for canary in (KEY, SECRET):
        assert canary not in text


class Echo:
    """Answers with what it was sent, as a careless server does."""

    def __init__(self, status):
        self.status = status

    def send(self, method, url, *, headers, body, timeout):
        text = " ".join(
            value.get_secret_value() if isinstance(value, SecretStr) else value for value in headers.values()
        )
        quoted = text + (body or b"").decode().replace('"', "'")
        document = f'{{"problems": [{{"reasonCode": 10, "message": "{quoted}"}}]}}'
        return RawAnswer(status=self.status, body=document.encode())

    def close(self):
        """Nothing is open."""


class Interrupted(Echo):
    def send(self, method, url, *, headers, body, timeout):
        in_clear = {name: str(value) for name, value in headers.items()}
        key = headers.get("API-KEY", SecretStr("")).get_secret_value() + (body or b"").decode()
        raise (KeyboardInterrupt if self.status else ZeroDivisionError)(len(in_clear) + len(key))


def fail(connection) -> BaseException:
    try:
        connection.call(Operation.UPSERT_PRODUCTS, b'{"products":[]}')
    except BaseException as error:  # noqa: BLE001 - interrupts are among what is looked at
        return error
    raise AssertionError("the call was to fail")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 400, 401, 503, 500])
def test_a_server_that_repeats_what_it_was_sent_is_blackened(kind, status):
    error = fail(
        Connection("https://api.example.com", signer(kind), transport=Echo(status), retry=RetryPolicy(max_attempts=1))
    )
    assert_unseen(seen_in(error))
    assert_unseen(pickle.dumps(str(error)).decode("latin-1"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [0, 1], ids=["fault", "interrupt"])
def test_neither_an_interrupt_nor_a_fault_shows_the_signed_request(kind, status):
    assert_unseen(seen_in(fail(Connection("https://api.example.com", signer(kind), transport=Interrupted(status)))))


def answer_badly(listener: socket.socket, reply: bytes, attempts: int) -> None:
    for _ in range(attempts):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(reply)


BAD_REPLIES = {
    "hung up": b"",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
    "noise": b"noise\r\n\r\n",
    "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
    "busy": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reply", BAD_REPLIES)
def test_a_failure_of_the_real_transport_shows_nothing_and_logs_nothing(kind, reply, caplog):
    caplog.set_level(logging.DEBUG)
    proof = signer(kind)
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(RequestsTransport()) as transport:
        thread = threading.Thread(target=answer_badly, args=(listener, BAD_REPLIES[reply], 1), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        connection = Connection(
            url, proof, transport=transport, retry=RetryPolicy(max_attempts=1), timeout=Timeout(connect=2.0, read=2.0)
        )
        error = fail(connection)
        thread.join(5)
    assert_unseen(seen_in(error) + caplog.text + repr(connection) + repr(vars(connection)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_that_is_never_made_shows_nothing(kind):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with closing(RequestsTransport()) as transport:
        connection = Connection(
            f"http://127.0.0.1:{port}", signer(kind), transport=transport, retry=RetryPolicy(max_attempts=1)
        )
        assert_unseen(seen_in(fail(connection)))


def test_the_canary_would_be_found():
    """The search itself works: a key in a frame is seen."""

    def careless(key):
        raise ValueError("oops")

    with pytest.raises(ValueError) as caught:
        careless(KEY)
    assert KEY in seen_in(caught.value)


def test_what_watchers_are_told_holds_no_secret_even_pickled():
    told = []
    connection = Connection(
        "https://api.example.com",
        signer("body"),
        transport=Echo(400),
        retry=RetryPolicy(max_attempts=1),
        on_attempt=told.append,
    )
    fail(connection)
    assert_unseen(repr(told) + pickle.dumps(told).decode("latin-1"))
