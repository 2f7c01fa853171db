"""Two encodings of one event, and what each of them cannot carry."""

import ast

import pytest

import smnotebook as sm
from smnotebook.contract import ContactEvent, Operation, SeedEvent, check
from smnotebook.errors import DataError, UsageError
from smnotebook.events.encodings import encode, prepare

NOW = 1_763_722_800.0
EMAIL = "customer@example.com"


def seeds_example():
    """The example of the security document, field by field."""
    return sm.Event(
        type="LOCATION_ENTRY",
        email=EMAIL,
        details="Downtown Flagship Store",
        parameters={"lat": 52.2297, "lon": 21.0122, "radius": "100m"},
    )


def v2(event, **carry):
    return encode(event, encoding="v2", carry=carry, now=NOW)


def seed(event, **carry):
    return encode(event, encoding="seed", carry=carry, now=NOW)


def test_the_seeds_example_is_written_as_the_seed_has_it():
    assert seed(seeds_example()) == {
        "contact": {"email": EMAIL},
        "event": {
            "type": "LOCATION_ENTRY",
            "details": "Downtown Flagship Store",
            "parameters": {"lat": 52.2297, "lon": 21.0122, "radius": "100m"},
        },
    }


def test_a_purchase_is_written_as_api_v2_has_it():
    event = sm.Event(type="PURCHASE", email=EMAIL, value=149.99, products=["1", "2"], detail1="card", shopDomain="a.pl")
    body = v2(event)
    assert body["email"] == EMAIL
    assert {name: str(value) for name, value in body["contactEvent"].items()} == {
        "date": str(int(NOW * 1000)),
        "contactExtEventType": "PURCHASE",
        "products": "1,2",
        "value": "149.99",
        "detail1": "card",
        "shopDomain": "a.pl",
    }


def test_the_contact_comes_first_where_the_encoding_needs_it():
    event = sm.Event(type="CART", email=EMAIL)
    options = {"carry": {}, "now": NOW}
    assert [r.operation for r in prepare(event, encoding="v2", ensure_contact=True, **options)] == [
        Operation.UPSERT_CONTACT,
        Operation.ADD_EVENT,
    ]
    assert [r.operation for r in prepare(event, encoding="v2", ensure_contact=False, **options)] == [
        Operation.ADD_EVENT
    ]
    assert [r.operation for r in prepare(event, encoding="seed", ensure_contact=True, **options)] == [
        Operation.SEED_ADD_EVENT
    ]


def test_the_id_of_a_contact_wins_over_its_address():
    body = v2(sm.Event(type="CART", email=EMAIL, contactId="c-1"))
    assert (body["contactId"], "email" in body) == ("c-1", False)


@pytest.mark.parametrize(
    ("fields", "workaround"),
    [
        ({"type": "LOCATION_ENTRY"}, "carry={'type': 'detail10'}"),
        ({"currency": "EUR"}, "carry={'currency': 'detail9'}"),
        ({"parameters": {"lat": 1}}, "carry={'parameters': 'detail11'}"),
        ({"details": "text"}, "carry={'details': 'description'}"),
    ],
)
def test_what_api_v2_cannot_carry_is_said_with_the_way_round(fields, workaround):
    event = sm.Event(**({"type": "CART", "email": EMAIL} | fields))
    with pytest.raises(DataError) as refused:
        v2(event)
    assert workaround in str(refused.value)
    body = v2(event, **ast.literal_eval(workaround.removeprefix("carry=")))
    assert check(ContactEvent, body["contactEvent"]) == []


def test_what_is_carried_along_loses_nothing():
    carried = v2(seeds_example(), type="detail10", details="description", lat="detail1", parameters="detail11")
    assert carried["contactEvent"] == {
        "date": int(NOW * 1000),
        "contactExtEventType": "OTHER",
        "description": "Downtown Flagship Store",
        "detail1": "52.2297",
        "detail10": "LOCATION_ENTRY",
        "detail11": '{"lon":21.0122,"radius":"100m"}',
    }


def test_a_place_that_is_filled_already_is_not_written_over():
    with pytest.raises(DataError, match="filled already"):
        v2(sm.Event(type="CART", email=EMAIL, currency="EUR", detail9="mine"), currency="detail9")


@pytest.mark.parametrize("encoding", [v2, seed])
def test_a_place_that_does_not_exist_is_said(encoding):
    with pytest.raises(UsageError, match="detail21"):
        encoding(sm.Event(type="CART", email=EMAIL, currency="EUR"), currency="detail21")


def test_what_the_seed_cannot_carry_goes_among_its_parameters_on_demand():
    event = sm.Event(type="PURCHASE", email=EMAIL, products=["1"], externalId="A-1", parameters={"a": 1})
    with pytest.raises(DataError, match=r"carry=.'products': 'parameters'"):
        seed(event)
    body = seed(event, products="parameters", externalId="parameters")
    assert body["event"]["parameters"] == {"a": 1, "products": "1", "externalId": "A-1"}
    assert check(SeedEvent, body["event"]) == []


def test_the_seed_needs_an_address():
    with pytest.raises(DataError, match="only key"):
        seed(sm.Event(type="CART", contactId="c-1"))


def test_an_encoding_is_chosen_by_its_name():
    with pytest.raises(UsageError, match="'v2'"):
        encode(sm.Event(type="CART", email=EMAIL), encoding="v3", carry={}, now=NOW)
