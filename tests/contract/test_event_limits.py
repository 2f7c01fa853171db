"""Events, contacts, keys and the rest of the endpoint table, typed by hand from WIRE_FACTS sections 1, 2 and 6."""

import pytest

from smnotebook.contract import (
    CREATE_KEY_PATH,
    DETAIL_NAMES,
    EVENT_TYPES,
    INTEGRATE_PATH,
    KEY_EXPIRY_DAYS,
    LOG_IN_PATH,
    MAX_CONTACTS,
    MAX_EVENTS,
    Authentication,
    ContactEvent,
    Operation,
    check,
    declared_fields,
)

# section 6: field, required, most characters, characters that an older document allows
EVENT = """
eventId              -   255   -
date                 *     -   -
contactExtEventType  *    64   -
description          -  2048   -
products             -   512   -
location             -   255  36
value                -  19.2   -
externalId           -   255   -
shopDomain           -   255   -
"""

TYPES = """
PURCHASE CART VISIT PHONE_CALL OTHER RESERVATION CANCELLED ACTIVATION MEETING OFFER DOWNLOAD LOGIN TRANSACTION
CANCELLATION RETURN SURVEY APP_STATUS APP_TYPE_WEB APP_TYPE_MANUAL APP_TYPE_RETENTION APP_TYPE_UPSALE LOAN_STATUS
LOAN_ORDER FIRST_LOAN REPEATED_LOAN
"""

# section 2: method, path, may be repeated, most records, authentication
SIGNED, HEADER, SECRET = Authentication.SIGNED_BODY, Authentication.API_KEY_HEADER, Authentication.SECRET_BODY
OPERATIONS = {
    "LIST_COLLECTIONS": ("GET", "/v3/product/collection/list", True, 1, HEADER),
    "CREATE_COLLECTION": ("POST", "/v3/product/collection/add", False, 1, HEADER),
    "DELETE_COLLECTION": ("POST", "/v3/product/collection/delete", True, 1, HEADER),
    "ADD_TO_COLLECTION": ("POST", "/v3/product/collection/products/add", True, 1, HEADER),
    "REMOVE_FROM_COLLECTION": ("POST", "/v3/product/collection/products/delete", True, 1, HEADER),
    "LIST_CONTACT_PRODUCTS": ("POST", "/v3/product/collection/contact/products", True, 1, HEADER),
    "REVOKE_KEY": ("POST", "/v3/auth/revoke", True, 1, HEADER),
    "LIST_USERS": ("POST", "/api/user/listByClient", True, 1, SIGNED),
    "UPSERT_CONTACT": ("POST", "/api/contact/upsert", True, 1, SIGNED),
    "UPSERT_CONTACTS": ("POST", "/api/contact/batchupsertv2", True, 1000, SIGNED),
    "ADD_EVENT": ("POST", "/api/v2/contact/addContactExtEvent", False, 1, SIGNED),
    "UPDATE_EVENT": ("POST", "/api/v2/contact/updateContactExtEvent", True, 1, SIGNED),
    "ADD_EVENTS": ("POST", "/api/v2/contact/addBatchContactExtEvent", False, 1000, SIGNED),
    "ADD_EVENTS_V1": ("POST", "/api/contact/batchAddContactExtEvent", False, 1000, SIGNED),
    "DELETE_EVENT": ("POST", "/api/contact/deleteContactExtEvent", True, 1, SIGNED),
    "UPSERT_CONTACT_WITH_EVENT": ("POST", "/api/integration/upsert", False, 1, SIGNED),
    "SEED_UPSERT_CONTACT": ("POST", "/api/v3/contact/upsert", True, 1, SECRET),
    "SEED_ADD_EVENT": ("POST", "/api/v3/contact/event", False, 1, SECRET),
}
PRODUCT_OPERATIONS = 7  # in test_limits.py

RECORD = {"date": 1795262400000, "contactExtEventType": "PURCHASE"}


def rows():
    return [tuple(line.split()) for line in EVENT.strip().splitlines()]


def test_an_event_has_the_documented_fields_and_twenty_details():
    details = [f"detail{number}" for number in range(1, 21)]
    assert list(DETAIL_NAMES) == details
    assert {field.name for field in declared_fields(ContactEvent)} == {row[0] for row in rows()} | set(details)


@pytest.mark.parametrize(("name", "required", "most", "soft"), rows())
def test_each_field_of_an_event_is_declared_as_documented(name, required, most, soft):
    field = next(field for field in declared_fields(ContactEvent) if field.name == name)
    length = (
        f"{field.constraint.digits}.2" if hasattr(field.constraint, "digits") else getattr(field.constraint, "max", "-")
    )
    assert ("*" if field.required else "-", str(length)) == (required, most)
    assert str(getattr(field.constraint, "soft", None) or "-") == soft


@pytest.mark.parametrize(
    "name", ["description", "products", "location", "externalId", "shopDomain", "detail1", "detail20"]
)
def test_a_text_beyond_its_limit_is_refused_by_11(name):
    most = next(field.constraint.max for field in declared_fields(ContactEvent) if field.name == name)
    assert not [v for v in check(ContactEvent, RECORD | {name: "a" * most}) if v.severity == "error"]
    assert [(v.field, v.reason_code) for v in check(ContactEvent, RECORD | {name: "a" * (most + 1)})] == [(name, 11)]


def test_the_types_are_the_documented_ones():
    assert sorted(EVENT_TYPES) == sorted(TYPES.split())
    assert len(set(EVENT_TYPES)) == len(EVENT_TYPES) == 25


@pytest.mark.parametrize("kind", ["LOCATION_ENTRY", "purchase", "PACKED", "PENDING"])
def test_types_of_one_source_only_are_refused(kind):
    assert [(v.field, v.reason_code) for v in check(ContactEvent, RECORD | {"contactExtEventType": kind})] == [
        ("contactExtEventType", 18)
    ]


def test_seconds_are_told_from_milliseconds():
    findings = check(ContactEvent, RECORD | {"date": 1795262400})
    assert [(v.field, v.reason_code, v.severity) for v in findings] == [("date", None, "warning")]


def test_the_numbers_of_a_batch_are_the_documented_ones():
    assert (MAX_EVENTS, MAX_CONTACTS) == (1000, 1000)


def test_the_expiries_of_a_key_are_the_documented_ones():
    assert list(KEY_EXPIRY_DAYS) == ["NEVER", "SEVEN_DAYS", "ONE_MONTH", "THREE_MONTHS", "ONE_YEAR"]


def test_the_calls_before_there_is_a_key_are_where_the_endpoint_table_has_them():
    assert CREATE_KEY_PATH == "/v3/auth/create"
    assert LOG_IN_PATH == "/api/authorization/token"
    assert INTEGRATE_PATH == "/api/account/integration"


@pytest.mark.parametrize(("name", "row"), OPERATIONS.items())
def test_each_operation_is_where_the_endpoint_table_has_it(name, row):
    operation = Operation[name]
    found = operation.method, operation.path, operation.repeatable, operation.max_records, operation.authentication
    assert found == row


def test_no_operation_is_left_out_of_the_tables():
    assert len(Operation) == len(OPERATIONS) + PRODUCT_OPERATIONS


def test_what_makes_an_event_or_a_second_of_something_is_never_repeatable():
    once = {operation.name for operation in Operation if not operation.repeatable}
    assert once == {
        "CREATE_CATALOG",
        "CREATE_COLLECTION",
        "ADD_EVENT",
        "ADD_EVENTS",
        "ADD_EVENTS_V1",
        "UPSERT_CONTACT_WITH_EVENT",
        "SEED_ADD_EVENT",
    }
