"""The sandbox's own paths: faults, clock, log, content and claims, for clients in any language."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from smnotebook.errors import UsageError
from smnotebook.sandbox.assumptions import Assumptions
from smnotebook.sandbox.faults import Fault, fault_from_json
from smnotebook.sandbox.honesty import claims_as_json
from smnotebook.sandbox.operations.bodies import UnreadableBody, read_body
from smnotebook.sandbox.request_log import LoggedRequest
from smnotebook.sandbox.responses import is_json
from smnotebook.sandbox.stage import Stage
from smnotebook.sandbox.store.snapshots import take_snapshot, write_snapshot

__all__ = ["PREFIX", "build_router"]

PREFIX = "/_sandbox"

_Act = Callable[[Stage, Mapping[str, Any]], Mapping[str, Any]]


def build_router(stage: Stage) -> APIRouter:
    """The routes under :data:`PREFIX`."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)
    for method, path, act in _ROUTES:
        router.add_api_route(path, _route(stage, act), methods=[method], response_class=Response)
    router.add_api_route("/faults/{number}", _remove_route(stage), methods=["DELETE"], response_class=Response)
    return router


def _route(stage: Stage, act: _Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer_request(request: Request) -> Response:
        raw = await request.body()
        if request.method in ("POST", "PUT") and not is_json(request):  # else any web page could send it
            return _answer({"message": "The Content-Type must be application/json."}, status=415)
        try:
            return _answer(act(stage, read_body(raw) if raw else {}))
        except (UsageError, UnreadableBody) as error:
            return _answer({"message": str(error)}, status=400)

    return answer_request


def _remove_route(stage: Stage) -> Callable[[int], Awaitable[Response]]:
    async def remove_fault(number: int) -> Response:
        is_removed = stage.faults.remove(number)
        return _answer({"removed": is_removed}, status=200 if is_removed else 404)

    return remove_fault


def _answer(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type="application/json")


def _list_faults(stage: Stage, _body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"faults": [{"number": number, **fault.to_json()} for number, fault in stage.faults]}


def _add_fault(stage: Stage, body: Mapping[str, Any]) -> Mapping[str, Any]:
    fault: Fault = fault_from_json(body)
    return {"number": stage.faults.put(fault)}


def _clear_faults(stage: Stage, _body: Mapping[str, Any]) -> Mapping[str, Any]:
    stage.faults.clear()
    return {"faults": []}


def _list_requests(stage: Stage, _body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"total": stage.log.total, "requests": [_request_as_json(entry) for entry in stage.log]}


def _request_as_json(entry: LoggedRequest) -> dict[str, Any]:
    names = ("number", "at", "method", "path", "key", "records", "status", "reason_codes", "fault")
    return {name: getattr(entry, name) for name in names}


def _read_clock(stage: Stage, _body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"now": stage.state.clock.now()}


def _turn_clock(stage: Stage, body: Mapping[str, Any]) -> Mapping[str, Any]:
    seconds = body.get("advance_seconds")
    try:
        stage.state.clock.advance(float(seconds))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError("advance_seconds is a number of seconds, not negative") from error
    return _read_clock(stage, body)


def _reset(stage: Stage, _body: Mapping[str, Any]) -> Mapping[str, Any]:
    stage.reset()
    return {"message": "Everything that clients sent is forgotten."}


def _export(stage: Stage, _body: Mapping[str, Any]) -> Mapping[str, Any]:
    return take_snapshot(stage.state.database)


def _import(stage: Stage, body: Mapping[str, Any]) -> Mapping[str, Any]:
    # written and read again: what the strict reader made Decimal are the times, which are plain numbers
    write_snapshot(stage.state.database, json.loads(json.dumps(body, default=float)))
    return {"message": "The snapshot has taken the place of what was stored."}


def _show_claims(stage: Stage, _body: Mapping[str, Any]) -> Mapping[str, Any]:
    assumptions: Assumptions = stage.state.assumptions
    return {"claims": claims_as_json(), "assumptions": assumptions.as_json()}


_ROUTES: tuple[tuple[str, str, _Act], ...] = (
    ("GET", "/faults", _list_faults),
    ("POST", "/faults", _add_fault),
    ("DELETE", "/faults", _clear_faults),
    ("GET", "/requests", _list_requests),
    ("GET", "/clock", _read_clock),
    ("POST", "/clock", _turn_clock),
    ("POST", "/reset", _reset),
    ("GET", "/content", _export),
    ("PUT", "/content", _import),
    ("GET", "/claims", _show_claims),
)
