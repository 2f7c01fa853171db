"""A plan says what an upload would do; sending it does that and nothing else."""

import pandas as pd
import pytest

from smnotebook.errors import ConfirmationNeeded, PlanOutdated, PreflightFailed, UsageError
from smnotebook.upload import plan_products, upload_products

UPSERT = "/v3/product/upsert"


def upserts(sandbox):
    return sum(request.path == UPSERT for request in sandbox.requests)


def kinds(plan):
    names = ("new", "changed", "unsettled", "forced", "unchanged", "refused", "duplicates")
    return {name: getattr(plan, name) for name in names if getattr(plan, name)}


def test_a_first_plan_is_all_new_and_sends_nothing(sandbox, catalog, make_frame):
    plan = plan_products(make_frame(250), catalog)
    assert kinds(plan) == {"new": 250}
    assert (plan.requests, plan.to_send) == (3, 250)
    assert plan.payload_bytes > 250 * 100
    assert upserts(sandbox) == 0


def test_a_plan_is_sent_as_it_was_shown(sandbox, catalog, make_frame):
    plan = plan_products(make_frame(250), catalog)
    report = plan.send()
    assert (report.sent, report.requests, upserts(sandbox)) == (250, 3, 3)


def test_the_same_frame_again_costs_nothing(sandbox, catalog, make_frame):
    upload_products(make_frame(250), catalog)
    report = upload_products(make_frame(250), catalog)
    assert (report.unchanged, report.requests, upserts(sandbox)) == (250, 0, 3)


@pytest.mark.parametrize(
    "alter",
    [
        lambda frame: frame.sample(frac=1, random_state=3),
        lambda frame: frame.set_axis(range(1_000, 1_250)),
        lambda frame: frame[sorted(frame.columns)],
        lambda frame: frame.assign(price=frame["price"].astype("float64").round(2)),
        lambda frame: frame.assign(quantity=frame["quantity"].astype("Int16")),
        lambda frame: frame.convert_dtypes(),
        lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
        lambda frame: frame.assign(description=None),
        lambda frame: frame.astype({"mainCategory": "category"}),
    ],
    ids=["order", "index", "columns", "rounded", "integers", "nullable", "arrow", "empty column", "category"],
)
def test_only_content_counts_as_a_change(catalog, make_frame, alter):
    frame = make_frame(250)
    upload_products(frame, catalog)
    assert kinds(plan_products(alter(frame), catalog)) == {"unchanged": 250}


def test_only_changed_rows_are_sent(sandbox, catalog, make_frame):
    frame = make_frame(1_000)
    upload_products(frame, catalog)
    frame.loc[frame.index[::50], "price"] = 5
    plan = plan_products(frame, catalog)
    assert kinds(plan) == {"changed": 20, "unchanged": 980}
    assert plan.requests == 1
    changes = plan.changes()
    assert set(changes["field"]) == {"price"}
    assert list(changes["position"]) == list(range(0, 1_000, 50))
    assert (changes["before"].iloc[0], changes["after"].iloc[0]) == (0.99, 5)
    report = plan.send()
    assert (report.sent, report.unchanged) == (20, 980)


def test_a_field_that_comes_is_a_change_and_one_that_is_left_out_is_none(catalog, make_frame):
    frame = make_frame(3)
    upload_products(frame.assign(description="soft"), catalog)
    changes = plan_products(frame.assign(categories=[["a"]] * 3), catalog).changes(1)
    assert changes["field"].tolist() == ["categories"]
    assert changes["before"].isna().tolist() == [True]
    assert changes["after"].tolist() == [["a"]]


def test_a_text_that_was_cut_is_shown_as_doubtful_and_not_sent_again(catalog, make_frame):
    """Sending it again would end the same way: the server would cut it again."""
    frame = make_frame(3).assign(description=["short", "x" * 2000, "short"])
    upload_products(frame, catalog)
    plan = plan_products(frame, catalog)
    assert (plan.requests, plan.unchanged) == (0, 3)
    assert [(row.productId, row.field) for row in plan.doubtful.itertuples()] == [
        (frame["productId"][1], "description")
    ]
    diff = frame.salesmanago.diff(catalog)
    assert list(diff.doubtful["field"]) == ["description"]
    changed = frame.assign(description=["short", "y" * 2000, "short"])
    assert plan_products(changed, catalog).changed == 1


