"""Repairs: a few things changed in stored products, seen first, taken back."""

import json
from decimal import Decimal

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import ConfirmationNeeded, LedgerError, PreflightFailed, UploadFailed, UsageError
from smnotebook.fingerprints import fingerprint
from smnotebook.ledger import Book, Receipt, RequestState, RunTotals
from smnotebook.sandbox import FaultKind
from smnotebook.upload.outliers import Thresholds
from smnotebook.upload.stored import open_book

QUIET = {"progress": False}


@pytest.fixture
def shop(catalog, make_frame):
    """Sixty stored products, every second one reduced."""
    frame = make_frame(60)
    frame["price"] = [Decimal(1000 + number).scaleb(-2) for number in range(60)]
    frame["discountPrice"] = [Decimal("9.99") if number % 2 else None for number in range(60)]
    frame["brand"] = "Acme"
    frame["categories"] = [["a", "b"]] * 60
    frame["customDetails.detail1"] = "linen"
    frame["active"] = True
    frame.salesmanago.upsert_products(catalog, **QUIET)
    return frame


@pytest.fixture
def stored(sandbox, catalog):
    """What the server holds, byte for byte."""
    return lambda: json.dumps(sandbox.products(catalog.id), sort_keys=True, default=str)


def product(sandbox, catalog, product_id):
    return next(one for one in sandbox.products(catalog.id) if one["productId"] == product_id)


def changes(*ids, **columns):
    return pd.DataFrame({"productId": list(ids), **columns})


def sent_bodies(sandbox, path):
    return [request for request in sandbox.requests if request.path == path]


def test_prices_travel_by_their_own_operation_with_nothing_else(shop, sandbox, catalog):
    frame = changes("SKU-00001", "SKU-00002", price=[11.5, None], discountPrice=[None, 5.0])
    report = frame.salesmanago.update_prices(catalog, **QUIET)
    assert (report.sent, report.requests) == (2, 1)
    assert len(sent_bodies(sandbox, "/v3/product/updatePrice")) == 1
    first, second = product(sandbox, catalog, "SKU-00001"), product(sandbox, catalog, "SKU-00002")
    assert (first["price"], first["discountPrice"]) == (Decimal("11.50"), Decimal("9.99"))
    assert (second["price"], second["discountPrice"]) == (Decimal("10.02"), Decimal("5.00"))
    assert first["name"] == "Product 1"


def test_a_reduction_ends_only_where_its_field_is_named(shop, sandbox, catalog):
    frame = changes("SKU-00001", discountPrice=[None], price=[11])
    frame.salesmanago.update_prices(catalog, **QUIET)
    assert product(sandbox, catalog, "SKU-00001")["discountPrice"] == Decimal("9.99")
    frame.salesmanago.update_prices(catalog, clear=["discountPrice"], **QUIET)
    assert "discountPrice" not in product(sandbox, catalog, "SKU-00001")


def test_quantities_travel_by_their_own_operation(shop, sandbox, catalog):
    changes("SKU-00003", quantity=[0]).salesmanago.update_quantities(catalog, **QUIET)
    assert len(sent_bodies(sandbox, "/v3/product/updateQuantity")) == 1
    assert product(sandbox, catalog, "SKU-00003")["quantity"] == 0


def test_a_patch_fills_in_what_is_stored(shop, sandbox, catalog):
    frame = changes("SKU-00004", "SKU-00005", brand=["Nord", None], description=[None, "new"])
    assert frame.salesmanago.patch_products(catalog, **QUIET).sent == 2
    fourth, fifth = product(sandbox, catalog, "SKU-00004"), product(sandbox, catalog, "SKU-00005")
    assert fourth["systemDetails"]["brand"] == "Nord"
    assert (fifth["systemDetails"]["brand"], fifth["description"]) == ("Acme", "new")
    assert fourth["categories"] == ["a", "b"]
    assert fourth["price"] == Decimal("10.04")


def test_a_repair_that_changes_nothing_sends_nothing(shop, sandbox, catalog):
    before = len(sandbox.requests)
    frame = changes("SKU-00004", brand=["Acme"])
    report = frame.salesmanago.patch_products(catalog, **QUIET)
    assert (report.sent, report.unchanged, report.requests) == (0, 1, 0)
    assert len(sandbox.requests) == before


def test_after_a_repair_the_old_feed_resends_only_what_was_repaired(shop, catalog):
    changes("SKU-00004", brand=["Nord"]).salesmanago.patch_products(catalog, **QUIET)
    report = shop.salesmanago.upsert_products(catalog, **QUIET)
    assert (report.sent, report.unchanged) == (1, 59)


