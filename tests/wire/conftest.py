"""What the tests of the wire share: a transport that plays a script, and a clock that only sleeping moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from smnotebook.wire import ApiKeyHeader, Connection, RawAnswer, Timeout

CANARY = "canaryKEY7f3a9b2c"
BASE_URL = "https://api.example.com"


@dataclass
class Sent:
    method: str
    url: str
    headers: Mapping[str, Any]
    body: bytes | None


@dataclass
class ScriptedTransport:
    """Gives the answers of its script in turn, the last one for ever; an exception is raised."""

    script: list[RawAnswer | BaseException]
    sent: list[Sent] = field(default_factory=list)

    def send(self, method: str, url: str, *, headers: Any, body: bytes | None, timeout: Timeout) -> RawAnswer:
        self.sent.append(Sent(method, url, headers, body))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, BaseException):
            raise step
        return step


@dataclass
class TurnedClock:
    """Stands still but for sleeping."""

    seconds: float = 1_000.0
    slept: float = 0.0

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept += seconds


def _answer(status: int = 200, body: object = None, **headers: str) -> RawAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawAnswer(
        status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=content
    )


@pytest.fixture
def answer() -> Callable[..., RawAnswer]:
    return _answer


@pytest.fixture
def upserted() -> RawAnswer:
    return _answer(200, {"requestId": "r-1", "productIds": ["1"]})


@pytest.fixture
def canary() -> str:
    return CANARY


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def connect(clock: TurnedClock) -> Callable[..., tuple[Connection, ScriptedTransport]]:
    """Makes a connection over a script, with full waits (no luck in the jitter) on the turned clock."""

    def make(*script: RawAnswer | BaseException, **options: Any) -> tuple[Connection, ScriptedTransport]:
        transport = ScriptedTransport(list(script))
        settings: dict[str, Any] = {"sleep": clock.sleep, "clock": clock, "now": lambda: 0.0, "rng": lambda: 1.0}
        authentication = options.pop("authentication", ApiKeyHeader(api_key=SecretStr(CANARY)))
        connection = Connection(BASE_URL, authentication, transport=transport, **(settings | options))
        return connection, transport

    return make
