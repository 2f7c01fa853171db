"""The guided forms as a page of their own, ``smnotebook app``: for people who should see no code.

That every request of the page stays on this machine, and that it complains of nothing, is held by ``own_page``.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from servers import AppServer
from steps import (
    connect_and_make_a_catalog,
    download_the_refused_rows,
    fill_in_a_key,
    mend_and_upload_the_faulty_file,
    press,
)
from traces import files_with, traces

from smnotebook import Sandbox

pytestmark = pytest.mark.browser


@pytest.fixture
def app(require, tmp_path):
    require("voila")
    server = AppServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def form(app, own_page):
    """A form of the page by its name."""
    own_page.goto(app.address)

    def find(name):
        found = own_page.locator(f".sm-form-{name}")
        expect(found).to_be_visible()
        return found

    return find


def test_without_code_a_faulty_file_is_mended_and_arrives(form, own_page):
    connect_and_make_a_catalog(form)
    mend_and_upload_the_faulty_file(form)
    upload = form("upload")
    expect(upload.get_by_role("row", name="sent 16")).to_be_visible()
    assert len(download_the_refused_rows(own_page, upload)) == 1 + 8

    event = form("event")
    event.get_by_label("E-mail", exact=True).fill("person@example.org")
    press(event, "Show the requests")
    expect(event.get_by_label("The requests as JSON", exact=True)).to_be_visible()

    seen = own_page.locator("body").inner_text()
    assert "A catalog and its products, with forms" in seen
    assert [word for word in ("import ", "sm.", "client.", "curl", "Python", "Shift+Enter") if word in seen] == []
    assert own_page.url.endswith("/"), "the token stays out of the address"


def test_a_key_is_in_no_file_that_the_server_writes(app, form, key, own_page):
    with Sandbox(api_key=key) as sandbox:
        connect = form("connect")
        fill_in_a_key(connect, sandbox.url, key)
        connect.get_by_label("API key", exact=True).press("Enter")
        expect(connect).to_contain_text("Connected to canary-account")
        assert files_with(app.home, traces(key)) == []
        own_page.goto("about:blank")
        assert app.stop() == 0
        assert files_with(app.home, [b"The page is at"]) == ["server.log"]
        assert files_with(app.home, traces(key)) == []
