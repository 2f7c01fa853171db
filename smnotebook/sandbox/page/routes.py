"""Paths of the page to views; reads only, so nothing on it can change what is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from smnotebook.sandbox.page import views
from smnotebook.sandbox.page.products import show_products
from smnotebook.sandbox.stage import Stage
from smnotebook.sandbox.store import listings

__all__ = ["build_router"]

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
    return views.overview(counts, catalogs, stage.faults, stage.log, stage.log.total, stage.credentials)


def _products(stage: Stage, request: Request) -> str:
    catalog_id = request.path_params["catalog_id"]
    search = request.query_params.get("q", "").strip()[:255]
    screen = _screen(request)
    with stage.state.database.reading() as rows:
        catalogs = {catalog.catalog_id: catalog for catalog in listings.list_catalogs(rows)}
        if catalog_id not in catalogs:
            raise HTTPException(404)
        found = listings.list_products(rows, catalogs[catalog_id].number, search=search, screen=screen)
    has_pictures = request.query_params.get("pictures") == "1"
    return show_products(catalogs[catalog_id], found, search=search, screen=screen, has_pictures=has_pictures)


def _contacts(stage: Stage, request: Request) -> str:
    screen = _screen(request)
    with stage.state.database.reading() as rows:
        count, listed = listings.count_content(rows)["contacts"], listings.list_contacts(rows, screen=screen)
    return views.contacts(count, listed, screen)


def _events(stage: Stage, request: Request) -> str:
    screen = _screen(request)
    with stage.state.database.reading() as rows:
        count, listed = listings.count_content(rows)["events"], listings.list_events(rows, screen=screen)
    return views.events(count, listed, screen, stage.state.clock.now())


def _requests(stage: Stage, request: Request) -> str:
    return views.requests(stage.log, stage.log.total, _screen(request))


def _claims(stage: Stage, _request: Request) -> str:
    return views.claims(stage.state.assumptions)


def _screen(request: Request) -> int:
    text = request.query_params.get("screen", "0")
    return min(int(text), _MAX_SCREEN) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


_VIEWS: dict[str, _View] = {
    "/": _overview,
    "/catalogs/{catalog_id}": _products,
    "/contacts": _contacts,
    "/events": _events,
    "/requests": _requests,
    "/claims": _claims,
}
