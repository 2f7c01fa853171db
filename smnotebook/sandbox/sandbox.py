"""The sandbox as a library: a context manager around database, application and server."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from types import TracebackType
from typing import Any

from pydantic import SecretStr

from smnotebook.contract import HOURLY_LIMITS, Plan
from smnotebook.errors import SandboxError, UsageError
from smnotebook.process import renew_in_children
from smnotebook.sandbox.app import build_app, record_refusal
from smnotebook.sandbox.assumptions import Assumptions
from smnotebook.sandbox.clock import Clock
from smnotebook.sandbox.faults import Fault, Faults
from smnotebook.sandbox.gate import MAX_BODY_BYTES, Gate
from smnotebook.sandbox.operations.state import State, draw_ids
from smnotebook.sandbox.request_log import RequestLog
from smnotebook.sandbox.server import LOOPBACK, Server, listen
from smnotebook.sandbox.stage import Stage
from smnotebook.sandbox.store import Database
from smnotebook.sandbox.store.catalogs import find_catalog, read_catalogs
from smnotebook.sandbox.store.contacts import read_contacts, read_events
from smnotebook.sandbox.store.keys import Account, add_key, open_account
from smnotebook.sandbox.store.products import read_products
from smnotebook.sandbox.store.snapshots import take_snapshot, write_snapshot

__all__ = ["Sandbox"]


class Sandbox:
    """The API on your own machine: a real HTTP server on the loopback interface.

    Use it in a ``with`` block, or call :meth:`start` and :meth:`stop`.

    Parameters
    ----------
    db : path or None
        SQLite file that keeps the state; None keeps it in memory. Several sandboxes may serve one file at once.
    api_key : str or SecretStr or None
        Key that clients send; None makes one up. In a file, keys of earlier runs stay valid.
    port : int
        0 takes a free one.
    plan : {"none", "professional", "enterprise", "custom"}
        Whose hourly quota applies; ``custom`` takes ``hourly_limit``.
    hourly_limit : int or None
        Requests an hour, in place of the plan's.
    seed : int or None
        Makes faults repeat, and ids too while the state is in memory. With None the ids are new in every run, so
        that nobody's record takes one empty sandbox for another.
    clock : Clock, optional
        For key expiry and quota; ``clock.advance(3600)`` turns it.
    assumptions : Assumptions, optional
        What the sandbox does where the documentation is silent.
    faults : iterable of Fault
        In force from the start; more by :attr:`faults`.
    max_body_bytes : int
        Largest request that is read; a larger one gets 413.

    Examples
    --------
    >>> from smnotebook.sandbox import Sandbox
    >>> with Sandbox() as sandbox:
    ...     sandbox.catalogs()
    []
    """

    def __init__(
        self,
        db: str | Path | None = None,
        api_key: str | SecretStr | None = None,
        *,
        port: int = 0,
        plan: Plan = "none",
        hourly_limit: int | None = None,
        seed: int | None = None,
        clock: Clock | None = None,
        assumptions: Assumptions | None = None,
        faults: Iterable[Fault] = (),
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._api_key = _choose_key(api_key)
        self._path = None if db is None else Path(db)
        self._wanted_port = port
        self._hourly_limit = _choose_limit(plan, hourly_limit)
        # repeatable on purpose, where that is asked for and no other sandbox shares the ids
        random = SystemRandom() if seed is None or db is not None else Random(seed)  # noqa: S311
        self._draw_id: Callable[[], str] = draw_ids(random)
        self._max_body_bytes = max_body_bytes
        self._server: Server | None = None
        self._stage: Stage | None = None
        self.clock = Clock() if clock is None else clock
        self.assumptions = Assumptions() if assumptions is None else assumptions
        self.faults = Faults(seed or 0, faults)
        self.requests = RequestLog()
        self._left_behind: list[object] = []
        renew_in_children(self, Sandbox._renew)

    def _renew(self) -> None:
        """It runs in the parent still, and only there; what this child has of it would be out of date."""
        if self._server is not None:
            self._server.abandon()
            self._left_behind += [self._server, self._stage]  # closing the database would break the parent's locks
            self._server = self._stage = None

    def start(self) -> Sandbox:
        """Open the database and serve.

        Raises
        ------
        SandboxError
            When it runs already, the file can't be used or the port is taken.
        """
        if self._server is not None:
            raise SandboxError("this sandbox runs already; stop it first, or make another")
        listener = listen(self._wanted_port)
        try:
            state = self._open(listener.getsockname()[1])
        except SandboxError:
            listener.close()
            raise
        self._stage = Stage(
            state=state,
            faults=self.faults,
            log=self.requests,
            cut=self._cut,
            credentials={
                "url": f"http://{state.host}",
                "api_key": self.api_key,
                "owner": state.account.owner,
                "password": state.account.password.get_secret_value(),
                "client_id": state.account.client_id,
                "api_secret": state.account.api_secret.get_secret_value(),
            },
        )
        record = partial(record_refusal, self._stage)
        gate = Gate(build_app(self._stage), record, max_body_bytes=self._max_body_bytes)
        self._server = Server(gate, listener)
        try:
            self._server.start()
        except SandboxError:
            self.stop()
            raise
        return self

    def _open(self, port: int) -> State:
        database = Database(self._path)
        with database.transaction() as rows:
            add_key(rows, self.api_key, name="sandbox", now=self.clock.now())
        return State(
            database=database,
            account=open_account(database),
            clock=self.clock,
            assumptions=self.assumptions,
            draw_id=self._draw_id,
            hourly_limit=self._hourly_limit,
            host=f"{LOOPBACK}:{port}",
        )

    def _cut(self, scope: Any) -> None:
        if self._server is not None:
            self._server.cut(scope)

    def stop(self) -> None:
        """Stop serving and close the database; a second call does nothing."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._stage is not None:
            self._stage.state.database.close()
            self._stage = None

    @property
    def url(self) -> str:
        """Base URL, without a slash at the end."""
        return f"http://{LOOPBACK}:{self._running_server().port}"

    @property
    def api_key(self) -> str:
        """The sandbox's own key."""
        return self._api_key.get_secret_value()

    @property
    def account(self) -> Account:
        """Owner, client id and secrets for API v2 and the login chain."""
        return self._running_state().account

    @property
    def credentials(self) -> Mapping[str, str]:
        """All that the sandbox accepts: url, api_key, owner, password, client_id, api_secret, as plain text."""
        return self._running_stage().credentials

    def catalogs(self) -> list[dict[str, Any]]:
        """The stored catalogs, oldest first."""
        with self._running_state().database.reading() as rows:
            return read_catalogs(rows)

    def products(self, catalog_id: str) -> list[dict[str, Any]]:
        """The stored products of a catalog in the order of their first upsert; amounts are Decimal.

        Raises
        ------
        UsageError
            When there is no such catalog.
        """
        with self._running_state().database.reading() as rows:
            catalog = find_catalog(rows, catalog_id)
            if catalog is None:
                raise UsageError("the sandbox has no catalog of this id; catalogs() lists those it has")
            return read_products(rows, catalog)

    def contacts(self) -> list[dict[str, Any]]:
        """The stored contacts, oldest first: contactId, email, and what was sent."""
        with self._running_state().database.reading() as rows:
            return read_contacts(rows)

    def events(self) -> list[dict[str, Any]]:
        """The stored events, oldest first: eventId, contactId, email, state, and the event itself.

        The state is ``assigned``, ``waiting`` (its contact is not known yet) or ``dropped`` (it waited an hour).
        """
        with self._running_state().database.reading() as rows:
            return read_events(rows, self.clock.now())

    def reset(self) -> None:
        """Forget catalogs, products, contacts, events, quota, log and faults; key and clock stay."""
        self._running_stage().reset()

    def export(self) -> dict[str, Any]:
        """Catalogs, products, collections, contacts and events as plain values, ready for ``json.dump``."""
        return take_snapshot(self._running_state().database)

    def load(self, snapshot: Mapping[str, Any]) -> None:
        """Put what :meth:`export` gave in the place of what is stored, all or nothing.

        Raises
        ------
        UsageError
            When it is no such snapshot.
        """
        write_snapshot(self._running_state().database, snapshot)

    def _running_stage(self) -> Stage:
        if self._stage is None:
            raise SandboxError(self._where_it_runs())
        return self._stage

    def _running_state(self) -> State:
        return self._running_stage().state

    def _running_server(self) -> Server:
        if self._server is None:
            raise SandboxError(self._where_it_runs())
        return self._server

    def _where_it_runs(self) -> str:
        if self._left_behind:
            return "the sandbox runs in the process that this one was forked from; look at it there, or make another"
        return "the sandbox is not running; use it in a with block, or call start()"

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"Sandbox(url={self.url!r})" if self._server is not None else "Sandbox(stopped)"


def _choose_key(api_key: str | SecretStr | None) -> SecretStr:
    if api_key is None:
        return SecretStr(secrets.token_hex(16))
    chosen = api_key if isinstance(api_key, SecretStr) else SecretStr(api_key)
    text = chosen.get_secret_value()
    if not 1 <= len(text) <= 64 or not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError("an API key has 1 to 64 visible ASCII characters; give such a key, or none to get one")
    return chosen


def _choose_limit(plan: Plan, hourly_limit: int | None) -> int | None:
    if plan not in HOURLY_LIMITS:
        raise UsageError(f"there is no such plan; the plans are {', '.join(HOURLY_LIMITS)}")
    if hourly_limit is not None:
        return hourly_limit
    if plan == "custom":
        raise UsageError("a custom plan needs its number of requests an hour: hourly_limit=...")
    return HOURLY_LIMITS[plan]
