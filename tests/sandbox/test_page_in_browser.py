"""The page in Chromium: it looks right in both schemes, asks nothing of anybody, and works by keyboard."""

from __future__ import annotations

import pytest

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = pytest.mark.browser


@pytest.fixture
def browser(chromium, driver):
    browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    yield browser
    browser.close()


def contrast(page, selector):
    """The contrast of an element's text with the ground it stands on, by WCAG."""
    return page.eval_on_selector(
        selector,
        """element => {
            const parts = text => text.match(/[\\d.]+/g).map(Number);
            const light = text => { const [r, g, b] = parts(text).map(v => v / 255)
                .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
            let ground = element;
            while (parts(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
            const both = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map(light);
            return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05); }""",
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_analyst_finds_a_product(client, sandbox, product, browser, scheme):
    catalog = client.make_catalog(name="Shop <b>EU</b>")
    client.upsert(catalog, product("p1", discountPrice=59.97), product("p2", name="White t-shirt", available=False))
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1100, "height": 800})
    page = context.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(sandbox.url)
    page.get_by_role("link", name="Shop <b>EU</b>").click()
    page.get_by_role("searchbox").fill("shirt")
    page.keyboard.press("Enter")
    playwright.expect(page.get_by_role("heading", level=2)).to_have_text("Shop <b>EU</b>: 1 of 2 products")
    page.locator("summary").first.press("Enter")
    playwright.expect(page.locator("pre").first).to_contain_text('"productId": "p2"')
    for selector in ("h1", "h2", "header p", "nav a", "th", "td.wide b", ".tag", "summary", "button", "pre"):
        assert contrast(page, selector) >= 4.5, selector
    assert not [url for url in asked if not url.startswith((sandbox.url, "data:"))]
    assert complaints == []
    context.close()


def test_a_narrow_screen_scrolls_tables_and_not_the_page(client, sandbox, product, browser):
    catalog = client.make_catalog()
    client.upsert(catalog, product("p1", name="x" * 255))
    page = browser.new_page(viewport={"width": 390, "height": 800})
    for path in ("/", f"/catalogs/{catalog}", "/requests", "/claims"):
        page.goto(sandbox.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.close()
