"""The requests transport against a real socket that answers badly."""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
import trustme
from pydantic import SecretStr

from smnotebook.errors import BadAnswer, ServerUnreachable, UsageError
from smnotebook.sandbox import Sandbox
from smnotebook.wire import RequestsTransport, Timeout
from smnotebook.wire import transport as transport_module

QUICK = Timeout(connect=2.0, read=2.0, whole=5.0)


class RawServer:
    """Answers each connection with the bytes of its script, or hangs up; keeps what it was sent."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.received: list[bytes] = []
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads: list[threading.Thread] = []

    def play(self, *script: bytes | Callable[[socket.socket], None]) -> None:
        thread = threading.Thread(target=self._play, args=(script,), daemon=True)
        thread.start()
        self.threads.append(thread)

    def _play(self, script) -> None:
        for step in script:
            connection, _ = self.listener.accept()
            with connection:
                self.received.append(connection.recv(65536))
                if isinstance(step, bytes):
                    connection.sendall(step)
                else:
                    step(connection)

    def close(self) -> None:
        self.listener.close()
        for thread in self.threads:
            thread.join(5)


@pytest.fixture
def server():
    with closing(RawServer()) as raw:
        yield raw


@pytest.fixture
def transport():
    with closing(RequestsTransport()) as sender:
        yield sender


def send(transport, url, *, body=None, timeout=QUICK, headers=None):
    method = "GET" if body is None else "POST"
    return transport.send(method, url, headers=headers or {}, body=body, timeout=timeout)


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def test_status_headers_and_body_come_back(server, transport):
    server.play(http("418 Teapot", b'{"a":1}', "X-One: 1"))
    answer = send(transport, server.url, headers={"API-KEY": SecretStr("k1")}, body=b"{}")
    assert (answer.status, answer.headers["x-one"], answer.body) == (418, "1", b'{"a":1}')
    assert b"API-KEY: k1\r\n" in server.received[0]


def test_a_compressed_answer_is_read(server, transport):
    server.play(http("200 OK", gzip.compress(b"{}"), "Content-Encoding: gzip"))
    assert send(transport, server.url).body == b"{}"


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_answer_of_many_pieces_is_whole(server, transport, is_packed):
    """Packed, all of it has come long before all of it is read."""
    content = b"0123456789" * 100_000
    sent = gzip.compress(content) if is_packed else content
    server.play(http("200 OK", sent, *(["Content-Encoding: gzip"] if is_packed else [])))
    assert send(transport, server.url).body == content


def test_a_redirect_is_handed_over_and_not_followed(server, transport):
    server.play(http("302 Found", b"", "Location: https://evil.example/"))
    assert send(transport, server.url, headers={"API-KEY": SecretStr("k1")}).status == 302


def test_cookies_are_not_kept(server, transport):
    server.play(http("200 OK", b"{}", "Set-Cookie: a=b"), http("200 OK", b"{}"))
    send(transport, server.url)
    send(transport, server.url)
    assert b"Cookie" not in server.received[1]
    assert list(transport._session.cookies) == []


def test_netrc_is_not_sent(server, transport, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password canary\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.play(http("200 OK", b"{}"))
    send(transport, server.url)
    assert b"Authorization" not in server.received[0]


def test_a_proxy_of_the_environment_is_passed_by_on_the_way_to_this_machine(server, transport, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.play(http("200 OK", b"{}"))
    assert send(transport, server.url).status == 200


def test_a_proxy_of_the_environment_is_used_for_other_hosts(server, transport, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", server.url)
    server.play(http("403 Forbidden"))
    with pytest.raises(ServerUnreachable) as caught:
        send(transport, "https://api.example.com/")
    assert not caught.value.maybe_received
    assert server.received[0].startswith(b"CONNECT api.example.com:443")


def test_a_closed_port_means_that_nothing_was_sent(transport):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ServerUnreachable, match="no connection could be made") as caught:
        send(transport, f"http://127.0.0.1:{port}/", body=b"{}")
    assert not caught.value.maybe_received


@pytest.mark.parametrize(
    "step",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"no http at all",
        lambda connection: connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"),
    ],
    ids=["hung up", "cut body", "cut chunk", "bad chunk", "noise", "reset"],
)
def test_an_answer_that_breaks_off_leaves_it_open_whether_it_arrived(server, transport, step):
    server.play(step)
    with pytest.raises(ServerUnreachable, match="unknown") as caught:
        send(transport, server.url, body=b"{}")
    assert caught.value.maybe_received


def test_silence_ends_in_a_timeout_that_leaves_it_open(server, transport):
    done = threading.Event()
    server.play(lambda _: done.wait(10))
    with pytest.raises(ServerUnreachable, match="in time") as caught:
        send(transport, server.url, timeout=Timeout(connect=1.0, read=0.05, whole=5.0))
    done.set()
    assert caught.value.maybe_received


def test_an_answer_that_drips_is_given_up(server):
    ticks = iter(range(0, 1000, 3))

    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        for byte in b'{"a":123}':
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                return

    server.play(drip)
    with (
        closing(RequestsTransport(clock=lambda: float(next(ticks)))) as sender,
        pytest.raises(ServerUnreachable, match="too slowly"),
    ):
        send(sender, server.url, timeout=Timeout(whole=2.0))


def test_an_endless_answer_is_given_up(server, transport, monkeypatch):
    monkeypatch.setattr(transport_module, "MAX_ANSWER_BYTES", 1000)
    server.play(http("200 OK", b" " * 2000))
    with pytest.raises(BadAnswer, match="larger"):
        send(transport, server.url)


def test_a_broken_encoding_is_a_bad_answer(server, transport):
    server.play(http("200 OK", b"not gzip", "Content-Encoding: gzip"))
    with pytest.raises(BadAnswer, match="encoding"):
        send(transport, server.url)


def test_a_plain_server_behind_https_is_unreachable(server, transport):
    server.play(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(ServerUnreachable, match="encrypted"):
        send(transport, server.url.replace("http", "https"))


@pytest.fixture
def secure_server(tmp_path):
    """An HTTPS server whose certificate nobody knows, and the file that would make it known."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    known = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(known)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_answer_once_securely, args=(listener, context), daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}/", str(known)
        thread.join(5)


