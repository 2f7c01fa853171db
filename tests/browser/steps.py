"""What a person does in the forms, wherever they are open. ``form`` gives the form of a name on the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY / "data"
GUIDED = REPOSITORY / "notebooks" / "02_create_catalog_and_upload.ipynb"
FORMS = (
    "import smnotebook as sm",
    "connect = sm.forms.ConnectForm()\nconnect",
    "catalogs = sm.forms.CatalogForm(connect)\ncatalogs",
    "upload = sm.forms.UploadForm(connect)\nupload",
    "event = sm.forms.EventForm(connect)\nevent",
)


def press(form: Any, name: str) -> None:
    """Press a button once it is open."""
    button = form.get_by_role("button", name=name, exact=True)
    expect(button).to_have_attribute("aria-disabled", "false")
    button.click()


def fill_in_a_key(connect: Any, server: str, key: str) -> None:
    """All that a new account called canary-account needs, up to the moment before Connect is pressed."""
    connect.get_by_label("Account", exact=True).select_option(label="A new account")
    connect.get_by_label("Name", exact=True).fill("canary-account")
    connect.get_by_label("Server", exact=True).fill(server)
    connect.get_by_label("API key", exact=True).fill(key)
    keep = "Only in this notebook's kernel; forgotten when it stops"
    connect.get_by_label("Keep the key").select_option(label=keep)
    expect(connect.get_by_role("button", name="Connect", exact=True)).to_have_attribute("aria-disabled", "false")


def connect_and_make_a_catalog(form: Callable[[str], Any]) -> None:
    """To the sandbox, and a catalog called Shop EU in it."""
    press(form("connect"), "Connect")
    catalogs = form("catalogs")
    catalogs.get_by_label("Name", exact=True).fill("Shop EU")
    catalogs.get_by_label("Currency", exact=True).fill("EUR")
    press(catalogs, "Create the catalog")
    expect(catalogs).to_contain_text("The catalog 'Shop EU' is there.")


def mend_and_upload_the_faulty_file(form: Callable[[str], Any]) -> None:
    """The sample file with faults: 3 of them are mended, 16 of its 24 rows arrive."""
    upload = form("upload")
    upload.get_by_label("File", exact=True).set_input_files(DATA / "products_with_faults.csv")
    expect(upload).to_contain_text("24 rows: 13 can be sent, 11 would be refused.")
    press(upload, "Mend 3 cells")
    expect(upload).to_contain_text("24 rows: 16 can be sent, 8 would be refused.")
    press(upload, "Look for catalogs again")
    upload.get_by_label("Into").select_option(label="Shop EU (EUR)")
    press(upload, "Show what would be sent")
    press(upload, "Upload 16 products")
    expect(upload).to_contain_text("Not every row is in the catalog.")


def download_the_refused_rows(page: Any, upload: Any) -> list[str]:
    """The lines of the file that the browser saves."""
    with page.expect_download() as download:
        press(upload, "Download the refused rows")
    return Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
