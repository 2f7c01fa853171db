"""Doubt per product and field: when it begins, what it shows, when it ends."""

import json

import pytest

from smnotebook.fingerprints import fingerprint
from smnotebook.ledger import LATE_SECONDS, Contested, Ledger, Receipt, Refusal, RequestState, RunTotals

ACKNOWLEDGED = Receipt(state=RequestState.ACKNOWLEDGED, status=200)
UNKNOWN = Receipt(state=RequestState.UNKNOWN)
REFUSED = Receipt(state=RequestState.REFUSED, status=400)
PLANNED = Receipt(state=RequestState.PLANNED)


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    with Ledger.open(tmp_path / "ledger.db", clock=clock) as opened:
        yield opened


@pytest.fixture
def book(ledger):
    return ledger.book("server", "cat-1")


def send(book, *products, receipt=None, run=None, over_running=False):
    """One request; a run of its own unless one is given."""
    run = run or book.start_run("upsert")
    payloads = [json.dumps(product).encode() for product in products]
    outgoing = Outgoing([product["productId"] for product in products], payloads)
    (sent,) = book.record_sent_all(run, [outgoing], over_running=over_running)
    if receipt is not None:
        book.record_receipt(sent, receipt)
    return sent


class Outgoing:
    def __init__(self, product_ids, payloads):
        self.product_ids, self.payloads = product_ids, payloads
        self.fingerprints = [fingerprint(payload) for payload in payloads]


def a(**fields):
    return {"productId": "a", **fields}


def open_fields(book):
    return {(one.product_id, one.field): (one.acknowledged, one.attempted) for one in book.doubts()}


def test_an_unanswered_sending_leaves_what_it_would_change_in_doubt(book):
    send(book, a(name="n", price=10), receipt=ACKNOWLEDGED)
    send(book, a(name="n", price=10, discountPrice=5), receipt=UNKNOWN)
    assert open_fields(book) == {("a", "discountPrice"): (None, 5)}


def test_a_product_that_nobody_saw_accepted_is_in_doubt_itself(book):
    send(book, a(name="n", systemDetails={"brand": "b"}), receipt=UNKNOWN)
    assert open_fields(book) == {
        ("a", "productId"): (None, "a"),
        ("a", "name"): (None, "n"),
        ("a", "systemDetails.brand"): (None, "b"),
    }


def test_a_later_sending_without_the_field_settles_nothing(book, clock):
    send(book, a(price=10), receipt=ACKNOWLEDGED)
    send(book, a(price=10, discountPrice=5), receipt=UNKNOWN)
    clock.now += LATE_SECONDS + 1
    send(book, a(price=11), receipt=ACKNOWLEDGED)
    assert open_fields(book) == {("a", "discountPrice"): (None, 5)}


@pytest.mark.parametrize(("seconds", "is_settled"), [(LATE_SECONDS, False), (LATE_SECONDS + 1, True)])
def test_another_value_settles_once_the_unanswered_attempt_can_not_come_late(book, clock, seconds, is_settled):
    send(book, a(price=10), receipt=ACKNOWLEDGED)
    send(book, a(price=20), receipt=UNKNOWN)
    clock.now += seconds
    send(book, a(price=30), receipt=ACKNOWLEDGED)
    assert open_fields(book) == ({} if is_settled else {("a", "price"): (30, 20)})


def test_what_left_within_the_time_does_not_settle_by_waiting(book, clock):
    send(book, a(price=20), receipt=UNKNOWN)
    send(book, a(price=30), receipt=ACKNOWLEDGED)
    clock.now += 10 * LATE_SECONDS
    assert open_fields(book) == {("a", "price"): (30, 20)}


def test_the_same_value_leaves_nothing_to_doubt(book):
    send(book, a(price=20), receipt=UNKNOWN)
    send(book, a(price=20), receipt=ACKNOWLEDGED)
    assert book.doubts() == []


def test_an_attempt_that_comes_late_may_put_its_value_over_a_third_one(book):
    """The value was confirmed and then changed, all before the unanswered attempt could no longer be carried out."""
    send(book, a(price=20), receipt=UNKNOWN)
    send(book, a(price=20), receipt=ACKNOWLEDGED)
    send(book, a(price=30), receipt=ACKNOWLEDGED)
    assert open_fields(book) == {("a", "price"): (30, 20)}


