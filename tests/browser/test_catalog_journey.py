"""From nothing to a first catalog, by hand and by keyboard, in JupyterLab."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).parents[2]

CELLS = (
    "import smnotebook as sm",
    "connect = sm.forms.ConnectForm()\nconnect",
    "catalogs = sm.forms.CatalogForm(connect)\ncatalogs",
)


def button(form, name):
    """A button that is open."""
    found = form.get_by_role("button", name=name, exact=True)
    expect(found).to_have_attribute("aria-disabled", "false")
    return found


def test_a_newcomer_connects_to_the_sandbox_and_makes_a_catalog(open_notebook):
    notebook = open_notebook(*CELLS)
    connect, catalogs = notebook.form("connect"), notebook.form("catalogs")
    expect(catalogs).to_contain_text("Connect first")

    button(connect, "Connect").click()
    expect(connect.locator(".sm-badge")).to_contain_text("SANDBOX 127.0.0.1")
    expect(catalogs.locator(".sm-badge")).to_contain_text("SANDBOX 127.0.0.1")
    expect(catalogs).to_contain_text("The account has no catalog yet")

    create = catalogs.get_by_role("button", name="Create the catalog")
    expect(create).to_have_attribute("aria-disabled", "true")
    catalogs.get_by_label("Name", exact=True).fill("Łódź EU")
    expect(catalogs.get_by_label("Location", exact=True)).to_have_value("lodz_eu")
    catalogs.get_by_label("Currency", exact=True).fill("zloty")
    expect(catalogs).to_contain_text("PLN: Zloty")
    button(catalogs, "Create the catalog").click()

    expect(catalogs.get_by_role("status").first).to_contain_text("The catalog 'Łódź EU' is there.")
    expect(catalogs.get_by_role("row")).to_have_count(2)
    stored = notebook.ask("[[c.name, c.currency, c.location] for c in connect.client.catalogs()]")
    assert stored == [["Łódź EU", "PLN", "lodz_eu"]]


def test_the_guided_notebook_opens_with_its_forms_and_they_see_what_its_code_did(open_notebook, jupyter):
    shutil.copytree(REPOSITORY / "data", jupyter.root / "data", dirs_exist_ok=True)
    notebook = open_notebook(file=REPOSITORY / "notebooks" / "02_create_catalog_and_upload.ipynb")
    button(notebook.form("connect"), "Connect").click()
    expect(notebook.form("catalogs").get_by_role("row").nth(1)).to_contain_text("From the notebook")
    upload = notebook.form("upload")
    upload.get_by_label("Table from", exact=True).select_option(label="A DataFrame of this notebook")
    upload.get_by_label("DataFrame", exact=True).select_option(label="mended")
    button(upload, "Read it").click()
    expect(upload).to_contain_text("24 rows: 16 can be sent, 8 would be refused.")
    expect(upload.get_by_label("Into")).to_contain_text("From the notebook")
    expect(notebook.form("event").get_by_label("Location", exact=True)).to_contain_text("from_the_notebook")
