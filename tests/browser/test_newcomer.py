"""A person who has never seen it: from ``smnotebook lab`` to products in the sandbox and an event, without any code."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import expect
from servers import Server
from steps import REPOSITORY, press

pytestmark = pytest.mark.browser

FEEDS = REPOSITORY.parent / "shared" / "feeds"
#: Exports of real shops, what they ask for, and how many products they hold.
EXPORTS = [
    ("shopify_products.csv", {"Product address": "https://shop.example.org/products/{slug}"}, 20),
    ("google_merchant.xml", {}, 25),
    ("woocommerce_products.csv", {"Product address": "https://shop.example.org/product/{slug}"}, 15),
    (
        "prestashop_products.csv",
        {"Product address": "https://shop.example.org/{slug}", "Image address": "https://img.example.org/"},
        7,
    ),
]


class LabServer(Server):
    """``smnotebook lab`` as somebody types it, but for the browser that it would open."""

    def start(self):
        self.root.mkdir()
        where = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
        self.launch("smnotebook", "lab", str(self.root / "mine"), *where)

    def stop(self):
        (token,) = parse_qs(urlsplit(self.address).query)["token"]
        requests.post(f"{self.url}/api/shutdown", headers={"Authorization": f"token {token}"}, timeout=10)
        self.await_end()


@pytest.fixture
def forms(export, own_page, tmp_path):
    """The guided notebook, found and run as its words say; gives the form of a name."""
    if not (FEEDS / export).is_file():
        pytest.skip("the real feeds (../shared/feeds) are not here")
    server = LabServer(tmp_path)
    server.start()
    # tall enough that Jupyter's question about news covers nothing
    own_page.set_viewport_size({"width": 1280, "height": 3000})
    own_page.goto(server.address)
    own_page.get_by_role("link", name="02_create_catalog_and_upload").click()
    title = own_page.get_by_role("heading", name="A catalog and its products, with forms")
    notebook = own_page.locator(".jp-NotebookPanel").filter(has=title)
    bar = own_page.get_by_role("contentinfo")
    expect(bar).to_contain_text("02_create_catalog_and_upload.ipynb")
    expect(bar).to_contain_text("(ipykernel) | Idle")
    title.click()
    for _ in range(notebook.locator(".jp-Cell").count()):
        own_page.keyboard.press("Shift+Enter")
    yield lambda name: notebook.locator(f".sm-form-{name}")
    own_page.goto("about:blank")
    server.stop()


@pytest.mark.parametrize(("export", "answers", "products"), EXPORTS, ids=[name for name, _, _ in EXPORTS])
def test_a_newcomer_sends_an_export_and_an_event(forms, export, answers, products):
    connect, catalogs, upload, event = (forms(name) for name in ("connect", "catalogs", "upload", "event"))
    press(connect, "Connect")
    catalogs.get_by_label("Name", exact=True).fill(f"My {export}")
    catalogs.get_by_label("Currency", exact=True).fill("euro")
    press(catalogs, "Create the catalog")
    expect(catalogs).to_contain_text("is there.")

    upload.get_by_label("File", exact=True).set_input_files(FEEDS / export)
    expect(upload).to_contain_text(re.compile(rf"{products} rows: \d+ can be sent"))
    for question, answer in answers.items():
        upload.get_by_label(question, exact=True).fill(answer)
    if answers:
        press(upload, "Read it again")
    expect(upload).to_contain_text(f"{products} rows: {products} can be sent, none would be refused.")
    expect(upload.get_by_label("Into")).to_contain_text(f"My {export} (EUR)")
    press(upload, "Show what would be sent")
    press(upload, f"Upload {products} products")
    expect(upload).to_contain_text("All rows are in the catalog.")

    event.get_by_label("E-mail", exact=True).fill("ola@example.org")
    press(event, "Send the event")
    expect(event).to_contain_text("Event accepted")
