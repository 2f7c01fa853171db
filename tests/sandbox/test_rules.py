"""Every documented limit, asked over HTTP: the value at the limit is taken, the one beyond it is refused.

Typed by hand from the documents, not read from the contract. ``doc`` is the product documentation's table, ``sample``
its sample, ``client`` and ``tests`` the official client and its tests (WIRE_FACTS sections 3 and 4).
"""

from __future__ import annotations

import pytest

from smnotebook.sandbox import Sandbox

URL = "https://shop.example.com/"


def url(length):
    return URL + "x" * (length - len(URL))


def nested(group, **fields):
    return {group: fields}


# field, a value that is taken, a value that is refused, the code of the refusal, the source of the rule
PRODUCT = [
    ("productId", "x" * 255, "x" * 256, 11, "doc"),
    ("productId", 1234, 1.5, 14, "client"),
    ("productId", "0", None, 17, "doc"),
    ("name", "ż" * 255, "ż" * 256, 11, "doc"),
    ("name", "T-shirt «100% cotton» & more", "", 13, "doc"),
    ("mainCategory", "x" * 255, "x" * 256, 11, "doc"),
    ("mainCategory", 7, ["a"], 14, "client"),
    ("categoryExternalId", "x" * 255, "x" * 256, 11, "doc"),
    ("categoryExternalId", 8642, True, 14, "client"),
    ("categories", ["x" * 255] * 5, ["x"] * 6, 11, "doc"),
    ("categories", [], ["x" * 256], 11, "doc"),
    ("categories", {"1": "a"}, "a", 14, "client"),
    ("description", "x" * 16_384, "x" * 16_385, 11, "doc"),
    ("productUrl", url(2048), url(2049), 11, "doc"),
    ("productUrl", "http://example.com", "example.com", 18, "doc"),
    ("productUrl", URL + "a?b=c#d", "https://shop.example.com//a", 18, "doc"),
    ("mainImageUrl", url(2048), url(2049), 11, "doc"),
    ("mainImageUrl", "ftp://example.com/a.jpg", "C:\\a.jpg", 18, "doc"),
    ("imageUrls", [url(2048)] * 5, [url(10 + len(URL))] * 6, 11, "doc"),
    ("imageUrls", [], ["a.jpg"], 18, "doc"),
    ("available", False, "false", 14, "doc"),
    ("available", True, 1, 14, "doc"),
    ("active", False, "no", 14, "doc"),
    ("quantity", 0, "0", 14, "doc"),
    ("quantity", 90, 1.5, 14, "tests"),
    ("price", 9999999999999999999, 10000000000000000000, 11, "doc"),
    ("price", 79.99, 79.999, 18, "tests"),
    ("price", 0, -0.01, 11, "doc"),
    ("price", 1, "79.99", 14, "doc"),
    ("price", 79.5, None, 17, "doc"),
    ("discountPrice", 79.99, 79.999, 18, "tests"),
    ("discountPrice", 500, 10000000000000000000, 11, "doc, tests"),
    ("setAsNull", ["discountPrice", "detail1", "detail5"], ["name"], 18, "client"),
    ("customDetails", {f"name {n}": "x" * 255 for n in range(5)}, {f"name {n}": "x" for n in range(6)}, 11, "doc"),
    ("customDetails", {"detail1": 5}, ["linen"], 14, "doc"),
]
DETAILS = [
    ("brand", "x" * 255, "x" * 256, 11, "sample"),
    ("manufacturer", "x" * 255, "x" * 256, 11, "doc"),
    ("season", "x" * 255, "x" * 256, 11, "doc"),
    ("color", "x" * 25, "x" * 26, 11, "doc"),
    ("color", "", ["black"], 14, "client"),
    ("popularity", 40, "high", 14, "doc"),
    ("gender", -1, 5, 18, "doc"),
    ("gender", 3, -2, 18, "doc"),
    ("gender", 4, 0.5, 14, "doc"),
    ("bestseller", True, "true", 14, "doc"),
    ("newProduct", False, 0, 14, "doc"),
]
RULES = [(field, {field: good}, {field: bad}, code) for field, good, bad, code, _ in PRODUCT] + [
    (f"systemDetails.{field}", nested("systemDetails", **{field: good}), nested("systemDetails", **{field: bad}), code)
    for field, good, bad, code, _ in DETAILS
]
REQUIRED = ["productId", "name", "mainCategory", "productUrl", "available", "price"]


