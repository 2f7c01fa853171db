"""The OpenAPI document of the sandbox."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from smnotebook.contract import Authentication
from smnotebook.sandbox.openapi.answers import refusals, success
from smnotebook.sandbox.openapi.requests import REQUESTS
from smnotebook.sandbox.operations import Endpoint
from smnotebook.sandbox.operations.endpoints import API_KEY_HEADER

__all__ = ["describe", "route_description"]

_JSON = "application/json"
_MEANINGS = {
    400: "Refused, with every reason.",
    413: "The body is too large.",
    415: "The body is no JSON by its Content-Type.",
    421: "The Host header names another machine.",
    429: "Beyond the hourly quota.",
    503: "Beyond the hourly quota, where that is assumed; or a fault.",
}
_SCHEME = "ApiKey"


def route_description(endpoint: Endpoint) -> dict[str, Any]:
    """What FastAPI is told of a route, beyond path and method."""
    responses = {
        status: {"description": _MEANINGS[status], "content": {_JSON: {"schema": schema}}}
        for status, schema in refusals(endpoint.path).items()
    }
    accepted = {"description": "Accepted.", "content": {_JSON: {"schema": success(endpoint.path)}}}
    return {
        "summary": (endpoint.carry_out.__doc__ or "").partition("\n")[0],
        "operation_id": endpoint.path.strip("/").replace("/", "_"),
        "responses": {200: accepted, **responses},
        "openapi_extra": _request(endpoint),
    }


def _request(endpoint: Endpoint) -> dict[str, Any]:
    has_key = endpoint.authentication is Authentication.API_KEY_HEADER
    security: dict[str, Any] = {"security": [{_SCHEME: []}]} if has_key else {}
    if endpoint.method == "GET":
        return security
    schema, example = REQUESTS[endpoint.path]
    content = {_JSON: {"schema": schema, "example": example}}
    return {**security, "requestBody": {"required": True, "content": content}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document, made on the first call."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes, description=app.description)
        key = {"type": "apiKey", "in": "header", "name": API_KEY_HEADER}
        document.setdefault("components", {})["securitySchemes"] = {_SCHEME: key}
        app.openapi_schema = document
    return app.openapi_schema
