"""FixForm's state: products found, changed, compared, sent and taken back, and what stands in the way."""

from __future__ import annotations

import json
from decimal import Decimal

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.forms.fix.paging import PAGE_ROWS
from smnotebook.forms.fix.picking import MOST_PICKS
from smnotebook.forms.fix.products import KnownProducts
from smnotebook.forms.fix.state import FixState
from smnotebook.forms.fix.view import draw_fix
from smnotebook.sandbox import FaultKind

QUIET = {"progress": False}


@pytest.fixture(autouse=True)
def _own_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))


@pytest.fixture
def catalog(client):
    return client.create_catalog("Shop EU", "EUR", "shop_eu")


@pytest.fixture
def shop(catalog):
    """Thirty stored lamps, every second one reduced."""
    lamps(30).salesmanago.upsert_products(catalog, **QUIET)
    return catalog


@pytest.fixture
def state(client, shop, at_once):
    return FixState(client, run=at_once)


@pytest.fixture
def stored(sandbox, catalog):
    """What the server holds of a product, or of all, byte for byte."""
    products = lambda: {one["productId"]: one for one in sandbox.products(catalog.id)}  # noqa: E731
    return lambda product_id=None: products()[product_id] if product_id else json.dumps(products(), default=str)


def lamps(rows, start=0):
    numbers = range(start, start + rows)
    return pd.DataFrame(
        {
            "productId": [f"L{number:04}" for number in numbers],
            "name": [f"Lamp {number}" for number in numbers],
            "mainCategory": "Lighting",
            "productUrl": "https://shop.example.org/lamp",
            "available": True,
            "quantity": [number + 5 for number in numbers],
            "price": [Decimal(2000 + number).scaleb(-2) for number in numbers],
            "discountPrice": [Decimal("9.90") if number % 2 else None for number in numbers],
            "systemDetails.brand": "Żarówka",
        }
    )


def pick(state, hand, *product_ids):
    hand.fill(state, **{f"pick {product_id}": True for product_id in product_ids})


def text_of(state):
    return json.dumps(draw_fix(state).to_json(), ensure_ascii=False)


# --- finding ---------------------------------------------------------------------------------------------------------


def test_the_only_catalog_is_chosen_and_its_products_are_shown(state, shop):
    assert state.catalog == shop
    assert (state.page.total, len(state.hits)) == (30, PAGE_ROWS)
    assert state.hits[1].values == {
        "price": Decimal("20.01"),
        "discountPrice": Decimal("9.90"),
        "quantity": 6,
        "available": True,
    }
    assert state.hits[0].values["discountPrice"] is None


@pytest.mark.parametrize(
    ("words", "found"),
    [("lamp 7", ["L0007", "L0017", "L0027"]), ("l0003", ["L0003"]), ("żarówka LIGHTING 29", ["L0029"]), ("sofa", [])],
)
def test_every_word_must_be_in_id_name_category_or_brand(state, hand, words, found):
    hand.fill(state, search=words)
    state.press("search")
    assert [hit.product_id for hit in state.hits] == found


def test_what_was_found_is_shown_in_pages(state):
    assert "1 to 25 of 30 products found (30 in the catalog)" in text_of(state)
    assert "earlier products found" not in state.actions
    state.press("later products found")
    assert [hit.product_id for hit in state.hits] == ["L0025", "L0026", "L0027", "L0028", "L0029"]
    assert "later products found" not in state.actions
    state.press("earlier products found")
    assert state.hits[0].product_id == "L0000"


def test_all_that_was_found_is_picked_at_once(state, hand):
    hand.fill(state, search="l002")
    state.press("search")
    state.press("pick all")
    assert list(state.picks) == [f"L{number:04}" for number in range(20, 30)]
    assert state.entries.ticked("pick L0029")
    assert "pick all" not in state.actions
    state.press("remove all")
    assert state.picks == {}
    assert not state.entries.ticked("pick L0029")


def test_a_catalog_that_this_machine_sent_nothing_to_says_what_to_do(client, catalog, at_once):
    state = FixState(client, run=at_once)
    assert "catalog.adopt(df)" in text_of(state)
    assert "search" not in state.actions


def test_another_catalog_empties_the_table(client, state, hand):
    other = client.create_catalog("Other", "EUR", "other")
    state.press("look")
    pick(state, hand, "L0001")
    hand.fill(state, catalog=other.id)
    assert state.picks == {}
    assert state.hits == []


