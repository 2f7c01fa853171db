"""One event on its way: into the sandbox, through every fault, and never twice."""

import contextlib
import json
import logging
import warnings
from dataclasses import replace

import pandas as pd
import pytest
from pydantic import SecretStr

import smnotebook as sm
from smnotebook.client import connect
from smnotebook.contract import Authentication, Operation
from smnotebook.errors import (
    ApiError,
    BadAnswer,
    ConfirmationNeeded,
    DataError,
    NotConfigured,
    Refused,
    ServerUnreachable,
    SmnotebookError,
    Throttled,
    UsageError,
)
from smnotebook.events.journal import open_journal
from smnotebook.ledger import Ledger
from smnotebook.profiles import Profile, make_profile
from smnotebook.sandbox.faults import Fault
from smnotebook.settings import home
from smnotebook.wire import RawAnswer, SecretInBodyWarning

CANARY = "canary.customer@example.com"
EVENTS = Operation.ADD_EVENT.path


def seeds_example():
    return sm.Event(
        type="LOCATION_ENTRY",
        email="customer@example.com",
        details="Downtown Flagship Store",
        parameters={"lat": 52.2297, "lon": 21.0122, "radius": "100m"},
    )


def profile_of(sandbox, **fields):
    own = {"name": "trial", "base_url": sandbox.url}
    return Profile(**own, owner=sandbox.account.owner, client_id=sandbox.account.client_id, **fields)


def arrived(sandbox, external_id="ORDER-1"):
    return [event for event in sandbox.events() if event["event"].get("externalId") == external_id]


# --- arriving --------------------------------------------------------------------------------------------------


def test_a_purchase_arrives_by_api_v2(client, sandbox, purchase):
    client.create_catalog("Shop", "EUR", "shop_eu")
    receipt = client.send_event(purchase)
    (event,) = arrived(sandbox)
    assert event["eventId"] == receipt.event_id
    assert event["state"] == "assigned"
    assert event["event"]["contactExtEventType"] == "PURCHASE"
    assert event["event"]["products"] == "1234,5678"
    assert (str(event["event"]["value"]), event["event"]["date"]) == ("149.99", purchase.date)


def test_the_seeds_example_arrives_by_its_own_encoding(client, sandbox):
    with pytest.warns(SecretInBodyWarning):
        receipt = client.send_event(seeds_example(), encoding="seed")
    (event,) = sandbox.events()
    assert event["eventId"] == receipt.event_id
    assert event["event"]["type"] == "LOCATION_ENTRY"
    assert event["event"]["details"] == "Downtown Flagship Store"
    assert {name: str(value) for name, value in event["event"]["parameters"].items()} == {
        "lat": "52.2297",
        "lon": "21.0122",
        "radius": "100m",
    }


def test_the_contact_goes_first_and_is_told_apart_from_the_event(client, sandbox, plain_purchase):
    assert client.send_event(plain_purchase).contact_known is True
    assert [request.path for request in sandbox.requests] == [Operation.UPSERT_CONTACT.path, EVENTS]


def test_an_event_whose_contact_nobody_asked_about_says_so(client, sandbox, plain_purchase):
    receipt = client.send_event(plain_purchase, ensure_contact=False)
    assert receipt.contact_known is None
    assert "not asked" in repr(receipt)
    (event,) = arrived(sandbox)
    assert event["state"] == "waiting"


def test_a_contact_arrives_with_all_that_goes_along(client, sandbox):
    contact = sm.Contact(email=CANARY, name="Jan", address={"city": "Kraków"}, tags=["a"], properties={"size": "M"})
    receipt = client.upsert_contact(contact)
    (stored,) = sandbox.contacts()
    assert stored["contactId"] == receipt.contact_id
    assert (stored["name"], stored["address"], stored["tags"]) == ("Jan", {"city": "Kraków"}, ["a"])


