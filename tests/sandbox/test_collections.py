"""Product collections. Source: the official client (WIRE_FACTS 2)."""

from __future__ import annotations

import pytest

from smnotebook.sandbox import Assumptions, Sandbox

ADD = "/v3/product/collection/add"
ROOT = "/v3/product/collection"


@pytest.fixture
def collection(client):
    return client.post(ADD, {"name": "Liked", "catalogId": client.make_catalog()}).json["collectionUUID"]


def products_of(client, collection, contact="c1"):
    return client.post(f"{ROOT}/contact/products", {"collectionUUID": collection, "contactId": contact}).json[
        "products"
    ]


def test_a_collection_is_created_listed_and_deleted_however_often(client, collection):
    listed = client.get(f"{ROOT}/list").json
    assert listed["collections"] == [{"collectionId": collection, "name": "Liked"}]
    assert listed["limits"] == {"max": 10}
    assert client.post(f"{ROOT}/delete", {"collectionUUID": collection}).json["success"] is True
    assert client.get(f"{ROOT}/list").json["collections"] == []
    assert client.post(f"{ROOT}/delete", {"collectionUUID": collection}).json["success"] is True


def test_products_are_kept_for_single_contacts(client, collection):
    data = [{"contactId": "c1", "productIds": ["p1", 2]}, {"contactId": "c2", "productIds": ["p1"]}]
    for _ in range(2):
        assert client.post(f"{ROOT}/products/add", {"collectionUUID": collection, "data": data}).json["success"] is True
    assert products_of(client, collection) == ["p1", "2"]
    data = [{"contactId": "c1", "productIds": ["p1", "never"]}]
    client.post(f"{ROOT}/products/delete", {"collectionUUID": collection, "data": data})
    assert (products_of(client, collection), products_of(client, collection, "c2")) == (["2"], ["p1"])
    assert products_of(client, collection, "stranger") == []


@pytest.mark.parametrize(
    ("path", "body", "codes", "fields"),
    [
        ("add", {}, [13, 13], ["name", "catalogId"]),
        ("add", {"name": "x", "catalogId": "none"}, [16], ["catalogId"]),
        ("delete", {}, [13], ["collectionUUID"]),
        ("products/add", {}, [13, 13], ["collectionUUID", "data"]),
        ("products/add", {"collectionUUID": "x", "data": {}}, [14], ["data"]),
        ("products/add", {"collectionUUID": "x", "data": [5]}, [14], ["data"]),
        ("products/add", {"collectionUUID": "x", "data": [{}]}, [13, 13], ["contactId", "productIds"]),
        ("products/delete", {"collectionUUID": "x", "data": []}, [16], ["collectionUUID"]),
        ("contact/products", {"collectionUUID": "x"}, [13], ["contactId"]),
        ("contact/products", {"collectionUUID": "x", "contactId": "c"}, [16], ["collectionUUID"]),
    ],
)
def test_what_is_wrong_is_named(client, path, body, codes, fields):
    reply = client.post(f"{ROOT}/{path}", body)
    assert (reply.status, reply.codes, reply.fields) == (400, codes, fields)


def test_one_collection_too_many_is_code_19(client_of):
    with Sandbox(assumptions=Assumptions(collection_limit=0)) as sandbox:
        client = client_of(sandbox)
        assert client.post(ADD, {"name": "x", "catalogId": client.make_catalog()}).codes == [19]


def test_a_collection_can_be_deleted_after_its_catalog(client, collection):
    """What the official feature tests do when they tidy up (WIRE_FACTS 11)."""
    [catalog] = client.get("/v3/product/catalogList").json["catalogs"]
    client.post("/v3/product/catalogDelete", {"catalogId": catalog["catalogId"]})
    assert client.post(f"{ROOT}/delete", {"collectionUUID": collection}).json["success"] is True


def test_a_collection_goes_with_its_catalog(client, sandbox, collection):
    client.post("/v3/product/catalogDelete", {"catalogId": sandbox.catalogs()[0]["catalogId"]})
    assert client.get(f"{ROOT}/list").json["collections"] == []
