"""ConnectForm without its looks: which account, which key, and whether the server takes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import SecretStr

from smnotebook.client import Client, Limits, connect
from smnotebook.errors import NotConfigured, UsageError
from smnotebook.forms.entries import Entries
from smnotebook.forms.state import FormState, Run, Secrets, in_background
from smnotebook.profiles import PROPOSED_BASE_URL, Profile, key_age_advice, make_profile
from smnotebook.settings import default_profile_name, load_profile, profile_names, save_profile, store_secret

__all__ = ["NEW", "SANDBOX", "ConnectState", "Connection"]

SANDBOX = "sandbox"
NEW = ""  # no profile can have this name

_KEY = "api_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connection that was tried and works.

    Attributes
    ----------
    is_saved : bool
        Whether ``connect(profile)`` finds account and key again.
    advice : tuple of str
        What the analyst should know about it.
    """

    client: Client
    limits: Limits
    is_saved: bool
    advice: tuple[str, ...] = ()


class ConnectState(FormState):
    """Fields, errors and the connection.

    Parameters
    ----------
    chosen : str, optional
        The account to begin with.
    today : callable
        Gives the day by which a key's age is counted.
    open_client : callable
        Called like :func:`smnotebook.connect`.
    """

    def __init__(
        self,
        chosen: str | None = None,
        *,
        run: Run = in_background,
        today: Callable[[], date] = date.today,
        open_client: Callable[..., Client] = connect,
    ) -> None:
        super().__init__(Entries({}), run=run)
        self._today = today
        self._open_client = open_client
        self.profiles = tuple(_saved_profiles())
        self.entries = Entries(
            {
                "where": self._first_choice(chosen),
                "name": "live",
                "base_url": PROPOSED_BASE_URL,
                "plan": "none",
                "hourly_limit": "",
                "keep": "keyring",
                "key_created": today().isoformat(),
                _KEY: False,
            }
        )
        self.connection: Connection | None = None
        self._followers: list[Callable[[Client], None]] = []

    def _first_choice(self, chosen: str | None) -> str:
        wish = chosen or default_profile_name() or SANDBOX
        return wish if wish == SANDBOX or wish in self.profiles else NEW

    # --- what the fields say -----------------------------------------------------------------------------------

    @property
    def where(self) -> str:
        """``sandbox``, a saved profile's name, or the empty text for a new account."""
        return self.entries.text("where")

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong with each field of a new account, in words."""
        if self.where != NEW:
            return {}
        checks = {
            "name": self._name_error(),
            "base_url": self._base_url_error(),
            "hourly_limit": self._hourly_limit_error(),
            "key_created": self._key_created_error(),
        }
        return {name: error for name, error in checks.items() if error}

    @property
    def missing(self) -> list[str]:
        """Labels of what has to be filled in before Connect opens."""
        if self.where == NEW and not self.entries.ticked(_KEY):
            return ["the API key"]
        return []

    def _name_error(self) -> str:
        name = self.entries.text("name")
        if name == SANDBOX:
            return "This name is the sandbox's. Choose another."
        if not re.fullmatch("[A-Za-z][A-Za-z0-9_-]{0,31}", name):
            return "Use 1 to 32 letters, digits, hyphens and underscores; begin with a letter."
        return ""

    def _base_url_error(self) -> str:
        try:
            make_profile({"name": "trial", "base_url": self.entries.text("base_url")})
        except UsageError as error:
            return str(error).removeprefix("This is no profile: base_url: ")
        return ""

    def _hourly_limit_error(self) -> str:
        text = self.entries.text("hourly_limit")
        if self.entries.text("plan") == "custom" and not (text.isdecimal() and int(text) > 0):
            return "Give the requests an hour that your contract names, as a whole number."
        return ""

    def _key_created_error(self) -> str:
        created = self._key_created()
        if created is None:
            return "Give a day, such as 2026-01-31."
        return "This day is still to come." if created > self._today() else ""

    def _key_created(self) -> date | None:
        try:
            return date.fromisoformat(self.entries.text("key_created"))
        except ValueError:
            return None

    @property
    def key_age_advice(self) -> str:
        """A sentence about a key that is old or soon will be."""
        profile = self._chosen_profile()
        return (profile and key_age_advice(profile, today=self._today())) or ""

    def _chosen_profile(self) -> Profile | None:
        try:
            if self.where == NEW:
                return self._new_profile()
            return None if self.where == SANDBOX else load_profile(self.where)
        except UsageError:
            return None

    def _new_profile(self) -> Profile:
        limit = self.entries.text("hourly_limit")
        is_custom = self.entries.text("plan") == "custom"
        return make_profile(
            {
                "name": self.entries.text("name"),
                "base_url": self.entries.text("base_url"),
                "plan": self.entries.text("plan"),
                "hourly_limit": limit if is_custom else None,
                "key_created": self._key_created(),
            }
        )

    # --- what the buttons do -----------------------------------------------------------------------------------

    @property
    def actions(self) -> Mapping[str, Callable[[Secrets], None]]:
        """Connect, and change the connection that there is."""
        if self.busy:
            return {}
        if self.connection is not None:
            return {"change": self._change}
        return {} if self.errors or self.missing else {"connect": self._connect}

    def _change(self, _secrets: Secrets) -> None:
        self.connection = None
        self.profiles = tuple(_saved_profiles())

    def _connect(self, secrets: Secrets) -> None:
        where, key = self.where, secrets.get(_KEY)
        keeps = self.entries.text("keep") == "keyring"
        try:
            profile = self._profile_to_keep(has_key=key is not None)
        except UsageError as error:
            self.say(str(error), "error")
            return

        def try_connection() -> Connection:
            return _try(self._open_client(profile or where, api_key=key), profile, key, keeps=keeps)

        self.attempt("Connecting", try_connection, self._connected)

    def _profile_to_keep(self, *, has_key: bool) -> Profile | None:
        """The account that the fields describe; None where what is saved, or built in, serves as it is."""
        if self.where == NEW:
            return self._new_profile()
        if self.where == SANDBOX or not has_key:
            return None
        return load_profile(self.where).model_copy(update={"key_created": self._key_created()})

    def _connected(self, connection: Connection) -> None:
        self.connection = connection
        for line in connection.advice:
            self.say(line, "warning")
        for follower in list(self._followers):
            follower(connection.client)

    def on_connect(self, listener: Callable[[Client], None]) -> None:
        """Call ``listener`` with each client from now on."""
        with self.lock:
            self._followers.append(listener)

    # --- the same in Python ------------------------------------------------------------------------------------

    @property
    def code(self) -> str:
        """What an analyst writes to connect in the same way."""
        if self.connection is None:
            return ""
        profile = self.connection.client.profile
        if self.connection.is_saved:
            return f"import smnotebook as sm\n\nclient = sm.connect({profile.name!r})"
        more = "" if profile.plan == "none" else f", plan={profile.plan!r}"
        if profile.hourly_limit is not None:
            more += f", hourly_limit={profile.hourly_limit}"
        return (
            "from getpass import getpass\n\nimport smnotebook as sm\n\n"
            f'client = sm.connect(base_url={profile.base_url!r}, api_key=getpass("API key: "){more})'
        )


def _saved_profiles() -> list[str]:
    try:
        return profile_names()
    except UsageError:
        return []


def _try(client: Client, profile: Profile | None, key: SecretStr | None, *, keeps: bool) -> Connection:
    """Ask the server one question; only a key that works is kept."""
    try:
        limits = client.limits
        advice = _keep(profile, key) if profile is not None and key is not None and keeps else ()
    except BaseException:
        client.close()
        raise
    is_saved = profile is None or (keeps and not advice)
    return Connection(client=client, limits=limits, is_saved=is_saved, advice=advice)


def _keep(profile: Profile, key: SecretStr) -> tuple[str, ...]:
    """Save the profile and its key; says so where this computer has nowhere to keep a key."""
    try:
        store_secret(profile.name, key)
        save_profile(profile)
    except (UsageError, NotConfigured) as error:
        return (f"Connected, but the key could not be kept: {error} It stays in this kernel only.",)
    return ()
