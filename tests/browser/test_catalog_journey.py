"""From nothing to a first catalog, by hand and by keyboard, in JupyterLab."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

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