def test_words_are_found_in_either_case():
    known = KnownProducts({"A": "A Straße", "B": "B"})
    assert known.find("STRASSE") == ["A"]
    assert known.find("") == ["A", "B"]


# --- the table -------------------------------------------------------------------------------------------------------


def test_a_picked_product_stands_in_the_table_as_it_is_stored(state, hand):
    pick(state, hand, "L0001")
    assert state.entries.text("price L0001") == "20.01"
    assert state.entries.text("discountPrice L0001") == "9.90"
    assert state.entries.text("quantity L0001") == "6"
    assert state.entries.ticked("available L0001")
    assert state.repair is None
    assert "compare" not in state.actions


def test_picks_stay_while_something_else_is_searched(state, hand):
    pick(state, hand, "L0001")
    hand.fill(state, search="lamp 2", **{"price L0001": "21"})
    state.press("search")
    pick(state, hand, "L0002")
    assert list(state.picks) == ["L0001", "L0002"]
    assert state.entries.text("price L0001") == "21"


@pytest.mark.parametrize("leave_out", ["button", "tick"])
def test_a_product_that_is_left_out_is_not_changed(state, hand, leave_out):
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    if leave_out == "button":
        state.press("remove L0001")
    else:
        hand.fill(state, **{"pick L0001": False})
    assert state.repair is None
    assert not state.entries.ticked("pick L0001")
    pick(state, hand, "L0001")
    assert state.entries.text("price L0001") == "20.01"


def test_a_full_table_takes_no_more(client, catalog, at_once, hand):
    lamps(MOST_PICKS + 1).salesmanago.upsert_products(catalog, **QUIET)
    state = FixState(client, run=at_once)
    state.press("pick all")
    assert len(state.picks) == MOST_PICKS
    assert "holds 1,000 products" in state.notice.text
    hand.fill(state, search=f"L{MOST_PICKS:04}")
    state.press("search")
    pick(state, hand, f"L{MOST_PICKS:04}")
    assert len(state.picks) == MOST_PICKS
    assert not state.entries.ticked(f"pick L{MOST_PICKS:04}")


def test_a_long_table_is_shown_in_pages_and_changes_on_all_of_them_count(state, hand):
    state.press("pick all")
    hand.fill(state, **{"price L0000": "21"})
    state.press("later rows")
    assert [row.product.product_id for row in state.shown_rows] == [f"L{number:04}" for number in range(25, 30)]
    assert "30 picked, 1 changed (rows 26 to 30 of 30)" in text_of(state)
    hand.fill(state, **{"price L0029": "no price"})
    state.press("earlier rows")
    assert "compare" not in state.actions
    state.press("show marked")
    assert state.shown_rows[-1].product.product_id == "L0029"
    state.press("reset")
    assert not state.has_changes


# --- all rows at once ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bulk", "number", "field", "before", "after"),
    [
        ("price set", "19,9", "price", ["20.02", "20.03"], ["19.9", "19.9"]),
        ("price percent", "10", "price", ["20.02", "20.03"], ["22.02", "22.03"]),
        ("price percent", "-12.5", "price", ["20.02", "20.03"], ["17.52", "17.53"]),
        ("discount percent", "-10", "discountPrice", ["", "9.90"], ["", "8.91"]),
        ("discount set", "5", "discountPrice", ["", "9.90"], ["5", "5"]),
        ("discount end", "", "discountPrice", ["", "9.90"], ["", ""]),
        ("stock set", "0", "quantity", ["7", "8"], ["0", "0"]),
        ("stock add", "-3", "quantity", ["7", "8"], ["4", "5"]),
        ("stock add", "-8", "quantity", ["7", "8"], ["0", "0"]),
        ("stock percent", "50", "quantity", ["7", "8"], ["11", "12"]),
    ],
)
def test_all_rows_are_changed_at_once(state, hand, bulk, number, field, before, after):
    pick(state, hand, "L0002", "L0003")
    texts = lambda: [state.entries.text(f"{field} {product_id}") for product_id in state.picks]  # noqa: E731
    assert texts() == before
    hand.fill(state, bulk=bulk, **{"bulk value": number})
    state.press("apply")
    assert texts() == after
    assert [row.changed.get(field) is not None or field not in row.changed for row in state.rows] == (
        [True, False] if bulk == "discount end" else [True, True]
    )


