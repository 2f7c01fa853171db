"""The sliding hour: when the next request may leave.

Grants of an account are numbered. Grant n is free once grant n - limit has left the window, so no window holds more
than the limit, and one look-up decides however large the limit is.

The server counts a request when it arrives, this counts it when it may leave. A grant therefore stays in the window for
``MARGIN_SECONDS`` longer: what a request loses on its way, up to that, can't bring it and a later one into one hour.

Wall clocks are set back and forth. The account's last grant also notes a steady clock; as far as the two have moved
apart since then the wall clock was set, and the grants are moved with it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["MARGIN_SECONDS", "WINDOW_SECONDS", "Window"]

WINDOW_SECONDS = 3600.0
MARGIN_SECONDS = 30.0

# Less is the time service at work.
_JUMP_SECONDS = 1.0
_TIDY_EVERY = 1_000


@dataclass(frozen=True, slots=True)
class Window:
    """The grants of one account under one limit; ``held_seconds`` is how long each counts."""

    account: int
    limit: int
    held_seconds: float

    def free_at(self, connection: sqlite3.Connection, nth: int, *, now: float) -> float:
        """When the ``nth`` request from now may leave (1 is the next), if nobody else takes any; never before now."""
        rounds, nth = divmod(nth - 1, self.limit)
        row = connection.execute(
            "SELECT at FROM quota_grants WHERE account = :account AND number ="
            " (SELECT max(number) FROM quota_grants WHERE account = :account) + :offset",
            {"account": self.account, "offset": nth + 1 - self.limit},
        ).fetchone()
        first = now if row is None else max(now, row[0] + self.held_seconds)
        return first + rounds * self.held_seconds

    def left(self, connection: sqlite3.Connection, *, now: float) -> int:
        """How many may leave at once."""
        row = connection.execute(
            "SELECT count(*) FROM quota_grants WHERE account = :account AND at > :start",
            {"account": self.account, "start": now - self.held_seconds},
        ).fetchone()
        return max(0, self.limit - int(row[0]))

    def held_by_owner(self, connection: sqlite3.Connection, *, now: float) -> dict[str, int]:
        """How many of the grants that count belong to whom."""
        rows = connection.execute(
            "SELECT owner, count(*) FROM quota_grants WHERE account = ? AND at > ? GROUP BY owner",
            (self.account, now - self.held_seconds),
        )
        return dict(rows.fetchall())

    def grant(self, connection: sqlite3.Connection, *, owner: str, now: float) -> None:
        """Give one away; the caller has seen that it is free."""
        (number,) = connection.execute(
            "SELECT ifnull(max(number), 0) + 1 FROM quota_grants WHERE account = ?", (self.account,)
        ).fetchone()
        connection.execute("INSERT INTO quota_grants VALUES (?, ?, ?, ?)", (self.account, number, now, owner))
        if number % _TIDY_EVERY == 0:
            connection.execute(
                "DELETE FROM quota_grants WHERE account = ? AND at < ?", (self.account, now - 2 * self.held_seconds)
            )

    def counting(self, connection: sqlite3.Connection, *, now: float) -> list[tuple[float, str]]:
        """When each grant that counts was given, and to whom."""
        return connection.execute(
            "SELECT at, owner FROM quota_grants WHERE account = ? AND at > ?", (self.account, now - self.held_seconds)
        ).fetchall()

    def take_over(self, connection: sqlite3.Connection, grants: Iterable[tuple[float, str]]) -> None:
        """Enter grants of another file among those of this one; what several bring is entered once."""
        there = Counter(connection.execute("SELECT at, owner FROM quota_grants WHERE account = ?", (self.account,)))
        there |= Counter(grants)
        connection.execute("DELETE FROM quota_grants WHERE account = ?", (self.account,))
        connection.executemany(
            "INSERT INTO quota_grants VALUES (?, ?, ?, ?)",
            [(self.account, number, at, owner) for number, (at, owner) in enumerate(sorted(there.elements()), start=1)],
        )

    def correct_clock(self, connection: sqlite3.Connection, *, wall: float, steady: float) -> float:
        """Move the grants along if the wall clock was set since the last one, and return the time to reckon with."""
        row = connection.execute("SELECT wall, steady FROM quota_clocks WHERE account = ?", (self.account,)).fetchone()
        if row is not None and steady >= row[1]:
            jump = (wall - row[0]) - (steady - row[1])
            if abs(jump) > _JUMP_SECONDS:
                self._move(connection, by=jump)
        # After a restart the steady clock begins anew and nothing shows how far the wall clock went back: a grant that
        # lies ahead is taken for one of just now, which errs on the safe side and ends the wait within the hour.
        connection.execute("UPDATE quota_grants SET at = ? WHERE account = ? AND at > ?", (wall, self.account, wall))
        connection.execute("INSERT OR REPLACE INTO quota_clocks VALUES (?, ?, ?)", (self.account, wall, steady))
        return wall

    def _move(self, connection: sqlite3.Connection, *, by: float) -> None:
        connection.execute("UPDATE quota_grants SET at = at + ? WHERE account = ?", (by, self.account))
        connection.execute("UPDATE quota_tickets SET seen_at = seen_at + ? WHERE account = ?", (by, self.account))
