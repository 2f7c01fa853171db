"""The request log, and the whole content out and in again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.errors import UsageError
from smnotebook.sandbox import CLAIMS, Assumptions, RequestLog, Sandbox
from smnotebook.sandbox.request_log import MAX_BODY_BYTES, MAX_ENTRIES, redact

KNOWN = {"at": 0.0, "method": "GET", "path": "/", "key": "none", "records": 0, "status": 200}


def test_a_request_is_logged_before_its_answer_is_read(client, sandbox, product):
    catalog = client.make_catalog()
    client.upsert(catalog, product("a"), product("b", price=-1))
    entry = sandbox.requests[-1]
    assert (entry.number, entry.method, entry.path) == (2, "POST", "/v3/product/upsert")
    assert (entry.key, entry.records, entry.status, entry.reason_codes) == ("valid", 2, 400, (11,))
    assert entry.json["products"][0]["productId"] == "a"
    assert entry.at == sandbox.clock.now()


@pytest.mark.parametrize(("key", "verdict"), [(None, "none"), ("wrong", "refused")])
def test_the_log_says_what_became_of_the_key(client, sandbox, key, verdict):
    client.get("/v3/product/catalogList", headers={"API-KEY": key})
    assert sandbox.requests[0].key == verdict


@pytest.mark.parametrize("name", ["apiKey", "APISECRET", "sha", "sha1", "password", "token", "api\\u004bey"])
@pytest.mark.parametrize("frame", ['{"%s": "sesame", "b": 1}', '{"a": [{"%s": {"c": "sesame"}}], "b": 1}'])
def test_secrets_are_taken_out_of_logged_bodies(name, frame):
    kept = redact((frame % name).encode())
    assert b"sesame" not in kept
    assert json.loads(kept)["b"] == 1


@pytest.mark.parametrize("body", [b'{"apiKey": "sesame"', b"apiKey=sesame", b'{"a":' * 5000 + b'"apiKey"'])
def test_a_body_that_can_not_be_read_is_not_kept_where_it_may_hold_a_secret(body):
    assert redact(body) is None


@given(st.dictionaries(st.text(), st.text()))
def test_a_body_without_secrets_is_kept_as_it_means(body):
    assert json.loads(redact(json.dumps(body).encode()).decode()).keys() == body.keys()


def test_the_log_is_a_sequence_of_bounded_length():
    log = RequestLog()
    for _ in range(MAX_ENTRIES + 5):
        log.add(body=b"{}", **KNOWN)
    assert (len(log), log.total, log[0].number, log[-1].number) == (MAX_ENTRIES, MAX_ENTRIES + 5, 6, MAX_ENTRIES + 5)
    assert [entry.number for entry in log[:2]] == [6, 7]
    assert "1000 kept" in repr(log)


def test_the_log_is_bounded_in_bytes():
    log = RequestLog()
    for _ in range(5):
        log.add(body=b"x" * (MAX_BODY_BYTES // 4), **KNOWN)
    assert len(log) == 4


def test_a_body_that_was_not_kept_says_so():
    entry = RequestLog().add(body=b"apiKey=sesame", **KNOWN)
    with pytest.raises(ValueError, match="not kept"):
        _ = entry.json


def test_the_log_goes_over_http_without_bodies(client):
    client.make_catalog(name="secret name")
    logged = client.get("/_sandbox/requests")
    assert logged.json["total"] == 1
    assert logged.json["requests"][0]["path"] == "/v3/product/catalogUpsert"
    assert b"secret name" not in logged.body


# --- content -----------------------------------------------------------------------------------------------------


@pytest.fixture
def filled(client, sandbox, product):
    catalog = client.make_catalog()
    client.upsert(catalog, product("p1", price=0.1, customDetails={"detail1": "\u017c"}), product("p2"))
    collection = client.post("/v3/product/collection/add", {"name": "c", "catalogId": catalog}).json["collectionUUID"]
    entries = [{"contactId": "x", "productIds": ["p1"]}]
    client.post("/v3/product/collection/products/add", {"collectionUUID": collection, "data": entries})
    client.signed("/api/contact/upsert", {"contact": {"email": "a@example.com"}})
    event = {"date": 1_700_000_000_000, "contactExtEventType": "CART", "value": 1.5}
    client.signed("/api/v2/contact/addContactExtEvent", {"email": "b@example.com", "contactEvent": event})
    return sandbox


def test_content_travels_to_another_sandbox(filled):
    snapshot = json.loads(json.dumps(filled.export()))
    with Sandbox() as other:
        other.load(snapshot)
        assert other.export() == snapshot
        assert other.catalogs() == filled.catalogs()
        catalog_id = filled.catalogs()[0]["catalogId"]
        assert other.products(catalog_id) == filled.products(catalog_id)
        assert other.events() == [{**filled.events()[0], "state": "dropped"}]  # by the other's clock, years later


def test_content_travels_over_http(filled, client, client_of):
    snapshot = client.get("/_sandbox/content").body
    with Sandbox() as other:
        assert client_of(other).send("PUT", "/_sandbox/content", snapshot).status == 200
        assert other.export() == filled.export()


def test_no_secret_travels(filled):
    snapshot = json.dumps(filled.export())
    assert filled.api_key not in snapshot
    assert filled.account.api_secret.get_secret_value() not in snapshot


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(format="x"),
        lambda s: s.update(version=2),
        lambda s: s.update(tables=[]),
        lambda s: s["tables"].update(keys=[]),
        lambda s: s["tables"].update(catalogs=5),
        lambda s: s["tables"].update(catalogs=[]),
        lambda s: s["tables"]["catalogs"].append(5),
        lambda s: s["tables"]["catalogs"][0].update(x=1),
        lambda s: s["tables"]["catalogs"][0].update(name=None),
        lambda s: s["tables"]["catalogs"][0].update(name=[]),
        lambda s: s["tables"]["products"][0].pop("payload"),
        lambda s: s["tables"]["products"][0].update(payload=5),
        lambda s: s["tables"]["events"][0].update(payload=5),
        lambda s: s["tables"]["products"][0].update(catalog=10**30),
        lambda s: s["tables"]["products"][0]["payload"].update(price="x"),
        lambda s: s["tables"]["products"][0]["payload"].update(price=None),
        lambda s: s["tables"]["products"][0]["payload"].update(name="x" * 256),
    ],
)
def test_what_is_no_snapshot_is_refused_and_changes_nothing(filled, change):
    before = filled.export()
    broken = json.loads(json.dumps(before))
    change(broken)
    with pytest.raises(UsageError, match="export it again"):
        filled.load(broken)
    assert filled.export() == before


# --- claims --------------------------------------------------------------------------------------------------------


def test_every_switch_has_a_claim_and_every_claim_a_source():
    switches = {claim.switch for claim in CLAIMS if claim.switch}
    assert switches == set(Assumptions.__dataclass_fields__)
    assert all(claim.basis == "assumed" for claim in CLAIMS if claim.switch)
    assert not [claim for claim in CLAIMS if claim.basis != "assumed" and claim.source == "none"]


def test_the_claims_go_over_http_with_the_switches(client):
    reply = client.get("/_sandbox/claims").json
    assert len(reply["claims"]) == len(CLAIMS)
    assert reply["assumptions"] == Assumptions().as_json()
