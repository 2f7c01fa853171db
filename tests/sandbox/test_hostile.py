"""What nobody sane sends: an answer with a reason, never a 500, and no other site's page gets in."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smnotebook.sandbox import Clock, Sandbox
from smnotebook.sandbox.operations import ENDPOINTS, respond
from smnotebook.sandbox.operations.bodies import UnreadableBody, read_body

UPSERT = "/v3/product/upsert"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"{", "column"),
        (b'{"a": 1,}', "column"),
        (b"[]", "must be a JSON object"),
        (b"\xff\xfe{", "not UTF-8"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": {"b": 1, "b": 2}}', "twice"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "twice"),
        (b"[" * 100_000, "nested"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'// comment\n{"a": 1}', "column"),
        (b'{"a": "\x00"}', "control character"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_body_that_is_no_json_object_is_refused_with_the_reason(client, raw, reason):
    reply = client.post(UPSERT, raw)
    assert (reply.status, reply.json["reasonCode"]) == (400, 400)
    assert reply.json["messages"][0] == "[Specified json is not valid]"
    assert reason in reply.json["messages"][1]


def test_a_byte_order_mark_is_passed_over():
    assert read_body(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "number", ["1e999999999", "-1e999999999", "1e99999999999999999999", "1" * 4000, "1e-999999999"]
)
@pytest.mark.parametrize("field", ["price", "quantity", "name", "discountPrice"])
def test_a_number_beyond_reason_is_a_problem_of_its_field(client, field, number):
    product = {"productId": "p", "name": "n", "mainCategory": "c", "productUrl": "https://a.example.com"}
    text = json.dumps({**product, "available": True, "price": 1, field: "HERE"}).replace('"HERE"', number)
    reply = client.post(UPSERT, f'{{"catalogId": "c", "products": [{text}]}}'.encode())
    assert (reply.status, reply.fields) == (400, [field])
    assert len(reply.body) < 1000


def test_half_a_character_is_a_problem_of_its_field(client):
    assert client.make_catalog(name="x")
    body = {"name": "\ud800", "currency": "EUR", "location": "b"}
    reply = client.post("/v3/product/catalogUpsert", body)
    assert (reply.codes, reply.fields) == ([18], ["name"])


def test_odd_names_of_details_survive(client, sandbox, product):
    catalog = client.make_catalog()
    details = {"a.b": "2", 'q"': "4", "\x00": "5", "$": "6"}
    assert client.upsert(catalog, product(customDetails=details)).status == 200
    assert client.upsert(catalog, product(customDetails={"a.b": "6"})).status == 200
    assert sandbox.products(catalog)[0]["customDetails"] == {**details, "a.b": "6"}
    assert client.get("/").status == 200


def test_a_large_body_is_read_and_refused(client, sandbox):
    reply = client.post(UPSERT, b"x" * 50_000_000)
    assert (reply.status, reply.json["reasonCode"]) == (413, 413)
    assert (sandbox.requests[-1].status, sandbox.requests[-1].key) == (413, "valid")


def test_a_get_that_announces_a_body_is_answered_at_once(client, sandbox):
    """The official client leaves the length of its last POST in the headers of a GET (WIRE_FACTS 11)."""
    reply = client.get("/v3/product/catalogList", headers={"Content-Length": "120"})
    assert (reply.status, reply.headers["connection"]) == (200, "close")


def test_the_limit_of_a_body_can_be_set(client_of):
    with Sandbox(max_body_bytes=100) as sandbox:
        client = client_of(sandbox)
        assert client.post(UPSERT, b" " * 101).status == 413
        assert client.post(UPSERT, b"{" + b" " * 98 + b"}").status == 400


@pytest.mark.parametrize(
    "host", ["evil.example.com", "127.0.0.1.evil.com", "localhost.evil.com:80", "", "192.168.0.1", "[::2]"]
)
@pytest.mark.parametrize("path", ["/", "/v3/product/catalogList", "/_sandbox/requests"])
def test_another_hosts_page_gets_nothing(client, sandbox, host, path):
    reply = client.get(path, headers={"Host": host})
    assert (reply.status, reply.json["reasonCode"]) == (421, 421)
    assert len(sandbox.requests) == (path == "/v3/product/catalogList")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:80"])
def test_the_loopback_goes_by_several_names(client, host):
    assert client.get("/v3/product/catalogList", headers={"Host": host}).status == 200


def test_the_socket_listens_on_loopback_only(sandbox):
    address = urlsplit(sandbox.url)
    assert address.hostname == "127.0.0.1"
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.2", address.port))


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "", None])
@pytest.mark.parametrize("path", [UPSERT, "/_sandbox/reset"])
def test_a_form_of_another_site_can_not_send_anything(client, path, media_type):
    assert client.post(path, b"{}", headers={"Content-Type": media_type}).status == 415


def test_the_media_type_may_have_a_charset(client):
    assert client.post(UPSERT, b"{}", headers={"Content-Type": "application/JSON; charset=UTF-8"}).status == 400


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v3/nothing", 404), ("GET", UPSERT, 405), ("PUT", UPSERT, 405)]
)
def test_calls_that_there_are_not_get_json_and_a_line_in_the_log(client, sandbox, method, path, status):
    reply = client.send(method, path)
    assert (reply.status, reply.json["reasonCode"]) == (status, status)
    assert (sandbox.requests[-1].path, sandbox.requests[-1].status) == (path, status)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = [
    "catalogId",
    "products",
    "name",
    "productId",
    "price",
    "data",
    "events",
    "contact",
    "contactEvent",
    "event",
    "setAsNull",
    "categories",
    "customDetails",
    "systemDetails",
    "email",
    "apiKey",
    "collectionUUID",
    "upsertDetails",
]


@pytest.fixture(scope="module")
def state():
    with Sandbox(clock=Clock(lambda: 1.7e9)) as sandbox:
        yield sandbox, sandbox._running_state()


@given(
    endpoint=st.sampled_from(ENDPOINTS),
    body=st.dictionaries(
        st.sampled_from(NAMES),
        json_values | st.lists(st.dictionaries(st.sampled_from(NAMES), json_values, max_size=5), max_size=3),
        max_size=6,
    ),
)
@settings(max_examples=300)
def test_no_json_makes_an_operation_fail(state, endpoint, body):
    sandbox, running = state
    account = sandbox.account
    proof = {"clientId": account.client_id, "sha": account.sign("k"), "apiKey": "k", "owner": account.owner}
    if "v3" in endpoint.path:
        proof = {"apiKey": sandbox.api_key, "apiSecret": account.api_secret.get_secret_value()}
    raw = json.dumps({**proof, **body}).encode()
    answer = respond(running, endpoint, api_key=sandbox.api_key, raw=raw)
    assert answer.status in (200, 400)
    assert answer.encode()


@given(raw=st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE+-\\u tfn', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_reason(raw):
    try:
        outcome = read_body(raw)
    except UnreadableBody as unreadable:
        outcome = str(unreadable)
    assert isinstance(outcome, dict) or outcome
