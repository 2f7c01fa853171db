"""UploadForm's state: from a table to a catalog, and every way it can go wrong on the way."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.forms.parts import Arrived
from smnotebook.forms.upload.state import UploadState
from smnotebook.forms.upload.view import draw_upload

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(autouse=True)
def _own_ledger(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))


@pytest.fixture
def catalog(client):
    return client.create_catalog("Shop EU", "EUR", "shop_eu")


@pytest.fixture
def state(client, catalog, at_once):
    return UploadState(client, run=at_once)


def arrive(state, path):
    state._arrived(Arrived(file_name=Path(path).name, path=Path(path), size=Path(path).stat().st_size))


def frame_of(rows):
    return pd.DataFrame(
        {
            "productId": [f"P{number:05}" for number in range(rows)],
            "name": "Lamp",
            "mainCategory": "Lamps",
            "description": "It shines.",
            "productUrl": "https://shop.example.org/lamp",
            "mainImageUrl": "https://shop.example.org/lamp.jpg",
            "available": True,
            "price": 10.0,
        }
    )


def text_of(state):
    return json.dumps(draw_upload(state).to_json(), ensure_ascii=False)


# --- the road ----------------------------------------------------------------------------------------------------


def test_a_good_file_goes_from_arrival_to_the_catalog_in_two_presses(state, catalog, sandbox):
    arrive(state, DATA / "products.csv")
    assert state.checked.report.ok
    state.press("plan")
    assert state.dispatch.plan.new == 60
    state.press("upload")
    assert (state.dispatch.report.sent, state.dispatch.report.refused) == (60, 0)
    assert len(sandbox.products(catalog.id)) == 60


def test_safe_repairs_are_ticked_and_lossy_ones_are_not(state):
    arrive(state, DATA / "products_with_faults.csv")
    assert state.ticked == ["url productUrl", "cents price", "money price"]
    assert {row.kind for row in state.repairs.rows} == {"url", "cents", "money", "trim", "duplicates"}


def test_only_the_ticked_repairs_are_made(state, hand):
    arrive(state, DATA / "products_with_faults.csv")
    before = state.checked.report.errors
    hand.fill(state, **{"fix url productUrl": False, "fix cents price": False, "fix duplicates productId": True})
    state.press("fix")
    assert state.applied == [["money", "duplicates"]]
    assert len(state.checked.frame) == 23
    assert state.checked.report.errors == before - 3


@pytest.fixture
def blanks(client, catalog, at_once):
    """Blanks in two columns, in several cells of one."""
    frame = frame_of(5).assign(name=[" Lamp", "Sofa ", "Sofa ", "Two  chairs", " Bed"], mainCategory=" Home")
    return UploadState(client, frame=frame, run=at_once)


def test_a_repair_is_ticked_for_each_column_and_shown_before_and_after(blanks):
    shown = {row.key: row.examples for row in blanks.repairs.rows}
    assert shown == {
        "blanks name": (('" Lamp"', "Lamp"), ('"Sofa "', "Sofa"), ("Two  chairs", "Two chairs")),
        "blanks mainCategory": (('" Home"', "Home"),),
    }
    assert [row.count for row in blanks.repairs.rows] == [5, 5]


def test_a_repair_of_one_column_leaves_the_other_alone_and_so_does_its_code(blanks, hand):
    hand.fill(blanks, **{"fix blanks mainCategory": False})
    blanks.press("fix")
    mended = blanks.checked.frame
    assert mended["name"].tolist() == ["Lamp", "Sofa", "Sofa", "Two chairs", "Bed"]
    assert set(mended["mainCategory"]) == {" Home"}
    assert "fix({'blanks': ['name']})" in blanks.code
    assert not blanks.entries.ticked("fix blanks mainCategory")  # a no is a no, also after another repair


def test_the_verdict_is_shown_before_repairs_are_found(client, catalog):
    waiting = []
    state = UploadState(client, frame=frame_of(1).assign(name=" a"), run=waiting.append)
    while state.checked is None:
        waiting.pop(0)()
    assert "1 rows: " in text_of(state)
    assert "Looking for repairs ..." in text_of(state)
    waiting.pop(0)()
    assert "Repairs that can be made" in text_of(state)


def test_a_table_is_read_and_mended_while_the_server_is_away(client, catalog, sandbox, at_once):
    state = UploadState(client, run=at_once)
    state.catalogs = None
    sandbox.stop()
    arrive(state, DATA / "products_with_faults.csv")
    assert state.notice.tone == "error"
    state.press("fix")
    assert state.applied
    assert "look" in state.actions


def test_good_rows_are_sent_and_the_others_come_back_as_a_file(state, sandbox, catalog):
    arrive(state, DATA / "products_with_faults.csv")
    state.press("fix")
    state.press("plan")
    state.press("upload")
    assert (state.dispatch.report.sent, state.dispatch.report.refused) == (16, 8)
    given = []
    state.on_hand_out(lambda content, name, kind: given.append((name, content.decode("utf-8-sig"))))
    state.press("rejects")
    ((name, content),) = given
    assert name == "rejected.csv"
    assert len(content.splitlines()) == 1 + 8
    assert "reason" in content.splitlines()[0]


def test_the_mended_rejects_can_be_picked_and_sent_and_nothing_goes_twice(state, sandbox, catalog, tmp_path):
    arrive(state, DATA / "products.csv")
    state.press("plan")
    state.press("upload")
    mended = tmp_path / "mended.csv"
    rows = (DATA / "products.csv").read_text(encoding="utf-8").splitlines()
    mended.write_text("\n".join([*rows[:3], "X1" + rows[3].removeprefix("00121")]), encoding="utf-8")
    arrive(state, mended)
    state.press("plan")
    assert (state.dispatch.plan.new, state.dispatch.plan.unchanged) == (1, 2)


def test_the_code_does_the_same(state, sandbox, catalog, client, hand, monkeypatch, tmp_path):
    hand.fill(state, **{"from": "sample", "sample": "products_with_faults.csv"})
    for name in ("read", "fix", "plan", "upload"):
        state.press(name)
    stored = sandbox.products(catalog.id)
    catalog.delete()
    client.create_catalog("Shop EU", "EUR", "shop_eu")
    monkeypatch.chdir(DATA.parent / "notebooks")
    exec(state.code, {"sm": sm, "client": client})  # noqa: S102 - the code under test
    again = sandbox.products(sandbox.catalogs()[0]["catalogId"])
    assert [product["productId"] for product in again] == [product["productId"] for product in stored]


# --- where tables come from --------------------------------------------------------------------------------------


def test_dataframes_of_the_notebook_are_found_by_name(client, catalog, at_once, hand):
    variables = {"df": frame_of(2), "_hidden": frame_of(1), "text": "no table"}
    state = UploadState(client, namespace=lambda: variables, run=at_once)
    hand.fill(state, **{"from": "frame"})
    assert state.frames == ["df"]
    hand.fill(state, frame="df")
    state.press("read")
    assert len(state.checked.frame) == 2
    assert state.code.startswith("df = sm.read_feed(df)")


def test_a_frame_handed_over_is_checked_at_once_and_left_alone(client, catalog, at_once):
    frame = frame_of(3)
    before = frame.copy(deep=True)
    state = UploadState(client, frame=frame, run=at_once)
    assert state.checked.report.ok
    pd.testing.assert_frame_equal(frame, before)


def test_an_export_without_addresses_asks_for_them_and_is_read_again(state, hand, tmp_path):
    export = tmp_path / "export.csv"
    export.write_text(
        "Handle,Title,Body (HTML),Vendor,Type,Published,Variant SKU,Variant Price,Variant Inventory Qty,Image Src\n"
        "lamp,Lamp,<p>It shines.</p>,Lux,Lamps,true,L1,12.50,3,https://cdn.example.org/lamp.jpg\n",
        encoding="utf-8",
    )
    arrive(state, export)
    assert "Product address" in text_of(state)
    assert not state.checked.report.ok
    hand.fill(state, url_template="https://shop.example.org/products/{Handle}")
    state.press("read")
    assert state.checked.report.ok
    assert "url_template='https://shop.example.org/products/{Handle}'" in state.code


def test_a_template_that_is_no_address_is_said_beside_its_field(state, hand):
    arrive(state, DATA / "products.csv")
    hand.fill(state, url_template="shop.example.org/{slug}")
    assert "https://" in state.errors["url_template"]
    assert "read" not in state.actions


def test_a_question_says_what_the_file_lacks_and_names_no_argument(state, hand, tmp_path):
    export = tmp_path / "export.csv"
    export.write_text(
        "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Tax rules ID;Reference #;"
        "Image URLs (x,y,z...)\n1;1;Lamp;Lamps;10;1;L1;http://localhost/img/1.jpg\n",
        encoding="utf-8",
    )
    arrive(state, export)
    shown = text_of(state)
    assert "Images on localhost, which nobody else can open. Give the address" in shown
    assert "image_base_url=" not in shown
    assert "Fill in what is missing above" in shown
    hand.fill(state, url_template="https://shop.example.org/p/{slug}", image_base_url="https://img.example.org/")
    state.press("read")
    assert "Fill in what is missing above" not in text_of(state)
    assert "These prices carry no tax." in text_of(state)  # may be left as it is
    assert state.checked.report.ok


def test_where_no_row_can_be_sent_the_form_says_so(client, catalog, at_once):
    state = UploadState(client, frame=frame_of(2).assign(price=-1.0), run=at_once)
    assert "No row can be sent as it is." in text_of(state)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 and so on", "PDF"),
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "page"),
    ],
)
def test_a_file_that_is_no_table_is_a_sentence_and_another_can_be_picked(state, tmp_path, content, words):
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(content)
    arrive(state, wrong)
    assert state.notice.tone == "error"
    assert words.lower() in state.notice.text.lower()
    arrive(state, DATA / "products.csv")
    assert state.checked.report.ok
    assert state.notice is None


# --- mapping -----------------------------------------------------------------------------------------------------


@pytest.fixture
def unknown(client, catalog, at_once):
    frame = pd.DataFrame(
        {
            "Nr": ["A1", "A2"],
            "Nazwa": ["Lampa", "Stół"],
            "Kategoria": ["Dom", "Meble"],
            "Opis": ["Świeci.", "Stoi."],
            "Cena": ["12,50 zł", "99,00 zł"],
            "Link": ["https://sklep.example.org/1", "https://sklep.example.org/2"],
            "Zdjęcie": ["https://sklep.example.org/1.jpg", "https://sklep.example.org/2.jpg"],
            "email": ["a@example.org", "b@example.org"],
        }
    )
    return UploadState(client, frame=frame, run=at_once)


def test_columns_that_no_preset_knows_are_suggested_with_examples(unknown):
    rows = {row.field: row for row in unknown.rows}
    assert rows["name"].chosen == "Nazwa"
    assert rows["name"].example == "Lampa"
    assert rows["price"].chosen == "Cena"
    assert unknown.checked is None


def test_what_must_not_be_sent_is_not_offered(unknown):
    assert all("email" not in dict(row.options) for row in unknown.rows)
    assert "Not sent: email" in text_of(unknown)


def test_a_mapping_that_was_corrected_makes_products(unknown, hand):
    hand.fill(unknown, **{"map productId": "Nr"})
    unknown.press("map")
    assert unknown.checked.report.ok
    assert [float(price) for price in unknown.checked.frame["price"]] == [12.5, 99.0]
    assert "'productId': 'Nr'" in unknown.code


def test_what_the_table_does_not_decide_is_asked_before_the_mapping_is_used(unknown, hand):
    assert "map" not in unknown.actions
    assert "Answer first: productId." in text_of(unknown)
    hand.fill(unknown, **{"answer productId which_column": "Nr"})
    assert "Answer first" not in text_of(unknown)
    assert {row.field: row.chosen for row in unknown.rows}["productId"] == "Nr"
    unknown.press("map")
    assert unknown.checked.report.ok


def test_the_catalogs_currency_chooses_between_prices(client, catalog, at_once):
    assert catalog.currency == "EUR"
    frame = pd.DataFrame({"Price PLN": ["45.00", "90.00"], "Price EUR": ["10.00", "20.00"]})
    state = UploadState(client, frame=frame, run=at_once)
    assert {row.field: row.chosen for row in state.rows}["price"] == "Price EUR"


def test_a_mapping_that_was_edited_is_offered_again(unknown, client, hand, at_once):
    hand.fill(unknown, **{"map productId": "Nr", "map description": ""})
    unknown.press("map")
    again = UploadState(client, frame=unknown.reading.source.content, run=at_once)
    assert {row.field: row.chosen for row in again.rows}["productId"] == "Nr"
    assert {row.field: row.chosen for row in again.rows}["description"] == ""
    again.press("forget mapping")
    assert {row.field: row.chosen for row in again.rows}["productId"] == ""
    assert {row.field: row.chosen for row in again.rows}["description"] == "Opis"


def test_remembered_mappings_are_listed_and_forgotten_one_by_one(unknown, client, hand, at_once):
    hand.fill(unknown, **{"map productId": "Nr", "map description": ""})
    unknown.press("map")
    state = UploadState(client, run=at_once)
    (kept,) = state.remembered
    assert "Nr" in kept.columns
    assert "Saved column choices (1)" in text_of(state)
    assert kept.fields.split(", ")[0] in text_of(state)
    state.press(f"forget {kept.key}")
    assert state.remembered == []
    assert "Saved column choices" not in text_of(state)
    again = UploadState(client, frame=unknown.reading.source.content, run=at_once)
    assert {row.field: row.chosen for row in again.rows}["description"] == "Opis"


def test_a_mapping_can_be_changed_after_it_was_used(unknown, hand):
    hand.fill(unknown, **{"map productId": "Nr", "map name": ""})
    unknown.press("map")
    assert not unknown.checked.report.ok
    hand.fill(unknown, **{"map name": "Nazwa"})
    assert unknown.checked is None
    unknown.press("map")
    assert unknown.checked.report.ok


# --- catalog and plan --------------------------------------------------------------------------------------------


def test_the_only_catalog_is_chosen_and_of_several_none(client, catalog, at_once):
    assert UploadState(client, run=at_once).catalog == catalog
    client.create_catalog("Shop PL", "PLN", "shop_pl")
    state = UploadState(client, run=at_once)
    assert state.catalog is None
    arrive(state, DATA / "products.csv")
    assert "plan" not in state.actions


def test_a_catalog_made_meanwhile_is_found_when_the_table_is_read(client, at_once):
    state = UploadState(client, run=at_once)
    client.create_catalog("Shop EU", "EUR", "shop_eu")
    arrive(state, DATA / "products.csv")
    assert state.catalog.name == "Shop EU"


def test_another_catalog_makes_the_plan_void(state, client, hand):
    other = client.create_catalog("Shop PL", "PLN", "shop_pl")
    arrive(state, DATA / "products.csv")
    state.press("plan")
    hand.fill(state, catalog=other.id)
    assert state.dispatch.plan is None


def test_rows_that_are_there_already_leave_nothing_to_send(state, catalog, tmp_path):
    # without the long description, of which the server says that it may have been cut: that one stays in doubt
    rows = pd.read_csv(DATA / "products.csv", dtype=str)
    rows[rows["description"].str.len() <= 1024].to_csv(tmp_path / "products.csv", index=False)
    for _ in range(2):
        arrive(state, tmp_path / "products.csv")
        state.press("plan")
        state.press("upload")
    assert state.dispatch.plan.to_send == 0
    assert "nothing to send" in state.notice.text
    assert "upload" not in state.actions


# --- sending -----------------------------------------------------------------------------------------------------


class Threads:
    """Starts jobs as the form does, and can wait for them."""

    def __init__(self):
        self._started = []

    def __call__(self, job):
        self._started.append(threading.Thread(target=job))
        self._started[-1].start()

    def join(self):
        while self._started:
            self._started.pop(0).join(60)


def test_an_upload_can_be_paused_and_stopped_and_the_next_one_sends_the_rest(client, catalog, sandbox):
    threads = Threads()
    state = UploadState(client, frame=frame_of(20_000), run=threads)
    threads.join()
    state.press("plan")
    threads.join()
    seen, begun = [], threading.Event()

    def look():
        if state.dispatch.progress and state.dispatch.progress.requests_answered and not seen:
            seen.append(state.dispatch.progress)
            state.press("pause")  # in the sending thread, so before anything else is sent
            begun.set()

    state.on_change(look)
    state.press("upload")
    assert begun.wait(60)
    assert list(state.actions) == ["resume", "stop"]
    state.press("stop")
    threads.join()
    first = state.dispatch.report
    assert first.is_interrupted
    assert 0 < first.sent < 20_000
    assert first.sent + first.unsent == 20_000
    for name in ("read", "plan"):
        state.press(name)
        threads.join()
    assert state.dispatch.plan.unchanged == first.sent
    state.press("upload")
    threads.join()
    assert state.dispatch.report.sent == 20_000 - first.sent
    assert len(sandbox.products(catalog.id)) == 20_000


def test_while_products_are_sent_nothing_else_is_begun(client, catalog, hand):
    waiting = []
    state = UploadState(client, run=waiting.append)
    waiting.pop()()
    arrive(state, DATA / "products.csv")
    for _ in ("reading", "looking for repairs"):
        waiting.pop()()
    state.press("plan")
    waiting.pop()()
    state.press("upload")
    arrive(state, DATA / "products_with_faults.csv")
    hand.fill(state, **{"from": "sample"})
    assert list(state.actions) == ["pause", "stop"]
    assert "Read it when this upload has ended." in state.notice.text
    waiting.pop()()
    assert state.dispatch.report.sent == 60


def test_a_reading_that_ends_after_another_source_was_chosen_is_not_shown(client, catalog, hand):
    waiting = []
    state = UploadState(client, run=waiting.append)
    waiting.pop()()
    arrive(state, DATA / "products.csv")
    hand.fill(state, **{"from": "sample"})
    waiting.pop()()
    assert state.reading is None
    assert "read" in state.actions


def test_a_file_that_arrives_while_the_catalogs_are_listed_is_read_afterwards(client, catalog):
    waiting = []
    state = UploadState(client, run=waiting.append)
    arrive(state, DATA / "products.csv")
    assert state.busy == "Looking at the catalogs"
    waiting.pop(0)()
    assert state.busy == "Reading"
    waiting.pop(0)()
    assert state.checked.report.ok


def test_a_server_that_goes_away_leaves_a_report_and_the_form_open(state, sandbox):
    arrive(state, DATA / "products.csv")
    state.press("plan")
    sandbox.stop()
    state.press("upload")
    assert state.dispatch.report.unsent == 60
    assert "again" in state.actions
    assert "no connection could be made" in text_of(state)


def test_a_catalog_deleted_meanwhile_is_a_sentence(state, catalog):
    arrive(state, DATA / "products.csv")
    state.press("plan")
    catalog.delete()
    state.press("upload")
    assert state.dispatch.report.unsent == 60
    assert "catalogId" in text_of(state)
    assert state.dispatch.valve is None
    assert not state.dispatch.has_begun  # another catalog can be chosen
    assert "Look for catalogs again" in text_of(state)


def test_what_the_upload_asks_is_asked_and_sent_only_on_a_yes(state, client, monkeypatch):
    monkeypatch.setattr(type(client), "is_live", True)
    arrive(state, DATA / "products.csv")
    state.press("plan")
    state.press("upload")
    assert state.dispatch.question is not None
    assert state.dispatch.report is None
    assert "upload" not in state.actions
    state.press("agree")
    assert state.dispatch.report.sent == 60
    assert "allow_live=True" in state.code


def test_a_no_sends_nothing(state, client, catalog, sandbox, monkeypatch):
    monkeypatch.setattr(type(client), "is_live", True)
    arrive(state, DATA / "products.csv")
    state.press("plan")
    state.press("upload")
    state.press("decline")
    assert sandbox.products(catalog.id) == []
    assert state.dispatch.question is None


def test_no_value_of_the_table_becomes_markup(client, catalog, at_once):
    frame = frame_of(1).assign(name="<img src=x onerror=alert(1)>" * 20)
    state = UploadState(client, frame=frame, run=at_once)
    assert "onerror" in text_of(state)  # as text: the panel knows no other way to show it
