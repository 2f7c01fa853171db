"""URLs, e-mail addresses and locations: the observed verdicts, in linear time, and the same from a column's patterns.

The lists are WIRE_FACTS section 8, typed by hand: what the Apache validators' default instances were seen to say. Where
two versions of them differ, the lenient verdict holds.
"""

import re
import time

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smnotebook.contract.grammars import EMAIL, LOCATION, URL, is_email, is_location, is_url, top_level_domains

GOOD_URLS = [
    "http://example.com",
    "HTTPS://EXAMPLE.COM/A",
    "ftp://example.com/x",
    "https://example.com?x=1",
    "https://example.com/#frag",
    "https://example.com/a#",
    "https://example.com/?q=żółw",
    "https://example.com/?a[]=1",
    "https://example.com/%C5%BC",
    "https://example.com/a%7Cb",
    "https://example.com/a(1),b;c=1:2@x!$&*~",
    "https://example.com/a'b",
    "https://example.com/a/../b",
    "https://example.com/?next=https://x.com//y",
    "https://user:pass@example.com",
    "https://user:@example.com",
    "https://example.com:0",
    "https://example.com:65535",
    "https://example.com:",
    "http://127.0.0.1:8000",
    "http://[::1]:8080",
    "https://example.com.",
    "https://żółw.pl",
    "https://xn--w-uga1v8h.pl",
    "https://example.zip",
    "https://example.museum",
    "https://" + "a" * 63 + ".com",
    # the two versions of the validator differ
    "https://example.com/a%2F%2Fb",
    "http://[::ffff:1.2.3.4]/",
    "http://[2001:db8::1.2.3.4]/",
    "http://user@[::1]/",
]
BAD_URLS = [
    "example.com",
    "//example.com",
    "ftps://example.com",
    "httpſ://example.com",
    "mailto:a@example.com",
    "javascript:alert(1)",
    "http:/x",
    "http:///x",
    "http://localhost",
    "http://single",
    *(f"http://shop.{tld}" for tld in ("local", "internal", "test", "example", "invalid", "lan", "localhost")),
    "http://example.unknowntld",
    "http://example.x",
    "http://example.1",
    "http://256.1.1.1",
    "http://1.2.3",
    "http://010.010.010.010",
    "http://2130706433",
    "http://ex_ample.com",
    "http://-example.com",
    "http://a..b.com",
    "http://" + "a" * 64 + ".com",
    "http://" + "a.bcdefghi" * 26 + ".com",
    "http://example.com:65536",
    "http://example.com:abc",
    "http://example.com:-1",
    "http://:pass@example.com",
    "https://example.com/ż",
    "https://example.com/©",
    "https://example.com/a b",
    "https://example.com/a|b",
    "https://example.com/a[b",
    "https://example.com/a^b",
    "https://example.com//a",
    "https://example.com/../a",
    "https://example.com/a/../../b",
    "https://example.com/100%",
    "https://example.com/%zz",
    " https://example.com",
    "https://example.com ",
    "https://example.com/a\tb",
    "https://\U0001f600.com",
    "http://[fe80::1%25eth0]/",
    # refused by java.net.URI wherever they stand
    *(f"https://example.com/?q={character}" for character in '|^{}<>"\\` '),
    "https://example.com/#a#b",
    "https://example.com/?q=%",
    "https://example.com/?q=a\u00a0b",
    "https://example.com/?q=\u0085",
    "https://example.com/\n",
    "",
    " ",
    "https://",
]

GOOD_EMAILS = [
    "a@b.co",
    "a+b@example.com",
    "a'b@example.com",
    "a/b@example.com",
    '"a b"@c.com',
    "a@[127.0.0.1]",
    "żółw@c.pl",
    "a@żółw.pl",
    "-a@example.com",
    "a" * 64 + "@example.com",
    "first.last@sub.example.co.uk",
]
BAD_EMAILS = [
    "a@b",
    "a@localhost",
    "a@127.0.0.1",
    ".a@example.com",
    "a.@example.com",
    "a..b@example.com",
    " a@example.com",
    "a@example.com ",
    "Name <a@b.com>",
    "a@b.com.",
    "a@b_c.com",
    "a,b@example.com",
    "a@example.unknowntld",
    "a@com",
    "a" * 65 + "@example.com",
    "a@" + "b" * 63 + "." + "c" * 63 + "." + "d" * 63 + "." + "e" * 63 + ".com",
    "",
    "@",
    "a",
    "@example.com",
    "a@",
    "a@@example.com",
    "a b@example.com",
    "a@example.com\n",
    "a@[256.1.1.1]",
    "a@[fe80::1%eth0]",
]


