"""What a book of the ledger remembers."""

import os

import pytest

from smnotebook.ledger import Contested, Ledger, Receipt, Refusal, RequestState, RunState, RunTotals

ACKNOWLEDGED = Receipt(state=RequestState.ACKNOWLEDGED, status=200, request_id="r-1")
UNKNOWN = Receipt(state=RequestState.UNKNOWN)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


@pytest.fixture
def book(ledger):
    return ledger.book("sandbox", "cat-1")


def product(name):
    return b'{"name":"%b"}' % name.encode()


def send(book, run, content, receipt=None):
    ids, texts = list(content), [content[key].encode() for key in content]
    payloads = [product(content[key]) for key in content]
    sent = book.record_sent(run, ids, [text.ljust(16, b"\0") for text in texts], payloads)
    if receipt is not None:
        book.record_receipt(sent, receipt)
    return sent


def known(book, **options):
    pairs = [zip(part.product_ids, part.fingerprints, strict=True) for part in book.known(**options)]
    return {product_id: fingerprint.rstrip(b"\0").decode() for part in pairs for product_id, fingerprint in part}


def test_what_was_acknowledged_is_known(book):
    run = book.start_run("upsert")
    send(book, run, {"a": "1", "b": "2"}, ACKNOWLEDGED)
    assert known(book) == {"a": "1", "b": "2"}
    assert book.payloads(["b", "nobody"]) == {"b": product("2")}


@pytest.mark.parametrize("state", [RequestState.REFUSED, RequestState.UNKNOWN, RequestState.PLANNED])
def test_what_was_not_acknowledged_is_not_known(book, state):
    send(book, book.start_run("upsert"), {"a": "1"}, Receipt(state=state))
    assert known(book) == {}


def test_the_known_come_in_stretches_and_in_order(book):
    run = book.start_run("upsert")
    send(book, run, {"ż": "3", "a": "1", "Z": "2"}, ACKNOWLEDGED)
    stretches = [list(part.product_ids) for part in book.known(chunk=2)]
    assert stretches == [["Z", "a"], ["ż"]]


def test_books_of_other_accounts_and_catalogs_do_not_mix(ledger):
    content = {"a": "1"}
    first = ledger.book("sandbox", "cat-1")
    send(first, first.start_run("upsert"), content, ACKNOWLEDGED)
    for other in (ledger.book("live", "cat-1"), ledger.book("sandbox", "cat-2")):
        assert known(other) == {}
        assert other.runs() == []
        assert other.history("a") == []


def test_a_late_answer_never_puts_older_data_over_newer(book):
    run = book.start_run("upsert")
    older = send(book, run, {"a": "old"})
    newer = send(book, run, {"a": "new"})
    book.record_receipt(newer, ACKNOWLEDGED)
    book.record_receipt(older, ACKNOWLEDGED)
    assert known(book) == {"a": "new"}
    assert book.payloads(["a"]) == {"a": product("new")}


def test_a_product_refused_inside_an_accepted_request_is_not_known(book):
    refusal = Refusal(reason_code=13, field="name", message="name|is required")
    receipt = Receipt(state=RequestState.ACKNOWLEDGED, status=200, refusals={"b": refusal})
    send(book, book.start_run("upsert"), {"a": "1", "b": "2"}, receipt)
    assert known(book) == {"a": "1"}
    assert [one.product_id for one in book.sent_products()] == ["a"]
    (entry,) = book.history("b")
    assert (entry.state, entry.reason_code, entry.field) == (RequestState.REFUSED, 13, "name")


def test_what_was_sent_and_never_answered_is_in_doubt_until_it_is_answered(book):
    run = book.start_run("upsert")
    send(book, run, {"a": "1", "b": "1"}, ACKNOWLEDGED)
    sent = send(book, run, {"a": "2"})
    assert book.in_doubt() == {"a"}
    book.record_receipt(sent, UNKNOWN)
    assert book.in_doubt() == {"a"}
    send(book, run, {"a": "2"}, ACKNOWLEDGED)
    assert book.in_doubt() == frozenset()


def test_history_tells_every_sending_of_one_product(book):
    run = book.start_run("upsert")
    send(book, run, {'quo"ted': "0", "a": "1"}, ACKNOWLEDGED)
    send(book, run, {"ab": "no"}, ACKNOWLEDGED)
    send(book, run, {"a": "2"}, UNKNOWN)
    states = [(entry.payload, entry.state, entry.request_id) for entry in book.history("a")]
    assert states == [(product("1"), RequestState.ACKNOWLEDGED, "r-1"), (product("2"), RequestState.UNKNOWN, None)]
    assert len(book.history('quo"ted')) == 1
    assert book.history('ted",') == []


