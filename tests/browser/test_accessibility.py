"""The forms for everybody: by keyboard alone, for screen readers, in the dark theme, on a narrow screen."""

from __future__ import annotations

import json
import os
import re
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

DATA = Path(__file__).parents[2] / "data"
# SMNOTEBOOK_PICTURES=tests/browser/screenshots makes those that the README shows
PICTURES = Path(os.environ.get("SMNOTEBOOK_PICTURES") or Path(__file__).parents[2] / "artifacts")
FORMS = ("connect", "catalogs", "upload", "event", "fix")
CELLS = (
    "import smnotebook as sm",
    "connect = sm.forms.ConnectForm()\nconnect",
    "catalogs = sm.forms.CatalogForm(connect)\ncatalogs",
    "upload = sm.forms.UploadForm(connect)\nupload",
    "event = sm.forms.EventForm(connect)\nevent",
    "fix = sm.forms.FixForm(connect)\nfix",
)
SEND_LAMPS = """
__import__('pandas').DataFrame({
    'productId': ['L1', 'L2'], 'name': 'Lamp', 'mainCategory': 'Home', 'productUrl': 'https://shop.example.org/l',
    'available': True, 'price': 20.0, 'discountPrice': 15.0, 'quantity': 3,
}).salesmanago.upsert_products(connect.client.catalogs()[0], progress=False).sent
"""

# JupyterLab's body has no height of its own, and axe passes over what it takes for invisible.
_VISIBLE_TO_AXE = "body { min-height: 100vh !important; }"
_RUN_AXE = """
async (selector) => {
  const found = await axe.run(selector, {resultTypes: ['violations', 'passes']});
  return {
    violations: found.violations.map(({id, impact, nodes}) => [id, impact, nodes.map((node) => node.html)]),
    passes: found.passes.map(({id}) => id),
  };
}
"""
_TOO_WIDE = """
(form) => {
  const {left, right} = form.getBoundingClientRect();
  return [...form.querySelectorAll('input, select, button, textarea, pre, .sm-scroll, .sm-notice')]
    .filter((node) => node.offsetParent !== null && !node.parentElement.closest('.sm-scroll')) // those scroll
    .filter((node) => node.getBoundingClientRect().right > right + 1 || node.getBoundingClientRect().left < left - 1)
    .map((node) => node.outerHTML.slice(0, 120));
}
"""


@pytest.fixture
def notebook(open_notebook, lab):
    """All forms, each with something to show."""
    notebook = open_notebook(*CELLS)
    catalogs, upload, event = (notebook.form(name) for name in ("catalogs", "upload", "event"))
    press(notebook.form("connect"), "Connect")
    expect(catalogs).to_contain_text("The account has no catalog yet")
    catalogs.get_by_label("Name", exact=True).fill("Shop EU")
    catalogs.get_by_label("Currency", exact=True).fill("EUR")
    press(catalogs, "Create the catalog")
    expect(catalogs).to_contain_text("is there.")
    catalogs.get_by_label("Location", exact=True).fill("not a location")
    expect(catalogs).to_contain_text("Mend what is marked above first.")
    upload.get_by_label("File", exact=True).set_input_files(DATA / "products_with_faults.csv")
    press(upload, "Show what would be sent")
    expect(upload.get_by_role("button", name=re.compile("^Upload 13 products"))).to_be_visible()
    event.get_by_label("E-mail", exact=True).fill("person@example.org")
    press(event, "Show the requests")
    expect(event.get_by_label("With curl", exact=True)).to_be_visible()
    change_lamps(notebook)
    yield notebook
    use_theme(lab, "JupyterLab Light")
    lab.set_viewport_size({"width": 1280, "height": 1100})


def change_lamps(notebook):
    """FixForm with changes, a result and the way back."""
    assert notebook.ask(f"({SEND_LAMPS.strip()})") == 2
    fix = notebook.form("fix")
    press(fix, "Look again")
    for product_id in ("L1", "L2"):
        fix.get_by_label(f"Change Lamp ({product_id})", exact=True).check()
    fix.get_by_label("Price of Lamp (L1)", exact=True).fill("50")
    press(fix, "Show the difference")
    press(fix, "Change 1 product")
    expect(fix).to_contain_text("The catalog has the changes.")
    fix.get_by_label("Stock of Lamp (L2)", exact=True).fill("0")
    press(fix, "Show the difference")
    expect(fix.get_by_role("region", name="What would change")).to_be_visible()
    press(fix, "Take it back ...")
    expect(fix.get_by_role("region", name="What taking it back would change")).to_be_visible()


def press(form, name):
    button = form.get_by_role("button", name=name, exact=True)
    expect(button).to_have_attribute("aria-disabled", "false")
    button.click()


def use_theme(page, theme):
    page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: {json.dumps(theme)}}})")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)


def picture(form, name):
    """A picture of a whole form: on a screen tall enough that JupyterLab need not scroll it."""
    size = form.page.viewport_size
    form.page.set_viewport_size({"width": size["width"], "height": 3200})
    form.scroll_into_view_if_needed()
    PICTURES.mkdir(exist_ok=True)
    drawn = Image.open(BytesIO(form.screenshot(animations="disabled"))).convert("RGB")
    # forms have few colours: half of the bytes, and nothing to be seen of it
    drawn.quantize(160, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)
    form.page.set_viewport_size(size)


@pytest.mark.parametrize(("theme", "short"), [("JupyterLab Light", "light"), ("JupyterLab Dark", "dark")])
def test_axe_has_nothing_against_the_forms(notebook, theme, short):
    page = notebook.page
    use_theme(page, theme)
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    style = page.add_style_tag(content=_VISIBLE_TO_AXE)
    passed = set()
    for name in FORMS:
        picture(notebook.form(name), f"{name}-{short}")
        found = page.evaluate(_RUN_AXE, f".sm-form-{name}")
        assert found["violations"] == [], name
        passed |= set(found["passes"])
    style.evaluate("node => node.remove()")
    # the proof that it looked
    assert {"color-contrast", "label", "button-name", "select-name"} <= passed


def test_on_a_narrow_screen_nothing_sticks_out(notebook):
    page = notebook.page
    page.set_viewport_size({"width": 600, "height": 1100})
    page.evaluate("jupyterapp.shell.collapseLeft(); jupyterapp.shell.collapseRight()")
    for name in FORMS:
        form = notebook.form(name)
        picture(form, f"{name}-600px")
        assert form.evaluate(_TOO_WIDE) == [], name


def test_a_catalog_is_made_by_keyboard_alone(open_notebook):
    notebook = open_notebook(*CELLS[:3])
    page, connect, catalogs = notebook.page, notebook.form("connect"), notebook.form("catalogs")
    connect.get_by_label("Account", exact=True).focus()
    page.keyboard.press("Tab")
    expect(connect.get_by_role("button", name="Connect", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(catalogs).to_contain_text("The account has no catalog yet")

    catalogs.get_by_role("button", name="Look again").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Keys")  # letters that are shortcuts of the notebook in command mode
    expect(catalogs.get_by_label("Location", exact=True)).to_have_value("keys")
    page.keyboard.press("Tab")
    page.keyboard.type("EUR")
    expect(catalogs).to_contain_text("EUR: Euro")
    for _ in range(3):
        page.keyboard.press("Tab")
    create = catalogs.get_by_role("button", name="Create the catalog")
    expect(create).to_be_focused()
    expect(create).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("Space")
    expect(catalogs).to_contain_text("The catalog 'Keys' is there.")
    assert notebook.ask("[c.name for c in connect.client.catalogs()]") == ["Keys"]
