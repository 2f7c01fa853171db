"""Every way a request can fail, by every way of sending, over real sockets: what becomes of the rows and the run."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
import trustme

import smnotebook as sm
from smnotebook.catalog import Catalog
from smnotebook.errors import AuthenticationFailed, ConfirmationNeeded, LedgerError, SmnotebookError, UploadFailed
from smnotebook.profiles import Profile
from smnotebook.wire import RetryPolicy, Timeout

ROWS = 3
#: Enough for each failure to be judged as the last of several, and none waits.
TWICE = RetryPolicy(max_attempts=2, first_wait=0.001, max_wait=0.001)


# --- a server that fails on purpose ------------------------------------------------------------------------------


@dataclass
class Server:
    """Plays one failure to every request that it hears whole; what it heard is kept."""

    respond: Callable[[socket.socket, bytes], None]
    context: ssl.SSLContext | None = None
    heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        scheme, host = ("https", "localhost") if self.context else ("http", "127.0.0.1")
        self.url = f"{scheme}://{host}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        try:
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                request = read_request(connection)
                if request:
                    self.heard.append(request)
                    self.respond(connection, request)
        except OSError:
            return

    def close(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # or it would take one more
        self.listener.close()


def read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def http(status: int, body: bytes = b"", *, length: int | None = None) -> Callable[[socket.socket, bytes], None]:
    length = len(body) if length is None else length
    head = f"HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()
    return lambda connection, _: connection.sendall(head + body)


def reset(connection: socket.socket, _request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silence(connection: socket.socket, _request: bytes) -> None:
    connection.recv(1)  # until the client hangs up


# --- the table ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A failure, where its rows end, and a word that the report says of it.

    ``requests`` is how many the run of one batch costs at most, all attempts counted.
    """

    respond: Callable[[socket.socket, bytes], None] | None
    rows: str
    word: str
    events: str | None = None
    requests: int = 2
    kind: type[SmnotebookError] = UploadFailed


PROBLEM = json.dumps({"problems": [{"reasonCode": 18, "message": "name|odd"}]}).encode()
UNKNOWN_CATALOG = json.dumps({"problems": [{"reasonCode": 16, "message": "catalogId|unknown"}]}).encode()
WRONG_KEY = json.dumps({"messages": ["Wrong key"], "reasonCode": 10}).encode()
V2_STRANGER = json.dumps({"success": False, "message": ["User not authenticated"]}).encode()
CASES = {
    "refused port": Case(None, "unsent", "no connection could be made", requests=0),
    "hung up": Case(lambda *_: None, "unknown", "cut off"),
    "reset after the body": Case(reset, "unknown", "cut off"),
    "cut answer": Case(http(200, b'{"requestId":', length=500), "unknown", "cut off"),
    "silence": Case(silence, "unknown", "in time"),
    "noise": Case(lambda connection, _: connection.sendall(b"no http at all\r\n\r\n"), "unknown", "cut off"),
    "not JSON": Case(http(200, b"<html><title>Hello</title></html>"), "unknown", "web page titled 'Hello'"),
    "empty": Case(http(204), "unknown", "empty body"),
    "no ids": Case(http(200, b'{"requestId": "r", "productIds": []}'), "unknown", ""),
    "301": Case(http(301), "unsent", "redirect", requests=1),
    "303": Case(http(303), "unknown", "redirect", requests=1),
    "400 page": Case(http(400, b"<html></html>"), "unknown", "web page", requests=1),
    "401": Case(http(401), "unsent", "Check that the key is right", requests=1, kind=AuthenticationFailed),
    "401 flat": Case(http(401, WRONG_KEY), "unsent", "Wrong key", requests=1, kind=AuthenticationFailed),
    "403": Case(http(403, b"{}"), "unsent", "Check that the key is right", requests=1, kind=AuthenticationFailed),
    "403 with a problem": Case(http(403, PROBLEM), "unsent", "odd", requests=1, kind=AuthenticationFailed),
    "403 front": Case(http(403, b"error code: 1010"), "unsent", "protective front", requests=1),
    "404": Case(http(404, b"<html></html>"), "unsent", "check it", requests=1),
    "404 flat": Case(http(404, b'{"messages": ["no"], "reasonCode": 404}'), "unsent", "JSON", requests=1),
    "405": Case(http(405), "unsent", "", requests=1),
    "407": Case(http(407), "unsent", "", requests=1),
    "413": Case(http(413, b"<html></html>"), "unsent", "too large", requests=4),
    "413 flat": Case(http(413, b'{"messages": ["no"], "reasonCode": 413}'), "unsent", "", requests=4),
    "429": Case(http(429), "unknown", "asked too often"),
    "500": Case(http(500), "unknown", "empty body"),
    "502": Case(http(502, b"<html></html>"), "unknown", "web page"),
    "503": Case(http(503), "unknown", "not available"),
    "wrong key": Case(http(400, WRONG_KEY), "unsent", "Wrong key", requests=1, kind=AuthenticationFailed),
    "stranger": Case(http(200, V2_STRANGER), "unsent", "Check that the key", requests=1, kind=AuthenticationFailed),
    "unknown catalog": Case(http(400, UNKNOWN_CATALOG), "unsent", "catalogId", requests=1),
}


