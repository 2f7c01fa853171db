"""Presets, mappings and arguments together: each is obeyed, or refused with the reason."""

from __future__ import annotations

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import UsageError
from smnotebook.feeds import read_feed, reading_report

SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,"
    "Variant Compare At Price,Variant Inventory Qty,Image Src\n"
    "h,T,b,V,,women,true,Size,S,SKU-S,10,15,0,https://cdn.example.com/1.jpg\n"
    "h,,,,,,,,M,SKU-M,12,15,3,\n"
)
TABLE = pd.DataFrame({"sku": ["a", "b"], "t": ["A", "B"], "cat": ["X > Y", "X > Z"], "netto": ["10", "20"]})
OWN = {"productId": "sku", "name": "t", "mainCategory": "cat", "price": "netto"}
URL = "https://shop.example.com/{Handle}"


class TestMappingBesideAPreset:
    def test_fills_its_field_and_the_preset_the_others(self):
        frame = read_feed(SHOPIFY.encode(), mapping={"mainCategory": "Tags"}, url_template=URL)
        (product,) = frame.to_dict("records")
        expected = {
            "productId": "h",
            "name": "T",
            "mainCategory": "women",
            "price": 15,
            "discountPrice": 12,  # the cheaper one is sold out
            "available": True,
            "quantity": 3,
        }
        assert {name: product[name] for name in expected} == expected
        report = reading_report(frame)
        assert report.preset == "shopify"
        assert report.confidence >= 0.6
        assert report.mapped["mainCategory"] == "Tags"
        assert "mainCategory as mapped" in report.reason

    def test_replaces_what_the_preset_says(self):
        frame = read_feed(SHOPIFY.encode(), mapping={"price": "Variant Price"}, url_template=URL)
        assert frame["price"].tolist() == [12]
        assert frame["discountPrice"].isna().all()

    def test_may_give_the_variants_ids_of_their_own(self):
        frame = read_feed(SHOPIFY.encode(), mapping={"productId": "Variant SKU"}, url_template=URL)
        assert frame["productId"].tolist() == ["SKU-S", "SKU-M"]
        assert frame["name"].tolist() == ["T", "T"] or frame["name"].tolist() == ["T - S", "T - M"]
        frame = read_feed(SHOPIFY.encode(), mapping={"productId": "Variant SKU"}, url_template=URL, rows="product")
        assert frame["productId"].tolist() == ["SKU-S"]

    def test_may_end_the_presets_discounts(self):
        text = (
            SHOPIFY.replace("Image Src", "Image Src,Ends").replace("1.jpg", "1.jpg,2020-01-01").replace("3,\n", "3,,\n")
        )
        frame = read_feed(text.encode(), mapping={"discountTo": "Ends"}, url_template=URL, rows="variant")
        assert frame["discountPrice"].isna().tolist() == [True, False]

    def test_goes_with_the_apis_own_names_too(self):
        table = pd.DataFrame({"productId": ["1"], "name": ["Cup"], "price": ["5"], "promo": ["4,00"]})
        frame = read_feed(table, mapping={"discountPrice": "promo"})
        assert frame[["price", "discountPrice"]].to_numpy().tolist() == [[5, 4]]
        assert reading_report(frame).preset == "product fields"

    def test_is_all_there_is_without_a_preset(self):
        frame = read_feed(SHOPIFY.encode(), mapping={"productId": "Variant SKU", "name": "Title"}, preset=None)
        assert frame[["productId", "name"]].fillna("").to_numpy().tolist() == [["SKU-S", "T"], ["SKU-M", ""]]
        assert reading_report(frame).preset == "mapping"
        assert "price" not in frame

    def test_of_a_column_that_is_not_there_is_refused(self):
        with pytest.raises(UsageError, match=r"mainCategory from 'Tagz'.*Tags"):
            read_feed(SHOPIFY.encode(), mapping={"mainCategory": "Tagz"}, url_template=URL)


