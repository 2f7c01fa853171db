"""The whole way in JupyterLab: connect, make a catalog, send a faulty file, mend it, and look what the server has."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

DATA = Path(__file__).parents[2] / "data"
CELLS = (
    "import smnotebook as sm",
    "connect = sm.forms.ConnectForm()\nconnect",
    "catalogs = sm.forms.CatalogForm(connect)\ncatalogs",
    "upload = sm.forms.UploadForm(connect)\nupload",
)


def press(form, name):
    """Press a button once it is open."""
    button = form.get_by_role("button", name=name, exact=True)
    expect(button).to_have_attribute("aria-disabled", "false")
    button.click()


def connect_and_make_a_catalog(notebook):
    connect, catalogs = notebook.form("connect"), notebook.form("catalogs")
    press(connect, "Connect")
    catalogs.get_by_label("Name", exact=True).fill("Shop EU")
    catalogs.get_by_label("Currency", exact=True).fill("EUR")
    press(catalogs, "Create the catalog")
    expect(catalogs).to_contain_text("The catalog 'Shop EU' is there.")


def test_a_faulty_file_is_mended_and_arrives(open_notebook):
    notebook = open_notebook(*CELLS)
    connect_and_make_a_catalog(notebook)
    upload = notebook.form("upload")

    upload.get_by_label("File", exact=True).set_input_files(DATA / "products_with_faults.csv")
    expect(upload).to_contain_text("24 rows: 13 can be sent, 11 would be refused.")
    press(upload, "Mend 3 cells")
    expect(upload).to_contain_text("24 rows: 16 can be sent, 8 would be refused.")
    expect(upload.get_by_label("Into")).to_contain_text("Shop EU")
    press(upload, "Show what would be sent")
    press(upload, "Upload 16 products")
    expect(upload).to_contain_text("Not every row is in the catalog.")

    with notebook.page.expect_download() as download:
        press(upload, "Download the refused rows")
    rejected = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert len(rejected.splitlines()) == 1 + 8

    stored = notebook.ask(
        "sorted(p['productId'] for p in __import__('smnotebook').accounts._embedded_sandbox()"
        ".products(connect.client.catalogs()[0].id))"
    )
    assert len(stored) == 16
    assert "00107" in stored
    assert notebook.ask("[upload.report.sent, upload.report.refused]") == [16, 8]