def test_an_earlier_attempt_of_an_accepted_request_may_come_late_too(book, clock):
    send(book, a(price=20), receipt=Receipt(state=RequestState.ACKNOWLEDGED, has_open_attempts=True))
    assert book.doubts() == []
    send(book, a(price=30), receipt=ACKNOWLEDGED)
    assert open_fields(book) == {("a", "price"): (30, 20)}
    clock.now += LATE_SECONDS + 1
    send(book, a(price=40), receipt=ACKNOWLEDGED)
    assert book.doubts() == []


def test_once_it_can_not_come_late_an_attempt_of_the_known_value_is_forgotten(book, clock):
    send(book, a(price=20), receipt=Receipt(state=RequestState.ACKNOWLEDGED, has_open_attempts=True))
    clock.now += LATE_SECONDS + 1
    assert book.doubts() == []
    send(book, a(price=30), receipt=ACKNOWLEDGED)
    assert book.doubts() == []


def test_after_a_restart_only_what_has_certainly_passed_counts(tmp_path, clock):
    """The steady clock begins anew: 200 s of uptime prove no more than 200 s."""
    for uptime, is_settled in ((200.0, False), (400.0, True)):
        path = tmp_path / f"{uptime}.db"
        with Ledger.open(path, clock=clock) as ledger:
            send(ledger.book("server", "cat-1"), a(price=20), receipt=UNKNOWN)
        with Ledger.open(path, clock=lambda uptime=uptime: uptime) as ledger:
            book = ledger.book("server", "cat-1")
            send(book, a(price=30), receipt=ACKNOWLEDGED)
            assert (book.doubts() == []) is is_settled


def test_clearing_is_an_attempt_like_another(book, clock):
    send(book, a(discountPrice=5, customDetails={"detail1": "x"}), receipt=ACKNOWLEDGED)
    send(book, a(setAsNull=["discountPrice", "detail1"]), receipt=UNKNOWN)
    assert open_fields(book) == {("a", "discountPrice"): (5, None), ("a", "customDetails.detail1"): ("x", None)}
    clock.now += LATE_SECONDS + 1
    send(book, a(setAsNull=["discountPrice"]), receipt=ACKNOWLEDGED)
    assert open_fields(book) == {("a", "customDetails.detail1"): ("x", None)}


def test_what_was_accepted_before_the_last_time_is_looked_up(book):
    send(book, a(name="n", color="red"), receipt=ACKNOWLEDGED)
    send(book, a(name="m"), receipt=ACKNOWLEDGED)
    send(book, a(color="blue"), receipt=UNKNOWN)
    assert open_fields(book) == {("a", "color"): ("red", "blue")}


def test_what_never_left_leaves_no_doubt(book):
    send(book, a(price=10), receipt=PLANNED)
    assert book.doubts() == []


def test_a_product_that_the_answer_leaves_out_is_in_doubt_until_it_is_accepted(book):
    unlisted = Receipt(state=RequestState.ACKNOWLEDGED, refusals={"a": Refusal(state=RequestState.UNKNOWN)})
    send(book, a(price=1), {"productId": "b", "price": 1}, receipt=unlisted)
    assert {product_id for product_id, _ in open_fields(book)} == {"a"}
    send(book, a(price=2), receipt=ACKNOWLEDGED)  # an answer came, so nothing of it can come late
    assert book.doubts() == []


def test_a_refused_request_of_several_may_have_left_the_others_stored(book):
    run = book.start_run("upsert")
    send(book, a(price=1), {"productId": "b", "price": -1}, receipt=REFUSED, run=run)
    assert {product_id for product_id, _ in open_fields(book)} == {"a", "b"}
    send(book, a(price=1), receipt=ACKNOWLEDGED, run=run)
    send(book, {"productId": "b", "price": -1}, receipt=REFUSED, run=run)
    assert book.doubts() == []


def test_a_product_named_as_the_reason_is_not_stored(book):
    sent = send(book, a(price=1), {"productId": "b", "price": -1}, receipt=REFUSED)
    book.record_refusals(sent, {"b": Refusal(reason_code=11, field="price", message="price|min:0|")})
    assert {product_id for product_id, _ in open_fields(book)} == {"a"}
    assert book.history("b")[0].reason_code == 11


