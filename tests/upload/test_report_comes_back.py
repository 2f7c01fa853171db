"""Nothing that only shows, restores or closes costs the report; neither does an interrupt, whenever it comes."""

import os
import pickle
import signal
import threading
import time
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from smnotebook.errors import BadAnswer, LedgerError, ServerUnreachable, UploadFailed, UsageError
from smnotebook.ledger import Book, Ledger
from smnotebook.ledger.database import Database
from smnotebook.upload import upload_products
from smnotebook.upload.batch import Batch
from smnotebook.upload.interrupt import Interrupts, stop_on_interrupt
from smnotebook.upload.mishaps import Mishaps
from smnotebook.upload.product_channel import ProductChannel
from smnotebook.upload.progress import ProgressLine
from smnotebook.wire import RequestsTransport

UPSERT = "/v3/product/upsert"


def mishaps_of(report):
    return [found.message for found, _ in report.warnings if found.reason_code is None]


def test_a_progress_callback_that_raises_is_left_out_and_named(catalog, make_frame):
    seen = []

    def watch(progress):
        seen.append(progress)
        raise ZeroDivisionError("no rows")

    report = upload_products(make_frame(500), catalog, progress=watch)
    assert (report.sent, len(seen)) == (500, 1)
    (said,) = mishaps_of(report)
    assert said.startswith("The progress display failed and was switched off (ZeroDivisionError: no rows).")
    assert said in repr(report)


def test_a_callback_interrupted_by_hand_stops_the_run(catalog, make_frame):
    def watch(progress):
        raise KeyboardInterrupt

    report = upload_products(make_frame(5_000), catalog, progress=watch)
    assert report.is_interrupted
    assert report.sent + report.unsent == 5_000


def test_no_console_is_no_fault(monkeypatch):
    monkeypatch.setattr("sys.stdout", None)
    line = ProgressLine(after_seconds=0.0)
    from smnotebook.upload.progress import Progress

    line(Progress(rows_settled=1, rows=1, requests_answered=1, requests=1))


@pytest.mark.parametrize(
    ("owner", "method", "word"),
    [
        (Book, "finish_run", "The end of the run could not be written into the ledger"),
        (Ledger, "close", "The ledger could not be closed"),
        (Ledger, "forget_sandboxes", "The records of idle sandboxes could not be tidied away"),
    ],
)
def test_a_ledger_that_fails_at_the_end_is_a_warning(catalog, make_frame, monkeypatch, owner, method, word):
    plan = make_frame(100).salesmanago.plan_products(catalog)
    real, calls = getattr(owner, method), []

    def fail(self, *arguments, **options):
        calls.append(method)
        real(self, *arguments, **options)
        if method != "close" or len(calls) == 2:  # planning closes it first
            raise LedgerError("the disk is full")

    monkeypatch.setattr(owner, method, fail)
    report = plan.send(progress=False)
    assert report.sent == 100
    assert any(word in message for message in mishaps_of(report))


def test_a_receipt_that_can_t_be_written_does_not_hide_what_was_accepted(catalog, make_frame, monkeypatch):
    def full(self, sent, receipt):
        raise LedgerError("the disk is full")

    monkeypatch.setattr(Book, "record_receipt", full)
    with pytest.raises(UploadFailed) as failed:
        upload_products(make_frame(1_000), catalog, errors="skip", progress=False)
    report = failed.value.report
    assert report.sent > 0
    assert report.sent + report.unsent == 1_000
    assert "disk is full" in repr(report)