def test_products_go_offline_and_come_back(shop, sandbox, catalog):
    frame = changes("SKU-00001", "SKU-00002")
    frame.salesmanago.deactivate(catalog, **QUIET)
    gone = product(sandbox, catalog, "SKU-00001")
    assert (gone["available"], gone["active"]) == (False, False)
    frame.salesmanago.activate(catalog, **QUIET)
    back = product(sandbox, catalog, "SKU-00001")
    assert (back["available"], back["active"]) == (True, True)


def test_an_unknown_product_is_refused_with_the_reason_and_not_with_its_missing_fields(shop, sandbox, catalog):
    frame = changes("SKU-00001", "SKU-99999", brand=["Nord", "Nord"])
    frame.index = ["x", "y"]
    with pytest.raises(PreflightFailed) as failed:
        frame.salesmanago.patch_products(catalog, **QUIET)
    issues = failed.value.report.issues
    assert issues["reason_code"].tolist() == [16]
    assert issues["index"].tolist() == ["y"]
    assert "is in no upload of this machine" in issues["message"][0]
    report = frame.salesmanago.patch_products(catalog, errors="skip", **QUIET)
    assert report.rows["status"].tolist() == ["sent", "refused"]
    assert report.rows["reason_code"].tolist() == [pd.NA, 16]
    assert len(sandbox.products(catalog.id)) == 60


@pytest.mark.parametrize(
    ("frame", "call", "words"),
    [
        (pd.DataFrame({"price": [1]}), "update_prices", "needs a productId column"),
        (pd.DataFrame({"productId": ["SKU-00001"]}), "update_prices", "price or discountPrice"),
        (pd.DataFrame({"productId": ["SKU-00001"], "price": [1]}), "update_quantities", "needs productId and quantity"),
        (pd.DataFrame({"productId": ["SKU-00001"], "categories.1": ["x"]}), "patch_products", "lists in one column"),
    ],
)
def test_a_frame_that_can_not_be_a_repair_says_why(shop, sandbox, catalog, frame, call, words):
    before = len(sandbox.requests)
    with pytest.raises(UsageError, match=words):
        getattr(frame.salesmanago, call)(catalog, **QUIET)
    assert len(sandbox.requests) == before


def test_a_price_column_of_text_is_an_error_to_the_cell(shop, catalog):
    with pytest.raises(PreflightFailed) as failed:
        changes("SKU-00001", price=["12,99 zł"]).salesmanago.update_prices(catalog, **QUIET)
    assert failed.value.report.issues[["field", "value", "reason_code"]].values.tolist() == [["price", "12,99 zł", 14]]


def test_the_diff_names_every_value_that_differs(shop, catalog):
    frame = changes("SKU-00001", "SKU-00002", "SKU-00003", price=[99.0, None, 10.03], brand=["Acme", "Nord", None])
    diff = frame.salesmanago.diff(catalog)
    found = diff.changes[["productId", "field", "before", "after"]].astype(object).values.tolist()
    assert found == [["SKU-00001", "price", 10.01, 99.0], ["SKU-00002", "systemDetails.brand", "Acme", "Nord"]]
    assert (diff.new, diff.unchanged, diff.refused, diff.known) == (0, 1, 0, 60)
    assert "1 x price" in repr(diff)
    assert "<table>" in diff._repr_html_()
    assert len(diff.plot().axes) == 2


def test_a_field_that_a_row_leaves_out_is_no_change(shop, catalog):
    without = shop.drop(columns=["brand", "categories", "customDetails.detail1"])
    assert without.salesmanago.diff(catalog).changes.empty
    without.loc[0, "name"] = "Another"
    diff = without.salesmanago.diff(catalog)
    assert diff.changes[["productId", "field", "after"]].to_numpy().tolist() == [["SKU-00000", "name", "Another"]]
    assert (diff.changed, diff.unchanged) == (1, 59)
    assert list(without.salesmanago.plan_products(catalog).changes()["field"]) == ["name"]


def test_the_diff_shows_a_reduction_that_would_end(shop, catalog):
    frame = pd.DataFrame({"productId": ["SKU-00001", "SKU-00003"], "discountPrice": [None, "9.99"]})
    frame["discountPrice"] = frame["discountPrice"].map(Decimal, na_action="ignore")
    changes = frame.salesmanago.diff(catalog, clear=["discountPrice"]).changes
    assert ["SKU-00001", 9.99, None] in changes.loc[changes["field"] == "discountPrice"].iloc[
        :, [1, 3, 4]
    ].values.tolist()
    assert frame.salesmanago.diff(catalog).changes.empty