def test_all_rows_are_made_unavailable_and_sent(state, hand, stored):
    pick(state, hand, "L0002", "L0003")
    hand.fill(state, bulk="unavailable")
    for name in ("apply", "compare", "send"):
        state.press(name)
    assert [stored(product_id)["available"] for product_id in ("L0001", "L0002", "L0003")] == [True, False, False]


def test_rows_that_have_nothing_to_change_are_counted(state, hand):
    pick(state, hand, "L0002", "L0003")
    hand.fill(state, bulk="discount percent", **{"bulk value": "5"})
    state.press("apply")
    assert "done for 1 row of the table. 1 had nothing to change there." in state.notice.text


@pytest.mark.parametrize(
    ("bulk", "number"),
    [
        ("price set", "cheap"),
        ("price set", "1.000"),
        ("price percent", "-100"),
        ("price percent", "ten"),
        ("stock set", "1.5"),
        ("stock add", "1e3"),
        ("stock add", "9" * 40),
    ],
)
def test_a_number_that_does_not_fit_is_said_beside_its_field(state, hand, bulk, number):
    pick(state, hand, "L0002", "L0003")
    hand.fill(state, bulk=bulk, **{"bulk value": number})
    assert state.errors["bulk value"].startswith("Write ")
    assert "apply" not in state.actions


def test_a_change_that_the_api_would_refuse_is_marked_in_its_rows(state, hand):
    pick(state, hand, "L0002", "L0003")
    hand.fill(state, bulk="price set", **{"bulk value": "9" * 20})
    state.press("apply")
    assert all(row.errors for row in state.rows)
    assert "compare" not in state.actions


def test_of_many_changes_the_first_are_shown_and_those_that_stand_out_among_them(client, catalog, at_once, hand):
    lamps(150).salesmanago.upsert_products(catalog, **QUIET)
    state = FixState(client, run=at_once)
    state.press("pick all")
    hand.fill(state, bulk="price percent", **{"bulk value": "1"})
    state.press("apply")
    hand.fill(state, **{"price L0149": "2149"})
    state.press("compare")
    assert "What would change: 100 of 150 values" in text_of(state)
    changes = text_of(state).partition("What would change")[2]
    assert "times as much" in changes


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("price", "cheap", "Price must be a number"),
        ("price", "", "Price"),
        ("price", "-1", "Price can't be negative"),
        ("price", "19.999", "Price has more than two decimals"),
        ("price", "1.000", "Price must be a number"),
        ("price", "1,000", "Price must be a number"),
        ("price", "1e3", "Price must be a number"),
        ("price", "1.23.4", "Price must be a number"),
        ("price", "from 5", "Price must be a number"),
        ("price", "12,50 EUR", "Price must be a number"),
        ("price", "9" * 25, "Price has more than 19 digits"),
        ("price", "9" * 9999, "Price must be a number"),
        ("discountPrice", "ten", "Reduced price must be a number"),
        ("quantity", "3.5", "Stock must be a whole number"),
        ("quantity", "1,000", "Stock must be a whole number"),
        ("quantity", "", "Write 0 for sold out"),
        ("quantity", "9" * 25, "Stock does not fit"),
    ],
)
def test_what_the_api_would_refuse_is_said_beside_its_field(state, hand, field, typed, words):
    pick(state, hand, "L0001")
    hand.fill(state, **{f"{field} L0001": typed})
    (row,) = state.rows
    assert words in row.errors[field]
    assert "compare" not in state.actions
    assert json.dumps(words)[1:-1] in json.dumps(draw_fix(state).to_json())


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("price", "0", "Check that the product is really free"),
        ("discountPrice", "25", "not below price"),
        ("quantity", "-3", "Stock is negative"),
    ],
)
def test_what_is_strange_is_said_and_may_be_sent(state, hand, field, typed, words):
    pick(state, hand, "L0001")
    hand.fill(state, **{f"{field} L0001": typed})
    assert words in state.rows[0].hints[field]
    assert "compare" in state.actions


def test_a_comma_is_a_decimal_point(state, hand):
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21,50"})
    assert state.rows[0].changed == {"price": Decimal("21.50")}


