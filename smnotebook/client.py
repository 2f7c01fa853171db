"""The door to an account: connect, and find or make catalogs."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Literal, NoReturn, overload
from urllib.parse import urlsplit

from pydantic import SecretStr

from smnotebook.accounts import GivenSecrets, embedded_home, embedded_sandbox_at, open_account, prove, veiled
from smnotebook.catalog import Catalog, declare_catalog, find_catalog, warn_about
from smnotebook.contract import Authentication, Operation, Plan, ReasonCode
from smnotebook.errors import Refused, ServerUnreachable, UsageError
from smnotebook.ledger import AccountNames
from smnotebook.ledger import Quota as SharedQuota
from smnotebook.process import version_advice
from smnotebook.profiles import Profile, key_age_advice
from smnotebook.settings import ledger_path, personal_key_path, sandbox_ledger_path
from smnotebook.wire import Connection, Quota, RetryPolicy, Transport

if TYPE_CHECKING:
    from typing import Unpack

    from smnotebook.events import (
        Contact,
        ContactReceipt,
        DryRun,
        EncodingOptions,
        Event,
        EventOptions,
        EventReceipt,
        MendingOptions,
    )
    from smnotebook.sandbox import Sandbox

__all__ = ["Client", "Limits", "connect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the account may hold and send; None where nobody says."""

    catalogs_max: int | None
    catalogs_used: int
    requests_per_hour: int | None


