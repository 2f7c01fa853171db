"""What goes wrong in a form is a sentence there, with a way on: no traceback, and no kernel to restart."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from steps import DATA, press

pytestmark = pytest.mark.browser

BEGIN = """
import time
from pathlib import Path
import smnotebook as sm
from smnotebook.ledger import AccountNames, Quota
from smnotebook.wire import RetryPolicy

sandbox = sm.Sandbox().start()
ahead = [0.0]  # seconds by which the quota's clock is ahead of the machine's
quota = Quota(Path({ledger!r}), lambda: AccountNames(names=("tiny",)), limit={limit},
              clock=lambda: time.time() + ahead[0], steady=lambda: time.monotonic() + ahead[0])
client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key, quota=quota, retry=RetryPolicy(max_attempts=1))
"""
FORMS = {
    "connect": "connect = sm.forms.ConnectForm()\nconnect",
    "catalogs": "catalogs = sm.forms.CatalogForm(client)\ncatalogs",
    "upload": "upload = sm.forms.UploadForm(client)\nupload",
    "event": "event = sm.forms.EventForm(client)\nevent",
    "fix": "fix = sm.forms.FixForm(client)\nfix",
}
CATALOG = "catalog = client.create_catalog('Shop EU', 'EUR', 'shop_eu')"
PRODUCTS = "sm.read_feed('products.csv').salesmanago.upsert_products(catalog, progress=False)"


@pytest.fixture
def begin(open_notebook, tmp_path):
    """Opens a notebook with some forms on a sandbox of its own."""

    def open_them(*names, cells=(), limit=1_000):
        begin = BEGIN.format(ledger=str(tmp_path / "quota"), limit=limit)
        return open_notebook(begin, *cells, *(FORMS[name] for name in names), beside=[DATA / "products.csv"])

    return open_them


def says(form, words):
    """A sentence of the form, and nothing of Python's."""
    expect(form).to_contain_text(re.compile(words))
    expect(form).not_to_contain_text("Traceback")
    assert form.page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_a_server_that_is_down_is_said_in_every_form_and_they_go_on_when_it_is_back(begin):
    notebook = begin("catalogs", "upload", "event", "fix", cells=[CATALOG, PRODUCTS])
    forms = {name: notebook.form(name) for name in ("catalogs", "upload", "event", "fix")}
    upload = forms["upload"]
    upload.get_by_label("File", exact=True).set_input_files(DATA / "products_with_faults.csv")
    expect(upload).to_contain_text("24 rows: 13 can be sent")
    press(upload, "Show what would be sent")
    expect(upload.get_by_role("button", name="Upload 13 products")).to_be_visible()
    forms["event"].get_by_label("E-mail", exact=True).fill("person@example.org")
    expect(forms["fix"]).to_contain_text("60 products found")
    port = notebook.ask("[sandbox.url, setattr(sm, 'kept', sandbox.api_key), sandbox.stop()][0]").rpartition(":")[2]

    press(upload, "Upload 13 products")
    says(upload, "13")
    expect(upload).to_contain_text("not known to have arrived")
    press(forms["event"], "Send the event")
    press(forms["catalogs"], "Look again")
    press(forms["fix"], "Look again")
    for name in ("catalogs", "event", "fix"):
        says(forms[name].get_by_role("alert"), "127.0.0.1")

    notebook.ask(f"setattr(sm, 'again', sm.Sandbox(port={port}, api_key=sm.kept).start())")
    press(forms["catalogs"], "Look again")
    expect(forms["catalogs"].get_by_role("alert")).to_have_count(0)
    expect(forms["catalogs"]).to_contain_text("The account has no catalog yet")
    press(upload, "Read it again")
    expect(upload).to_contain_text("24 rows: 13 can be sent")
    notebook.ask("sm.again.stop()")


def begin_without_quota(begin):
    """An upload under way with nothing left of the hour's requests."""
    notebook = begin("upload", cells=[CATALOG], limit=8)
    upload = notebook.form("upload")
    upload.get_by_label("File", exact=True).set_input_files(DATA / "products.csv")
    press(upload, "Show what would be sent")
    expect(upload).to_contain_text("requests left this hour")
    notebook.ask("[quota.take() for _ in range(quota.left)]")
    press(upload, "Upload 60 products")
    return notebook, upload


