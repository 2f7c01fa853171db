"""Each preset on a small export of our own making: recognised, and read as it is meant."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from smnotebook.errors import UsageError
from smnotebook.feeds import all_presets, read_feed, reading_report

TODAY = date(2026, 1, 15)
MISSING = object()

# file, preset, then for each product what its fields must be
PRODUCTS = {
    "prestashop_api.json": (
        "prestashop_api",
        {
            "1": {"name": "Cup, large", "price": 24.9, "active": True, "available": True, "quantity": MISSING},
            "2": {"name": "Plate", "price": 30.0, "active": False, "systemDetails.brand": "Atelier"},
        },
    ),
    "shopify.csv": (
        "shopify",
        {
            "mug": {
                "name": "Enamel mug",
                "description": "Holds 350 ml & keeps warm\nred\nblue",
                "price": 49.0,
                "discountPrice": 39.0,  # of the red one: the cheaper blue one is sold out
                "quantity": 3,
                "available": True,
                "mainCategory": "Mugs",
                "categories": ["camping", "enamel"],
                "mainImageUrl": "https://cdn.example.com/mug-r.jpg",
                "imageUrls": ["https://cdn.example.com/mug-b.jpg", "https://cdn.example.com/mug-box.jpg"],
                "systemDetails.color": "Red, Blue",
            },
            "voucher": {"price": 100.0, "available": True, "quantity": MISSING, "discountPrice": MISSING},
            "draft-pot": {"active": False, "available": True, "quantity": 7, "discountPrice": MISSING},
        },
    ),
    "shopify_2025.csv": (
        "shopify",
        {
            "linen-apron": {
                "price": 119.0,
                "discountPrice": 89.0,
                "available": True,
                "quantity": 0,
                "active": True,
                "systemDetails.color": "natural",
            },
            "gift-card": {"price": 50.0, "available": True, "quantity": MISSING, "discountPrice": MISSING},
        },
    ),
    "woocommerce.csv": (
        "woocommerce",
        {
            "SH": {
                "price": 199.0,
                "discountPrice": 149.0,
                "quantity": 4,
                "mainCategory": "Shirts",
                "categories": ["Clothing", "Summer, all"],
                "mainImageUrl": "https://img.example.com/sh.jpg",
                "imageUrls": ["https://img.example.com/sh,back.jpg", "https://img.example.com/sh-w.jpg"],
                "systemDetails.color": "White, Sand",
            },
            "SOCK": {"price": 25.0, "discountPrice": MISSING, "active": False, "available": True},
            "SET": {"price": 25.0, "mainCategory": "Sets"},
            "EXT": {"price": 39.0, "productUrl": MISSING},
        },
    ),
    "prestashop.csv": (
        "prestashop",
        {
            "7": {
                "name": "Kerze „Wald“",
                "price": 11.99,
                "discountPrice": 10.79,
                "mainCategory": "Kerzen",
                "systemDetails.color": "Grün",
                "customDetails.Brenndauer": "40 h",
                "imageUrls": ["https://img.example.com/7b.jpg"],
            },
            "8": {"price": 1.19, "discountPrice": MISSING, "active": False, "available": False},
            "9": {"quantity": 0, "available": True},  # orders are taken without stock
        },
    ),
    "magento.csv": (
        "magento",
        {
            "HAT": {
                "name": "Felt hat",
                "price": 60.0,
                "discountPrice": 45.0,
                "mainCategory": "Hats",
                "categories": ["Gear"],
                "quantity": 3,
                "systemDetails.color": "Black",
                "customDetails.size": "S, L",
            },
            "SCARF": {"price": 80.0, "discountPrice": MISSING, "active": False, "systemDetails.manufacturer": "Lipa"},
            "SET": {"price": 80.0},  # of the scarf: the cheaper hat is sold out
        },
    ),
    "wix.csv": (
        "wix",
        {
            "product_1": {
                "price": 40.0,
                "discountPrice": 36.0,
                "quantity": 5,
                "mainImageUrl": "https://static.wixstatic.com/media/a1b2.jpg",
                "systemDetails.color": "Black, White",
                "systemDetails.brand": "Druk",
            },
            "product_2": {"price": 99.9, "discountPrice": MISSING, "available": False, "active": False},
            "product_3": {"price": 12.0, "discountPrice": 10.0, "available": True, "quantity": MISSING},
        },
    ),
    "wix_2025.csv": (
        "wix",
        {
            "tee": {
                "price": 99.0,
                "discountPrice": 79.0,
                "quantity": 7,
                "mainImageUrl": "https://cdn.example.com/tee.jpg",
                "customDetails.Size": "S, L",
            }
        },
    ),
    "google_rss.xml": (
        "google",
        {
            "00042": {
                "name": "Café cup",
                "description": "Porcelain & gold",
                "price": 1249.0,
                "discountPrice": 999.0,
                "productUrl": "https://shop.example.com/cup?a=1&b=2",
                "mainCategory": "Cups",
                "categories": ["Home", "Kitchen"],
                "imageUrls": [f"https://img.example.com/{number}.jpg" for number in range(2, 7)],
                "systemDetails.gender": 0,
            },
            "43": {"price": 89.0, "discountPrice": MISSING, "available": False, "mainCategory": "Kitchen & Dining"},
        },
    ),
    "google_atom.xml": (
        "google",
        {
            "A-1": {
                "name": "Lamp",
                "description": "Brass",
                "productUrl": "https://shop.example.com/lamp",
                "price": 199.0,
            }
        },
    ),
    "google.tsv": ("google", {"T-1": {"price": 129.0, "mainCategory": "Chairs", "available": True}}),
    "meta.csv": (
        "meta",
        {
            "FB_1": {"price": 9.99, "discountPrice": 4.99, "quantity": 75, "mainCategory": "T-shirts"},
            "FB_2": {"price": 14.99, "available": False, "discountPrice": MISSING},
        },
    ),
    "ceneo.xml": (
        "ceneo",
        {
            "501": {
                "name": "Imbryk żeliwny",
                "description": "Pojemność 1,2 l",
                "price": 149.9,
                "quantity": 12,
                "available": True,
                "mainCategory": "Imbryki",
                "categories": ["Dom", "Kuchnia"],
                "mainImageUrl": "https://img.example.pl/501.jpg",
                "imageUrls": ["https://img.example.pl/501-2.jpg"],
                "systemDetails.manufacturer": "Huta",
                "systemDetails.color": "czarny, mat",
            },
            "502": {"available": False},
            "503": {"price": 19.5, "available": False},
        },
    ),
    "salesmanago.xml": (
        "salesmanago",
        {
            "0007": {"name": "Świeca żółta", "price": 29.9, "discountPrice": 24.9, "available": True, "quantity": 14},
            "0008": {"price": 4.0, "discountPrice": MISSING, "available": False},
        },
    ),
    "shopify_api.json": (
        "json",
        {
            "632910392": {"name": "Pocket radio", "price": 199.0, "discountPrice": MISSING, "quantity": 10},
            "632910393": {"price": 19.5, "quantity": 3},
        },
    ),
    "woocommerce_api.json": (
        "json",
        {
            "794": {
                "price": 600.0,
                "discountPrice": 450.0,
                "mainCategory": "Home",
                "categoryExternalId": "9",
                "systemDetails.color": "Grey, Blue",
                "productUrl": "https://shop.example.com/rug",
            },
            "799": {"price": 40.0, "discountPrice": MISSING, "available": False},
        },
    ),
    "plain_api.jsonl": ("json", {"007": {"price": 4.5, "mainCategory": "Pens", "available": True}}),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_an_export_is_recognised_and_means_what_its_shop_means(data, name):
    preset, products = PRODUCTS[name]
    frame = read_feed(data / name, today=TODAY)
    report = reading_report(frame)
    assert (report.preset, report.products) == (preset, len(frame))
    assert report.confidence >= 0.6
    assert report.reason
    by_id = frame.set_index("productId")
    assert by_id.index.is_unique
    for product_id, fields in products.items():
        for field, expected in fields.items():
            found = by_id.loc[product_id].get(field)
            if expected is MISSING:
                assert found is None or pd.isna(found), (product_id, field, found)
            else:
                assert found == expected, (product_id, field, found)


def test_every_preset_has_an_export_here():
    assert {preset for preset, _ in PRODUCTS.values()} == set(all_presets())


def test_a_preset_may_be_named(data):
    report = reading_report(read_feed(data / "meta.csv", preset="google"))
    assert (report.preset, report.confidence) == ("google", None)


def test_a_preset_that_does_not_fit_is_refused_with_one_that_does(data):
    with pytest.raises(UsageError, match=r"Handle.*'google'"):
        read_feed(data / "google.tsv", preset="shopify")


def test_an_unknown_preset_is_answered_with_the_known_ones(data):
    with pytest.raises(UsageError, match="shopify"):
        read_feed(data / "google.tsv", preset="shopfy")


def test_none_leaves_the_table_as_it_is(data):
    frame = read_feed(data / "prestashop.csv", preset=None)
    assert frame.columns[0] == "Product ID"
    assert frame["Price tax included"].tolist() == ["11,99", "1,19", "5,00"]


class TestVariants:
    def test_a_product_a_variant(self, data):
        frame = read_feed(data / "shopify.csv", rows="variant", url_template="https://s.example.com/{Handle}")
        by_id = frame.set_index("productId")
        assert list(by_id.index) == ["MUG-R", "MUG-B", "voucher", "POT-1"]
        assert by_id.loc["MUG-B", ["name", "price", "available"]].tolist() == ["Enamel mug - Blue", 35.0, False]
        assert by_id.loc["MUG-B", "mainCategory"] == "Mugs"

    def test_a_variation_takes_what_only_its_parent_says(self, data):
        by_id = read_feed(data / "woocommerce.csv", rows="variant", today=TODAY).set_index("productId")
        assert list(by_id.index) == ["SH-W", "SH-S", "SOCK", "SET", "EXT"]
        assert by_id.loc["SH-S", ["mainCategory", "description"]].tolist() == ["Shirts", "Airy"]
        assert by_id.loc["SH-W", "discountPrice"] == 149.0

    def test_a_surcharge_is_paid_by_its_variant(self, data):
        by_id = read_feed(data / "wix.csv", rows="variant").set_index("productId")
        assert by_id.loc["PO-W", ["price", "discountPrice"]].tolist() == [45.0, 40.5]

    def test_variants_that_a_shop_api_nests(self, data):
        by_id = read_feed(data / "shopify_api.json", rows="variant").set_index("productId")
        assert by_id["price"].tolist() == [199.0, 199.0, 19.5]
        assert by_id["discountPrice"].dropna().tolist() == [149.0]


def test_the_first_level_may_be_the_main_category(data):
    frame = read_feed(data / "magento.csv", main_category="first")
    assert frame["mainCategory"].tolist() == ["Gear", "Gear", "Sets"]


def test_variants_that_share_an_address_are_said(data):
    frame = read_feed(data / "shopify.csv", rows="variant", url_template="https://s.example.com/{Handle}")
    assert any("share an address" in finding.message for finding in reading_report(frame).warnings)
    frame = read_feed(data / "shopify.csv", rows="variant", url_template="https://s.example.com/{productId}")
    assert frame["productUrl"].is_unique


def test_relative_images_ask_for_their_address(data):
    frame = read_feed(data / "magento.csv")
    assert any(found.kind == "asked" and "image_base_url" in found.message for found in reading_report(frame).findings)
    frame = read_feed(data / "magento.csv", image_base_url="https://shop.example.com/media/catalog/product/")
    assert frame["mainImageUrl"][0] == "https://shop.example.com/media/catalog/product/h/a/hat.jpg"


def test_an_archived_product_of_meta_is_inactive(tmp_path):
    heads = "id,title,description,availability,price,link,image_link,brand,fb_product_category"
    cells = "Cloth,Soft,in stock,10.00 EUR,https://s.example.com/1,https://s.example.com/1.jpg,Lipa,Home"
    (tmp_path / "meta.csv").write_text(f"{heads},status\nM1,{cells},active\nM2,{cells},archived\n")
    assert read_feed(tmp_path / "meta.csv", preset="meta")["active"].tolist() == [True, False]