def test_what_the_ledger_gave_back_is_a_repair_again_empty_cells_and_all(shop, sandbox, catalog):
    known = catalog.products()[["productId", "price", "discountPrice", "available"]].head(2)
    assert known["discountPrice"].isna().tolist() == [True, False]
    known["price"] = known["price"] + Decimal("1.00")
    assert known.salesmanago.patch_products(catalog, **QUIET).sent == 2
    assert product(sandbox, catalog, "SKU-00000")["price"] == 11


def test_the_diff_of_a_whole_feed_counts_new_products(shop, catalog, make_frame):
    diff = make_frame(3, start=100).salesmanago.diff(catalog)
    assert (diff.new, len(diff.changes)) == (3, 0)


def test_the_html_of_a_diff_is_escaped(shop, catalog):
    frame = changes("SKU-00001", description=["<img src=x onerror=alert(1)>"])
    assert "<img" not in frame.salesmanago.diff(catalog)._repr_html_()


def test_prices_that_jump_are_asked_about(shop, sandbox, catalog):
    frame = changes(*shop["productId"][:30], price=[9999] * 30)
    diff = frame.salesmanago.diff(catalog)
    assert diff.outliers.alerts == ("30 prices change by more than a factor of 2",)
    assert diff.outliers.price_jumps["productId"].tolist()[0] == "SKU-00000"
    before = len(sandbox.requests)
    with pytest.raises(ConfirmationNeeded, match="allow_outliers=True"):
        frame.salesmanago.update_prices(catalog, **QUIET)
    assert len(sandbox.requests) == before
    assert frame.salesmanago.update_prices(catalog, allow_outliers=True, **QUIET).sent == 30


def test_a_catalog_that_goes_dark_is_asked_about(shop, catalog):
    frame = shop[["productId"]].head(30)
    with pytest.raises(ConfirmationNeeded, match="30 of 60 known products go offline"):
        frame.salesmanago.deactivate(catalog, **QUIET)
    assert shop[["productId"]].head(12).salesmanago.deactivate(catalog, **QUIET).sent == 12


def test_thresholds_can_be_set(shop, catalog):
    frame = changes("SKU-00001", price=[13])
    assert frame.salesmanago.diff(catalog).outliers.alerts == ()
    strict = Thresholds(price_factor=1.1, least=1)
    assert frame.salesmanago.diff(catalog, thresholds=strict).outliers.alerts == (
        "1 prices change by more than a factor of 1.1",
    )


def test_three_repairs_and_their_undo_leave_the_server_as_it_was(shop, catalog, stored):
    before = stored()
    changes("SKU-00001", "SKU-00002", price=[11.5, 12.5]).salesmanago.update_prices(catalog, **QUIET)
    changes("SKU-00003", brand=["Nord"]).salesmanago.patch_products(catalog, **QUIET)
    shop[["productId"]].head(5).salesmanago.deactivate(catalog, **QUIET)
    assert stored() != before
    third, second, first = catalog.runs()["run"].tolist()[:0:-1]
    for run in (third, second, first):
        catalog.restore(run).send(progress=False)
    assert stored() == before


def test_an_undo_clears_what_the_run_added_where_the_api_can(shop, catalog, stored):
    before = stored()
    frame = changes("SKU-00002", discountPrice=[5.0])
    frame.salesmanago.update_prices(catalog, **QUIET)
    catalog.undo().send(progress=False)
    assert stored() == before


def test_an_undo_says_what_it_can_not_bring_back(shop, catalog, make_frame):
    changes("SKU-00002", description=["new"]).salesmanago.patch_products(catalog, **QUIET)
    plan = catalog.undo()
    assert any("can't clear description" in note for note in plan.notes)
    make_frame(2, start=70).salesmanago.upsert_products(catalog, **QUIET)
    plan = catalog.undo()
    assert any("2 products were new" in note for note in plan.notes)
    assert "note: 2 products were new" in repr(plan)
    assert "changed outside this machine" in plan._repr_html_()


def test_products_that_a_run_created_go_offline_when_it_is_undone(shop, sandbox, catalog, make_frame):
    make_frame(1, start=70).salesmanago.upsert_products(catalog, **QUIET)
    catalog.undo().send(progress=False)
    created = product(sandbox, catalog, "SKU-00070")
    assert (created["available"], created["active"]) == (False, False)


def test_an_undo_can_be_undone(shop, catalog, stored):
    changes("SKU-00001", price=[11.5]).salesmanago.update_prices(catalog, **QUIET)
    changed = stored()
    catalog.undo().send(progress=False)
    catalog.undo().send(progress=False)
    assert stored() == changed


