"""An upload from call to report: resume, interrupts, the quota, history."""

import io
import os
import signal
import threading
from decimal import Decimal

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.contract import Operation
from smnotebook.errors import ConfirmationNeeded, PreflightFailed, UploadFailed, UsageError
from smnotebook.frame.batches import SLAB_ROWS
from smnotebook.frame.encoding import encode_rows
from smnotebook.upload import Progress, ProgressLine, upload_products
from smnotebook.wire import RequestsTransport

UPSERT = "/v3/product/upsert"


def test_faults_the_contract_knows_cost_no_request(sandbox, catalog, make_frame):
    frame = make_frame(10_000)
    frame.loc[frame.index[::200], "price"] = -1
    report = upload_products(frame, catalog, errors="skip")
    assert (report.sent, report.refused) == (9_950, 50)
    assert report.requests == sum(request.path == UPSERT for request in sandbox.requests) == 100


def test_rejected_rows_come_back_as_they_were_and_can_be_mended(catalog, make_frame):
    frame = make_frame(10).set_index(pd.Index(list("abcdefghij"), name="letter"))
    frame.loc["c", "price"] = -1
    report = upload_products(frame, catalog, errors="skip")
    rejected = report.rejected
    assert rejected.index.tolist() == ["c"]
    assert rejected.dtypes[frame.columns].equals(frame.dtypes)
    mended = report.retry(rejected.assign(price=1.0))
    assert (mended.sent, len(mended.rows)) == (1, 1)


class Interrupting(RequestsTransport):
    """Interrupts the upload, as Ctrl-C does, when so many of its requests are about to leave."""

    def __init__(self, requests):
        super().__init__()
        self._left = requests

    def send(self, method, url, **request):
        if url.endswith(UPSERT):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGINT)
        return super().send(method, url, **request)


def test_an_interrupt_returns_the_report_and_the_next_call_goes_on(connect, make_frame):
    catalog = connect(transport=Interrupting(requests=8)).create_catalog("Shop EU", "EUR", "shop_eu")
    frame = make_frame(3_000)
    report = upload_products(frame, catalog)
    assert report.is_interrupted
    assert 800 <= report.sent < 3_000
    assert report.sent + report.unsent == 3_000
    assert "goes on from here" in repr(report)
    assert report.rows.loc[report.rows["status"] == "unsent", "message"].notna().all()
    again = upload_products(frame, catalog)
    assert (again.sent, again.unchanged) == (report.unsent, report.sent)
    assert catalog.runs()["state"].tolist() == ["interrupted", "finished"]


def test_an_interrupt_that_finds_everything_on_its_way_interrupts_nothing(connect, make_frame):
    catalog = connect(transport=Interrupting(requests=3)).create_catalog("Shop EU", "EUR", "shop_eu")
    report = upload_products(make_frame(300), catalog)
    assert (report.sent, report.is_interrupted) == (300, False)
    assert catalog.runs()["state"].tolist() == ["finished"]


def test_an_interrupt_is_answered_inside_a_wait_for_the_quota(connect, sandbox, make_frame):
    """Real time: the quota would make this upload wait for an hour."""
    client = connect(plan="custom", hourly_limit=4)
    catalog = client.create_catalog("Shop", "EUR", "shop")
    seen = []

    def interrupt(progress):
        seen.append(progress)
        if progress.quota_wait_seconds > 60 and len([one for one in seen if one.quota_wait_seconds > 60]) == 1:
            os.kill(os.getpid(), signal.SIGINT)

    report = upload_products(make_frame(1_000), catalog, progress=interrupt)
    assert report.is_interrupted
    assert (report.sent, report.unsent) == (300, 700)
    assert any("for the quota" in str(progress) for progress in seen)
    assert report.seconds < 10


def test_another_thread_may_upload_too(catalog, make_frame):
    reports = []
    threads = [
        threading.Thread(target=lambda start=start: reports.append(upload_products(make_frame(500, start), catalog)))
        for start in (0, 500)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.sent for report in reports) == [500, 500]
    assert len(catalog.products()) == 1_000


