"""PrestaShop's webservice: net prices are warned of, one language's text is taken, and its quantity is no stock."""

from __future__ import annotations

import json

import smnotebook as sm


def products() -> bytes:
    facts = {"id_manufacturer": "1", "manufacturer_name": "Atelier", "quantity": "0", "wholesale_price": "5.49"}
    facts |= {"available_for_order": "1", "id_tax_rules_group": "1"}
    texts = lambda *found: [{"id": str(at), "value": text} for at, text in enumerate(found, start=1)]  # noqa: E731
    return json.dumps(
        {
            "products": [
                {"id": 1, **facts, "reference": "demo_1", "price": "24.900000", "active": "1",
                 "name": texts("Cup, large", "Kubek"), "description": texts("<p>Blue</p>"),
                 "link_rewrite": texts("cup", "kubek")},
                {"id": 2, **facts, "reference": "demo_2", "price": "30.000000", "active": "0",
                 "name": texts("Plate", "Talerz"), "description": [], "link_rewrite": texts("plate")},
            ]
        }
    ).encode()  # fmt: skip


def test_prices_are_net_and_names_of_one_language():
    frame = sm.read_feed(products())
    report = sm.reading_report(frame)
    assert report.preset == "prestashop_api"
    assert frame["price"].tolist() == [24.9, 30.0]
    assert frame["name"].tolist() == ["Cup, large", "Plate"]
    assert frame["systemDetails.brand"].tolist() == ["Atelier", "Atelier"]
    assert frame["active"].tolist() == [True, False]
    assert "quantity" not in frame
    assert frame["available"].tolist() == [True, True]
    assert [finding.count for finding in report.warnings if "net prices" in finding.message] == [2]


def test_tax_is_added_where_it_is_given():
    frame = sm.read_feed(products(), vat_percent=23)
    assert frame["price"].tolist() == [30.63, 36.9]