def test_a_run_whose_products_changed_again_is_restored_only_when_told_so(shop, sandbox, catalog):
    changes("SKU-00001", price=[11.5]).salesmanago.update_prices(catalog, **QUIET)
    run = int(catalog.runs()["run"].iloc[-1])
    changes("SKU-00001", price=[12.5]).salesmanago.update_prices(catalog, **QUIET)
    with pytest.raises(ConfirmationNeeded, match="over_later=True"):
        catalog.restore(run)
    catalog.restore(run, over_later=True).send(progress=False)
    assert product(sandbox, catalog, "SKU-00001")["price"] == Decimal("10.01")


def test_a_run_that_there_is_not_names_those_there_are(shop, catalog):
    with pytest.raises(UsageError, match="has no run 999; the latest are"):
        catalog.restore(999)


def test_undo_of_nothing_says_so(catalog):
    with pytest.raises(UsageError, match="no run that sent anything"):
        catalog.undo()


def test_an_adopted_catalog_needs_no_upload(connect, sandbox, make_frame, monkeypatch, tmp_path):
    other = connect().create_catalog("Other tool", "EUR", "other")
    frame = make_frame(150)
    frame.salesmanago.upsert_products(other, **QUIET)
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "another machine"))
    other = connect().catalog("Other tool")
    before = len(sandbox.requests)
    other.adopt(frame)
    assert frame.salesmanago.upsert_products(other, **QUIET).unchanged == 150
    assert len(sandbox.requests) == before
    changes("SKU-00149", brand=["Nord"]).salesmanago.patch_products(other, **QUIET)
    assert product(sandbox, other, "SKU-00149")["systemDetails"] == {"brand": "Nord"}
    assert other.runs()["operation"].tolist() == ["adopt", "patch"]


def test_what_the_api_would_refuse_can_not_be_what_is_stored(catalog, make_frame):
    frame = make_frame(2)
    frame.loc[0, "name"] = None
    with pytest.raises(PreflightFailed, match="Nothing was noted"):
        catalog.adopt(frame)
    assert len(catalog.products()) == 0


def test_what_another_upload_has_under_way_is_adopted_once_it_has_ended(catalog, make_frame):
    frame = make_frame(150)
    with open_book(catalog) as book:
        run = book.start_run("upsert")
        sent = book.record_sent(run, ["SKU-00149"], [fingerprint(b"{}")], [b"{}"])
        with pytest.raises(LedgerError, match=r"under way.*once more when it has ended"):
            catalog.adopt(frame)
        assert len(catalog.products()) == 0
        book.record_receipt(sent, Receipt(state=RequestState.REFUSED))
        book.finish_run(run, RunTotals(rows=1, refused=1))
    catalog.adopt(frame)
    assert len(catalog.products()) == 150
    assert catalog.runs()["state"].tolist() == ["finished", "interrupted", "finished"]


@pytest.mark.parametrize("suffix", [".md", ".json", ".csv"])
def test_a_run_is_written_down_for_a_ticket(shop, catalog, tmp_path, suffix):
    changes("SKU-00001", price=[11.5]).salesmanago.update_prices(catalog, **QUIET)
    path = catalog.write_record(tmp_path / f"run{suffix}", who="Ola", why="TICKET-7 wrong price")
    text = path.read_text(encoding="utf-8")
    assert "SKU-00001" in text
    assert "11.50" in text
    if suffix == ".json":
        record = json.loads(text)
        assert (record["who"], record["operation"], record["sent"]) == ("Ola", "update prices", 1)
        assert record["changes"] == [{"productId": "SKU-00001", "field": "price", "before": "10.01", "after": "11.50"}]
    if suffix == ".md":
        assert "- why: TICKET-7 wrong price" in text


def test_a_record_of_another_kind_is_refused(shop, catalog, tmp_path):
    with pytest.raises(UsageError, match=r"end the file's name in \.md, \.json, \.csv"):
        catalog.write_record(tmp_path / "run.docx")


def test_a_record_can_not_be_made_to_run_or_disguise_anything(shop, catalog, tmp_path):
    frame = changes("SKU-00001", description=["=cmd|x <script>alert(1)</script> \u202e [a](http://x)"])
    frame.salesmanago.patch_products(catalog, **QUIET)
    markdown = catalog.write_record(tmp_path / "run.md").read_text(encoding="utf-8")
    assert "<script>" not in markdown.replace("\\<", "")
    assert "\u202e" not in markdown
    assert "'=cmd" in catalog.write_record(tmp_path / "run.csv").read_text(encoding="utf-8")


