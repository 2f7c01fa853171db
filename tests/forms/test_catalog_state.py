"""CatalogForm's state: what is proposed, what is refused, and what reaches the server."""

from __future__ import annotations

import gc
import json
import weakref

import pytest

from smnotebook.errors import UsageError
from smnotebook.forms.catalogs.proposals import find_meant_currency, propose_location
from smnotebook.forms.catalogs.state import CatalogState
from smnotebook.forms.catalogs.view import draw_catalogs
from smnotebook.forms.connect.state import ConnectState
from smnotebook.forms.events.state import EventState
from smnotebook.forms.fix.state import FixState
from smnotebook.forms.upload.state import UploadState


@pytest.fixture
def state(client, at_once):
    return CatalogState(client, run=at_once)


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("Shop EU", "shop_eu"),
        ("Łódź – sklep", "lodz_sklep"),
        ("2nd shop", "shop_2nd_shop"),
        ("Straße", "strasse"),
        ("日本", ""),
        ("x" * 60, "x" * 36),
    ],
)
def test_a_location_is_made_from_the_name(name, location):
    assert propose_location(name) == location


@pytest.mark.parametrize(
    ("typed", "code"),
    [("pln", "PLN"), ("EUR", "EUR"), (" euro ", "EUR"), ("zloty", "PLN"), ("yen", "JPY"), ("money", None), ("", None)],
)
def test_a_currency_is_found_by_code_and_by_name(typed, code):
    found = find_meant_currency(typed)
    assert (found and found.code) == code


def test_a_catalog_is_made_as_it_was_typed_and_the_code_says_how(state, hand, sandbox):
    hand.fill(state, name="Shop EU", currency="euro", default=True)
    state.press("create")
    (stored,) = sandbox.catalogs()
    assert (stored["name"], stored["currency"], stored["location"]) == ("Shop EU", "EUR", "shop_eu")
    assert stored["setAsDefault"] is True
    assert state.catalog.name == "Shop EU"
    assert "client.create_catalog(" in state.code
    assert "currency='EUR'" in state.code
    assert state.entries.text("name") == ""


def test_the_code_makes_the_same_catalog(state, hand, sandbox, client):
    hand.fill(state, name='O\'Reilly "Büro"', currency="EUR", location="books")
    state.press("create")
    first = sandbox.catalogs()[0]
    sandbox.reset()
    exec(state.code, {"client": client})  # noqa: S102 - the code under test
    second = sandbox.catalogs()[0]
    assert {key: first[key] for key in ("name", "currency", "location")} == {
        key: second[key] for key in ("name", "currency", "location")
    }


def test_a_location_that_somebody_typed_is_left_alone(state, hand):
    hand.fill(state, name="Shop", location="mine")
    hand.fill(state, name="Shop EU")
    assert state.entries.text("location") == "mine"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "n" * 65, "64"),
        ("currency", "EURO!", "The currency"),
        ("currency", "XAU", "The currency"),
        ("location", "1st", "The location"),
        ("location", "shop-eu", "The location"),
    ],
)
def test_what_the_api_would_refuse_is_said_beside_its_field(state, hand, field, value, words):
    hand.fill(state, **({"name": "Shop", "currency": "EUR", "location": "shop"} | {field: value}))
    assert words in state.verdicts.errors[field]
    assert "create" not in state.actions
    assert "|" not in state.verdicts.errors[field]


def test_an_empty_form_complains_of_nothing(state):
    assert state.verdicts.errors == {}
    assert state.missing == ["name", "currency", "location"]


def test_a_long_location_draws_advice_and_may_still_be_sent(state, hand):
    hand.fill(state, name="Shop", currency="EUR", location="l" * 40)
    assert "location" in state.verdicts.hints
    assert "create" in state.actions


def test_a_name_or_location_in_use_is_said(state, hand):
    hand.fill(state, name="Shop", currency="EUR")
    state.press("create")
    hand.fill(state, name="Shop", currency="EUR")
    assert "has this name already" in state.verdicts.hints["name"]
    assert "has this location already" in state.verdicts.hints["location"]


