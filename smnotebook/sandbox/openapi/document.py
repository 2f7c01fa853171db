"""The OpenAPI document of the sandbox."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from smnotebook.contract import Authentication, Operation
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
_RANDOM = "random"
_INTRODUCTION = (
    "Calls of API v3 carry the key in the API-KEY header, those of API v2 a signature in the body, those of "
    "the security document key and secret in the body. The examples hold this sandbox's credentials; catalogId, "
    "collectionUUID, contactId, eventId and token come from the answers of earlier calls."
)


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
    # revoking asks for the header too, within the operation: header and body must hold the same key
    has_key = endpoint.authentication is Authentication.API_KEY_HEADER or endpoint.path == Operation.REVOKE_KEY.path
    security: dict[str, Any] = {"security": [{_SCHEME: []}]} if has_key else {}
    if endpoint.method == "GET":
        return security
    schema, example = REQUESTS[endpoint.path]
    content = {_JSON: {"schema": schema, "example": example}}
    return {**security, "requestBody": {"required": True, "content": content}}


def describe(app: FastAPI, credentials: Mapping[str, str]) -> dict[str, Any]:
    """The document, made on the first call; its examples carry this sandbox's own credentials."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, routes=app.routes, servers=[{"url": credentials["url"]}]
        )
        document["info"] |= {"description": _INTRODUCTION, "x-credentials": dict(credentials)}
        key = {"type": "apiKey", "in": "header", "name": API_KEY_HEADER, "description": credentials["api_key"]}
        document.setdefault("components", {})["securitySchemes"] = {_SCHEME: key}
        for methods in document["paths"].values():
            for call in methods.values():
                for content in call.get("requestBody", {}).get("content", {}).values():
                    content["example"] = {**content["example"], **_proof(content["example"], credentials)}
        app.openapi_schema = document
    return app.openapi_schema


def _proof(example: Mapping[str, Any], credentials: Mapping[str, str]) -> dict[str, str]:
    """The members of a body that prove its sender, as this sandbox accepts them."""
    api_key, owner, password = credentials["api_key"], credentials["owner"], credentials["password"]
    client_id, api_secret = credentials["client_id"], credentials["api_secret"]
    if "sha" in example:
        # API v2 signs with SHA-1 over a text of the client's choice, its id and its secret (WIRE_FACTS 1)
        sha = hashlib.sha1(f"{_RANDOM}{client_id}{api_secret}".encode()).hexdigest()  # noqa: S324
        return {"clientId": client_id, "apiKey": _RANDOM, "sha": sha, "owner": owner}
    if "apiSecret" in example:
        return {"apiKey": api_key, "apiSecret": api_secret, "owner": owner}
    if "password" in example:
        return {"username" if "username" in example else "email": owner, "password": password}
    return {"apiKey": api_key} if set(example) == {"apiKey"} else {}
