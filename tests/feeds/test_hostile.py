"""Files made to fill the memory are refused within 512 MB and 20 s, by a message with the limit and its argument."""

from __future__ import annotations

import gzip
import io
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
import zlib

import pandas as pd
import pytest

from smnotebook.errors import FeedError, UsageError
from smnotebook.feeds import Limits, read_feed

openpyxl = pytest.importorskip("openpyxl")

READ = """
import json, resource, sys
import smnotebook as sm, openpyxl, python_calamine, lxml.etree, lxml.html, pyarrow.csv, pyarrow.parquet
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
most = used + (512 << 20)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    print("read", len(sm.read_feed(sys.argv[1], preset=None)))
except sm.errors.FeedError as refused:
    print("refused", refused)
"""


def packed(parts):
    """A gzip of parts that are repeated, made without their ever being in memory."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as file:
        for part, times in parts:
            for _ in range(times):
                file.write(part)
    return out.getvalue()


def workbook(cells):
    book = openpyxl.Workbook()
    for place, value in cells.items():
        book.active[place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, parts in entries.items():
            with file.open(name, "w", force_zip64=True) as entry:
                for part, times in parts:
                    for _ in range(times):
                        entry.write(part)
    return out.getvalue()


MB = b"a" * (1 << 20)
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def bombed_workbook():
    with zipfile.ZipFile(io.BytesIO(workbook({"A1": "id", "B1": "name"}))) as book:
        entries = {name: [(book.read(name), 1)] for name in book.namelist()}
    entries["xl/sharedStrings.xml"] = [(MB, 1500)]
    return archive(entries)


ODS = (
    b'<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:'
    b'names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
    b'<office:spreadsheet><table:table><table:table-row table:number-rows-repeated="1048575"><table:table-cell/>'
    b'</table:table-row><table:table-row><table:table-cell table:number-columns-repeated="16383"/><table:table-cell>'
    b"<text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>"
    b"</office:document-content>"
)
LAUGHS = (
    b'<!DOCTYPE r [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
    b"<r><item><id>&c;</id></item><item><id>2</id></item></r>"
)
TOO_LONG = "(cell_bytes=4,194,304|expansion=100|first line)"
HOSTILE = {
    "a cell at XFD1048576": (lambda: workbook({"A1": "id", "B1": "name", "XFD1048576": 1}), "columns=5,000"),
    "an .ods as wide and long": (lambda: archive({"content.xml": [(ODS, 1)]}), "columns=5,000"),
    "an .xlsx that unpacks to 1.5 GB": (bombed_workbook, "expansion=100"),
    "a gzip with one cell of 1 GB": (lambda: packed([(b"id,name\n1,", 1), (MB, 1024)]), TOO_LONG),
    "a cell of 300 MB": (lambda: b"id,name\n1," + MB * 300, "cell_bytes=4,194,304"),
    "a quoted cell of 300 MB": (lambda: b'id,name\n1,"' + MB * 300, "cell_bytes=4,194,304"),
    "a gzip with one quoted cell of 1 GB": (lambda: packed([(b'id,name\n1,"', 1), (MB, 1024)]), TOO_LONG),
    "a gzip of 1 GB of rows": (
        lambda: packed([(b"id,name\n", 1), (b"1,aaaaaaaaaaaaa\n" * 65536, 1024)]), "expansion=100",
    ),
    "a gzip of XML without products": (
        lambda: packed([(b"<r><item><id>1</id></item>", 1), (b"<junk>" + MB + b"</junk>", 1024)]),
        "(expansion=100|item_bytes=67,108,864)",
    ),
    "a gzip of JSON of 1 GB": (lambda: packed([(b'[{"id": "', 1), (MB, 1024)]), "expansion=100"),
    "billion laughs": (lambda: LAUGHS, "entities"),
    "JSON in 100,000 levels": (lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "depth=64"),
    "lists in 1,000,000 levels": (lambda: b"[" * 1_000_000 + b"]" * 1_000_000, "depth=64"),
    "XML in 100,000 levels": (lambda: b"<a>" * 100_000 + b"</a>" * 100_000, "levels"),
    "JSON with 100,000 keys": (
        lambda: b"[" + b",".join(b'{"id":1,"k%d":1}' % n for n in range(100_000)) + b"]", "columns=5,000",
    ),
    "CSV of 100,000 columns": (lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n1,2\n", "columns=5,000"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are set and measured on Linux")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_little_memory_and_time(tmp_path, name):
    make, words = HOSTILE[name]
    path = tmp_path / "feed"
    path.write_bytes(make())
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("refused"), done.stdout
    assert re.search(words, done.stdout), done.stdout
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    ("content", "limits", "argument"),
    [
        (b"id,name\n1,a\n2,b\n", {"rows": 1}, "rows"),
        (b"id,name\n1,a\n2,b\n", {"columns": 1}, "columns"),
        (b"id,name\n1,aaaaaaaaaaaaaaaaaaaaaaaa\n", {"cell_bytes": 20}, "cell_bytes"),
        (b'[{"id": 1, "name": 2}, {"id": 2}]', {"rows": 1}, "rows"),
        (b'[{"id": 1, "name": 2}, {"id": 2}]', {"columns": 1}, "columns"),
        (b'[{"id": 1, "name": {"a": {"b": 1}}}, {"id": 2}]', {"depth": 2}, "depth"),
        (b"<l><p><id>1</id><n>a</n></p><p><id>2</id></p></l>", {"columns": 1}, "columns"),
        (b"<l><p><id>1</id><n>a</n></p><p><id>2</id></p></l>", {"rows": 1}, "rows"),
        (workbook({"A1": "id", "B1": "name", "A2": 1, "A3": 2}), {"rows": 2}, "rows"),
        (workbook({"A1": "id", "B1": "name", "C2": 1}), {"columns": 2}, "columns"),
        (workbook({"A1": "id", "B1": "name" * 9, "C2": 1}), {"cell_bytes": 20}, "cell_bytes"),
    ],
)
def test_each_limit_has_its_argument(content, limits, argument):
    with pytest.raises(FeedError, match=rf"{argument}=.*limits=sm\.Limits\({argument}=…\)"):
        read_feed(content, limits=Limits(**limits))
    assert len(read_feed(content, preset=None)) > 0


def test_a_limit_is_a_whole_number_from_one():
    for wrong in (0, -1, 1.5, True, "5"):
        with pytest.raises(UsageError, match="rows"):
            Limits(rows=wrong)


def test_a_file_that_packs_well_is_read():
    content = b"id,name\n" + b"1,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 200_000
    assert len(read_feed(gzip.compress(content), preset=None)) == 200_000


class TestOneTimeStreams:
    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no name here")
    @pytest.mark.parametrize("kept", [1 << 25, 100])
    def test_a_pipe_is_read_once(self, tmp_path, monkeypatch, kept):
        monkeypatch.setattr("smnotebook.feeds.sources._KEPT_IN_MEMORY", kept)
        path = tmp_path / "pipe"
        os.mkfifo(path)
        content = b"id,name\n" + b"".join(b"%d,a\n" % n for n in range(300_000))
        writer = threading.Thread(target=path.write_bytes, args=(content,))
        writer.start()
        frame = pd.concat(read_feed(path, preset=None, chunk_rows=100_000))
        writer.join()
        assert len(frame) == 300_000

    def test_a_temporary_file_goes_with_its_source(self, monkeypatch, tmp_path):
        monkeypatch.setattr("smnotebook.feeds.sources._KEPT_IN_MEMORY", 100)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        stream = io.BytesIO(b"id,name\n" + b"1,a\n" * 100)
        assert len(read_feed(stream, preset=None)) == 100
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "name",
        ["a b.csv", "~home.csv", "-o.csv", "żółw.csv", "a#b?c%20d.csv", "line\nbreak.csv", "'\".csv", b"\xff\xfe.csv"],
    )
    @pytest.mark.parametrize("kind", ["csv", "parquet", "excel", "xml", "gz"])
    def test_any_file_name_works(self, tmp_path, name, kind):
        path = tmp_path / os.fsdecode(name)
        frame = pd.DataFrame({"id": ["1", "2"], "name": ["a", "b"]})
        written = io.BytesIO()
        match kind:
            case "csv" | "gz":
                frame.to_csv(written, index=False)
            case "parquet":
                frame.to_parquet(written)
            case "excel":
                frame.to_excel(written, index=False)
            case "xml":
                frame.to_xml(written, index=False)
        content = written.getvalue() if kind != "gz" else gzip.compress(written.getvalue())
        try:
            path.write_bytes(content)
        except OSError:
            pytest.skip("no such name on this file system")
        assert read_feed(path, preset=None)["name"].tolist() == ["a", "b"]

    def test_a_message_shows_an_odd_name(self, tmp_path):
        with pytest.raises(FeedError, match="break"):
            read_feed(tmp_path / "line\nbreak.csv")


def test_a_gzip_that_is_cut_is_said():
    content = gzip.compress(bytes(zlib.crc32(b"%d" % n) % 90 + 33 for n in range(2_000_000)))
    with pytest.raises(FeedError, match="can't be unpacked"):
        read_feed(content[: len(content) // 2])


@pytest.mark.slow
def test_short_scripts_that_read_bytes_end_cleanly():
    """A thread of Arrow's used to let go of a Python buffer while the interpreter shut down: SIGABRT in 6 of 100."""
    code = (
        "import gzip, smnotebook as sm\n"
        "content = b'Handle,Title,Vendor,Tags,Published,Variant Price\\nh,T,V,,true,10\\n'\n"
        "sm.read_feed(content); sm.read_feed(gzip.compress(content))"
    )
    codes = []
    for _ in range(20):
        running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
        codes += [process.wait() for process in running]
    assert codes == [0] * 60
