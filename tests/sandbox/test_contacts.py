"""Contacts and events. Source: WIRE_FACTS 2 and 6, security document."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smnotebook.sandbox import Assumptions, Sandbox

ADD = "/api/v2/contact/addContactExtEvent"
EVENT = {"date": 1_700_000_000_000, "contactExtEventType": "PURCHASE", "products": "p1,p2", "value": 149.99}


def upsert(client, email="a@example.com", **more):
    return client.signed("/api/contact/upsert", {"contact": {"email": email, **more.pop("contact", {})}, **more}).json


def test_a_contact_is_added_and_changed_under_one_id(client, sandbox):
    first = upsert(client, contact={"name": "Ada", "externalId": "7"}, tags=["new"])
    second = upsert(client, "A@Example.com", contact={"phone": "1"}, forceOptIn=True)
    assert first["success"] is True
    assert first["externalId"] == "7"
    assert second["contactId"] == first["contactId"]
    (stored,) = sandbox.contacts()
    assert (stored["name"], stored["phone"], stored["tags"], stored["forceOptIn"]) == ("Ada", "1", ["new"], True)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "No email specified"),
        ({"contact": {}}, "No email specified"),
        ({"contact": {"email": None}}, "No email specified"),
        ({"contact": {"email": "x"}}, "contact.email must be one e-mail address"),
        ({"contact": 5}, "contact must be an object"),
        ({"contact": {"email": "a@example.com"}, "tags": "x"}, "tags must be a list"),
    ],
)
def test_a_bad_contact_is_refused_on_http_200(client, body, text):
    reply = client.signed("/api/contact/upsert", body)
    assert (reply.status, reply.json["success"]) == (200, False)
    assert reply.json["message"][0].startswith(text)


@pytest.mark.parametrize(("owner", "text"), [("", "User cannot be empty"), ("x@example.com", "User not authenticated")])
def test_the_owner_is_asked_for(client, owner, text):
    assert upsert(client, owner=owner)["message"] == [text]


def test_many_contacts_go_in_one_request(client, sandbox):
    details = [{"contact": {"email": f"{n}@example.com"}} for n in range(3)] + [{"contact": {}}, 5]
    reply = client.signed("/api/contact/batchupsertv2", {"upsertDetails": details}).json
    assert reply["success"] is True
    assert reply["requestId"]
    assert len(sandbox.contacts()) == 3
    for bad in ([], [{}] * 1001, "x"):
        assert client.signed("/api/contact/batchupsertv2", {"upsertDetails": bad}).json["success"] is False


def test_an_event_belongs_to_its_contact(client, sandbox):
    contact_id = upsert(client)["contactId"]
    by_email = client.signed(ADD, {"email": "A@example.com", "contactEvent": EVENT}).json
    by_id = client.signed(ADD, {"contactId": contact_id, "email": "other@example.com", "contactEvent": EVENT}).json
    assert by_email["success"] is by_id["success"] is True
    assert [(event["contactId"], event["state"]) for event in sandbox.events()] == [(contact_id, "assigned")] * 2
    assert Decimal(sandbox.events()[0]["event"]["value"]) == Decimal("149.99")


def test_an_event_does_not_create_a_contact_but_waits_an_hour_for_it(client, sandbox):
    client.signed(ADD, {"email": "a@example.com", "contactEvent": EVENT})
    assert sandbox.contacts() == []
    assert sandbox.events()[0]["state"] == "waiting"
    sandbox.clock.advance(3599)
    contact_id = upsert(client)["contactId"]
    assert sandbox.events()[0] == {**sandbox.events()[0], "contactId": contact_id, "state": "assigned"}


def test_an_event_is_dropped_after_an_hour(client, sandbox):
    client.signed(ADD, {"email": "a@example.com", "contactEvent": EVENT})
    sandbox.clock.advance(3600)
    upsert(client)
    assert sandbox.events()[0]["state"] == "dropped"


def test_an_event_for_an_unknown_contact_is_refused_where_that_is_assumed(client_of):
    with Sandbox(assumptions=Assumptions(event_for_unknown_contact="refuse")) as sandbox:
        reply = client_of(sandbox).signed(ADD, {"email": "a@example.com", "contactEvent": EVENT})
        assert (reply.json["success"], sandbox.events()) == (False, [])


def test_an_event_for_an_unknown_id_is_refused(client):
    assert client.signed(ADD, {"contactId": "none", "contactEvent": EVENT}).json["message"] == ["Contact not found"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"contactExtEventType": "LOCATION_ENTRY"}, "contactEvent.contactExtEventType must be one of"),
        ({"contactExtEventType": "purchase"}, "contactEvent.contactExtEventType must be one of"),
        ({"date": None}, "contactEvent.date is required"),
        ({"date": "yesterday"}, "contactEvent.date must be a time"),
        ({"products": ["p1"]}, "contactEvent.products must be text"),
        ({"products": "p" * 513}, "contactEvent.products is longer than 512"),
        ({"value": "1 EUR"}, "contactEvent.value must be a number"),
        ({"detail20": "x" * 256}, "contactEvent.detail20 is longer than 255"),
    ],
)
def test_a_bad_event_is_refused(client, change, text):
    reply = client.signed(ADD, {"email": "a@example.com", "contactEvent": {**EVENT, **change}}).json
    assert reply["success"] is False
    assert reply["message"][0].startswith(text)


@pytest.mark.parametrize(
    ("body", "text"),
    [({"contactEvent": EVENT}, "No email specified"), ({"email": "a@example.com"}, "contactEvent is required")],
)
def test_an_event_needs_a_contact_and_itself(client, body, text):
    assert client.signed(ADD, body).json["message"] == [text]


@pytest.mark.parametrize("path", ["/api/v2/contact/addBatchContactExtEvent", "/api/contact/batchAddContactExtEvent"])
def test_a_batch_counts_what_was_created_and_what_failed(client, path):
    upsert(client)
    bad = {**EVENT, "contactExtEventType": "NONE"}
    events = [
        {"email": "a@example.com", "contactEvent": EVENT},
        {"email": "b@example.com", "contactEvent": bad},
        {"contactId": "none", "contactEvent": EVENT},
        5,
    ]
    reply = client.signed(path, {"events": events}).json
    assert (reply["success"], reply["createdAmount"], reply["failedAmount"]) == (True, 1, 3)
    assert reply["failedContacts"] == ["b@example.com", "none", ""]


@pytest.mark.parametrize("events", [[], None, [{}] * 1001])
def test_a_batch_has_1_to_1000_events(client, events):
    assert client.signed("/api/v2/contact/addBatchContactExtEvent", {"events": events}).json["success"] is False


def test_an_event_is_replaced_and_deleted_once(client, sandbox):
    upsert(client)
    event_id = client.signed(ADD, {"email": "a@example.com", "contactEvent": EVENT}).json["eventId"]
    change = {"date": 1_700_000_000_001, "contactExtEventType": "CART", "eventId": event_id}
    update = "/api/v2/contact/updateContactExtEvent"
    assert client.signed(update, {"contactEvent": change}).json["eventId"] == event_id
    assert sandbox.events()[0]["event"] == {"date": 1_700_000_000_001, "contactExtEventType": "CART"}
    delete = "/api/contact/deleteContactExtEvent"
    assert client.signed(delete, {"eventId": event_id}).json["result"] == "deleted"
    assert client.signed(delete, {"eventId": event_id}).json["success"] is False
    assert client.signed(update, {"contactEvent": change}).json["success"] is False
    assert client.signed(update, {"contactEvent": EVENT}).json["success"] is False


@pytest.mark.parametrize("event_id", [None, "", 5, "\ud800"])
def test_a_bad_event_id_deletes_nothing(client, event_id):
    assert client.signed("/api/contact/deleteContactExtEvent", {"eventId": event_id}).json["success"] is False


def test_a_contact_and_its_event_go_in_one_call(client, sandbox):
    body = {
        "contactUpsertRequest": {"contact": {"email": "a@example.com"}},
        "addContactExtEventRequest": {"contactEvent": EVENT},
    }
    reply = client.signed("/api/integration/upsert", body).json
    assert sandbox.events()[0]["contactId"] == reply["contactId"]
    assert reply["eventId"]
    assert client.signed("/api/integration/upsert", {**body, "addContactExtEventRequest": {}}).json["success"] is False
    assert client.signed("/api/integration/upsert", {}).json["success"] is False
    assert client.signed("/api/integration/upsert", {**body, "contactUpsertRequest": "a"}).json["success"] is False


def test_either_of_the_two_objects_is_enough(client, sandbox):
    """The official client transfers a contact alone, and an event alone (WIRE_FACTS 11)."""
    contact = {"contact": {"email": "a@example.com"}}
    reply = client.signed("/api/integration/upsert", {"contactUpsertRequest": contact}).json
    assert (reply["success"], "eventId" in reply) == (True, False)
    event = {"email": "a@example.com", "contactEvent": EVENT}
    reply = client.signed("/api/integration/upsert", {"addContactExtEventRequest": event}).json
    assert sandbox.events()[0]["contactId"]
    assert reply["eventId"]
    assert client.signed("/api/integration/upsert", {"addContactExtEventRequest": {"contactEvent": EVENT}}).json[
        "message"
    ] == ["No email specified"]


# --- the security document ---------------------------------------------------------------------------------------


def seed(sandbox, **body):
    secret = sandbox.account.api_secret.get_secret_value()
    return {"apiKey": sandbox.api_key, "apiSecret": secret, "owner": sandbox.account.owner, **body}


def test_the_seeds_contact_call_answers_in_v3s_shape(client, sandbox):
    reply = client.post("/api/v3/contact/upsert", seed(sandbox, contact={"email": "dev@example.com"}))
    assert reply.status == 200
    assert sandbox.contacts()[0]["contactId"] == reply.json["contactId"]
    assert client.post("/api/v3/contact/upsert", seed(sandbox, contact={"email": "x"})).fields == ["contact.email"]


@pytest.mark.parametrize("owner", [{}, {"owner": ""}, {"owner": None}])
def test_the_seeds_contact_call_needs_an_owner(client, sandbox, owner):
    body = seed(sandbox, contact={"email": "dev@example.com"})
    del body["owner"]
    reply = client.post("/api/v3/contact/upsert", {**body, **owner}).json
    assert reply.get("reasonCode") == 10 or [problem["reasonCode"] for problem in reply["problems"]] == [13]
    assert sandbox.contacts() == []


@pytest.mark.parametrize(
    "change", [{"apiKey": "x"}, {"apiSecret": "x"}, {"apiSecret": None}, {"owner": "b@example.com"}]
)
def test_the_seeds_credentials_are_checked(client, sandbox, change):
    body = seed(sandbox, contact={"email": "dev@example.com"}) | change
    assert client.post("/api/v3/contact/upsert", body).json["reasonCode"] == 10


def test_the_seeds_event_creates_its_contact(client, sandbox):
    event = {"type": "LOCATION_ENTRY", "details": "Shop", "parameters": {"lat": 52.2297, "radius": "100m"}}
    body = seed(sandbox, contact={"email": "customer@example.com"}, event=event)
    del body["owner"]  # the document's sample has none
    reply = client.post("/api/v3/contact/event", body)
    assert reply.status == 200
    assert sandbox.contacts()[0]["email"] == "customer@example.com"
    assert sandbox.events()[0]["state"] == "assigned"


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"event": {}}, 13, "event.type"),
        ({"event": None}, 13, "event"),
        ({"event": 5}, 14, "event"),
        ({"event": {"type": "X", "parameters": {"a": []}}}, 14, "event.parameters"),
        ({"event": {"type": "X", "currency": "zzz"}}, 18, "event.currency"),
        ({"contact": {}}, 13, "contact.email"),
    ],
)
def test_a_bad_seed_event_is_refused_by_field(client, sandbox, change, code, field):
    body = seed(sandbox, contact={"email": "c@example.com"}, event={"type": "CART"}) | change
    reply = client.post("/api/v3/contact/event", body)
    assert (reply.codes, reply.fields) == ([code], [field])