class Client:
    """One account: its catalogs, and the connection that everything else sends by.

    Attributes
    ----------
    profile : Profile
        Which account; holds no secret.
    connection : Connection
        Carries operations.
    """

    def __init__(self, profile: Profile, connection: Connection, *, given: GivenSecrets | None = None) -> None:
        self.profile = profile
        self.connection = connection
        self._given = given or GivenSecrets()
        self._ledger_path = self._find_ledger()
        self._others: dict[Authentication, Connection] = {}
        self._listed: set[str] = set()
        self._digests: AccountNames | None = None

    def connection_by(self, kind: Authentication) -> Connection:
        """The connection whose requests are proven in this way; opened when it is first asked for.

        Raises
        ------
        NotConfigured
            A secret that it needs is nowhere.
        UsageError
            The profile lacks what it needs.
        """
        main = self.connection
        if kind is main.authentication.kind:
            return main
        if kind not in self._others:
            self._others[kind] = Connection(
                self.url_for(kind),
                prove(self.profile, self._given, kind),
                transport=main.transport,
                retry=main.retry,
                quota=main.quota,
                timeout=main.timeout,
                on_attempt=main.on_attempt,
            )
        return self._others[kind]

    def url_for(self, kind: Authentication) -> str:
        """The base URL of the calls that are proven in this way.

        Raises
        ------
        UsageError
            The profile does not say.
        """
        if kind is not Authentication.SIGNED_BODY or not self.is_live:
            return self.connection.base_url
        if self.profile.events_url is None:
            raise UsageError(
                f"The profile {self.profile.name!r} does not say where API v2 with its contacts and events is. "
                "Save it with events_url='https://<your app>.salesmanago.pl', the address you log in at."
            )
        return self.profile.events_url

    @property
    def is_live(self) -> bool:
        """Whether requests leave this machine."""
        return self.profile.is_live

    @property
    def sandbox(self) -> Sandbox | None:
        """The sandbox that ships inside, to see what arrived there.

        None where the client is connected elsewhere, and in a forked child: the sandbox runs in its parent.
        """
        return embedded_sandbox_at(self.connection.base_url)

    @property
    def place(self) -> str:
        """LIVE or SANDBOX, and the host."""
        return f"{'LIVE' if self.is_live else 'SANDBOX'} {urlsplit(self.connection.base_url).netloc}"

    @property
    def account(self) -> str:
        """The profile's name and the server, for people; the ledger goes by :meth:`account_names` instead."""
        return f"{self.profile.name}@{self.server.removeprefix('sandbox@')}"

    @property
    def server(self) -> str:
        """What the ledger calls the server whose catalogs these are; the profile's name has no say.

        A sandbox starts empty and may reuse ids, so its key tells one from the next; it is shown as a digest.
        """
        if self.is_live:
            return urlsplit(self.connection.base_url).netloc.lower()
        return f"sandbox@{hashlib.sha256(self._confidential.encode()).hexdigest()[:12]}"

    @property
    def _confidential(self) -> str:
        return "".join(secret.get_secret_value() for secret in self.connection.authentication.confidential)

    def account_names(self) -> AccountNames:
        """What the ledger finds the account by: keyed digests of its key and client id, and the catalogs it listed.

        Raises
        ------
        LedgerError
            The key of the digests can't be read or made.
        """
        from smnotebook.events.personal import Pseudonyms

        if self._digests is None:
            pseudonyms = Pseudonyms.open(personal_key_path(self.ledger_path))
            is_live = self.is_live
            names = [
                f"key:{pseudonyms.name('key', self.server, self._confidential)}" if is_live else f"name:{self.server}"
            ]
            if self.profile.client_id:
                names.append(f"account:{pseudonyms.name('account', self.profile.client_id)}")
            former = (f"name:{self.account}", f"account:{pseudonyms.name('account', self.account)}")
            self._digests = AccountNames(names=tuple(names), former=former)
        listed = tuple(f"catalog:{self.server}/{catalog_id}" for catalog_id in sorted(self._listed))
        return AccountNames(names=(*self._digests.names, *listed), former=self._digests.former)

    @property
    def ledger_path(self) -> Path:
        """The file that keeps what was sent to this account; that of the embedded sandbox ends with the process.

        One path for the client's life, wherever the notebook goes and whichever process inherits the client.
        """
        return self._ledger_path

    def _find_ledger(self) -> Path:
        if self.sandbox is not None:
            return embedded_home() / "ledger.sqlite3"
        return ledger_path() if self.is_live else sandbox_ledger_path()

    @property
    def limits(self) -> Limits:
        """Asks the server how many catalogs the account may hold."""
        data = self.connection.call(Operation.LIST_CATALOGS).data
        limits = data.get("limits")
        most = limits.get("max") if isinstance(limits, dict) else None
        return Limits(
            catalogs_max=most if isinstance(most, int) else None,
            catalogs_used=len(data["catalogs"]),
            requests_per_hour=self.profile.requests_per_hour,
        )

    def catalogs(self) -> list[Catalog]:
        """All catalogs of the account, in the server's order."""
        found = [Catalog(self, fields) for fields in self.connection.call(Operation.LIST_CATALOGS).data["catalogs"]]
        self._listed.update(catalog.id for catalog in found)
        return found

    def catalog(self, name_or_id: str) -> Catalog:
        """The catalog of this id, or of this name.

        Raises
        ------
        UsageError
            There is none, or several have the name.
        """
        return find_catalog(name_or_id, self.catalogs())

    def create_catalog(self, name: str, currency: str, location: str, *, set_as_default: bool = False) -> Catalog:
        """Make a catalog.

        Parameters
        ----------
        currency : str
            ISO 4217 code that all its prices are in.
        location : str
            Ties external events to it: letters, digits and underscores, not beginning with a digit.
        set_as_default : bool
            Make it available for Recommendation Frames; False keeps it for analytics.

        Raises
        ------
        DataError
            A value that the API would refuse; nothing was sent.
        LimitReached
            The account holds as many catalogs as it may.
        """
        fields = declare_catalog(
            {"name": name, "currency": currency, "location": location, "setAsDefault": set_as_default}
        )
        try:
            answer = self.connection.call(Operation.CREATE_CATALOG, fields)
        except ServerUnreachable as lost:
            if lost.maybe_received:
                lost.add_note("The catalog may exist by now: look at client.catalogs() before you create it again.")
            raise
        except Refused as refusal:
            if any(violation.reason_code == ReasonCode.NOT_UNIQUE for violation in refusal.violations):
                refusal.add_note("If it is there from an earlier run, client.catalog(name) gives it.")
            raise
        warn_about(answer)
        made = Catalog(self, fields | {"catalogId": answer.data["catalogId"]})
        self._listed.add(made.id)
        return made

    @overload
    def send_event(self, event: Event, *, dry_run: Literal[True], **options: Unpack[EventOptions]) -> DryRun: ...

    @overload
    def send_event(
        self, event: Event, *, dry_run: Literal[False] = False, **options: Unpack[EventOptions]
    ) -> EventReceipt: ...

    def send_event(
        self, event: Event, *, dry_run: bool = False, **options: Unpack[EventOptions]
    ) -> EventReceipt | DryRun:
        """Send one event, its contact first; see :func:`smnotebook.events.send_event`.

        Parameters
        ----------
        dry_run : bool
            Send nothing and return what would be sent.
        """
        from smnotebook.events import send_event

        if dry_run:
            return self.dry_run(
                event,
                encoding=options.get("encoding", "v2"),
                carry=options.get("carry", {}),
                ensure_contact=options.get("ensure_contact", True),
            )
        return send_event(self, event, **options)

    def dry_run(self, event: Event, **options: Unpack[EncodingOptions]) -> DryRun:
        """What sending this event would send; see :func:`smnotebook.events.dry_run`."""
        from smnotebook.events import dry_run

        return dry_run(self, event, **options)

    def update_event(self, event_id: str, event: Event, **options: Unpack[MendingOptions]) -> EventReceipt:
        """Put an event in the place of one sent before; see :func:`smnotebook.events.update_event`."""
        from smnotebook.events import update_event

        return update_event(self, event_id, event, **options)

    def delete_event(self, event_id: str) -> None:
        """Delete an event sent before; see :func:`smnotebook.events.delete_event`."""
        from smnotebook.events import delete_event

        delete_event(self, event_id)

    def upsert_contact(self, contact: Contact, *, to_real_contacts: bool = False) -> ContactReceipt:
        """Add a contact, or change the one with this address; see :func:`smnotebook.events.upsert_contact`."""
        from smnotebook.events import upsert_contact

        return upsert_contact(self, contact, to_real_contacts=to_real_contacts)

    def forget_contact(self, email_or_id: str) -> int:
        """Forget what this machine's ledger could link to a person, and return of how many events; nothing is sent.

        An event of that person could then go twice; see :func:`smnotebook.events.journal.forget_contact`.
        """
        from smnotebook.events.journal import forget_contact

        return forget_contact(self, email_or_id)

    def close(self) -> None:
        """Give the network connections back; the client can still be used."""
        self.connection.close()
        if isinstance(self.connection.quota, SharedQuota):
            self.connection.quota.close()

    def __repr__(self) -> str:
        return f"<Client of {self.profile.name!r}: {self.place}>"

    def _repr_html_(self) -> str:
        from smnotebook.render.html import element, page

        return page(element("div", f"{self.place}, profile {self.profile.name}", css="sm-headline"))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise UsageError("A client holds a secret and can't be pickled. Call connect() where it is needed.")