class TestArgumentsBesideAMapping:
    def read(self, mapping=OWN, table=TABLE, **arguments):
        return read_feed(table, mapping=mapping, preset=None, **arguments)

    def test_tax_is_added_to_net_columns(self):
        assert self.read(vat_percent=19)["price"].tolist() == [11.9, 23.8]

    def test_tax_is_added_where_only_the_net_price_is_there(self):
        table = TABLE.assign(brutto=["12", ""])
        frame = self.read(OWN | {"price": ["brutto", "netto"]}, table, vat_percent=23)
        assert frame["price"].tolist() == [12, 24.6]

    def test_a_price_of_0_gives_way_to_the_next_column(self):
        table = TABLE.assign(brutto=["0", "7"])
        assert self.read(OWN | {"price": ["brutto", "netto"]}, table)["price"].tolist() == [10, 7]
        assert self.read(OWN | {"price": {"from": ["brutto", "leer"], "constant": 3}}, table.assign(leer=""))[
            "price"
        ].tolist() == [0, 7]

    def test_tax_is_not_added_twice(self):
        rule = {"from": "netto", "as": "add_tax:10"}
        with pytest.raises(UsageError, match="vat_percent"):
            self.read(OWN | {"price": rule}, vat_percent=19)
        assert self.read(OWN | {"price": rule})["price"].tolist() == [11, 22]

    def test_the_first_level_of_a_mapped_category(self):
        assert self.read(main_category="first")["mainCategory"].tolist() == ["X", "X"]

    def test_images_get_their_host(self):
        table = TABLE.assign(img=["/i/1.jpg, i/2.jpg", "https://cdn.example.com/3.jpg"])
        frame = self.read(
            OWN | {"mainImageUrl": {"from": "img", "as": "first_url"}, "imageUrls": "img"},
            table,
            image_base_url="https://shop.example.com/",
        )
        assert frame["mainImageUrl"].tolist() == ["https://shop.example.com/i/1.jpg", "https://cdn.example.com/3.jpg"]
        assert frame["imageUrls"][0] == ["https://shop.example.com/i/1.jpg", "https://shop.example.com/i/2.jpg"]

    def test_constants_fill_and_never_replace(self):
        table = TABLE.assign(da=["nie", None])
        frame = self.read(
            OWN | {"available": "da"}, table, constants={"available": True, "name": "?", "systemDetails.brand": "Lipa"}
        )
        assert frame["available"].tolist() == [False, True]
        assert frame["name"].tolist() == ["A", "B"]
        assert frame["systemDetails.brand"].tolist() == ["Lipa", "Lipa"]

    def test_constants_leave_what_could_not_be_read(self):
        table = TABLE.assign(netto=["on request", None])
        assert self.read(table=table, constants={"price": 5.0})["price"].tolist() == ["on request", 5.0]

    def test_addresses_are_filled_and_never_replaced(self):
        table = TABLE.assign(url=["https://shop.example.com/own", None])
        frame = self.read(OWN | {"productUrl": "url"}, table, url_template="https://shop.example.com/{slug}")
        assert frame["productUrl"].tolist() == ["https://shop.example.com/own", "https://shop.example.com/b"]

    def test_a_template_in_the_mapping_fills_too(self):
        table = TABLE.assign(url=["https://shop.example.com/own", None])
        rule = {"from": "url", "as": "template:https://shop.example.com/{productId}/{slug}"}
        frame = self.read(OWN | {"productUrl": rule}, table)
        assert frame["productUrl"].tolist() == ["https://shop.example.com/own", "https://shop.example.com/b/b"]


class TestWhatHasNoEffect:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ({"vat_percent": 23.0}, "vat_percent=23.0 has no effect.*add_tax"),
            ({"rows": "variant"}, None),
            ({"image_base_url": "https://shop.example.com"}, None),
            ({"main_category": "first"}, None),
        ],
    )
    def test_is_refused_beside_a_preset(self, arguments, words):
        if words is None:
            read_feed(SHOPIFY.encode(), url_template=URL, **arguments)
            return
        with pytest.raises(UsageError, match=words):
            read_feed(SHOPIFY.encode(), url_template=URL, **arguments)

    @pytest.mark.parametrize(
        "arguments",
        [
            {"vat_percent": 23.0},
            {"rows": "product"},
            {"rows": "variant"},
            {"image_base_url": "https://shop.example.com"},
            {"main_category": "first"},
        ],
    )
    @pytest.mark.parametrize("preset", [None, "auto"])
    def test_is_refused_for_a_table_that_is_left_as_it_is(self, arguments, preset):
        (name,) = arguments
        with pytest.raises(UsageError, match=f"{name}=.* has no effect: .*mapping"):
            read_feed(TABLE, preset=preset, **arguments)

    def test_is_refused_for_the_apis_own_names(self):
        table = pd.DataFrame({"productId": ["1"], "name": ["Cup"], "price": ["5"]})
        with pytest.raises(UsageError, match="own names"):
            read_feed(table, vat_percent=23)

    def test_is_refused_where_a_mapping_fills_no_such_field(self):
        for arguments in ({"image_base_url": "https://e.com"}, {"main_category": "first"}, {"vat_percent": 5.0}):
            with pytest.raises(UsageError, match="has no effect"):
                read_feed(TABLE, preset=None, mapping={"productId": "sku", "name": "t"}, **arguments)

    def test_a_category_with_a_transform_of_its_own(self):
        rule = {"from": "cat", "as": "deepest"}
        with pytest.raises(UsageError, match="deepest"):
            read_feed(TABLE, preset=None, mapping=OWN | {"mainCategory": rule}, main_category="first")

    def test_rows_as_they_stand_are_always_to_be_had(self):
        assert len(read_feed(TABLE, preset=None, rows="row")) == 2