def products(client):
    frame = pd.DataFrame(
        {
            "productId": [f"p{n}" for n in range(ROWS)],
            "name": "Lamp",
            "mainCategory": "Lamps",
            "productUrl": "https://shop.example.org/p",
            "available": True,
            "price": 1.5,
        }
    )
    catalog = Catalog(client, {"catalogId": "cat-1", "name": "Shop", "currency": "EUR", "location": "shop"})
    return frame.salesmanago.upsert_products(catalog, errors="skip", progress=False)


def events(client):
    return event_frame().salesmanago.send_events(client, errors="skip", ensure_contacts=False, progress=False)


def event_frame():
    emails = [f"canary{n}@example.com" for n in range(ROWS)]
    ids = [f"ORDER-{n}" for n in range(ROWS)]
    return pd.DataFrame({"type": "PURCHASE", "email": emails, "date": "2026-11-20T10:00:00Z", "externalId": ids})


def contacts(client):
    return event_frame()[["email"]].salesmanago.upsert_contacts(client, errors="skip")


WAYS = {"products": products, "events": events, "contacts": contacts}


@pytest.fixture
def connect_to():
    clients = []

    def connect_to(url):
        profile = Profile(name="trial", base_url=url, owner="o@example.com", client_id="cid")
        client = sm.connect(profile, api_key="k" * 20, api_secret="s" * 20, retry=TWICE)
        client.connection.timeout = Timeout(connect=1.0, read=0.2, whole=2.0)
        clients.append(client)
        return client

    yield connect_to
    for client in clients:
        client.close()


def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def ended(send, client):
    """The exception, its report, and the statuses of the rows."""
    with pytest.raises(UploadFailed) as failed:
        send(client)
    report = failed.value.report
    counts = (report.sent, report.unchanged, report.refused, report.unknown, report.unsent)
    assert sum(counts) == ROWS
    return failed.value, report


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CASES)
def test_what_becomes_of_the_rows(connect_to, name, way):
    case = CASES[name]
    if way != "products" and name in ("no ids", "unknown catalog"):
        pytest.skip("an answer about products")
    server = None if case.respond is None else Server(case.respond)
    try:
        error, report = ended(WAYS[way], connect_to(closed_port() if server is None else server.url))
    finally:
        if server is not None:
            server.close()
    assert set(report.rows["status"]) == {case.rows}
    assert case.word in repr(report)
    assert isinstance(error, case.kind)
    assert report.requests <= len(report.attempts)
    heard = 0 if server is None else len(server.heard)
    assert heard <= case.requests
    if name not in ("413", "413 flat"):
        assert report.requests == (0 if server is None else 1)


# --- afterwards --------------------------------------------------------------------------------------------------


def take(connection: socket.socket, request: bytes) -> None:
    body = json.loads(request.partition(b"\r\n\r\n")[2])
    stored = {"productIds": [one["productId"] for one in body.get("products", ())], "requestId": "r"}
    made = {"success": True, "eventId": "e-1", "createdAmount": len(body.get("events", ()))}
    http(200, json.dumps(stored | made).encode())(connection, request)


@pytest.mark.parametrize("way", ["products", "events"])
@pytest.mark.parametrize("name", ["refused port", "cut answer", "400 page", "401", "404", "413", "503"])
def test_what_never_left_goes_with_the_same_call_and_what_may_have_arrived_is_known_to_be(connect_to, name, way):
    case = CASES[name]
    server = None if case.respond is None else Server(case.respond)
    with closing(Server(take)) as good:
        ended(WAYS[way], connect_to(closed_port() if server is None else server.url))
        if way == "products" or case.rows == "unsent":
            assert WAYS[way](connect_to(good.url)).sent == ROWS
        else:
            _, report = ended(WAYS[way], connect_to(good.url))
            assert (report.unknown, len(good.heard)) == (ROWS, 0)
    if server is not None:
        server.close()


