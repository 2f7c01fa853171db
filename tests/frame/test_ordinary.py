"""What is proven good without a pattern is good, wherever it stands in its column; and ordinary texts are proven."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smnotebook.contract.grammars import CURRENCY, EMAIL, URL
from smnotebook.frame import ordinary
from smnotebook.frame.ordinary import proven_good, shared_anchors

URL_PARTS = [
    *("https://shop.example.com", "HTTP://a.pl", "https://a.example:8443", "ftp://a.pl", "https://nowhere", "https:/"),
    *("/", "//", ".", "..", "/./", "?", "??", "#", "##", "%", "%4", "%C5", "%zz", "a", "b-1", "_", "=", "&", "~", "!"),
    *("@", ":", ";", ",", "[", "]", "<", ">", '"', "`", "^", "{", "|", "}", "\\", " ", "\n", "\x00", "\x7f", "ż", "A9"),
]
EMAIL_PARTS = [
    *(
        "@gmail.com",
        "@a.pl",
        "@nowhere",
        "@",
        ".",
        "..",
        "anna",
        "j",
        "_",
        "+",
        "-",
        "/",
        "9",
        " ",
        "\n",
        '"',
        ",",
        "(",
    ),
    *("ż", "\x00", "x" * 70, "`", "A"),
]


def proven(texts: list[str], grammar) -> list[bool]:
    values = pa.chunked_array([pa.array(texts, pa.large_string())])
    return proven_good(values.chunk(0), grammar.ordinary, shared_anchors(values, grammar)).tolist()


def joined(parts: list[str], *, most: int = 9):
    return st.lists(st.lists(st.sampled_from(parts), max_size=most).map("".join), min_size=1, max_size=40)


@given(texts=joined(URL_PARTS))
@example(texts=["https://a.pl/x%", "4.a", "https://a.pl/x%4", "1a"])  # an escape that the next text completes
@example(texts=["https://a.pl/x%", "4ab", *["https://a.pl/the-last"] * 3])
@example(texts=["https://a.pl./b", "https://a.pl.//b", *["https://a.pl./the-last"] * 3])
@example(texts=["https://a.pl/x%", "4", "a", "https://a.pl/x%4", "", "1a"] + ["https://a.pl/the-last"] * 2)
@example(texts=["https://a.pl/x/", "/y", "https://a.pl//"] + ["https://a.pl/the-last"] * 2)
@example(texts=["", "https://a.pl/", ""])
def test_a_url_that_is_proven_good_is_good(texts):
    for text, is_proven in zip(texts, proven(texts, URL), strict=True):
        assert not is_proven or URL.decide(text), text


@given(texts=joined(EMAIL_PARTS, most=5))
@example(texts=["a.@a.pl", ".a@a.pl", "@a.pl", "a..b@a.pl", "a@b@a.pl", "a@a.pl\n"])
@example(texts=["anna@a.pl.", "@a.pl"])
@example(texts=["a" * 9 + "@a.pl", " @a.pl", "a @a.pl", "a.@a.pl", "a@@a.pl", *["anna@a.pl"] * 3])
def test_an_email_address_that_is_proven_good_is_good_and_needs_no_advice(texts):
    for text, is_proven in zip(texts, proven(texts, EMAIL), strict=True):
        assert not is_proven or (EMAIL.decide(text) and EMAIL.advice(text) is None), text


@pytest.mark.parametrize(
    ("grammar", "text"),
    [
        (URL, "https://shop.example.com/p/red-shoe_42.html?colour=red&size=9"),
        (URL, "HTTPS://cdn.example.com:8443/i/%C5%BC%c3%b3.jpg"),
        (URL, "https://shop.example.com/"),
        (EMAIL, "anna.nowak+shop@example.com"),
        (EMAIL, "a_1@o2.pl"),
        (URL, "https://shop.example.com/a..b./c...d"),
    ],
)
def test_an_ordinary_text_is_proven_good(grammar, text):
    assert proven([text, text], grammar) == [True, True]


def test_anchors_are_those_that_many_share_and_none_that_is_bad():
    texts = ["https://a.pl/x"] * 3 + ["https://intranet/x"] * 9 + ["https://b.pl/y", "no url"]
    values = pa.chunked_array([pa.array(texts, pa.large_string())])
    assert shared_anchors(values, URL) == [b"https://a.pl/", b"https://b.pl/"]
    assert shared_anchors(values, CURRENCY) == []


def test_nothing_is_proven_of_a_column_without_texts():
    assert proven([None, None], URL) == [False, False]
    assert proven([], URL) == []


@given(texts=joined(URL_PARTS), length=st.integers(3, 40) | st.integers(41, 400))
def test_the_verdict_does_not_depend_on_where_the_bytes_are_cut_for_the_work(texts, length):
    whole = proven(texts, URL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordinary, "_PIECE", length)
        assert proven(texts, URL) == whole


def test_a_slice_is_told_as_its_own_texts_are():
    texts = ["//bad", "https://a.pl/1", "https://a.pl/a b", "https://a.pl/2"]
    values = pa.chunked_array([pa.array(texts, pa.large_string())])
    anchors = shared_anchors(values, URL)
    assert proven_good(values.chunk(0)[1:], URL.ordinary, anchors).tolist() == [True, False, True]
