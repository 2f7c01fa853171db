"""Products: what is stored, what is laid over it, what is cleared. Source: product documentation, WIRE_FACTS 4."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smnotebook.sandbox import Assumptions, Sandbox
from smnotebook.sandbox.operations import ENDPOINTS, respond
from smnotebook.sandbox.store.products import read_products

UPSERT = next(endpoint for endpoint in ENDPOINTS if endpoint.path == "/v3/product/upsert")

UPDATES = [("/v3/product/updatePrice", {"price": 1}), ("/v3/product/updateQuantity", {"quantity": 1})]


@pytest.fixture
def catalog(client):
    return client.make_catalog()


def test_an_upsert_answers_the_ids_as_text(client, catalog, product):
    reply = client.upsert(catalog, product("p1"), product(1234))
    assert reply.status == 200
    assert reply.json["productIds"] == ["p1", "1234"]
    assert reply.json["requestId"]


def test_a_stored_product_reads_back_as_it_was_sent(client, sandbox, catalog, product):
    sent = product(
        systemDetails={"brand": "B", "gender": 3, "bestseller": False},
        customDetails={"material": "linen"},
        categories=["a", "b"],
        quantity=0,
        active=False,
    )
    client.upsert(catalog, sent)
    assert sandbox.products(catalog) == [{**sent, "price": Decimal("79.99")}]


@pytest.mark.parametrize("amount", ["79.99", "0", "0.1", "9999999999999999999.99", "1e2"])
def test_amounts_stay_exact(client, sandbox, catalog, amount):
    body = '{"catalogId": "%s", "products": [{"productId": "p", "name": "n", "mainCategory": "c", "available": true,'
    body = (body + '"productUrl": "https://a.example.com/", "price": %s}]}') % (catalog, amount)
    assert client.post("/v3/product/upsert", body.encode()).status == 200
    assert sandbox.products(catalog)[0]["price"] == Decimal(amount)


def test_a_key_that_is_absent_leaves_the_stored_value(client, sandbox, catalog, product):
    client.upsert(catalog, product(quantity=5, systemDetails={"brand": "B"}, customDetails={"a": "1"}))
    client.upsert(catalog, product(name="New", systemDetails={"color": "red"}, customDetails={"b": "2"}))
    stored = sandbox.products(catalog)[0]
    assert (stored["name"], stored["quantity"]) == ("New", 5)
    assert stored["systemDetails"] == {"brand": "B", "color": "red"}
    assert stored["customDetails"] == {"a": "1", "b": "2"}


def test_details_take_the_place_of_the_stored_ones_where_that_is_assumed(client_of, product):
    with Sandbox(assumptions=Assumptions(details="replace")) as sandbox:
        client = client_of(sandbox)
        catalog = client.make_catalog()
        client.upsert(catalog, product(systemDetails={"brand": "B"}, customDetails={"a": "1"}))
        client.upsert(catalog, product(customDetails={"b": "2"}))
        stored = sandbox.products(catalog)[0]
    assert stored["systemDetails"] == {"brand": "B"}
    assert stored["customDetails"] == {"b": "2"}


def test_set_as_null_clears_even_a_value_sent_beside_it(client, sandbox, catalog, product):
    client.upsert(catalog, product(discountPrice=5, customDetails={"detail1": "x", "detail2": "y"}))
    client.upsert(catalog, product(discountPrice=0, setAsNull=["discountPrice", "detail1"]))
    stored = sandbox.products(catalog)[0]
    assert "discountPrice" not in stored
    assert stored["customDetails"] == {"detail2": "y"}


def test_a_merge_leaves_no_more_than_five_details(client, sandbox, catalog, product):
    client.upsert(catalog, product(customDetails=dict.fromkeys("abcde", "1")))
    assert client.upsert(catalog, product(name="New", customDetails={"a": "2", "f": "1"})).codes == [11]
    [stored] = sandbox.products(catalog)
    assert (stored["name"], stored["customDetails"]) == (product()["name"], dict.fromkeys("abcde", "1"))
    assert client.upsert(catalog, product(customDetails={"a": "2"})).status == 200
    assert sandbox.products(catalog)[0]["customDetails"] == {**dict.fromkeys("bcde", "1"), "a": "2"}


def test_set_as_null_is_taken_for_a_new_product(client, sandbox, catalog, product):
    assert client.upsert(catalog, product(setAsNull=["discountPrice", "detail5"])).status == 200
    assert "setAsNull" not in sandbox.products(catalog)[0]


@pytest.mark.parametrize("categories", [["a", "b"], {"1": "a", "2": "b"}], ids=["list", "object of the PHP client"])
def test_categories_may_be_an_object(client, sandbox, catalog, product, categories):
    assert client.upsert(catalog, product(categories=categories)).status == 200
    assert sandbox.products(catalog)[0]["categories"] == ["a", "b"]


def test_a_null_discount_price_clears_it_and_an_absent_one_leaves_it(client, sandbox, catalog, product):
    client.upsert(catalog, product("p1", discountPrice=5), product("p2", discountPrice=5))
    entries = [{"productId": "p1", "price": 9.5, "discountPrice": None}, {"productId": "p2", "price": 9.5}]
    reply = client.post("/v3/product/updatePrice", {"catalogId": catalog, "products": entries})
    assert reply.status == 200
    assert "problems" not in reply.json
    first, second = sandbox.products(catalog)
    assert (first["price"], "discountPrice" in first) == (Decimal("9.50"), False)
    assert second["discountPrice"] == Decimal("5.00")


def test_quantities_are_set(client, sandbox, catalog, product):
    client.upsert(catalog, product(quantity=5))
    body = {"catalogId": catalog, "products": [{"productId": "p1", "quantity": 0}]}
    assert client.post("/v3/product/updateQuantity", body).status == 200
    assert sandbox.products(catalog)[0]["quantity"] == 0


@pytest.mark.parametrize(("path", "change"), UPDATES)
def test_an_update_of_an_unknown_product_succeeds_and_stores_nothing(client, sandbox, catalog, path, change):
    reply = client.post(path, {"catalogId": catalog, "products": [{"productId": "never", **change}]})
    assert reply.status == 200
    assert "problems" not in reply.json
    assert sandbox.products(catalog) == []


@pytest.mark.parametrize(("path", "change"), [*UPDATES, ("/v3/product/upsert", None)])
def test_an_unknown_catalog_is_code_16_after_the_fields(client, product, path, change):
    good = product() if change is None else {"productId": "p", **change}
    reply = client.post(path, {"catalogId": "nowhere", "products": [good]})
    assert (reply.status, reply.codes, reply.fields) == (400, [16], ["catalogId"])
    bad = client.post(path, {"catalogId": "nowhere", "products": [{**good, "productId": True}]})
    assert bad.fields == ["productId"]


def test_all_problems_come_at_once_one_a_field(client, catalog, product):
    bad = product(price=1.234, name="x" * 256, available="yes", imageUrls=["no url", "neither"], quantity=1.5)
    reply = client.upsert(catalog, bad)
    assert reply.status == 400
    assert dict(zip(reply.fields, reply.codes, strict=True)) == {
        "name": 11,
        "imageUrls": 18,
        "available": 14,
        "quantity": 14,
        "price": 18,
    }


def test_one_bad_product_refuses_the_batch(client, sandbox, catalog, product):
    assert client.upsert(catalog, product("good"), product("bad", price=-1)).codes == [11]
    assert sandbox.products(catalog) == []


def test_one_bad_product_leaves_the_rest_where_that_is_assumed(client_of, product):
    with Sandbox(assumptions=Assumptions(bad_products="accept the rest")) as sandbox:
        client = client_of(sandbox)
        catalog = client.make_catalog()
        reply = client.upsert(catalog, product("good"), product("bad", price=-1))
        assert (reply.status, reply.codes) == (400, [11])
        assert [stored["productId"] for stored in sandbox.products(catalog)] == ["good"]


def test_the_last_of_two_products_with_one_id_wins(client, sandbox, catalog, product):
    assert client.upsert(catalog, product(name="first"), product(name="second")).status == 200
    assert [stored["name"] for stored in sandbox.products(catalog)] == ["second"]


def test_two_products_with_one_id_are_refused_where_that_is_assumed(client_of, product):
    with Sandbox(assumptions=Assumptions(duplicate_ids="refuse")) as sandbox:
        client = client_of(sandbox)
        catalog = client.make_catalog()
        assert client.upsert(catalog, product("1"), product(1)).codes == [15]
        assert client.upsert(catalog, product("1"), product("2")).status == 200


@pytest.mark.parametrize(
    ("soft_limits", "codes", "length"), [("warn", [12], 1100), ("trim", [12], 1024), ("silent", [], 1100)]
)
def test_long_descriptions_are_kept_or_cut_as_assumed(client_of, product, soft_limits, codes, length):
    with Sandbox(assumptions=Assumptions(soft_limits=soft_limits)) as sandbox:
        client = client_of(sandbox)
        catalog = client.make_catalog()
        reply = client.upsert(catalog, product(description="x" * 1100, systemDetails={"season": "s"}))
        assert (reply.status, reply.codes) == (200, codes)
        assert len(sandbox.products(catalog)[0]["description"]) == length


def test_trimming_reaches_nested_texts(client_of, product):
    with Sandbox(assumptions=Assumptions(soft_limits="trim")) as sandbox:
        client = client_of(sandbox)
        catalog = client.make_catalog()
        assert client.upsert(catalog, product(systemDetails={"season": "s" * 50})).fields == ["systemDetails.season"]
        assert len(sandbox.products(catalog)[0]["systemDetails"]["season"]) == 40


@pytest.mark.parametrize(
    ("products", "code"),
    [([], 11), ([{}] * 101, 11), (None, 17), ("p1", 14), ([1], 14), ([[]], 14)],
    ids=["none", "too many", "null", "text", "a number", "a list"],
)
def test_a_request_carries_1_to_100_objects(client, catalog, products, code):
    reply = client.post("/v3/product/upsert", {"catalogId": catalog, "products": products})
    assert reply.status == 400
    assert (reply.codes[0], reply.fields[0]) == (code, "products")


def test_100_products_are_taken(client, catalog, product):
    assert client.upsert(catalog, *(product(number) for number in range(100))).status == 200


# --- upserts one after the other, against a model that fits on a screen ------------------------------------------


@pytest.fixture(scope="module")
def merging(client_of):
    with Sandbox(api_key="k") as sandbox:
        yield sandbox._running_state(), client_of(sandbox).make_catalog()


values = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
upserts = st.lists(
    st.fixed_dictionaries(
        {"productId": st.sampled_from(["a", "b"])},
        optional={
            "description": values,
            "quantity": st.none() | st.integers(-5, 5),
            "discountPrice": st.none() | st.decimals(0, 99, places=2),
            "categories": st.lists(values, max_size=3),
            "systemDetails": st.fixed_dictionaries({}, optional={"brand": values, "season": values}),
            "customDetails": st.dictionaries(st.sampled_from(["detail1", "x"]), values, max_size=2),
            "setAsNull": st.lists(st.sampled_from(["discountPrice", "detail1"]), max_size=2),
        },
    ),
    min_size=1,
    max_size=6,
)


def is_there(value):
    return value is not None and value != ""


def lay_over(stored, sent):
    """What an upsert does, in plain words: what is there is laid over, what is absent stays, what is named goes."""
    for name, value in sent.items():
        if name in ("systemDetails", "customDetails"):
            stored.setdefault(name, {}).update({key: text for key, text in value.items() if is_there(text)})
        elif name == "categories":
            stored[name] = [entry for entry in value if is_there(entry)]
        elif name != "setAsNull" and is_there(value):
            stored[name] = value
    for name in sent.get("setAsNull", ()):
        if name == "discountPrice":
            stored.pop(name, None)
        else:
            stored.setdefault("customDetails", {}).pop(name, None)


@given(sent=upserts)
@settings(max_examples=60)
def test_upserts_in_a_row_leave_what_the_model_says(merging, product, sent):
    state, catalog = merging
    expected = {}
    for change in sent:
        record = {**product(), **change}
        lay_over(expected.setdefault(change["productId"], {}), record)
        body = json.dumps({"catalogId": catalog, "products": [record]}, default=float).encode()
        assert respond(state, UPSERT, api_key="k", raw=body).status == 200
    with state.database.transaction() as rows:
        stored = {read["productId"]: read for read in read_products(rows, 1)}
        rows.execute("DELETE FROM products")
    assert stored == {name: {**read, "price": Decimal("79.99")} for name, read in expected.items()}
