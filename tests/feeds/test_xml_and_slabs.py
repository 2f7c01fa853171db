"""XML without expansion, network or growth; files larger than memory in slabs; what the report tells."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from smnotebook.errors import FeedError, UsageError
from smnotebook.feeds import Limits, read_feed, reading_report

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<rss><channel><item><id>1</id><title>&c;</title></item></channel></rss>"""


class TestXml:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_entities_are_refused(self, encoding):
        with pytest.raises(FeedError, match="entities"):
            read_feed(BOMB.decode().replace(' version="1.0"', f' version="1.0" encoding="{encoding}"').encode(encoding))

    def test_a_late_declaration_is_refused_too(self, tmp_path):
        path = tmp_path / "late.xml"
        path.write_bytes(b"<!--" + b" " * 600_000 + b"-->" + BOMB.partition(b"?>\n")[2])
        with pytest.raises(FeedError):
            read_feed(path)

    def test_external_files_are_not_read(self, tmp_path):
        secret = tmp_path / "secret.txt"
        secret.write_text("secret")
        document = f"""<!DOCTYPE rss SYSTEM "{secret.as_uri()}">
            <rss><channel><item><id>1</id><title>t</title></item></channel></rss>"""
        frame = read_feed(document.encode(), preset=None)
        assert frame.to_numpy().tolist() == [["1", "t"]]

    def test_a_document_without_end_and_products_is_given_up(self, tmp_path):
        path = tmp_path / "endless.xml"
        junk = b"<junk>" + b"x" * 1000 + b"</junk>"
        path.write_bytes(b"<rss><item><id>1</id><n>a</n></item>" + junk * 5000 + b"<item><id>2</id></item></rss>")
        with pytest.raises(FeedError, match=r"without a product.*item_bytes=2,000,000"):
            read_feed(path, item="item", limits=Limits(item_bytes=2_000_000))

    def test_attributes_nested_and_repeated_elements_have_names(self):
        frame = read_feed(b'<l><p id="1"><a x="2">t</a><b><c>3</c><c>4</c></b></p><p id="5"><b><c>6</c></b></p></l>')
        assert frame["@id"].tolist() == ["1", "5"]
        assert frame["a@x"].tolist()[0] == "2"
        assert frame["b.c"].tolist() == [["3", "4"], ["6"]]

    def test_markup_inside_an_element_stays_markup(self):
        frame = read_feed(b"<l><p><d>One <strong>bold</strong> word</d></p><p><d>Two</d></p></l>", preset=None)
        assert frame["d"].tolist() == ["One <strong>bold</strong> word", "Two"]

    def test_the_element_may_be_named(self):
        document = b"<x><offer><n>1</n></offer><thing><n>2</n></thing><thing><n>3</n></thing></x>"
        assert read_feed(document, item="thing")["n"].tolist() == ["2", "3"]
        with pytest.raises(FeedError, match="nothing"):
            read_feed(document, item="nothing")

    def test_a_product_that_holds_its_own_kind_is_one(self):
        document = b"<x><item><id>1</id><parts><item><id>2</id></item></parts></item><item><id>3</id></item></x>"
        assert read_feed(document, preset=None)["id"].tolist() == ["1", "3"]


def shopify(products):
    head = (
        "Handle,Title,Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,"
        "Variant Price\n"
    )
    rows = []
    for n in range(products):
        rows.append(f"h{n},Title {n},V,t,true,Size,S,,1,10.00\n")
        rows += [f"h{n},,,,,,{size},,1,9.00\n" for size in "ML"[: n % 3]]
    return (head + "".join(rows)).encode()


class TestSlabs:
    @pytest.mark.parametrize("rows", [1, 2, 3, 7, 1000])
    def test_no_product_is_cut_in_two(self, tmp_path, rows):
        path = tmp_path / "shop.csv"
        path.write_bytes(shopify(20))
        whole = read_feed(path)
        frames = list(read_feed(path, chunk_rows=rows))
        pd.testing.assert_frame_equal(pd.concat(frames, ignore_index=True).reindex(columns=whole.columns), whole)

    @pytest.mark.parametrize("name", ["google_rss.xml", "meta.csv", "ceneo.xml", "plain_api.jsonl", "salesmanago.xml"])
    def test_slabs_are_the_whole_in_pieces(self, data, name):
        whole = read_feed(data / name)
        pieces = list(read_feed(data / name, chunk_rows=1))
        assert [len(piece) for piece in pieces] == [1] * len(whole)
        assert [piece["productId"][0] for piece in pieces] == whole["productId"].tolist()
        assert [piece["price"][0] for piece in pieces] == whole["price"].tolist()

    def test_rows_that_may_stand_anywhere_are_not_joined_in_slabs(self, data):
        with pytest.raises(UsageError, match="rows='row'"):
            list(read_feed(data / "woocommerce.csv", chunk_rows=2))
        assert len(list(read_feed(data / "woocommerce.csv", chunk_rows=2, rows="row"))) == 4

    def test_each_slab_has_its_own_report(self, data):
        reports = [reading_report(frame) for frame in read_feed(data / "meta.csv", chunk_rows=1)]
        assert [(report.preset, report.rows) for report in reports] == [("meta", 1)] * 2


