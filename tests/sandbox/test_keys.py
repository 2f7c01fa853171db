"""Keys and the ways to prove who asks. Source: WIRE_FACTS 1, security document."""

from __future__ import annotations

import pytest

from smnotebook.sandbox import Assumptions, Clock, Sandbox

LIST = "/v3/product/catalogList"
DAY = 86_400


def create_key(client, **changes):
    account = client.sandbox.account
    body = {"email": account.owner, "password": account.password.get_secret_value(), "keyName": "k", "expiry": "NEVER"}
    return client.post("/v3/auth/create", {**body, **changes}, headers={"API-KEY": None})


@pytest.mark.parametrize("name", ["API-KEY", "Api-Key", "api-key"])
def test_the_header_counts_in_any_case(client, sandbox, name):
    assert client.get(LIST, headers={"API-KEY": None, name: sandbox.api_key}).status == 200


@pytest.mark.parametrize("key", [None, "", "wrong", "\xe9"], ids=["none", "empty", "wrong", "latin"])
def test_a_bad_key_is_code_10_in_the_flat_shape(client, key):
    reply = client.get(LIST, headers={"API-KEY": key})
    assert (reply.status, reply.json["reasonCode"]) == (400, 10)
    assert reply.json["messages"]


def test_code_10_comes_in_the_list_shape_where_that_is_assumed(client_of):
    with Sandbox(assumptions=Assumptions(authentication_error_shape="list")) as sandbox:
        assert client_of(sandbox).get(LIST, headers={"API-KEY": "wrong"}).codes == [10]


@pytest.mark.parametrize(
    ("expiry", "days"), [("SEVEN_DAYS", 7), ("ONE_MONTH", 30), ("THREE_MONTHS", 90), ("ONE_YEAR", 365), ("NEVER", None)]
)
def test_a_key_is_good_until_it_expires(client, sandbox, expiry, days):
    key = create_key(client, expiry=expiry).json["apiKey"]
    sandbox.clock.advance((days or 10_000) * DAY - 1)
    assert client.get(LIST, headers={"API-KEY": key}).status == 200
    sandbox.clock.advance(1)
    assert client.get(LIST, headers={"API-KEY": key}).status == (200 if days is None else 400)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expiry": "TWO_DAYS"}, 18),
        ({"expiry": None}, 17),
        ({"email": "nobody"}, 18),
        ({"keyName": ""}, 13),
        ({"password": ""}, 13),
        ({"password": None}, 17),
        ({"password": 1}, 14),
    ],
)
def test_a_key_is_not_made_from_bad_fields(client, change, code):
    reply = create_key(client, **change)
    assert (reply.status, reply.codes, reply.fields) == (400, [code], list(change))


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"password": "\ud800"}, {"email": "other@example.com"}])
def test_a_key_is_not_made_for_a_stranger(client, change):
    assert create_key(client, **change).json["reasonCode"] == 10


def test_a_revoked_key_opens_nothing_and_is_revoked_once(client):
    key = create_key(client, keyName="mine").json["apiKey"]
    headers = {"API-KEY": key}
    assert client.post("/v3/auth/revoke", {"apiKey": key}, headers=headers).json["apiKeyName"] == "mine"
    assert client.get(LIST, headers=headers).json["reasonCode"] == 10
    assert client.post("/v3/auth/revoke", {"apiKey": key}, headers=headers).json["reasonCode"] == 10


def test_revoking_needs_the_key_in_header_and_body(client, sandbox):
    assert (
        client.post("/v3/auth/revoke", {"apiKey": sandbox.api_key}, headers={"API-KEY": None}).json["reasonCode"] == 10
    )
    empty = client.post("/v3/auth/revoke", {"apiKey": ""}, headers={"API-KEY": ""})
    assert (empty.json["reasonCode"], empty.json["messages"][0]) == (400, "[Specified json is not valid]")
    assert client.post("/v3/auth/revoke", {"apiKey": 1}).codes == [14]


def test_keys_of_earlier_runs_stay_good_in_a_file(tmp_path, client_of):
    with Sandbox(tmp_path / "s.db") as first:
        key = first.api_key
    with Sandbox(tmp_path / "s.db") as second:
        assert key != second.api_key
        assert client_of(second).get(LIST, headers={"API-KEY": key}).status == 200
    assert key.encode() not in (tmp_path / "s.db").read_bytes()


def test_the_login_chain_ends_in_a_signature_that_works(client, sandbox):
    account = sandbox.account
    login = {"username": account.owner, "password": account.password.get_secret_value()}
    token = client.post("/api/authorization/token", login).json
    assert isinstance(token["smapp"], int)  # the official client takes nothing else (WIRE_FACTS 11)
    assert token["success"] is True
    assert token["endpoint"] in sandbox.url
    signed = client.post("/api/account/integration", {"token": token["token"], "apiKey": "random"}).json
    body = {"clientId": signed["shortId"], "apiKey": "random", "requestTime": 1, "sha": signed["sha1"]}
    assert client.post("/api/user/listByClient", body).json["users"] == [account.owner]


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"username": "x@example.com"}, {"username": 1}])
def test_a_wrong_login_fails_in_v2s_way(client, sandbox, change):
    login = {"username": sandbox.account.owner, "password": sandbox.account.password.get_secret_value()}
    reply = client.post("/api/authorization/token", {**login, **change})
    assert (reply.status, reply.json["success"], reply.json["message"]) == (200, False, ["User not authenticated"])


@pytest.mark.parametrize("token", ["", "1.2", "x", 5, "1700000000.00", "9" * 20 + ".1", "\u0661.1"])
def test_a_made_up_token_is_refused(client, token):
    assert client.post("/api/account/integration", {"token": token, "apiKey": "k"}).json["success"] is False


def test_a_token_grows_old(client, sandbox):
    account = sandbox.account
    login = {"username": account.owner, "password": account.password.get_secret_value()}
    token = client.post("/api/authorization/token", login).json["token"]
    sandbox.clock.advance(3600)
    assert client.post("/api/account/integration", {"token": token, "apiKey": "k"}).json["success"] is False


@pytest.mark.parametrize(
    "change", [{"sha": "0" * 40}, {"clientId": "x"}, {"sha": 1}, {"apiKey": "\ud800"}, {"sha": "\xe9"}]
)
def test_a_wrong_signature_fails_in_v2s_way(client, change):
    reply = client.signed("/api/user/listByClient", change)
    assert (reply.status, reply.json["message"]) == (200, ["User not authenticated"])


@pytest.mark.parametrize("request_time", [1_700_000_000, 1_700_000_000_000, None])
def test_the_time_of_a_signed_request_may_be_in_seconds_or_milliseconds(client, request_time):
    assert client.signed("/api/user/listByClient", {"requestTime": request_time}).json["success"] is True


def test_no_representation_shows_a_secret(sandbox):
    account = sandbox.account
    shown = repr(sandbox) + repr(account) + repr(sandbox.requests)
    secrets = (sandbox.api_key, account.api_secret.get_secret_value(), account.password.get_secret_value())
    assert not [secret for secret in secrets if secret in shown]


def test_the_seeds_secret_has_32_characters(sandbox):
    assert len(sandbox.account.api_secret.get_secret_value()) == 32


def test_the_clock_goes_only_forward():
    with pytest.raises(ValueError, match="only goes forward"):
        Clock().advance(-1)
