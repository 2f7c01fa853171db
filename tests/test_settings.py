"""Where profiles and secrets come from, in which order, and what is said when they don't come."""

import json
import os
import stat
import threading
from datetime import date, timedelta

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError
from pydantic import SecretStr

from smnotebook import settings
from smnotebook.contract import Authentication
from smnotebook.errors import NotConfigured, UsageError
from smnotebook.profiles import Profile, key_age_advice, make_profile

TODAY = date(2026, 11, 21)
CANARY = "canaryKEY7f3a9b2c"


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


class LockedKeyring(MemoryKeyring):
    def get_password(self, *_):
        raise KeyringLocked("locked, with canaryKEY7f3a9b2c inside")

    set_password = delete_password = get_password


class ForgetfulKeyring(MemoryKeyring):
    def set_password(self, service, username, password):
        pass


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))
    for name in ("SMNOTEBOOK_PROFILE", "SMNOTEBOOK_LIVE_API_KEY", "SMNOTEBOOK_LIVE_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def use_keyring():
    before = keyring.get_keyring()

    def use(backend):
        keyring.set_keyring(backend)
        return backend

    yield use
    keyring.set_keyring(before)


LIVE = Profile(name="live", plan="enterprise", owner="owner@example.com", key_created=date(2026, 9, 1))


def test_the_home_is_the_one_of_the_environment(home):
    assert settings.home() == home
    assert settings.ledger_path().parent == settings.profiles_path().parent == home


def test_without_a_word_the_home_is_the_systems_place(monkeypatch):
    monkeypatch.delenv("SMNOTEBOOK_HOME")
    assert settings.home().name == "smnotebook"


def test_asking_for_profiles_writes_nothing(home):
    assert settings.profile_names() == []
    assert not home.exists()


def test_a_saved_profile_is_loaded_as_it_was():
    settings.save_profile(LIVE)
    settings.save_profile(LIVE.model_copy(update={"name": "other"}))
    assert settings.profile_names() == ["live", "other"]
    assert settings.load_profile("live") == LIVE


def test_the_embedded_sandboxs_name_is_kept_for_it():
    with pytest.raises(UsageError, match="another name"):
        settings.save_profile(Profile(name="sandbox"))
    assert settings.profile_names() == []


def test_a_deleted_profile_is_gone():
    settings.save_profile(LIVE)
    settings.delete_profile("live")
    assert settings.profile_names() == []
    with pytest.raises(NotConfigured, match="nothing to delete"):
        settings.delete_profile("live")


def test_an_unknown_profile_names_those_there_are_and_the_way_out():
    settings.save_profile(LIVE)
    with pytest.raises(NotConfigured, match=r"Saved are 'live'.*SMNOTEBOOK_<PROFILE>_API_KEY"):
        settings.load_profile("shop-2")


def test_a_key_in_the_environment_is_enough_for_a_profile(monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_LIVE_API_KEY", CANARY)
    assert settings.load_profile("live").base_url == "https://api.salesmanago.com"


def test_a_base_url_in_the_environment_replaces_the_saved_one(monkeypatch):
    settings.save_profile(LIVE)
    monkeypatch.setenv("SMNOTEBOOK_LIVE_BASE_URL", "https://api.example.com/")
    assert settings.load_profile("live").base_url == "https://api.example.com"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights elsewhere")
def test_the_file_of_profiles_is_for_its_owner_only():
    settings.save_profile(LIVE)
    assert stat.S_IMODE(settings.profiles_path().stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"profiles": []}', '{"profiles": {"live": 3}}', "\xff"])
def test_a_damaged_file_is_said_and_left_as_it_is(home, text):
    home.mkdir()
    settings.profiles_path().write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match="damaged"):
        settings.load_profile("live")
    with pytest.raises(UsageError, match="damaged"):
        settings.save_profile(LIVE)
    assert settings.profiles_path().read_text(encoding="latin-1") == text


def test_a_home_that_cannot_be_written_is_said(home):
    home.write_text("a file where the folder should be")
    with pytest.raises(UsageError, match="SMNOTEBOOK_HOME"):
        settings.save_profile(LIVE)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"name": "1st"}, "name"),
        ({"name": "live\n"}, "name"),
        ({"name": "a", "base_url": "http://api.example.com"}, "unencrypted"),
        ({"name": "a", "base_url": "https://user:hunter2@api.example.com"}, "no user"),
        ({"name": "a", "plan": "gold"}, "plan"),
        ({"name": "a", "plan": "custom"}, "hourly_limit"),
        ({"name": "a", "hourly_limit": 0}, "hourly_limit"),
        ({"name": "a", "authentication": Authentication.SIGNED_BODY}, "owner and client_id"),
        ({"name": "a", "authentication": "secret in the body"}, "owner"),
        ({"name": "a", "api_key": "hunter2"}, "api_key"),
    ],
)
def test_a_profile_that_cannot_work_is_refused_and_its_values_are_not_shown(fields, word):
    with pytest.raises(UsageError, match=word) as caught:
        make_profile(fields)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({}, None),
        ({"plan": "professional"}, 1000),
        ({"plan": "enterprise"}, 10_000),
        ({"plan": "custom", "hourly_limit": 2500}, 2500),
        ({"plan": "enterprise", "hourly_limit": 50}, 50),
    ],
)
def test_the_quota_follows_the_plan_unless_a_number_is_given(fields, limit):
    assert Profile(name="a", **fields).requests_per_hour == limit