def test_a_price_update_whose_answer_was_lost_is_sent_again_by_the_same_call(shop, sandbox, catalog, stored):
    frame = changes("SKU-00001", price=[11.5])
    sandbox.faults.add(FaultKind.COMMIT_THEN_SILENCE, endpoint="/v3/product/updatePrice", seconds=0.05)
    with pytest.raises(UploadFailed) as failed:
        frame.salesmanago.update_prices(catalog, **QUIET)
    assert failed.value.report.unknown == 1
    sandbox.faults.clear()
    assert frame.salesmanago.update_prices(catalog, **QUIET).sent == 1
    assert product(sandbox, catalog, "SKU-00001")["price"] == Decimal("11.50")
    assert frame.salesmanago.update_prices(catalog, **QUIET).requests == 0


def test_two_repairs_of_one_product_end_with_the_later_one(shop, sandbox, catalog):
    first = changes("SKU-00001", price=[11.5]).salesmanago.plan_patch(catalog)
    changes("SKU-00001", price=[12.5]).salesmanago.update_prices(catalog, **QUIET)
    with pytest.raises(sm.errors.PlanOutdated):
        first.send(progress=False)
    assert product(sandbox, catalog, "SKU-00001")["price"] == Decimal("12.50")


def test_a_price_update_ends_no_reduction_that_a_later_upload_left_out(shop, sandbox, catalog):
    shop.drop(columns="discountPrice").assign(brand="Nord").salesmanago.upsert_products(catalog, **QUIET)
    changes("SKU-00001", price=[11.5]).salesmanago.update_prices(catalog, **QUIET)
    assert product(sandbox, catalog, "SKU-00001")["discountPrice"] == Decimal("9.99")


def test_how_a_field_is_cleared_is_no_change_of_its_own(shop, catalog):
    frame = changes("SKU-00001", price=[11.5], discountPrice=[None])
    frame.salesmanago.update_prices(catalog, clear=["discountPrice"], **QUIET)
    diff = shop.head(2).salesmanago.diff(catalog)
    assert sorted(diff.changes["field"]) == ["discountPrice", "price"]


def test_what_was_never_answered_for_is_in_the_changes(shop, sandbox, catalog):
    frame = changes("SKU-00001", price=[11.5])
    sandbox.faults.add(FaultKind.COMMIT_THEN_SILENCE, endpoint="/v3/product/updatePrice", seconds=0.05)
    with pytest.raises(UploadFailed):
        frame.salesmanago.update_prices(catalog, **QUIET)
    assert frame.salesmanago.plan_patch(catalog).changes()["field"].tolist() == ["price"]


def test_when_no_product_is_known_nothing_else_is_said(catalog):
    with pytest.raises(PreflightFailed) as failed:
        changes("SKU-00001", price=[11.5]).salesmanago.update_prices(catalog, **QUIET)
    assert failed.value.report.issues["reason_code"].tolist() == [16]


@pytest.mark.parametrize("act", ["patch_products", "update_prices"])
def test_what_another_upload_sends_after_a_repair_was_planned_stays(shop, sandbox, catalog, connect, monkeypatch, act):
    """The repair is filled up with what was stored when it was planned; a row of it would put that back.

    Found by 200 steps of processes, seed 399574.
    """
    other, honest = connect().catalog("Shop EU"), Book.start_run
    newer = shop.head(2).assign(name="newer")

    def start_run(book, operation, **options):
        if operation != "upsert":
            monkeypatch.setattr(Book, "start_run", honest)
            newer.salesmanago.upsert_products(other, allow_overwrite=True, **QUIET)
        return honest(book, operation, **options)

    monkeypatch.setattr(Book, "start_run", start_run)
    frame = changes("SKU-00001", "SKU-00005", price=[11.5, 11.5])
    with pytest.raises(UploadFailed) as failed:
        getattr(frame.salesmanago, act)(catalog, allow_outliers=True, **QUIET)
    report = failed.value.report
    assert report.rows["status"].tolist() == ["refused", "sent"]
    assert "filled up with what was stored" in repr(report)
    assert product(sandbox, catalog, "SKU-00001")["name"] == "newer"
    assert getattr(frame.salesmanago, act)(catalog, allow_outliers=True, **QUIET).sent == 1
    stored = product(sandbox, catalog, "SKU-00001")
    assert (stored["name"], stored["price"]) == ("newer", Decimal("11.50"))
    assert catalog.products().set_index("productId").loc["SKU-00001", "name"] == "newer"
