"""The door of the server: who may knock, how much may be carried in, and the log of what passed.

The life of a request: Host header, size of the body, fault (if one is due), the application, the log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from smnotebook.sandbox.answers import Answer, refuse_flatly

__all__ = ["Gate", "Received"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: Names by which the loopback interface is asked for. Any other Host header is a page elsewhere whose name was
#: pointed at this machine (DNS rebinding).
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})

MAX_BODY_BYTES = 16 * 1024 * 1024
_MAX_DRAINED_BYTES = 16 * MAX_BODY_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request's body, and whether it was more than may be carried in."""

    body: bytes
    is_too_large: bool


class Gate:
    """The outermost ASGI application: checks, then hands on with the body already read.

    Parameters
    ----------
    application : ASGI application
        What lies behind the gate.
    record : callable
        Told of every request that is turned away, with its answer.
    max_body_bytes : int
        Largest body that is handed on; a larger one is read, thrown away and answered with 413.
    """

    def __init__(
        self,
        application: Application,
        record: Callable[[Scope, Answer], None],
        *,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        self._application = application
        self._record = record
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or turn it away."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        if not is_loopback(host_of(scope)):
            await self._turn_away(scope, send, _wrong_host())
            return
        if scope["method"] in ("GET", "HEAD"):
            # the official client announces the length of its last POST with a GET, and sends no body (WIRE_FACTS 11)
            announced = headers_of(scope).get("content-length", "0") != "0"
            await self._application(scope, replay(b"", receive), closing(send) if announced else send)
            return
        received = await self._read(receive)
        if received.is_too_large:
            await self._turn_away(scope, send, _too_large(self._max_body_bytes))
            return
        await self._application(scope, replay(received.body, receive), send)

    async def _turn_away(self, scope: Scope, send: Send, answer: Answer) -> None:
        self._record(scope, answer)
        await send_answer(send, answer)

    async def _read(self, receive: Receive) -> Received:
        """Read the body. What is too large is drained up to a bound, so that its sender gets to read the answer."""
        chunks: list[bytes] = []
        total = 0
        while total <= max(_MAX_DRAINED_BYTES, self._max_body_bytes):
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            chunk = message.get("body", b"")
            total += len(chunk)
            if total > self._max_body_bytes:
                chunks.clear()
            else:
                chunks.append(chunk)
            if not message.get("more_body", False):
                break
        return Received(body=b"".join(chunks), is_too_large=total > self._max_body_bytes)


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name; of a repeated one the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def host_of(scope: Scope) -> str:
    """The Host header, empty where there is none."""
    return headers_of(scope).get("host", "")


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine's loopback interface, with or without a port."""
    name, _, port = host.rpartition(":")
    if not port.isdecimal() or not name:
        name = host
    return name.lower() in LOOPBACK_NAMES


def replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body once and then whatever comes after it."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replaying() -> Message:
        return pending.pop() if pending else await receive()

    return replaying


def closing(send: Send) -> Send:
    """A ``send`` that ends the connection with its answer: what follows on it may be a body nobody has read."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return sending


async def send_answer(send: Send, answer: Answer) -> None:
    """Send a whole JSON answer."""
    await send_bytes(send, answer.status, answer.encode(), {"content-type": "application/json", **answer.headers})


async def send_bytes(send: Send, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    """Send a whole answer."""
    listed = {"content-length": str(len(body)), **headers}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in listed.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _wrong_host() -> Answer:
    return refuse_flatly(
        421, "The sandbox answers only to 127.0.0.1 and localhost; use the URL it printed.", status=421
    )


def _too_large(most: int) -> Answer:
    return refuse_flatly(413, f"The body is larger than {most} bytes; send fewer products a request.", status=413)
