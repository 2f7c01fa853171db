"""One account, whatever it is called: found by any of its names, carried over from older ledgers, merged."""
# ruff: noqa: S608 - statements of the tests' own making

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smnotebook.errors import LedgerError
from smnotebook.fingerprints import fingerprint
from smnotebook.ledger import AccountNames, Claimed, Ledger, Receipt, RequestState

VERSIONS = Path(__file__).parent / "versions"
ACKNOWLEDGED = Receipt(state=RequestState.ACKNOWLEDGED, status=200)


def names(*given, former=()):
    return AccountNames(names=given, former=former)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


def left(ledger, account, limit=10):
    with ledger.quota(account, limit=limit) as quota:
        return quota.left


def take(ledger, account, times):
    with ledger.quota(account, limit=10) as quota:
        for _ in range(times):
            quota.take()


def test_any_name_in_common_is_the_same_account(path):
    with Ledger.open(path) as ledger:
        take(ledger, names("key:1", "catalog:a"), 3)
        assert left(ledger, names("key:2", "catalog:a")) == 7
        assert left(ledger, names("key:2")) == 10  # nobody has been seen under both yet
        take(ledger, names("key:2", "catalog:a"), 1)
        assert left(ledger, names("key:2")) == 6


def test_two_accounts_that_turn_out_to_be_one_share_what_either_has_sent(path):
    with Ledger.open(path) as ledger:
        take(ledger, names("key:1"), 4)
        take(ledger, names("key:2"), 5)
        take(ledger, names("key:2", "key:1"), 1)
        assert {left(ledger, names("key:1")), left(ledger, names("key:2"))} == {0}


def test_events_of_both_are_known_once_they_are_one(path):
    with Ledger.open(path) as ledger:
        for name, key in (("key:1", "first"), ("key:2", "second")):
            book = ledger.event_book(names(name))
            run = book.start_run("add_events")
            book.record_receipt(book.claim(run, [key], [b"f" * 16], contacts=[b"c" * 16]), ACKNOWLEDGED)
        joined = ledger.event_book(names("key:1", "key:2"))
        assert joined.past(["first", "second"]).accepted.keys() == {"first", "second"}


def test_a_run_that_goes_on_while_its_account_is_merged_writes_into_the_right_book(path):
    with Ledger.open(path) as one, Ledger.open(path) as other:
        going_on = one.event_book(names("key:2"))
        run = going_on.start_run("add_events")
        other.event_book(names("key:1"))
        joined = other.event_book(names("key:1", "key:2"))
        going_on.record_receipt(going_on.claim(run, ["late"], [b"f" * 16], contacts=[b"c" * 16]), ACKNOWLEDGED)
        again = joined.claim(joined.start_run("add_events"), ["late"], [b"f" * 16], contacts=[b"c" * 16])
        assert isinstance(again, Claimed)


def test_a_name_of_an_earlier_version_is_taken_over_once(path):
    with Ledger.open(path) as ledger:
        take(ledger, names("name:live@host"), 4)
        assert left(ledger, names("key:1", former=("name:live@host",))) == 6
        take(ledger, names("key:1", former=("name:live@host",)), 1)
        assert left(ledger, names("key:2", former=("name:live@host",))) == 10


# --- older ledgers ------------------------------------------------------------------------------------------------


def old_ledger(path, statements=""):
    old = sqlite3.connect(path)
    old.executescript((VERSIONS / "v5.sql").read_text(encoding="utf-8"))
    old.executescript(statements)
    old.close()


def payload(**fields):
    return ('{"productId":"a",' + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}").encode()


def request(number, book, state, content, run=1):
    return f"""
        INSERT INTO requests VALUES ({number}, {run}, {book}, '{state}', 1, {number}.0, {number}.5, 1, 200, 'r', 0);
        INSERT INTO manifests VALUES ({number}, '["a"]', X'{fingerprint(content).hex()}');
        INSERT INTO payloads VALUES ({number}, X'{content.hex()}');
    """


def test_two_profiles_of_one_server_had_two_books_of_one_catalog(path):
    old_ledger(
        path,
        """
        INSERT INTO books VALUES (2, 'live@api.example.com', 'cat-9', 0), (3, 'shop@api.example.com', 'cat-9', 0);
        INSERT INTO runs VALUES (2, 2, 'upsert', 'finished', 1, '0', 1.0, 1.0, 2.0, 1, 1, 0, 0, 0);
        INSERT INTO runs VALUES (3, 3, 'upsert', 'finished', 1, '0', 1.0, 1.0, 2.0, 1, 1, 0, 0, 0);
        """
        + request(2, 2, "acknowledged", payload(price=1), run=2)
        + request(3, 3, "acknowledged", payload(price=2), run=3),
    )
    with Ledger.open(path) as ledger:
        book = ledger.book("api.example.com", "cat-9")
        assert book.payloads(["a"]) == {"a": payload(price=2)}
        assert [record.run for record in book.runs()] == [2, 3]


def test_quota_that_was_spent_before_the_ledger_was_brought_up_to_date_stays_spent(path):
    now = time.time()
    old_ledger(
        path,
        f"""
        INSERT INTO quota_grants VALUES ('live@api.example.com', 7, {now}, 'x');
        INSERT INTO quota_grants VALUES ('live@api.example.com', 8, {now}, 'x');
        INSERT INTO quota_grants VALUES ('shop@api.example.com', 1, {now}, 'y');
        INSERT INTO books VALUES (2, 'live@api.example.com', 'cat-9', 0), (3, 'shop@api.example.com', 'cat-9', 0);
        """,
    )
    with Ledger.open(path) as ledger:
        assert left(ledger, names("key:1", former=("name:live@api.example.com",))) == 7
        assert left(ledger, names("key:1", "catalog:api.example.com/cat-9")) == 7


def test_what_an_older_ledger_left_unanswered_is_in_doubt_by_field(path):
    old_ledger(
        path,
        request(2, 1, "acknowledged", payload(price=1, quantity=1))
        + request(3, 1, "unknown", payload(price=2, quantity=2, discountPrice=1))
        + request(4, 1, "acknowledged", payload(price=3)),
    )
    with Ledger.open(path) as ledger:
        doubts = {one.field: (one.acknowledged, one.attempted) for one in ledger.book("sandbox", "cat-1").doubts()}
    assert doubts == {"quantity": (1, 2), "discountPrice": (None, 1)}


def test_an_older_ledger_is_copied_first(path):
    old_ledger(path)
    Ledger.open(path).close()
    copy = sqlite3.connect(path.with_name("ledger.db.version-5"))
    assert copy.execute("PRAGMA user_version").fetchone() == (5,)
    assert copy.execute("SELECT account FROM books").fetchall() == [("sandbox",)]
    copy.close()


def test_an_older_ledger_is_left_alone_while_an_upload_of_the_older_version_goes_on(path):
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        old_ledger(
            path,
            "INSERT INTO runs VALUES (2, 1, 'upsert', 'running', "
            f"{sleeper.pid}, '0', {time.time()}, {time.time()}, NULL, NULL, NULL, NULL, NULL, NULL);",
        )
        with pytest.raises(LedgerError, match=f"process {sleeper.pid} is sending"):
            Ledger.open(path)
        old = sqlite3.connect(path)
        assert old.execute("PRAGMA user_version").fetchone() == (5,)
        old.close()
    finally:
        sleeper.communicate(b"\n")
    Ledger.open(path).close()  # now that it has ended
