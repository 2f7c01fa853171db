"""PreflightReport: counts, tables, export and what a notebook shows, harmless whatever the product texts hold."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from smnotebook.frame.preflight import preflight
from smnotebook.frame.report import ISSUE_COLUMNS

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "svg": '"><svg onload=alert(1)>',
    "attribute": "' onmouseover='alert(1)",
    "closing": "</td></tr></table></details></div><h1>mine</h1>",
    "comment": "--><script>alert(1)</script><!--",
    "style": "</style><script>alert(1)</script>",
    "script end": "</script><script>alert(1)</script>",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "javascript": "[click](javascript:alert(1))",
    "markdown": "**bold** `code` [a](http://evil.example) ![x](http://evil.example/x.png)",
    "latex": "$\\href{javascript:alert(1)}{x}$",
    "template": "{{constructor.constructor('alert(1)')()}}",
    "ansi": "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "csi": "\x9b31mred",
    "bidi": "\u202egnp.exe\u202c \u2066a\u2069",
    "zero width": "pay\u200bpal\u2060\ufeff",
    "carriage return": "good\rbad",
    "line separator": "a\u2028b\u2029c",
    "nul": "a\x00b",
    "backspace": "bad\x08\x08\x08good",
}
FORMULAS = ["=1+1", "=HYPERLINK(\"http://evil.example\",\"x\")", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1",
            "\r=1", "\n=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "a;=1+1", "a,=1+1", 'a",=1+1,"']  # fmt: skip


@pytest.fixture
def report(frame_of):
    frame = frame_of(
        5,
        name=["ok", None, "x" * 300, "ok", "ok"],
        price=[1.0, 2.0, -1.0, 0.0, 5.0],
        quantity=[1, -2, 3, 4, 5.5],
        colour=["red"] * 5,
    )
    frame.index = list("vwxyz")
    return preflight(frame)


def test_errors_and_warnings_are_counted_by_finding_and_rows_by_their_errors(report):
    assert report.rows == 5
    assert report.errors == 4
    assert report.warnings == 3  # a negative quantity, a price of zero, a column that maps to nothing
    assert report.refused.tolist() == [1, 2, 4]
    assert report.ready == 2
    assert report.ok is False


def test_a_good_frame_is_ok(frame_of):
    report = preflight(frame_of(4))
    assert report.ok is True
    assert (report.errors, report.warnings, report.ready, report.rows) == (0, 0, 4, 4)
    assert report.issues.empty
    assert report.summary().empty
    assert list(report.issues.columns) == list(ISSUE_COLUMNS)
    assert "4 ready" in repr(report)


def test_warnings_alone_leave_a_frame_ok(frame_of):
    report = preflight(frame_of(2, quantity=[-1, -1]))
    assert report.ok
    assert report.warnings == 2
    assert report.ready == 2


def test_issues_have_the_promised_columns_in_the_promised_types(report):
    issues = report.issues
    assert list(issues.columns) == ["position", "index", "productId", "field", "column", "value", "severity",
                                    "reason_code", "message", "suggestion"]  # fmt: skip
    assert issues["position"].dtype == issues["reason_code"].dtype == "Int64"
    assert issues["position"].dropna().is_monotonic_increasing
    assert set(issues["severity"]) == {"error", "warning"}
    assert isinstance(issues.index, pd.RangeIndex)


def test_issues_are_the_same_types_whether_there_are_any_or_not(frame_of, report):
    pd.testing.assert_series_equal(preflight(frame_of(3)).issues.dtypes, report.issues.dtypes)


def test_an_issue_names_the_cell(report):
    row = report.issues[report.issues["field"] == "price"].iloc[0]
    assert row.to_dict() | {"suggestion": ""} == {
        "position": 2, "index": "x", "productId": "A-2", "field": "price", "column": "price", "value": "-1.0",
        "severity": "error", "reason_code": 11, "message": "price|min:0|max:9999999999999999999|can't be negative",
        "suggestion": "",
    }  # fmt: skip


def test_messages_are_in_the_apis_format(report):
    formats = {11: r"\w+\|min:\d+\|max:\d+\|.+", 13: r"\w+\|.+", 14: r"\w+:\w+\|.+", 12: r"\w+\|max:\d+\|.+"}
    for code, message in report.issues[["reason_code", "message"]].dropna().to_numpy():
        assert re.fullmatch(formats[code], message)


def test_the_summary_counts_each_field_and_rule_errors_first(report):
    summary = report.summary()
    assert summary["count"].sum() == len(report.issues)
    assert summary["severity"].tolist() == sorted(summary["severity"])
    assert summary["reason_code"].dtype == "Int64"
    assert (summary["suggestion"].str.len() > 0).all()


def test_issues_can_be_joined_to_the_frame(frame_of):
    frame = frame_of(3, price=[1.0, -1.0, 2.0])
    issues = preflight(frame).issues
    assert frame.iloc[issues["position"].to_numpy()]["productId"].tolist() == issues["productId"].tolist()


def test_the_report_speaks_of_the_frame_as_it_was(frame_of):
    frame = frame_of(3, name=["ok", "x" * 300, "ok"], price=[1.0, 1.0, -7.0])
    report = preflight(frame)
    frame.loc[1, "name"] = "changed since"
    frame.loc[2, "price"] = 99.0
    assert report.issues["value"].tolist()[1] == "-7.0"
    assert report.issues["value"].tolist()[0].startswith("xxx")


# --- files -----------------------------------------------------------------------------------------------------


def test_the_csv_holds_every_issue(report, tmp_path):
    report.to_csv(tmp_path / "issues.csv")
    raw = (tmp_path / "issues.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")  # Excel takes a file without it for Windows-1250
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == len(report.issues)
    assert list(rows[0]) == list(ISSUE_COLUMNS)


@pytest.mark.parametrize("formula", FORMULAS, ids=repr)
def test_no_cell_of_the_csv_is_a_formula(frame_of, tmp_path, formula):
    frame = frame_of(
        2, productId=[formula, "b"], productUrl=[formula, formula], **{f"customDetails.{formula}": [True, True]}
    )
    frame[formula] = 1
    frame.index = [formula, formula]
    preflight(frame).to_csv(tmp_path / "issues.csv")
    text = (tmp_path / "issues.csv").read_text("utf-8-sig")
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            for cell in row:
                assert not cell.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")), (delimiter, cell)


def test_the_csv_of_the_download_is_the_csv_of_the_file(report, tmp_path):
    report.to_csv(tmp_path / "issues.csv")
    assert report.to_csv().splitlines() == (tmp_path / "issues.csv").read_text("utf-8-sig").splitlines()


# --- hostile texts ---------------------------------------------------------------------------------------------


class Seen(HTMLParser):
    """What a browser would make of a page: elements, their attributes, and the text between them."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.open = set(), [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))


