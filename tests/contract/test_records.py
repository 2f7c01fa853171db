"""The row-wise check: what it finds in one record, and what it lets pass."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.contract import CatalogDeclaration, PriceUpdate, Product, QuantityUpdate, check, declared_fields
from smnotebook.contract.fields import is_missing

PRODUCT = {
    "productId": "1234",
    "name": "Turtleneck sweater",
    "mainCategory": "sweaters",
    "productUrl": "https://shop.example.com/1234",
    "available": True,
    "price": Decimal("79.99"),
}
REQUIRED = sorted(PRODUCT)
NAN = float("nan")


def found(record, model=Product):
    return [(v.field, v.item, v.reason_code, v.severity) for v in check(model, record)]


def errors_by_field(record, model=Product):
    return {v.field: v.reason_code for v in check(model, record) if v.severity == "error"}


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_field_that_is_absent_is_missing(name):
    record = {key: value for key, value in PRODUCT.items() if key != name}
    assert found(record) == [(name, None, 13, "error")]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_field_that_is_null_is_told_apart_from_an_absent_one(name):
    assert found(PRODUCT | {name: None}) == [(name, None, 17, "error")]


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("empty", ["", NAN, Decimal("NaN")])
def test_an_empty_required_field_is_missing(name, empty):
    assert found(PRODUCT | {name: empty}) == [(name, None, 13, "error")]


@pytest.mark.parametrize("name", ["productId", "name", "mainCategory", "productUrl"])
@pytest.mark.parametrize("blank", [" ", "\t\n", "\u00a0", "\u2003"])
def test_a_required_text_of_nothing_but_blanks_is_missing(name, blank):
    assert found(PRODUCT | {name: blank}) == [(name, None, 13, "error")]


OPTIONAL = [field.name for field in declared_fields(Product) if not field.required]


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("empty", [None, "", NAN, Decimal("NaN")])
def test_an_optional_field_may_be_empty_in_any_way_and_is_left_out(name, empty):
    first, _, rest = name.partition(".")
    record = PRODUCT | {first: {rest: empty} if rest else empty}
    assert found(record) == []
    wire = Product.model_validate(record).to_wire()
    assert first not in wire or not wire[first]


@pytest.mark.parametrize("record", [{}, {"unknown": 1}, dict.fromkeys(REQUIRED)])
def test_every_field_is_named_at_once_and_none_twice(record):
    fields = [violation.field for violation in check(Product, record)]
    assert sorted(fields) == REQUIRED


def test_one_field_breaks_one_rule_at_a_time():
    assert found(PRODUCT | {"productUrl": "no url" + "x" * 3000}) == [("productUrl", None, 11, "error")]


def test_many_fields_are_named_at_once_each_with_its_code():
    record = PRODUCT | {
        "name": "x" * 256,
        "productUrl": "shop.example.com",
        "available": "yes",
        "price": Decimal("1.234"),
        "quantity": 1.5,
        "systemDetails": {"color": "x" * 26, "gender": 7},
        "customDetails": {"a": "x" * 256},
    }
    assert errors_by_field(record) == {
        "name": 11,
        "productUrl": 18,
        "available": 14,
        "price": 18,
        "quantity": 14,
        "systemDetails.color": 11,
        "systemDetails.gender": 18,
        "customDetails.a": 11,
    }


def test_a_fault_inside_a_list_names_its_position_and_every_one_is_named():
    record = PRODUCT | {"imageUrls": ["https://a.example.com/1", "nope", None, "https://[", 5]}
    assert found(record) == [
        ("imageUrls", 1, 18, "error"),
        ("imageUrls", 3, 18, "error"),
        ("imageUrls", 4, 18, "error"),
    ]


def test_warnings_come_only_with_a_record_that_is_good():
    assert found(PRODUCT | {"description": "x" * 1025}) == [("description", None, 12, "warning")]
    assert found(PRODUCT | {"description": "x" * 1025, "price": None}) == [("price", None, 17, "error")]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("productId", True, 14),
        ("productId", 1.5, 14),
        ("productId", b"12", 14),
        ("productId", ["1"], 14),
        ("available", 1, 14),
        ("available", "true", 14),
        ("price", "79.99", 14),
        ("price", True, 14),
        ("price", [79.99], 14),
        ("price", 10**19, 11),
        ("quantity", "3", 14),
        ("quantity", True, 14),
        ("quantity", 2**63, 11),
        ("quantity", 1e300, 11),
        ("quantity", float("inf"), 14),
        ("categories", "shoes", 14),
        ("categories", {"1": "a"}, 14),
        ("customDetails", ["a"], 14),
        ("customDetails", {1: "a"}, 14),
        ("systemDetails", "red", 14),
        ("systemDetails", [], 14),
        ("setAsNull", ["price"], 18),
        ("setAsNull", "discountPrice", 14),
        ("name", "half a \ud83d smile", 18),
    ],
)
def test_a_value_of_another_type_or_range_is_refused(name, value, code):
    assert errors_by_field(PRODUCT | {name: value}) == {name: code}


@pytest.mark.parametrize(
    ("name", "value", "wire"),
    [
        ("productId", 1234, "1234"),
        ("productId", 1234.0, "1234"),
        ("productId", 0, "0"),
        ("productId", "00123", "00123"),
        ("categoryExternalId", 8642, "8642"),
        ("quantity", 3.0, 3),
        ("quantity", Decimal(3), 3),
        ("quantity", 2**63 - 1, 2**63 - 1),
        ("price", 59.970000000000006, Decimal("59.97")),
        ("price", 80, Decimal("80.00")),
        ("price", Decimal("9999999999999999999.99"), Decimal("9999999999999999999.99")),
        ("price", -0.0, Decimal("0.00")),
        ("categories", ["a", None, "b", ""], ["a", "b"]),
        ("customDetails", {"a": "x", "b": None}, {"a": "x"}),
        ("name", " kept as it is ", " kept as it is "),
    ],
)
def test_a_value_is_read_into_its_one_canonical_form(name, value, wire):
    record = PRODUCT | {name: value}
    assert [finding for finding in found(record) if finding[3] == "error"] == []
    assert Product.model_validate(record).to_wire()[name] == wire


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (59.9700009, None),
        (59.9699991, None),
        (59.970002, 18),
        (59.975, 18),
        (-0.0000009, None),
        (-0.000002, 11),
        (-1, 11),
        (Decimal("59.9700000"), None),
        (Decimal("59.9700001"), 18),
        (Decimal("-0.001"), 11),
        (1e19, 11),
        (float("-inf"), 14),
    ],
)
def test_the_noise_of_a_float_ends_at_a_millionth_and_a_decimal_has_none(amount, code):
    assert errors_by_field(PRODUCT | {"price": amount}) == ({} if code is None else {"price": code})


def test_unknown_fields_are_passed_over():
    assert found(PRODUCT | {"unitPrice": "whatever", "margin": -1}) == []
    assert "unitPrice" not in Product.model_validate(PRODUCT | {"unitPrice": 1}).to_wire()


# --- relations: advice about values that are good by themselves


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": 0}, "price"),
        ({"discountPrice": Decimal("79.99")}, "discountPrice"),
        ({"discountPrice": 80}, "discountPrice"),
        ({"discountPrice": 0}, "discountPrice"),
        ({"quantity": -1}, "quantity"),
        ({"systemDetails": {"gender": 3}}, "systemDetails.gender"),
    ],
)
def test_what_is_unwise_earns_advice_without_a_code(changes, field):
    assert found(PRODUCT | changes) == [(field, None, None, "warning")]


@pytest.mark.parametrize(
    "changes",
    [
        {"price": Decimal("0.01")},
        {"discountPrice": Decimal("79.98")},
        {"quantity": 0},
        {"systemDetails": {"gender": None}},
        {"systemDetails": None},
        {"systemDetails": {}},
        {"discountPrice": None},
    ],
)
def test_what_is_wise_or_absent_earns_none(changes):
    assert found(PRODUCT | changes) == []


def test_updates_share_the_advice_of_their_fields():
    assert found({"productId": "1", "price": 1, "discountPrice": 2}, PriceUpdate) == [
        ("discountPrice", None, None, "warning")
    ]
    assert found({"productId": "1", "price": 1, "discountPrice": 0}, PriceUpdate) == [
        ("discountPrice", None, None, "warning")
    ]
    assert found({"productId": "1", "quantity": -1}, QuantityUpdate) == [("quantity", None, None, "warning")]


# --- the catalog's two names


@pytest.mark.parametrize("name", ["name", "catalogName"])
def test_a_catalogs_name_is_read_under_either_name_and_written_under_one(name):
    record = {name: "Shop", "currency": "EUR", "location": "shop"}
    assert found(record, CatalogDeclaration) == []
    assert CatalogDeclaration.model_validate(record).to_wire() == {
        "name": "Shop",
        "currency": "EUR",
        "location": "shop",
    }


def test_two_bad_fields_of_a_catalog_are_two_problems():
    record = {"name": "Shop", "currency": "euro", "location": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}
    assert errors_by_field(record, CatalogDeclaration) == {"currency": 11, "location": 18}


def test_a_catalogs_name_is_found_fault_with_under_the_name_it_was_given():
    assert errors_by_field({"currency": "EUR", "location": "a"}, CatalogDeclaration) == {"name": 13}
    long = {"catalogName": "x" * 65, "currency": "EUR", "location": "a"}
    assert errors_by_field(long, CatalogDeclaration) == {"catalogName": 11}


# --- any record at all

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=7),
    max_leaves=8,
)
NAMES = st.sampled_from([field.name.partition(".")[0] for field in declared_fields(Product)] + ["unknown"])


@given(st.dictionaries(NAMES, ANY), st.booleans())
def test_any_record_gets_a_verdict_and_one_error_a_place(changes, complete):
    violations = check(Product, (PRODUCT if complete else {}) | changes)
    errors = [(v.field, v.item) for v in violations if v.severity == "error"]
    assert len(errors) == len(set(errors))
    assert all(v.message.startswith(v.field) for v in violations if v.reason_code != 10)
    if not errors:
        wire = Product.model_validate(PRODUCT | changes).to_wire()
        assert check(Product, wire) == violations
        assert not any(is_missing(value) for value in wire.values())