# --- compare and send ------------------------------------------------------------------------------------------------


def test_prices_go_by_their_own_operation_and_come_back(state, hand, sandbox, stored):
    before = stored()
    pick(state, hand, "L0001", "L0002")
    hand.fill(state, **{"price L0001": "21.50", "price L0002": "22"})
    state.press("compare")
    lines = [(change.product_id, change.field, change.before, change.after) for change in state.difference.changes]
    assert lines == [("L0001", "Price", "20.01", "21.50"), ("L0002", "Price", "20.02", "22.00")]
    state.press("send")
    assert (state.report.sent, sandbox.requests[-1].path.rpartition("/")[2]) == (2, "updatePrice")
    assert stored("L0001")["price"] == 21.5
    assert state.repair is None
    assert state.picks["L0001"].values["price"] == Decimal("21.50")
    state.press("plan undo")
    assert [change.after for change in state.undo_changes] == ["20.01", "20.02"]
    state.press("undo")
    assert stored() == before
    assert state.entries.text("price L0001") == "20.01"
    assert not state.can_be_taken_back


def test_stock_goes_by_its_own_operation(state, hand, sandbox, stored):
    pick(state, hand, "L0001")
    hand.fill(state, **{"quantity L0001": "0"})
    state.press("compare")
    state.press("send")
    assert sandbox.requests[-1].path.endswith("updateQuantity")
    assert stored("L0001")["quantity"] == 0


def test_mixed_changes_go_as_a_patch_and_touch_nothing_else(state, hand, sandbox, stored):
    before = stored("L0003")
    pick(state, hand, "L0001", "L0003")
    hand.fill(state, **{"available L0001": False, "quantity L0001": "1", "price L0003": "30"})
    state.press("compare")
    state.press("send")
    assert sandbox.requests[-1].path.endswith("upsert")
    assert (stored("L0001")["available"], stored("L0001")["quantity"]) == (False, 1)
    changed = {name for name, value in stored("L0003").items() if before[name] != value}
    assert "price" in changed
    assert not changed & {"available", "quantity", "discountPrice", "name"}


def test_an_emptied_reduction_ends_and_the_others_stay(state, hand, stored):
    pick(state, hand, "L0001", "L0003")
    hand.fill(state, **{"discountPrice L0001": "", "price L0003": "30"})
    state.press("compare")
    shown = [(change.field, change.before, change.after) for change in state.difference.changes]
    assert shown == [("Reduced price", "9.90", "(none)"), ("Price", "20.03", "30.00")]
    state.press("send")
    assert stored("L0001").get("discountPrice") is None
    assert stored("L0003")["discountPrice"] == Decimal("9.90")


@pytest.fixture
def forgetful(shop):
    """A product whose last upload did not mention its reduction, which therefore still stands."""
    lamps(2).drop(columns="discountPrice").assign(name="Lamp").salesmanago.upsert_products(shop, **QUIET)
    return "L0001"


def test_a_price_leaves_a_reduction_alone_that_the_last_upload_did_not_mention(forgetful, state, hand, stored):
    pick(state, hand, forgetful)
    assert state.entries.text("discountPrice L0001") == "9.90"
    hand.fill(state, **{"price L0001": "21"})
    state.press("compare")
    state.press("send")
    assert (stored("L0001")["price"], stored("L0001")["discountPrice"]) == (21, Decimal("9.90"))


def test_a_reduction_ends_that_the_last_upload_did_not_mention(forgetful, state, hand, stored):
    pick(state, hand, forgetful)
    hand.fill(state, **{"discountPrice L0001": ""})
    state.press("compare")
    assert [(change.field, change.after) for change in state.difference.changes] == [("Reduced price", "(none)")]
    state.press("send")
    assert stored("L0001").get("discountPrice") is None
    assert state.repair is None


def test_typing_makes_a_comparison_void(state, hand):
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    state.press("compare")
    state.press("send", [hand.edit("price L0001", "2100")])
    assert state.report is None
    assert state.difference is None


def test_prices_that_jump_are_asked_about_with_a_tick(state, hand, stored):
    ids = [f"L{number:04}" for number in range(25)]
    pick(state, hand, *ids)
    hand.fill(state, **{f"price {product_id}": "1999" for product_id in ids})
    state.press("compare")
    assert "times as much" in state.difference.changes[0].remark
    assert "25 prices change by more than a factor of 2" in state.asked["allow_outliers"]
    state.press("send")
    assert state.report is None
    hand.fill(state, allow_outliers=True)
    state.press("send")
    assert state.report.sent == 25
    assert "allow_outliers=True" in state.code
    assert not state.entries.ticked("allow_outliers")


