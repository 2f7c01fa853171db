"""The door: what connect() connects to, and what catalogs can be asked for and made."""

import copy
import itertools
import json
import pickle
import traceback
from datetime import date, timedelta

import pandas as pd
import pytest
from pydantic import SecretStr

from smnotebook.catalog import Catalog
from smnotebook.client import Client, connect
from smnotebook.contract import Authentication
from smnotebook.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    DataError,
    LimitReached,
    NotConfigured,
    Refused,
    ServerUnreachable,
    UsageError,
)
from smnotebook.profiles import Profile
from smnotebook.sandbox import Sandbox
from smnotebook.sandbox.faults import Fault
from smnotebook.settings import save_profile
from smnotebook.wire import RawAnswer, RetryPolicy, SecretInBodyWarning

CANARY = "canaryKEY7f3a9b2c"
ONCE = RetryPolicy(max_attempts=1)


@pytest.fixture(autouse=True)
def _nothing_configured(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SMNOTEBOOK_PROFILE", raising=False)


class Transport:
    """Answers every request with the next body, as HTTP 200 unless it is told otherwise."""

    def __init__(self, *bodies, status=200):
        self.bodies = list(bodies)
        self.status = status
        self.sent = []

    def send(self, method, url, *, headers, body, timeout):
        self.sent.append((url, headers, None if body is None else json.loads(body)))
        step = self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]
        if isinstance(step, Exception):
            raise step
        return RawAnswer(status=self.status, body=json.dumps(step).encode())

    def close(self):
        self.sent.append("closed")


def client_over(*bodies, status=200):
    transport = Transport(*bodies, status=status)
    made = connect(base_url="https://api.example.com", api_key=CANARY, transport=transport, retry=ONCE)
    return made, transport


SHOP = {"catalogId": "c-1", "name": "Shop EU", "currency": "EUR", "location": "shop_eu", "setAsDefault": True}
OUTLET = {"catalogId": "c-2", "catalogName": "Outlet", "currency": "PLN", "location": "outlet"}
LISTED = {"catalogs": [SHOP, OUTLET], "limits": {"max": 3}}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox):
    sandbox.reset()
    return connect(base_url=sandbox.url, api_key=sandbox.api_key, retry=ONCE)


# --- what connect() connects to


def test_with_nothing_configured_the_embedded_sandbox_answers_and_says_so_in_one_line(capsys):
    client = connect()
    assert not client.is_live
    assert client.catalogs() == []
    assert capsys.readouterr().out.splitlines() == [
        "Connected to the embedded sandbox: no account needed, nothing leaves this machine."
    ]


def test_there_is_one_embedded_sandbox_a_process():
    assert connect().connection.base_url == connect("sandbox").connection.base_url


def test_the_embedded_sandbox_can_be_reached_by_a_signed_body_too():
    signed = connect(authentication=Authentication.SIGNED_BODY)
    assert signed.connection.authentication.kind is Authentication.SIGNED_BODY


def test_a_key_without_a_server_is_not_guessed_about():
    with pytest.raises(UsageError, match="no server"):
        connect(api_key=CANARY)


def test_a_server_and_a_key_are_enough():
    client, transport = client_over(LISTED)
    client.catalogs()
    url, headers, body = transport.sent[0]
    assert (url, body) == ("https://api.example.com/v3/product/catalogList", None)
    assert headers["API-KEY"].get_secret_value() == CANARY
    assert client.is_live


def test_a_saved_profile_is_taken_by_its_name_with_the_key_of_the_environment(monkeypatch):
    save_profile(Profile(name="live", base_url="https://api.example.com", plan="enterprise"))
    monkeypatch.setenv("SMNOTEBOOK_LIVE_API_KEY", CANARY)
    client = connect("live")
    assert (client.profile.plan, client.place) == ("enterprise", "LIVE api.example.com")


