"""All that a request meets on its way: the account's state, the faults in force, the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smnotebook.sandbox.faults import Faults
from smnotebook.sandbox.operations import State
from smnotebook.sandbox.request_log import RequestLog
from smnotebook.sandbox.responses import Cut

__all__ = ["Stage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One running sandbox, as its application sees it.

    Attributes
    ----------
    cut : callable
        Breaks the connection that a request came on.
    credentials : mapping of str to str
        Everything that proves a request, for whoever writes a client: url, api_key, owner, password, client_id,
        api_secret.
    """

    state: State
    faults: Faults
    log: RequestLog
    cut: Cut
    credentials: Mapping[str, str]

    def reset(self) -> None:
        """Forget what clients sent, the log and the faults; keys and clock stay."""
        self.state.database.clear()
        self.log.clear()
        self.faults.clear()