def hostile_frame(frame_of, text):
    frame = frame_of(
        3,
        productId=[text, text, "c"],
        productUrl=[text] * 3,
        imageUrls=[[text], [text, text], None],
        price=pd.Series([text, text, 1], dtype=object),
        systemDetails=pd.Series([{text: 1}, text, None], dtype=object),
        customDetails=pd.Series([{text: "x" * 300}, {text: True}, text], dtype=object),
    )
    frame[text] = 1
    frame[f"customDetails.{text}"] = True
    frame.index = [text, text, "c"]
    return frame


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def hostile(request, frame_of):
    return request.param, preflight(hostile_frame(frame_of, request.param))


def own_elements(frame_of):
    return Seen(preflight(hostile_frame(frame_of, "plain"))._repr_html_())


def test_no_product_text_becomes_an_element_or_a_handler(hostile, frame_of):
    _, report = hostile
    page, own = Seen(report._repr_html_()), own_elements(frame_of)
    assert page.tags == own.tags
    handlers = {(tag, name) for tag, name, _ in page.attributes}
    assert handlers == {(tag, name) for tag, name, _ in own.attributes}
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_no_product_text_gets_into_a_script_or_a_style(hostile, frame_of):
    _, report = hostile
    page, own = Seen(report._repr_html_()), own_elements(frame_of)
    code = [data for tag, data in page.texts if tag in {"script", "style"}]
    assert code == [data for tag, data in own.texts if tag in {"script", "style"}]