def test_a_catalog_is_changed_field_by_field(state, hand, client, sandbox):
    made = client.create_catalog("Old", "EUR", "old")
    state.press("refresh")
    state.press(f"edit {made.id}")
    assert state.entries.text("currency") == "EUR"
    hand.fill(state, name="New", currency="pln")
    state.press("update")
    assert sandbox.catalogs()[0]["name"] == "New"
    assert state.code.splitlines()[-1] == "catalog.update(name='New', currency='PLN')"
    assert state.editing is None


def test_a_late_edit_from_before_a_catalog_was_made_does_not_fill_the_next_one(state, hand):
    late = hand.edit("name", "Sho")
    hand.fill(state, name="Shop", currency="EUR")
    state.press("create")
    state.edit(late)
    assert state.entries.text("name") == ""


def test_deleting_takes_two_words(state, client, sandbox):
    made = client.create_catalog("Old", "EUR", "old")
    state.press("refresh")
    state.press("delete")
    assert len(sandbox.catalogs()) == 1
    state.press(f"delete {made.id}")
    assert "delete" in state.actions
    assert list(state.actions) == ["delete", "keep"]
    state.press("delete")
    assert sandbox.catalogs() == []
    assert state.catalogs == []


def test_a_catalog_can_be_kept_after_all(state, client, sandbox):
    made = client.create_catalog("Old", "EUR", "old")
    state.press("refresh")
    state.press(f"delete {made.id}")
    state.press("keep")
    assert state.deleting is None
    assert len(sandbox.catalogs()) == 1


def test_a_full_account_says_so_before_anything_is_typed(state, client):
    for number in range(state.limits.catalogs_max):
        client.create_catalog(f"Shop {number}", "EUR", f"shop_{number}")
    state.press("refresh")
    assert state.is_full
    assert "holds as many catalogs as it may" in json.dumps(draw_catalogs(state).to_json())


def test_a_form_that_follows_another_waits_for_its_client(at_once):
    connect = ConnectState(run=at_once)
    state = CatalogState(connect, run=at_once)
    assert state.client is None
    assert dict(state.actions) == {}
    connect.press("connect")
    assert state.client is connect.connection.client
    assert state.limits is not None


def test_what_is_no_client_is_refused_in_words(at_once):
    with pytest.raises(UsageError, match="needs a client or a ConnectForm, not str"):
        CatalogState("live", run=at_once)


def test_a_server_that_went_away_is_a_sentence_and_the_fields_stay(state, hand, sandbox):
    hand.fill(state, name="Shop", currency="EUR")
    sandbox.stop()
    state.press("create")
    assert state.notice.tone == "error"
    assert state.entries.text("name") == "Shop"
    assert "create" in state.actions


def test_the_other_forms_know_at_once_of_a_catalog_that_was_made(client, at_once, hand):
    forms = [UploadState(client, run=at_once), EventState(client, run=at_once), FixState(client, run=at_once)]
    client.create_catalog("From elsewhere", "EUR", "elsewhere")
    for form in forms:
        form.press("look")
    state = CatalogState(client, run=at_once)
    hand.fill(state, name="Shop EU", currency="EUR", location="shop_eu")
    state.press("create")
    upload, event, _ = forms
    assert upload.catalog.name == "Shop EU"
    assert event.entries.text("location") == "shop_eu"
    assert [[catalog.name for catalog in form.catalogs] for form in forms] == [["From elsewhere", "Shop EU"]] * 3


def test_a_catalog_that_somebody_chose_stays_chosen(client, at_once, hand):
    first = client.create_catalog("From elsewhere", "EUR", "elsewhere")
    upload = UploadState(client, run=at_once)
    hand.fill(upload, catalog=first.id)
    state = CatalogState(client, run=at_once)
    hand.fill(state, name="Shop EU", currency="EUR", location="shop_eu")
    state.press("create")
    assert upload.catalog == first


def test_a_form_that_is_gone_is_told_nothing(client, at_once, hand):
    upload = UploadState(client, run=at_once)
    gone = weakref.ref(upload)
    del upload
    gc.collect()
    assert gone() is None
    state = CatalogState(client, run=at_once)
    hand.fill(state, name="Shop EU", currency="EUR", location="shop_eu")
    state.press("create")
    assert state.notice.tone == "good"
