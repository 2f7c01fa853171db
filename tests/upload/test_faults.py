"""The fault matrix: each fault at each stage of an upload, against the sandbox over real HTTP."""

import pytest

from smnotebook.errors import AuthenticationFailed, UploadFailed
from smnotebook.sandbox import FaultKind
from smnotebook.upload import plan_products, upload_products

UPSERT = "/v3/product/upsert"
ROWS, REQUESTS = 550, 6
#: Which of the six requests meets the fault.
STAGES = {"first": (1,), "middle": (3,), "last": (6,), "two in a row": (2, 3)}
#: What a fault needs besides its kind.
SETTINGS = {
    FaultKind.LATENCY: {"seconds": 0.05},
    FaultKind.SLOW: {"seconds": 0.0005},
    FaultKind.COMMIT_THEN_SILENCE: {"seconds": 0.05},
}
#: Faults after which the same request is simply made again; the others are answers that refuse.
PASSING = set(FaultKind) - {
    FaultKind.FLAT_ERROR,
    FaultKind.WRONG_REASON,
    FaultKind.REFUSE_BATCH,
    FaultKind.ACCEPT_PARTLY,
}


def add_up(report, rows=ROWS):
    assert report.sent + report.unchanged + report.refused + report.unknown + report.unsent == rows
    return report


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", FaultKind, ids=lambda kind: kind.wire_name)
def test_a_fault_that_passes_costs_no_row(sandbox, catalog, make_frame, kind, stage):
    frame = make_frame(ROWS)
    sandbox.faults.add(kind, endpoint=UPSERT, requests=STAGES[stage], **SETTINGS.get(kind, {}))
    report = add_up(upload_products(frame, catalog))
    assert report.sent == ROWS
    assert stored_in(sandbox, catalog) == stored_as(frame)
    if kind in PASSING:
        assert report.requests == REQUESTS
    again = upload_products(frame, catalog)
    assert (again.unchanged, again.requests) == (ROWS, 0)


def stored_as(frame):
    return {row.productId: (row.name, f"{row.price:.2f}") for row in frame.itertuples()}


def stored_in(sandbox, catalog):
    return {p["productId"]: (p["name"], f"{p['price']:.2f}") for p in sandbox.products(catalog.id)}


@pytest.mark.parametrize(
    "kind", sorted(PASSING - {FaultKind.LATENCY, FaultKind.SLOW}, key=lambda kind: kind.name), ids=lambda k: k.wire_name
)
def test_a_fault_that_stays_leaves_rows_unknown_and_the_next_call_mends_it(sandbox, catalog, make_frame, kind):
    frame = make_frame(ROWS)
    sandbox.faults.add(kind, endpoint=UPSERT, **SETTINGS.get(kind, {}))
    with pytest.raises(UploadFailed) as caught:
        upload_products(frame, catalog)
    report = add_up(caught.value.report)
    assert (report.sent, report.refused) == (0, 0)
    assert report.unknown >= 400  # four requests without an answer, and nobody hopes for more
    sandbox.faults.clear()
    plan = plan_products(frame, catalog)
    assert plan.new + plan.unsettled == ROWS
    assert add_up(plan.send()).sent == ROWS
    assert stored_in(sandbox, catalog) == stored_as(frame)


@pytest.mark.parametrize("kind", [FaultKind.REFUSE_BATCH, FaultKind.ACCEPT_PARTLY], ids=lambda kind: kind.wire_name)
@pytest.mark.parametrize("guilty", [(0,), (99, 100), (3, 250, 549), tuple(range(0, 550, 50))])
def test_products_the_server_refuses_come_back_alone(sandbox, catalog, make_frame, kind, guilty):
    frame = make_frame(ROWS)
    ids = tuple(frame["productId"].iloc[list(guilty)])
    sandbox.faults.add(kind, endpoint=UPSERT, product_ids=ids, reason_code=18, field="productUrl")
    with pytest.raises(UploadFailed) as caught:
        upload_products(frame, catalog)
    report = add_up(caught.value.report)
    assert list(report.rejected["productId"]) == list(ids)
    assert (report.sent, report.unknown) == (ROWS - len(ids), 0)
    assert set(report.rows.loc[list(guilty), "reason_code"]) == {18}
    assert set(stored_in(sandbox, catalog)) == set(frame["productId"]) - set(ids)


def test_a_revoked_key_is_said_at_once(sandbox, catalog, make_frame):
    sandbox.faults.add("flat_error", endpoint=UPSERT, reason_code=10)
    with pytest.raises(AuthenticationFailed) as caught:
        upload_products(make_frame(5_000), catalog)
    assert isinstance(caught.value, UploadFailed)
    assert (caught.value.report.unsent, caught.value.report.refused) == (5_000, 0)
    assert len([request for request in sandbox.requests if request.path == UPSERT]) <= 4


def test_skip_skips_bad_rows_and_no_outage(sandbox, catalog, make_frame):
    sandbox.faults.add("unavailable", endpoint=UPSERT)
    with pytest.raises(UploadFailed) as failed:
        upload_products(make_frame(1_000), catalog, errors="skip")
    report = failed.value.report
    assert (report.unknown, report.unsent) == (400, 600)
    assert "4 requests, 24 attempts" in repr(report)
    assert report.rows["message"].notna().all()


@pytest.mark.parametrize("seed", range(5))
def test_many_faults_at_once_change_nothing_in_the_end(sandbox, catalog, make_frame, seed):
    """A tenth of all requests meets some fault, again and again."""
    frame = make_frame(3_000, start=seed)
    for kind in ("unavailable", "throttled", "cut_answer", "commit_then_cut", "truncated", "wrong_reason"):
        sandbox.faults.add(kind, endpoint=UPSERT, rate=0.02)
    try:
        report = upload_products(frame, catalog, errors="skip")
    except UploadFailed as failed:
        report = failed.report
    if report.sent < 3_000:
        sandbox.faults.clear()
        report = upload_products(frame, catalog)
    assert report.sent + report.unchanged == 3_000
    assert stored_in(sandbox, catalog) == stored_as(frame)
