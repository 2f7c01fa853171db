"""The three proofs of who sends, and what they keep to themselves."""

import hashlib
import json
import pickle
import warnings

import pytest
from pydantic import SecretStr

from smnotebook.errors import UsageError
from smnotebook.wire import ApiKeyHeader, SecretBody, SecretInBodyWarning, SignedBody

KEY = "canaryKEY7f3a9b2c"
SECRET = "canarySECRETe81d"


def api_key_header():
    return ApiKeyHeader(api_key=SecretStr(KEY))


def signed_body(**options):
    return SignedBody(client_id="client-1", api_secret=SecretStr(SECRET), owner="owner@example.com", **options)


def secret_body():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecretInBodyWarning)
        return SecretBody(api_key=SecretStr(KEY), api_secret=SecretStr(SECRET), owner="owner@example.com")


ALL = [api_key_header, signed_body, secret_body]


def test_the_header_carries_the_key_and_the_body_stays_as_it_is():
    signed = api_key_header().sign(b'{"a":1}')
    assert {name: value.get_secret_value() for name, value in signed.headers.items()} == {"API-KEY": KEY}
    assert signed.body == b'{"a":1}'


def test_the_signed_body_holds_the_documented_fields_and_never_the_secret():
    signed = signed_body(now=lambda: 1795262400.5, draw_token=lambda: "random").sign(b'{"contact":{"email":"a"}}')
    assert json.loads(signed.body) == {
        "clientId": "client-1",
        "apiKey": "random",
        "requestTime": 1795262400500,
        "sha": hashlib.sha1(f"randomclient-1{SECRET}".encode(), usedforsecurity=False).hexdigest(),
        "owner": "owner@example.com",
        "contact": {"email": "a"},
    }
    assert SECRET.encode() not in signed.body
    assert signed.headers == {}


def test_the_random_part_is_drawn_anew_each_time():
    signer = signed_body()
    assert len({json.loads(signer.sign(None).body)["apiKey"] for _ in range(50)}) == 50


def test_the_secret_body_holds_the_three_fields_of_the_security_seed():
    assert json.loads(secret_body().sign(b'{"contact":{}}').body) == {
        "apiKey": KEY,
        "apiSecret": SECRET,
        "owner": "owner@example.com",
        "contact": {},
    }


def test_a_secret_in_the_body_is_warned_about():
    with pytest.warns(SecretInBodyWarning, match="Prefer"):
        SecretBody(api_key=SecretStr(KEY), api_secret=SecretStr(SECRET), owner="o@example.com")


@pytest.mark.parametrize("body", [None, b"{}", b" { } ", b'{"a": 1}', b'\n{ "a": {"b": [1]}}'])
@pytest.mark.parametrize("make", [signed_body, secret_body])
def test_fields_are_added_to_any_object(make, body):
    signed = json.loads(make().sign(body).body)
    assert {name: value for name, value in signed.items() if name in {"a"}} == json.loads(body or b"{}")
    assert signed["owner"] == "owner@example.com"


@pytest.mark.parametrize("make", ALL)
def test_no_repr_shows_a_secret(make):
    signer = make()
    shown = repr(signer) + str(signer) + repr(signer.sign(b"{}")) + f"{signer.confidential}"
    assert KEY not in shown
    assert SECRET not in shown


@pytest.mark.parametrize("make", ALL)
def test_no_pickle_holds_a_secret(make):
    with pytest.raises(UsageError, match="can't be pickled"):
        pickle.dumps(make())


@pytest.mark.parametrize("key", ["", " ", "a b", "kéy", "key\n", "key\r\nX-Evil: 1", "k" * 257, "\x00", "\ud800"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key):
    with pytest.raises(UsageError, match="API key") as caught:
        ApiKeyHeader(api_key=SecretStr(key))
    assert key.strip() == "" or key not in str(caught.value)
