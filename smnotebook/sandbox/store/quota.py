"""The requests of the current hour, counted for all processes that serve one file."""

from __future__ import annotations

from smnotebook.sandbox.store.database import Rows

__all__ = ["count_request", "requests_since"]


def requests_since(rows: Rows, start: float) -> tuple[int, float | None]:
    """How many requests were counted at or after ``start``, and when the first of them came."""
    count, first = rows.execute("SELECT count(*), min(at) FROM requests_counted WHERE at >= ?", (start,)).fetchone()
    return int(count), first


def count_request(rows: Rows, now: float, *, forget_before: float) -> None:
    """Count one request, and forget those that no window reaches any more."""
    rows.execute("DELETE FROM requests_counted WHERE at < ?", (forget_before,))
    rows.execute("INSERT INTO requests_counted (at) VALUES (?)", (now,))
