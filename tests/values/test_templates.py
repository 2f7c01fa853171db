"""Addresses built from templates: they fill what is empty, stay distinct, and say what they lack."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.errors import UsageError
from smnotebook.values.findings import Journal
from smnotebook.values.templates import check_holes, check_template, fill_template, slugs, template_holes


def fill(template, journal=None, own=None, **columns):
    """The addresses that a template makes of columns."""
    arrays = {name: pa.array(cells, pa.string()) for name, cells in columns.items()}
    given = None if own is None else pa.array(own, pa.string())
    told = Journal() if journal is None else journal
    return fill_template(template, arrays.get, arrays, told, field="productUrl", own=given).to_pylist()


class TestSlugs:
    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("Żółty kubek 0,5 l", "zolty-kubek-0-5-l"),
            ("Straße & Søn", "strasse-son"),
            ("  Ægte Œuvre  ", "aegte-oeuvre"),
            ("Þór ðað Ħal đak ŁÓDŹ", "thor-dad-hal-dak-lodz"),
            ("İstanbul ığdır", "istanbul-igdir"),
            ("½ kg ™", "1-2-kg-tm"),
            ("Кава зернова 500", "кава-зернова-500"),
            ("Чай чорний 500", "чай-чорний-500"),
            ("й и", "й-и"),
            ("Ελαιόλαδο 500", "ελαιόλαδο-500"),
            ("が か", "が-か"),
            ("한국어", "한국어"),
            ("हिन्दी", "हिन्दी"),
            ("🎁", "🎁"),
            ("❤️", "❤"),
            ("❤️ 5", "5"),
            ("--", None),
            ("?!", None),
            ("", None),
            (None, None),
        ],
    )
    def test_of_names_in_any_script(self, name, slug):
        assert slugs(pa.array([name], pa.string())).to_pylist() == [slug]
        # beside a name in other letters it is made another way
        assert slugs(pa.array([name, "Чай"], pa.string())).to_pylist() == [slug, "чай"]

    @given(st.text(min_size=1, max_size=20).filter(lambda text: any(sign.isalpha() for sign in text)))
    def test_of_a_name_with_a_letter_is_never_empty(self, name):
        (slug,) = slugs(pa.array([name])).to_pylist()
        assert slug
        assert "/" not in slug
        assert slug == slug.strip("-")

    @given(st.lists(st.text("абвгґдеєжзиіїйклмнопрстуфхцчшщьюя", min_size=1, max_size=4), unique=True, min_size=1))
    def test_keep_names_in_other_letters_apart(self, names):
        assert len(set(slugs(pa.array(names)).to_pylist())) == len(names)


class TestTemplates:
    def test_are_filled_and_percent_encoded(self):
        assert fill("https://e.com/{Handle}", Handle=["a b", "ż", "a/b", "a?b#c"]) == [
            "https://e.com/a%20b",
            "https://e.com/%C5%BC",
            "https://e.com/a/b",
            "https://e.com/a%3Fb%23c",
        ]

    def test_of_several_columns(self):
        assert fill("https://e.com/{a}/{b}.html?x={a}", a=["1"], b=["2"]) == ["https://e.com/1/2.html?x=1"]
        assert template_holes("{a}/{b}{a}") == ["a", "b", "a"]

    def test_never_replace_an_address(self):
        journal = Journal()
        own = ["https://e.com/own", None, ""]
        found = fill("https://e.com/{a}", journal, own, a=["1", "2", None])
        assert found == ["https://e.com/own", "https://e.com/2", None]
        assert [(finding.count, finding.examples) for finding in journal.findings] == [(1, ("row 2",))]

    def test_say_of_no_row_that_has_an_address(self):
        journal = Journal()
        fill("https://e.com/{a}", journal, ["https://e.com/x", "https://e.com/x"], a=[None, None])
        assert journal.findings == ()

    def test_say_which_products_share_an_address(self):
        journal = Journal()
        fill("https://e.com/{a}", journal, ["https://e.com/1", None, None, None], a=["1", "1", "1", "2"])
        assert [(finding.kind, finding.count, finding.examples) for finding in journal.findings] == [
            ("warned", 2, ("https://e.com/1",))
        ]

    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ("https://e.com/", "names no column"),
            ("https://e.com/{a", "braces"),
            ("https://e.com/{a}}", "braces"),
            ("https://e.com/{Handel}", "Handel.*Handle.*slug"),
            ("https://e.com/{}", "no column is called that"),
        ],
    )
    def test_that_can_not_work_are_refused(self, template, words):
        with pytest.raises(UsageError, match=words):
            fill(template, a=["1"], Handle=["x"])

    def test_are_checked_without_their_columns(self):
        check_template("https://e.com/{a}", "productUrl")
        check_holes("https://e.com/{a}", lambda hole: hole == "a", ["a"], "productUrl")
        with pytest.raises(UsageError, match=r"\{b\}.*Use one of: a, slug"):
            check_holes("https://e.com/{a}{b}", lambda hole: hole == "a", ["a"], "productUrl")