def test_the_argument_goes_before_the_environment_and_that_before_the_keyring(use_keyring, monkeypatch):
    use_keyring(MemoryKeyring())
    settings.store_secret("live", SecretStr("from-keyring"))
    assert settings.find_secret("live").get_secret_value() == "from-keyring"
    monkeypatch.setenv("SMNOTEBOOK_LIVE_API_KEY", "from-environment")
    assert settings.find_secret("live").get_secret_value() == "from-environment"
    given = SecretStr("from-argument")
    assert settings.find_secret("live", given=given) is given


def test_key_and_secret_are_kept_apart(use_keyring):
    use_keyring(MemoryKeyring())
    settings.store_secret("live", SecretStr("one"), "api_key")
    settings.store_secret("live", SecretStr("two"), "api_secret")
    assert settings.find_secret("live", "api_secret").get_secret_value() == "two"


def test_an_empty_variable_is_no_key(use_keyring, monkeypatch):
    use_keyring(MemoryKeyring())
    monkeypatch.setenv("SMNOTEBOOK_LIVE_API_KEY", "")
    with pytest.raises(NotConfigured, match="the keyring has none"):
        settings.find_secret("live")


def test_a_broken_keyring_is_a_clear_word_and_shows_nothing(use_keyring):
    use_keyring(LockedKeyring())
    with pytest.raises(NotConfigured, match=r"KeyringLocked.*SMNOTEBOOK_LIVE_API_KEY") as caught:
        settings.find_secret("live")
    assert CANARY not in repr(caught.getrepr(showlocals=True, chain=True))
    for act in (lambda: settings.store_secret("live", SecretStr("x")), lambda: settings.forget_secret("live")):
        with pytest.raises(UsageError, match="KeyringLocked"):
            act()


def test_a_keyring_that_keeps_nothing_is_found_out(use_keyring):
    use_keyring(ForgetfulKeyring())
    with pytest.raises(UsageError, match="kept nothing"):
        settings.store_secret("live", SecretStr(CANARY))


class StuckKeyring(MemoryKeyring):
    """Locked: every call waits for a prompt, until somebody answers it."""

    def __init__(self):
        super().__init__()
        self.unlocked = threading.Event()
        self.asked = 0

    def get_password(self, *_):
        self.asked += 1
        self.unlocked.wait(30)
        return CANARY


def test_a_locked_keyring_is_given_up_on_and_asked_again_once_it_answers(use_keyring, monkeypatch):
    monkeypatch.setattr(settings, "_KEYRING_SECONDS", 0.05)
    backend = use_keyring(StuckKeyring())
    for _ in range(3):
        with pytest.raises(NotConfigured, match=r"locked.*set SMNOTEBOOK_LIVE_API_KEY"):
            settings.find_secret("live")
    assert backend.asked == 1, "while one question hangs, nobody waits for another"
    backend.unlocked.set()
    settings._Question.stuck.is_over.wait(30)
    assert settings.find_secret("live").get_secret_value() == CANARY


@pytest.mark.parametrize("secret", [CANARY, CANARY.encode(), [CANARY]])
def test_only_a_secret_that_is_veiled_is_stored(use_keyring, secret):
    backend = use_keyring(MemoryKeyring())
    with pytest.raises(UsageError, match="SecretStr") as caught:
        settings.store_secret("live", secret)
    assert CANARY not in str(caught.value)
    assert backend.kept == {}


@pytest.mark.parametrize("call", [settings.load_profile, settings.delete_profile])
def test_a_key_in_the_place_of_a_name_is_not_repeated(call):
    settings.save_profile(LIVE)
    with pytest.raises(NotConfigured) as caught:
        call(CANARY)
    assert CANARY not in str(caught.value)


def test_a_forgotten_secret_is_gone_and_forgetting_twice_is_fine(use_keyring):
    backend = use_keyring(MemoryKeyring())
    settings.store_secret("live", SecretStr(CANARY))
    settings.forget_secret("live")
    settings.forget_secret("live")
    assert backend.kept == {}


def test_rotating_replaces_the_key_and_notes_the_day(use_keyring):
    use_keyring(MemoryKeyring())
    settings.save_profile(LIVE)
    settings.store_secret("live", SecretStr("old"))
    renewed = settings.rotate("live", SecretStr("new"), today=TODAY)
    assert settings.find_secret("live").get_secret_value() == "new"
    assert renewed.key_created == settings.load_profile("live").key_created == TODAY


def test_where_the_keyring_fails_rotating_changes_nothing(use_keyring):
    use_keyring(LockedKeyring())
    settings.save_profile(LIVE)
    with pytest.raises(UsageError):
        settings.rotate("live", SecretStr("new"), today=TODAY)
    assert settings.load_profile("live") == LIVE


@pytest.mark.parametrize(
    ("days", "word"),
    [(0, None), (79, None), (80, "is due in 10 days"), (89, "is due in 1 day."), (90, "is due."), (400, "is due.")],
)
def test_the_age_of_a_key_is_said_from_day_80_on(days, word):
    advice = key_age_advice(LIVE.model_copy(update={"key_created": TODAY - timedelta(days=days)}), today=TODAY)
    assert (advice is None) if word is None else (word in advice and f"{days} days old" in advice)


def test_a_key_of_unknown_age_earns_no_word():
    assert key_age_advice(Profile(name="a"), today=TODAY) is None


def test_no_secret_reaches_the_file_of_profiles(use_keyring):
    use_keyring(MemoryKeyring())
    settings.save_profile(LIVE)
    settings.rotate("live", SecretStr(CANARY), today=TODAY)
    assert CANARY not in settings.profiles_path().read_text()
    assert json.loads(settings.profiles_path().read_text())["version"] == 1