def test_the_environment_can_name_the_profile(monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_PROFILE", "live")
    monkeypatch.setenv("SMNOTEBOOK_LIVE_API_KEY", CANARY)
    assert connect().profile.name == "live"


def test_an_argument_replaces_what_the_profile_says(monkeypatch):
    save_profile(Profile(name="live", plan="enterprise"))
    assert connect("live", plan="professional", api_key=CANARY).profile.requests_per_hour == 1000


def test_a_profile_without_a_key_is_said(monkeypatch):
    save_profile(Profile(name="live"))
    with pytest.raises(NotConfigured, match="SMNOTEBOOK_LIVE_API_KEY"):
        connect("live")


def test_an_unknown_profile_is_said():
    save_profile(Profile(name="live"))
    with pytest.raises(NotConfigured, match="Did you mean 'live'"):
        connect("lvie")


def in_place_of(argument, secret):
    return {argument: secret} if argument == "profile" else {argument: secret, "base_url": "https://api.example.com"}


OTHER_FORMS = [CANARY.encode(), [CANARY], (CANARY,), {"key": CANARY}]


@pytest.mark.parametrize(
    ("argument", "secret"),
    [("profile", CANARY), *itertools.product(["profile", "api_key", "api_secret"], OTHER_FORMS)],
)
def test_a_secret_in_the_wrong_place_or_form_is_shown_nowhere(argument, secret):
    with pytest.raises(UsageError) as caught:
        connect(**in_place_of(argument, secret))
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    own = [frame for frame in shown.stack if "smnotebook" in frame.filename and "tests" not in frame.filename]
    assert own
    assert CANARY not in str(caught.value) + repr([frame.locals for frame in own])
    assert caught.value.__context__ is None or CANARY not in str(caught.value.__context__)


def test_a_saved_key_is_not_sent_to_another_server(monkeypatch):
    save_profile(Profile(name="live"))
    monkeypatch.setenv("SMNOTEBOOK_LIVE_API_KEY", CANARY)
    with pytest.raises(UsageError, match="not sent to another server"):
        connect("live", base_url="https://evil.example.com")


def test_a_saved_secret_is_not_sent_to_another_server_beside_a_given_one(monkeypatch):
    save_profile(Profile(name="live", owner="owner@example.com", authentication=Authentication.SECRET_BODY))
    monkeypatch.setenv("SMNOTEBOOK_LIVE_API_SECRET", CANARY)
    with pytest.raises(NotConfigured, match="No API secret"):
        connect("live", base_url="https://evil.example.com", api_key="given-key-1")


def test_a_new_name_may_be_given_to_a_server_and_a_key():
    client = connect("staging", base_url="https://staging.example.com", api_key=CANARY)
    assert (client.profile.name, client.place) == ("staging", "LIVE staging.example.com")


def test_an_old_key_is_said_when_connecting():
    made = date.today() - timedelta(days=85)
    with pytest.warns(UserWarning, match="85 days old"):
        connect(Profile(name="live", key_created=made), api_key=CANARY)


def test_a_secret_in_the_body_needs_its_name_and_is_warned_about():
    with pytest.warns(SecretInBodyWarning):
        connect(
            base_url="https://api.example.com",
            api_key=CANARY,
            api_secret="canarySECRETe81d",
            owner="owner@example.com",
            authentication=Authentication.SECRET_BODY,
        )


@pytest.mark.parametrize(
    "base_url", ["http://api.example.com", "api.example.com", "https://[", "https://me:pw@h.example"]
)
def test_a_bad_address_is_refused_and_the_key_stays_out_of_sight(base_url):
    with pytest.raises(UsageError, match="base_url") as caught:
        connect(base_url=base_url, api_key=CANARY)
    assert CANARY not in str(caught.getrepr(showlocals=True, chain=True, funcargs=True))


def test_connecting_sends_nothing():
    _, transport = client_over(LISTED)
    assert transport.sent == []


# --- catalogs, over a transport that plays a script


def test_catalogs_are_listed_under_either_name_of_the_name():
    client, _ = client_over(LISTED)
    assert [(c.id, c.name, c.currency, c.location, c.set_as_default) for c in client.catalogs()] == [
        ("c-1", "Shop EU", "EUR", "shop_eu", True),
        ("c-2", "Outlet", "PLN", "outlet", None),
    ]


def test_limits_are_asked_for():
    client, _ = client_over(LISTED)
    assert (client.limits.catalogs_max, client.limits.catalogs_used) == (3, 2)


@pytest.mark.parametrize("wanted", ["c-1", "Shop EU"])
def test_a_catalog_is_found_by_id_or_name(wanted):
    client, _ = client_over(LISTED)
    assert client.catalog(wanted).id == "c-1"


@pytest.mark.parametrize(
    ("listed", "wanted", "word"),
    [
        ([SHOP, OUTLET], "Shop UE", "Did you mean 'Shop EU'"),
        ([SHOP, OUTLET], "zzzz", "There are 'Shop EU', 'Outlet'"),
        ([], "Shop", "create_catalog"),
        ([SHOP, SHOP | {"catalogId": "c-9"}], "Shop EU", "c-1, c-9"),
    ],
)
def test_a_name_that_fits_no_catalog_or_several_is_answered_with_those_near(listed, wanted, word):
    client, _ = client_over({"catalogs": listed})
    with pytest.raises(UsageError, match=word):
        client.catalog(wanted)


@pytest.mark.parametrize("entry", [None, "c-1", {}, {"catalogId": 3}])
def test_a_listed_catalog_without_an_id_is_a_bad_answer(entry):
    client, _ = client_over({"catalogs": [entry]})
    with pytest.raises(BadAnswer, match="without an id"):
        client.catalogs()


def test_creating_sends_the_official_names():
    client, transport = client_over({"catalogId": "c-7", "requestId": "r"})
    catalog = client.create_catalog("Shop EU", "EUR", "shop_eu")
    assert transport.sent[0][2] == {"name": "Shop EU", "currency": "EUR", "location": "shop_eu", "setAsDefault": False}
    assert (catalog.id, catalog.name, catalog.client) == ("c-7", "Shop EU", client)


def test_every_fault_of_a_catalog_is_listed_before_anything_is_sent():
    client, transport = client_over({})
    with pytest.raises(DataError) as caught:
        client.create_catalog("x" * 65, "XAU", "1 shop")
    lines = str(caught.value).splitlines()
    assert [line.partition("|")[0] for line in lines[1:]] == ["name", "currency", "location"]
    assert all("." in line for line in lines[1:])
    assert transport.sent == []


def test_advice_about_a_catalog_is_a_warning_and_it_is_sent():
    client, transport = client_over({"catalogId": "c-7"})
    with pytest.warns(UserWarning, match="left ISO 4217"):
        client.create_catalog("Shop", "HRK", "shop")
    assert len(transport.sent) == 1


def test_what_the_server_trimmed_is_a_warning():
    trimmed = {"problems": [{"reasonCode": 12, "message": "name|max:10|trimmed"}]}
    client, _ = client_over({"catalogId": "c-7"} | trimmed)
    with pytest.warns(UserWarning, match="trimmed"):
        client.create_catalog("Shop", "EUR", "shop")


def test_a_creation_without_an_answer_says_to_look_before_trying_again():
    client, transport = client_over(ServerUnreachable("cut off", maybe_received=True))
    with pytest.raises(ServerUnreachable) as caught:
        client.create_catalog("Shop", "EUR", "shop")
    assert "client.catalogs()" in caught.value.__notes__[0]
    assert len(transport.sent) == 1


def test_an_update_sends_all_fields_and_is_seen_on_the_object():
    client, transport = client_over(LISTED, {"catalogId": "c-1"})
    catalog = client.catalog("c-1")
    assert catalog.update(currency="PLN") is catalog
    assert transport.sent[1][2] == SHOP | {"currency": "PLN"}
    assert catalog.currency == "PLN"


def test_a_refused_update_changes_nothing_here():
    client, _ = client_over(LISTED, {"problems": [{"reasonCode": 15, "message": "name|is in use"}]})
    catalog = client.catalog("c-1")
    with pytest.raises(Exception, match="in use"):
        catalog.update(name="Outlet")
    assert catalog.name == "Shop EU"


def test_deleting_what_is_gone_already_is_no_error():
    gone = {"problems": [{"reasonCode": 16, "message": "catalogId|unknown"}]}
    client, transport = client_over(LISTED, gone)
    client.catalog("c-1").delete()
    assert transport.sent[1][2] == {"catalogId": "c-1"}


def test_catalogs_are_equal_by_id_within_a_client():
    client, _ = client_over(LISTED)
    one, same = client.catalog("c-1"), client.catalog("c-1")
    assert one == same
    assert hash(one) == hash(same)
    assert one != client.catalog("c-2")
    assert one != "c-1"


def test_html_is_escaped():
    client, _ = client_over({"catalogs": [SHOP | {"name": "<script>alert(1)</script>", "location": '"><img>'}]})
    shown = client.catalogs()[0]._repr_html_() + client._repr_html_()
    assert "<script>" not in shown
    assert "<img>" not in shown


def test_closing_gives_the_connections_back():
    client, transport = client_over(LISTED)
    client.close()
    assert transport.sent == ["closed"]


def test_the_ledgers_name_for_an_account_tells_sandboxes_apart_and_keeps_the_key():
    first = connect(base_url="http://127.0.0.1:1", api_key=CANARY)
    second = connect(base_url="http://127.0.0.1:1", api_key=CANARY + "2")
    live, _ = client_over(LISTED)
    assert first.account == connect(base_url="http://127.0.0.1:2", api_key=CANARY).account
    assert first.account != second.account
    assert CANARY not in first.account
    assert live.account == "at-api-example-com@api.example.com"


@pytest.mark.parametrize("copied", [pickle.dumps, copy.deepcopy])
def test_no_copy_of_a_client_ends_in_a_file(copied):
    client, _ = client_over(LISTED)
    for holder in (client, client.connection, client.catalogs()[0]):
        with pytest.raises(UsageError, match="holds a secret"):
            copied(holder)


def test_no_part_of_a_client_shows_its_secrets(caplog):
    caplog.set_level(0)
    client, _ = client_over(LISTED)
    waiting, seen, shown = (
        [client, client.catalogs()[0]],
        set(),
        [caplog.text, client.account, client.profile.model_dump_json()],
    )
    while waiting:
        part = waiting.pop()
        if id(part) in seen or not type(part).__module__.startswith("smnotebook"):
            continue
        seen.add(id(part))
        names = [*getattr(part, "__dict__", ()), *getattr(type(part), "__slots__", ())]
        inner = [getattr(part, name) for name in names if hasattr(part, name)]
        shown += [repr(part), str(part), *map(repr, inner)]
        waiting += inner
    assert len(seen) > 4
    assert CANARY not in "\n".join(shown)


# --- against the sandbox


def test_a_catalog_lives_from_creation_to_deletion(client):
    catalog = client.create_catalog(name="Shop EU", currency="EUR", location="shop_eu", set_as_default=True)
    assert client.catalogs() == [catalog]
    catalog.update(name="Shop Europe", set_as_default=False)
    found = client.catalog("Shop Europe")
    assert (found.id, found.set_as_default) == (catalog.id, False)
    catalog.delete()
    catalog.delete()
    assert client.catalogs() == []


def test_a_cell_run_twice_says_how_to_get_what_is_there(client):
    client.create_catalog("Shop", "EUR", "shop")
    with pytest.raises(Refused, match="location") as caught:
        client.create_catalog("Shop", "EUR", "shop")
    assert "client.catalog(name)" in caught.value.__notes__[0]


def test_the_sandbox_says_when_the_account_is_full(client):
    most = client.limits.catalogs_max
    for number in range(most):
        client.create_catalog(f"Shop {number}", "EUR", f"shop_{number}")
    with pytest.raises(LimitReached, match="limit"):
        client.create_catalog("One more", "EUR", "one_more")


def test_a_wrong_key_is_said(sandbox):
    stranger = connect(base_url=sandbox.url, api_key="wrong", retry=ONCE)
    with pytest.raises(AuthenticationFailed, match="not expired"):
        stranger.catalogs()


def test_a_server_that_is_gone_is_said():
    with Sandbox() as short:
        client = connect(base_url=short.url, api_key=SecretStr(short.api_key), retry=ONCE)
    with pytest.raises(ServerUnreachable, match="still runs") as caught:
        client.catalogs()
    assert not caught.value.maybe_received


def test_what_is_shown_tells_live_from_sandbox(client):
    live, _ = client_over(LISTED)
    assert "SANDBOX 127.0.0.1" in repr(client)
    assert repr(live) == "<Client of 'at-api-example-com': LIVE api.example.com>"
    assert isinstance(live.catalogs()[0], Catalog)
    assert isinstance(live, Client)
    assert "c-1" in repr(live.catalogs()[0])


# --- what is known ends with the catalog -----------------------------------------------------------------------


def lamps(count=3):
    return pd.DataFrame(
        {
            "productId": [f"lamp-{number}" for number in range(count)],
            "name": "Lamp",
            "mainCategory": "Lamps",
            "productUrl": [f"https://shop.example.com/{number}" for number in range(count)],
            "available": True,
            "price": 10.0,
        }
    )


@pytest.fixture
def filled():
    """A catalog in a sandbox, with three products that this machine knows of."""
    with Sandbox() as sandbox:
        client = connect(base_url=sandbox.url, api_key=sandbox.api_key, retry=ONCE)
        catalog = client.create_catalog(name="Shop EU", currency="EUR", location="shop_eu")
        lamps().salesmanago.upsert_products(catalog, progress=False)
        yield sandbox, catalog


def test_deleting_a_catalog_ends_what_is_known_of_it_and_keeps_its_runs(filled):
    _, catalog = filled
    assert len(catalog.products()) == 3
    catalog.delete()
    assert len(catalog.products()) == 0
    assert len(catalog.runs()) == 1
    catalog.delete()


@pytest.mark.parametrize(
    ("kind", "known"), [("commit_then_cut", 0), ("cut_before", 0), ("flat_error", 3)], ids=["done", "lost", "declined"]
)
def test_a_deletion_without_an_answer_ends_it_and_one_that_was_declined_does_not(filled, kind, known):
    sandbox, catalog = filled
    sandbox.faults.put(Fault(kind=kind, endpoint="/v3/product/catalogDelete", times=1))
    with pytest.raises(ApiError):
        catalog.delete()
    assert len(catalog.products()) == known


def test_a_deletion_that_never_left_ends_nothing(filled):
    _, catalog = filled
    lost = ServerUnreachable("No answer.", maybe_received=False)
    catalog.client.connection.transport = Transport(lost)
    with pytest.raises(ServerUnreachable):
        catalog.delete()
    assert len(catalog.products()) == 3


def test_a_deletion_makes_no_ledger_and_outlives_one_that_is_damaged(filled):
    _, catalog = filled
    path = catalog.client.ledger_path
    other = catalog.client.create_catalog(name="Shop PL", currency="PLN", location="shop_pl")
    path.write_bytes(b"no ledger" * 1000)
    with pytest.warns(UserWarning, match="goes on to list it"):
        other.delete()
    path.unlink()
    catalog.delete()
    assert not path.exists()