def connect(
    profile: str | Profile | None = None,
    *,
    base_url: str | None = None,
    api_key: str | SecretStr | None = None,
    api_secret: str | SecretStr | None = None,
    plan: Plan | None = None,
    hourly_limit: int | None = None,
    authentication: Authentication | None = None,
    owner: str | None = None,
    client_id: str | None = None,
    transport: Transport | None = None,
    retry: RetryPolicy | None = None,
    quota: Quota | None = None,
) -> Client:
    """A client for an account, or for the sandbox where nothing is configured. Sends nothing yet.

    Parameters
    ----------
    profile : str or Profile, optional
        A saved profile's name; by default that of ``SMNOTEBOOK_PROFILE``, else the sandbox that ships inside.
    base_url : str, optional
        The server, in place of the profile's; a saved key is not sent to another server than its profile's.
    api_key, api_secret : str or SecretStr, optional
        In place of those in the environment or the keyring.
    plan, hourly_limit, authentication, owner, client_id
        In place of the profile's, see :class:`~smnotebook.profiles.Profile`.

    Raises
    ------
    NotConfigured
        No such profile, or no key for it.
    UsageError
        The arguments don't go together.
    """
    strange = [
        name
        for name, secret in (("api_key", api_key), ("api_secret", api_secret))
        if not isinstance(secret, (str, SecretStr, NoneType))
    ]
    given = GivenSecrets() if strange else GivenSecrets(api_key=veiled(api_key), api_secret=veiled(api_secret))
    del api_key, api_secret  # an error below must not find them in this frame
    if strange:
        raise UsageError(f"{strange[0]} must be a text or a SecretStr. Decode bytes, and give one key, no list.")
    fields = {
        "base_url": base_url,
        "plan": plan,
        "hourly_limit": hourly_limit,
        "authentication": authentication,
        "owner": owner,
        "client_id": client_id,
    }
    wishes = {name: field for name, field in fields.items() if field is not None}
    try:
        account, secrets = open_account(profile, given, wishes)
    except UsageError as mistake:
        del profile  # it may be a key, given in the wrong place; the frames below hold it too
        raise mistake.with_traceback(None) from None
    for advice in filter(None, (key_age_advice(account), version_advice())):
        warnings.warn(advice, UserWarning, stacklevel=2)
    proof = prove(account, secrets, account.authentication)
    connection = Connection(account.base_url, proof, transport=transport, retry=retry, quota=quota)
    client = Client(account, connection, given=secrets)
    if quota is None and account.requests_per_hour is not None:
        client.connection.quota = SharedQuota(client.ledger_path, client.account_names, limit=account.requests_per_hour)
    return client