def test_the_code_does_the_same(state, hand, stored, client, shop):
    pick(state, hand, "L0001", "L0002")
    hand.fill(state, **{"discountPrice L0001": "", "price L0002": "1234567890123456789.01", "available L0002": False})
    state.press("compare")
    state.press("send")
    assert state.report.sent == 2
    first = stored()
    shop.undo().send(progress=False)
    assert stored() != first
    exec(state.code, {"client": client, "pd": pd})  # noqa: S102 - the code under test
    assert stored() == first


def test_the_code_of_taking_back_takes_back(state, hand, stored, client):
    before = stored()
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    for name in ("compare", "send"):
        state.press(name)
    pick(state, hand, "L0002")
    hand.fill(state, **{"price L0002": "99"})
    for name in ("compare", "plan undo", "undo"):
        state.press(name)
    assert state.entries.text("price L0002") == "99"
    assert "restore(result.run)" in state.code
    exec(state.code, {"client": client, "pd": pd})  # noqa: S102 - the code under test
    assert stored() == before


def test_sample_data_on_its_way_to_a_live_account_is_asked_about(client, catalog, at_once, hand, monkeypatch):
    monkeypatch.setattr(type(client), "is_live", property(lambda _: True))
    catalog.adopt(lamps(3))
    state = FixState(client, run=at_once)
    assert '"tone": "live"' in text_of(state)
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    state.press("compare")
    state.press("send")
    assert state.report is None
    assert "looks like sample data" in state.asked["allow_live"]
    assert "send" not in state.actions
    hand.fill(state, allow_live=True)
    state.press("send")
    assert state.report.sent == 1
    assert "allow_live=True" in state.code


def test_while_it_is_sent_it_can_be_stopped_and_nothing_else(client, shop, hand, stored):
    jobs = []
    state = FixState(client, run=jobs.append)
    drain(jobs)
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    state.press("compare")
    drain(jobs)
    state.press("send")
    assert list(state.actions) == ["stop"]
    assert "Beginning" in text_of(state)
    state.press("stop")
    assert dict(state.actions) == {}
    drain(jobs)
    # what is under way is finished, and here that is all
    assert (state.report.sent, stored("L0001")["price"]) == (1, 21)
    assert "plan undo" in state.actions


def test_what_never_was_answered_for_is_sent_again(state, hand, sandbox, stored):
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    state.press("compare")
    sandbox.faults.add(FaultKind.CUT_BEFORE)
    state.press("send")
    assert (state.report.sent, state.report.unknown) == (0, 1)
    assert "is sent when you send again" in text_of(state)
    sandbox.faults.clear()
    state.press("compare")
    assert "never answered for, so sent again: 1." in text_of(state)
    assert "Change 1 product" in text_of(state)
    state.press("send")
    assert (state.report.sent, stored("L0001")["price"]) == (1, 21)
    assert state.repair is None


def test_what_is_typed_while_it_compares_makes_the_comparison_void(client, shop, hand):
    jobs = []
    state = FixState(client, run=jobs.append)
    drain(jobs)
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    state.press("compare")
    hand.fill(state, **{"price L0001": "22"})
    drain(jobs)
    assert state.difference is None


def drain(jobs):
    """What a form's threads would do."""
    while jobs:
        jobs.pop(0)()


# --- what stands in the way ------------------------------------------------------------------------------------------


def test_what_another_notebook_changed_is_asked_about_before_it_is_taken_back(state, hand, shop, stored):
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    state.press("compare")
    state.press("send")
    elsewhere = pd.DataFrame({"productId": ["L0001"], "price": [22.0]})
    elsewhere.salesmanago.update_prices(shop, **QUIET)
    state.press("plan undo")
    assert state.undo is None
    assert "Later runs have changed 1" in state.asked["over_later"]
    assert "plan undo" not in state.actions
    hand.fill(state, over_later=True)
    state.press("plan undo")
    state.press("undo")
    assert stored("L0001")["price"] == Decimal("20.01")
    assert "over_later=True" in state.code


