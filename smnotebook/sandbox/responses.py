"""Answers on their way out: whole, or spoilt by a fault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from smnotebook.sandbox.answers import Answer
from smnotebook.sandbox.faults import Fault, FaultKind
from smnotebook.sandbox.faults.answers import retry_after

__all__ = ["Cut", "is_json", "respond_with", "spoil", "wait_or_leave"]

Cut = Callable[[Scope], None]
"""Breaks the connection that a request came on."""

_HTML = "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{status} {text}</h1><hr>nginx</body></html>"


def is_json(request: Request) -> bool:
    """Whether a request says that its body is JSON."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def respond_with(answer: Answer) -> Response:
    """The response that carries an answer unharmed."""
    return Response(answer.encode(), answer.status, dict(answer.headers), "application/json")


def spoil(fault: Fault, answer: Answer, cut: Cut) -> Response:
    """The response of a request that meets ``fault``; ``answer`` is what it would have got."""
    match fault.kind:
        case FaultKind.HTML:
            return _html(fault)
        case FaultKind.EMPTY:
            return Response(status_code=204)
        case FaultKind.TRUNCATED:
            body = answer.encode()
            return Response(body[: len(body) // 2], fault.status or answer.status, media_type="application/json")
        case FaultKind.SLOW:
            return _SlowResponse(respond_with(answer), fault.seconds)
        case FaultKind.CUT_ANSWER:
            return _CutResponse(respond_with(answer), cut, sent_share=0.5)
        case FaultKind.CUT_BEFORE | FaultKind.COMMIT_THEN_CUT:
            return _CutResponse(respond_with(answer), cut)
        case FaultKind.COMMIT_THEN_SILENCE:
            return _CutResponse(respond_with(answer), cut, wait_seconds=fault.seconds)
        case _:
            return respond_with(answer)


class _CutResponse(Response):
    """Sends a share of an answer, waits, and breaks the connection."""

    def __init__(self, whole: Response, cut: Cut, *, sent_share: float = 0.0, wait_seconds: float = 0.0) -> None:
        super().__init__(whole.body, whole.status_code, dict(whole.headers))
        self._cut = cut
        self._sent_share = sent_share
        self._wait_seconds = wait_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._sent_share:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            part = bytes(self.body)[: int(len(self.body) * self._sent_share)]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await wait_or_leave(self._wait_seconds, receive)
        self._cut(scope)
        await _disconnected(receive)  # else the server would complain of an answer that never came


class _SlowResponse(Response):
    """Sends an answer a byte at a time."""

    def __init__(self, whole: Response, seconds: float) -> None:
        super().__init__(whole.body, whole.status_code, dict(whole.headers))
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for position in range(len(self.body)):
            await send(
                {"type": "http.response.body", "body": bytes(self.body[position : position + 1]), "more_body": True}
            )
            if await wait_or_leave(self._seconds, receive):
                return
        await send({"type": "http.response.body", "body": b""})


async def wait_or_leave(seconds: float, receive: Receive) -> bool:
    """Wait, but no longer than the client does; true where it left."""
    if not seconds:
        return False
    leaving = asyncio.ensure_future(_disconnected(receive))
    done, _ = await asyncio.wait([leaving], timeout=seconds)
    leaving.cancel()
    return bool(done)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _html(fault: Fault) -> Response:
    status = fault.status or 503
    text = "Service Temporarily Unavailable" if status == 503 else "Error"
    return Response(_HTML.format(status=status, text=text), status, retry_after(fault), "text/html")