@pytest.mark.parametrize("is_full_at_the_end", [True, False], ids=["full to the end", "room again at the end"])
@pytest.mark.parametrize("left", [True, False], ids=["answered", "never left"])
def test_receipts_that_a_full_disk_refused_are_written_when_the_ledger_is_used_again(
    catalog, make_frame, monkeypatch, left, is_full_at_the_end
):
    """What was answered is known, and what never left is not in doubt."""
    honest, is_full = Database.transaction, threading.Event()

    @contextmanager
    def transaction(database, **options):
        if is_full.is_set():
            raise LedgerError("the disk is full")
        with honest(database, **options) as connection:
            yield connection

    def send(channel, batch, **options):
        is_full.set()
        if not left:
            raise ServerUnreachable("refused", maybe_received=False)
        return real(channel, batch, **options)

    real, finish = ProductChannel.send, Book.finish_run

    def finish_run(book, *arguments, **options):
        if not is_full_at_the_end:
            is_full.clear()
        return finish(book, *arguments, **options)

    monkeypatch.setattr(Database, "transaction", transaction)
    monkeypatch.setattr(ProductChannel, "send", send)
    monkeypatch.setattr(Book, "finish_run", finish_run)
    with pytest.raises(UploadFailed) as failed:
        upload_products(make_frame(10), catalog, errors="skip", progress=False)
    report = failed.value.report
    is_full.clear()
    assert (report.sent, report.unsent) == ((10, 0) if left else (0, 10))
    assert len(catalog.doubtful()) == 0
    assert len(catalog.products()) == report.sent


# --- interrupts --------------------------------------------------------------------------------------------------


def test_the_first_interrupt_stops_and_the_second_abandons():
    with stop_on_interrupt(Mishaps()) as interrupts:
        os.kill(os.getpid(), signal.SIGINT)
        assert (interrupts.stop.is_set(), interrupts.abandon.is_set()) == (True, False)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.abandon.is_set()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_c_code_is_left_where_it_is(monkeypatch):
    monkeypatch.setattr(signal, "getsignal", lambda number: None)
    monkeypatch.setattr(signal, "signal", lambda *_: pytest.fail("changed"))
    with stop_on_interrupt(Mishaps()) as interrupts:
        assert not interrupts.stop.is_set()


def test_a_handler_that_can_t_be_put_back_is_a_mishap(monkeypatch):
    mishaps, real = Mishaps(), signal.signal
    with stop_on_interrupt(mishaps):
        monkeypatch.setattr(signal, "signal", lambda *_: (_ for _ in ()).throw(TypeError("C code")))
    monkeypatch.undo()
    real(signal.SIGINT, signal.default_int_handler)
    assert [found.severity for found in mishaps.found] == ["warning"]
    assert "could not be put back (TypeError: C code)" in mishaps.found[0].message


def test_an_interrupt_while_planning_sends_nothing_and_says_so(catalog, make_frame, sandbox, monkeypatch):
    from smnotebook.upload import products

    real = products.check_table

    def interrupted(*arguments, **options):
        os.kill(os.getpid(), signal.SIGINT)
        return real(*arguments, **options)

    monkeypatch.setattr(products, "check_table", interrupted)
    report = upload_products(make_frame(300), catalog, progress=False)
    assert (report.unsent, report.is_interrupted, report.run) == (300, True, None)
    assert report.rows["message"].notna().all()
    assert [request for request in sandbox.requests if request.path == UPSERT] == []


class Stuck(RequestsTransport):
    """The first product's request interrupts twice; none is answered before it is let go."""

    def __init__(self, noted):
        super().__init__()
        self.go_on = threading.Event()
        self._noted = noted
        self._first = threading.Lock()

    def send(self, method, url, **request):
        if url.endswith(UPSERT) and not self.go_on.is_set():
            # from one thread only: an interrupt that came after the upload's end would be the tests' own
            if self._first.acquire(blocking=False):
                os.kill(os.getpid(), signal.SIGINT)
                self._noted.wait(30)  # two signals at once would be one
                os.kill(os.getpid(), signal.SIGINT)
            self.go_on.wait(30)
        return super().send(method, url, **request)


def test_a_second_interrupt_waits_for_nothing(connect, make_frame, monkeypatch):
    noted, note = threading.Event(), Interrupts.note

    def note_and_say_so(interrupts):
        note(interrupts)
        noted.set()

    monkeypatch.setattr(Interrupts, "note", note_and_say_so)
    transport = Stuck(noted)
    catalog = connect(transport=transport).create_catalog("Shop EU", "EUR", "shop_eu")
    started = time.monotonic()
    report = upload_products(make_frame(3_000), catalog, progress=False)
    assert time.monotonic() - started < 10
    transport.go_on.set()
    assert report.is_interrupted
    assert report.unknown in (100, 200, 300, 400)
    assert report.unknown + report.unsent == 3_000
    assert "second interrupt" in repr(report)
    again = upload_products(make_frame(3_000), catalog, progress=False)
    assert again.sent == 3_000


