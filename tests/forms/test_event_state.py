"""EventForm's state: live checks, the requests shown, and one event sent once."""

from __future__ import annotations

import getpass
import json

import pytest

import smnotebook as sm
from smnotebook.forms.events.state import EventState
from smnotebook.forms.events.view import draw_event

ADDRESS = "canary.person@example.org"


@pytest.fixture(autouse=True)
def _own_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path))


@pytest.fixture
def client():
    """Of the embedded sandbox, which knows the signed body of events."""
    client = sm.connect("sandbox")
    for catalog in client.catalogs():
        catalog.delete()
    return client


@pytest.fixture
def state(client, at_once):
    client.create_catalog("Shop EU", "EUR", "shop_eu")
    return EventState(client, run=at_once)


def text_of(state):
    return json.dumps(draw_event(state).to_json(), ensure_ascii=False)


def test_an_empty_form_complains_of_nothing_and_says_what_is_needed(state):
    assert state.errors == {}
    assert "e-mail" in state.missing[0]
    assert "send" not in state.actions


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("email", "nobody", "one e-mail address"),
        ("value", "12,5,0", "a number"),
        ("date", "soon", "date and time"),
        ("products", "P" * 600, "512"),
        ("description", "d" * 3000, "2048"),
        ("detail3", "d" * 300, "255"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(state, hand, field, value, words):
    hand.fill(state, **({"email": ADDRESS} | {field: value}))
    assert words in state.errors[field]
    assert list(state.errors) == [field]
    assert "send" not in state.actions


def test_an_event_is_sent_and_what_came_back_is_kept_for_this_form(state, hand):
    hand.fill(state, email=ADDRESS, value="149,99", products="00107; 00114", externalId="order-1")
    state.press("send")
    assert state.notice.tone == "good"
    assert [past.type for past in state.history] == ["PURCHASE"]
    assert "Sent from this form" in text_of(state)


def test_the_same_event_again_is_a_question(state, hand):
    hand.fill(state, email=ADDRESS, externalId="order-2")
    state.press("send")
    state.press("send")
    assert state.question is not None
    assert list(state.actions) == ["agree", "decline"]
    state.press("decline")
    assert len(state.history) == 1
    state.press("send")
    state.press("agree")
    assert len(state.history) == 2


def test_the_only_catalogs_location_is_proposed_and_its_products_can_be_searched(state, client, at_once, hand):
    import pandas as pd

    frame = pd.DataFrame(
        {
            "productId": ["L1", "L2"],
            "name": "Lamp",
            "mainCategory": "Lamps",
            "description": "It shines.",
            "productUrl": "https://shop.example.org/lamp",
            "mainImageUrl": "https://shop.example.org/lamp.jpg",
            "available": True,
            "price": 10.0,
        }
    )
    frame.salesmanago.upsert_products(client.catalogs()[0], progress=False)
    state.press("look")
    assert state.entries.text("location") == "shop_eu"
    assert state.proposed_products == ["L1", "L2"]
    hand.fill(state, product="L2")
    state.press("add")
    hand.fill(state, product="L1")
    state.press("add")
    assert state.entries.text("products") == "L2, L1"


def test_the_requests_are_shown_without_secrets_and_void_after_a_change(state, hand, client):
    hand.fill(state, email=ADDRESS)
    state.press("show")
    shown = text_of(state)
    assert "curl" in shown
    assert "***" in shown
    secrets = [
        secret.get_secret_value()
        for secret in client.connection.authentication.confidential
        if len(secret.get_secret_value()) > 6
    ]
    assert not [secret for secret in secrets if secret in shown]
    hand.fill(state, value="1")
    assert state.dry_run is None


def test_the_contacts_address_is_in_nothing_that_is_drawn(state, hand):
    drawn = []
    state.on_change(lambda: drawn.append(text_of(state)))
    hand.fill(state, email=ADDRESS, value="1")
    state.press("show")
    state.press("send")
    assert state.history
    assert not [text for text in drawn if "canary.person" in text]


def test_the_code_sends_the_same_event(state, hand, client, monkeypatch):
    hand.fill(state, email=ADDRESS, value="10.50", products="A, B", detail2="blue")
    state.press("send")
    assert ADDRESS not in state.code
    sent = []
    monkeypatch.setattr(getpass, "getpass", lambda prompt: ADDRESS)
    monkeypatch.setattr(type(client), "send_event", lambda self, event: sent.append(event))
    exec(state.code, {"sm": sm, "client": client})  # noqa: S102 - the code under test
    (event,) = sent
    assert (event.email, float(event.value), event.products, event.detail2) == (ADDRESS, 10.5, "A,B", "blue")


def test_a_server_that_does_not_answer_is_a_sentence(client, at_once, hand, monkeypatch):
    state = EventState(client, run=at_once)
    hand.fill(state, email=ADDRESS)

    def lost(*arguments, **options):
        raise sm.errors.ServerUnreachable("No answer came. Look at the contact.", maybe_received=True)

    monkeypatch.setattr(type(client), "send_event", lost)
    state.press("send")
    assert state.notice.tone == "error"
    assert state.history == []
