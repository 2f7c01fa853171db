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
    "event = sm.forms.EventForm(connect)\nevent",
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

    assert notebook.ask("[upload.report.sent, upload.report.refused]") == [16, 8]
    with notebook.page.context.expect_page() as page:
        notebook.page.evaluate("url => window.open(url)", notebook.ask("connect.client.connection.base_url"))
    sandbox = page.value
    sandbox.get_by_role("link", name="Shop EU").first.click()
    expect(sandbox.get_by_text("00107", exact=True).first).to_be_visible()
    expect(sandbox.get_by_text("00128", exact=True)).to_have_count(0)
    sandbox.close()

    event = notebook.form("event")
    event.get_by_label("E-mail", exact=True).fill("person@example.org")
    event.get_by_label("Value", exact=True).fill("149.99")
    event.get_by_label("Products", exact=True).fill("00107")
    press(event, "Show the requests")
    expect(event.get_by_label("With curl", exact=True)).to_contain_text("***")
    press(event, "Send the event")
    expect(event).to_contain_text("Event accepted")