# --- what a report keeps -----------------------------------------------------------------------------------------


def test_a_report_keeps_its_rows_whatever_becomes_of_the_frame(catalog, make_frame):
    frame = make_frame(300)
    frame.loc[[3, 7], "name"] = ""
    report = upload_products(frame, catalog, errors="skip", progress=False)
    before = report.rows
    frame._update_inplace(frame.sort_values("price", ascending=False, ignore_index=True))  # as inplace=True did
    frame.loc[:, "productId"] = "gone"
    del frame["quantity"]
    assert report.rejected["productId"].tolist() == ["SKU-00003", "SKU-00007"]
    assert "quantity" in report.rejected
    pd.testing.assert_frame_equal(report.rows, before)


def test_a_pickled_report_can_be_asked_and_can_not_send(catalog, make_frame):
    frame = make_frame(5)
    frame.loc[1, "name"] = None
    report = upload_products(frame, catalog, errors="skip", progress=False)
    packed = pickle.dumps(report)
    for confidential in catalog.client.connection.authentication.confidential:
        assert confidential.get_secret_value().encode() not in packed
    assert b"Client" not in packed
    arrived = pickle.loads(packed)  # noqa: S301 - our own, some lines ago
    assert repr(arrived) == repr(report)
    pd.testing.assert_frame_equal(arrived.rejected, report.rejected)
    with pytest.raises(UsageError, match="upsert_products"):
        arrived.retry(arrived.rejected.assign(name="Lamp"))
    assert report.retry(report.rejected.assign(name="Lamp")).sent == 1


def test_the_frame_is_not_held_twice(catalog, make_frame):
    frame = make_frame(1_000)
    report = upload_products(frame, catalog, progress=False)
    assert report.frame is not frame
    assert np.shares_memory(report.frame["price"].to_numpy(), frame["price"].to_numpy())
    assert report._refused_rows.empty


# --- sizes -------------------------------------------------------------------------------------------------------


def batch(*sizes):
    numbers = range(len(sizes))
    return Batch(
        positions=pd.RangeIndex(len(sizes)).to_numpy(),
        keys=[str(n) for n in numbers],
        fingerprints=[b"f"] * len(sizes),
        payloads=[b"x" * (size - 1) for size in sizes],
    )


@pytest.mark.parametrize(
    ("sizes", "most", "parts"),
    [
        ([10, 10, 10], 30, [["0", "1", "2"]]),
        ([10, 10, 10], 29, [["0", "1"], ["2"]]),
        ([10, 10, 10], 20, [["0", "1"], ["2"]]),
        ([10, 50, 10], 20, [["0"], ["2"], ["1"]]),
        ([50], 20, [["0"]]),
        ([10, 10], 1, [["0"], ["1"]]),
    ],
)
def test_a_batch_is_cut_by_bytes_and_what_is_too_large_comes_last(sizes, most, parts):
    assert [list(part.keys) for part in batch(*sizes).cut_to(most)] == parts


def test_one_product_too_large_by_itself_costs_no_other(connect, make_frame):
    class Narrow(RequestsTransport):
        """Takes requests of up to 15 kB."""

        def send(self, method, url, *, body, **request):
            if url.endswith(UPSERT) and len(body) > 15_000:
                raise BadAnswer("too large", status=413)
            return super().send(method, url, body=body, **request)

    catalog = connect(transport=Narrow()).create_catalog("Shop EU", "EUR", "shop_eu")
    frame = make_frame(300).assign(description="d" * 500)
    frame.loc[150, "description"] = "d" * 16_000
    with pytest.raises(UploadFailed) as failed:
        upload_products(frame, catalog, errors="skip", progress=False)
    report = failed.value.report
    assert (report.sent, report.unsent, report.refused) == (299, 1, 0)
    assert report.rows["status"].iloc[150] == "unsent"
    assert "too large" in report.rows["message"].iloc[150]
    assert report.requests < 40


def test_interrupts_note():
    interrupts = Interrupts()
    interrupts.note()
    assert (interrupts.stop.is_set(), interrupts.abandon.is_set()) == (True, False)
    interrupts.note()
    assert interrupts.abandon.is_set()