@pytest.mark.parametrize("name", ["refused port", "cut answer", "not JSON", "401", "404", "413", "429", "stranger"])
def test_one_event_is_locked_only_once_it_may_have_arrived(connect_to, name):
    case = CASES[name]
    server = None if case.respond is None else Server(case.respond)
    event = sm.Event(type="PURCHASE", email="a@example.com", date="2026-11-20T12:00:00+01:00", externalId="O-1")
    with closing(Server(take)) as good:
        with pytest.raises(SmnotebookError) as failed:
            connect_to(closed_port() if server is None else server.url).send_event(event, ensure_contact=False)
        assert bool(getattr(failed.value, "__notes__", ())) is (case.rows == "unknown" or name == "refused port")
        again = connect_to(good.url)
        if case.rows == "unsent":
            assert again.send_event(event, ensure_contact=False).event_id == "e-1"
        else:
            with pytest.raises(ConfirmationNeeded, match="resend_unknown"):
                again.send_event(event, ensure_contact=False)
    if server is not None:
        server.close()


# --- before the first byte ---------------------------------------------------------------------------------------


@pytest.fixture
def secure(tmp_path):
    """An HTTPS server, and the file that makes its certificate known."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    with closing(Server(take, context=context)) as server:
        yield server, tmp_path / "authority.pem"


def no_pem(tmp_path: Path) -> str:
    (tmp_path / "no.pem").write_text("hello")
    return str(tmp_path / "no.pem")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("REQUESTS_CA_BUNDLE", lambda _: "/nowhere/corp.pem", "/nowhere/corp.pem"),
        ("REQUESTS_CA_BUNDLE", no_pem, "no certificates in PEM form"),
        ("SSLKEYLOGFILE", lambda _: "/nowhere/keys.log", "SSLKEYLOGFILE"),
        ("REQUESTS_CA_BUNDLE", None, "certificate is not trusted"),
        ("HTTPS_PROXY", lambda _: closed_port(), "HTTPS_PROXY"),
        ("HTTPS_PROXY", lambda _: "socks5://127.0.0.1:9", "PySocks"),
    ],
    ids=["no bundle", "no PEM", "key log", "unknown authority", "proxy", "SOCKS"],
)
def test_what_fails_before_the_first_byte_names_its_cause_and_costs_nothing(
    connect_to, secure, monkeypatch, tmp_path, way, variable, value, word
):
    server, bundle = secure
    url = server.url
    if variable == "HTTPS_PROXY":  # this machine is never reached by a proxy
        url = "https://api.example.invalid"
    elif variable != "REQUESTS_CA_BUNDLE":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    if value is not None:
        monkeypatch.setenv(variable, value(tmp_path))
    allowed = monkeypatch.context()
    with allowed as patch:
        patch.setattr("smnotebook.client.Client.is_live", False)
        _, report = ended(WAYS[way], connect_to(url))
    assert set(report.rows["status"]) == {"unsent"}
    assert word in repr(report)
    assert (report.requests, server.heard) == (0, [])
    if way == "contacts" or variable == "HTTPS_PROXY":
        return
    monkeypatch.delenv(variable)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    assert WAYS[way](connect_to(url)).sent == ROWS


@pytest.mark.parametrize("way", WAYS)
def test_a_disk_that_is_full_when_the_quota_is_asked_leaves_rows_unsent(connect_to, way):
    class Full:
        def take(self, *, stop=None):
            raise LedgerError("The disk is full.")

    with closing(Server(take)) as server:
        client = connect_to(server.url)
        client.connection.quota = Full()
        error, report = ended(WAYS[way], client)
        assert (report.unsent, server.heard) == (ROWS, [])
        assert isinstance(error.__cause__, LedgerError)
        assert "disk is full" in repr(report)
        assert WAYS[way](connect_to(server.url)).sent == ROWS


def test_a_refused_attempt_after_one_in_doubt_leaves_rows_unknown(connect_to):
    """The first attempt may have arrived, whatever the second ended in."""

    def once(connection, request):
        server.close()  # so that the second is refused

    server = Server(once)
    _, report = ended(products, connect_to(server.url))
    assert set(report.rows["status"]) == {"unknown"}
    assert "earlier attempt" in repr(report)
    assert [mark.number for mark in report.attempts] == [1, 2]
