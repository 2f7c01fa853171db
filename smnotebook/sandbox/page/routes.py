"""Paths of the page to views; reads only, so nothing on it can change what is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from smnotebook.sandbox.honesty import CLAIMS
from smnotebook.sandbox.page.templating import render
from smnotebook.sandbox.stage import Stage
from smnotebook.sandbox.store import listings
from smnotebook.sandbox.store.contacts import WAIT_SECONDS
from smnotebook.sandbox.store.listings import SCREEN_ROWS

__all__ = ["build_router", "turn_over"]

_LATEST_REQUESTS = 15

# No script at all, styles of the page itself, pictures from the shops' servers where somebody asks for them.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; form-action 'self'"
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": _POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_MAX_SCREEN = 10_000_000

_View = Callable[[Stage, Request], str]


def build_router(stage: Stage) -> APIRouter:
    """The routes of the page."""
    router = APIRouter(include_in_schema=False)
    for path, view in _VIEWS.items():
        router.add_api_route(path, _route(stage, view), methods=["GET"], response_class=Response)
    return router


def _route(stage: Stage, view: _View) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        # half a character, which a name from the wire may hold, has no bytes
        page = view(stage, request).encode("utf-8", "replace")
        return Response(page, headers=_HEADERS, media_type="text/html; charset=utf-8")

    return show


def _overview(stage: Stage, _request: Request) -> str:
    with stage.state.database.reading() as rows:
        counts, catalogs = listings.count_content(rows), listings.list_catalogs(rows)
    return render(
        "overview.html",
        here="/",
        counts={**counts, "requests": stage.log.total},
        catalogs=catalogs,
        faults=list(stage.faults),
        log=list(reversed(stage.log))[:_LATEST_REQUESTS],
        credentials=stage.credentials,
    )


def _products(stage: Stage, request: Request) -> str:
    catalog_id = request.path_params["catalog_id"]
    search = request.query_params.get("q", "").strip()[:255]
    screen = _screen(request)
    with stage.state.database.reading() as rows:
        catalogs = {catalog.catalog_id: catalog for catalog in listings.list_catalogs(rows)}
        if catalog_id not in catalogs:
            raise HTTPException(404)
        catalog = catalogs[catalog_id]
        count, listed = listings.list_products(rows, catalog.number, search=search, screen=screen)
    has_pictures = request.query_params.get("pictures") == "1"
    turn = turn_over(f"/catalogs/{catalog_id}", screen, count, q=search, pictures="1" if has_pictures else "")
    return render(
        "products.html",
        here="/",
        catalog=catalog,
        count=count,
        listed=listed,
        search=search,
        has_pictures=has_pictures,
        turn=turn,
    )


def _contacts(stage: Stage, request: Request) -> str:
    screen = _screen(request)
    with stage.state.database.reading() as rows:
        count, listed = listings.count_content(rows)["contacts"], listings.list_contacts(rows, screen=screen)
    turn = turn_over("/contacts", screen, count)
    return render("contacts.html", here="/contacts", count=count, listed=listed, turn=turn)


def _events(stage: Stage, request: Request) -> str:
    screen = _screen(request)
    with stage.state.database.reading() as rows:
        count, listed = listings.count_content(rows)["events"], listings.list_events(rows, screen=screen)
    return render(
        "events.html",
        here="/events",
        count=count,
        listed=listed,
        waiting_since=stage.state.clock.now() - WAIT_SECONDS,
        turn=turn_over("/events", screen, count),
    )


def _requests(stage: Stage, request: Request) -> str:
    screen, latest = _screen(request), list(reversed(stage.log))
    return render(
        "requests.html",
        here="/requests",
        kept=len(latest),
        total=stage.log.total,
        log=latest[screen * SCREEN_ROWS : (screen + 1) * SCREEN_ROWS],
        turn=turn_over("/requests", screen, len(latest)),
    )


def _claims(stage: Stage, _request: Request) -> str:
    return render("claims.html", here="/claims", claims=CLAIMS, settings=stage.state.assumptions.as_json())


def _screen(request: Request) -> int:
    text = request.query_params.get("screen", "0")
    return min(int(text), _MAX_SCREEN) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def turn_over(here: str, screen: int, count: int, **query: str) -> Mapping[str, Any]:
    """Where the screens before and after are; ``last`` is 0 where one is enough."""
    last = max(0, (count - 1) // SCREEN_ROWS)
    kept = {name: value for name, value in query.items() if value}
    newer, older = (
        f"{here}?{urlencode({**kept, 'screen': target})}" if 0 <= target <= last else None
        for target in (screen - 1, screen + 1)
    )
    return {"last": last, "newer": newer, "older": older, "place": f"{screen + 1:,} of {last + 1:,}"}


_VIEWS: dict[str, _View] = {
    "/": _overview,
    "/catalogs/{catalog_id}": _products,
    "/contacts": _contacts,
    "/events": _events,
    "/requests": _requests,
    "/claims": _claims,
}
