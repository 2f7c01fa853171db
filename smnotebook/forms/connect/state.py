"""ConnectForm without its looks: which account, which key, and whether the server takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import SecretStr

from smnotebook.client import Client, Limits, connect
from smnotebook.errors import NotConfigured, UsageError
from smnotebook.forms.connect.account import API_KEY, SANDBOX, day_of, errors_in, first_values, profile_of
from smnotebook.forms.entries import Entries
from smnotebook.forms.quota_wait import watch_waits
from smnotebook.forms.state import FormState, Run, Secrets, in_background
from smnotebook.profiles import Profile, key_age_advice
from smnotebook.settings import (
    SecretKind,
    default_profile_name,
    load_profile,
    profile_names,
    save_profile,
    store_secret,
)

__all__ = ["NEW", "SANDBOX", "ConnectState", "Connection"]

NEW = ""  # no profile can have this name

_KINDS: tuple[SecretKind, ...] = ("api_key", "api_secret")


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
        self.entries = Entries(first_values(self._first_choice(chosen), today()))
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
        return errors_in(self.entries, self._today()) if self.where == NEW else {}

    @property
    def missing(self) -> list[str]:
        """Labels of what has to be filled in before Connect opens."""
        if self.where == NEW and not self.entries.ticked(API_KEY):
            return ["the API key"]
        return []

    @property
    def key_age_advice(self) -> str:
        """A sentence about a key that is old or soon will be."""
        profile = self._chosen_profile()
        return (profile and key_age_advice(profile, today=self._today())) or ""

    def _chosen_profile(self) -> Profile | None:
        try:
            if self.where == NEW:
                return profile_of(self.entries)
            return None if self.where == SANDBOX else load_profile(self.where)
        except UsageError:
            return None

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
        where, keeps = self.where, self.entries.text("keep") == "keyring"
        given: dict[SecretKind, SecretStr] = {kind: secrets[kind] for kind in _KINDS if kind in secrets}
        try:
            profile = self._profile_to_keep(has_key=API_KEY in given)
        except UsageError as error:
            self.say(str(error), "error")
            return

        def try_connection() -> Connection:
            return _try(self._open_client(profile or where, **given), profile, given, keeps=keeps)

        self.attempt("Connecting", try_connection, self._connected)

    def _profile_to_keep(self, *, has_key: bool) -> Profile | None:
        """The account that the fields describe; None where what is saved, or built in, serves as it is."""
        if self.where == NEW:
            return profile_of(self.entries)
        if self.where == SANDBOX or not has_key:
            return None
        return load_profile(self.where).model_copy(update={"key_created": day_of(self.entries)})

    def _connected(self, connection: Connection) -> None:
        self.connection = connection
        for line in connection.advice:
            self.say(line, "warning")
        for follower in list(self._followers):
            follower(connection.client)

    def on_connect(self, listener: Callable[[Client], None]) -> None:
        """Call ``listener`` with the client there is, if there is one, and with each from now on."""
        with self.lock:
            self._followers.append(listener)
            if self.connection is not None:
                listener(self.connection.client)

    # --- the same in Python ------------------------------------------------------------------------------------

    @property
    def code(self) -> str:
        """What an analyst writes to connect in the same way."""
        if self.connection is None:
            return ""
        profile = self.connection.client.profile
        if self.connection.is_saved:
            return f"import smnotebook as sm\n\nclient = sm.connect({profile.name!r})"
        fields = profile.model_dump(mode="json", exclude_defaults=True, exclude={"key_created"})
        lines = [f"    {name}={value!r}," for name, value in fields.items()]
        asked = 'api_key=getpass("API key: ")'
        if profile.events_url:
            asked += ', api_secret=getpass("API secret: ")'
        imports = "from getpass import getpass\n\nimport smnotebook as sm\nfrom smnotebook.profiles import Profile"
        account = "\n".join(["account = Profile(", *lines, ")"])
        return f"{imports}\n\n{account}\nclient = sm.connect(account, {asked})"


def _saved_profiles() -> list[str]:
    try:
        return profile_names()
    except UsageError:
        return []


def _try(client: Client, profile: Profile | None, given: Mapping[SecretKind, SecretStr], *, keeps: bool) -> Connection:
    """Ask the server one question; only a key that works is kept."""
    watch_waits(client)
    try:
        limits = client.limits
        advice = _keep(profile, given) if profile is not None and keeps else ()
    except BaseException:
        client.close()
        raise
    is_saved = profile is None or (keeps and not advice)
    return Connection(client=client, limits=limits, is_saved=is_saved, advice=advice)


def _keep(profile: Profile, given: Mapping[SecretKind, SecretStr]) -> tuple[str, ...]:
    """Save the profile and its secrets; says so where this computer has nowhere to keep one."""
    try:
        for kind, secret in given.items():
            store_secret(profile.name, secret, kind)
        save_profile(profile)
    except (UsageError, NotConfigured) as error:
        return (f"Connected, but the key could not be kept: {error} It stays in this kernel only.",)
    return ()
