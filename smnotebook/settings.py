"""Profiles, credentials and places: the only reader of the environment and of the keyring.

A profile is one account at one server; it holds no secret. The key comes from the argument, else the environment
(``SMNOTEBOOK_LIVE_API_KEY`` for the profile ``live``), else the system's keyring.

Environment variables: ``SMNOTEBOOK_HOME`` (folder of profiles and ledger), ``SMNOTEBOOK_PROFILE`` (what ``connect()``
without a name takes), and for each profile ``SMNOTEBOOK_<PROFILE>_API_KEY``, ``_API_SECRET`` and ``_BASE_URL``.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from types import ModuleType
from typing import Any, ClassVar, Generic, Literal, TypeVar

import platformdirs
from pydantic import SecretStr

from smnotebook.errors import NotConfigured, UsageError
from smnotebook.process import WORKING_DIRECTORY
from smnotebook.profiles import Profile, make_profile, read_profiles, write_profiles

__all__ = [
    "EMBEDDED",
    "SecretKind",
    "default_profile_name",
    "delete_profile",
    "find_secret",
    "forget_secret",
    "home",
    "keyring_name",
    "ledger_path",
    "load_profile",
    "mappings_path",
    "personal_key_path",
    "profile_names",
    "profiles_path",
    "rotate",
    "sandbox_ledger_path",
    "save_profile",
    "store_secret",
    "temporary_home",
]

#: The name that ``connect()`` keeps for the sandbox that ships inside.
EMBEDDED = "sandbox"

SecretKind = Literal["api_key", "api_secret"]

_T = TypeVar("_T")
_KEYRING_SERVICE = "smnotebook"
# Long enough for a slow one, short enough that nobody takes the notebook for dead.
_KEYRING_SECONDS = 10.0
_WORDS: dict[SecretKind, str] = {"api_key": "API key", "api_secret": "API secret"}


# --- places ----------------------------------------------------------------------------------------------------


def home() -> Path:
    """The folder of profiles and ledger: ``SMNOTEBOOK_HOME``, else the system's place for an application's data.

    A relative path counts from the working directory at import, so that a notebook that changes its folder keeps its
    ledger.
    """
    chosen = os.environ.get("SMNOTEBOOK_HOME")
    if chosen:
        return WORKING_DIRECTORY / Path(chosen).expanduser()
    return platformdirs.user_data_path("smnotebook", appauthor=False)


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A home for this process that is gone afterwards: what runs in it leaves no trace among the analyst's things."""
    before = os.environ.get("SMNOTEBOOK_HOME")
    with TemporaryDirectory(prefix="smnotebook-") as folder:
        os.environ["SMNOTEBOOK_HOME"] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ["SMNOTEBOOK_HOME"]
            if before is not None:
                os.environ["SMNOTEBOOK_HOME"] = before


def profiles_path() -> Path:
    """The file of profiles; it holds no secret."""
    return home() / "profiles.json"


def mappings_path() -> Path:
    """The file of edited mappings; it holds names of columns and fields."""
    return home() / "mappings.json"


def ledger_path() -> Path:
    """The ledger's database of live accounts."""
    return home() / "ledger.sqlite3"


def sandbox_ledger_path() -> Path:
    """The ledger's database of sandboxes, apart so that trials never mix with the record of a shop."""
    return home() / "sandbox-ledger.sqlite3"


def personal_key_path(ledger: Path) -> Path:
    """The key of the hashes that stand for personal data in this ledger."""
    return ledger.with_name("personal.key")


# --- profiles --------------------------------------------------------------------------------------------------


def default_profile_name() -> str | None:
    """What ``connect()`` without a name takes: ``SMNOTEBOOK_PROFILE``, or None for the embedded sandbox."""
    return os.environ.get("SMNOTEBOOK_PROFILE") or None


def profile_names() -> list[str]:
    """The saved profiles, in alphabetical order."""
    return sorted(read_profiles(profiles_path()))


def load_profile(name: str) -> Profile:
    """A saved profile, or one that the environment has a key or a base URL for.

    Raises
    ------
    NotConfigured
        No such profile.
    UsageError
        The file of profiles is damaged.
    """
    saved = read_profiles(profiles_path()).get(name)
    base_url = os.environ.get(_variable(name, "base_url"))
    if saved is None and base_url is None and not os.environ.get(_variable(name, "api_key")):
        raise NotConfigured(
            f"There is no profile of this name. {_nearest(name)} Save one with save_profile(), set "
            "SMNOTEBOOK_<PROFILE>_API_KEY, or call connect(base_url=..., api_key=...)."
        )
    return make_profile({"name": name} | (saved or {}) | ({"base_url": base_url} if base_url else {}))


def _nearest(name: str) -> str:
    """Which saved profiles may be meant; the name itself is not repeated, since it may be a key given by mistake."""
    known = profile_names()
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"Saved are {', '.join(map(repr, known))}." if known else "None is saved yet."


def save_profile(profile: Profile) -> None:
    """Write a profile, in place of one of the same name.

    Raises
    ------
    UsageError
        The name is that of the embedded sandbox, or the file can't be written.
    """
    if profile.name == EMBEDDED:
        raise UsageError(f"The name {EMBEDDED!r} stands for the sandbox that ships inside. Save under another name.")
    fields = profile.model_dump(mode="json", exclude={"name"}, exclude_none=True)
    write_profiles(profiles_path(), read_profiles(profiles_path()) | {profile.name: fields})


