"""ConnectForm's state: accounts, keys, and what is said about them."""

from __future__ import annotations

import getpass
import json
from datetime import date

import pytest
from pydantic import SecretStr

from smnotebook import settings
from smnotebook.forms.connect.state import NEW, ConnectState
from smnotebook.forms.connect.view import draw_connect
from smnotebook.profiles import Profile

TODAY = date(2026, 11, 21)
CANARY = "canary-key-5f1c77"


@pytest.fixture(autouse=True)
def _own_profiles(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path))


@pytest.fixture
def state(at_once, connect_once):
    return ConnectState(run=at_once, today=lambda: TODAY, open_client=connect_once)


@pytest.fixture
def keyring(monkeypatch):
    """A keyring that works, in memory."""
    kept = {}
    monkeypatch.setattr(
        "smnotebook.forms.connect.state.store_secret", lambda name, key, kind: kept.update({(name, kind): key})
    )
    return kept


def test_with_nothing_configured_the_sandbox_is_offered_and_one_press_connects(state):
    state.press("connect")
    assert state.connection.client.place.startswith("SANDBOX 127.0.0.1:")
    assert state.code.endswith("client = sm.connect('sandbox')")


def test_connect_stays_closed_until_a_new_account_has_its_key(state, hand, sandbox):
    hand.fill(state, where=NEW, base_url=sandbox.url)
    assert "connect" not in state.actions
    assert state.missing == ["the API key"]
    hand.fill(state, api_key=True)
    assert "connect" in state.actions


def test_a_press_that_overtakes_the_last_edit_carries_it_along(state, hand, sandbox):
    hand.fill(state, where=NEW, api_key=True, keep="kernel")
    late = hand.edit("base_url", sandbox.url)
    state.press("connect", [late], {"api_key": SecretStr(sandbox.api_key)})
    assert state.connection.client.connection.base_url == sandbox.url


def test_an_older_edit_that_arrives_late_changes_nothing(state, hand):
    older, newer = hand.edit("name", "li"), hand.edit("name", "live_eu")
    state.edit(newer)
    state.edit(older)
    assert state.entries.text("name") == "live_eu"


def test_a_wrong_key_is_said_in_a_sentence_and_the_form_stays_open(state, hand, sandbox):
    hand.fill(state, where=NEW, base_url=sandbox.url, api_key=True, keep="kernel")
    state.press("connect", (), {"api_key": SecretStr(CANARY)})
    assert state.connection is None
    assert state.notice.tone == "error"
    assert "key" in state.notice.text
    assert not state.entries.ticked("api_key")


def test_a_key_in_the_kernel_only_leaves_no_profile_behind(state, hand, sandbox):
    hand.fill(state, where=NEW, base_url=sandbox.url, api_key=True, keep="kernel")
    state.press("connect", (), {"api_key": SecretStr(sandbox.api_key)})
    assert settings.profile_names() == []
    assert "getpass" in state.code
    assert sandbox.api_key not in state.code


def test_a_key_that_works_is_kept_in_the_keyring_and_its_account_is_saved(state, hand, sandbox, keyring):
    hand.fill(state, where=NEW, name="shop", base_url=sandbox.url, api_key=True, key_created="2026-11-01")
    state.press("connect", (), {"api_key": SecretStr(sandbox.api_key)})
    assert keyring["shop", "api_key"].get_secret_value() == sandbox.api_key
    assert settings.load_profile("shop").key_created == date(2026, 11, 1)
    assert state.code.endswith("client = sm.connect('shop')")


def test_a_key_that_does_not_work_is_not_kept(state, hand, sandbox, keyring):
    hand.fill(state, where=NEW, name="shop", base_url=sandbox.url, api_key=True)
    state.press("connect", (), {"api_key": SecretStr(CANARY)})
    assert keyring == {}
    assert settings.profile_names() == []


def test_without_a_keyring_the_connection_stands_and_says_where_the_key_stays(state, hand, sandbox):
    hand.fill(state, where=NEW, name="shop", base_url=sandbox.url, api_key=True)
    state.press("connect", (), {"api_key": SecretStr(sandbox.api_key)})
    assert state.connection is not None
    assert "It stays in this kernel only." in state.notice.text
    assert "getpass" in state.code


def test_a_server_that_does_not_answer_is_a_sentence(state, hand, sandbox):
    url = sandbox.url
    sandbox.stop()
    hand.fill(state, where=NEW, base_url=url, api_key=True, keep="kernel")
    state.press("connect", (), {"api_key": SecretStr(CANARY)})
    assert state.notice.tone == "error"
    assert state.busy == ""
    assert "Traceback" not in state.notice.text


