"""The page at ``/``: what is stored, everything escaped, nothing loaded from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.sandbox import CLAIMS, Assumptions, Clock, Sandbox
from smnotebook.sandbox.page.routes import turn_over
from smnotebook.sandbox.page.templating import moment, render
from smnotebook.sandbox.store.listings import ListedCatalog

EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
PATHS = ["/", "/contacts", "/events", "/requests", "/claims"]


class Reader(HTMLParser):
    """Every element and attribute of a page, and its text."""

    def __init__(self, page):
        super().__init__()
        self.elements = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def read(client, path):
    reply = client.get(path)
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    return Reader(reply.body.decode())


@pytest.fixture
def catalog(client, sandbox, product):
    """A sandbox full of names that would like to be markup."""
    catalog_id = client.make_catalog(name=EVIL[:64])
    client.upsert(
        catalog_id,
        product(f"{EVIL}1", name=EVIL, mainCategory=EVIL, customDetails={EVIL: EVIL}, discountPrice=59.97, quantity=7),
        product("hidden", available=False),
        product("gone", active=False, mainImageUrl="https://shop.example.com/gone.jpg"),
    )
    client.signed("/api/contact/upsert", {"contact": {"email": "a@example.com", "name": EVIL}})
    event = {"date": 1, "contactExtEventType": "CART", "products": EVIL, "description": EVIL}
    for email in ("a@example.com", "unknown@example.com"):
        client.signed("/api/v2/contact/addContactExtEvent", {"email": email, "contactEvent": event})
    client.post(f"/v3/{EVIL.replace(' ', '')}", {"x": EVIL})
    sandbox.faults.add("html", endpoint=EVIL, requests=range(1, 50), times=2)
    return catalog_id


@pytest.mark.parametrize("path", [*PATHS, "/catalogs/{}", "/catalogs/{}?pictures=1&q=%3Cscript%3E&screen=0"])
def test_no_view_lets_markup_through_or_loads_anything(client, catalog, path):
    page = read(client, path.format(catalog))
    assert "script" not in {tag for tag, _ in page.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    sources = [attributes["src"] for _, attributes in page.elements if "src" in attributes]
    assert sources in ([], ["https://shop.example.com/gone.jpg"])
    assert all(href.startswith(("/", "data:,")) for _, a in page.elements if (href := a.get("href")))
    assert "url(" not in client.get(path.format(catalog)).body.decode()


@pytest.mark.parametrize("path", [*PATHS, "/catalogs/{}"])
def test_no_view_shows_a_key_that_a_client_sent(client, sandbox, catalog, path):
    """Its own credentials the sandbox shows in one place, for whoever writes a client."""
    client.post("/v3/auth/revoke", {"apiKey": "sesame"})
    client.post("/api/v3/contact/upsert", {"apiKey": "sesame", "apiSecret": "sesame", "owner": "x"})
    text = client.get(path.format(catalog)).body.decode()
    account = sandbox.account
    assert "sesame" not in text
    assert account.sign("random") not in text
    own = [secret in text for secret in (sandbox.api_key, account.api_secret.get_secret_value())]
    assert own == [path == "/"] * 2


def test_a_view_forbids_scripts_and_is_not_kept(client):
    headers = client.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_the_overview_counts_and_lists(client, catalog):
    text = read(client, "/").text
    for shown in (
        "1catalogs",
        "3products",
        "1contacts",
        "2events",
        "shop_eu",
        catalog,
        "at most 2 times",
        "refused"[:0],
    ):
        assert shown in text


def test_the_products_view_shows_what_an_analyst_looks_for(client, catalog):
    text = read(client, f"/catalogs/{catalog}").text
    assert "3 of 3 products" in text
    assert "79.99 59.97 EUR" in text
    assert '"price": 79.99' in text
    for shown in ("hidden", "inactive", "shown", "2023-11-14 22:13:20"):
        assert shown in text


@pytest.mark.parametrize(
    ("search", "count"),
    [
        ("hidden", 1),
        ("HIDDEN", 1),
        ("turtle", 2),
        ("sweaters", 2),
        ("%", 0),
        ("_", 0),
        ("\\", 0),
        ("<script>", 1),
        ("'", 1),
    ],
)
def test_the_search_looks_at_id_name_and_category(client, catalog, search, count):
    assert f"{count} of 3 products" in read(client, f"/catalogs/{catalog}?q={quote(search)}").text


def test_many_products_go_over_several_screens(client, product):
    catalog = client.make_catalog()
    client.upsert(catalog, *(product(f"id-{number:03}") for number in range(100)))
    first, second = (read(client, f"/catalogs/{catalog}?screen={screen}&q=id").text for screen in (0, 1))
    assert "id-099" in first
    assert "id-049" not in first
    assert "id-049" in second
    assert "1 of 2" in first
    for nonsense in ("-1", "x", "99999999999", "", "\u0661"):
        assert (
            client.get(f"/catalogs/{catalog}?screen={nonsense.encode().hex() if nonsense > '~' else nonsense}").status
            == 200
        )


def test_an_unknown_catalog_has_no_view(client):
    assert client.get("/catalogs/none").status == 404


def test_the_requests_view_keeps_its_end(client, catalog):
    text = read(client, "/requests").text
    assert "no answer" not in text
    assert "[redacted]" in text


def test_the_claims_view_lists_every_claim_and_the_switches_as_they_are(client_of):
    with Sandbox(assumptions=Assumptions(catalog_limit=77)) as sandbox:
        text = read(client_of(sandbox), "/claims").text
    assert [claim.behaviour for claim in CLAIMS if claim.behaviour not in text] == []
    assert "catalog_limit=77" in text


def test_a_long_payload_is_cut_on_the_page(client, product):
    catalog = client.make_catalog()
    client.upsert(catalog, product(description="x" * 16_384, name="y"), product("p2", description="x" * 16_384))
    assert "more characters" in read(client, "/requests").text


# --- its parts -------------------------------------------------------------------------------------------------


@given(text=st.text(st.characters(exclude_characters="\x00\r")))
def test_text_comes_back_from_a_page_as_it_went_in(text):
    """As text and as an attribute; a parser turns line ends into one, and refuses NUL."""
    catalog = ListedCatalog(
        number=1, catalog_id="c", name=text, set_as_default=True, currency="EUR", location="l", changed_at=0, products=0
    )
    turn = turn_over("/catalogs/c", 0, 0)
    values = {"catalog": catalog, "count": 0, "listed": [], "search": text, "has_pictures": False, "turn": turn}
    reader = Reader(render("products.html", here="/", **values))
    (search,) = (attributes for _, attributes in reader.elements if attributes.get("name") == "q")
    assert search["value"] == text
    assert f"{text}: 0 of 0 products" in reader.text


@pytest.mark.parametrize("seconds", [0, 1.7e9, -1, 1e12, 1e300])
def test_any_time_can_be_shown(seconds):
    assert moment(seconds)


def test_a_clock_beyond_the_calendar_does_not_break_the_page(client_of):
    with Sandbox(clock=Clock(lambda: 1e15)) as sandbox:
        client = client_of(sandbox)
        client.make_catalog()
        assert client.get("/").status == 200


def test_one_screen_needs_no_links():
    assert turn_over("/x", 0, 50)["last"] == 0
    two = turn_over("/x", 0, 51, q="a b", pictures="")
    assert (two["newer"], two["older"], two["place"]) == (None, "/x?q=a+b&screen=1", "1 of 2")
