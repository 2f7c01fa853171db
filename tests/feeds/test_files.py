"""Whatever file an analyst has: what is found out about it, and a clear word for what is no feed."""

from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smnotebook.errors import FeedError, SmnotebookError, UsageError
from smnotebook.feeds import read_feed, reading_report

POLISH = "id;nazwa;opis;cena\n1;Żółta łódź;gęś i źdźbło;2,50\n2;Ćma;ślad;3,00\n"


def facts(frame):
    return reading_report(frame).facts


def kinds(frame):
    return {finding.kind: finding for finding in reading_report(frame).findings}


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "name"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8"),
            ("utf-16", "utf-16-le"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
            ("cp1250", "cp1250"),
            ("iso-8859-2", "iso-8859-2"),
        ],
    )
    def test_polish_text_is_read_in_any_of_them(self, encoding, name):
        frame = read_feed(POLISH.encode(encoding))
        assert frame["nazwa"].tolist() == ["Żółta łódź", "Ćma"]
        assert frame.columns.tolist() == ["id", "nazwa", "opis", "cena"]
        assert facts(frame)["encoding"] == name

    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("Théière à fleurs; crème brûlée, façade", "cp1252"),
            ("Größe: Müsli für Übermorgen", "cp1252"),
            ("Año nuevo, ¿qué más? ¡Sí!", "cp1252"),
            ("Kůň příliš žluťoučký úpěl ďábelské ódy", "cp1250"),
            ("Árvíztűrő tükörfúrógép", "cp1250"),
        ],
    )
    def test_a_code_page_is_told_by_the_words_it_makes(self, text, encoding):
        frame = read_feed(f'id,name\n1,"{text}"\n2,plain\n'.encode(encoding))
        assert frame["name"].tolist()[0] == text

    def test_letters_that_come_late_are_read_too(self):
        lines = "1,plain\n" * 100_000 + "2,Żółw\n3,gęś\n"
        frame = read_feed(("id,name\n" + lines).encode("cp1250"))
        assert frame["name"].tolist()[-2:] == ["Żółw", "gęś"]
        assert facts(frame)["encoding"] == "cp1250"

    def test_late_letters_are_read_in_slabs_too(self, tmp_path):
        path = tmp_path / "late.csv"
        path.write_bytes(("id,name\n" + "1,plain\n" * 100_000 + "2,Żółw\n3,gęś\n").encode("cp1250"))
        *_, last = read_feed(path, chunk_rows=50_000)
        assert last["name"].tolist() == ["Żółw", "gęś"]

    def test_an_encoding_may_be_named(self):
        assert read_feed("id,name\n1,é\n".encode("cp437"), encoding="cp437")["name"].tolist() == ["é"]
        with pytest.raises(UsageError, match="utf-9"):
            read_feed(b"id,name\n1,a\n", encoding="utf-9")

    def test_text_encoded_twice_is_said_and_mended_on_request(self):
        twice = "id,name\n1,KsiÄ…Å¼ka\n2,Dom\n".encode()
        frame = read_feed(twice)
        assert frame["name"].tolist() == ["KsiÄ…Å¼ka", "Dom"]
        assert "mend_encoding" in kinds(frame)["warned"].message
        mended = read_feed(twice, mend_encoding=True)
        assert mended["name"].tolist() == ["Książka", "Dom"]
        assert kinds(mended)["converted"].count == 1


