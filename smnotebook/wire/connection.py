"""One connection to one account: signs, takes from the quota, sends, judges, and tries again where that helps.

Life of a call: the body is encoded once; each attempt takes from the quota, is signed anew, crosses the transport and
is read; the retry policy decides on what came of it; waits are short slices, so an interrupt is answered at once.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any, NoReturn, Protocol

import orjson
from pydantic import SecretStr

from smnotebook.contract import Authentication, Operation, operations
from smnotebook.errors import ApiError, DataError, Throttled, UsageError
from smnotebook.wire.addresses import checked_base_url
from smnotebook.wire.answers import Answer, read_answer
from smnotebook.wire.attempts import AttemptDetails, Failed, details_of, mark_in_doubt, noted, sealed, tell
from smnotebook.wire.authentication import Authenticator
from smnotebook.wire.consequences import CalledOff, consequence_of
from smnotebook.wire.redaction import Redaction
from smnotebook.wire.retry import Decision, RetryPolicy, Stop, Wait
from smnotebook.wire.transport import RequestsTransport, Timeout, Transport, user_agent

__all__ = ["Connection", "Quota"]

_SLICE_SECONDS = 0.2


class Quota(Protocol):
    """Whoever counts the requests of an account."""

    def take(self, *, stop: threading.Event | None = None) -> object:
        """Take one request from the quota; waits until there is one, and raises once ``stop`` is set."""


class Connection:
    """Carries operations to one base URL; several threads may call at once.

    Parameters
    ----------
    base_url : str
        Scheme, host and path before ``/v3``; https, or http to this machine.
    authentication : Authenticator
        Who sends.
    transport : Transport, optional
        What sends; by default connections kept open by requests.
    quota : Quota, optional
        Asked before every attempt.
    sleep, clock, rng : callable, optional
        Pause for seconds, seconds that only grow, a number from 0 up to 1.
    now : callable, optional
        Unix time.
    on_attempt : callable, optional
        Called with :class:`AttemptDetails` after every attempt, in the thread that called.
    """

    def __init__(
        self,
        base_url: str,
        authentication: Authenticator,
        *,
        transport: Transport | None = None,
        retry: RetryPolicy | None = None,
        quota: Quota | None = None,
        timeout: Timeout | None = None,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        rng: Callable[[], float] = random.random,
        on_attempt: Callable[[AttemptDetails], object] | None = None,
    ) -> None:
        self.base_url = checked_base_url(base_url)
        self.authentication = authentication
        self._operations = operations.Operation
        self._redaction = Redaction(authentication.confidential)
        self.transport: Transport = RequestsTransport() if transport is None else transport
        self.retry = RetryPolicy() if retry is None else retry
        self.quota = quota
        self.timeout = Timeout() if timeout is None else timeout
        self.on_attempt = on_attempt
        self._sleep = sleep
        self._clock = clock
        self._now = now
        self._rng = rng

    def __repr__(self) -> str:
        return f"<Connection to {self.base_url} by {self.authentication.kind.value}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise UsageError("A connection holds a secret and can't be pickled. Call connect() where it is needed.")

    def close(self) -> None:
        """Give the network connections back; a later call opens new ones."""
        self.transport.close()

    def call(
        self,
        operation: Operation,
        body: bytes | Mapping[str, Any] | None = None,
        *,
        stop: threading.Event | None = None,
        may_leave: Callable[[], bool] | None = None,
        on_attempt: Callable[[AttemptDetails], object] | None = None,
    ) -> Answer:
        """Carry out one operation.

        Parameters
        ----------
        body : bytes or mapping, optional
            An encoded JSON object, or one to encode; amounts as Decimal stay exact.
        stop : threading.Event, optional
            Once set, no further attempt is made; the last error is raised.
        may_leave : callable, optional
            Asked before every attempt, after all waits; false where the request must not leave any more.
        on_attempt : callable, optional
            In place of the connection's own.

        Raises
        ------
        ApiError
            What the last attempt ended in; its notes tell how many were made.
        UsageError
            The connection's authentication does not fit the operation.
        CalledOff
            ``may_leave`` said no before the first attempt.
        """
        self._hold_to_generation()
        self._hold_to_kind(operation)
        encoded = _encoded(body)
        last: Failed | None = None
        elapsed = 0.0
        is_in_doubt = has_open_attempts = False
        for number in count(1):
            self._take(last, stop)
            if may_leave is not None and not may_leave():
                raise CalledOff("not sent: another run has taken these records over") if last is None else last.error
            started = self._clock()
            outcome = sealed(partial(self._attempt, operation, encoded), self._redaction)
            seconds = self._clock() - started
            elapsed += seconds
            decision = self._decide(outcome, operation, number, elapsed)
            tell(on_attempt or self.on_attempt, details_of(operation, number, outcome, seconds, decision))
            if isinstance(outcome, Answer):
                return replace(outcome, has_open_attempts=True) if has_open_attempts else outcome
            may_have_arrived = consequence_of(outcome.error, trusts_busy=self.retry.trusts_busy).may_have_arrived
            if is_in_doubt and not may_have_arrived:
                mark_in_doubt(outcome.error)
            if not isinstance(decision, Wait):
                raise noted(outcome.error, number, elapsed, decision.reason)
            if not self._pause(decision.seconds, stop):
                raise noted(outcome.error, number, elapsed, "it was stopped")
            elapsed += decision.seconds
            last = outcome
            is_in_doubt |= may_have_arrived
            # who says that he is busy has ended the attempt, whatever he did of it
            has_open_attempts |= may_have_arrived and not isinstance(outcome.error, Throttled)
        raise AssertionError("counting never ends")

    def _take(self, last: Failed | None, stop: threading.Event | None) -> None:
        if self.quota is None:
            return
        try:
            self.quota.take(stop=stop)
        except Exception as refusal:
            if last is None:
                raise
            # what became of the request matters more than why it isn't tried again
            last.error.add_note(f"Not tried again: the quota gave no leave ({type(refusal).__name__}).")
            raise last.error from None

    def _attempt(self, operation: Operation, body: bytes | None) -> Answer:
        signed = self.authentication.sign(body)
        with self._redaction.over_logs():
            raw = self.transport.send(
                operation.method,
                self.base_url + operation.path,
                headers=_headers(signed.headers, has_body=signed.body is not None),
                body=signed.body,
                timeout=self.timeout,
            )
        return read_answer(self._redaction.of_answer(raw), operation, now=self._now())

    def _decide(self, outcome: Answer | Failed, operation: Operation, number: int, elapsed: float) -> Decision:
        if isinstance(outcome, Answer):
            return Stop(reason="it succeeded")
        if not isinstance(outcome.error, ApiError):
            return Stop(reason="this is no failure of the network")
        return self.retry.decide(
            outcome.error,
            repeatable=operation.repeatable,
            trusts_busy=operation.trusts_busy,
            attempt=number,
            elapsed=elapsed,
            rng=self._rng,
        )

    def _pause(self, seconds: float, stop: threading.Event | None) -> bool:
        """Wait in slices; false if it was stopped on the way."""
        while True:
            if stop is not None and stop.is_set():
                return False
            if seconds <= 0:
                return True
            self._sleep(min(seconds, _SLICE_SECONDS))
            seconds -= _SLICE_SECONDS

    def _hold_to_generation(self) -> None:
        if self._operations is not operations.Operation:  # the module's own name, which a reload replaces
            raise UsageError(
                "Nothing was sent: smnotebook was loaded anew (importlib.reload or autoreload) since this client was "
                "made, and old and new parts don't know each other. Call connect() again, and take catalogs from it."
            )

    def _hold_to_kind(self, operation: Operation) -> None:
        kind = self.authentication.kind
        # the security seed sends every call with the secret in the body, so that choice fits all that carry one
        fits = kind is operation.authentication or (kind is Authentication.SECRET_BODY and operation.method == "POST")
        if not fits:
            raise UsageError(
                f"{operation.path} needs {operation.authentication.value}, and this connection has {kind.value}. "
                "Connect with a profile of that kind."
            )


def _headers(proof: Mapping[str, str | SecretStr], *, has_body: bool) -> dict[str, str | SecretStr]:
    headers: dict[str, str | SecretStr] = {"User-Agent": user_agent(), "Accept": "application/json"}
    if has_body:
        headers["Content-Type"] = "application/json"
    return headers | dict(proof)


def _encoded(body: bytes | Mapping[str, Any] | None) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    try:
        # orjson writes NaN as null, which would clear a field in silence
        json.dumps(body, allow_nan=False, default=str)
    except ValueError:
        raise DataError("A number in the request is NaN or infinite, which JSON can't carry. Leave it out.") from None
    return orjson.dumps(dict(body), default=_exact)


def _exact(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} has no place in a request")
