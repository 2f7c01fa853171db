"""What people do to a form that is at work: interrupt the kernel, reload the page, drop a file of many megabytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

DATA = Path(__file__).parents[2] / "data"
# 40 requests of a second each, four at once: time enough for a slow machine to press Pause
CELLS = (
    """
import pandas as pd
import smnotebook as sm
from smnotebook.sandbox import Fault

sandbox = sm.Sandbox(faults=[Fault(kind="latency", endpoint="/v3/product/upsert", seconds=1.0)]).start()
client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key)
catalog = client.create_catalog("Shop EU", "EUR", "shop_eu")
first = sm.read_feed("products.csv").head(1)
products = pd.concat([first] * 4_000, ignore_index=True)
products["productId"] = [f"P{number:05}" for number in range(len(products))]
""",
    "upload = sm.forms.UploadForm(client, products)\nupload",
)
BIG = ("import smnotebook as sm", "upload = sm.forms.UploadForm(sm.connect('sandbox'))\nupload")


def press(form, name):
    """Press a button once it is open."""
    button = form.get_by_role("button", name=name, exact=True)
    expect(button).to_have_attribute("aria-disabled", "false")
    button.click()


def test_an_upload_survives_an_interrupt_and_a_reload_and_the_form_finds_it_again(open_notebook):
    notebook = open_notebook(*CELLS, beside=[DATA / "products.csv"])
    upload = notebook.form("upload")
    press(upload, "Show what would be sent")
    press(upload, "Upload 4,000 products")
    press(upload, "Pause")
    expect(upload).to_contain_text("Paused.")
    notebook.interrupt()
    notebook.save()

    notebook.reload()
    upload = notebook.form("upload")
    expect(upload).to_contain_text("Paused.")
    assert notebook.ask("upload.report is None")
    notebook.ask("sandbox.faults.clear()")
    press(upload, "Go on")
    expect(upload).to_contain_text("All rows are in the catalog.")
    assert notebook.ask("len(sandbox.products(catalog.id))") == 4_000


def test_a_file_larger_than_the_servers_message_limit_arrives_in_parts(open_notebook, tmp_path):
    header, row = (DATA / "products.csv").read_text(encoding="utf-8").splitlines()[:2]
    rest = row.removeprefix("00107,")
    big = tmp_path / "big.csv"
    with big.open("w", encoding="utf-8") as file:
        file.write(f"{header}\n")
        file.writelines(f"P{number:06},{rest}\n" for number in range(170_000))
    assert big.stat().st_size > 60_000_000  # six times the limit, 10 MiB
    upload = open_notebook(*BIG).form("upload")
    upload.evaluate(
        """(form) => {
             window.received = [];
             new MutationObserver(() => form.querySelectorAll('progress').forEach((bar) => received.push(bar.value)))
               .observe(form, {attributes: true, childList: true, subtree: true});
           }"""
    )
    upload.get_by_label("File", exact=True).set_input_files(big)
    expect(upload).to_contain_text("170,000 rows: 170,000 can be sent, none would be refused.")
    received = upload.page.evaluate("[...new Set(received)]")
    assert received == sorted(received)
    assert len(received) >= 12


def test_a_value_that_looks_like_markup_stays_text(open_notebook):
    notebook = open_notebook(
        "import smnotebook as sm\nimport pandas as pd\n"
        "bad = '<img src=x onerror=window.hacked=1>'\n"
        "frame = pd.DataFrame({'productId': ['1'], 'name': [bad], bad: [bad], 'price': [bad]})",
        "upload = sm.forms.UploadForm(sm.connect('sandbox'), frame)\nupload",
    )
    upload = notebook.form("upload")
    expect(upload).to_contain_text("<img src=x onerror=window.hacked=1>")
    assert upload.locator("img").count() == 0
    assert notebook.page.evaluate("window.hacked") is None
