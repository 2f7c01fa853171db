"""The hourly quota of a plan, over fixed or sliding windows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from smnotebook.sandbox.answers import Answer
from smnotebook.sandbox.operations.state import State
from smnotebook.sandbox.store.quota import count_request, requests_since

__all__ = ["HOUR_SECONDS", "Window", "charge"]

HOUR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An hour that requests are counted over.

    Attributes
    ----------
    start : float
        Requests at or after it count, in seconds since 1970.
    """

    kind: Literal["fixed", "sliding"]
    start: float

    @classmethod
    def at(cls, kind: Literal["fixed", "sliding"], now: float) -> Window:
        """The window that a request at ``now`` falls into."""
        if kind == "fixed":
            return cls(kind=kind, start=now - now % HOUR_SECONDS)
        # the next number: a request made exactly an hour ago no longer counts
        return cls(kind=kind, start=math.nextafter(now - HOUR_SECONDS, math.inf))

    def seconds_until_room(self, now: float, first: float | None) -> float:
        """How long until a full window has room again; ``first`` is the time of the oldest request in it."""
        opens = self.start if self.kind == "fixed" or first is None else first
        return max(0.0, opens + HOUR_SECONDS - now)


def charge(state: State) -> Answer | None:
    """Take one request from the quota; None where there was one left, else the answer that says so.

    A refused request is not counted: no source says whether it is.
    """
    limit = state.hourly_limit
    if limit is None:
        return None
    now = state.clock.now()
    window = Window.at(state.assumptions.quota_window, now)
    with state.database.transaction() as rows:
        count, first = requests_since(rows, window.start)
        if count < limit:
            count_request(rows, now, forget_before=now - 2 * HOUR_SECONDS)
            return None
    return _too_many(state, window.seconds_until_room(now, first))


def _too_many(state: State, wait_seconds: float) -> Answer:
    headers = {"retry-after": str(max(1, math.ceil(wait_seconds)))} if state.assumptions.quota_retry_after else {}
    body = {"message": f"More than {state.hourly_limit} requests an hour."}
    return Answer(status=state.assumptions.quota_status, body=body, headers=headers)
