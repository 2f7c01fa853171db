"""The hourly quota of an account, shared by every process of this machine through the ledger file.

Who asks while nothing is free draws a ticket. Of those who wait, the one that got least of the current hour is served
first: a notebook that comes late catches up with one that came early, and many threads get no more than one. When the
next one is free is :mod:`smnotebook.ledger.window`'s to say.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from smnotebook.errors import SmnotebookError
from smnotebook.ledger.accounts import AccountNames, find_account, look_up_account
from smnotebook.ledger.database import Busy, Database
from smnotebook.ledger.window import MARGIN_SECONDS, WINDOW_SECONDS, Window
from smnotebook.process import renew_in_children

__all__ = ["Quota", "QuotaStopped", "steady_clock"]

# An interrupt must be answered within 300 ms, so no single wait is longer than this.
_LONGEST_PAUSE_SECONDS = 0.2
# Who waits renews its ticket at each pause; a ticket this old belongs to a process that is gone.
_TICKET_SECONDS = 3.0
# Between two looks when it is not time but another process that one waits for.
_SHORTEST_PAUSE_SECONDS = 0.002
# What others are waited for when grants are carried over into a new file; no transaction of ours takes this long.
_MOVE_SECONDS = 10.0


class QuotaStopped(SmnotebookError):
    """The wait for the quota was given up on request; nothing was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One look at the queue: how long to wait before the next one (0 means granted), and the ticket to keep."""

    wait_seconds: float
    ticket: int | None = None
    free_in_seconds: float = 0.0


def steady_clock() -> float:
    """Seconds that no one can set; where the system has such a clock, it also runs while the machine sleeps."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class Quota:
    """Leave to send, a bounded number an hour; opens the ledger's file when it is first asked.

    Attributes
    ----------
    on_wait : callable or None
        What :meth:`take` tells the seconds left where its caller gives nothing else.

    Parameters
    ----------
    account : callable
        What the account is found by; asked every time, since more may come to be known of it, and two accounts may
        turn out to be one.
    limit : int or None
        Requests in any 60 minutes; None for no limit.
    held_seconds : float
        How long a grant counts: the hour, and a margin (see :mod:`smnotebook.ledger.window`).
    clock, steady : callable
        Seconds since 1970, and seconds that are never set back or forth.
    pause : callable
        Sleeps so many seconds, or until the event is set.
    """

    def __init__(
        self,
        path: Path,
        account: Callable[[], AccountNames],
        *,
        limit: int | None,
        held_seconds: float = WINDOW_SECONDS + MARGIN_SECONDS,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = steady_clock,
        pause: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        if limit is not None and limit < 1:
            raise ValueError(f"limit is {limit}; give a positive number, or None for no limit")
        self.limit = limit
        self.on_wait: Callable[[float], None] | None = None
        self._account = account
        self._held_seconds = held_seconds
        self._clock = clock
        self._steady = steady
        self._pause = pause
        self._path = path
        self._opened: Database | None = None
        self._stand_apart()
        renew_in_children(self, Quota._stand_apart)

    def _stand_apart(self) -> None:
        """Stand in the queue under a name of one's own, and wait for no thread of the parent's."""
        self._owner = secrets.token_hex(8)
        self._first = threading.Lock()
        self._opening = threading.Lock()

    @property
    def _database(self) -> Database:
        """The file, opened when it is first needed: connecting to an account opens nothing."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
            elif not self._opened.is_in_place:
                self._opened = self._move_over(self._opened)
            return self._opened

    def _open(self) -> Database:
        database = Database(self._path)
        database.set_busy_seconds(0)  # waiting is done here, where it can be interrupted
        return database

    def _move_over(self, deleted: Database) -> Database:
        """Open the file that is in the place of one that was deleted, and carry over what still counts of its grants.

        Whoever has the deleted one open can still read it; by the new one alone the hour would begin again.
        """
        with deleted.reading() as connection:
            account = look_up_account(connection, self._account())
            grants = [] if account is None else self._window(account).counting(connection, now=self._clock())
        database = self._open()
        database.set_busy_seconds(_MOVE_SECONDS)
        with database.transaction() as connection:
            self._window(find_account(connection, self._account())).take_over(connection, grants)
        database.set_busy_seconds(0)
        deleted.close()
        return database

    def take(self, *, stop: threading.Event | None = None, on_wait: Callable[[float], None] | None = None) -> None:
        """Wait until one more request may leave.

        Parameters
        ----------
        stop : threading.Event, optional
            Give up when it is set.
        on_wait : callable, optional
            Told the seconds left, several times a second, while there is a wait.

        Raises
        ------
        QuotaStopped
            When ``stop`` was set; nothing was taken.
        """
        if self.limit is None:
            return
        stop, on_wait = stop or threading.Event(), on_wait or self.on_wait
        with self._foremost(stop, on_wait):
            ticket = None
            try:
                while (turn := self._ask(ticket)).wait_seconds > 0:
                    ticket = turn.ticket
                    self._rest(turn, stop, on_wait)
            except BaseException:
                self._withdraw(ticket)
                raise

    @contextmanager
    def _foremost(self, stop: threading.Event, on_wait: Callable[[float], None] | None) -> Iterator[None]:
        """Only one thread of this process stands in the queue; the others stand behind it."""
        while not self._first.acquire(timeout=_LONGEST_PAUSE_SECONDS):
            if stop.is_set():
                raise QuotaStopped
            if on_wait is not None and (left := self.seconds_until(1)) > 0:
                on_wait(left)
        try:
            yield
        finally:
            self._first.release()

    def _rest(self, turn: _Turn, stop: threading.Event, on_wait: Callable[[float], None] | None) -> None:
        if stop.is_set():
            raise QuotaStopped
        if on_wait is not None and turn.free_in_seconds > 0:
            on_wait(turn.free_in_seconds)
        self._pause(stop, turn.wait_seconds)
        if stop.is_set():
            raise QuotaStopped

    def _window(self, account: int) -> Window:
        return Window(account, limit=self.limit or 1, held_seconds=self._held_seconds)

    def _ask(self, ticket: int | None) -> _Turn:
        try:
            # not synced: the next request that is written down syncs the same file, and the grants before it with it
            with self._database.transaction(is_synced=False) as connection:
                window = self._window(find_account(connection, self._account()))
                return self._turn(connection, window, ticket)
        except Busy:
            return _Turn(wait_seconds=_SHORTEST_PAUSE_SECONDS, ticket=ticket)

    def _turn(self, connection: sqlite3.Connection, window: Window, ticket: int | None) -> _Turn:
        now = window.correct_clock(connection, wall=self._clock(), steady=self._steady())
        ahead = self._ahead(connection, window, ticket, now=now)
        free_in = window.free_at(connection, ahead + 1, now=now) - now
        if ahead == 0 and free_in <= 0:
            window.grant(connection, owner=self._owner, now=now)
            connection.execute("DELETE FROM quota_tickets WHERE ticket = ?", (ticket,))
            return _Turn(wait_seconds=0.0)
        return _Turn(
            wait_seconds=min(max(free_in, _SHORTEST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS),
            ticket=self._renew(connection, window, ticket, now=now),
            free_in_seconds=free_in,
        )

    def _ahead(self, connection: sqlite3.Connection, window: Window, ticket: int | None, *, now: float) -> int:
        connection.execute(
            "DELETE FROM quota_tickets WHERE account = ? AND abs(seen_at - ?) > ?",
            (window.account, now, _TICKET_SECONDS),
        )
        others = connection.execute(
            "SELECT owner, ticket FROM quota_tickets WHERE account = ? AND owner <> ?", (window.account, self._owner)
        ).fetchall()
        if not others:
            return 0
        held = window.held_by_owner(connection, now=now)
        mine = (held.get(self._owner, 0), ticket is None, ticket or 0)
        return sum((held.get(owner, 0), False, drawn) < mine for owner, drawn in others)

    def _renew(self, connection: sqlite3.Connection, window: Window, ticket: int | None, *, now: float) -> int:
        renewed = connection.execute("UPDATE quota_tickets SET seen_at = ? WHERE ticket = ?", (now, ticket))
        if renewed.rowcount:
            return int(ticket or 0)
        drawn = connection.execute(
            "INSERT INTO quota_tickets (account, owner, seen_at) VALUES (?, ?, ?)", (window.account, self._owner, now)
        )
        return int(drawn.lastrowid or 0)

    def _withdraw(self, ticket: int | None) -> None:
        if ticket is None:
            return
        try:
            with self._database.transaction(is_synced=False) as connection:
                connection.execute("DELETE FROM quota_tickets WHERE ticket = ?", (ticket,))
        except Busy:
            return  # it expires by itself

    @property
    def left(self) -> int | None:
        """Requests that may leave at once; None without a limit."""
        if self.limit is None:
            return None
        with self._database.reading() as connection:
            account = look_up_account(connection, self._account())
            return self.limit if account is None else self._window(account).left(connection, now=self._clock())

    def seconds_until(self, requests: int) -> float:
        """Seconds until so many more requests can have left, if nobody else takes any; 0 without a limit."""
        if self.limit is None:
            return 0.0
        now = self._clock()
        with self._database.reading() as connection:
            account = look_up_account(connection, self._account())
            # an account that has sent nothing yet has no grants under any number
            return self._window(account or 0).free_at(connection, requests, now=now) - now

    def close(self) -> None:
        """Give the file back; a later call opens it again."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
