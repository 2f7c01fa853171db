"""Catalogs. Source: product documentation and WIRE_FACTS 3."""

from __future__ import annotations

import pytest

from smnotebook.sandbox import Assumptions, Sandbox

PATH = "/v3/product/catalogUpsert"
GOOD = {"name": "Shop", "currency": "EUR", "location": "shop_eu"}


def test_a_catalog_is_created_and_listed(client):
    reply = client.post(PATH, {**GOOD, "setAsDefault": True})
    catalog_id = reply.json["catalogId"]
    assert len(catalog_id) == 36
    listed = client.get("/v3/product/catalogList").json
    assert listed["catalogs"] == [{"catalogId": catalog_id, **GOOD, "setAsDefault": True}]
    assert listed["limits"] == {"max": 10}


@pytest.mark.parametrize("name", ["name", "catalogName"])
def test_the_name_goes_under_either_key(client, sandbox, name):
    assert client.post(PATH, {name: "Mine", "currency": "EUR", "location": "a"}).status == 200
    assert sandbox.catalogs()[0]["name"] == "Mine"


def test_an_update_changes_the_catalog_and_keeps_the_flag_that_is_not_sent(client, sandbox):
    catalog_id = client.make_catalog(setAsDefault=True)
    assert client.post(PATH, {**GOOD, "catalogId": catalog_id, "currency": "PLN"}).json["catalogId"] == catalog_id
    assert sandbox.catalogs() == [{"catalogId": catalog_id, **GOOD, "currency": "PLN", "setAsDefault": True}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": None}, 17),
        ({"name": " "}, 13),
        ({"name": "x" * 65}, 11),
        ({"name": True}, 14),
        ({"currency": "EURO"}, 11),
        ({"currency": "ZZZ"}, 18),
        ({"location": "1a"}, 18),
        ({"location": "shop-eu"}, 18),
        ({"location": "a" * 256}, 11),
        ({"setAsDefault": "true"}, 14),
        ({"catalogId": "x" * 37}, 11),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_field_is_named_with_its_code(client, change, code):
    reply = client.post(PATH, {**GOOD, **change})
    assert (reply.status, reply.codes, reply.fields) == (400, [code], list(change))


def test_two_bad_fields_are_two_problems_even_above_the_limit(client_of):
    with Sandbox(assumptions=Assumptions(catalog_limit=0)) as sandbox:
        reply = client_of(sandbox).post(PATH, {**GOOD, "currency": "ZZZ", "location": "1"})
        assert sorted(reply.fields) == ["currency", "location"]


def test_one_catalog_too_many_is_code_19_with_the_limit(client_of):
    with Sandbox(assumptions=Assumptions(catalog_limit=1)) as sandbox:
        client = client_of(sandbox)
        catalog_id = client.make_catalog()
        reply = client.post(PATH, {**GOOD, "location": "other"})
        assert reply.codes == [19]
        assert reply.json["problems"][0]["message"].startswith("catalog|limit:1|")
        assert client.post(PATH, {**GOOD, "catalogId": catalog_id, "name": "New"}).status == 200


def test_an_update_of_an_unknown_catalog_is_code_16(client):
    assert client.post(PATH, {**GOOD, "catalogId": "nowhere"}).codes == [16]


def test_a_location_is_taken_once_unless_assumed_otherwise(client, client_of):
    catalog_id = client.make_catalog()
    assert client.post(PATH, GOOD).codes == [15]
    assert client.post(PATH, {**GOOD, "catalogId": catalog_id}).status == 200
    with Sandbox(assumptions=Assumptions(unique_location=False)) as lenient:
        other = client_of(lenient)
        other.make_catalog()
        assert other.post(PATH, GOOD).status == 200


def test_deleting_twice_succeeds_unless_assumed_otherwise(client, sandbox, client_of, product):
    catalog_id = client.make_catalog()
    client.upsert(catalog_id, product())
    for _ in range(2):
        reply = client.post("/v3/product/catalogDelete", {"catalogId": catalog_id})
        assert (reply.status, reply.json["catalogId"]) == (200, catalog_id)
    assert sandbox.catalogs() == []
    with Sandbox(assumptions=Assumptions(unknown_catalog_on_delete="refuse")) as strict:
        assert client_of(strict).post("/v3/product/catalogDelete", {"catalogId": "x"}).codes == [16]


def test_deleting_needs_an_id(client):
    assert client.post("/v3/product/catalogDelete", {}).codes == [13]
