"""The real exports, read through recognition, give exactly the products that their README describes."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from smnotebook.feeds import read_feed, reading_report

TEMPLATE = "https://shop.example.com/products/{Handle}"


def read(folder, name, **options):
    frame = read_feed(folder / name, **options)
    return frame.set_index("productId"), reading_report(frame)


class TestShopify:
    @pytest.fixture
    def read(self, shared):
        return read(shared, "shopify_products.csv", url_template=TEMPLATE)

    def test_is_recognised_and_gives_a_product_a_handle(self, read):
        products, report = read
        assert (report.preset, report.rows, report.products) == ("shopify", 21, 20)
        assert len(products) == 20
        assert products.index[0] == "floor-lamp"

    def test_the_struck_through_price_is_the_regular_one(self, read):
        products, _ = read
        assert products.loc["floor-lamp", ["price", "discountPrice"]].tolist() == [85.0, 69.99]
        reduced = products["discountPrice"].notna()
        assert reduced.sum() == 16
        assert (products["price"] > products["discountPrice"])[reduced].all()
        without = ["grey-wheelbarrow", "wicker-vase", "wicker-bowl", "gardening-gloves"]
        assert products.index[~reduced].tolist() == without
        assert products.loc[without, "price"].tolist() == [10.0, 99.99, 750.0, 9.99]

    def test_variants_are_joined(self, read):
        products, report = read
        gloves = products.loc["gardening-gloves"]
        assert gloves["quantity"] == 1 + 3
        assert gloves["systemDetails.color"] == "Green, Yellow"
        assert len(gloves["imageUrls"]) == 1
        assert any("9.99 to 15.99" in example for finding in report.findings for example in finding.examples)

    def test_what_is_sold_out_is_not_available(self, read):
        products, _ = read
        assert products.index[~products["available"]].tolist() == ["watering-can", "wicker-bowl"]
        assert products["active"].all()

    def test_texts_categories_and_addresses(self, read):
        products, _ = read
        lamp = products.loc["floor-lamp"]
        assert lamp["description"] == "Black floor lamp"
        assert lamp["mainCategory"] == "Indoor"
        assert lamp["categories"] == ["Black", "Lamp"]
        assert lamp["productUrl"] == "https://shop.example.com/products/floor-lamp"
        assert lamp["systemDetails.brand"] == "Company 123"
        assert not products["description"].str.contains("<").any()
        assert products.loc["black-armchairs", "description"].startswith("Description\nLorem ipsum")

    def test_a_product_a_variant_on_request(self, shared):
        frame = read_feed(shared / "shopify_products.csv", url_template=TEMPLATE, rows="variant")
        assert len(frame) == 21
        assert frame["productId"].is_unique
        assert frame["price"].tolist()[-2:] == [9.99, 15.99]
        assert frame["mainCategory"].tolist()[-2:] == ["Outdoor", "Outdoor"]


class TestWooCommerce:
    @pytest.fixture
    def read(self, shared):
        return read(shared, "woocommerce_products.csv", url_template="https://shop.example.com/product/{slug}")

    def test_variations_join_their_parents(self, read):
        _, report = read
        assert (report.preset, report.rows, report.products) == ("woocommerce", 24, 15)

    def test_every_row_on_request(self, shared):
        assert len(read_feed(shared / "woocommerce_products.csv", rows="row")) == 24

    def test_a_product_a_variation_on_request(self, shared):
        frame = read_feed(shared / "woocommerce_products.csv", rows="variant")
        assert len(frame) == 22
        assert frame["price"].notna().all()
        assert frame["mainCategory"].notna().all()

    def test_prices(self, read):
        products, _ = read
        prices = products[["price", "discountPrice"]]
        assert prices.loc["cc-beanie"].tolist() == [20.0, 18.0]
        assert prices.loc["cc-hoodie"].tolist() == [45.0, 42.0]  # of its cheapest variation
        assert prices.loc["cc-single"].tolist() == [3.0, 2.0]
        assert prices.loc["cc-logo-collection", "price"] == 18.0  # of its cheapest member
        assert products["price"].notna().all()

    def test_paths_images_attributes(self, read):
        products, _ = read
        hoodie = products.loc["cc-hoodie"]
        assert (hoodie["mainCategory"], hoodie["categories"]) == ("Hoodies", ["Clothing"])
        assert hoodie["mainImageUrl"].endswith("hoodie-no-pocket-red.png")
        assert hoodie["systemDetails.color"] == "Blue, Green, Red"
        assert products.loc["cc-hoodie-with-logo", "name"] == "Hoodie with Pocket and  Logo"

    def test_an_affiliate_address_is_not_the_products_page(self, read):
        products, _ = read
        assert products["productUrl"].str.startswith("https://shop.example.com/product/").all()

    def test_hidden_is_said(self, read):
        _, report = read
        assert any("hidden" in finding.message for finding in report.warnings)


class TestPrestaShop:
    URL = "https://shop.example.com/{Product ID}-{URL rewritten}.html"

    def test_net_prices_are_said_and_taxed_on_request(self, shared):
        products, report = read(shared, "prestashop_products.csv", url_template=self.URL)
        assert (report.preset, len(products)) == ("prestashop", 7)
        assert products["price"].tolist() == [100, 60, 1500, 1150, 240, 25, 125]
        assert any("net" in finding.message for finding in report.warnings)
        taxed, _ = read(shared, "prestashop_products.csv", url_template=self.URL, vat_percent=23)
        assert taxed["price"].tolist() == [123, 73.8, 1845, 1414.5, 295.2, 30.75, 153.75]

    def test_a_discount_counts_in_its_period_only(self, shared):
        over, _ = read(shared, "prestashop_products.csv", today=date(2026, 1, 1))
        assert "discountPrice" not in over or over["discountPrice"].isna().all()
        running, _ = read(shared, "prestashop_products.csv", today=date(2015, 1, 1))
        assert running["discountPrice"].dropna().to_dict() == {"1": 94.5, "3": 1400.0}

    def test_images_on_localhost_are_asked_for_and_moved(self, shared):
        _, report = read(shared, "prestashop_products.csv")
        assert any("localhost" in finding.message for finding in report.findings if finding.kind == "asked")
        products, _ = read(shared, "prestashop_products.csv", image_base_url="https://shop.example.com/")
        assert products.loc["1", "mainImageUrl"] == "https://shop.example.com/prestashop/img/p/1/5/15.jpg"

    def test_ids_addresses_and_stock(self, shared):
        products, _ = read(shared, "prestashop_products.csv", url_template=self.URL)
        assert products.index.tolist() == ["1", "2", "3", "4", "5", "6", "7"]
        assert products.loc["1", "productUrl"] == "https://shop.example.com/1-iPod-Nano.html"
        assert products["quantity"].tolist() == [160, 120, 400, 75, 120, 25, 15]
        assert len(products.loc["1", "imageUrls"]) == 1


class TestGoogleMerchant:
    @pytest.fixture
    def read(self, shared):
        return read(shared, "google_merchant.xml")

    def test_items_are_products_and_the_channel_is_none(self, read):
        products, report = read
        assert (report.preset, len(products)) == ("google", 25)
        assert products.index[0] == "SW10118"
        assert not products["name"].str.contains("Cafe Konditorei").any()

    def test_the_price_is_the_items_own(self, read):
        products, _ = read
        assert products["price"].tolist()[:5] == [37.5, 54.0, 55.6, 25.5, 25.5]
        assert 10.9 not in products["price"].tolist()
        assert "discountPrice" not in products

    def test_what_can_be_ordered_ahead_is_available_and_said(self, read):
        products, report = read
        assert products["available"].all()
        ahead = next(found for found in report.findings if "ahead" in found.message)
        assert (ahead.count, ahead.examples) == (16, ("preorder",))

    def test_the_shops_own_category_comes_first(self, read):
        products, _ = read
        assert products.loc["SW10118", "mainCategory"] == "Original Salzburger Mozartkugel"
        assert products["productUrl"].str.startswith("https://www.original-mozartkugel.com/de/").all()
        assert products["systemDetails.brand"].unique().tolist() == ["Cafe-Konditorei Fürst"]


def test_the_report_travels_with_the_frame(shared):
    frame = read_feed(shared / "shopify_products.csv", url_template=TEMPLATE)
    report = reading_report(frame)
    assert reading_report(frame.copy()) == report
    assert reading_report(frame.head(3)) == report
    assert pd.concat([frame, frame]).shape[0] == 40