def test_accepted_sendings_can_be_taken_back_as_of_a_run(book):
    for text in ("1", "2"):
        run = book.start_run("upsert")
        send(book, run, {"a": text}, ACKNOWLEDGED)
        book.finish_run(run, RunTotals(rows=1, sent=1))
    first = book.runs()[0].run
    assert [one.payload for one in book.sent_products(until_run=first)] == [product("1")]
    assert [one.payload for one in book.sent_products()] == [product("1"), product("2")]


def test_many_requests_are_taken_back_in_their_order(book):
    run = book.start_run("upsert")
    for number in range(120):
        send(book, run, {f"p{number}": str(number)}, ACKNOWLEDGED)
    assert [one.payload for one in book.sent_products()] == [product(str(number)) for number in range(120)]


def test_runs_are_listed_with_their_totals(book):
    run = book.start_run("upsert")
    send(book, run, {"a": "1"}, ACKNOWLEDGED)
    totals = RunTotals(rows=3, sent=1, unchanged=1, refused=1)
    book.finish_run(run, totals, state=RunState.INTERRUPTED)
    (record,) = book.runs()
    assert (record.operation, record.state, record.requests) == ("upsert", RunState.INTERRUPTED, 1)
    assert record.totals == totals
    assert record.started_at <= record.ended_at


def test_a_finished_run_leaves_its_open_requests_unknown(book):
    run = book.start_run("upsert")
    send(book, run, {"a": "1"})
    book.finish_run(run, RunTotals(rows=1, unknown=1))
    assert [entry.state for entry in book.history("a")] == [RequestState.UNKNOWN]


def test_a_run_does_not_send_what_a_later_run_has_sent(book):
    older, newer = book.start_run("upsert"), book.start_run("upsert")
    send(book, newer, {"a": "new", "b": "new"}, ACKNOWLEDGED)
    answer = book.record_sent(older, ["a", "c"], [b"o" * 16] * 2, [b"{}"] * 2)
    assert answer == Contested(superseded=frozenset({"a"}))
    assert known(book) == {"a": "new", "b": "new"}


def test_a_run_does_not_send_what_a_later_run_is_sending(book):
    older, newer = book.start_run("upsert"), book.start_run("upsert")
    send(book, newer, {"a": "new"})
    assert book.record_sent(older, ["a"], [b"o" * 16], [b"{}"]) == Contested(superseded=frozenset({"a"}))


def test_a_later_run_waits_for_what_an_earlier_one_is_sending(book):
    older, newer = book.start_run("upsert"), book.start_run("upsert")
    sent = send(book, older, {"a": "old"})
    answer = book.record_sent(newer, ["a", "b"], [b"n" * 16] * 2, [b"{}"] * 2)
    assert answer.in_flight == {"a"}
    assert [(holder.run, holder.process) for holder in answer.holders] == [(older, os.getpid())]
    book.record_receipt(sent, ACKNOWLEDGED)
    send(book, newer, {"a": "new"}, ACKNOWLEDGED)
    assert known(book) == {"a": "new"}


def test_two_runs_with_different_products_do_not_disturb_each_other(book):
    older, newer = book.start_run("upsert"), book.start_run("upsert")
    send(book, older, {"a": "1"})
    send(book, newer, {"b": "1"}, ACKNOWLEDGED)
    send(book, older, {"c": "1"}, ACKNOWLEDGED)
    assert known(book) == {"b": "1", "c": "1"}


def test_a_product_without_a_payload_is_no_product(book):
    with pytest.raises(ValueError, match="payload"):
        book.record_sent(book.start_run("upsert"), ["a"], [b"f" * 16], [])


@pytest.mark.parametrize("product_id", ["00123", "1234", "żółw", 'a"b', "a\\b", "a\nb", "a\x00b", " a ", "🐢"])
def test_ids_come_back_as_they_went_in(book, product_id):
    send(book, book.start_run("upsert"), {product_id: "1"}, ACKNOWLEDGED)
    assert known(book) == {product_id: "1"}
    assert book.payloads([product_id]) == {product_id: product("1")}
    assert [entry.payload for entry in book.history(product_id)] == [product("1")]
    assert [one.product_id for one in book.sent_products()] == [product_id]
