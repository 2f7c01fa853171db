"""Whether a failed attempt is made again, and when: a decision, taken here and carried out elsewhere.

Exponential backoff with full jitter: many notebooks that failed together don't come back together. Retry-After is a
floor that nothing shortens. An operation that is not repeatable is sent again only if it surely was not carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smnotebook.errors import ApiError, Throttled
from smnotebook.wire.consequences import consequence_of

__all__ = ["Decision", "RetryPolicy", "Stop", "Wait"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Try again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Let the error stand; ``reason`` completes "not tried again: …"."""

    reason: str


Decision = Wait | Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Budgets and pace.

    Attributes
    ----------
    max_attempts : int
        Attempts in all, the first included; 1 never tries again.
    max_seconds : float
        Attempts and the waits between them together; waiting for the quota doesn't count.
    first_wait, max_wait : float
        Upper bound of the first wait, doubled each time, and the bound it stops at; the wait is drawn evenly
        between nought and the bound.
    trusts_busy : bool
        Take 429 and 503 for the server's word that it did nothing also where the operation does not: an event is then
        sent again after them. Nobody documents that they mean it.
    """

    max_attempts: int = 6
    max_seconds: float = 300.0
    first_wait: float = 0.5
    max_wait: float = 30.0
    trusts_busy: bool = False

    def decide(
        self,
        outcome: ApiError,
        *,
        repeatable: bool,
        trusts_busy: bool = True,
        attempt: int,
        elapsed: float,
        rng: Callable[[], float],
    ) -> Decision:
        """What to do after attempt number ``attempt`` ended in ``outcome``.

        Parameters
        ----------
        trusts_busy : bool
            Whether the operation takes 429 and 503 for the word that nothing was done.
        attempt : int
            Counted from 1.
        elapsed : float
            Seconds since the first attempt began, without those spent waiting for the quota.
        rng : callable
            Gives a number from 0 up to 1.
        """
        consequence = consequence_of(outcome, trusts_busy=trusts_busy or self.trusts_busy)
        if not consequence.may_pass:
            return Stop(reason="another attempt would end the same way")
        if not repeatable and consequence.may_have_arrived:
            return Stop(reason="it may have been carried out, and must not be carried out twice")
        if attempt >= self.max_attempts:
            return Stop(reason=f"{attempt} attempts were made")
        seconds = self._pause(outcome, attempt, rng())
        if elapsed + seconds > self.max_seconds:
            return Stop(reason=f"the next attempt would come after the {self.max_seconds:.0f} s allowed")
        return Wait(seconds=seconds)

    def _pause(self, outcome: ApiError, attempt: int, drawn: float) -> float:
        # the exponent is bounded: 2.0 ** 1100 would not fit into a float
        bound = min(self.max_wait, self.first_wait * 2.0 ** min(attempt - 1, 60))
        floor = outcome.retry_after if isinstance(outcome, Throttled) and outcome.retry_after is not None else 0.0
        return floor + bound * drawn
