"""The declaration against the documented limits, typed by hand from the documents, so that no slip approves itself.

Sources: seed_product_api.txt (catalogUpsert and product upsert), WIRE_FACTS sections 3 to 5 where the document lost or
left out something (marked WF).
"""

from decimal import Decimal

import pytest

from smnotebook.contract import (
    CLEARABLE,
    HOURLY_LIMITS,
    KEY_AGE_LIMIT_DAYS,
    MAX_CATALOG_ID,
    MAX_PRODUCTS,
    Authentication,
    CatalogDeclaration,
    Operation,
    PriceUpdate,
    Product,
    QuantityUpdate,
    check,
    declared_fields,
)

# field, required, type, most characters or digits, characters most functions use, most entries, structure
PRODUCT = """
productId               *  text    255    -    -  -
name                    *  text    255    -    -  -
mainCategory            *  text    255    -    -  -
categoryExternalId      -  text    255    -    -  -
categories              -  list    255    -    5  -
description             -  text  16384 1024    -  -
productUrl              *  text   2048  512    -  url
mainImageUrl            -  text   2048  512    -  url
imageUrls               -  list   2048    -    5  url
available               *  bool      -    -    -  -
active                  -  bool      -    -    -  -
quantity                -  int       -    -    -  -
price                   *  money  19.2    -    -  -
discountPrice           -  money  19.2    -    -  -
systemDetails.brand     -  text    255    -    -  -
systemDetails.manufacturer - text  255  100    -  -
systemDetails.popularity - int       -    -    -  -
systemDetails.gender    -  enum      -    -    -  -
systemDetails.season    -  text    255   40    -  -
systemDetails.color     -  text     25    -    -  -
systemDetails.bestseller - bool      -    -    -  -
systemDetails.newProduct - bool      -    -    -  -
customDetails           -  details 255    -    5  -
setAsNull               -  names     -    -    -  -
"""

CATALOG = """
name                    *  text     64    -    -  -
catalogId               -  text     36    -    -  -
setAsDefault            -  bool      -    -    -  -
currency                *  text      3    -    -  currency
location                *  text    255   36    -  location
"""

TYPES = {
    "text": "Text",
    "list": "Items",
    "bool": "Flag",
    "int": "Whole",
    "money": "Money",
    "enum": "Choice",
    "details": "Details",
    "names": "Names",
}


def typed(table):
    rows = [line.split() for line in table.strip().splitlines()]
    return {name: tuple(rest) for name, *rest in rows}


def declared(model):
    return {field.name: (field.required, field.constraint) for field in declared_fields(model)}


def as_typed(required, constraint):
    """A declared field in the words of the tables above."""
    kind = next(word for word, name in TYPES.items() if type(constraint).__name__ == name)
    text = getattr(constraint, "of", constraint)
    length = f"{constraint.digits}.2" if kind == "money" else str(getattr(text, "max", "-"))
    soft = getattr(text, "soft", None)
    grammar = getattr(text, "grammar", None)
    entries = str(constraint.max) if kind in {"list", "details"} else "-"
    return (
        "*" if required else "-",
        kind,
        length,
        "-" if soft is None else str(soft),
        entries,
        "-" if grammar is None else grammar.name,
    )


@pytest.mark.parametrize(
    ("table", "model"), [(PRODUCT, Product), (CATALOG, CatalogDeclaration)], ids=["product", "catalog"]
)
def test_the_declaration_holds_the_documented_fields_and_no_other(table, model):
    assert list(declared(model)) == list(typed(table))