def test_an_event_can_be_changed_and_deleted(client, sandbox, plain_purchase):
    receipt = client.send_event(plain_purchase)
    changed = sm.Event(type="PURCHASE", email=CANARY, date=plain_purchase.date, value=1, externalId="ORDER-1")
    assert client.update_event(receipt.event_id, changed).event_id == receipt.event_id
    (event,) = arrived(sandbox)
    assert str(event["event"]["value"]) in ("1", "1.00")
    assert "products" not in event["event"]
    client.delete_event(receipt.event_id)
    assert arrived(sandbox) == []
    with pytest.raises(Refused):
        client.delete_event(receipt.event_id)


# --- compared with the account -----------------------------------------------------------------------------------


def test_an_event_is_compared_with_the_account_as_a_frame_is(client, sandbox, purchase):
    """Its location must be a catalog's, and products that nobody uploaded are mentioned."""
    with pytest.raises(DataError, match=r"location of no catalog of this account\. There are none yet"):
        client.send_event(purchase)
    catalog = client.create_catalog("Shop", "EUR", "shop_eu")
    with pytest.raises(DataError, match=r"Did you mean shop_eu\?"):
        client.send_event(sm.Event(type="CART", email=CANARY, location="shop-eu"))
    assert sandbox.events() == []
    product = {"productId": ["1234"], "name": "a", "mainCategory": "b", "available": True, "price": 1.0}
    frame = pd.DataFrame(product | {"productUrl": "https://example.com/1"})
    frame.salesmanago.upsert_products(catalog, progress=False)
    receipt = client.send_event(purchase)
    assert [(found.field, found.severity) for found in receipt.warnings] == [("products", "warning")]
    for shown in (repr(receipt), receipt._repr_html_()):
        assert "this machine has not uploaded" in shown
    known = sm.Event(type="CART", email=CANARY, products=["1234"], location="shop_eu")
    assert client.send_event(known).warnings == ()
    with pytest.raises(DataError, match="no catalog"):
        client.update_event(receipt.event_id, sm.Event(type="CART", email=CANARY, location="elsewhere"))


def test_the_location_of_a_feed_is_taken_at_its_word(client, sandbox):
    event = sm.Event(type="CART", email=CANARY, location="old_feed")
    client.send_event(event, feed_locations=["old_feed"])
    frame = pd.DataFrame({"type": ["CART"], "email": CANARY, "date": 1_795_000_000_000, "location": "old_feed"})
    assert frame.salesmanago.send_events(client, feed_locations=["old_feed"], progress=False).sent == 1
    assert [event["event"]["location"] for event in sandbox.events()] == ["old_feed", "old_feed"]


def test_an_account_that_can_not_be_asked_is_no_obstacle(sandbox, purchase):
    """A profile of API v2 alone has no key for the catalogs."""
    signed = profile_of(sandbox, authentication=Authentication.SIGNED_BODY)
    receipt = connect(signed, api_secret=sandbox.account.api_secret).send_event(purchase)
    assert [found.message for found in receipt.warnings] == [
        "location|was not compared with what is stored: the account's catalogs could not be asked for",
        "products|was not compared with what is stored: this machine has uploaded no products to this account",
    ]


# --- never twice -----------------------------------------------------------------------------------------------


def test_an_event_accepted_before_is_not_sent_again(client, sandbox, plain_purchase):
    client.send_event(plain_purchase)
    with pytest.raises(ConfirmationNeeded, match="send_again=True"):
        client.send_event(plain_purchase)
    assert len(arrived(sandbox)) == 1
    client.send_event(plain_purchase, send_again=True)
    assert len(arrived(sandbox)) == 2


def test_the_same_order_in_other_words_is_recognised(client, sandbox, plain_purchase):
    client.send_event(plain_purchase)
    again = sm.Event(type="PURCHASE", email=CANARY, value=1, externalId="ORDER-1")
    with pytest.raises(ConfirmationNeeded):
        client.send_event(again)
    client.send_event(sm.Event(type="CANCELLED", email=CANARY, externalId="ORDER-1"))
    assert [event["event"]["contactExtEventType"] for event in arrived(sandbox)] == ["PURCHASE", "CANCELLED"]


