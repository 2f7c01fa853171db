"""Quotes as exports really write them: what nothing closes is text, and no row is swallowed."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from smnotebook.errors import UsageError
from smnotebook.feeds import read_feed, reading_report
from smnotebook.feeds.quoting import Splitter

HEAD = "sku;name;price\n"


def read(text, **arguments):
    return read_feed(text.encode(), preset=None, **arguments)


def warnings_of(frame):
    return {
        finding.message.partition(":")[0]: finding.examples
        for finding in reading_report(frame).findings
        if finding.kind == "warned"
    }


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('1;Monitor 24" black;9\n2;Tube 5/8";8\n3;"Frame 12""";7\n', ['Monitor 24" black', 'Tube 5/8"', 'Frame 12"']),
        ('1;"Lamp 12V;9\n2;Table;8\n3;Chair "retro";7\n', ['"Lamp 12V', "Table", 'Chair "retro"']),
        ('1;"Lamp 12V;9\n2;Table;8\n3;Pipe 24";7\n', ['"Lamp 12V', "Table", 'Pipe 24"']),
        ('1;"Lamp 12V;9\n2;"Table;8\n3;"Chair;7\n', ['"Lamp 12V', '"Table', '"Chair']),
        ('1;"Lamp "12V" x";9\n2;"a;b";8\n3;c;7\n', ['Lamp "12V" x', "a;b", "c"]),
        ('1;"two\nlines; and more";9\n2;"x\n\ny";8\n3;c;7\n', ["two\nlines; and more", "x\n\ny", "c"]),
        ('1;"Big" lamp;9\n2;"two\nlines";8\n3;"";7\n', ['"Big" lamp', "two\nlines", None]),
        ('1;"";9\n2;"""quoted""";8\n3;"a""b";7\n', [None, '"quoted"', 'a"b']),
        ('1;a;9\n2;b;8\n3;"never closed;7\n', ["a", "b", '"never closed']),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_quotes_mean_what_a_person_sees(body, names, line_end):
    frame = read((HEAD + body).replace("\n", line_end))
    expected = [name.replace("\n", line_end) if name else name for name in names]
    assert frame["name"].astype(object).where(frame["name"].notna(), None).tolist() == expected
    assert frame["price"].tolist() == ["9", "8", "7"]


def test_the_lines_of_such_quotes_are_in_the_report():
    frame = read(HEAD + "".join(f"{n};x;1\n" for n in range(50)) + '50;"Lamp;2\n51;Pipe 24";3\n52;"Nail "4;4\n')
    assert len(frame) == 53
    assert warnings_of(frame) == {
        "a quote at the start of a cell would take in complete rows that follow": ("line 52",),
        "nothing closes the quote at the start of a cell": ("line 54",),
    }


def test_a_caller_who_says_that_quotes_enclose_is_believed():
    text = HEAD + '1;"Lamp;2\n2;Pipe 24";3\n3;x;4\n4;y;5\n'
    assert read(text)["sku"].tolist() == ["1", "2", "3", "4"]
    assert read(text, quotechar='"')["name"].tolist() == ["Lamp;2\n2;Pipe 24", "x", "y"]
    assert read(text, quotechar=None)["name"].tolist() == ['"Lamp', 'Pipe 24"', "x", "y"]
    with pytest.raises(UsageError, match="quotechar"):
        read(text, quotechar="''")


def test_another_quote_may_be_named():
    assert read("a,b\n'x,y',1\n'it''s',2\n", quotechar="'")["a"].tolist() == ["x,y", "it's"]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('1\t"Big" box\t9\n2\t"Small"\t8\n3\t24" x\t7\n', ['"Big" box', '"Small"', '24" x']),
        ('1\t"Big\t9\n2\tSmall\t8\n3\tx"\t7\n', ['"Big', "Small", 'x"']),
        ('1\t"a\tb"\t9\n2\t"Small"\t8\n3\tx\t7\n', ["a\tb", "Small", "x"]),
    ],
)
def test_tabs_are_read_without_quotes_where_that_explains_the_file_better(body, names):
    assert read((HEAD + body).replace(";", "\t"))["name"].tolist() == names


@pytest.mark.parametrize("rows", [1, 3, 7, 1000])
def test_chunks_hold_what_the_whole_holds(tmp_path, rows, monkeypatch):
    monkeypatch.setattr("smnotebook.feeds.delimited._BLOCK", 100)
    path = tmp_path / "feed.csv"
    body = '{n};"Lamp 12V;9\n{n};"two\nlines";8\n{n};"Big "x" y";7\n{n};short\n{n};a;1;long\n\n{n};"a;b";3\n'
    path.write_text(HEAD + "".join(body.format(n=n) for n in range(60)), encoding="utf-8")
    whole = read_feed(path, preset=None)
    assert len(whole) == 60 * 6
    chunks = list(read_feed(path, preset=None, chunk_rows=rows))
    pd.testing.assert_frame_equal(pd.concat(chunks, ignore_index=True), whole)


def test_a_splitter_keeps_the_end_of_a_text_that_goes_on():
    splitter = Splitter(delimiter=";")
    assert [record.cells for record in splitter.split('a;b\nc;"d\ne', is_last=False)] == [["a", "b"]]
    assert [record.cells for record in splitter.split("a;b\nc;d", is_last=False)] == [["a", "b"]]
    assert [record.cells for record in splitter.split('a;b\nc;"d\ne')] == [["a", "b"], ["c", '"d'], ["e"]]


def test_rows_are_not_lost_to_a_quote_far_into_a_large_file(tmp_path):
    path = tmp_path / "large.csv"
    rows = [f"S{n:06d};Name {n};{n % 90 + 1},50\n" for n in range(60_000)]
    rows[40_000] = 'S040000;"Lamp;1,50\n'
    rows[40_100] = 'S040100;Pipe 24";1,50\n'
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    frame = read_feed(path, preset=None)
    assert len(frame) == 60_000
    assert frame["name"][40_000] == '"Lamp'
    assert warnings_of(frame).popitem()[1] == ("line 40002",)


def test_quotes_are_the_same_in_another_encoding():
    text = HEAD.replace("name", "żółw") + '1;"Łóżko;9\n2;"a;b";8\n3;Rura 24";7\n'
    for encoding in ("utf-16", "cp1250", "utf-8-sig"):
        frame = read_feed(io.BytesIO(text.encode(encoding)), preset=None)
        assert frame["żółw"].tolist() == ['"Łóżko', "a;b", 'Rura 24"'], encoding
