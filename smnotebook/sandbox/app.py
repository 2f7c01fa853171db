"""The FastAPI application: endpoints to routes, answers to responses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from smnotebook.sandbox import control, page
from smnotebook.sandbox.answers import Answer, refuse_flatly
from smnotebook.sandbox.faults import Fault
from smnotebook.sandbox.faults.answers import failure, refusal_of
from smnotebook.sandbox.openapi import describe, route_description
from smnotebook.sandbox.operations import ENDPOINTS, Endpoint, State, respond
from smnotebook.sandbox.operations.endpoints import API_KEY_HEADER
from smnotebook.sandbox.request_log import KeyVerdict
from smnotebook.sandbox.responses import is_json, respond_with, spoil, wait_or_leave
from smnotebook.sandbox.stage import Stage
from smnotebook.sandbox.store.keys import is_valid_key

__all__ = ["build_app", "record_refusal"]

_API_PREFIXES = ("/v3/", "/api/")


def build_app(stage: Stage) -> FastAPI:
    """The application behind the gate."""
    # the two pages would load scripts from elsewhere
    app = FastAPI(title="SALESmanago sandbox", docs_url=None, redoc_url=None)
    for endpoint in ENDPOINTS:
        app.add_api_route(
            endpoint.path,
            _route(stage, endpoint),
            methods=[endpoint.method],
            response_class=Response,
            **route_description(endpoint),
        )
    app.openapi = lambda: describe(app, stage.credentials)  # type: ignore[method-assign]
    app.include_router(control.build_router(stage))
    app.include_router(page.build_router(stage))
    app.add_exception_handler(HTTPException, _turn_away(stage))
    return app


def _turn_away(stage: Stage) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The answer to paths and methods that there are not; what asks for the API goes into the log."""

    async def turn_away(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        text = f"{request.method} of this path is none of the sandbox's calls; /openapi.json lists them."
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        answer = refuse_flatly(status, text, status=status, headers=headers)
        record_refusal(stage, request.scope, answer)
        return respond_with(answer)

    return turn_away


def record_refusal(stage: Stage, scope: MutableMapping[str, Any], answer: Answer) -> None:
    """Log what was turned away before it came to an endpoint, where it asked for the API."""
    request = Request(scope)
    if request.url.path.startswith(_API_PREFIXES):
        api_key = request.headers.get(API_KEY_HEADER)
        _record(stage, request, api_key=api_key, raw=b"", answer=answer, fault=None, status=answer.status)


def _route(stage: Stage, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answer_request(request: Request) -> Response:
        return await _answer(stage, endpoint, request)

    return answer_request


async def _answer(stage: Stage, endpoint: Endpoint, request: Request) -> Response:
    raw = await request.body()
    api_key = request.headers.get(API_KEY_HEADER)
    delay_seconds, fault = stage.faults.draw(endpoint.path)
    if delay_seconds:
        await wait_or_leave(delay_seconds, request.receive)
    if endpoint.method == "GET" or is_json(request):
        answer = _carry_out(stage, endpoint, fault, api_key=api_key, raw=raw)
    else:
        answer = refuse_flatly(415, "The Content-Type must be application/json.", status=415)
    response = respond_with(answer) if fault is None else spoil(fault, answer, stage.cut)
    status = None if fault is not None and fault.kind.leaves_unanswered else response.status_code
    _record(stage, request, api_key=api_key, raw=raw, answer=answer, fault=fault, status=status)
    return response


def _carry_out(stage: Stage, endpoint: Endpoint, fault: Fault | None, *, api_key: str | None, raw: bytes) -> Answer:
    """The operation's answer, or the fault's where it keeps the operation from happening."""
    state = stage.state
    refusal = refusal_of(fault)
    if refusal is not None:
        state = replace(state, refusal=refusal)
    elif fault is not None and not fault.is_carried_out:
        return failure(fault, state.draw_id())
    answer = respond(state, endpoint, api_key=api_key, raw=raw)
    if fault is not None and refusal is None and fault.kind.has_words_of_its_own:
        return replace(failure(fault, state.draw_id()), records=answer.records)
    return answer


def _record(
    stage: Stage,
    request: Request,
    *,
    api_key: str | None,
    raw: bytes,
    answer: Answer,
    fault: Fault | None,
    status: int | None,
) -> None:
    stage.log.add(
        body=raw,
        at=stage.state.clock.now(),
        method=request.method,
        path=request.url.path,
        key=_verdict(stage.state, api_key),
        records=answer.records,
        status=status,
        reason_codes=answer.reason_codes,
        fault=None if fault is None else fault.kind.wire_name,
    )


def _verdict(state: State, api_key: str | None) -> KeyVerdict:
    if api_key is None:
        return "none"
    return "valid" if is_valid_key(state.database, api_key, state.clock.now()) else "refused"