def delete_profile(name: str) -> None:
    """Forget a profile; its secrets stay in the keyring until :func:`forget_secret`."""
    profiles = read_profiles(profiles_path())
    if profiles.pop(name, None) is None:
        raise NotConfigured(f"There is no saved profile of this name, so there is nothing to delete. {_nearest(name)}")
    write_profiles(profiles_path(), profiles)


# --- secrets ---------------------------------------------------------------------------------------------------


def find_secret(profile_name: str, kind: SecretKind = "api_key", *, given: SecretStr | None = None) -> SecretStr:
    """A profile's key or secret: the one given, else from the environment, else from the keyring.

    Raises
    ------
    NotConfigured
        None of them has one; says why the keyring has none.
    """
    if given is not None:
        return given
    variable = _variable(profile_name, kind)
    if os.environ.get(variable):
        return SecretStr(os.environ[variable])
    try:
        found = _ask_keyring(lambda keyring: _veiled(keyring.get_password(*_entry(profile_name, kind))))
        trouble = "the keyring has none"
    except _KeyringFailed as fault:
        found, trouble = None, f"the system's keyring does not work here ({fault.trouble})"
    if found is None:
        raise NotConfigured(
            f"No {_WORDS[kind]} for the profile {profile_name!r}: {trouble}. Give it as an argument, set {variable}, "
            "or keep it in the keyring with store_secret()."
        )
    return found


def store_secret(profile_name: str, secret: SecretStr, kind: SecretKind = "api_key") -> None:
    """Keep a secret in the system's keyring, in place of the one there.

    Raises
    ------
    UsageError
        There is no keyring that works; says what to do instead.
    """
    if not isinstance(secret, SecretStr):
        del secret  # the frame of this error would show it
        raise UsageError(f"The {_WORDS[kind]} must be a SecretStr: store_secret({profile_name!r}, SecretStr(...)).")

    def store(keyring: ModuleType) -> bool:
        entry = _entry(profile_name, kind)
        keyring.set_password(*entry, secret.get_secret_value())
        return _veiled(keyring.get_password(*entry)) == secret

    if not _ask_keyring(store):
        raise UsageError("The system's keyring took the secret and kept nothing. Use the environment variable instead.")


def forget_secret(profile_name: str, kind: SecretKind = "api_key") -> None:
    """Take a secret out of the keyring; nothing happens where there is none."""

    def delete(keyring: ModuleType) -> None:
        with suppress(keyring.errors.PasswordDeleteError):
            keyring.delete_password(*_entry(profile_name, kind))

    _ask_keyring(delete)


def rotate(name: str, secret: SecretStr, kind: SecretKind = "api_key", *, today: date | None = None) -> Profile:
    """Replace a saved profile's secret and note the day; returns the profile as it now stands.

    The old secret is still valid at the server until it is revoked there. Where the keyring fails, nothing changes.
    """
    profile = load_profile(name)
    store_secret(name, secret, kind)
    renewed = profile.model_copy(update={"key_created": today or date.today()})
    save_profile(renewed)
    return renewed


def keyring_name() -> str | None:
    """What the system's keyring is called, None where there is none that keeps anything."""
    try:
        found = _ask_keyring(lambda keyring: keyring.get_keyring())
    except UsageError:
        return None
    return str(found.name) if found.priority > 0 else None


def _variable(profile_name: str, what: str) -> str:
    return f"SMNOTEBOOK_{re.sub('[^A-Za-z0-9]', '_', profile_name)}_{what}".upper()


def _entry(profile_name: str, kind: SecretKind) -> tuple[str, str]:
    return _KEYRING_SERVICE, f"{profile_name}: {_WORDS[kind]}"


def _veiled(value: str | None) -> SecretStr | None:
    return None if value is None else SecretStr(value)


class _KeyringFailed(UsageError):
    def __init__(self, trouble: str) -> None:
        self.trouble = trouble
        super().__init__(
            f"The system's keyring does not work here ({trouble}); on a server or in a container there often is none. "
            "Set the environment variable instead, or give the secret as an argument."
        )


class _Question(Generic[_T]):
    """One call of the keyring, in a thread of its own: a locked one waits for a prompt that nobody may ever see."""

    #: The question that was given up; while it hangs, every other would too.
    stuck: ClassVar[_Question[Any] | None] = None

    def __init__(self, action: Callable[[ModuleType], _T]) -> None:
        self._action = action
        self._answers: list[_T] = []
        self._trouble = ""
        self.is_over = Event()

    def ask(self) -> _T:
        if _Question.stuck is None or _Question.stuck.is_over.is_set():
            _Question.stuck = None
            Thread(target=self._run, name="smnotebook-keyring", daemon=True).start()
            if self.is_over.wait(_KEYRING_SECONDS):
                if self._answers:
                    return self._answers[0]
                raise _KeyringFailed(self._trouble)
            _Question.stuck = self
        raise _KeyringFailed(f"no answer within {_KEYRING_SECONDS:g} s; it may be locked and wait to be unlocked")

    def _run(self) -> None:
        try:
            # imported here: its backends take a while to load, and most calls don't come this far
            import keyring

            self._answers.append(self._action(keyring))
        except Exception as fault:  # noqa: BLE001 - backends raise whatever their system does
            self._trouble = type(fault).__name__
        finally:
            self.is_over.set()


def _ask_keyring(action: Callable[[ModuleType], _T]) -> _T:
    return _Question(action).ask()