def _answer_once_securely(listener, context):
    connection, _ = listener.accept()
    with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
        secure.recv(65536)
        secure.sendall(http("200 OK", b"{}"))


def test_an_untrusted_certificate_means_that_nothing_was_sent(secure_server, transport):
    url, _ = secure_server
    with pytest.raises(ServerUnreachable, match=r"certificate is not trusted.*REQUESTS_CA_BUNDLE") as caught:
        send(transport, url)
    assert not caught.value.maybe_received


def test_the_environments_certificates_are_trusted(secure_server, transport, monkeypatch):
    url, known = secure_server
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", known)
    assert send(transport, url).status == 200


def test_the_connection_is_kept_open_for_the_next_request(transport):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted = []

        def serve():
            connection, _ = listener.accept()
            accepted.append(1)
            with connection:
                for _ in range(3):
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        assert [send(transport, url).status for _ in range(3)] == [200] * 3
        thread.join(5)
        assert accepted == [1]


def test_eight_threads_share_a_transport():
    with Sandbox() as sandbox, closing(RequestsTransport()) as transport, ThreadPoolExecutor(8) as pool:
        headers = {"API-KEY": SecretStr(sandbox.api_key)}
        url = f"{sandbox.url}/v3/product/catalogList"
        calls = [pool.submit(send, transport, url, headers=headers, timeout=Timeout()) for _ in range(200)]
        assert {call.result().status for call in calls} == {200}
        assert len(sandbox.requests) == 200


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "SOCKS4"])
def test_a_socks_proxy_without_pysocks_says_what_to_install(transport, monkeypatch, scheme):
    monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://user:canary@127.0.0.1:9")
    monkeypatch.setattr(transport_module, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="pip install PySocks") as caught:
        transport.send("GET", "https://api.example.com/v3", headers={}, body=None, timeout=Timeout())
    assert "canary" not in str(caught.value)