@pytest.mark.parametrize("kind", [FaultKind.CUT_BEFORE, FaultKind.COMMIT_THEN_CUT])
def test_taking_back_that_was_never_answered_for_is_done_again(state, hand, sandbox, stored, kind):
    before = stored()
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    for name in ("compare", "send", "plan undo"):
        state.press(name)
    sandbox.faults.add(kind)
    state.press("undo")
    assert state.undo_report.unknown == 1
    sandbox.faults.clear()
    state.press("plan undo")
    state.press("undo")
    assert stored() == before
    assert not state.can_be_taken_back


def test_a_plan_to_take_back_that_another_upload_overtook_says_so(state, hand, shop):
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    for name in ("compare", "send", "plan undo"):
        state.press(name)
    pd.DataFrame({"productId": ["L0001"], "price": [22.0]}).salesmanago.update_prices(shop, **QUIET)
    state.press("undo")
    assert state.notice.tone == "error"
    assert "Plan again" in state.notice.text


def test_a_refusal_by_the_server_keeps_what_was_typed_and_says_why(state, hand, sandbox):
    pick(state, hand, "L0001", "L0002")
    hand.fill(state, **{"price L0001": "21", "price L0002": "22"})
    state.press("compare")
    sandbox.faults.add(FaultKind.REFUSE_BATCH, product_ids=("L0001",), reason_code=18, field="price")
    state.press("send")
    assert (state.report.sent, state.report.refused) == (1, 1)
    assert [row.changed for row in state.rows] == [{"price": Decimal("21")}, {}]
    assert "Why products were refused" in text_of(state)
    sandbox.faults.clear()
    state.press("compare")
    state.press("send")
    assert (state.report.sent, state.repair) == (1, None)


def test_a_product_that_the_ledger_no_longer_knows_is_refused_in_words(state, hand, client):
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    client.ledger_path.unlink()
    state.press("compare")
    assert "L0001: productId is in no upload of this machine" in state.difference.refusals[0]
    assert "send" not in state.actions


def test_a_server_that_is_gone_is_a_sentence_and_nothing_typed_is_lost(state, hand, sandbox):
    pick(state, hand, "L0001")
    hand.fill(state, **{"price L0001": "21"})
    sandbox.stop()
    state.press("compare")
    state.press("send")
    assert state.entries.text("price L0001") == "21"
    assert "1 not sent" in text_of(state)
    assert "no connection could be made" in text_of(state)


def test_hostile_names_and_ids_are_shown_as_text(client, catalog, at_once, hand):
    frame = lamps(1).assign(productId="<img src=x onerror=alert(1)> \u202ex", name="\x1b[31m'\"{}")
    frame.salesmanago.upsert_products(catalog, **QUIET)
    state = FixState(client, run=at_once)
    (hit,) = state.hits
    pick(state, hand, hit.product_id)
    hand.fill(state, **{f"price {hit.product_id}": "5"})
    state.press("compare")
    state.press("send")
    assert state.report.sent == 1
    assert "\\u001b" not in text_of(state)


def test_a_form_that_is_not_connected_waits():
    from smnotebook.forms.connect.state import ConnectState

    connect = ConnectState(run=lambda job: job())
    state = FixState(connect, run=lambda job: job())
    assert dict(state.actions) == {}
    assert "Connect first" in text_of(state)


def test_the_form_is_there_for_notebooks(client, state):
    form = sm.forms.FixForm(client, state=state)
    assert (repr(form), form.client, form.report) == ("FixForm()", client, None)


def test_most_of_a_large_catalog_is_changed_only_on_a_yes(client, catalog, at_once, hand):
    lamps(600).salesmanago.upsert_products(catalog, **QUIET)
    state = FixState(client, run=at_once)
    state.press("pick all")
    hand.fill(state, bulk="stock set", **{"bulk value": "3"})
    for name in ("apply", "compare", "send"):
        state.press(name)
    assert list(state.asked) == ["allow_overwrite"]
    assert "600 of the 600 products known to be stored" in state.asked["allow_overwrite"]
    assert "(" not in state.asked["allow_overwrite"]  # no code to call
    assert state.report is None
    hand.fill(state, allow_overwrite=True)
    state.press("send")
    assert state.report.sent == 600
    assert "allow_overwrite=True" in state.code
