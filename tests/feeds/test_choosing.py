"""Which part of a document is a product: found by contents and depth in XML and in JSON."""

from __future__ import annotations

import json

import pytest

from smnotebook.errors import FeedError
from smnotebook.feeds import read_feed, reading_report

NAVIGATION = "<menu>" + "<item><title>Home</title><link>/</link></item>" * 9 + "</menu>"
OFFER = "<id>{n}</id><name>Cup {n}</name><price>9.90</price><url>https://shop.example.com/{n}</url>"


def offers(tag, inside=OFFER, count=3):
    return "".join(f"<{tag}>{inside.format(n=n)}</{tag}>" for n in range(1, count + 1))


@pytest.mark.parametrize(
    ("document", "item"),
    [
        (f"<SHOP>{offers('SHOPITEM', '<PRODUCT>x</PRODUCT>' + OFFER)}</SHOP>", "SHOPITEM"),
        (f"<shop>{NAVIGATION}<goods>{offers('good')}</goods></shop>", "good"),
        (f"<shop>{NAVIGATION}<goods>{offers('good', count=1)}</goods></shop>", "good"),
        (f"<s><categories>{offers('category', '<id>{n}</id><name>x</name>', 9)}</categories>{offers('o')}</s>", "o"),
        (f"<s>{offers('page', '<no>{n}</no><size>3</size>' + offers('thing'))}</s>", "thing"),
        (f"<s>{offers('thing', OFFER + '<variants>' + offers('v', OFFER + '<a/><b/>') + '</variants>')}</s>", "thing"),
        (f"<s>{offers('thing', '<data>' + OFFER + '</data>')}</s>", "thing"),
        (
            f"<rss><channel><title>x</title><link>y</link><description>z</description>{offers('item')}</channel></rss>",
            "item",
        ),
        (f"<rss><channel><title>x</title><link>y</link>{offers('item', count=1)}</channel></rss>", "item"),
        ("<list>" + '<o id="1" price="2" url="x"><name>a</name></o>' * 2 + "</list>", "o"),
    ],
)
def test_the_element_of_products_is_found(document, item):
    assert reading_report(read_feed(document.encode(), preset=None)).facts["item"] == item


CUP = {"id": 1, "name": "Cup", "price": "9.90", "sku": "A", "url": "u"}
FACETS = [{"name": "colour", "count": n} for n in range(50)]


@pytest.mark.parametrize(
    ("document", "place", "rows"),
    [
        ([CUP, CUP], "the whole", 2),
        (CUP, "the whole", 1),
        ({"product": {**CUP, "variants": [CUP, CUP, CUP], "images": [{"id": 5, "src": "s"}]}}, "product", 1),
        ({"data": {"product": CUP}}, "data.product", 1),
        ({"facets": FACETS, "products": [CUP, CUP]}, "products", 2),
        ({"total": 2, "page": 1, "id": 7, "items": [CUP, CUP]}, "items", 2),
        ([{"page": 1, "total": 4, "products": [CUP, CUP]}, {"page": 2, "total": 4, "products": [CUP]}], "products", 3),
        ({"pages": [{"products": [CUP]}, {"products": [CUP, CUP]}]}, "pages.products", 3),
        (
            {"data": {"products": {"edges": [{"cursor": "c", "node": CUP}] * 3, "pageInfo": {"next": True}}}},
            "data.products.edges",
            3,
        ),
        ({"hits": {"total": 2, "hits": [{"_id": "1", "_source": CUP}] * 2}}, "hits.hits", 2),
        ({"a1": CUP, "a2": {"id": 2, "name": "Mug", "price": 1}}, "the whole", 2),
        ({"products": {"a1": CUP, "a2": CUP}}, "products", 2),
    ],
)
def test_the_objects_of_products_are_found(document, place, rows):
    frame = read_feed(json.dumps(document).encode(), preset=None)
    assert (reading_report(frame).facts["records"], len(frame)) == (place, rows)
    assert frame["name"].tolist()[0] == "Cup"


def test_the_caller_has_the_last_word():
    document = json.dumps({"facets": FACETS, "data": {"products": [CUP, CUP]}}).encode()
    assert len(read_feed(document, item="facets")) == 50
    assert len(read_feed(document, item="data.products")) == 2
    assert read_feed(b"<s><a><b><c>1</c></b></a><d><b><c>2</c></b></d></s>", item="d/b")["c"].tolist() == ["2"]
    for content in (document, b"<a><b>1</b></a>"):
        with pytest.raises(FeedError, match="nowhere"):
            read_feed(content, item="nowhere")


def test_inner_keys_may_be_missing():
    meta = [{"key": "a", "value": [{"x": 1}, {"y": 2}]}, {"key": "b"}]
    frame = read_feed(json.dumps([{"id": 1, "name": "Cup", "meta_data": meta}]).encode(), preset=None)
    assert frame["meta_data.key"].tolist() == [["a", "b"]]
    assert frame["meta_data.value.x"].tolist()[0][0] == "1"


def test_one_object_a_line():
    lines = "\ufeff" + json.dumps(CUP) + "\r\n\r\n" + json.dumps({"id": "007", "name": "Mug"}) + "\n"
    frame = read_feed(lines.encode(), preset=None)
    assert frame["id"].tolist() == ["1", "007"]


class TestXmlEncodings:
    DOCUMENT = '<?xml version="1.0" encoding="{}"?><l>' + offers("p", OFFER + "<c>Łóżko źdźbło</c>") + "</l>"

    @pytest.mark.parametrize(
        "encoding", ["utf-8", "windows-1250", "iso-8859-2", "utf-16", "utf8", "cp852", "mac_latin2", "utf-16-le"]
    )
    def test_any_declared_encoding_is_read(self, encoding):
        frame = read_feed(self.DOCUMENT.replace("{}", encoding).encode(encoding), preset=None)
        assert frame["c"].tolist() == ["Łóżko źdźbło"] * 3

    @pytest.mark.parametrize("declared", ["utf-16", "iso-8859-1", "windows-1250", "utf-32"])
    def test_utf8_is_read_whatever_it_says_and_said(self, declared):
        frame = read_feed(self.DOCUMENT.replace("{}", declared).encode(), preset=None)
        assert frame["c"].tolist() == ["Łóżko źdźbło"] * 3
        assert declared in reading_report(frame).findings[0].message

    @pytest.mark.parametrize("declared", ["utf-8", "utf-16"])
    def test_what_is_not_sure_names_the_argument(self, declared):
        content = self.DOCUMENT.replace("{}", declared).encode("cp1250")
        with pytest.raises(FeedError, match="encoding='cp1250'"):
            read_feed(content)
        assert read_feed(content, preset=None, encoding="cp1250")["c"].tolist() == ["Łóżko źdźbło"] * 3

    def test_an_encoding_that_there_is_not(self):
        with pytest.raises(FeedError, match=r"'klingon'.*encoding='utf-8'"):
            read_feed(self.DOCUMENT.replace("{}", "klingon").encode())