class TestLayout:
    @pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
    def test_the_delimiter_is_found(self, mark):
        frame = read_feed(f"id{mark}name{mark}note\n1{mark}a{mark}x\n2{mark}b{mark}y\n".encode())
        assert frame.to_numpy().tolist() == [["1", "a", "x"], ["2", "b", "y"]]

    def test_commas_in_texts_do_not_mislead(self):
        frame = read_feed(b"id;text\n1;a, b, c, d\n2;e, f\n3;g\n")
        assert frame.columns.tolist() == ["id", "text"]

    def test_excels_own_line_names_the_delimiter(self):
        assert read_feed(b"sep=;\nid;name\n1;a\n")["name"].tolist() == ["a"]

    def test_ids_stay_text_and_words_that_look_missing_stay_words(self):
        frame = read_feed(b'id,name,note\n007,NA,None\n1e5,,""\n')
        assert frame["id"].tolist() == ["007", "1e5"]
        assert frame["name"].tolist()[0] == "NA"
        assert frame["name"].isna().tolist() == [False, True]
        assert frame["note"].tolist()[0] == "None"
        assert frame["note"].isna().tolist() == [False, True]

    def test_quoted_cells_may_hold_lines_and_quotes(self):
        frame = read_feed(b'id,text\n1,"two\nlines"\n2,"say ""hi"""\n')
        assert frame["text"].tolist() == ["two\nlines", 'say "hi"']

    def test_lines_above_the_names_are_passed_over_and_said(self):
        frame = read_feed(b"# exported today\n\nid;name;price\n1;a;2\n2;b;3\n")
        assert frame["id"].tolist() == ["1", "2"]
        assert facts(frame)["header_line"] == 3
        assert kinds(frame)["skipped"].examples == ("# exported today",)

    def test_shorter_and_longer_rows_are_evened_out_and_said(self):
        frame = read_feed(b"id,name,price\n1,a,2\n2,b\n3,c,4,5\n4,d,5,\n")
        assert frame["id"].tolist() == ["1", "2", "3", "4"]
        warned = [finding for finding in reading_report(frame).findings if finding.kind == "warned"]
        assert [(finding.count, finding.examples) for finding in warned] == [(1, ("line 3",)), (1, ("line 4",))]

    def test_uneven_rows_are_found_in_slabs_too(self, tmp_path):
        path = tmp_path / "uneven.csv"
        path.write_bytes(b"id,name\n" + b"1,a\n" * 5 + b"2\n" + b"3,c\n" * 5)
        frames = list(read_feed(path, chunk_rows=4))
        assert [len(frame) for frame in frames] == [4, 4, 3]
        assert pd.concat(frames)["id"].tolist() == ["1"] * 5 + ["2"] + ["3"] * 5

    def test_repeated_and_empty_names_are_numbered(self):
        assert read_feed(b"id,name,name,\n1,a,b,c\n").columns.tolist() == ["id", "name", "name.1", "column 4"]

    def test_empty_rows_and_repeated_name_lines_are_left_out(self):
        frame = read_feed(b"id,name\n1,a\n,\nid,name\n2,b\n")
        assert frame["id"].tolist() == ["1", "2"]
        assert len([finding for finding in reading_report(frame).findings if finding.kind == "skipped"]) == 2

    TWO = (
        b"id,name,price,url\nNumber,Title,Price,Page\n1,a,1.00,https://e.com/1\n2,b,2.00,https://e.com/2\n3,c,3.00,x\n"
    )

    def test_two_lines_of_names_ask_which(self):
        rows = self.TWO.replace(b",x\n", b",https://e.com/3\n")
        with pytest.raises(FeedError, match="header_line=1 or header_line=2"):
            read_feed(rows)
        assert read_feed(rows, header_line=1).columns.tolist() == ["id", "name", "price", "url"]
        assert read_feed(rows, header_line=1)["id"].tolist() == ["1", "2", "3"]
        assert read_feed(rows, header_line=2).columns.tolist() == ["Number", "Title", "Price", "Page"]

    @given(
        st.lists(
            st.lists(st.text("ab\"',;\n ż", max_size=6), min_size=3, max_size=3).filter(
                lambda row: any(map(str.strip, row))
            ),
            min_size=1,
            max_size=10,
        )
    )
    def test_what_pandas_writes_is_read_back(self, rows):
        written = pd.DataFrame(rows, columns=["first", "second", "third"])
        frame = read_feed(written.to_csv(index=False, lineterminator="\n").encode(), delimiter=",", header_line=1)
        assert frame.astype(object).where(frame.notna(), "").to_numpy().tolist() == rows


class TestOtherFormats:
    FRAME = pd.DataFrame({"id": ["007", "8"], "name": ["Ćma", "b"], "price": ["1.50", "2.00"]})

    def test_excel_reads_as_the_eye_does(self, tmp_path):
        path = tmp_path / "book.xlsx"
        cells = pd.DataFrame(
            {"id": [1234, 8], "name": ["a", None], "day": pd.to_datetime(["2026-01-02"] * 2), "code": ["007", "8"]}
        )
        with pd.ExcelWriter(path) as book:
            pd.DataFrame({"note": ["see the other sheet"]}).to_excel(book, sheet_name="Cover", index=False)
            cells.to_excel(book, sheet_name="Products", index=False, startrow=2)
        frame = read_feed(path)
        assert frame["id"].tolist() == ["1234", "8"]
        assert frame["code"].tolist() == ["007", "8"]
        assert frame["day"].tolist() == ["2026-01-02"] * 2
        assert facts(frame)["sheet"] == "Products"
        assert read_feed(path, sheet=1).equals(frame)
        with pytest.raises(UsageError, match="Cover, Products"):
            read_feed(path, sheet="Prices")

    def test_parquet_keeps_its_types(self, tmp_path):
        path = tmp_path / "products.parquet"
        frame = pd.DataFrame({"id": ["007"], "n": [3], "tags": [["a", "b"]]})
        frame.to_parquet(path)
        read = read_feed(path)
        assert read["n"].tolist() == [3]
        assert read["tags"].tolist() == [["a", "b"]]
        assert [len(slab) for slab in read_feed(path, chunk_rows=1)] == [1]

    def test_gzip_of_each(self, tmp_path):
        book = io.BytesIO()
        self.FRAME.to_excel(book, index=False)
        parquet = io.BytesIO()
        self.FRAME.to_parquet(parquet)
        contents = {
            "csv": self.FRAME.to_csv(index=False).encode(),
            "excel": book.getvalue(),
            "parquet": parquet.getvalue(),
            "json": self.FRAME.to_json(orient="records").encode(),
            "xml": self.FRAME.to_xml(index=False, parser="etree").encode(),
        }
        for kind, content in contents.items():
            path = tmp_path / "misnamed.txt"
            path.write_bytes(gzip.compress(content))
            assert read_feed(path, preset=None)["name"].tolist() == ["Ćma", "b"], kind

    @pytest.mark.parametrize(
        "document",
        [
            '[{"a": {"b": 1}, "c": [1, 2]}, {"a": {"b": 2}}]',
            '{"status": "ok", "data": {"products": [{"a": {"b": 1}, "c": [1, 2]}, {"a": {"b": 2}}]}}',
            '{"a": {"b": 1}, "c": [1, 2]}\n{"a": {"b": 2}}\n',
            '{"edges": [{"node": {"a": {"b": 1}, "c": [1, 2]}}, {"node": {"a": {"b": 2}}}]}',
        ],
    )
    def test_json_in_any_shape(self, document):
        frame = read_feed(document.encode())
        assert frame["a.b"].tolist() == ["1", "2"]
        assert frame["c"].tolist()[0] == ["1", "2"]

    def test_json_keyed_by_id(self):
        frame = read_feed(b'{"a1": {"n": 1}, "a2": {"n": 2}}')
        assert frame["@key"].tolist() == ["a1", "a2"]

    def test_a_frame_keeps_its_index(self):
        frame = pd.DataFrame({"productId": [1, 2], "name": ["a", "b"], "price": [1.5, 2]}, index=["x", "y"])
        assert read_feed(frame).index.tolist() == ["x", "y"]

    def test_open_files_and_text(self):
        assert read_feed(io.BytesIO(b"id,name\n1,a\n"))["id"].tolist() == ["1"]
        assert read_feed(io.StringIO("id,name\n1,ż\n"))["name"].tolist() == ["ż"]