def test_a_product_refused_by_itself_is_not_stored(book):
    send(book, a(price=1), receipt=REFUSED)
    assert book.doubts() == []


def test_a_text_that_was_cut_is_not_what_was_sent(book, clock):
    cut = Receipt(state=RequestState.ACKNOWLEDGED, cut={"a": {"name": "lo"}})
    send(book, a(name="long", price=1), receipt=cut)
    assert open_fields(book) == {("a", "name"): ("long", "lo")}
    clock.now += LATE_SECONDS + 1
    assert open_fields(book) == {("a", "name"): ("long", "lo")}
    send(book, a(name="long", price=1), receipt=cut)
    assert open_fields(book) == {("a", "name"): ("long", "lo")}
    send(book, a(name="short"), receipt=ACKNOWLEDGED)
    assert book.doubts() == []


@pytest.mark.parametrize(("receipt", "is_outdated"), [(ACKNOWLEDGED, True), (UNKNOWN, True), (PLANNED, False)])
def test_what_was_filled_up_before_another_sending_would_put_older_values_back(book, receipt, is_outdated):
    """Also where that one was never answered: the server may hold its name."""
    send(book, a(name="old", price=10), receipt=ACKNOWLEDGED)
    send(book, a(name="older doubt"), receipt=UNKNOWN)  # known of when the row is filled up
    bases = book.latest_requests(["a"])
    repair = Outgoing(["a"], [json.dumps(a(name="old", price=11)).encode()])
    send(book, a(name="new"), receipt=receipt)
    (answer,) = book.record_sent_all(book.start_run("upsert"), [repair], bases=bases)
    assert (isinstance(answer, Contested) and answer.outdated == {"a"}) is is_outdated
    (again,) = book.record_sent_all(book.start_run("upsert"), [repair], bases=book.latest_requests(["a"]))
    assert not isinstance(again, Contested) or not again.outdated


def test_what_the_analyst_says_is_stored_ends_the_doubt_of_the_fields_it_names(book):
    send(book, a(price=10, quantity=1), receipt=UNKNOWN)
    send(book, a(price=11), receipt=ACKNOWLEDGED, run=book.start_run("adopt"))
    assert open_fields(book) == {("a", "quantity"): (None, 1)}


def test_a_partial_operation_speaks_of_its_own_fields_only(book, clock):
    send(book, a(name="n", price=10), receipt=ACKNOWLEDGED)
    send(book, a(name="m", price=11), receipt=UNKNOWN)
    clock.now += LATE_SECONDS + 1
    prices = book.start_run("update prices", fields=["price", "discountPrice"])
    send(book, a(name="n", price=12), receipt=ACKNOWLEDGED, run=prices)
    assert open_fields(book) == {("a", "name"): ("n", "m")}


def test_an_update_proves_nothing_of_a_product_that_may_not_be_there(book, clock):
    send(book, a(price=10, quantity=1), receipt=UNKNOWN)
    clock.now += LATE_SECONDS + 1
    send(book, a(quantity=2), receipt=ACKNOWLEDGED, run=book.start_run("update quantities", fields=["quantity"]))
    assert book.count_known() == 0
    assert set(open_fields(book)) == {("a", "productId"), ("a", "price"), ("a", "quantity")}


def test_an_unanswered_update_leaves_its_own_fields_in_doubt(book):
    send(book, a(name="n", price=10, quantity=1), receipt=ACKNOWLEDGED)
    run = book.start_run("update quantities", fields=["quantity"])
    send(book, a(name="other", price=11, quantity=2), receipt=UNKNOWN, run=run)
    assert open_fields(book) == {("a", "quantity"): (1, 2)}


def test_what_is_under_way_is_in_doubt(book):
    send(book, a(price=10), receipt=ACKNOWLEDGED)
    sent = send(book, a(price=20))
    assert open_fields(book) == {("a", "price"): (10, 20)}
    book.record_receipt(sent, ACKNOWLEDGED)
    assert book.doubts() == []