def test_everything_is_sent_again_when_asked(catalog, make_frame):
    frame = make_frame(250)
    upload_products(frame, catalog)
    assert kinds(plan_products(frame, catalog, changed_only=False)) == {"forced": 250}
    assert kinds(plan_products(frame, catalog, force=["SKU-00007"])) == {"forced": 1, "unchanged": 249}


def test_forcing_a_product_that_is_not_there_is_a_mistake(catalog, make_frame):
    with pytest.raises(UsageError, match="SKU-99999"):
        plan_products(make_frame(3), catalog, force=["SKU-99999"])


@pytest.mark.parametrize("options", [{"force": "SKU-1"}, {"clear": "price"}, {"clear": ["name"]}, {"errors": "ignore"}])
def test_arguments_are_held_to_what_they_take(catalog, make_frame, options):
    with pytest.raises(UsageError):
        plan_products(make_frame(3), catalog, **options)


def test_duplicates_and_refused_rows_have_their_place_in_the_sum(catalog, make_frame):
    frame = pd.concat([make_frame(5), make_frame(2)], ignore_index=True)
    frame.loc[3, "price"] = -1
    plan = plan_products(frame, catalog)
    assert kinds(plan) == {"new": 4, "duplicates": 2, "refused": 1}
    assert plan.rows["plan"].tolist() == ["new", "new", "new", "refused", "new", "copy", "copy"]
    with pytest.raises(PreflightFailed):
        plan.send()
    report = plan_products(frame, catalog, errors="skip").send()
    assert report.rows["status"].tolist() == ["sent", "sent", "sent", "refused", "sent", "sent", "sent"]


def test_a_frame_that_has_changed_since_is_not_sent(sandbox, catalog, make_frame):
    frame = make_frame(250)
    plan = plan_products(frame, catalog)
    frame.loc[7, "price"] = 3
    with pytest.raises(PlanOutdated, match="frame"):
        plan.send()
    assert upserts(sandbox) == 0


def test_a_ledger_that_has_moved_on_is_not_sent_over(sandbox, catalog, make_frame):
    plan = plan_products(make_frame(250), catalog)
    upload_products(make_frame(100), catalog)
    with pytest.raises(PlanOutdated, match="100 rows"):
        plan.send()
    assert upserts(sandbox) == 1


def test_a_plan_tells_its_figures_in_text_and_in_html(catalog, make_frame):
    upload_products(make_frame(250), catalog)
    plan = plan_products(make_frame(250, name='<b onclick="x">&'), catalog)
    assert "250 changed" in repr(plan)
    assert "3 requests" in repr(plan)
    assert "<b onclick" not in plan._repr_html_()
    assert "&lt;b onclick" in plan._repr_html_()


def test_a_plan_knows_the_quota_and_when_it_would_end(connect, sandbox, make_frame):
    client = connect(plan="custom", hourly_limit=10)
    catalog = client.create_catalog("Small", "EUR", "small")
    plan = plan_products(make_frame(1_500), catalog)
    assert plan.quota_left == 9  # the catalog was made by the tenth
    assert 3_600 < plan.seconds < 3_700
    assert "9 requests left" in repr(plan)


def test_an_empty_frame_is_asked_about(sandbox, catalog, make_frame):
    with pytest.raises(ConfirmationNeeded, match="allow_empty=True") as caught:
        upload_products(make_frame(0), catalog)
    assert caught.value.argument == "allow_empty=True"
    report = upload_products(make_frame(0), catalog, allow_empty=True)
    assert (report.sent, report.requests) == (0, 0)


def test_overwriting_most_of_a_catalog_is_asked_about(sandbox, catalog, make_frame):
    upload_products(make_frame(600), catalog)
    before = upserts(sandbox)
    with pytest.raises(ConfirmationNeeded, match="600 of the 600") as caught:
        upload_products(make_frame(600, name="oops"), catalog)
    assert caught.value.argument == "allow_overwrite=True"
    assert upserts(sandbox) == before
    upload_products(make_frame(200, name="some"), catalog)
    assert upload_products(make_frame(600, name="oops"), catalog, allow_overwrite=True).sent == 600


def test_sample_data_for_a_live_account_is_asked_about(catalog, make_frame, monkeypatch):
    monkeypatch.setattr(type(catalog.client), "is_live", True)
    with pytest.raises(ConfirmationNeeded, match="sample data"):
        upload_products(make_frame(10), catalog)
    real = make_frame(10, productUrl="https://www.obuwie-kowalski.pl/p")
    assert upload_products(real, catalog).sent == 10