def test_visits_without_a_date_or_id_may_come_again(client, sandbox):
    visit = sm.Event(type="VISIT", email=CANARY)
    client.send_event(visit)
    client.send_event(visit)
    assert len(sandbox.events()) == 2


def test_a_visit_in_doubt_is_not_sent_again_by_itself(client, sandbox):
    visit = sm.Event(type="VISIT", email=CANARY)
    sandbox.faults.put(Fault(kind="commit_then_cut", endpoint=EVENTS, times=1))
    with pytest.raises(ServerUnreachable):
        client.send_event(visit)
    with pytest.raises(ConfirmationNeeded, match="resend_unknown=True"):
        client.send_event(visit)
    assert len(sandbox.events()) == 1


def test_no_fault_makes_two_events_of_one(client, sandbox, plain_purchase, fault_kind, commits):
    """Whatever happens to the first request: sending it again by rote gives one event at most."""
    sandbox.faults.put(Fault(kind=fault_kind, endpoint=EVENTS, times=1, seconds=0.01, commits=commits, retry_after=0))
    for _ in range(3):
        with contextlib.suppress(SmnotebookError):
            client.send_event(plain_purchase)
    assert len(arrived(sandbox)) <= 1


@pytest.mark.parametrize(
    "kind",
    [
        "commit_then_cut",
        "commit_then_silence",
        "cut_answer",
        "truncated",
        "html",
        "empty",
        "cut_before",
        "unavailable",
        "throttled",
    ],
)
@pytest.mark.parametrize("commits", [None, True], ids=["usual", "carried out"])
def test_an_event_without_a_word_on_what_became_of_it_is_in_doubt_until_the_analyst_says_so(
    client, sandbox, plain_purchase, kind, commits
):
    """Nobody documents that 429 and 503 mean that nothing was done (WIRE_FACTS 5)."""
    status = 500 if kind == "html" else None
    sandbox.faults.put(Fault(kind=kind, endpoint=EVENTS, times=1, seconds=0.01, status=status, commits=commits))
    with pytest.raises((ServerUnreachable, BadAnswer, Throttled)) as lost:
        client.send_event(plain_purchase)
    assert any("resend_unknown=True" in note for note in lost.value.__notes__)
    made = len(arrived(sandbox))
    with pytest.raises(ConfirmationNeeded, match="resend_unknown=True"):
        client.send_event(plain_purchase)
    assert len(arrived(sandbox)) == made
    client.send_event(plain_purchase, resend_unknown=True)
    assert len(arrived(sandbox)) == made + 1


@pytest.mark.parametrize("kind", ["unavailable", "throttled"])
def test_who_knows_what_a_busy_server_means_has_its_events_tried_again(client, sandbox, plain_purchase, kind):
    client.connection.retry = replace(client.connection.retry, trusts_busy=True)
    sandbox.faults.put(Fault(kind=kind, endpoint=EVENTS, times=2, retry_after=0))
    client.send_event(plain_purchase)
    assert len(arrived(sandbox)) == 1


@pytest.mark.parametrize("kind", ["unavailable", "throttled"])
def test_the_contact_of_an_event_is_told_again_to_a_busy_server(client, sandbox, plain_purchase, kind):
    sandbox.faults.put(Fault(kind=kind, endpoint=Operation.UPSERT_CONTACT.path, times=2, retry_after=0))
    client.send_event(plain_purchase)
    assert len(arrived(sandbox)) == 1


def test_a_contact_that_could_not_be_told_leaves_the_event_free(client, sandbox, plain_purchase):
    sandbox.faults.put(Fault(kind="flat_error", endpoint=Operation.UPSERT_CONTACT.path, times=1))
    with pytest.raises(ApiError):
        client.send_event(plain_purchase)
    assert sandbox.events() == []
    client.send_event(plain_purchase)
    assert len(arrived(sandbox)) == 1