@pytest.fixture(scope="module")
def running():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def catalog(running, client_of):
    client = client_of(running)
    found = running.catalogs()
    return client, found[0]["catalogId"] if found else client.make_catalog()


@pytest.mark.parametrize(("field", "good", "bad", "code"), RULES, ids=lambda value: str(value)[:50])
def test_the_limit_is_taken_and_what_lies_beyond_is_refused(catalog, product, field, good, bad, code):
    client, catalog_id = catalog
    fresh = {"productId": str(good)[:50]}  # details of another rule would stay under one id
    accepted = client.upsert(catalog_id, product(**(fresh | good)))
    assert accepted.status == 200
    assert set(accepted.codes) <= {12}
    refused = client.upsert(catalog_id, product(**bad))
    assert (refused.status, refused.codes, refused.fields) == (400, [code], [field])


@pytest.mark.parametrize("field", REQUIRED)
def test_a_required_field_is_missed(catalog, product, field):
    client, catalog_id = catalog
    record = product()
    del record[field]
    refused = client.upsert(catalog_id, record)
    assert (refused.status, refused.codes, refused.fields) == (400, [13], [field])


def test_nothing_else_is_required(catalog, product):
    client, catalog_id = catalog
    assert set(product()) == set(REQUIRED)
    assert client.upsert(catalog_id, product()).status == 200


def test_what_the_documentation_does_not_know_is_passed_over(catalog, running, product):
    client, catalog_id = catalog
    assert client.upsert(catalog_id, product("odd", unitPrice=19.99, margin={"a": []}, feedNote="x")).status == 200
    assert "unitPrice" not in running.products(catalog_id)[-1]


def test_the_documentations_sample_is_taken_once_its_gaps_are_filled(catalog, running):
    client, catalog_id = catalog
    sample = {
        "productId": "1235",
        "name": "White t-shirt",
        "mainCategory": "t-shirts",
        "categoryExternalId": "1050",
        "categories": ["Winter collection", "Linen products"],
        "description": "Classic t-shirt with...",
        "productUrl": f"{URL}1235",
        "mainImageUrl": f"{URL}1235.jpg",
        "imageUrls": [f"{URL}1235-2.jpg"],
        "available": True,
        "active": True,
        "quantity": 90,
        "price": 29.99,
        "discountPrice": 19.99,
        "unitPrice": 19.99,
        "systemDetails": {
            "brand": "My Brand",
            "manufacturer": "My Brand",
            "popularity": 40,
            "gender": 0,
            "season": "summer",
            "color": "white",
            "bestseller": True,
            "newProduct": False,
        },
        "customDetails": {"detail1": "linen", "detail2": "short"},
    }
    reply = client.upsert(catalog_id, sample)
    assert reply.json["productIds"] == ["1235"]
    assert "problems" not in reply.json


@pytest.mark.parametrize(
    ("path", "good", "bad", "field", "code"),
    [
        ("updateQuantity", {"quantity": 5}, {"quantity": "5"}, "quantity", 14),
        ("updateQuantity", {"quantity": None}, {"quantity": 2.5}, "quantity", 14),
        ("updatePrice", {"price": 5, "discountPrice": None}, {"price": None}, "price", 17),
        ("updatePrice", {"price": 5.25, "discountPrice": 4}, {"price": 5, "discountPrice": 4.001}, "discountPrice", 18),
    ],
)
def test_the_two_updates_take_and_refuse(catalog, path, good, bad, field, code):
    client, catalog_id = catalog

    def send(change):
        entry = {"productId": "p1", **change}
        return client.post(f"/v3/product/{path}", {"catalogId": catalog_id, "products": [entry]})

    assert send(good).status == 200
    assert (send(bad).fields, send(bad).codes) == ([field], [code])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (11, "name|min:0|max:255|"),
        (12, "description|max:1024|"),
        (13, "name|"),
        (14, "name:string|"),
        (17, "name|"),
        (18, "productUrl|"),
    ],
)
def test_messages_have_the_documented_format(catalog, product, code, message):
    client, catalog_id = catalog
    fields = {
        11: {"name": "x" * 256},
        12: {"description": "x" * 1025},
        13: {"name": ""},
        14: {"name": True},
        17: {"name": None},
        18: {"productUrl": "x"},
    }[code]
    (problem,) = client.upsert(catalog_id, product(**fields)).json["problems"]
    assert problem["reasonCode"] == code
    assert problem["message"].startswith(message)
    assert problem["message"] != message
