"""The whole way in JupyterLab: connect, make a catalog, send a faulty file, mend it, and look what the server has."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from steps import FORMS, connect_and_make_a_catalog, download_the_refused_rows, mend_and_upload_the_faulty_file, press

pytestmark = pytest.mark.browser


def test_a_faulty_file_is_mended_and_arrives(open_notebook):
    notebook = open_notebook(*FORMS)
    connect_and_make_a_catalog(notebook.form)
    mend_and_upload_the_faulty_file(notebook.form)

    upload = notebook.form("upload")
    assert len(download_the_refused_rows(notebook.page, upload)) == 1 + 8

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