def test_an_upload_that_waits_for_the_quota_says_how_long_and_goes_on_by_itself(begin):
    notebook, upload = begin_without_quota(begin)
    says(upload, r"waiting (1 h|\d+ min|60 min).* for the quota")
    expect(upload.get_by_role("button", name="Stop", exact=True)).to_have_attribute("aria-disabled", "false")
    notebook.ask("ahead.__setitem__(0, 8_000)")
    expect(upload).to_contain_text("All rows are in the catalog.")


def test_an_upload_that_waits_for_the_quota_can_be_stopped_and_sends_the_rest_later(begin):
    notebook, upload = begin_without_quota(begin)
    says(upload, "for the quota")
    press(upload, "Stop")
    says(upload, "Not every row is in the catalog.")
    notebook.ask("ahead.__setitem__(0, 8_000)")
    press(upload, "Read it again")
    press(upload, "Show what would be sent")
    press(upload, "Upload 60 products")
    expect(upload).to_contain_text("All rows are in the catalog.")


def test_a_look_that_waits_for_the_quota_says_how_long_and_can_be_stopped(begin):
    notebook = begin("catalogs", limit=8)
    catalogs = notebook.form("catalogs")
    expect(catalogs).to_contain_text("The account has no catalog yet")
    notebook.ask("[quota.take() for _ in range(quota.left)]")
    press(catalogs, "Look again")
    says(catalogs, r"The quota of this hour is used up. It goes on by itself in (1 h|\d+ min)")
    press(catalogs, "Stop waiting")
    says(catalogs.get_by_role("alert"), "You stopped the wait")
    press(catalogs, "Look again")
    says(catalogs, "It goes on by itself")
    notebook.ask("ahead.__setitem__(0, 8_000)")
    expect(catalogs.get_by_role("alert")).to_have_count(0)
    expect(catalogs).to_contain_text("The account has no catalog yet")
    expect(catalogs).not_to_contain_text("It goes on by itself")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bill.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        ("empty.csv", b"", "empty"),
        ("page.csv", b"<!DOCTYPE html><html><body>Log in</body></html>", "page"),
        ("broken.xlsx", b"PK\x03\x04 not an archive", "xlsx|Excel|archive|zip"),
        ("broken.json", b'{"products": [', "JSON"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "picture|text|table"),
    ],
)
def test_a_file_that_is_no_table_is_a_sentence_and_another_can_be_picked(begin, tmp_path, name, content, words):
    notebook = begin("upload", cells=[CATALOG])
    upload = notebook.form("upload")
    wrong = tmp_path / name
    wrong.write_bytes(content)
    field = upload.get_by_label("File", exact=True)
    field.set_input_files(wrong)
    says(upload.get_by_role("alert"), words)
    field.set_input_files(DATA / "products.csv")
    expect(upload).to_contain_text("60 rows: 60 can be sent")
    expect(upload.get_by_role("alert")).to_have_count(0)


def test_a_wrong_key_is_a_sentence_and_the_right_one_can_be_typed_at_once(begin):
    notebook = begin("connect")
    connect = notebook.form("connect")
    connect.get_by_label("Account", exact=True).select_option(label="A new account")
    connect.get_by_label("Server", exact=True).fill(notebook.ask("sandbox.url"))
    connect.get_by_label("Keep the key").select_option(label="Only in this notebook's kernel; forgotten when it stops")
    key = connect.get_by_label("API key", exact=True)
    key.fill("not-the-key-of-this-account")
    press(connect, "Connect")
    says(connect.get_by_role("alert"), "key")
    key.fill(notebook.ask("sandbox.api_key"))
    press(connect, "Connect")
    expect(connect).to_contain_text("Connected to live")


def test_a_catalog_that_is_gone_meanwhile_is_a_sentence_and_another_can_be_chosen(begin):
    notebook = begin("upload", cells=[CATALOG])
    upload = notebook.form("upload")
    upload.get_by_label("File", exact=True).set_input_files(DATA / "products.csv")
    press(upload, "Show what would be sent")
    expect(upload.get_by_role("button", name="Upload 60 products")).to_be_visible()
    notebook.ask("[catalog.delete(), client.create_catalog('Shop PL', 'PLN', 'shop_pl')][0]")
    press(upload, "Upload 60 products")
    says(upload, "catalog")
    press(upload, "Look for catalogs again")
    expect(upload.get_by_label("Into")).to_contain_text("Shop PL")