class TestLayout:
    @pytest.mark.parametrize(
        ("text", "arguments", "words"),
        [
            (SHOPIFY, {"sheet": 0}, "sheet=0 has no effect.*delimited text"),
            (SHOPIFY, {"item": "product"}, "item='product' has no effect"),
            ("<r><p><id>1</id></p><p><id>2</id></p></r>", {"delimiter": ";"}, "XML: only encoding and item"),
            ('[{"id": 1}]', {"header_line": 2}, "JSON"),
            (None, {"encoding": "utf-8"}, "a DataFrame: nothing"),
            (None, {"quotechar": None}, None),
        ],
    )
    def test_that_says_nothing_about_this_kind_of_file_is_refused(self, text, arguments, words):
        source = TABLE if text is None else text.encode()
        if words is None:
            assert len(read_feed(source, preset=None, **arguments)) == 2
            return
        with pytest.raises(UsageError, match=words):
            read_feed(source, preset=None, **arguments)

    def test_that_counts_is_obeyed(self):
        assert list(read_feed(b"a;b\n1;2\n", preset=None, delimiter=";", encoding="utf-8").columns) == ["a", "b"]


class TestBeforeTheFileIsRead:
    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ("https://e.com/{Handel}", "Handel.*Handle"),
            ("https://e.com/", "names no column"),
            ("https://e.com/{a", "braces"),
        ],
    )
    def test_a_template_that_can_not_be_filled_is_refused(self, tmp_path, template, words):
        path = tmp_path / "broken.csv"
        # a quote that never ends would be found by reading
        path.write_text(SHOPIFY + 'x,"never ends\n', encoding="utf-8")
        with pytest.raises(UsageError, match=words):
            read_feed(path, url_template=template)

    def test_a_template_without_a_hole_is_refused_before_the_file_is_looked_for(self):
        with pytest.raises(UsageError, match="names no column"):
            read_feed("nowhere.csv", url_template="https://e.com/")

    def test_a_field_of_the_product_and_a_dressed_name_fill_a_hole(self):
        for hole, expected in (("productId", "h"), ("variant sku", "SKU-S"), ("slug", "t"), ("name", "T")):
            frame = read_feed(SHOPIFY.encode(), url_template=f"https://e.com/{{{hole}}}")
            assert frame["productUrl"].tolist() == [f"https://e.com/{expected}"]

    def test_a_constant_of_no_field_is_refused(self):
        with pytest.raises(UsageError, match="no product field 'colour'"):
            read_feed("nowhere.csv", constants={"colour": "red"})


def test_a_suggested_mapping_fills_the_addresses_that_its_column_lacks():
    table = pd.DataFrame(
        {
            "SKU": ["1", "2"],
            "Nazwa": ["Koc A", "Koc B"],
            "Link": ["https://sklep.example.pl/p/koc-a", None],
        }
    )
    mapping = table.salesmanago.suggest_mapping(url_template="https://sklep.example.pl/{slug}")
    assert mapping["productUrl"].columns == ("Link",)
    products = table.salesmanago.map(mapping)
    assert products["productUrl"].tolist() == ["https://sklep.example.pl/p/koc-a", "https://sklep.example.pl/koc-b"]
    assert sm.Mapping.from_frame(mapping.as_frame()).rules == mapping.rules
