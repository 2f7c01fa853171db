"""Old history is given back; what is stored today, what is in doubt and events are not."""

import json
from hashlib import blake2b

import pytest

from smnotebook.ledger import AccountNames, Claimed, Ledger, Receipt, Refusal, RequestState, RunTotals

DAY = 86_400.0
ACKNOWLEDGED = Receipt(state=RequestState.ACKNOWLEDGED, status=200)


class Clock:
    now = 1_000 * DAY

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock):
    with Ledger.open(tmp_path / "ledger.db", clock=clock) as opened:
        yield opened


def send(book, products, receipt=ACKNOWLEDGED):
    """One run of one request."""
    run = book.start_run("upsert")
    payloads = [json.dumps(product).encode() for product in products]
    fingerprints = [blake2b(payload, digest_size=16).digest() for payload in payloads]
    request = book.record_sent(run, [product["productId"] for product in products], fingerprints, payloads)
    book.record_receipt(request, receipt)
    book.finish_run(run, RunTotals())
    return run


def sent(book, *, until_run=None):
    return [(one.run, one.product_id, json.loads(one.payload)) for one in book.sent_products(until_run=until_run)]


def test_what_later_runs_overwrote_goes_and_what_is_stored_stays(ledger, clock):
    book = ledger.book("api.example.com", "cat-1")
    for price in (1, 2, 3):
        last_old = send(book, [{"productId": "a", "price": price}, {"productId": "b", "price": price}])
    before = list(book.known())
    clock.now += 400 * DAY
    newer = [send(book, [{"productId": "a", "price": price}]) for price in (4, 5)]
    assert ledger.prune().requests == 2
    assert sent(book) == [
        (last_old, "a", {"productId": "a", "price": 3}),
        (last_old, "b", {"productId": "b", "price": 3}),
        (newer[0], "a", {"productId": "a", "price": 4}),
        (newer[1], "a", {"productId": "a", "price": 5}),
    ]
    assert book.pruned_run == last_old
    assert [known.product_ids for known in before] == [known.product_ids for known in book.known()]
    assert json.loads(book.payloads(["b"])["b"])["price"] == 3
    assert [run.requests for run in book.runs()] == [1] * 5  # the runs themselves, and their figures, stay
    assert ledger.prune().requests == 0


@pytest.mark.parametrize(
    ("later", "goes"),
    [
        ({"price": 2, "color": "red"}, True),
        ({"price": 2}, False),
        ({"price": 2, "color": None}, True),
        ({"price": 2, "setAsNull": ["color"]}, True),
        ({"color": "red"}, False),
    ],
)
def test_a_field_that_nothing_later_speaks_of_keeps_its_request(ledger, clock, later, goes):
    """An absent key leaves what is stored: the earlier sending is the only one that knows the colour."""
    book = ledger.book("api.example.com", "cat-1")
    send(book, [{"productId": "a", "price": 1, "color": "blue"}])
    send(book, [{"productId": "a"} | later])
    clock.now += 400 * DAY
    assert ledger.prune().requests == int(goes)


def test_nested_fields_are_told_apart(ledger, clock):
    book = ledger.book("api.example.com", "cat-1")
    send(book, [{"productId": "a", "systemDetails": {"brand": "x"}}])
    send(book, [{"productId": "a", "systemDetails": {"season": "y"}}])
    send(book, [{"productId": "a", "setAsNull": ["detail1"]}])
    send(book, [{"productId": "a", "systemDetails": {"brand": "z"}, "customDetails": {"detail1": "w"}}])
    clock.now += 400 * DAY
    assert ledger.prune().requests == 2  # the first and the third: the second's season stands alone


def test_recent_history_stays(ledger, clock):
    book = ledger.book("api.example.com", "cat-1")
    for price in (1, 2, 3):
        send(book, [{"productId": "a", "price": price}])
    clock.now += 100 * DAY
    assert ledger.prune().requests == 0
    assert ledger.prune(keep_days=50).requests == 2


def test_what_is_in_doubt_stays_and_what_was_refused_goes(ledger, clock):
    book = ledger.book("api.example.com", "cat-1")
    send(book, [{"productId": "a"}], Receipt(state=RequestState.UNKNOWN))
    send(book, [{"productId": "b"}], Receipt(state=RequestState.REFUSED, status=400))
    partly = Receipt(state=RequestState.ACKNOWLEDGED, refusals={"c": Refusal()})
    send(book, [{"productId": "c"}, {"productId": "d"}], partly)
    clock.now += 400 * DAY
    assert ledger.prune().requests == 1
    assert book.in_doubt() == {"a"}
    assert [list(known.product_ids) for known in book.known()] == [["d"]]


def test_an_event_is_known_for_good(ledger, clock):
    book = ledger.event_book(AccountNames(names=("account",)))
    run = book.start_run("add_event")
    book.record_receipt(book.claim(run, ["e"], [b"f" * 16], contacts=[b"c" * 16]), ACKNOWLEDGED)
    clock.now += 4_000 * DAY
    ledger.prune()
    assert isinstance(book.claim(book.start_run("add_event"), ["e"], [b"f" * 16], contacts=[b"c" * 16]), Claimed)


def test_idle_sandboxes_are_forgotten_and_shops_are_not(ledger, clock):
    idle = ledger.book("sandbox@0123456789ab", "cat-1")
    shop = ledger.book("api.example.com", "cat-1")
    for book in (idle, shop):
        send(book, [{"productId": "a", "name": "x" * 100_000}])
    clock.now += 40 * DAY
    busy = ledger.book("sandbox@ba9876543210", "cat-1")
    send(busy, [{"productId": "a"}])
    pruned = ledger.prune()
    assert (pruned.sandboxes, pruned.freed_bytes > 90_000) == (1, True)
    assert (list(idle.known()), idle.runs()) == ([], [])
    assert (shop.count_known(), busy.count_known()) == (1, 1)