def test_two_uploads_of_the_same_products_at_once_end_in_one_of_them(sandbox, catalog, make_frame):
    names, reports = ("first", "second"), []
    threads = [
        threading.Thread(
            target=lambda name=name: reports.append(
                upload_products(make_frame(1_000, name=name), catalog, errors="skip", allow_overwrite=True)
            )
        )
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = {product["productId"]: product["name"] for product in sandbox.products(catalog.id)}
    known = catalog.products().set_index("productId")["name"].to_dict()
    assert stored == known
    assert all(report.sent + report.unchanged + report.refused == 1_000 for report in reports)


def test_profiles_do_not_mix(connect, sandbox, make_frame):
    first = connect().create_catalog("Shop", "EUR", "shop")
    upload_products(make_frame(10), first)
    with sm.Sandbox(seed=0) as other:
        second = sm.connect(base_url=other.url, api_key=other.api_key).create_catalog("Shop", "EUR", "shop")
        assert upload_products(make_frame(10), second).sent == 10
        assert len(second.runs()) == 1


def test_what_is_stored_can_be_taken_back_as_of_any_run(catalog, make_frame):
    frame = make_frame(20)
    upload_products(frame, catalog)
    upload_products(frame.assign(price=7.25, description="new"), catalog)
    first, second = catalog.runs()["run"]
    now = catalog.products()
    assert now["price"].tolist() == [Decimal("7.25")] * 20
    before = catalog.as_of(first)
    assert "description" not in before
    assert [float(price) for price in before["price"]] == frame["price"].tolist()
    assert catalog.as_of(second).equals(now)
    with pytest.raises(UsageError, match="no run 99"):
        catalog.as_of(99)
    report = upload_products(before, catalog)
    assert report.sent == 20
    assert catalog.products()["price"].tolist() == before["price"].tolist()


def test_cleared_fields_are_gone_from_what_is_stored(catalog, make_frame):
    upload_products(make_frame(3, discountPrice=0.5), catalog)
    assert catalog.products()["discountPrice"].tolist() == [Decimal("0.50")] * 3
    upload_products(make_frame(3, discountPrice=[None, 0.25, None]), catalog, clear=["discountPrice"])
    assert catalog.products()["discountPrice"].isna().tolist() == [True, False, True]


def test_the_history_of_a_product_tells_refusals_too(sandbox, catalog, make_frame):
    upload_products(make_frame(3), catalog)
    sandbox.faults.add("refuse_batch", endpoint=UPSERT, product_ids=("SKU-00001",), field="name", reason_code=18)
    with pytest.raises(UploadFailed):
        upload_products(make_frame(3, price=2), catalog)
    history = catalog.history("SKU-00001")
    assert history["state"].iloc[0] == "acknowledged"
    assert set(history["state"].iloc[1:]) == {"refused"}
    assert history["reason_code"].iloc[-1] == 18
    assert history["payload"].iloc[-1]["productId"] == "SKU-00001"
    assert catalog.history("nobody").empty
    assert catalog.runs()[["sent", "refused"]].to_numpy().tolist() == [[3, 0], [2, 1]]


def test_a_report_can_be_drawn_and_written(catalog, make_frame, tmp_path):
    frame = make_frame(300)
    frame.loc[5, "name"] = None
    report = upload_products(frame, catalog, errors="skip")
    assert len(report.attempts) == 3
    report.plot().savefig(tmp_path / "upload.png")
    report.to_csv(tmp_path / "rejected.csv")
    assert len(pd.read_csv(tmp_path / "rejected.csv")) == 1
    again = upload_products(frame, catalog, errors="skip")
    again.plot().savefig(tmp_path / "nothing.png")


def test_progress_rewrites_one_line_and_says_how_it_ended():
    now, stream = [0.0], io.StringIO()
    line = ProgressLine(stream, clock=lambda: now[0])
    moment = {"rows": 1_000, "requests": 10}
    line(Progress(rows_settled=0, requests_answered=0, **moment))
    assert stream.getvalue() == ""  # what is over within a second needs no line
    now[0] = 2.0
    line(Progress(rows_settled=100, requests_answered=1, seconds_left=130.0, quota_left=7, **moment))
    line(Progress(rows_settled=200, requests_answered=2, **moment))
    now[0] = 3.0
    line(Progress(rows_settled=1_000, requests_answered=10, is_finished=True, **moment))
    first, last = stream.getvalue().strip("\r\n").split("\r")
    assert first == "100 of 1,000 rows, request 1/10, quota left 7, about 2 min 10 s left"
    assert last.rstrip() == "1,000 of 1,000 rows, request 10/10, done"
    assert stream.getvalue().count("\n") == 1


def test_progress_is_told_to_whoever_listens(catalog, make_frame):
    seen = []
    upload_products(make_frame(1_000), catalog, progress=seen.append)
    assert seen[-1].is_finished
    assert (seen[-1].rows_settled, seen[-1].requests_answered) == (1_000, 10)
    assert [progress.rows_settled for progress in seen] == sorted(progress.rows_settled for progress in seen)


def test_a_report_without_progress_prints_nothing(catalog, make_frame, capsys):
    upload_products(make_frame(100), catalog, progress=False)
    assert capsys.readouterr().out == ""


def test_house_rules_guard_an_upload_too(sandbox, catalog, make_frame):
    frame = make_frame(3)
    frame.loc[1, "price"] = 0.5
    rules = sm.rules("price >= 0.9")
    with pytest.raises(PreflightFailed, match=r"breaks the house rule price >= 0\.9"):
        frame.salesmanago.upsert_products(catalog, rules=rules)
    report = frame.salesmanago.upsert_products(catalog, rules=rules, errors="skip")
    assert report.rows["status"].tolist() == ["sent", "refused", "sent"]


def test_a_long_upload_writes_some_hundred_lines_an_hour():
    now, stream = [0.0], io.StringIO()
    line = ProgressLine(stream, clock=lambda: now[0])
    for second in range(3_600):
        now[0] = float(second)
        line(Progress(rows_settled=second, rows=9_999, requests_answered=1, requests=100))
    assert 300 < stream.getvalue().count("\r") < 500


def test_nobody_is_sent_while_the_server_asks_for_patience(sandbox, catalog, make_frame):
    """Real time: one request is answered by 429 and Retry-After; the other connections wait, too."""
    sandbox.faults.add("throttled", endpoint=UPSERT, requests=(5,), retry_after=1)
    report = upload_products(make_frame(6_000), catalog)
    assert report.sent == 6_000
    upserts = [request for request in sandbox.requests if request.path == UPSERT]
    (busy,) = [request for request in upserts if request.fault == "throttled"]
    meanwhile = [request for request in upserts if busy.at < request.at < busy.at + 0.95]
    assert len(meanwhile) <= 3  # those that were under way
    assert [mark.status for mark in report.attempts].count(429) == 1


def test_the_first_request_leaves_before_the_last_rows_are_encoded(connect, make_frame, monkeypatch):
    """Of a catalog of which nothing is known: what is sent there is new, whatever the later rows hold."""
    encoded, at_first = [], []

    def encode(table, positions, **options):
        encoded.append(len(positions))
        return encode_rows(table, positions, **options)

    class Noting(RequestsTransport):
        def send(self, method, url, **request):
            if url.endswith(Operation.UPSERT_PRODUCTS.path) and not at_first:
                at_first.append(sum(encoded))
            return super().send(method, url, **request)

    monkeypatch.setattr("smnotebook.frame.batches.encode_rows", encode)
    catalog = connect(transport=Noting()).create_catalog("Shop EU", "EUR", "shop_eu")
    frame = make_frame(20_000)
    assert frame.salesmanago.upsert_products(catalog, progress=False).sent == 20_000
    assert at_first[0] <= 2 * SLAB_ROWS  # the second is encoded while the first leaves
    assert sum(encoded) == 20_000  # and none twice
    with pytest.raises(ConfirmationNeeded, match="allow_overwrite=True"):
        frame.assign(name="all of them other").salesmanago.upsert_products(catalog, progress=False)
