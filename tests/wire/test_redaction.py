"""A secret that comes back in any spelling is taken out, and nothing else is."""

from __future__ import annotations

import base64
import html
import http.client
import io
import json
import logging
import socket
import string
import threading
from contextlib import closing, redirect_stdout
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from smnotebook.contract import Operation
from smnotebook.errors import BadAnswer, ServerUnreachable
from smnotebook.wire import ApiKeyHeader, Connection, RawAnswer, RequestsTransport, RetryPolicy
from smnotebook.wire.redaction import Redaction

KEY = "canaryKEY7f3a9b2c"
ODD = "k+/=&<'\"\\%7f~"

SPELLINGS = {
    "plain": str,
    "upper case": str.upper,
    "as JSON": lambda key: json.dumps(key)[1:-1],
    "JSON, every character": lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
    "JSON in capitals": lambda key: "".join(f"\\u{ord(character):04X}" for character in key),
    "JSON in JSON": lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1],
    "escaped twice": lambda key: "".join(f"\\\\u{ord(character):04x}" for character in key),
    "slashes escaped": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "Python": lambda key: repr(key)[1:-1],
    "bytes in Python": lambda key: "".join(f"\\x{ord(character):02x}" for character in key),
    "URL": lambda key: quote(key, safe=""),
    "URL, every character": lambda key: "".join(f"%{ord(character):02X}" for character in key),
    "URL twice": lambda key: quote(quote(key, safe=""), safe=""),
    "HTML": html.escape,
    "HTML, decimal": lambda key: "".join(f"&#{ord(character)};" for character in key),
    "HTML, padded": lambda key: "".join(f"&#{ord(character):05d};" for character in key),
    "HTML, hexadecimal": lambda key: "".join(f"&#x{ord(character):X};" for character in key),
    "half and half": lambda key: key[:5] + "".join(f"\\u{ord(character):04x}" for character in key[5:]),
    "hexadecimal": lambda key: key.encode().hex(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("key", [KEY, ODD, string.ascii_letters + string.digits])
def test_every_spelling_is_taken_out_whole(spelling, key):
    spelled = SPELLINGS[spelling](key)
    text = f'before "{spelled}" after, and {spelled} again'
    assert Redaction([SecretStr(key)]).of_text(text) == 'before "***" after, and *** again'


@given(
    st.text(string.ascii_letters + string.digits + string.punctuation, min_size=6, max_size=64),
    st.binary(max_size=20),
    st.binary(max_size=20),
    st.sampled_from([base64.b64encode, base64.urlsafe_b64encode]),
)
def test_inside_base64_of_more_nothing_is_left_to_read(key, before, after, encode):
    text = encode(before + key.encode() + after)
    left = Redaction([SecretStr(key)]).of_bytes(b"Basic " + text)
    assert left.startswith(b"Basic ")
    assert b"***" in left
    # what is left is the surroundings, and at most the bits that share a character with them
    assert len(left) - 9 <= len(text) - (8 * len(key) - 10) // 6


@given(st.binary(max_size=200))
def test_other_bytes_stay_as_they_are(content):
    assert Redaction([SecretStr(KEY)]).of_bytes(content) is content or KEY.encode()[:1].lower() in content.lower()


@pytest.mark.parametrize("text", ["", KEY[:-1], KEY[1:], "canary", "\\u0063anary", "50 % of 7f & more", "a\\b"])
def test_what_only_looks_like_it_stays(text):
    assert Redaction([SecretStr(KEY)]).of_text(text) == text


def test_a_secret_of_a_few_characters_would_garble_everything():
    assert Redaction([SecretStr("a"), SecretStr("12345")]).of_text("a banana 12345") == "a banana 12345"
    assert Redaction([]).of_text("a banana") == "a banana"
    assert Redaction([SecretStr("123456")]).of_text("a banana 123456") == "a banana ***"


def test_each_of_several_secrets_is_taken_out():
    assert Redaction([SecretStr(KEY), SecretStr(ODD)]).of_text(f"{ODD} {KEY}") == "*** ***"


def test_a_wall_of_backslashes_takes_no_time():
    wall = b"\\" * 200_000
    assert Redaction([SecretStr(KEY)]).of_bytes(wall + b'\\u0041"') == wall + b'\\u0041"'


@pytest.mark.parametrize("status", [300, 302, 503])
def test_an_answer_loses_them_in_its_body_and_where_it_is_quoted_in_its_headers(status):
    raw = RawAnswer(status=status, headers={"location": f"https://{KEY}.example"}, body=KEY.encode())
    shown = Redaction([SecretStr(KEY)]).of_answer(raw)
    assert (shown.headers["location"], shown.body) == ("https://***.example", b"***")
    good = RawAnswer(status=200, headers={"date": "today"}, body=b"{}")
    assert Redaction([SecretStr(KEY)]).of_answer(good) is good
    assert Redaction([SecretStr(KEY)]).of_answer(RawAnswer(status=200, body=KEY.encode())).body == b"***"


# --- errors ----------------------------------------------------------------------------------------------------


class Secretive(Exception):
    """Shows what it was made of, and keeps it where nobody can take it away."""

    def __str__(self):
        return f"made of {KEY}"


def chained(cause: BaseException) -> ServerUnreachable:
    error = ServerUnreachable("No answer.", maybe_received=True)
    error.__cause__ = cause
    return error


def test_an_error_and_what_it_was_made_of_are_scrubbed():
    cause = ValueError(5, f"read {KEY}", f"/{KEY}")
    cause.line = [KEY, (KEY.encode(), 3)]
    cause.add_note(f"note {KEY}")
    error = chained(http.client.BadStatusLine(KEY))
    error.__cause__.__context__ = cause
    Redaction([SecretStr(KEY)]).scrub(error)
    assert error.__cause__.args == ("***",)
    assert error.__cause__.line == "***"
    assert cause.args == (5, "read ***", "/***")
    assert cause.line == ["***", (b"***", 3)]
    assert cause.__notes__ == ["note ***"]
    assert KEY not in repr(vars(cause)) + repr(cause.args)


@pytest.mark.parametrize("secretive", [Secretive(), OSError(2, f"no file {KEY}"), OSError(2, "no file", KEY)])
def test_what_cannot_be_scrubbed_is_left_behind(secretive):
    error = chained(secretive)
    error.__context__ = secretive
    Redaction([SecretStr(KEY)]).scrub(error)
    assert (error.__cause__, error.__context__) == (None, None)
    plain = chained(ValueError("no secret"))
    Redaction([SecretStr(KEY)]).scrub(plain)
    assert isinstance(plain.__cause__, ValueError)


# --- the real transport ----------------------------------------------------------------------------------------


def answer_once(listener: socket.socket, reply: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(reply)


ECHOES = {
    "status line": f"HTTP/1.1 {KEY} {KEY}\r\n\r\n",
    "no HTTP": f"{KEY}\r\n\r\n",
    "reason": f"HTTP/1.1 500 {KEY}\r\nContent-Length: 0\r\n\r\n",
    "header": f"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: {KEY}\r\n\r\n{{}}",
    "broken header": f"HTTP/1.1 200 OK\r\n{KEY}\r\nContent-Length: 2\r\n\r\n{{}}",
    "encoding": f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{KEY}\r\n",
    "redirect": f"HTTP/1.1 302 Found\r\nLocation: https://{KEY}.example/\r\nContent-Length: 0\r\n\r\n",
    "title": f"HTTP/1.1 500 X\r\nContent-Length: 60\r\n\r\n<html><title>{KEY}</title>".ljust(120),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_nothing_that_a_server_sends_brings_the_key_to_a_screen_or_a_log(echo, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    printed = io.StringIO()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        closing(RequestsTransport()) as transport,
        redirect_stdout(printed),
    ):
        thread = threading.Thread(target=answer_once, args=(listener, ECHOES[echo].encode()), daemon=True)
        thread.start()
        connection = Connection(
            f"http://127.0.0.1:{listener.getsockname()[1]}",
            ApiKeyHeader(api_key=SecretStr(KEY)),
            transport=transport,
            retry=RetryPolicy(max_attempts=1),
        )
        with pytest.raises((BadAnswer, ServerUnreachable)) as caught:
            connection.call(Operation.LIST_CATALOGS)
        thread.join()
    shown = repr(caught.getrepr(showlocals=False, chain=True)) + str(caught.getrepr(style="native"))
    assert printed.getvalue() == ""
    assert KEY not in shown + caplog.text + "".join(str(record.__dict__) for record in caplog.records)


def test_logs_of_others_requests_are_left_alone(caplog):
    caplog.set_level(logging.DEBUG)
    log = logging.getLogger("urllib3.connectionpool")
    log.debug("key %s", KEY)
    with Redaction([SecretStr(KEY)]).over_logs():
        log.debug("key %s", KEY)
    log.debug("key %s", KEY)
    assert [record.getMessage() for record in caplog.records] == [f"key {KEY}", "key ***", f"key {KEY}"]