class TestMappingsAndTemplates:
    CSV = b"Nr;Was;Preis;Bild1;Bild2\n1;Tasse;9,90;a.jpg;b.jpg\n2;Kanne;19,90;c.jpg;\n"

    def test_a_dict_maps_columns_to_fields(self):
        frame = read_feed(
            self.CSV,
            mapping={
                "productId": "Nr",
                "name": "Was",
                "price": {"from": "Preis", "as": "add_tax:10"},
                "imageUrls": ["Bild1", "Bild2"],
                "mainCategory": {"constant": "Küche"},
            },
            url_template="https://shop.example.com/{slug}",
            constants={"available": True, "active": True},
        )
        assert frame["price"].tolist() == [10.89, 21.89]
        assert frame["imageUrls"].tolist() == [["a.jpg", "b.jpg"], ["c.jpg"]]
        assert frame["mainCategory"].tolist() == ["Küche", "Küche"]
        assert frame["productUrl"].tolist() == ["https://shop.example.com/tasse", "https://shop.example.com/kanne"]
        assert frame["available"].tolist() == [True, True]

    def test_a_mapping_has_the_last_word_over_a_preset(self, data):
        frame = read_feed(data / "meta.csv", preset="meta", mapping={"name": "brand"})
        assert frame["name"].tolist() == ["Lipa", "Lipa"]
        assert frame["price"].tolist() == [9.99, 14.99]

    @pytest.mark.parametrize(
        ("options", "word"),
        [
            ({"mapping": {"productId": "Nummer"}}, "Nr"),
            ({"mapping": {"id": "Nr"}}, "productId"),
            ({"mapping": {"name": {"from": "Was", "how": "x"}}}, "how"),
            ({"url_template": "https://e.com/{Handle}"}, "Handle"),
            ({"url_template": "https://e.com/"}, "names no column"),
            ({"constants": {"prise": 1}}, "prise"),
            ({"constants": {"available": "maybe"}}, "available"),
        ],
    )
    def test_what_cannot_be_is_said(self, options, word):
        with pytest.raises(UsageError, match=word):
            read_feed(self.CSV, **options)

    def test_the_apis_own_names_are_read_strictly(self):
        head = "productId,name,price,available,quantity,categories.1\n"
        frame = read_feed((head + '007,a,"349,00 zł",maybe,2.5,x\n008,b,5.00,true,3,y\n').encode())
        assert frame["price"].tolist() == ["349,00 zł", 5.0]
        assert frame["available"].tolist() == ["maybe", True]
        assert frame["quantity"].tolist() == ["2.5", 3]  # no count, and left for preflight to show
        assert frame.columns.tolist()[-1] == "categories.1"
        assert reading_report(frame).preset == "product fields"


class TestReport:
    def test_is_plain_json_and_comes_back(self, data):
        frame = read_feed(data / "shopify.csv")
        report = reading_report(frame)
        values = frame.attrs["smnotebook.reading"]
        assert json.loads(json.dumps(values)) == values
        assert type(report).from_dict(json.loads(json.dumps(values))) == report

    def test_survives_copies_and_breaks_nothing(self, data):
        frame = read_feed(data / "google_rss.xml")
        assert reading_report(frame.copy()) == reading_report(frame[frame["available"]]) == reading_report(frame)
        assert frame.equals(frame.copy())
        assert len(pd.concat([frame, frame.copy()])) == 4
        assert frame.merge(frame[["productId"]], on="productId").shape == frame.shape
        assert frame.groupby("mainCategory")["price"].max().size == 2
        assert frame.describe().shape[0] > 0

    def test_asks_first(self, data):
        report = reading_report(read_feed(data / "shopify.csv"))
        assert report.findings[0].kind == "asked"
        assert "url_template" in report.findings[0].message

    def test_shows_itself_in_text_frame_and_escaped_html(self):
        report = reading_report(read_feed(b"id;<b>name</b>;name\n1;<script>;x\n2;y\n"))
        assert "2 rows read" in repr(report)
        assert report.as_frame()["count"].tolist()[0] == 1
        assert "<script>" not in report._repr_html_()

    def test_a_frame_from_elsewhere_has_none(self):
        with pytest.raises(UsageError, match="read_feed"):
            reading_report(pd.DataFrame())

    def test_an_unknown_shop_is_told_what_to_do(self):
        report = reading_report(read_feed(b"Nr;Was;Preis\n1;Tasse;9,90\n"))
        assert report.preset is None
        assert "suggest_mapping" in report.reason
