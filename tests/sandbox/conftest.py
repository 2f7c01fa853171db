"""A running sandbox, and a client that speaks HTTP and knows nothing of the package."""

from __future__ import annotations

import http.client
import json
import time
from urllib.parse import urlsplit

import pytest

from smnotebook.sandbox import Clock, Sandbox


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def codes(self):
        return [problem["reasonCode"] for problem in self.json.get("problems", [])]

    @property
    def fields(self):
        return [problem["message"].split("|")[0].split(":")[0] for problem in self.json.get("problems", [])]


class Client:
    """One request a connection, so that nothing is left open."""

    def __init__(self, sandbox, *, timeout=10.0):
        self.sandbox = sandbox
        self.timeout = timeout
        self.key = sandbox.api_key

    def send(self, method, path, body=None, headers=None):
        address = urlsplit(self.sandbox.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=self.timeout)
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"API-KEY": self.key, "Content-Type": "application/json", **(headers or {})}
        try:
            connection.request(method, path, raw, {name: value for name, value in sent.items() if value is not None})
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.send("POST", path, {} if body is None else body, **more)

    def signed(self, path, body=None, **more):
        account = self.sandbox.account
        credentials = {
            "clientId": account.client_id,
            "apiKey": "random",
            "requestTime": int(time.time() * 1000),
            "sha": account.sign("random"),
            "owner": account.owner,
        }
        return self.post(path, {**credentials, **(body or {})}, **more)

    def make_catalog(self, **fields):
        body = {"name": "Shop", "currency": "EUR", "location": "shop_eu", **fields}
        reply = self.post("/v3/product/catalogUpsert", body)
        assert reply.status == 200, reply.body
        return reply.json["catalogId"]

    def upsert(self, catalog_id, *products):
        return self.post("/v3/product/upsert", {"catalogId": catalog_id, "products": list(products)})


def make_product(product_id="p1", **fields):
    return {
        "productId": product_id,
        "name": "Turtleneck sweater",
        "mainCategory": "sweaters",
        "productUrl": "https://shop.example.com/p1",
        "available": True,
        "price": 79.99,
        **fields,
    }


@pytest.fixture(scope="session")
def product():
    return make_product


@pytest.fixture
def sandbox():
    with Sandbox(clock=Clock(lambda: 1_700_000_000.0)) as running:
        yield running


@pytest.fixture
def client(sandbox):
    return Client(sandbox)


@pytest.fixture(scope="session")
def client_of():
    return Client
