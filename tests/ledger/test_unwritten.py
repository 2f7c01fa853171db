"""Receipts that could not be written when they came: written later, by the process that has them, into their file."""

import os
from contextlib import contextmanager

import pytest

from smnotebook.errors import LedgerError
from smnotebook.ledger import Contested, Ledger, Receipt, RequestState, RunTotals
from smnotebook.ledger.database import Database

PRODUCT = (["a"], [b"f" * 16], [b'{"productId":"a","price":1}'])
ACKNOWLEDGED = Receipt(state=RequestState.ACKNOWLEDGED, status=200)
NEVER_LEFT = Receipt(state=RequestState.PLANNED)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def disk(monkeypatch):
    """``with disk():`` the disk is full."""
    honest, full = Database.transaction, []

    @contextmanager
    def transaction(database, **options):
        if full:
            raise LedgerError("the disk is full")
        with honest(database, **options) as connection:
            yield connection

    @contextmanager
    def fill():
        full.append(True)
        yield
        full.clear()

    monkeypatch.setattr(Database, "transaction", transaction)
    return fill


def leave_unwritten(path, disk, receipt):
    """A run that ends on a full disk."""
    with Ledger.open(path) as ledger:
        book = ledger.book("server", "cat-1")
        run = book.start_run("upsert")
        sent = book.record_sent(run, *PRODUCT)
        with disk():
            with pytest.raises(LedgerError):
                book.record_receipt(sent, receipt)
            with pytest.raises(LedgerError):
                book.finish_run(run, RunTotals(rows=1))


def state_of(path):
    with Ledger.open(path) as ledger:
        book = ledger.book("server", "cat-1")
        book.start_run("upsert")  # whose process is gone is lost from here on
        (entry,) = book.history("a")
        return entry.state, len(book.doubts()), book.count_known()


@pytest.mark.parametrize(("receipt", "known"), [(ACKNOWLEDGED, 1), (NEVER_LEFT, 0)])
def test_the_next_use_of_the_ledger_writes_them(path, disk, receipt, known):
    leave_unwritten(path, disk, receipt)
    assert state_of(path) == (receipt.state, 0, known)
    assert state_of(path) == (receipt.state, 0, known)


def test_the_end_of_the_run_writes_them_where_there_is_room_again(path, disk):
    with Ledger.open(path) as ledger:
        book = ledger.book("server", "cat-1")
        run = book.start_run("upsert")
        sent = book.record_sent(run, *PRODUCT)
        with disk(), pytest.raises(LedgerError):
            book.record_receipt(sent, NEVER_LEFT)
        book.finish_run(run, RunTotals(rows=1, unsent=1))
        assert (book.history("a")[0].state, book.doubts()) == (RequestState.PLANNED, [])


def test_they_are_kept_while_the_disk_stays_full(path, disk):
    with Ledger.open(path) as ledger:
        book = ledger.book("server", "cat-1")
        sent = book.record_sent(book.start_run("upsert"), *PRODUCT)
        with disk():
            with pytest.raises(LedgerError):
                book.record_receipt(sent, ACKNOWLEDGED)
            book.record_unwritten()
    assert state_of(path) == (RequestState.ACKNOWLEDGED, 0, 1)


def test_who_was_taken_for_lost_meanwhile_stays_in_doubt_if_it_was_answered(path, disk):
    """Another process can't know of the answer, and another upload may have come between."""
    leave_unwritten(path, disk, ACKNOWLEDGED)
    with Database(path) as database, database.transaction() as connection:
        connection.execute("UPDATE requests SET state = 'unknown'")
    assert state_of(path) == (RequestState.UNKNOWN, 2, 0)


def test_a_file_made_anew_gets_nothing_of_the_one_before(path, disk):
    with Ledger.open(path) as ledger:
        book = ledger.book("server", "cat-1")
        run = book.start_run("upsert")
        sent = book.record_sent(run, *PRODUCT)
        other = ledger.book("server", "cat-2")
        theirs = other.record_sent(other.start_run("upsert"), ["b"], [b"g" * 16], [b'{"productId":"b"}'])
        assert not isinstance(theirs, Contested)
        with disk(), pytest.raises(LedgerError):
            # as another file's would look that had this number
            book.record_receipt(
                type(sent)(request=theirs.request, product_ids=["a"], fingerprints=[b"f" * 16]), ACKNOWLEDGED
            )
        other.record_unwritten()
        assert [entry.state for entry in other.history("b")] == [RequestState.SENT]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_leaves_its_parents_alone(path, disk):
    leave_unwritten(path, disk, ACKNOWLEDGED)
    child = os.fork()
    if child == 0:
        with Database(path) as database:
            rows = database.rows("SELECT state FROM requests")
        with Ledger.open(path) as ledger:
            ledger.book("server", "cat-1")
            same = ledger._database.rows("SELECT state FROM requests") == rows
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert state_of(path) == (RequestState.ACKNOWLEDGED, 0, 1)