def test_nothing_is_loaded_from_elsewhere(hostile):
    _, report = hostile
    for tag, name, value in Seen(report._repr_html_()).attributes:
        if name in {"src", "href", "srcset", "action", "xlink:href", "data"}:
            assert (value or "").startswith(("data:text/csv", "#")), (tag, name, value[:80])


STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def test_no_repr_steers_the_display(hostile):
    _, report = hostile
    for shown in (repr(report), report._repr_html_(), report.to_csv(), report.summary().to_string()):
        assert STEERING.search(shown) is None


def test_no_value_of_the_issues_steers_the_display(hostile):
    _, report = hostile
    issues = report.issues.drop(columns="index")  # labels are the frame's own objects
    assert not [cell for cell in map(str, issues.to_numpy().ravel()) if STEERING.search(cell) or "\n" in cell]


def test_a_repr_keeps_to_its_lines(hostile):
    """A line break in a product text must not begin a line that looks like the report's own."""
    _, report = hostile
    for line in repr(report).splitlines()[1:]:
        assert line.startswith("  ")


def test_text_values_read_as_what_they_are(frame_of):
    issues = preflight(frame_of(2, productUrl=["<b>żółw</b> & 'x'", "a\u00a0b"])).issues
    assert issues["value"].tolist() == ["<b>żółw</b> & 'x'", "a\\xa0b"]


# --- size ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def million():
    rows = 250_000
    frame = pd.DataFrame({"productId": np.arange(rows).astype(str), "name": [None] * rows, "mainCategory": [""] * rows,
                          "productUrl": ["x"] * rows, "available": ["yes"] * rows, "price": [1.0] * rows})  # fmt: skip
    return preflight(frame)


def test_a_million_issues_do_not_make_a_page_of_a_million_rows(million):
    assert million.errors == 1_000_000
    page = million._repr_html_()
    assert len(page) < 1_000_000
    assert "1,000,000" in page
    assert len(repr(million)) < 5_000


def test_a_million_issues_are_all_there_when_asked(million):
    assert len(million.issues) == 1_000_000


def test_the_page_says_how_many_issues_it_leaves_out(million):
    assert re.search(r"first [\d,]+ of 1,000,000", million._repr_html_())


def test_thousands_of_details_do_not_make_a_page_of_thousands_of_lines(frame_of):
    frame = frame_of(1, customDetails=[{f"detail {n}": True for n in range(3_000)}])
    report = preflight(frame)
    assert report.errors > 3_000
    assert len(report._repr_html_()) < 1_000_000
    assert len(repr(report)) < 20_000
    assert "more kinds" in repr(report)
    assert "more kinds" in report._repr_html_()


def test_errors_are_shown_before_warnings(frame_of):
    rows = 2_000
    frame = frame_of(rows, quantity=[-1] * rows, price=[1.0] * (rows - 1) + [-1.0])
    page = preflight(frame)._repr_html_()
    assert page.index("can&#x27;t be negative") < page.index("is negative")
    assert f"A-{rows - 1}" in page


@pytest.mark.parametrize("text", [*HOSTILE.values(), "$\\frac{1}{$", "$5 and $6"], ids=ascii)
def test_no_product_text_steers_the_picture(frame_of, text):
    figure = preflight(hostile_frame(frame_of, text)).plot()
    drawn = io.BytesIO()
    figure.savefig(drawn, format="svg")
    assert b"<script" not in drawn.getvalue()
    assert not [
        shown for shown in figure.findobj(lambda item: hasattr(item, "get_text")) if STEERING.search(shown.get_text())
    ]
