"""sm.Event and sm.Contact: made from what an analyst has, refused with a word, shown without the customer."""

import copy
import datetime as dt

import numpy as np
import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.contract import DETAIL_NAMES, EVENT_TYPES, ContactEvent, declared_fields
from smnotebook.contract.event_drafts import EventDraft, EventRow
from smnotebook.errors import DataError, UsageError
from smnotebook.events import check_event

NOON = 1_763_722_800_000  # 2025-11-21 12:00 in Warsaw


def event(**fields):
    return sm.Event(**({"type": "PURCHASE", "email": "customer@example.com"} | fields))


@pytest.mark.parametrize(
    "date",
    [
        dt.datetime(2025, 11, 21, 12),
        pd.Timestamp(2025, 11, 21, 12),
        np.datetime64("2025-11-21T12:00", "ns"),
        "2025-11-21 12:00",
        "2025-11-21T12:00:00+01:00",
        NOON,
        np.int64(NOON),
        float(NOON),
    ],
)
def test_every_form_of_a_date_is_one_moment(date):
    assert event(date=date, timezone="Europe/Warsaw").date == NOON


def test_a_date_without_a_zone_asks_for_one():
    with pytest.raises(DataError, match="timezone='Europe/Warsaw'"):
        event(date=dt.datetime(2025, 11, 21, 12))


def test_seconds_are_not_taken_for_milliseconds():
    with pytest.raises(DataError, match="Multiply by 1000"):
        event(date=NOON // 1000)


@pytest.mark.parametrize("missing", [None, "", float("nan"), pd.NA, pd.NaT])
def test_missing_is_one_thing(missing):
    made = event(value=missing, date=missing, externalId=missing, products=missing)
    assert (made.value, made.date, made.externalId, made.products) == (None, None, None, None)


@pytest.mark.parametrize("products", [["1", "2"], ("1", 2), np.array(["1", "2"]), "1, 2", pd.array([1, 2])])
def test_products_travel_as_one_text(products):
    assert event(products=products).products == "1,2"


def test_an_id_with_a_comma_is_refused():
    with pytest.raises(DataError, match="id with a comma"):
        event(products=["1,2"])


def test_all_faults_are_told_at_once():
    with pytest.raises(DataError) as refused:
        sm.Event(type="", email="nobody", value=-1, products=["a" * 600], currency="EURO")
    for field in ("type", "email", "value", "products", "currency"):
        assert f"{field}|" in str(refused.value)


def test_a_fault_names_no_value():
    with pytest.raises(DataError) as refused:
        sm.Event(type="CART", email="canary customer@example.com", detail1="canary" * 50)
    assert "canary" not in str(refused.value)
    assert "canary" not in repr(refused.value)


def test_an_event_belongs_to_somebody():
    with pytest.raises(DataError, match="contactId"):
        sm.Event(type="CART")
    assert sm.Event(type="CART", contactId="c-1").contactId == "c-1"


@pytest.mark.parametrize(
    ("wrong", "right"), [("emial", "email"), ("external_id", "externalId"), ("detail21", "detail2")]
)
def test_a_name_that_no_field_has_is_not_passed_over(wrong, right):
    with pytest.raises(UsageError, match=f"Did you mean {right}"):
        event(**{wrong: "x"})


def test_a_zone_that_is_not_there_is_said():
    with pytest.raises(UsageError, match="Mars/Olympus"):
        event(date="2025-11-21", timezone="Mars/Olympus")


def test_named_details_are_parameters():
    assert event(details={"payment": "card"}).parameters == {"payment": "card"}
    assert event(details="a text").details == "a text"


@pytest.mark.parametrize("show", [repr, str, "{}".format])
def test_what_is_shown_has_the_address_shortened_and_no_details(show):
    shown = show(event(email="canary@example.com", detail1="canary", description="canary", parameters={"a": "canary"}))
    assert "canary" not in shown
    assert "c…@example.com" in shown


def test_a_contact_shows_nothing_but_its_shortened_address():
    contact = sm.Contact(email="canary@example.com", name="canary", phone="123456", address={"city": "canary"})
    assert "canary" not in repr(contact)
    assert "123456" not in repr(contact)
    assert contact.address.city == "canary"


def test_a_contact_is_checked_as_it_is_made():
    with pytest.raises(DataError, match="email"):
        sm.Contact(email="nobody")
    with pytest.raises(UsageError, match="Did you mean phone"):
        sm.Contact(email="a@example.com", phon="1")


def test_events_can_be_kept():
    made = event(value=1)
    assert copy.deepcopy(made) == made


def test_forms_get_findings_instead_of_exceptions():
    fields = {"type": "CART", "email": "nobody", "date": "2025-11-21"}
    assert {finding.field for finding in check_event(fields)} == {"email", "date"}
    assert check_event(fields | {"email": "a@example.com"}, timezone="UTC") == []


def test_an_event_holds_every_field_of_api_v2():
    """But for the id, which belongs to an update, and the type, which has a shorter name."""
    assert set(ContactEvent.model_fields) - set(sm.Event.model_fields) == {"eventId", "contactExtEventType"}
    assert set(DETAIL_NAMES) <= set(sm.Event.model_fields)


def test_every_documented_type_makes_an_event():
    assert [event(type=name).type for name in EVENT_TYPES] == list(EVENT_TYPES)


@pytest.mark.parametrize("model", [EventDraft, EventRow])
def test_what_an_analyst_may_write_is_what_the_wire_takes(model):
    """Same field, same limits; ids and dates have wider forms here that end in the same one."""
    wire = {field.name: field.constraint for field in declared_fields(ContactEvent)}
    own = {field.name: field.constraint for field in declared_fields(model)}
    for name in set(wire) & set(own) - {"date", "products"}:
        assert own[name] == wire[name], name
    assert own["products"].max == wire["products"].max
