"""Events, accepted and refused. Source: WIRE_FACTS section 6; the seed's shape from the security document."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smnotebook.contract import DETAIL_NAMES, EVENT_TYPES, ContactEvent, SeedEvent, check

GOOD = {"date": 1_700_000_000_000, "contactExtEventType": "PURCHASE"}


def findings(model, record):
    return [(found.field, found.reason_code, found.severity) for found in check(model, record)]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"products": "p01, p02"},
        {"products": 1234},
        {"value": 149.99},
        {"value": 0},
        {"value": Decimal("9999999999999999999.99")},
        {"description": "x" * 2048},
        {"products": "p" * 512},
        {"location": "shop_eu"},
        {"location": None, "value": None},
        {"externalId": "x" * 255},
        {"shopDomain": "shop.example.com"},
        {"date": 1_700_000_000_000.0},
        {"date": "2023-11-14T22:13:20Z"},
        {"date": "2023-11-14T23:13:20+01:00"},
        dict.fromkeys(DETAIL_NAMES, "x" * 255),
        {"detail21": "passed over", "colour": ["passed", "over"]},
    ],
    ids=lambda change: str(change)[:50],
)
def test_an_event_is_taken(change):
    assert findings(ContactEvent, GOOD | change) == []


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_documented_type_is_taken(event_type):
    assert findings(ContactEvent, GOOD | {"contactExtEventType": event_type}) == []


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"date": None}, "date", 17),
        ({"date": ""}, "date", 13),
        ({"date": True}, "date", 14),
        ({"date": 1.5}, "date", 14),
        ({"date": "2023-11-14"}, "date", 14),
        ({"date": "2023-11-14T22:13:20"}, "date", 14),
        ({"date": "yesterday"}, "date", 14),
        ({"date": -1}, "date", 11),
        ({"date": 10**15}, "date", 11),
        ({"contactExtEventType": "LOCATION_ENTRY"}, "contactExtEventType", 18),
        ({"contactExtEventType": "purchase"}, "contactExtEventType", 18),
        ({"contactExtEventType": None}, "contactExtEventType", 17),
        ({"description": "x" * 2049}, "description", 11),
        ({"products": ["p1", "p2"]}, "products", 14),
        ({"products": "p" * 513}, "products", 11),
        ({"value": "149.99"}, "value", 14),
        ({"value": 1.999}, "value", 18),
        ({"value": 10**19}, "value", 11),
        ({"location": "x" * 256}, "location", 11),
        ({"detail20": "x" * 256}, "detail20", 11),
        ({"externalId": "\ud800"}, "externalId", 18),
    ],
    ids=lambda change: str(change)[:50],
)
def test_an_event_is_refused_for_its_field(change, field, code):
    assert findings(ContactEvent, GOOD | change) == [(field, code, "error")]


@pytest.mark.parametrize("absent", list(GOOD))
def test_date_and_type_are_required(absent):
    record = {name: value for name, value in GOOD.items() if name != absent}
    assert findings(ContactEvent, record) == [(absent, 13, "error")]


@pytest.mark.parametrize(("milliseconds", "count"), [(99_999_999_999, 1), (1_700_000_000, 1), (100_000_000_000, 0)])
def test_a_time_that_looks_like_seconds_earns_a_word(milliseconds, count):
    found = check(ContactEvent, GOOD | {"date": milliseconds})
    assert [(one.field, one.severity) for one in found] == [("date", "warning")] * count


def test_a_location_beyond_the_older_limit_earns_a_word():
    assert findings(ContactEvent, GOOD | {"location": "x" * 37}) == [("location", 12, "warning")]


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000_000),
        ("2023-11-14T22:13:20.123456+00:00", 1_700_000_000_123),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ],
)
def test_iso_text_is_read_as_milliseconds(text, milliseconds):
    assert ContactEvent.model_validate(GOOD | {"date": text}).date == milliseconds


# --- the security document ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "record",
    [
        {"type": "LOCATION_ENTRY", "details": "Shop", "parameters": {"lat": 52.2297, "radius": "100m", "open": True}},
        {"type": "PURCHASE", "value": 149.99, "currency": "EUR"},
        {"type": "CART", "parameters": {}},
    ],
)
def test_an_event_of_the_security_document_is_taken(record):
    assert findings(SeedEvent, record) == []


@pytest.mark.parametrize(
    ("record", "field", "code"),
    [
        ({}, "type", 13),
        ({"type": " "}, "type", 13),
        ({"type": "X", "currency": "ZZZ"}, "currency", 18),
        ({"type": "X", "value": -1}, "value", 11),
        ({"type": "X", "parameters": []}, "parameters", 14),
        ({"type": "X", "parameters": {"a": {}}}, "parameters", 14),
        ({"type": "X", "parameters": {str(number): 1 for number in range(101)}}, "parameters", 11),
    ],
)
def test_an_event_of_the_security_document_is_refused(record, field, code):
    assert findings(SeedEvent, record) == [(field, code, "error")]
