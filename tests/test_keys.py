"""Keys made and revoked, against the sandbox."""

import pytest
from pydantic import SecretStr

from smnotebook.client import connect
from smnotebook.contract import KEY_EXPIRY_DAYS, Authentication
from smnotebook.errors import AuthenticationFailed, BadAnswer, DataError, ServerUnreachable, UsageError
from smnotebook.keys import Expiry, create_key, revoke_key
from smnotebook.sandbox import Sandbox
from smnotebook.wire import RawAnswer

CANARY = "canaryPASSWORD7f3a"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


def make(sandbox, **changes):
    owner = {"email": sandbox.account.owner, "password": sandbox.account.password, "name": "from a notebook"}
    return create_key(sandbox.url, **owner | changes)


def test_a_new_key_opens_the_account_until_it_is_revoked(sandbox):
    client = connect(base_url=sandbox.url, api_key=make(sandbox))
    assert client.catalogs() == []
    assert revoke_key(client) == "from a notebook"
    with pytest.raises(AuthenticationFailed):
        client.catalogs()
    with pytest.raises(AuthenticationFailed):
        revoke_key(client)


def test_a_key_lasts_as_long_as_was_asked_for(sandbox):
    client = connect(base_url=sandbox.url, api_key=make(sandbox, expiry="SEVEN_DAYS"))
    sandbox.clock.advance(6 * 86_400)
    assert client.catalogs() == []
    sandbox.clock.advance(2 * 86_400)
    with pytest.raises(AuthenticationFailed):
        client.catalogs()


def test_every_documented_expiry_can_be_asked_for():
    assert set(Expiry.__args__) == set(KEY_EXPIRY_DAYS)


def test_a_wrong_password_is_said_and_not_shown(sandbox):
    with pytest.raises(AuthenticationFailed) as caught:
        make(sandbox, password=SecretStr(CANARY))
    assert CANARY not in str(caught.getrepr(showlocals=True, chain=True, funcargs=True))


class Script:
    def __init__(self, body=b"", error=None):
        self.body, self.error, self.sent = body, error, []

    def send(self, method, url, *, headers, body, timeout):
        self.sent.append(body)
        if self.error is not None:
            raise self.error
        return RawAnswer(status=200, body=self.body)

    def close(self):
        """Nothing is open."""


def ask(transport, **changes):
    fields = {"email": "owner@example.com", "password": SecretStr(CANARY), "name": "key"}
    return create_key("https://api.example.com", transport=transport, **fields | changes)


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"email": "nobody"}, "email"), ({"name": ""}, "keyName"), ({"expiry": "TOMORROW"}, "SEVEN_DAYS")],
)
def test_a_request_that_the_api_would_refuse_is_not_sent(changes, word):
    transport = Script()
    with pytest.raises(DataError, match=word):
        ask(transport, **changes)
    assert transport.sent == []


def test_an_empty_password_is_not_sent():
    transport = Script()
    with pytest.raises(UsageError, match="password"):
        ask(transport, password=SecretStr(""))
    assert transport.sent == []


def test_a_key_that_is_not_shown_is_no_error():
    assert ask(Script(b'{"requestId": "r"}')) is None


def test_the_key_is_veiled():
    key = ask(Script(b'{"apiKey": "canaryKEY"}'))
    assert key.get_secret_value() == "canaryKEY"
    assert "canary" not in repr(key)


def test_a_lost_answer_is_asked_for_once_and_shows_no_password():
    transport = Script(error=ServerUnreachable("cut", maybe_received=True))
    with pytest.raises(ServerUnreachable) as caught:
        ask(transport)
    assert len(transport.sent) == 1
    assert CANARY not in str(caught.getrepr(showlocals=True, chain=True, funcargs=True))


def test_an_answer_without_either_is_a_bad_one():
    with pytest.raises(BadAnswer):
        ask(Script(b"{}"))


def test_only_a_key_can_be_revoked(sandbox):
    signed = connect(
        base_url=sandbox.url,
        authentication=Authentication.SIGNED_BODY,
        api_secret=sandbox.account.api_secret,
        client_id=sandbox.account.client_id,
        owner=sandbox.account.owner,
    )
    with pytest.raises(UsageError, match="no API key"):
        revoke_key(signed)