def test_an_interrupt_in_the_middle_leaves_the_event_in_doubt(client, sandbox, plain_purchase, monkeypatch):
    connection = client.connection_by(Operation.ADD_EVENT.authentication)
    honest = connection.transport.send

    def interrupted(method, url, **request):
        if url.endswith(EVENTS):
            raise KeyboardInterrupt
        return honest(method, url, **request)

    with monkeypatch.context() as patch:
        patch.setattr(connection.transport, "send", interrupted)
        with pytest.raises(KeyboardInterrupt):
            client.send_event(plain_purchase)
    with pytest.raises(ConfirmationNeeded, match="resend_unknown"):
        client.send_event(plain_purchase)
    assert arrived(sandbox) == []


def test_a_kernel_that_died_while_sending_leaves_the_event_in_doubt(client, sandbox, plain_purchase, monkeypatch):
    """The claim stands in the ledger, its process is gone."""
    with monkeypatch.context() as patch:
        patch.setattr("smnotebook.ledger.book.Book.record_receipt", lambda *_: None)
        patch.setattr("smnotebook.ledger.book.Book.finish_run", lambda *_, **__: None)
        with Ledger.open(client.ledger_path) as held:
            patch.setattr("smnotebook.ledger.liveness.Liveness.token", held._database.liveness.token)
            client.send_event(plain_purchase)
            with pytest.raises(UsageError, match="another notebook"):
                client.send_event(plain_purchase)
    with pytest.raises(ConfirmationNeeded, match="resend_unknown"):
        client.send_event(plain_purchase)
    assert len(arrived(sandbox)) == 1


def test_two_profiles_of_one_account_know_of_each_others_events(client, sandbox, plain_purchase):
    client.send_event(plain_purchase)
    other = connect(
        client.profile.model_copy(update={"name": "other", "authentication": Authentication.SIGNED_BODY}),
        api_secret=sandbox.account.api_secret,
    )
    with pytest.raises(ConfirmationNeeded):
        other.send_event(plain_purchase)
    assert len(arrived(sandbox)) == 1


# --- to whom ---------------------------------------------------------------------------------------------------


class Transport:
    """Answers every request with a success."""

    def __init__(self, **answer):
        self.answer = {"success": True, "message": [], "contactId": "c-1", "eventId": "e-1"} | answer
        self.urls = []

    def send(self, method, url, *, headers, body, timeout):
        self.urls.append(url)
        return RawAnswer(status=200, body=json.dumps(self.answer).encode())

    def close(self):
        pass


def live_client(transport, **fields):
    own = {"name": "shop", "base_url": "https://api.example.com", "events_url": "https://app2.example.com"}
    profile = Profile(**(own | {"owner": "boss@example.com", "client_id": "client-1"} | fields))
    return connect(profile, api_key=SecretStr("k" * 32), api_secret=SecretStr("s" * 32), transport=transport)


def test_a_live_profile_asks_before_a_real_contact_gets_an_event(plain_purchase):
    transport = Transport()
    client = live_client(transport)
    with pytest.raises(ConfirmationNeeded, match="to_real_contacts=True"):
        client.send_event(plain_purchase)
    assert transport.urls == []
    client.send_event(plain_purchase, to_real_contacts=True)
    assert transport.urls == [f"https://app2.example.com{path}" for path in (Operation.UPSERT_CONTACT.path, EVENTS)]


def test_a_live_profile_asks_before_a_real_contact_is_written_to():
    transport = Transport()
    client = live_client(transport)
    contact, frame = sm.Contact(email=CANARY), pd.DataFrame({"email": [CANARY, "b@example.com"]})
    with pytest.raises(ConfirmationNeeded, match=r"1 contact is not .* changed contact may start automations"):
        client.upsert_contact(contact)
    with pytest.raises(ConfirmationNeeded, match=r"2 contacts are not .* to_real_contacts=True"):
        frame.salesmanago.upsert_contacts(client)
    assert transport.urls == []
    client.upsert_contact(contact, to_real_contacts=True)
    frame.salesmanago.upsert_contacts(client, to_real_contacts=True)
    live_client(transport, test_addresses=("@example.com",)).upsert_contact(contact)
    assert len(transport.urls) == 3


