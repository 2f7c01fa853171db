"""Contacts, keys and collections, accepted and refused. Source: WIRE_FACTS sections 1 and 2, security document."""

from __future__ import annotations

import pytest

from smnotebook.contract import (
    KEY_EXPIRY_DAYS,
    CollectionDeclaration,
    CollectionEntry,
    ContactReference,
    ContactUpsert,
    KeyRequest,
    check,
)

CONTACT = {"email": "ada@example.com"}
KEY = {"email": "owner@example.com", "keyName": "shop", "expiry": "NEVER"}


def findings(model, record):
    return [(found.field, found.reason_code) for found in check(model, record) if found.severity == "error"]


@pytest.mark.parametrize(
    ("model", "record"),
    [
        (ContactUpsert, {"contact": CONTACT}),
        (ContactUpsert, {"contact": {**CONTACT, "name": "Ada", "address": {"city": "Kraków", "zipCode": 30001}}}),
        (ContactUpsert, {"contact": CONTACT, "tags": ["a", "b"], "properties": {"size": "M"}, "forceOptIn": True}),
        (ContactUpsert, {"contact": {**CONTACT, "phone": "", "externalId": 7, "unknown": {}}, "tags": None}),
        (ContactReference, {"email": "ada@example.com"}),
        (ContactReference, {"contactId": "c-1"}),
        (ContactReference, {}),
        *((KeyRequest, {**KEY, "expiry": expiry}) for expiry in KEY_EXPIRY_DAYS),
        (KeyRequest, {**KEY, "webhookUrl": "https://shop.example.com/hook", "endpoint": "app2.salesmanago.pl"}),
        (CollectionDeclaration, {"name": "Liked", "catalogId": "x" * 36}),
        (CollectionEntry, {"contactId": "c", "productIds": ["1", 2]}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_record_is_taken(model, record):
    assert findings(model, record) == []


@pytest.mark.parametrize(
    ("model", "record", "expected"),
    [
        (ContactUpsert, {}, [("contact", 13)]),
        (ContactUpsert, {"contact": None}, [("contact", 17)]),
        (ContactUpsert, {"contact": "ada@example.com"}, [("contact", 14)]),
        (ContactUpsert, {"contact": {}}, [("contact.email", 13)]),
        (ContactUpsert, {"contact": {"email": "Ada <ada@example.com>"}}, [("contact.email", 18)]),
        (ContactUpsert, {"contact": {"email": "ada@localhost"}}, [("contact.email", 18)]),
        (ContactUpsert, {"contact": {**CONTACT, "address": []}}, [("contact.address", 14)]),
        (ContactUpsert, {"contact": {**CONTACT, "address": {"city": "x" * 256}}}, [("contact.address.city", 11)]),
        (ContactUpsert, {"contact": CONTACT, "forceOptIn": "yes"}, [("forceOptIn", 14)]),
        (ContactUpsert, {"contact": CONTACT, "tags": "a"}, [("tags", 14)]),
        (ContactReference, {"email": "x"}, [("email", 18)]),
        (ContactReference, {"contactId": []}, [("contactId", 14)]),
        (KeyRequest, {**KEY, "expiry": "TWO_DAYS"}, [("expiry", 18)]),
        (KeyRequest, {**KEY, "webhookUrl": "shop"}, [("webhookUrl", 18)]),
        (KeyRequest, {}, [("email", 13), ("keyName", 13), ("expiry", 13)]),
        (CollectionDeclaration, {"name": "x" * 65, "catalogId": "x" * 37}, [("name", 11), ("catalogId", 11)]),
        (CollectionEntry, {"contactId": "c", "productIds": "1"}, [("productIds", 14)]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_record_is_refused_for_its_field(model, record, expected):
    assert findings(model, record) == expected


@pytest.mark.parametrize(
    ("expiry", "days"),
    [("NEVER", None), ("SEVEN_DAYS", 7), ("ONE_MONTH", 30), ("THREE_MONTHS", 90), ("ONE_YEAR", 365)],
)
def test_a_key_expires_after_the_days_its_name_says(expiry, days):
    assert KEY_EXPIRY_DAYS[expiry] == days
