"""What every operation is handed: the database, the clock, the assumptions and a source of ids."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from smnotebook.sandbox.assumptions import Assumptions
from smnotebook.sandbox.clock import Clock
from smnotebook.sandbox.faults.answers import Refusal
from smnotebook.sandbox.store.database import Database
from smnotebook.sandbox.store.keys import Account

__all__ = ["State", "draw_ids"]


def draw_ids(random: Random) -> Callable[[], str]:
    """A source of UUIDs."""
    return lambda: str(uuid.UUID(int=random.getrandbits(128), version=4))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One sandbox as its operations see it.

    Attributes
    ----------
    hourly_limit : int or None
        Requests an hour; None for no quota.
    host : str
        Where the sandbox listens, as the login chain names it.
    refusal : Refusal or None
        What a fault objects to in this one request.
    sent_key : str or None
        The API-KEY header of this one request.
    """

    database: Database
    account: Account
    clock: Clock = field(default_factory=Clock)
    assumptions: Assumptions = field(default_factory=Assumptions)
    draw_id: Callable[[], str]
    hourly_limit: int | None = None
    host: str = "127.0.0.1"
    refusal: Refusal | None = None
    sent_key: str | None = None
