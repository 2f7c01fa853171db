"""A stored reduced price that no cell names stays: asked about beside a lower price, noted where a sale ended."""

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import ConfirmationNeeded


def table(price, discount=None):
    frame = pd.DataFrame(
        {
            "productId": ["1", "2"],
            "name": "Rug",
            "mainCategory": "Rugs",
            "productUrl": "https://shop.example.com/rug",
            "available": True,
            "price": [price, 500.0],
        }
    )
    return frame if discount is None else frame.assign(discountPrice=pd.Series([discount, None], dtype="float64"))


@pytest.fixture
def stocked(catalog):
    table(100.0, 70.0).salesmanago.upsert_products(catalog, progress=False)
    return catalog


@pytest.mark.parametrize("frame", [table(60.0), table(70.0), table(60.0, float("nan"))])
def test_a_stored_reduced_price_above_the_new_price_is_asked_about(stocked, sandbox, frame):
    plan = frame.salesmanago.plan_products(stocked)
    assert [(q.code, q.field, q.count, q.argument) for q in plan.questions] == [
        ("kept_discount", "discountPrice", 1, "clear=['discountPrice']")
    ]
    with pytest.raises(ConfirmationNeeded, match="1 product would keep a reduced price"):
        frame.salesmanago.upsert_products(stocked, progress=False)
    assert float(sandbox.products(stocked.id)[0]["price"]) == 100


def test_prices_alone_are_asked_about_too(stocked):
    prices = pd.DataFrame({"productId": ["1"], "price": [65.0]})
    with pytest.raises(ConfirmationNeeded, match="not below the new price"):
        prices.salesmanago.update_prices(stocked, progress=False, allow_outliers=True)


def test_clearing_answers_it(stocked, sandbox):
    frame = table(60.0, float("nan"))
    assert frame.salesmanago.plan_products(stocked, clear=["discountPrice"]).questions == ()
    frame.salesmanago.upsert_products(stocked, progress=False, clear=["discountPrice"])
    assert "discountPrice" not in sandbox.products(stocked.id)[0]


def test_a_sale_that_looks_ended_is_noted_and_sent(stocked):
    frame = table(90.0, float("nan"))
    plan = frame.salesmanago.plan_products(stocked)
    assert plan.questions == ()
    assert "1 product keeps its stored discountPrice" in repr(plan)
    report = frame.salesmanago.upsert_products(stocked, progress=False)
    assert "clear=['discountPrice']" in repr(report)


@pytest.mark.parametrize("frame", [table(90.0), table(60.0, 50.0), table(100.0, 70.0)])
def test_nothing_is_said_where_nothing_is_kept_against_the_price(stocked, frame):
    plan = frame.salesmanago.plan_products(stocked)
    assert (plan.questions, plan.notes) == ((), ())


LINE = "{0};Rug;Rugs;https://shop.example.com/{0};{1}\n"
MAPPING = {name: name for name in ("productId", "name", "mainCategory", "productUrl", "price")}


def read(currency):
    lines = [";".join(MAPPING) + "\n", LINE.format(1, f"1299,00 {currency}"), LINE.format(2, f"12 {currency}")]
    return sm.read_feed("".join(lines).encode(), mapping=MAPPING, constants={"available": True})


def test_prices_in_another_currency_than_the_catalogs_are_asked_about(catalog, sandbox):
    frame = read("zł")
    plan = frame.salesmanago.plan_products(catalog)
    assert [(q.code, q.argument) for q in plan.questions] == [("currency", "allow_currency=True")]
    with pytest.raises(ConfirmationNeeded, match="read as PLN, and the catalog 'Shop EU' is in EUR"):
        frame.salesmanago.upsert_products(catalog, progress=False)
    assert sandbox.products(catalog.id) == []
    assert frame.salesmanago.upsert_products(catalog, progress=False, allow_currency=True).sent == 2


@pytest.mark.parametrize("currency", ["€", "EUR", ""])
def test_the_catalogs_own_currency_and_none_are_not_asked_about(catalog, currency):
    assert read(currency).salesmanago.plan_products(catalog).questions == ()
