"""Arguments that can't be meant are refused with what to write instead; none is passed over in silence."""

from __future__ import annotations

from datetime import date

import pytest

from smnotebook.errors import UsageError
from smnotebook.feeds import read_feed, reading_report

OWN = {"productId": "id", "name": "n", "price": "netto"}
TABLE = b"id,n,netto,cat,until\n1,Cup,10.50,A > B,2026-01-31\n2,Pot,11.50,A > C,2026-01-31\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"mapping": {**OWN, "price": 5}}, r"mapping\['price'\] must name a column.*'constant': 5"),
        ({"mapping": {**OWN, "price": ["netto", 5]}}, r"mapping\['price'\] must name a column"),
        ({"mapping": {**OWN, "price": {"from": 5}}}, r"mapping\['price'\] must name a column"),
        ({"mapping": {**OWN, "price": {"from": "netto", "as": 5}}}, "name of a transform"),
        ({"mapping": "abc"}, "must be a dict of field to column"),
        ({"mapping": []}, "must be a dict of field to column"),
        ({"mapping": {**OWN, "discountTo": "until"}, "today": "2026-01-01"}, "today must be a date"),
        ({"mapping": OWN, "rows": "abc"}, "rows must be one of 'auto', 'product'"),
        ({"mapping": {**OWN, "mainCategory": "cat"}, "main_category": "x"}, "main_category must be one of 'deepest'"),
        ({"mapping": OWN, "decimal": {"zzz": ","}}, "decimal names the column 'zzz'"),
        ({"mapping": OWN, "vat_percent": 0.23}, "23 for 23 %"),
        ({"mapping": OWN, "vat_percent": -5}, "23 for 23 %"),
    ],
)
@pytest.mark.parametrize("chunk_rows", [None, 1])
def test_is_refused(arguments, words, chunk_rows):
    with pytest.raises(UsageError, match=words):
        list(read_feed(TABLE, chunk_rows=chunk_rows, **arguments))


def test_what_is_meant_is_obeyed():
    given = {"vat_percent": 23, "decimal": {"netto": "."}, "rows": "row", "today": date(2026, 1, 1)}
    assert read_feed(TABLE, mapping=OWN, **given)["price"].tolist() == [12.92, 14.15]


class TestMainCategory:
    def test_a_mapping_takes_the_deepest_level_as_a_preset_does(self):
        assert read_feed(TABLE, mapping={**OWN, "mainCategory": "cat"})["mainCategory"].tolist() == ["B", "C"]

    def test_a_transform_of_the_mapping_is_obeyed(self):
        mapping = {**OWN, "mainCategory": {"from": "cat", "as": "text"}}
        assert read_feed(TABLE, mapping=mapping)["mainCategory"].tolist() == ["A > B", "A > C"]


class TestCents:
    def warnings(self, cells: tuple[str, str], rule: object = "price_cents") -> list[str]:
        table = "id,n,price_cents\n1,Cup,{}\n2,Pot,{}\n".format(*cells).encode()
        frame = read_feed(table, mapping={"productId": "id", "name": "n", "price": rule})
        return [found.message for found in reading_report(frame).findings if found.field == "price"]

    def test_whole_amounts_in_a_column_of_cents_are_warned_of(self):
        assert "minor_units divides by 100" in self.warnings(("129900", "4900"))[0]

    def test_not_where_they_hold_decimals_or_the_mapping_says_what_they_are(self):
        assert self.warnings(("1299.00", "49.50")) == []
        assert self.warnings(("129900", "4900"), {"from": "price_cents", "as": "minor_units"}) == []


def test_a_variant_of_a_parent_gets_the_page_of_the_parent():
    text = (
        "ID,Type,SKU,Name,Published,Visibility in catalog,In stock?,Stock,Regular price,Parent,Attribute 1 name,"
        "Attribute 1 value(s)\n"
        'p,variable,P,Hoodie,1,visible,1,,,,Colour,"Red, Blue"\n'
        "r,variation,P-R,Hoodie - Red,1,visible,1,3,10.50,P,Colour,Red\n"
        "b,variation,P-B,Hoodie - Blue,1,visible,1,3,10.50,P,Colour,Blue\n"
    )
    address = "https://shop.example.com/{slug}"
    frame = read_feed(text.encode(), preset="woocommerce", rows="variant", url_template=address)
    assert frame["name"].tolist() == ["Hoodie - Red", "Hoodie - Blue"]
    assert set(frame["productUrl"]) == {"https://shop.example.com/hoodie"}


def test_names_made_of_options_are_no_part_of_the_address():
    text = (
        "Handle,Title,Vendor,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty\n"
        "h,Shirt,V,true,Size,S,S-S,10.50,1\nh,,,,,M,S-M,10.50,1\n"
    )
    frame = read_feed(text.encode(), rows="variant", url_template="https://shop.example.com/{slug}")
    assert frame["name"].tolist() == ["Shirt - S", "Shirt - M"]
    assert set(frame["productUrl"]) == {"https://shop.example.com/shirt"}