def test_a_deleted_catalog_has_nothing_known_and_nothing_in_doubt(book):
    send(book, a(price=10), receipt=ACKNOWLEDGED)
    send(book, a(price=20), receipt=UNKNOWN)
    book.forget()
    assert book.doubts() == []
    assert (book.count_known(), list(book.sent_products())) == (0, [])
    assert len(book.runs()) == 2
    send(book, a(name="n"), receipt=ACKNOWLEDGED)
    send(book, a(price=30), receipt=UNKNOWN)
    assert open_fields(book) == {("a", "price"): (None, 30)}


def test_amounts_stay_exact(book):
    payload = b'{"productId":"a","price":12345678901234567.89}'
    run = book.start_run("upsert")
    book.record_receipt(book.record_sent(run, ["a"], [fingerprint(payload)], [payload]), UNKNOWN)
    (price,) = [one.attempted for one in book.doubts() if one.field == "price"]
    assert str(price) == "12345678901234567.89"


# --- two runs at once ---------------------------------------------------------------------------------------------


def other_book(path, clock):
    """The same catalog as another process sees it."""
    ledger = Ledger.open(path, clock=clock)
    return ledger, ledger.book("server", "cat-1")


def test_no_clock_makes_a_living_run_lost(ledger, book, clock):
    older = book.start_run("upsert")
    sent = send(book, a(price=1), run=older)
    clock.now += 1e9
    other, theirs = other_book(ledger.path, lambda: 5.0)
    with other:
        answer = send(theirs, a(price=2))
        assert isinstance(answer, Contested)
        assert [holder.run for holder in answer.holders] == [older]
        assert book.is_still_own(sent)
        assert [record.state for record in theirs.runs()] == ["running", "running"]


def test_a_run_whose_ledger_is_closed_is_lost(ledger, book, clock):
    other, theirs = other_book(ledger.path, clock)
    send(theirs, a(price=1))
    other.close()
    send(book, a(price=2), receipt=ACKNOWLEDGED)
    assert [record.state for record in book.runs()] == ["lost", "running"]
    assert open_fields(book) == {("a", "price"): (2, 1)}


def test_who_is_overrun_must_not_send_any_more_and_stays_in_doubt_until_it_ends(ledger, book, clock):
    older = book.start_run("upsert")
    sent = send(book, a(price=1), run=older)
    other, theirs = other_book(ledger.path, clock)
    with other:
        send(theirs, a(price=2), receipt=ACKNOWLEDGED, over_running=True)
        assert not book.is_still_own(sent)
        clock.now += 10 * LATE_SECONDS
        send(theirs, a(price=3), receipt=ACKNOWLEDGED)  # however late: the other run is alive
        assert open_fields(theirs) == {("a", "price"): (3, 1)}
        book.finish_run(older, RunTotals())
        clock.now += LATE_SECONDS + 1
        send(theirs, a(price=4), receipt=ACKNOWLEDGED)
        assert theirs.doubts() == []


@pytest.mark.parametrize(("receipt", "left"), [(ACKNOWLEDGED, {("a", "price"): (2, 1)}), (PLANNED, {}), (REFUSED, {})])
def test_the_answer_to_who_was_overrun_tells_what_it_can(ledger, book, clock, receipt, left):
    """Accepted: nobody knows which of the two was carried out last."""
    sent = send(book, a(price=1))
    other, theirs = other_book(ledger.path, clock)
    with other:
        send(theirs, a(price=2), receipt=ACKNOWLEDGED, over_running=True)
        book.record_receipt(sent, receipt)
        assert open_fields(theirs) == left
        send(theirs, a(price=3), receipt=ACKNOWLEDGED)
        assert theirs.doubts() == []


def test_a_lock_file_that_is_deleted_makes_its_run_lost_and_the_run_sees_it(ledger, book, clock):
    sent = send(book, a(price=1))
    for lock in ledger.path.with_name(f"{ledger.path.name}-runs").iterdir():
        lock.unlink()
    other, theirs = other_book(ledger.path, clock)
    with other:
        send(theirs, a(price=2), receipt=ACKNOWLEDGED)
        assert not book.is_still_own(sent)


def test_locks_leave_no_files_behind(ledger, book, clock):
    folder = ledger.path.with_name(f"{ledger.path.name}-runs")
    send(book, a(price=1))
    assert len(list(folder.iterdir())) == 1
    ledger.close()
    assert list(folder.iterdir()) == []