def test_the_key_is_in_nothing_that_is_drawn(state, hand, sandbox):
    seen = []
    state.on_change(lambda: seen.append(json.dumps(draw_connect(state).to_json())))
    hand.fill(state, where=NEW, base_url=sandbox.url, api_key=True, keep="kernel")
    state.press("connect", (), {"api_key": SecretStr(sandbox.api_key)})
    assert state.connection is not None
    assert not [tree for tree in seen if sandbox.api_key in tree]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "sandbox", "the sandbox's"),
        ("name", "1st shop", "begin with a letter"),
        ("base_url", "api.salesmanago.com", "http"),
        ("base_url", "http://api.salesmanago.com", "https"),
        ("key_created", "yesterday", "Give a day"),
        ("key_created", "2031-01-01", "still to come"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_connect_stays_closed(state, hand, field, value, words):
    hand.fill(state, where=NEW, api_key=True, **{field: value})
    assert words in state.errors[field]
    assert list(state.errors) == [field]
    assert "connect" not in state.actions


@pytest.mark.parametrize(("limit", "is_right"), [("", False), ("0", False), ("1.5", False), ("2500", True)])
def test_a_custom_plan_needs_its_number(state, hand, limit, is_right):
    hand.fill(state, where=NEW, api_key=True, plan="custom", hourly_limit=limit)
    assert ("connect" in state.actions) is is_right


@pytest.mark.parametrize(
    ("created", "words"), [("2026-11-01", ""), ("2026-09-02", "is due in 10 days"), ("2026-08-01", "days is due")]
)
def test_the_age_of_a_saved_key_is_said_from_day_80_on(at_once, created, words):
    settings.save_profile(Profile(name="shop", key_created=date.fromisoformat(created)))
    state = ConnectState("shop", run=at_once, today=lambda: TODAY)
    assert words in state.key_age_advice
    assert bool(words) is bool(state.key_age_advice)


def test_events_need_all_of_their_fields_or_none(state, hand):
    hand.fill(state, where=NEW, api_key=True)
    assert "connect" in state.actions
    hand.fill(state, owner="owner@example.org")
    assert sorted(state.errors) == ["api_secret", "client_id", "events_url"]
    hand.fill(state, api_secret=True, client_id="c1", events_url="app2.salesmanago.pl")
    assert list(state.errors) == ["events_url"]
    hand.fill(state, events_url="https://app2.salesmanago.pl")
    assert "connect" in state.actions


def test_the_secret_of_events_is_kept_beside_the_key(state, hand, sandbox, keyring):
    hand.fill(state, where=NEW, name="shop", base_url=sandbox.url, api_key=True, api_secret=True)
    hand.fill(state, client_id="c1", owner="owner@example.org", events_url="https://app2.salesmanago.pl")
    secrets = {"api_key": SecretStr(sandbox.api_key), "api_secret": SecretStr(CANARY)}
    state.press("connect", (), secrets)
    assert keyring["shop", "api_secret"].get_secret_value() == CANARY
    assert settings.load_profile("shop").client_id == "c1"


def test_the_code_for_a_key_that_is_not_kept_makes_the_same_account(state, hand, sandbox, monkeypatch):
    hand.fill(state, where=NEW, name="shop", base_url=sandbox.url, api_key=True, plan="professional", keep="kernel")
    state.press("connect", (), {"api_key": SecretStr(sandbox.api_key)})
    monkeypatch.setattr(getpass, "getpass", lambda prompt: sandbox.api_key)
    namespace = {}
    exec(state.code, namespace)  # noqa: S102 - the code under test
    assert namespace["client"].profile.requests_per_hour == 1000
    assert namespace["client"].catalogs() == []


def test_another_account_can_be_connected_and_followers_hear_of_each(state):
    heard = []
    state.on_connect(heard.append)
    state.press("connect")
    state.press("change")
    assert state.connection is None
    state.press("connect")
    assert len(heard) == 2


def test_who_follows_late_hears_of_the_client_there_is(state):
    state.press("connect")
    heard = []
    state.on_connect(heard.append)
    assert heard == [state.connection.client]


def test_a_second_press_while_the_first_is_under_way_does_nothing(hand):
    waiting = []
    state = ConnectState(run=waiting.append)
    state.press("connect")
    state.press("connect")
    assert state.busy == "Connecting"
    assert len(waiting) == 1