@pytest.mark.parametrize("entry", [CANARY, "Canary.Customer@EXAMPLE.com", "@example.com"])
def test_test_addresses_need_no_word(plain_purchase, entry):
    transport = Transport()
    live_client(transport, test_addresses=(entry,)).send_event(plain_purchase)
    assert len(transport.urls) == 2


@pytest.mark.parametrize("entry", ["other@example.com", "@ample.com", "example.com", ""])
def test_other_addresses_do(plain_purchase, entry):
    with pytest.raises(ConfirmationNeeded):
        live_client(Transport(), test_addresses=(entry,)).send_event(plain_purchase)


def test_a_contact_named_by_its_id_may_be_anybody():
    event = sm.Event(type="CART", contactId="c-1")
    with pytest.raises(ConfirmationNeeded):
        live_client(Transport(), test_addresses=("@example.com",)).send_event(event)


def test_a_live_profile_says_where_its_events_go(plain_purchase):
    with pytest.raises(UsageError, match="events_url"):
        live_client(Transport(), events_url=None, test_addresses=("@example.com",)).send_event(plain_purchase)


def test_a_profile_without_a_secret_says_so(sandbox, plain_purchase):
    client = connect(base_url=sandbox.url, api_key=sandbox.api_key, owner="a@example.com", client_id="c")
    with pytest.raises(NotConfigured, match="secret"):
        client.send_event(plain_purchase)
    with pytest.raises(UsageError, match="owner and client_id"):
        connect(base_url=sandbox.url, api_key=sandbox.api_key).send_event(plain_purchase)


def test_the_secret_travels_over_https_or_to_this_machine_only():
    with pytest.raises(UsageError, match="https"):
        make_profile({"name": "x", "base_url": "http://api.example.com", "owner": "a@example.com"})


# --- personal data ---------------------------------------------------------------------------------------------


def test_no_address_is_written_down_or_logged_in_clear(client, sandbox, plain_purchase, caplog):
    caplog.set_level(logging.DEBUG)
    client.send_event(plain_purchase)
    sandbox.faults.put(Fault(kind="commit_then_cut", endpoint=EVENTS, times=1))
    with pytest.raises(ServerUnreachable):
        client.send_event(sm.Event(type="CART", email=CANARY, externalId="ORDER-2"))
    files = [path for path in home().rglob("*") if path.is_file()]
    assert len(files) >= 2
    for path in files:
        content = path.read_bytes()
        assert b"canary" not in content.lower(), path.name
        assert b"ORDER-" not in content, path.name
    assert "canary" not in caplog.text.lower()


def test_the_key_of_the_hashes_is_its_owners_alone(client, plain_purchase):
    client.send_event(plain_purchase)
    key = home() / "personal.key"
    assert key.stat().st_mode & 0o077 == 0
    assert len(key.read_bytes()) == 32


def test_an_error_of_the_server_repeats_no_address(plain_purchase):
    transport = Transport(success=False, message=[f"Contact {CANARY} is blocked"])
    with pytest.raises(Refused) as refused:
        live_client(transport, test_addresses=("@example.com",)).send_event(plain_purchase)
    told = f"{refused.value!r} {refused.value} {refused.value.violations}"
    assert "canary" not in told
    assert "c…@example.com is blocked" in told


def test_the_ledger_knows_how_each_sending_ended(client, sandbox, plain_purchase):
    client.send_event(plain_purchase)
    sandbox.faults.put(Fault(kind="commit_then_cut", endpoint=EVENTS, times=1))
    with pytest.raises(ServerUnreachable):
        client.send_event(sm.Event(type="CART", email=CANARY, externalId="ORDER-2"))
    with open_journal(client) as (book, _):
        runs = book.runs()
    assert [(run.totals.sent, run.totals.unknown) for run in runs] == [(1, 0), (0, 1)]


def test_a_secret_in_the_body_is_warned_about_once(client):
    with pytest.warns(SecretInBodyWarning):
        client.send_event(sm.Event(type="VISIT", email=CANARY), encoding="seed")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.send_event(sm.Event(type="VISIT", email=CANARY), encoding="seed")
