"""From arguments, profile, environment and keyring to one account and the proof that it is ours."""

from __future__ import annotations

import atexit
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from types import NoneType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from smnotebook.contract import Authentication
from smnotebook.errors import NotConfigured, UsageError
from smnotebook.process import renew_in_children
from smnotebook.profiles import Profile, make_profile
from smnotebook.settings import EMBEDDED, default_profile_name, find_secret, load_profile
from smnotebook.wire import ApiKeyHeader, Authenticator, SecretBody, SignedBody

if TYPE_CHECKING:
    from smnotebook.sandbox import Sandbox

__all__ = ["GivenSecrets", "embedded_home", "embedded_sandbox_at", "open_account", "prove", "veiled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSecrets:
    """What the caller handed over itself."""

    api_key: SecretStr | None = None
    api_secret: SecretStr | None = None

    def __bool__(self) -> bool:
        return self.api_key is not None or self.api_secret is not None


def veiled(secret: str | SecretStr | None) -> SecretStr | None:
    """A secret that no repr shows; None stays None."""
    return SecretStr(secret) if isinstance(secret, str) else secret


def open_account(
    chosen: str | Profile | None, given: GivenSecrets, wishes: Mapping[str, Any]
) -> tuple[Profile, GivenSecrets]:
    """The account that is meant, and the secrets that nobody needs to look for any more.

    Parameters
    ----------
    chosen : str or Profile or None
        None stands for ``SMNOTEBOOK_PROFILE``, a server among the wishes, or else the embedded sandbox.
    wishes : mapping
        Fields of a profile that replace the saved ones.

    Raises
    ------
    NotConfigured
        No such profile, or no key for it.
    UsageError
        The arguments don't go together.
    """
    if not isinstance(chosen, (str, Profile, NoneType)):
        raise UsageError("profile must be a saved profile's name, or a Profile. A key goes to api_key=...")
    is_named = chosen is not None
    if chosen is None and "base_url" not in wishes:
        chosen = default_profile_name() or EMBEDDED
    if chosen == EMBEDDED and "base_url" not in wishes:
        return _open_sandbox(given, wishes, aloud=not is_named)
    return _account(chosen, wishes, has_own_secret=bool(given)), given


def _open_sandbox(given: GivenSecrets, wishes: Mapping[str, Any], *, aloud: bool) -> tuple[Profile, GivenSecrets]:
    if given:
        raise UsageError("A key was given, but no server. Add base_url=..., or the name of a profile.")
    sandbox = _EMBEDDED.start()
    if aloud:  # who asks for the sandbox by name needs no telling
        print("Connected to the embedded sandbox: no account needed, nothing leaves this machine.")  # noqa: T201
    own = {"owner": sandbox.account.owner, "client_id": sandbox.account.client_id}
    account = make_profile(own | dict(wishes) | {"name": EMBEDDED, "base_url": sandbox.url})
    return account, GivenSecrets(api_key=SecretStr(sandbox.api_key), api_secret=sandbox.account.api_secret)


class _Embedded:
    """The one sandbox of this process, and the folder of its ledger; a forked child has none until it asks for one."""

    def __init__(self) -> None:
        self._renew()
        renew_in_children(self, _Embedded._renew)
        atexit.register(self._end)

    def _renew(self) -> None:
        """The parent's sandbox and folder are the parent's to end."""
        self.sandbox: Sandbox | None = None
        self._home: Path | None = None
        self._starting = Lock()

    def start(self) -> Sandbox:
        """The sandbox, started on first use; its libraries load only then."""
        with self._starting:
            if self.sandbox is None:
                from smnotebook.sandbox import Sandbox

                self.sandbox = Sandbox().start()
            return self.sandbox

    def home(self) -> Path:
        """Where its ledger is: its state is in memory, so the record of it goes with the process too."""
        with self._starting:
            if self._home is None:
                self._home = Path(mkdtemp(prefix="smnotebook-sandbox-"))
            return self._home

    def _end(self) -> None:
        if self.sandbox is not None:
            self.sandbox.stop()
        if self._home is not None:
            rmtree(self._home, ignore_errors=True)


# importlib.reload must not lose a sandbox that runs
_EMBEDDED: _Embedded = globals().get("_EMBEDDED") or _Embedded()


def embedded_home() -> Path:
    """Where the ledger of this process's embedded sandbox is."""
    return _EMBEDDED.home()


def embedded_sandbox_at(base_url: str) -> Sandbox | None:
    """The embedded sandbox if this process runs it and this is its address."""
    sandbox = _EMBEDDED.sandbox
    return sandbox if sandbox is not None and sandbox.url == base_url else None


def _account(chosen: str | Profile | None, wishes: Mapping[str, Any], *, has_own_secret: bool) -> Profile:
    if chosen is None:
        return make_profile({"name": _name_after(wishes["base_url"])} | dict(wishes))
    try:
        saved = load_profile(chosen) if isinstance(chosen, str) else chosen
    except NotConfigured:
        if "base_url" not in wishes or not has_own_secret:
            raise
        return make_profile(dict(wishes) | {"name": chosen})
    changed = make_profile(saved.model_dump() | dict(wishes))
    if changed.base_url == saved.base_url:
        return changed
    if not has_own_secret:
        raise UsageError(
            f"The profile {saved.name!r} is for {saved.base_url}; its key is not sent to another server. "
            "Give that server's own api_key too, or leave base_url out."
        )
    # under its old name, the secrets kept for the other server would be found
    return changed.model_copy(update={"name": _name_after(changed.base_url)})


def _name_after(base_url: str) -> str:
    """A profile's name for a server that has none; what is wrong with the address is said elsewhere."""
    try:
        host = urlsplit(base_url).hostname or ""
    except ValueError:
        host = ""
    return "at-" + re.sub("[^A-Za-z0-9]+", "-", host)[:29]


def prove(account: Profile, given: GivenSecrets, kind: Authentication) -> Authenticator:
    """The proof of this kind that goes with each request of the account.

    Raises
    ------
    NotConfigured
        A secret that it needs is nowhere.
    UsageError
        The profile lacks its owner or client id.
    """
    needed = {Authentication.SIGNED_BODY: ("owner", "client_id"), Authentication.SECRET_BODY: ("owner",)}
    if absent := [name for name in needed.get(kind, ()) if not getattr(account, name)]:
        raise UsageError(
            f"Authentication by {kind.value} needs {' and '.join(absent)}, which the profile {account.name!r} has not. "
            f"Save it with {absent[0]}=..., or give it to connect()."
        )
    match kind:
        case Authentication.API_KEY_HEADER:
            return ApiKeyHeader(api_key=find_secret(account.name, given=given.api_key))
        case Authentication.SIGNED_BODY:
            return SignedBody(
                client_id=account.client_id or "",
                api_secret=find_secret(account.name, "api_secret", given=given.api_secret),
                owner=account.owner or "",
            )
        case Authentication.SECRET_BODY:
            return SecretBody(
                api_key=find_secret(account.name, given=given.api_key),
                api_secret=find_secret(account.name, "api_secret", given=given.api_secret),
                owner=account.owner or "",
            )
