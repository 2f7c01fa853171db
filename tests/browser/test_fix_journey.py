"""A few values of stored products changed in JupyterLab: found, seen first, sent, taken back; and by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CELLS = (
    "import pandas as pd\nimport smnotebook as sm\nclient = sm.connect()",
    "catalog = client.create_catalog('Shop EU', 'EUR', 'shop_eu')",
    """
    pd.DataFrame({
        "productId": ["L1", "L2", "S1"],
        "name": ["Lamp", "Lamp <img src=x onerror=document.title='broken'>", "Sofa"],
        "mainCategory": "Home",
        "productUrl": "https://shop.example.org/p",
        "available": True,
        "quantity": 4,
        "price": [20.0, 30.0, 900.0],
        "discountPrice": [15.0, None, None],
    }).salesmanago.upsert_products(catalog, progress=False)
    """,
    "fix = sm.forms.FixForm(client)\nfix",
)
STORED = """
sorted([p["productId"], float(p["price"]), p.get("discountPrice") and float(p["discountPrice"]), p["available"]]
for p in client.sandbox.products(catalog.id))
"""
BEFORE = [["L1", 20.0, 15.0, True], ["L2", 30.0, None, True], ["S1", 900.0, None, True]]


@pytest.fixture
def opened(open_notebook):
    notebook = open_notebook(*CELLS)
    return notebook, notebook.form("fix")


def button(form, name):
    """A button that is open."""
    found = form.get_by_role("button", name=name, exact=True)
    expect(found).to_have_attribute("aria-disabled", "false")
    return found


def stored(notebook):
    return notebook.ask(STORED.replace("\n", " "))


def test_two_products_are_found_changed_seen_sent_and_taken_back(opened):
    notebook, fix = opened
    expect(fix.locator(".sm-badge")).to_contain_text("SANDBOX 127.0.0.1")
    fix.get_by_label("Search", exact=True).fill("lamp")
    button(fix, "Search").click()
    expect(fix).to_contain_text("2 of 3 products")
    fix.get_by_label("Change Lamp (L1)", exact=True).check()
    fix.get_by_label("Change Lamp <img", exact=False).check()

    price = fix.get_by_label("Price of Lamp (L1)", exact=True)
    price.fill("cheap")
    expect(fix).to_contain_text("Price must be a number")
    expect(price).to_have_attribute("aria-invalid", "true")
    price.fill("21.50")
    fix.get_by_label("Reduced price of Lamp (L1)", exact=True).fill("")
    fix.get_by_label("Available of Lamp <img", exact=False).uncheck()
    expect(fix).to_contain_text("2 picked, 2 changed")
    button(fix, "Show the difference").click()
    expect(fix.get_by_role("region", name="What would change").get_by_role("row")).to_have_count(4)
    assert stored(notebook) == BEFORE

    button(fix, "Change 2 products").click()
    expect(fix).to_contain_text("The catalog has the changes. 2 sent.")
    assert stored(notebook) == [["L1", 21.5, None, True], ["L2", 30.0, None, False], ["S1", 900.0, None, True]]
    expect(fix.get_by_label("The same in Python", exact=True)).to_contain_text("df.salesmanago.patch_products(catalog")

    button(fix, "Take it back ...").click()
    button(fix, "Take it back").click()
    expect(fix).to_contain_text("The catalog is as it was before.")
    expect(price).to_have_value("20.00")
    assert stored(notebook) == BEFORE
    assert notebook.page.title() != "broken"


def test_a_price_is_changed_by_keyboard_alone(opened):
    notebook, fix = opened
    keyboard = notebook.page.keyboard
    expect(fix).to_contain_text("3 of 3 products")
    fix.get_by_label("Search", exact=True).focus()
    keyboard.type("sofa")
    keyboard.press("Enter")
    expect(fix).to_contain_text("1 of 3 products")
    for _ in range(3):  # the button, the table, which scrolls, and the tick in it
        keyboard.press("Tab")
    expect(fix.get_by_label("Change Sofa (S1)", exact=True)).to_be_focused()
    keyboard.press("Space")
    price = fix.get_by_label("Price of Sofa (S1)", exact=True)
    expect(price).to_have_value("900.00")
    for _ in range(2):
        keyboard.press("Tab")
    expect(price).to_be_focused()
    keyboard.press("Control+a")
    keyboard.type("850")
    expect(fix).to_contain_text("Was 900.00.")
    keyboard.press("Enter")
    expect(fix.get_by_role("region", name="What would change")).to_contain_text("850.00")
    button(fix, "Change 1 product").focus()
    keyboard.press("Enter")
    expect(fix).to_contain_text("The catalog has the changes. 1 sent.")
    assert stored(notebook)[2] == ["S1", 850.0, None, True]


def test_many_products_are_changed_at_once_by_keyboard_alone(open_notebook):
    more = """
    pd.DataFrame({
        "productId": [f"P{number:03}" for number in range(60)], "name": "Lamp", "mainCategory": "Home",
        "productUrl": "https://shop.example.org/p", "available": True, "quantity": 4, "price": 20.0,
    }).salesmanago.upsert_products(catalog, progress=False)
    """
    notebook = open_notebook(*CELLS[:2], more, CELLS[3])
    fix, keyboard = notebook.form("fix"), notebook.page.keyboard
    expect(fix).to_contain_text("1 to 25 of 60 products found")
    button(fix, "Next 25 products found").focus()
    keyboard.press("Enter")
    expect(fix).to_contain_text("26 to 50 of 60 products found")
    button(fix, "Pick all 60").focus()
    keyboard.press("Enter")
    expect(fix).to_contain_text("60 picked, 0 changed (rows 1 to 25 of 60)")

    fix.get_by_label("All 60 rows", exact=True).focus()
    keyboard.type("Change the price by")
    expect(fix.get_by_label("All 60 rows", exact=True)).to_have_value("price percent")
    keyboard.press("Tab")
    keyboard.type("ten")
    expect(fix).to_contain_text("Write a number above -100")
    keyboard.press("Control+a")
    keyboard.type("-10")
    button(fix, "Do it in the table")
    keyboard.press("Enter")
    expect(fix).to_contain_text("60 picked, 60 changed")
    button(fix, "Next 25 rows").focus()
    keyboard.press("Enter")
    expect(fix.get_by_label("Price of Lamp (P049)", exact=True)).to_have_value("18.00")

    fix.get_by_label("Price of Lamp (P049)", exact=True).focus()
    keyboard.press("Enter")
    expect(fix.get_by_role("region", name="What would change")).to_contain_text("18.00")
    button(fix, "Change 60 products").focus()
    keyboard.press("Enter")
    expect(fix).to_contain_text("The catalog has the changes. 60 sent.")
    assert {price for _, price, _, _ in stored(notebook)} == {18.0}
