"""HTML to text, lists, category paths, addresses, periods, text encoded twice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from smnotebook.errors import UsageError
from smnotebook.values.categories import PathEvidence, split_at_roots, split_paths
from smnotebook.values.entries import split_entries, split_urls
from smnotebook.values.findings import MAX_EXAMPLES, Journal
from smnotebook.values.html_text import html_to_text
from smnotebook.values.mojibake import mend_text, still_broken, twice_encoded
from smnotebook.values.templates import fill_template, slugs


class TestHtml:
    @pytest.mark.parametrize(
        ("markup", "text"),
        [
            ("<p>Black floor lamp</p>", "Black floor lamp"),
            ("<p>One</p>\n<p>Two<br/>lines</p>", "One\nTwo\nlines"),
            ("<ul><li>a</li><li> b </li></ul>", "a\nb"),
            ("Fish &amp; chips&nbsp;5&nbsp;&euro;", "Fish & chips 5 €"),
            ("&amp;lt; is a sign", "&lt; is a sign"),
            ("&amp;eacute;", "&eacute;"),
            ('<b title="a > b">bold</b> text', "bold text"),
            ("<style>p{color:red}</style><script>alert('<p>')</script>seen", "seen"),
            ("<!-- hidden -->seen", "seen"),
            ("a < b and c > d", "a < b and c > d"),
            ("no markup\nat  all", "no markup\nat  all"),
            ("<table><tr><td>A</td><td>B</td></tr><tr><th>C</th></tr></table>", "A B\nC"),
            ("<p></p>", None),
            (None, None),
        ],
    )
    def test_becomes_text(self, markup, text):
        assert html_to_text(pa.array([markup], pa.string())).to_pylist() == [text]

    @given(st.lists(st.sampled_from(["<p>", "</p>", "<b>", "</b>", "<br>", "word", " ", "&amp;", "é", "<i>", "</i>"])))
    def test_says_what_a_parser_reads(self, parts):
        markup = "".join(parts)
        expected = lxml_html.fromstring(f"<div>{markup}</div>").text_content()
        found = html_to_text(pa.array([markup], pa.string())).to_pylist()[0] or ""
        assert "".join(found.split()) == "".join(expected.split())

    def test_is_told(self):
        journal = Journal()
        html_to_text(pa.array(["<p>a</p>", "b", None, "c &amp; d"]), journal, name="body")
        assert [(f.kind, f.message, f.count, f.field, f.column) for f in journal.findings] == [
            ("converted", "HTML made plain text", 2, "description", "body")
        ]


class TestLists:
    def test_cells_are_split_and_trimmed(self):
        assert split_entries(pa.array(["a, b,,c", None, " "])).to_lists().to_pylist() == [["a", "b", "c"], None, None]

    def test_an_escaped_separator_is_none(self):
        assert split_entries(pa.array(["a\\, b,c"])).to_lists().to_pylist() == [["a, b", "c"]]

    def test_an_address_may_hold_a_comma(self):
        column = pa.array(
            ["https://e.com/a,b.jpg, https://e.com/c.jpg", "x.jpg;y.jpg", "https://e.com/1|https://e.com/2"]
        )
        assert split_urls(column).to_lists().to_pylist() == [
            ["https://e.com/a,b.jpg", "https://e.com/c.jpg"],
            ["x.jpg", "y.jpg"],
            ["https://e.com/1", "https://e.com/2"],
        ]

    def test_are_cut_and_counted(self):
        entries, longer = split_entries(pa.array(["a,b,c", "a"])).cut(2)
        assert (entries.to_lists().to_pylist(), longer) == ([["a", "b"], ["a"]], 1)

    @given(st.lists(st.lists(st.text("abc", min_size=1, max_size=3), max_size=5), min_size=1, max_size=8))
    def test_distinct_keeps_the_first_of_each(self, rows):
        entries = split_entries(pa.array(rows, pa.large_list(pa.large_string()))).distinct()
        assert entries.to_lists().to_pylist() == [list(dict.fromkeys(row)) or None for row in rows]


class TestCategories:
    PATHS = pa.array(["Clothing > Hoodies", "Music", None, "A > B > C"])

    @pytest.mark.parametrize(
        ("main", "names", "others"),
        [
            ("deepest", ["Hoodies", "Music", None, "C"], [["Clothing"], None, None, ["A", "B"]]),
            ("first", ["Clothing", "Music", None, "A"], [["Hoodies"], None, None, ["B", "C"]]),
        ],
    )
    def test_paths_give_a_main_category_and_others(self, main, names, others):
        split = split_paths(split_entries(self.PATHS, None), mark=">", main=main)
        assert split.main.to_pylist() == names
        assert split.others.to_lists().to_pylist() == others

    def test_an_escaped_slash_is_a_slash_whatever_stands_between_the_levels(self):
        paths = split_entries(pa.array(["A > TV\\/Audio", "TV\\/Audio"]), None)
        assert split_paths(paths, mark=">").main.to_pylist() == ["TV/Audio", "TV/Audio"]
        assert split_paths(paths, mark="/").main.to_pylist() == ["A > TV/Audio", "TV/Audio"]
        assert split_paths(paths, mark=None).main.to_pylist() == ["A > TV/Audio", "TV/Audio"]


#: Columns of categories, and the mark between levels that each proves.
COLUMNS = [
    (["A > B"], ">"),
    (["A>B", "C"], ">"),
    (["A | B"], "|"),
    (["A » B"], "»"),
    (["A"], None),
    ([], None),
    (["5 > 4", *map(str, range(30))], None),
    (["Shoes/Boots", "Shoes/Sandals", "Bags"], "/"),
    (["Shoes", "Shoes/Boots"], "/"),
    (["Home / Garden", "Home / Kitchen", "Home / Bath"], " / "),
    (["Home / Modems 3G/4G", "Home / Modems 3G/5G", "Home"], " / "),
    (["Modemy 3G/4G/5G do laptopów", "Torby"], None),
    (["TV/Audio"], None),
    (["TV/Audio", "Foto/Video", "Torby"], None),
    (["TV/Audio", "TV/Video", "Torby", "Buty", "Dom", "Auto", "Zoo"], None),
    (["Bags, Cases & More", "Shoes"], None),
    (["Home &gt; Garden", "Home"], ">"),
    (["A/B > C", "A/B > D"], ">"),
    (["A/B", "A/C", "D/E", "F/G"], "/"),
    (["A/B", "A/C", "D/E", "F/G", "H/I"], None),
    (["A/B", "A/C", "D", "E"], "/"),
    (["A/B", "A/C", "D", "E", "F"], None),
    (["A\\/B", "A\\/C"], None),
]


class TestTheMarkBetweenLevels:
    @pytest.mark.parametrize(("texts", "mark"), COLUMNS)
    def test_is_what_the_column_proves(self, texts, mark):
        assert PathEvidence.of(pa.array(texts, pa.string())).mark() == mark

    @pytest.mark.parametrize(("texts", "mark"), COLUMNS)
    def test_is_the_same_over_chunks(self, texts, mark):
        chunks = [pa.array([text], pa.string()) for text in texts]
        assert PathEvidence.of_chunks(chunks).mark() == mark

    @pytest.mark.parametrize(
        ("texts", "declared", "mark"),
        [
            (["A/B"], "/", None),
            (["A/B", "A/C"], "/", "/"),
            (["A / B", "A / C"], "/", " / "),
            (["A", "B"], ">", ">"),
            (["A > B/C", "A > B/D"], "/", ">"),
        ],
    )
    def test_a_declared_slash_must_be_proven_all_the_same(self, texts, declared, mark):
        assert PathEvidence.of(pa.array(texts)).mark(declared) == mark

    def test_a_sure_mark_needs_one_text_in_twenty(self):
        others = [f"C{number}" for number in range(19)]
        assert PathEvidence.of(pa.array(["A > B", *others])).mark() == ">"
        assert PathEvidence.of(pa.array(["A > B", *others, "D"])).mark() is None

    def test_a_list_shows_its_entries(self):
        assert PathEvidence.of(pa.array([["A/B", "A/C"], ["A"]])).mark() == "/"

    def test_known_roots_prove_it_and_part_the_paths(self):
        cells = pa.array(["Root/Bags, Cases & More/Totes,Root/Sale", "Root,Root/New", "Root/TV\\/Audio"])
        evidence = PathEvidence.of(cells)
        roots = evidence.roots("/", ["Root"])
        assert roots == ("Root",)
        assert evidence.mark("/", roots=roots) == "/"
        assert split_at_roots(cells, ",", roots).to_lists().to_pylist() == [
            ["Root/Bags, Cases & More/Totes", "Root/Sale"],
            ["Root", "Root/New"],
            ["Root/TV\\/Audio"],
        ]
        assert evidence.parted(",", roots).texts == {
            "Root/Bags, Cases & More/Totes", "Root/Sale", "Root", "Root/New", "Root/TV\\/Audio"
        }  # fmt: skip

    def test_a_root_that_nobody_knows_proves_nothing(self):
        evidence = PathEvidence.of(pa.array(["Shop/A", "Shop/B"]))
        assert evidence.roots("/", ["Default Category"]) == ()
        assert evidence.parted(",").texts == {"Shop/A", "Shop/B"}


class TestAddresses:
    def test_slugs(self):
        names = pa.array(["Żółty kubek 0,5 l", "Straße & Søn", "--", None])
        assert slugs(names).to_pylist() == ["zolty-kubek-0-5-l", "strasse-son", None, None]

    def test_holes_are_filled_and_encoded(self):
        columns = {"Handle": pa.array(["a b", "ż"])}
        filled = fill_template("https://e.com/{Handle}", columns.get, columns, Journal(), field="productUrl")
        assert filled.to_pylist() == ["https://e.com/a%20b", "https://e.com/%C5%BC"]

    def test_an_empty_hole_leaves_the_row_without_an_address_and_is_said(self):
        columns, journal = {"Handle": pa.array(["a", None, ""])}, Journal()
        filled = fill_template("https://e.com/{Handle}", columns.get, columns, journal, field="productUrl")
        assert filled.to_pylist() == ["https://e.com/a", None, None]
        assert [(finding.count, finding.examples) for finding in journal.findings] == [(2, ("row 1", "row 2"))]

    @pytest.mark.parametrize("template", ["https://e.com/{Handel}", "https://e.com/"])
    def test_a_template_that_cannot_work_is_refused(self, template):
        columns = {"Handle": pa.array(["a"])}
        with pytest.raises(UsageError, match="column"):
            fill_template(template, columns.get, columns, Journal(), field="productUrl")


class TestTextEncodedTwice:
    def test_is_found_and_mended(self):
        texts = pa.array(["KsiÄ…Å¼ka", "PĂłĹ‚", "Łódź", "Ärger", "fĂĽr", "plain", None])
        wrong = twice_encoded(texts)
        assert wrong.tolist() == [True, True, False, False, False, False, False]
        assert mend_text(texts, wrong).to_pylist()[:2] == ["Książka", "Pół"]

    @pytest.mark.parametrize("texts", [pa.nulls(2, pa.string()), pa.array(["", None]), pa.array([], pa.string())])
    def test_columns_without_letters_hold_none(self, texts):
        assert not twice_encoded(texts).any()
        assert not still_broken(texts).any()

    @pytest.mark.parametrize(
        ("text", "repaired"),
        [
            ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "привет"),
            ("Ð¿Ñ€", "пр"),
            ("Î±Î²", "αβ"),
            ("Łódź i KsiÄ…Å¼ka", "Łódź i Książka"),
            ("StraÃŸe", "Straße"),
            ("itâ€™s", "it’s"),
            ("NIÑ°", None),
            ("ÂGE", None),
            ("Â", None),
        ],
    )
    def test_in_other_scripts_and_in_part_of_a_text(self, text, repaired):
        texts = pa.array([text, None])
        wrong = twice_encoded(texts)
        assert wrong.tolist() == [repaired is not None, False]
        assert mend_text(texts, wrong).to_pylist() == [repaired or text, None]

    @given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), max_size=20))
    def test_ordinary_text_is_left_alone(self, text):
        if not any(mark in text for mark in "ÃÄÅÂĂĹâÎÏÐÑ"):
            assert not twice_encoded(pa.array([text])).any()


def test_a_journal_stays_small():
    journal = Journal()
    journal.add("kept", "long ones", examples=["x" * 500, *map(str, range(100))])
    finding = journal.findings[0]
    assert len(finding.examples) == MAX_EXAMPLES
    assert max(map(len, finding.examples)) <= 60
    assert np.isscalar(finding.count)
