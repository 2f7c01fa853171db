"""The OpenAPI document: true of every answer, and its examples are good ones."""

from __future__ import annotations

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import smnotebook.events  # noqa: F401 - declares records of its own, whatever else this process has loaded
from smnotebook.contract import Operation, Record, check
from smnotebook.sandbox import Sandbox
from smnotebook.sandbox.openapi.records import example_of
from smnotebook.sandbox.openapi.requests import REQUESTS
from smnotebook.sandbox.operations import ENDPOINTS, respond

TRUE = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def running():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def api(running):
    return schemathesis.openapi.from_url(f"{running.url}/openapi.json")


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_every_answer_is_one_that_the_document_describes(api, running, endpoint):
    catalogs = {"catalogId": known_catalog(running)} if endpoint.path.startswith("/v3/product/up") else {}

    @given(case=api[endpoint.path][endpoint.method].as_strategy())
    @settings(max_examples=15, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
    def hold_to_document(case):
        if isinstance(case.body, dict):
            case.body = with_proof(case.body, running) | catalogs
        case.call_and_validate(headers={"API-KEY": running.api_key}, checks=TRUE)

    hold_to_document()


#: Calls whose answers give what others ask for come first, calls that take something away last.
IN_TURN = ["catalogUpsert", "product/upsert", "add", "upsert", "contact", "token", "integration"]
AT_THE_END = ["products/delete", "deleteContactExtEvent", "collection/delete", "catalogDelete", "revoke"]


def test_every_call_that_the_document_lists_works_as_its_example_shows(client_of):
    """What a client in another language needs stands in the document: credentials, a signature, good records."""
    with Sandbox() as sandbox:
        client = client_of(sandbox)
        document = client.get("/openapi.json", headers={"API-KEY": None}).json
        key = document["components"]["securitySchemes"]["ApiKey"]["description"]
        assert document["servers"] == [{"url": sandbox.url}]
        assert document["info"]["x-credentials"] == sandbox.credentials
        paths = document["paths"].items()
        calls = [(path, method, call) for path, methods in paths for method, call in methods.items()]
        known = {}
        for path, method, call in sorted(calls, key=turn):
            headers = {"API-KEY": key if "security" in call else None}
            body = None if method == "get" else with_known(example_in(call), known)
            reply = client.send(method.upper(), path, body, headers=headers)
            assert (reply.status, reply.json.get("success", True), reply.codes) == (200, True, []), (path, reply.json)
            known |= {name: text for name, text in reply.json.items() if name in KNOWN_LATER}


KNOWN_LATER = ("catalogId", "collectionUUID", "contactId", "eventId", "token")


def turn(call):
    path = call[0]
    late = next((place for place, end in enumerate(AT_THE_END, 1) if path.endswith(end)), 0)
    early = next((place for place, end in enumerate(IN_TURN) if path.endswith(end)), len(IN_TURN))
    return late, early, path


def example_in(call):
    return call["requestBody"]["content"]["application/json"]["example"]


def with_known(value, known):
    """The example with the ids that earlier answers gave, wherever they stand in it."""
    if isinstance(value, dict):
        return {
            name: known.get(name, entry) if isinstance(entry, str) else with_known(entry, known)
            for name, entry in value.items()
        }
    return [with_known(entry, known) for entry in value] if isinstance(value, list) else value


def known_catalog(sandbox):
    """The id of a catalog, so that products can succeed too."""
    body = {"name": "Shop", "currency": "EUR", "location": "known"}
    if not sandbox.catalogs():
        create = next(endpoint for endpoint in ENDPOINTS if endpoint.path == Operation.CREATE_CATALOG.path)
        respond(sandbox._running_state(), create, api_key=sandbox.api_key, raw=json.dumps(body).encode())
    return sandbox.catalogs()[0]["catalogId"]


def with_proof(body, sandbox):
    """The body with credentials that the sandbox takes, where it has any."""
    account = sandbox.account
    if "sha" in body:
        return body | {"clientId": account.client_id, "apiKey": "k", "sha": account.sign("k"), "owner": account.owner}
    if "apiSecret" in body:
        return body | {"apiKey": sandbox.api_key, "apiSecret": account.api_secret.get_secret_value()}
    return body


def all_records(kind=Record):
    for record in kind.__subclasses__():
        yield record
        yield from all_records(record)


@pytest.mark.parametrize("model", sorted(set(all_records()), key=lambda model: model.__name__))
def test_the_example_of_a_record_breaks_no_rule(model):
    assert check(model, example_of(model)) == []


def test_every_call_is_described(api):
    described = {(method.upper(), path) for path, calls in api.raw_schema["paths"].items() for method in calls}
    assert described == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}
    assert {operation.path for operation in Operation} <= {path for _, path in described}


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.method == "POST"], ids=lambda e: e.path)
def test_the_example_of_a_call_is_understood(running, endpoint):
    body = with_proof(REQUESTS[endpoint.path].example, running)
    raw = json.dumps(body).encode()
    answer = respond(running._running_state(), endpoint, api_key=running.api_key, raw=raw)
    unreadable = {11, 12, 13, 14, 17, 18, 400}  # what stands for a body that the contract finds fault with
    assert not unreadable.intersection(answer.reason_codes)
    assert "must be" not in str(answer.body.get("message"))


def test_nothing_in_the_document_is_loaded_from_elsewhere(client):
    assert client.get("/docs").status == 404
    assert client.get("/redoc").status == 404
    assert client.get("/openapi.json").json["openapi"].startswith("3.1")
