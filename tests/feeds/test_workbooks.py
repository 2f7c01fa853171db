"""Workbooks of every kind, each cell as a person sees it."""

from __future__ import annotations

import io
import sys
import zipfile

import pandas as pd
import pytest

from smnotebook.errors import FeedError, UsageError
from smnotebook.feeds import read_feed, reading_report
from smnotebook.feeds.books import _with_format

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("python_calamine")


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (123, "00000", "00123"),
        (123.0, "00000", "00123"),
        (1234567, "00000", "1234567"),
        (0, "00000", "00000"),
        (12345678905, "0000000000000", "0012345678905"),
        (123456, "000-000", "123-456"),
        (123, '"SKU-"00000', "SKU-00123"),
        (12, r"\A000", "A012"),
        (5, "00000;-00000", "00005"),
        (0.25, "0%", "25%"),
        (0.125, "0.00%", "12.5%"),
        (0.07, "0%", "7%"),
        (9.9, "0.00", None),
        (9.9, "00000", None),
        (-5, "00000", None),
        (1234, "#,##0", None),
        (1234.5, '#,##0.00 "zł"', None),
        (7, "0", None),
        (7, "General", None),
        (45000, "yyyy-mm-dd", None),
    ],
)
def test_a_number_wears_its_format(value, number_format, shown):
    assert _with_format(value, number_format) == shown


def workbook(rows, formats=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, number_format in (formats or {}).items():
        book.active[place].number_format = number_format
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_ids_keep_the_zeros_that_their_format_shows():
    content = workbook([["sku", "price"], [123, 9.9], [45, 0.1 + 0.2], ["007", 12]], {"A2": "00000", "A3": "00000"})
    frame = read_feed(content, preset=None)
    assert frame.to_numpy().tolist() == [["00123", 9.9], ["00045", 0.3], ["007", 12.0]]


def test_formulas_without_a_value_are_warned_of_with_their_place():
    frame = read_feed(workbook([["sku", "price"], ["A", "=1+1"], ["B", 2], ["C", "=A1"]]), preset=None)
    finding = next(finding for finding in reading_report(frame).findings if "formulas" in finding.message)
    assert (finding.kind, finding.count, finding.examples) == ("warned", 2, ("B2", "B4"))
    assert frame["price"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize("group", [["Identification", None, "Prices", None, None], ["Export of today"]])
def test_a_group_above_the_names_is_no_header(group):
    rows = [["SKU", "Name", "Gross", "Net", "Stock"], *([f"A{n}", f"N{n}", 1.5 * n, n, n] for n in range(1, 5))]
    frame = read_feed(workbook([group, *rows]), preset=None)
    assert frame.columns.tolist() == rows[0]
    assert len(frame) == 4


def test_a_sheet_far_from_its_corner_is_read():
    book = openpyxl.Workbook()
    for row, cells in enumerate([["sku", "name"], ["007", "Mug"]], start=20):
        for column, value in enumerate(cells, start=30):
            book.active.cell(row, column, value)
    written = io.BytesIO()
    book.save(written)
    frame = read_feed(written.getvalue(), preset=None)
    assert frame[["sku", "name"]].to_numpy().tolist() == [["007", "Mug"]]


def ods_cell(value):
    kind = f'"float" office:value="{value}"' if isinstance(value, (int, float)) else '"string"'
    return f"<table:table-cell office:value-type={kind}><text:p>{value}</text:p></table:table-cell>"


def ods(rows):
    cells = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    empty = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{cells}{empty}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


SPREADSHEETML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="S"><Table>'
    '<Row><Cell><Data ss:Type="String">sku</Data></Cell><Cell><Data ss:Type="String">name</Data></Cell>'
    '<Cell><Data ss:Type="String">day</Data></Cell></Row>'
    '<Row ss:Index="3"><Cell><Data ss:Type="String">007</Data></Cell>'
    '<Cell ss:Index="3"><Data ss:Type="DateTime">2026-11-28T00:00:00.000</Data></Cell></Row>'
    "</Table></Worksheet></Workbook>"
)
HTML = (
    "<table border=1><tr><th>sku</th><th>name</th><th>price</th></tr>"
    "<tr><td>00123</td><td>Mug &amp; <b>Cup</b><br>large</td><td>12,50</td></tr>"
    "<tr><td colspan=2>x</td><td>9,50</td></tr></table>"
)
PAGE = f"<html xmlns:x='urn:x'><head><meta charset=utf-8><title>Żółw</title></head><body>{HTML}</body></html>"


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (ods([["sku", "n"], ["007", 5], ["8", 2.5]]), [["sku", "n"], ["007", 5.0], ["8", 2.5]]),
        (SPREADSHEETML.encode(), [["sku", "name", "day"], ["007", None, "2026-11-28"]]),
        (HTML.encode(), [["sku", "name", "price"], ["00123", "Mug & Cup\nlarge", "12,50"], ["x", None, "9,50"]]),
        (PAGE.encode(), [["sku", "name", "price"], ["00123", "Mug & Cup\nlarge", "12,50"], ["x", None, "9,50"]]),
        (
            HTML.replace("large", "żółw").encode("cp1250"),
            [["sku", "name", "price"], ["00123", "Mug & Cup\nżółw", "12,50"], ["x", None, "9,50"]],
        ),
    ],
)
def test_spreadsheets_by_other_names_are_read(content, rows):
    frame = read_feed(content, preset=None)
    assert [frame.columns.tolist(), *frame.astype(object).where(frame.notna(), None).to_numpy().tolist()] == rows


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (ods([]), r"OpenDocument spreadsheet \(\.ods\) with no table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"old Excel file \(\.xls\) and damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
        (b"<html><body><form><table><tr><td><input type=password></td></tr></table></form></body></html>", "web page"),
    ],
)
def test_what_cannot_be_read_is_called_what_it_is(content, words):
    with pytest.raises(FeedError, match=words):
        read_feed(content)


@pytest.mark.parametrize(
    ("content", "library"),
    [(ods([["a", "b"], ["1", "2"]]), "python_calamine"), (workbook([["a", "b"], [1, 2]]), "openpyxl")],
)
def test_a_missing_library_is_named_with_the_command(monkeypatch, content, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=r"pip install 'smnotebook\[excel\]'"):
        read_feed(content)


def test_narrow_floats_and_categories_are_the_values_they_stand_for():
    frame = pd.DataFrame({"id": ["1", "2"], "price": [67.49, 10.03], "brand": ["a", "b"], "tags": [["x", "y"], ["z"]]})
    written = io.BytesIO()
    frame.astype({"price": "float32", "brand": "category"}).to_parquet(written)
    sources = {
        "float32": (frame.astype({"price": "float32", "brand": "category"}), [67.49, 10.03]),
        "float16": (frame.astype({"price": "float16"}), [67.5, 10.03]),
        "parquet": (written.getvalue(), [67.49, 10.03]),
    }
    for name, (source, prices) in sources.items():
        read = read_feed(source, preset=None)
        assert read["price"].tolist() == prices, name
        assert read["brand"].tolist() == ["a", "b"]
        assert [list(cell) for cell in read["tags"]] == [["x", "y"], ["z"]]
