"""CSV and its kin: any delimiter, any line end, any encoding, rows of any length."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smnotebook.errors import FeedError, UsageError
from smnotebook.feeds import delimited, read_feed, reading_report
from smnotebook.feeds.sources import open_source
from smnotebook.values.findings import Journal


def read(content, **arguments):
    return read_feed(content if isinstance(content, bytes) else content.encode(), preset=None, **arguments)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", "\u00a6", "^", "~", "\x1f", "\x01", "||", "::"])
def test_a_delimiter_is_found(mark):
    rows = [["id", "name", "price"], ["1", "Pan - large", "12.50"], ["2", "Pot", "9.90"], ["3", "Lid", ""]]
    frame = read("".join(mark.join(row) + "\n" for row in rows))
    assert frame.columns.tolist() == rows[0]
    assert frame.fillna("").to_numpy().tolist() == rows[1:]


@pytest.mark.parametrize("mark", ["\u00a6", "~|~", "<>", "→", "x"])
def test_any_other_delimiter_can_be_named(mark):
    text = f'id{mark}name\n1{mark}"a{mark}b"\n2{mark}c\n'
    for encoding in ("utf-8", "utf-16"):
        frame = read(text.encode(encoding), delimiter=mark)
        assert frame["name"].tolist() == [f"a{mark}b", "c"]


@pytest.mark.parametrize("mark", ["", '"', "a\nb"])
def test_what_is_no_delimiter_is_refused(mark):
    with pytest.raises(UsageError, match="delimiter"):
        read("a,b\n1,2\n", delimiter=mark)


def test_a_file_of_one_column_says_what_helps():
    with pytest.raises(FeedError, match="delimiter=…"):
        read("id=name\n1=a\n2=b\n")


ONE = "sku;name;price\nA;Mug;1,50\nB;Cup;2,50\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_second_line_of_names_in_the_middle_is_left_out(mark, quote):
    second = ONE.replace("A", "C").replace("B", "D").replace("sku", f"{quote}sku{quote}")
    frame = read(ONE + mark + second)
    assert frame["sku"].tolist() == ["A", "B", "C", "D"]
    assert [(finding.message, finding.count) for finding in reading_report(frame).findings] == [
        ("rows that repeat the column names", 1)
    ]


def test_a_mark_before_rows_without_names_is_no_part_of_an_id():
    assert read(ONE + "\ufeff" + "C;Lid;3,50\n")["sku"].tolist() == ["A", "B", "C"]


def test_names_in_another_order_further_down_are_refused():
    with pytest.raises(FeedError, match=r"Row 3 .* another\s+order"):
        read(ONE + "name;sku;price\nMug;C;1,50\n")


def test_a_cell_that_is_a_column_name_is_a_cell():
    assert read("name;sku\nsku;1\nname;2\n")["name"].tolist() == ["sku", "name"]


class TestOneLineInAnotherEncoding:
    ROWS = "sku;name;price\n" + "".join(f"A{n};Łóżko dębowe {n};10,50\n" for n in range(300))
    MIXED = ROWS.encode() + "X1;Stół dębowy;99,99\n".encode("cp1250") + "X2;Półka;9,99\n".encode()

    def test_the_message_names_the_line_and_the_argument(self):
        with pytest.raises(FeedError, match=r"Line 302 .*;Stół dębowy.*encoding=\('utf-8', 'cp1250'\)") as caught:
            read(self.MIXED)
        assert caught.value.line == 302

    def test_the_argument_reads_it(self):
        frame = read(self.MIXED, encoding=("utf-8", "cp1250"))
        assert frame["name"].tolist()[-3:] == ["Łóżko dębowe 299", "Stół dębowy", "Półka"]

    def test_the_line_of_names_may_be_the_one(self):
        content = "id;żółw\n".encode("cp1250") + "1;Łóżko\n2;Półka\n3;Stół\n".encode() * 9
        frame = read(content, encoding=("utf-8", "cp1250"))
        assert frame.columns.tolist() == ["id", "żółw"]
        assert frame["żółw"].tolist()[:2] == ["Łóżko", "Półka"]

    @pytest.mark.parametrize("size", [1, 7, 1 << 20])
    def test_wherever_the_line_is_cut(self, monkeypatch, tmp_path, size):
        monkeypatch.setattr(delimited, "_BLOCK", 1000 + size)
        path = tmp_path / "mixed.csv"
        path.write_bytes(self.MIXED)
        chunks = list(read_feed(path, preset=None, encoding=["utf-8", "cp1250"], chunk_rows=50))
        assert pd.concat(chunks)["name"].tolist()[-2:] == ["Stół dębowy", "Półka"]

    def test_two_encodings_whose_lines_end_differently_are_refused(self):
        with pytest.raises(UsageError, match="line ends differ"):
            read(self.MIXED, encoding=("utf-8", "utf-16"))
        with pytest.raises(UsageError, match="one name, or two"):
            read(self.MIXED, encoding=("utf-8", "cp1250", "cp1252"))


def test_a_reader_can_be_read_again(tmp_path):
    path = tmp_path / "feed.csv"
    path.write_text("id;name\n1;a\n2\n3;c;d\n;\n" * 3, encoding="utf-8")
    journal = Journal()
    records = delimited.look_at(open_source(path), journal)
    first, second = (pd.concat([table.to_pandas() for table in records.slabs(2)]) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    counts = {finding.message[:12]: finding.count for finding in journal.findings}
    assert counts == {"rows shorter": 3, "rows longer ": 3, "empty rows": 3, "rows that re": 2}


letters = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029\x85")
cells = st.text(st.one_of(st.sampled_from("ab \"',;\t|\n"), letters), max_size=8)


@st.composite
def written_tables(draw):
    """A table of random texts and the bytes in which csv writes it, in any dialect."""
    width = draw(st.integers(2, 5))
    rows = draw(
        st.lists(
            st.lists(cells, min_size=width, max_size=width).filter(lambda row: any(cell for cell in row)),
            min_size=1,
            max_size=12,
        )
    )
    names = [f"column {n}" for n in "abcde"[:width]]
    delimiter = draw(st.sampled_from(",;\t|"))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]))
    written = io.StringIO(newline="")
    out = csv.writer(
        written,
        delimiter=delimiter,
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
    )
    out.writerows([names, *rows])
    return names, rows, delimiter, encoding, written.getvalue().encode(encoding)


def texts_of(table):
    """The rows as the reader gives them, before anything is made of what a spreadsheet may have broken."""
    return [[cell or "" for cell in row.values()] for row in table.to_pylist()]


@settings(max_examples=60, deadline=None)
@given(written_tables(), st.integers(1, 5))
@example((["a", "b"], [["1", "x;y"], ["2", '"']], ";", "utf-8", b'a;b\n1;"x;y"\n2;""""\n'), 1)
def test_what_csv_writes_is_read_back_whole_and_in_chunks(table, rows_at_once):
    names, rows, delimiter, encoding, content = table
    given_encoding = encoding if encoding.startswith(("utf-16-", "utf-32")) else None
    options = {"delimiter": delimiter, "header_line": 1, "quotechar": '"', "encoding": given_encoding}
    records = delimited.look_at(open_source(content), Journal(), **options)
    assert list(records.layout.names) == names
    assert texts_of(records.read()) == rows
    assert [row for chunk in records.slabs(rows_at_once) for row in texts_of(chunk)] == rows


products = st.lists(
    st.tuples(
        st.from_regex(r"[A-Z]{2}-[0-9]{3}", fullmatch=True),
        st.text(st.sampled_from("abc \"',;|\nżółÉ5"), min_size=1, max_size=20).map(str.strip).filter(bool),
        st.from_regex(r"[0-9]{1,3}[.][0-9]{2}", fullmatch=True),
        st.sampled_from(["https://shop.example.com/a?b=c", "https://shop.example.com/1,2"]),
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(
    products,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_product_table_is_read_back_with_nothing_said(rows, delimiter, line_end, encoding):
    written = io.StringIO(newline="")
    out = csv.writer(written, delimiter=delimiter, lineterminator=line_end)
    out.writerows([["sku", "name", "price", "link"], *rows])
    records = delimited.look_at(open_source(written.getvalue().encode(encoding)), Journal())
    assert texts_of(records.read()) == [list(row) for row in rows]
    assert records.journal.findings == ()
