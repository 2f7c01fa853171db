"""Pictures: which addresses can't be opened, and how they are left out without costing the product."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

import smnotebook as sm
from smnotebook.values.pictures import bad_pictures, encode_url
from smnotebook.values.report import reading_report

GOOD = "https://img.example.com/1.jpg"
BLANK = "https://img.example.com/my photo.jpg"
PRODUCT = {
    "productId": ["1", "2"],
    "name": ["Cup", "Pot"],
    "mainCategory": ["Cups", "Pots"],
    "productUrl": ["https://shop.example.com/1", "https://shop.example.com/2"],
    "available": [True, True],
    "price": [10.0, 12.0],
}


@pytest.mark.parametrize(
    ("address", "is_bad"),
    [
        (GOOD, False),
        (BLANK, False),  # fix() encodes it
        ("https://img.example.com/żółw.jpg", False),
        ("no picture", True),
        ("image.jpg", True),
        ("http://", True),
        ("https://localhost/1.jpg", True),
        ("https://img.example.com/" + "a" * 2100, True),
        ("https://img.example.com/" + "a" * 2020, False),
        ("https://[broken", True),
        (None, False),
    ],
)
def test_what_can_not_be_made_a_url_is_bad(address, is_bad):
    assert bad_pictures(pa.array([address, GOOD], pa.large_string())).tolist() == [is_bad, False]


def test_blanks_and_letters_are_encoded():
    assert encode_url(BLANK) == "https://img.example.com/my%20photo.jpg"
    assert encode_url("no picture") is None


class TestFixes:
    def frame(self):
        return pd.DataFrame(
            PRODUCT | {"mainImageUrl": ["image.jpg", BLANK], "imageUrls": [[GOOD, "none", BLANK], ["none"]]}
        )

    def test_preflight_names_the_way_out(self):
        issues = self.frame().salesmanago.preflight().issues
        assert set(issues["field"]) == {"mainImageUrl", "imageUrls"}
        assert issues["suggestion"].str.contains("drop_bad_images=True").all()

    def test_leave_bad_pictures_alone_unless_asked(self):
        fixed = self.frame().salesmanago.fix()
        assert fixed["mainImageUrl"].tolist() == ["image.jpg", "https://img.example.com/my%20photo.jpg"]

    def test_leave_them_out_where_asked_and_keep_the_products(self):
        fixed = self.frame().salesmanago.fix(drop_bad_images=True)
        encoded = "https://img.example.com/my%20photo.jpg"
        assert fixed["mainImageUrl"].tolist() == ["", encoded]
        assert fixed["imageUrls"].tolist() == [[GOOD, encoded], []]
        assert not (fixed.salesmanago.preflight().issues["severity"] == "error").any()

    def test_may_be_chosen_by_their_kind(self):
        fixes = self.frame().salesmanago.preflight().fixes(drop_bad_images=True)
        assert fixes.apply(["bad_images"])["mainImageUrl"].tolist() == ["", BLANK]
        assert fixes.apply(["url"])["imageUrls"].tolist()[1] == ["none"]

    def test_never_leave_out_the_address_of_the_product(self):
        frame = self.frame().assign(productUrl="nowhere")
        assert frame.salesmanago.fix(drop_bad_images=True)["productUrl"].tolist() == ["nowhere", "nowhere"]


class TestReading:
    TABLE = pd.DataFrame({"sku": ["1", "2"], "img": ["broken.jpg", GOOD], "more": [f"{GOOD}, broken.jpg", None]})

    def test_leaves_them_out_with_a_warning(self):
        mapping = {"productId": "sku", "mainImageUrl": "img", "imageUrls": {"from": "more", "as": "split"}}
        frame = sm.read_feed(self.TABLE, mapping=mapping, preset=None, drop_bad_images=True)
        assert frame["mainImageUrl"].fillna("").tolist() == ["", GOOD]
        assert frame["imageUrls"].tolist() == [[GOOD], None]
        said = [(found.kind, found.field, found.count) for found in reading_report(frame).findings]
        assert ("warned", "mainImageUrl", 1) in said
        assert ("warned", "imageUrls", 1) in said

    def test_takes_the_next_good_picture_for_the_main_one(self):
        text = "Handle,Title,Vendor,Tags,Published,Variant Price,Image Src\nh,T,V,w,true,10,broken.jpg\nh,,,,,,"
        text += f"{GOOD}\nh,,,,,,{GOOD}2\n"
        given = {"url_template": "https://shop.example.com/{Handle}", "preset": "shopify"}
        frame = sm.read_feed(text.encode(), drop_bad_images=True, **given)
        assert (frame["mainImageUrl"][0], frame["imageUrls"][0]) == (GOOD, [f"{GOOD}2"])
        assert sm.read_feed(text.encode(), **given)["mainImageUrl"][0] == "broken.jpg"

    def test_in_the_apis_own_names(self):
        table = pd.DataFrame(PRODUCT | {"mainImageUrl": ["broken.jpg", GOOD]})
        frame = sm.read_feed(table, drop_bad_images=True)
        assert frame["mainImageUrl"].isna().tolist() == [True, False]