@pytest.mark.parametrize("text", GOOD_URLS)
def test_the_validator_takes_this_url(text):
    assert is_url(text)


@pytest.mark.parametrize("text", BAD_URLS)
def test_the_validator_refuses_this_url(text):
    assert not is_url(text)


@pytest.mark.parametrize("text", GOOD_EMAILS)
def test_the_validator_takes_this_address(text):
    assert is_email(text)


@pytest.mark.parametrize("text", BAD_EMAILS)
def test_the_validator_refuses_this_address(text):
    assert not is_email(text)


def host_of(length):
    """A host of so many characters, every label within its own limit."""
    return ".".join(["a" * 63, "b" * 63, "c" * 60, "d" * (length - 193), "com"])


@pytest.mark.parametrize(("length", "verdict"), [(252, True), (253, True), (254, False), (256, False)])
def test_a_host_has_253_characters_at_most(length, verdict):
    host = host_of(length)
    assert len(host) == length
    assert is_url(f"https://{host}/") is verdict


@pytest.mark.parametrize(("length", "verdict"), [(253, True), (254, True), (255, False)])
def test_an_address_has_254_characters_at_most(length, verdict):
    address = "a" * (length - 205) + "@" + host_of(204)
    assert len(address) == length
    assert is_email(address) is verdict


def test_a_quoted_local_part_is_taken_with_advice():
    assert EMAIL.advice('"a b"@c.com')
    assert EMAIL.advice("a@c.com") is None


# seed_product_api.txt: only a-zA-Z0-9_, cannot start with a digit; the official tests want a UUID refused
@pytest.mark.parametrize("text", ["examplecom", "shop_eu", "_", "A1", "sm_0123456789abcdef0123456789abcdef"])
def test_a_location_is_taken(text):
    assert is_location(text)
    assert LOCATION.decide(text)