@pytest.mark.parametrize(
    ("model", "name", "row"),
    [
        (model, name, row)
        for table, model in ((PRODUCT, Product), (CATALOG, CatalogDeclaration))
        for name, row in typed(table).items()
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_field_is_declared_as_documented(model, name, row):
    assert as_typed(*declared(model)[name]) == row


PRODUCT_RECORD = {
    "productId": "1234",
    "name": "Turtleneck sweater",
    "mainCategory": "sweaters",
    "productUrl": "https://shop.example.com/1234",
    "available": True,
    "price": 79.99,
}
CATALOG_RECORD = {"name": "Shop", "currency": "USD", "location": "examplecom"}


def url(length):
    return "https://shop.example.com/" + "a" * (length - 25)


def codes(model, record):
    return [(v.field, v.reason_code, v.severity) for v in check(model, record)]


def nested(record, name, value):
    first, _, rest = name.partition(".")
    return record | {first: {rest: value} if rest else value}


@pytest.mark.parametrize(("model", "record"), [(Product, PRODUCT_RECORD), (CatalogDeclaration, CATALOG_RECORD)])
def test_the_least_record_is_taken_without_a_word(model, record):
    assert codes(model, record) == []


@pytest.mark.parametrize(
    ("model", "name", "most"),
    [(Product, name, int(row[2])) for name, row in typed(PRODUCT).items() if row[1] == "text"]
    + [
        (CatalogDeclaration, name, int(row[2]))
        for name, row in typed(CATALOG).items()
        if row[1] == "text" and name != "currency"
    ],
)
def test_a_text_of_the_limits_length_is_taken_and_one_more_is_refused_by_11(model, name, most):
    record = PRODUCT_RECORD if model is Product else CATALOG_RECORD
    make = url if name.endswith("Url") else "a".__mul__
    fits = codes(model, nested(record, name, make(most)))
    assert [finding for finding in fits if finding[2] == "error"] == []
    assert codes(model, nested(record, name, make(most + 1))) == [(name, 11, "error")]


@pytest.mark.parametrize(
    ("model", "name", "soft"),
    [(Product, name, int(row[3])) for name, row in typed(PRODUCT).items() if row[3] != "-"]
    + [(CatalogDeclaration, "location", 36)],
)
def test_a_text_beyond_what_most_functions_use_is_taken_with_a_warning(model, name, soft):
    record = PRODUCT_RECORD if model is Product else CATALOG_RECORD
    make = url if name.endswith("Url") else "a".__mul__
    assert codes(model, nested(record, name, make(soft))) == []
    assert codes(model, nested(record, name, make(soft + 1))) == [(name, 12, "warning")]


@pytest.mark.parametrize(("name", "entry"), [("categories", "shoes"), ("imageUrls", url(30))])
def test_five_entries_are_taken_and_a_sixth_is_refused_by_11(name, entry):
    assert codes(Product, PRODUCT_RECORD | {name: [entry] * 5}) == []
    assert codes(Product, PRODUCT_RECORD | {name: [entry] * 6}) == [(name, 11, "error")]


def test_five_details_are_taken_and_a_sixth_is_refused_by_11():
    details = {f"detail{number}": "linen" for number in range(1, 6)}
    assert codes(Product, PRODUCT_RECORD | {"customDetails": details}) == []
    assert codes(Product, PRODUCT_RECORD | {"customDetails": details | {"more": "x"}}) == [
        ("customDetails", 11, "error")
    ]


@pytest.mark.parametrize(("length", "code"), [(255, None), (256, 11)])
def test_the_limit_of_an_entry_is_that_of_a_text(length, code):
    found = codes(Product, PRODUCT_RECORD | {"customDetails": {"material": "x" * length}})
    assert found == ([] if code is None else [("customDetails.material", code, "error")])
    found = codes(Product, PRODUCT_RECORD | {"categories": ["x", "x" * length]})
    assert found == ([] if code is None else [("categories", code, "error")])


@pytest.mark.parametrize("gender", [-1, 0, 1, 2, 4])
def test_the_explained_genders_are_taken(gender):
    assert codes(Product, nested(PRODUCT_RECORD, "systemDetails.gender", gender)) == []


def test_gender_3_is_listed_but_not_explained_so_it_is_taken_with_a_warning():
    assert codes(Product, nested(PRODUCT_RECORD, "systemDetails.gender", 3)) == [
        ("systemDetails.gender", None, "warning")
    ]


@pytest.mark.parametrize("gender", [-2, 5, 100])
def test_other_genders_are_refused_by_18(gender):
    assert codes(Product, nested(PRODUCT_RECORD, "systemDetails.gender", gender)) == [
        ("systemDetails.gender", 18, "error")
    ]


# price, code: 19 digits before the point and 2 after it
MONEY = [
    ("9999999999999999999.99", None),
    ("10000000000000000000", 11),
    ("0.01", None),
    ("0.001", 18),
    ("0.5", None),
    ("1", None),
    ("-0.01", 11),
    ("NaN", 13),
    ("Infinity", 14),
]


@pytest.mark.parametrize(("amount", "code"), MONEY)
def test_money_has_19_digits_before_the_point_and_2_after_it(amount, code):
    found = codes(Product, PRODUCT_RECORD | {"price": Decimal(amount)})
    assert found == ([] if code is None else [("price", code, "error")])


@pytest.mark.parametrize("noisy", [59.970000000000006, 0.1 + 0.2, 1.1 * 3, 19.99 * 100 / 100])
def test_the_noise_of_a_float_is_no_third_decimal(noisy):
    assert codes(Product, PRODUCT_RECORD | {"price": noisy}) == []
    assert Product.model_validate(PRODUCT_RECORD | {"price": noisy}).price == round(Decimal(noisy), 2)


def test_the_other_numbers_are_those_of_the_documents():
    assert MAX_PRODUCTS == 100
    assert MAX_CATALOG_ID == 36
    assert KEY_AGE_LIMIT_DAYS == 90
    assert HOURLY_LIMITS == {"professional": 1000, "enterprise": 10_000, "custom": None, "none": None}
    assert sorted(CLEARABLE) == ["detail1", "detail2", "detail3", "detail4", "detail5", "discountPrice"]


def test_price_and_quantity_updates_ask_for_what_they_need():
    assert codes(PriceUpdate, {}) == [("productId", 13, "error"), ("price", 13, "error")]
    assert codes(PriceUpdate, {"productId": 1, "price": 2, "discountPrice": None}) == []
    assert codes(QuantityUpdate, {}) == [("productId", 13, "error")]
    assert codes(QuantityUpdate, {"productId": "1", "quantity": 1.5}) == [("quantity", 14, "error")]


# WIRE_FACTS section 2, typed by hand: method, path, may be repeated, most records
PRODUCT_OPERATIONS = {
    "LIST_CATALOGS": ("GET", "/v3/product/catalogList", True, 1),
    "CREATE_CATALOG": ("POST", "/v3/product/catalogUpsert", False, 1),
    "UPDATE_CATALOG": ("POST", "/v3/product/catalogUpsert", True, 1),
    "DELETE_CATALOG": ("POST", "/v3/product/catalogDelete", True, 1),
    "UPSERT_PRODUCTS": ("POST", "/v3/product/upsert", True, 100),
    "UPDATE_QUANTITY": ("POST", "/v3/product/updateQuantity", True, 100),
    "UPDATE_PRICE": ("POST", "/v3/product/updatePrice", True, 100),
}


@pytest.mark.parametrize(("name", "row"), PRODUCT_OPERATIONS.items())
def test_each_product_operation_is_where_the_endpoint_table_has_it(name, row):
    operation = Operation[name]
    assert (operation.method, operation.path, operation.repeatable, operation.max_records) == row
    assert operation.authentication is Authentication.API_KEY_HEADER


def test_operations_that_share_a_row_are_still_two():
    """An Enum folds equal values into one name; each name must stay itself."""
    assert [operation.name for operation in Operation] == list(Operation.__members__)
