"""Rows of one product: joined as its variants mean them, or kept apart with an id each."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd
import pyarrow as pa
import pytest

from smnotebook.errors import UsageError
from smnotebook.feeds import read_feed, reading_report
from smnotebook.feeds.columns import Columns
from smnotebook.feeds.draft import Draft
from smnotebook.feeds.joining import join_rows
from smnotebook.feeds.options import FeedOptions
from smnotebook.feeds.presets import Preset, VariantColumns
from smnotebook.values.cells import TEXT, TEXTS, Cells
from smnotebook.values.findings import Journal

TODAY = date(2026, 11, 28)
KINDS = {
    "price": pa.float64(),
    "discountPrice": pa.float64(),
    "quantity": pa.int64(),
    "available": pa.bool_(),
    "categories": TEXTS,
}
URL = "https://shop.example.com/{productId}"


def draft(group, *, rows="auto", parent=None, extra=None, shared=None, off=None, separate=False, ids=None, **cells):
    """Rows with the given fields; flags are texts of 1 and 0."""
    size = len(group)
    table = pa.table({"row": pa.array(range(size)), **({"sku": ids} if ids else {})})
    preset = Preset(name="trial", title="", variants=VariantColumns(separate=separate, id=("sku",)))
    flags = {"is_parent": parent, "is_extra": extra, "shares_stock": shared, "is_off": off}
    made = Draft(
        columns=Columns(table),
        preset=preset,
        options=FeedOptions(today=TODAY, rows=rows),
        journal=Journal(),
        cells={name: Cells(values=pa.array(values, KINDS.get(name, TEXT))) for name, values in cells.items()},
        group=pa.array(list(group)),
    )
    for name, flag in flags.items():
        if flag is not None:
            setattr(made, name, pa.array([mark == "1" for mark in flag]).to_numpy(zero_copy_only=False))
    return made


def joined(group, **given):
    """Each field of the products that the rows become."""
    return {name: cells.values.to_pylist() for name, cells in join_rows(draft(group, **given)).cells.items()}


class TestPrices:
    @pytest.mark.parametrize(
        ("group", "given", "price", "discount"),
        [
            # the cheapest, with discounts in mind
            ("aa", {"price": [20.0, 15.0], "discountPrice": [None, None]}, [15.0], [None]),
            ("aa", {"price": [20.0, 15.0], "discountPrice": [12.0, None]}, [20.0], [12.0]),
            ("aa", {"price": [20.0, 15.0], "discountPrice": [15.0, None]}, [20.0], [15.0]),
            (
                "aabb",
                {"price": [9.0, 8.0, 5.0, 6.0], "discountPrice": [None, None, None, 4.0]},
                [8.0, 6.0],
                [None, 4.0],
            ),
            # a parent's price only where no variant has one
            ("aaa", {"parent": "100", "price": [1.0, 20.0, 15.0]}, [15.0], None),
            ("aaa", {"parent": "100", "price": [0.0, 20.0, 15.0]}, [15.0], None),
            ("aaa", {"parent": "100", "price": [7.0, None, None]}, [7.0], None),
            ("aaa", {"parent": "001", "price": [30.0, 20.0, 1.0]}, [20.0], None),
            # a placeholder of 0 beside real prices
            ("aaa", {"price": [0.0, 4.0, 8.0]}, [4.0], None),
            ("aa", {"price": [0.0, None]}, [0.0], None),
            ("aa", {"parent": "10", "price": [5.0, 0.0]}, [0.0], None),
            # what is sold out counts only where nothing else is left
            ("aaa", {"price": [4.0, 8.0, 9.0], "available": [False, True, True]}, [8.0], None),
            ("aa", {"price": [4.0, 8.0], "available": [False, False]}, [4.0], None),
            # rows that only add an image have no price
            ("aaa", {"extra": "001", "price": [4.0, 8.0, 1.0]}, [4.0], None),
        ],
    )
    def test_are_those_of_the_cheapest_variant(self, group, given, price, discount):
        found = joined(group, **given)
        assert (found["price"], found.get("discountPrice")) == (price, discount)

    def test_different_ones_are_said(self):
        made = draft("aabb", price=[20.0, 15.0, 5.0, 5.0], productId=["A", "A1", "B", "B1"])
        join_rows(made)
        said = [found for found in made.journal.findings if found.field == "price"]
        assert [(found.count, found.examples) for found in said] == [(1, ("A: 15.00 to 20.00",))]


class TestStock:
    @pytest.mark.parametrize(
        ("group", "given", "expected"),
        [
            ("aab", {"quantity": [3, 4, 5]}, [7, 5]),
            ("aa", {"quantity": [3, None]}, [3]),
            ("aa", {"quantity": [None, None]}, [None]),
            # a parent's own count repeats those of its variants
            ("aaa", {"parent": "100", "quantity": [7, 3, 4]}, [7]),
            ("aaa", {"parent": "100", "quantity": [9, 3, 4]}, [7]),
            ("aaa", {"parent": "010", "quantity": [3, 9, 4]}, [7]),
            ("aaa", {"parent": "100", "quantity": [9, None, None]}, [9]),
            ("aaa", {"parent": "100", "quantity": [9, 0, None]}, [0]),
            # one that was oversold hides nobody's stock; alone it is told as it is
            ("aab", {"quantity": [-2, 5, -3]}, [5, -3]),
            ("aa", {"extra": "01", "quantity": [3, 8]}, [3]),
            # a count of the whole product, repeated for each variant
            ("aaab", {"shared": "1111", "quantity": [6, 6, 6, 2]}, [6, 2]),
            ("aaa", {"shared": "101", "quantity": [6, 2, 6]}, [2]),
        ],
    )
    def test_is_the_sum_of_the_variants(self, group, given, expected):
        assert joined(group, **given)["quantity"] == expected

    @pytest.mark.parametrize(
        ("group", "given", "expected"),
        [
            ("aab", {"available": [False, True, False]}, [True, False]),
            ("aa", {"available": [None, None]}, [None]),
            ("aa", {"available": [None, False]}, [False]),
            ("aa", {"parent": "10", "available": [True, False]}, [False]),
            ("aa", {"parent": "10", "available": [False, True]}, [True]),
            ("aa", {"parent": "10", "available": [True, None]}, [True]),
            ("aa", {"extra": "01", "available": [False, True]}, [False]),
        ],
    )
    def test_one_variant_in_stock_is_enough(self, group, given, expected):
        assert joined(group, **given)["available"] == expected


class TestTexts:
    def test_are_those_of_the_head_or_the_first_that_says_something(self):
        found = joined(
            "aaab", parent="0100", name=["Cup S", None, "Cup L", "Pot"], description=["s", "of the parent", "l", None]
        )
        assert found == {"name": ["Cup S", "Pot"], "description": ["of the parent", None]}

    def test_an_empty_head_row_loses_no_later_value(self):
        found = joined("aaa", name=["Cup", None, None], description=[None, None, "late"])
        assert found == {"name": ["Cup"], "description": ["late"]}

    def test_a_row_without_a_name_is_not_the_head_where_another_has_one(self):
        assert joined("aa", name=[None, "Cup"], productId=["x", "A"])["productId"] == ["A"]

    def test_lists_are_joined_the_heads_first(self):
        found = joined("aaa", parent="001", categories=[["x"], ["y", "x"], ["z"]])
        assert found["categories"] == [["z", "x", "y"]]

    def test_rows_without_a_group_stay_on_their_own(self):
        assert joined([None, "a", None, "a"], name=["1", "2", "3", "4"])["name"] == ["1", "2", "3"]


class TestWhichRowsAreJoined:
    def test_none_where_every_row_is_asked_for(self):
        assert joined("aa", rows="row", price=[1.0, 2.0])["price"] == [1.0, 2.0]

    def test_a_shop_whose_variants_have_addresses_of_their_own_keeps_them(self):
        given = {"productId": ["A", "A"], "price": [1.0, 2.0], "separate": True}
        assert joined("aa", **given)["price"] == [1.0, 2.0]
        assert joined("aa", rows="product", **given)["price"] == [1.0]

    def test_what_is_switched_off_is_no_part_of_any_product(self):
        made = draft("aab", off="100", price=[1.0, 2.0, 3.0], productId=["A1", "A2", "B"])
        found = join_rows(made)
        assert found.cells["price"].values.to_pylist() == [2.0, 3.0]
        assert found.heads.tolist() == [1, 2]

    def test_how_many_were_joined_is_said(self):
        made = draft("aabcc", productId=["A", "A1", "B", "C", "C1"], price=[1.0] * 5)
        join_rows(made)
        said = [(f.kind, f.count, f.message, f.examples) for f in made.journal.findings]
        assert said == [("joined", 4, "rows became 2 products", ("A", "C"))]

    def test_a_single_row_that_only_adds_an_image_is_joined_too(self):
        assert joined("ab", extra="01", productId=["A", "B"], quantity=[1, 5])["quantity"] == [1, None]
        assert joined("ab", extra="00", productId=["A", "B"], quantity=[1, 5])["quantity"] == [1, 5]


class TestIds:
    """``rows="variant"``."""

    @pytest.mark.parametrize(
        ("group", "given", "expected"),
        [
            # an id that is unique as it is stays
            ("aa", {"productId": ["S1", "S2"]}, ["S1", "S2"]),
            ("aaa", {"parent": "001", "productId": ["S1", "S2", "SH"]}, ["S1", "S2"]),
            # a column of its own goes before
            ("aa", {"productId": ["H", "H"], "ids": ["x", "y"]}, ["x", "y"]),
            ("ab", {"productId": ["A", "B"], "ids": ["x", None]}, ["x", "B"]),
            # built from parent and options where neither is there or unique
            ("aa", {"productId": ["H", "H"], "color": [["Red"], ["Blue"]]}, ["H-red", "H-blue"]),
            ("aa", {"productId": ["H", "H"], "ids": ["x", None], "color": [["Red"], ["Blue"]]}, ["x", "H-blue"]),
            ("aa", {"productId": ["H", "H"], "ids": ["x", "x"], "color": [["Red"], ["Blue"]]}, ["H-red", "H-blue"]),
            ("aaa", {"parent": "100", "productId": ["P", None, None], "color": [None, ["S"], ["M"]]}, ["P-s", "P-m"]),
            ("ab", {"productId": ["H", "H"], "color": [["Red"], ["Blue"]]}, ["H", "H"]),
        ],
    )
    def test_are_kept_or_built(self, group, given, expected):
        color = given.pop("color", None)
        made = draft(group, rows="variant", **given)
        if color is not None:
            made.lists["systemDetails.color"] = Cells(values=pa.array(color, TEXTS))
        assert join_rows(made).cells["productId"].values.to_pylist() == expected

    def test_a_parent_without_variants_in_the_file_stays(self):
        found = joined("aab", rows="variant", parent="101", productId=["A", "A1", "B"], name=["Cup", None, "Pot"])
        assert found == {"productId": ["A1", "B"], "name": ["Cup", "Pot"]}

    def test_what_only_the_parent_says_is_said_for_all_but_not_its_price_and_stock(self):
        found = joined(
            "aaa",
            rows="variant",
            parent="100",
            productId=["A", "A1", "A2"],
            name=["Cup", None, None],
            price=[9.0, 5.0, None],
            quantity=[7, 3, None],
            mainCategory=["Cups", None, "Mugs"],
        )
        assert found["price"] == [5.0, None]
        assert found["quantity"] == [3, None]
        assert found["mainCategory"] == ["Cups", "Mugs"]

    def test_names_that_repeat_tell_their_options(self):
        made = draft("aab", rows="variant", productId=["A1", "A2", "B"], name=["Cup", "Cup", "Pot"])
        made.lists["systemDetails.color"] = Cells(values=pa.array([["Red"], ["Blue"], ["Black"]], TEXTS))
        assert join_rows(made).cells["name"].values.to_pylist() == ["Cup - Red", "Cup - Blue", "Pot"]

    @pytest.mark.parametrize(
        ("group", "names"), [("ab", ["Cup", "Cup"]), ("aa", ["Cup in red", "Cup in blue"]), ("ab", ["Cup", "Pot"])]
    )
    def test_names_that_tell_variants_apart_and_those_of_lone_rows_stay(self, group, names):
        made = draft(group, rows="variant", productId=["A1", "A2"], name=names)
        made.lists["systemDetails.color"] = Cells(values=pa.array([["Red"], ["Blue"]], TEXTS))
        assert join_rows(made).cells["name"].values.to_pylist() == names


class TestUnread:
    """Texts that could not be read stay with their product, whether joined or kept apart."""

    @pytest.mark.parametrize(
        ("unread", "expected"),
        [
            (["perhaps", None, None], ["perhaps", None]),
            ([None, "maybe", None], ["maybe", None]),
            (["perhaps", "maybe", None], ["maybe", None]),
            ([None, None, "who knows"], [None, "who knows"]),
            (None, None),
        ],
    )
    def test_are_those_of_the_variant_or_else_of_its_parent(self, unread, expected):
        made = draft("aab", rows="variant", parent="100", productId=["A", "A1", "B"], available=[None] * 3)
        made.cells["available"] = Cells(
            values=pa.nulls(3, pa.bool_()), unread=None if unread is None else pa.array(unread, pa.large_string())
        )
        found = join_rows(made).cells["available"]
        assert (None if found.unread is None else found.unread.to_pylist()) == expected
        assert found.values.to_pylist() == [None, None]

    @pytest.mark.parametrize("name", ["quantity", "description"])
    def test_are_those_of_the_head_where_rows_are_joined(self, name):
        made = draft("aab", productId=["A", "A1", "B"], **{name: [None] * 3})
        kind = KINDS.get(name, TEXT)
        made.cells[name] = Cells(values=pa.nulls(3, kind), unread=pa.array(["x", "y", None], pa.large_string()))
        found = join_rows(made).cells[name]
        assert found.unread.to_pylist() == ["x", None]
        assert found.values.to_pylist() == [None, None]

    @pytest.mark.parametrize(
        ("values", "unread", "expected"),
        [
            # one in stock is enough, whatever the others say
            ([None, True], ["perhaps", None], (True, None)),
            ([None, False], ["perhaps", None], (None, "perhaps")),
            ([False, None], [None, "perhaps"], (None, "perhaps")),
            ([None, None], ["perhaps", "soon"], (None, "perhaps")),
            ([False, False], [None, None], (False, None)),
            ([None, None], [None, None], (None, None)),
        ],
    )
    def test_beside_one_in_no_stock_is_not_known(self, values, unread, expected):
        made = draft("aa", productId=["A", "A1"], available=values)
        made.cells["available"] = Cells(values=pa.array(values, pa.bool_()), unread=pa.array(unread, pa.large_string()))
        found = join_rows(made).cells["available"]
        assert (found.values[0].as_py(), found.unread[0].as_py()) == expected


WIX = (
    "handleId,fieldType,name,collection,price,surcharge,visible,discountMode,discountValue,inventory,"
    "productOptionName1,productOptionDescription1\n"
    "p1,Product,Card,Paper,{price},,true,{mode},{off},InStock,Size,S;L\n"
    "p1,Variant,,,,{small},true,,,InStock,Size,S\np1,Variant,,,,{large},true,,,InStock,Size,L\n"
)


@pytest.mark.parametrize(
    ("price", "small", "large", "off", "expected"),
    [
        ("0.0", "100.0", "150.0", "PERCENT 20", (100, 80)),
        ("10", "2", "5", "AMOUNT 3", (12, 9)),
        ("10", "0", "5", "PERCENT 0", (10, None)),
        ("10", "2", "", "PERCENT 10", (10, 9)),
    ],
)
def test_the_lowest_surcharge_is_added_to_the_price(price, small, large, off, expected):
    mode, value = off.split()
    text = WIX.format(price=price, small=small, large=large, mode=mode, off=value)
    product = read_feed(text.encode(), url_template=URL).iloc[0]
    discount = None if pd.isna(product["discountPrice"]) else product["discountPrice"]
    assert (product["price"], discount) == expected


NESTED = [
    {"id": "A", "name": "Salmon", "stock": 9, "variations": [{"id": "a1", "price": 3000}, {"id": "a2", "price": 2500}]},
    {"id": "B", "name": "Toast", "stock": 4, "variations": [{"id": "b1", "price": 1000}]},
]
NESTED_MAPPING = {"productId": "id", "name": "name", "price": "variations.price", "quantity": "stock"}


class TestListsInsideProducts:
    def read(self, mapping=NESTED_MAPPING, data=NESTED, **options):
        return read_feed(json.dumps(data).encode(), mapping=mapping, url_template=URL, preset=None, **options)

    def test_are_joined_as_variants(self):
        products = self.read()
        assert products["productId"].tolist() == ["A", "B"]
        assert products["price"].tolist() == [2500, 1000]

    def test_do_not_multiply_the_stock_of_their_product(self):
        assert self.read()["quantity"].tolist() == [9, 4]

    def test_are_products_of_their_own_where_that_is_asked_for(self):
        products = self.read(rows="variant")
        assert products["productId"].tolist() == ["a1", "a2", "b1"]
        assert products["price"].tolist() == [3000, 2500, 1000]

    def test_are_products_of_their_own_where_the_id_is_in_the_list(self):
        products = self.read({"productId": "variations.id", "name": "name", "price": "variations.price"})
        assert products["productId"].tolist() == ["a1", "a2", "b1"]

    def test_plain_lists_are_asked_about(self):
        data = [{"id": "A", "name": "Salmon", "prices": [3000, 2500]}, {"id": "B", "name": "Toast", "prices": [7, 7]}]
        products = self.read({"productId": "id", "name": "name", "price": "prices"}, data)
        assert products["price"].tolist() == ["3000, 2500", 7]
        asked = [found for found in reading_report(products).findings if found.kind == "asked"]
        assert [(found.field, found.count, found.column) for found in asked] == [("price", 1, "prices")]

    def test_a_shops_own_stock_is_counted_once(self):
        data = {
            "products": [
                {
                    "id": 1,
                    "title": "Cup",
                    "handle": "cup",
                    "vendor": "Lipa",
                    "product_type": "Cups",
                    "totalInventory": 5,
                    "variants": [{"id": 11, "price": "4.00"}, {"id": 12, "price": "5.00"}],
                }
            ]
        }
        products = read_feed(json.dumps(data).encode(), url_template=URL)
        assert products[["quantity", "price"]].to_numpy().tolist() == [[5, 4]]


def test_a_mapping_that_knows_no_groups_can_not_join_rows():
    table = pd.DataFrame({"sku": ["a"], "t": ["A"]})
    with pytest.raises(UsageError, match="rows='variant' has no effect"):
        read_feed(table, mapping={"productId": "sku", "name": "t"}, rows="variant")