@pytest.mark.parametrize(
    "text",
    ["", "1shop", "shop-eu", "shop eu", "store-1", "shöp", "a\n", " a", "a.b", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"],
)
def test_what_is_no_location_is_refused(text):
    assert not is_location(text)


def test_the_list_of_top_level_domains_is_whole():
    assert len(top_level_domains()) > 1400
    assert {"com", "pl", "zip", "museum", "xn--p1ai"} <= top_level_domains()
    assert not {"local", "test", "example", "invalid", "localhost", "internal", "lan"} & top_level_domains()


# --- the patterns that settle a column's ordinary cases agree with the exact verdict, in both engines


def settled_by_re(grammar, text):
    """True, False, or None where no pattern settles it."""
    if grammar.surely_good and re.fullmatch(grammar.surely_good(), text):
        return True
    return False if grammar.surely_bad and re.match(grammar.surely_bad(), text) else None


def settled_by_re2(grammar, texts):
    column = pa.array(texts, pa.string())
    good = pc.match_substring_regex(column, rf"\A(?:{grammar.surely_good()})\z") if grammar.surely_good else None
    bad = pc.match_substring_regex(column, rf"\A(?:{grammar.surely_bad()})") if grammar.surely_bad else None
    is_good = good.to_pylist() if good is not None else [False] * len(texts)
    is_bad = bad.to_pylist() if bad is not None else [False] * len(texts)
    return [True if g else False if b else None for g, b in zip(is_good, is_bad, strict=True)]


LISTED = [(URL, text) for text in GOOD_URLS + BAD_URLS] + [(EMAIL, text) for text in GOOD_EMAILS + BAD_EMAILS]


@pytest.mark.parametrize(("grammar", "text"), LISTED, ids=lambda value: "" if isinstance(value, str) else value.name)
def test_what_a_pattern_settles_is_the_exact_verdict(grammar, text):
    exact = grammar.decide(text)
    assert settled_by_re(grammar, text) in {exact, None}
    assert settled_by_re2(grammar, [text])[0] in {exact, None}


@pytest.mark.parametrize(
    ("grammar", "text"),
    [
        (URL, "https://shop.example.com/products/turtleneck-sweater-1234?variant=5#details"),
        (URL, "http://www.example.co.uk/a/b/c.html"),
        (URL, "no url at all"),
        (EMAIL, "first.last@shop.example.com"),
    ],
)
def test_the_ordinary_cases_are_settled_by_a_pattern(grammar, text):
    assert settled_by_re(grammar, text) is grammar.decide(text)


TLDS = st.sampled_from(["com", "pl", "co.uk", "museum", "local", "x", "xn--p1ai", "рф", "COM", "1", "c0m"])
LABEL = st.text("ab-_Zż9\u00df.\U0001f600", min_size=0, max_size=66)
HOST = st.builds("{}.{}".format, LABEL, TLDS) | st.sampled_from(
    ["127.0.0.1", "[::1]", "[::1%25a]", "1.2.3", "localhost"]
)
TAIL = st.text("ab/.?#&=%2Fz:@!$'()*+,;[]{}|^~` \u00a0\u0085\u2028żé\U0001f600\n\t\\\"<>-_", max_size=25)
SCHEME = st.sampled_from(["http", "https", "HTTP", "hTTps", "ftp", "FTP", "ftps", "javascript", "h", "f", "httpſ", ""])
USER = st.sampled_from(["", "user@", "user:pass@", ":p@", "u%20@", "ü@"])
PORT = st.sampled_from(["", ":", ":80", ":65536", ":-1", ":99999999"])
URLS = st.builds(
    "{}{}{}{}{}{}".format, SCHEME, st.sampled_from(["://", ":/", "//", ":///", ":"]), USER, HOST, PORT, TAIL
)
LOCAL = st.text("ab.+'/\"\\ @,<>()ż-_\u00a0\n\t[];:" + "9", max_size=67)
EMAILS = st.builds("{}@{}".format, LOCAL, HOST)


@settings(max_examples=100)
@given(st.lists(URLS | st.text(max_size=30) | st.sampled_from(GOOD_URLS + BAD_URLS), min_size=1, max_size=60))
def test_generated_urls_get_one_verdict_on_all_roads(texts):
    hold_together(URL, texts)


@settings(max_examples=100)
@given(st.lists(EMAILS | st.text(max_size=30) | st.sampled_from(GOOD_EMAILS + BAD_EMAILS), min_size=1, max_size=60))
def test_generated_addresses_get_one_verdict_on_all_roads(texts):
    hold_together(EMAIL, texts)


@settings(max_examples=100)
@given(st.data())
def test_a_good_url_with_one_character_changed_gets_one_verdict_on_all_roads(data):
    texts = [mutate(data, text) for text in data.draw(st.lists(st.sampled_from(GOOD_URLS), min_size=1, max_size=40))]
    hold_together(URL, texts)


def mutate(data, text):
    position = data.draw(st.integers(0, len(text)))
    return (
        text[:position]
        + data.draw(st.characters(exclude_categories=["Cs"]))
        + text[position + data.draw(st.booleans()) :]
    )


def hold_together(grammar, texts):
    for text, by_re2 in zip(texts, settled_by_re2(grammar, texts), strict=True):
        exact = grammar.decide(text)
        assert settled_by_re(grammar, text) in {exact, None}, text
        assert by_re2 in {exact, None}, text


# --- a hostile text of a megabyte costs no more than reading it

HOSTILE = [
    "a",
    "a.",
    "a-",
    ".",
    "/",
    "/a",
    "../",
    "%",
    "%41",
    "%2F",
    "?",
    "#",
    "@",
    ":",
    "[",
    "]",
    "[::",
    "0.",
    '"',
    '"."',
    "\\",
    '\\"',
    "ż",
    "xn--",
    "\u0301",
    " ",
    "\n",
    "\x00",
    "http://",
    "a@",
    "&a=",
]
OPENINGS = [
    (URL, ""),
    (URL, "https://example.com/"),
    (URL, "https://example.com/?"),
    (URL, "http://a@"),
    (EMAIL, ""),
    (EMAIL, "a@"),
    (EMAIL, '"'),
    (LOCATION, "a"),
]


@pytest.mark.parametrize(("grammar", "opening"), OPENINGS, ids=lambda value: getattr(value, "name", value))
def test_the_cost_grows_no_faster_than_the_text(grammar, opening):
    """Sixteen times the text may take sixteen times as long; a square law would take 256 times."""
    short, long = 1 << 16, 1 << 20
    quick = sum(seconds_for(grammar, opening, unit, short) for unit in HOSTILE)
    slow = sum(seconds_for(grammar, opening, unit, long) for unit in HOSTILE)
    assert slow < 16 * 6 * max(quick, 0.002)


def seconds_for(grammar, opening, unit, length):
    text = opening + unit * (length // len(unit))
    roads = [lambda: grammar.decide(text)]
    roads += [lambda: re.fullmatch(grammar.surely_good(), text)] if grammar.surely_good else []
    roads += [lambda: re.match(grammar.surely_bad(), text)] if grammar.surely_bad else []
    started = time.process_time()
    for road in roads:
        road()
    return time.process_time() - started