def zipped():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("readme.txt", "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (zipped(), "ZIP archive of 1 files"),
        (b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>", "web page titled “Sign in”"),
        (b"\n <html><body>", "web page"),
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"name\nfoo\nbar\n", "one column only"),
        (b"1,a,1.00,https://e.com/1\n2,b,2.00,https://e.com/2\n", "column names"),
        (b"id,name,price\n", "not one row"),
        (bytes(range(256)) * 20, "binary"),
        (b"PAR1 and no more", "Parquet"),
        (b"\x1f\x8b and no more", "gzip"),
        (b"PK\x03\x04 and no more", "damaged ZIP"),
        (b"\xd0\xcf\x11\xe0 old", "xls"),
        (b'[{"a": 1},\n{"a": }]', "line 2, column 7"),
        (b'{"a": 1}', "no list of objects"),
        (b"<rss><channel><item><id>1</id></itm></channel></rss>", "line 1, column 37"),
        (b"<rss><channel><item><id>1</id></item><item>", "not well-formed"),
        (b"<rss><channel><title>x</title></channel></rss>", "no products"),
        (b"<rss><item><id>1</id><title>a&nbsp;b</title></item></rss>", "nbsp"),
    ],
)
def test_what_is_no_feed_gets_a_clear_word(content, word):
    with pytest.raises(FeedError, match=word):
        read_feed(content)


def test_what_is_no_file_gets_a_clear_word(tmp_path):
    with pytest.raises(FeedError, match=r"no\.csv"):
        read_feed(tmp_path / "no.csv")
    with pytest.raises(UsageError, match="download"):
        read_feed("https://shop.example.com/feed.xml")
    with pytest.raises(UsageError, match="int"):
        read_feed(5)
    with pytest.raises(UsageError, match="chunk_rows"):
        read_feed(b"id,name\n1,a\n", chunk_rows=0)


def test_an_error_carries_its_place():
    with pytest.raises(FeedError) as caught:
        read_feed(b"<rss>\n<item><id>1</id></itm></rss>")
    assert (caught.value.line, caught.value.column) == (2, 23)


MARKS = [
    b",",
    b";",
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b"<",
    b">",
    b"&",
    b"{",
    b"[",
    b"\xff",
    b"\xc4\x85",
    b"\t",
    b"'",
    b"\x80",
]


@settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(draw=st.data())
def test_whatever_the_bytes_there_is_a_frame_or_a_clear_word(data, draw):
    """Exports cut, spoilt and sprinkled with marks: nothing but the package's own errors comes out."""
    name = draw.draw(st.sampled_from(sorted(path.name for path in data.iterdir())))
    content = bytearray((data / name).read_bytes())
    for _ in range(draw.draw(st.integers(1, 5))):
        at = draw.draw(st.integers(0, len(content)))
        if draw.draw(st.booleans()):
            content[at:at] = draw.draw(st.sampled_from(MARKS))
        else:
            del content[at : at + draw.draw(st.sampled_from([1, 5, 50, 5000]))]
    with suppress(SmnotebookError):
        assert isinstance(read_feed(bytes(content)), pd.DataFrame)
