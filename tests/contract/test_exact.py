"""Amounts come out the same whatever the notebook has done to Python's decimal contexts."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.contract.rules import Broken
from smnotebook.contract.scalars import Money, Whole
from smnotebook.forms.fix.bulk import BULK_CHANGES
from smnotebook.forms.fix.cells import read_amount

CHANGES: dict[str, Callable[[decimal.Context], None]] = {
    "usual": lambda _: None,
    "few digits": lambda context: setattr(context, "prec", 3),
    "rounding": lambda context: setattr(context, "rounding", decimal.ROUND_UP),
    "floats": lambda context: context.traps.__setitem__(decimal.FloatOperation, True),
    "inexact": lambda context: context.traps.__setitem__(decimal.Inexact, True),
}


@pytest.fixture(params=CHANGES)
def odd_contexts(request) -> Iterator[None]:
    """This thread's context changed, and the one that new threads copy."""
    kept, default = decimal.getcontext(), decimal.DefaultContext
    before = default.prec, default.rounding, dict(default.traps)
    mine = kept.copy()
    CHANGES[request.param](mine)
    CHANGES[request.param](default)
    decimal.setcontext(mine)
    yield
    default.prec, default.rounding = before[:2]
    default.traps.update(before[2])
    decimal.setcontext(kept)


AMOUNTS = [
    (Decimal("1234567.89"), "1234567.89"),
    (1234567.89, "1234567.89"),
    (12345678, "12345678.00"),
    (Decimal("9999999999999999999.99"), "9999999999999999999.99"),
    (Decimal("1.500000"), "1.50"),
    (0.1 + 0.2, "0.30"),
    (-0.0, "0.00"),
    (Decimal("0.005"), "decimals"),
    (Decimal("-0.01"), "negative"),
    (-0.01, "negative"),
    (Decimal(10**19), "digits"),
    (Decimal("NaN"), "infinite"),
]


@pytest.mark.usefixtures("odd_contexts")
@pytest.mark.parametrize(("value", "wanted"), AMOUNTS)
def test_an_amount_is_read_alike(value, wanted):
    try:
        found = str(Money().read(value))
    except Broken as broken:
        found = broken.faults[0][1].name
    assert found == wanted


@pytest.mark.usefixtures("odd_contexts")
@pytest.mark.parametrize(("value", "wanted"), [("1234567", 1234567), ("123456.5", "fraction"), ("1E30", "range")])
def test_a_whole_number_is_read_alike(value, wanted):
    try:
        found = Whole().read(Decimal(value))
    except Broken as broken:
        found = broken.faults[0][1].name
    assert found == wanted


@pytest.mark.usefixtures("odd_contexts")
def test_forms_compute_alike():
    price = BULK_CHANGES["price percent"]
    assert str(price.compute(Decimal("123456.78"), Decimal("-12.5"))) == "108024.68"
    assert read_amount("123456,78") == Decimal("123456.78")
    assert read_amount("1.000") == "1.000"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234,50", Decimal("1234.5")),
        ("1,234.50", Decimal("1234.5")),
        ("1 234,50", Decimal("1234.5")),
        ("1\u00a0234,50", Decimal("1234.5")),
        ("1'234.50", Decimal("1234.5")),
        ("1.234.567", Decimal(1234567)),
        ("12,-", Decimal(12)),
        ("1.23.4", "1.23.4"),
        ("12,50 EUR", "12,50 EUR"),
    ],
)
def test_an_amount_in_a_field_is_read_as_one_in_a_column(text, amount):
    assert read_amount(text) == amount


def products(**columns: object) -> pd.DataFrame:
    ids = ["a", "b"]
    usual = {
        "productId": ids,
        "name": "Lamp",
        "mainCategory": "Lamps",
        "productUrl": [f"https://shop.example.com/{product_id}" for product_id in ids],
        "available": True,
        "price": [Decimal("1234567.89"), 12345.67],
    }
    return pd.DataFrame(usual | columns)


@pytest.mark.usefixtures("odd_contexts")
def test_a_frame_is_checked_repaired_and_sent_alike(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path))
    for prices in ([Decimal("1234567.89"), 12345.67], [Decimal("1234567.89"), Decimal("0.01")], ["1 234,50", 12]):
        frame = products(price=np.array(prices, dtype=object))
        assert products().salesmanago.preflight(rules=sm.rules("price > 1 %")).ok
        fixed = frame.salesmanago.fix()["price"].tolist()
        assert Decimal(str(fixed[0])) in (Decimal("1234567.89"), Decimal("1234.5"))
    with sm.Sandbox() as sandbox:
        client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key)
        catalog = client.create_catalog(name="Shop EU", currency="EUR", location="shop_eu")
        assert products().salesmanago.upsert_products(catalog, progress=False).sent == 2
        assert products().salesmanago.upsert_products(catalog, progress=False).unchanged == 2
        stored = [product["price"] for product in sandbox.products(catalog.id)]
    assert [str(price) for price in stored] == ["1234567.89", "12345.67"]


@pytest.mark.usefixtures("odd_contexts")
def test_an_event_keeps_its_value():
    event = sm.Event(type="PURCHASE", email="ola@example.com", value=1234567.89, location="shop_eu", externalId="1")
    assert str(event.value) == "1234567.89"
