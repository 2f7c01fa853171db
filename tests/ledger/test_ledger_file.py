"""The ledger as a file: older versions, damage, many users at once."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from smnotebook.errors import LedgerError
from smnotebook.fingerprints import fingerprint
from smnotebook.ledger import AccountNames, Ledger, Receipt, RequestState
from smnotebook.ledger.migrations import LATEST, MIGRATIONS

VERSIONS = Path(__file__).parent / "versions"
ACKNOWLEDGED = Receipt(state=RequestState.ACKNOWLEDGED, status=200)


def test_a_new_ledger_is_made_with_its_folder(tmp_path):
    path = tmp_path / "new" / "folder" / "ledger.db"
    with Ledger.open(path):
        assert path.exists()


@pytest.mark.parametrize("version", range(1, LATEST + 1))
def test_every_older_ledger_opens_with_what_it_holds(tmp_path, version):
    path = tmp_path / "ledger.db"
    old = sqlite3.connect(path)
    old.executescript((VERSIONS / f"v{version}.sql").read_text(encoding="utf-8"))
    old.close()
    with Ledger.open(path) as ledger:
        book = ledger.book("sandbox", "cat-1")
        assert [list(part.product_ids) for part in book.known()] == [["a", "b"]]
        assert book.payloads(["b"]) == {"b": b'{"productId":"b"}'}
        assert book.fingerprints_of(["b"]) == {"b": fingerprint(b'{"productId":"b"}')}
        assert [run.requests for run in book.runs()] == [1]
        with ledger.quota(AccountNames(names=("name:sandbox",)), limit=10) as quota:
            quota.take()
            assert quota.left == 9


def test_fingerprints_of_events_stay_when_those_of_products_change(tmp_path):
    path = tmp_path / "ledger.db"
    old = sqlite3.connect(path)
    old.executescript((VERSIONS / "v4.sql").read_text(encoding="utf-8"))
    old.executescript("""
        INSERT INTO books VALUES (2, 'sandbox', '(events)', 0);
        INSERT INTO requests VALUES (2, 1, 2, 'acknowledged', 1, 1.0, 2.0, 1, 200, 'r-2', 1);
        INSERT INTO manifests VALUES (2, '["key"]', CAST('keyed as it was.' AS BLOB));
        INSERT INTO payloads VALUES (2, '');
        INSERT INTO known VALUES (2, 'key', CAST('keyed as it was.' AS BLOB), 2, 0);
    """)
    old.close()
    with Ledger.open(path) as ledger:
        past = ledger.event_book(AccountNames(names=("account:sandbox",))).past(["key"])
    assert past.accepted == {"key": b"keyed as it was."}


def test_each_version_has_a_saved_file():
    assert sorted(path.name for path in VERSIONS.glob("*.sql")) == [f"v{n}.sql" for n in range(1, len(MIGRATIONS) + 1)]


def test_a_ledger_from_a_later_version_is_left_alone(tmp_path):
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    later = sqlite3.connect(path)
    later.execute(f"PRAGMA user_version = {LATEST + 1}")
    later.close()
    with pytest.raises(LedgerError, match="newer smnotebook"):
        Ledger.open(path)


@pytest.mark.parametrize(
    "content", [b"this is no database, it is a letter to my aunt" * 100, b"SQLite format 3\0" * 400]
)
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path, content):
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="damaged") as caught:
        Ledger.open(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_damage_inside_the_file_is_told_when_it_is_met(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        book = ledger.book("sandbox", "cat-1")
        run = book.start_run("upsert")
        for number in range(50):
            sent = book.record_sent(run, [f"p{number}"], [b"f" * 16], [b"x" * 5_000])
            book.record_receipt(sent, ACKNOWLEDGED)
    content = bytearray(path.read_bytes())
    content[8_192:] = b"\xff" * (len(content) - 8_192)
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="damaged"):
        read_all(path)


def read_all(path):
    with Ledger.open(path) as ledger:
        book = ledger.book("sandbox", "cat-1")
        return list(book.known()), list(book.sent_products())


def test_another_programs_database_is_not_written_into(tmp_path):
    path = tmp_path / "ledger.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE recipes (cake TEXT)")
    other.close()
    with pytest.raises(LedgerError, match="no smnotebook ledger"):
        Ledger.open(path)
    again = sqlite3.connect(path)
    assert again.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]
    again.close()


def test_a_file_that_cannot_be_written_says_so_and_keeps_what_it_holds(tmp_path):
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        ledger.book("sandbox", "cat-1")
        # what a write-protected file answers, also where the tests run as root, whom no protection stops
        ledger._database._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(LedgerError, match="can't be written"):
            ledger.book("sandbox", "cat-2")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match="SMNOTEBOOK_HOME"):
        Ledger.open(tmp_path / "file" / "ledger.db")


def test_a_folder_is_no_ledger(tmp_path):
    with pytest.raises(LedgerError, match="can't be opened"):
        Ledger.open(tmp_path)


def test_a_failed_transaction_leaves_nothing_behind(tmp_path):
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        book = ledger.book("sandbox", "cat-1")
        run = book.start_run("upsert")
        with pytest.raises(TypeError):
            book.record_sent(run, ["a"], [b"f"], [object()])  # the first statement has been carried out by then
        assert book.history("a") == []
        assert book.runs()[0].requests == 0


def test_threads_share_one_ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        book = ledger.book("sandbox", "cat-1")
        run = book.start_run("upsert")

        def work(worker):
            for number in range(20):
                sent = book.record_sent(run, [f"{worker}-{number}"], [b"f" * 16], [b"{}"])
                book.record_receipt(sent, ACKNOWLEDGED)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(len(part.product_ids) for part in book.known()) == 80


WORKER = """
import sys
from smnotebook.ledger import AccountNames, Ledger, Receipt, RequestState
with Ledger.open(sys.argv[1]) as ledger:
    book = ledger.book("sandbox", "cat-1")
    run = book.start_run("upsert")
    for number in range(20):
        sent = book.record_sent(run, [f"{sys.argv[2]}-{number}"], [b"f" * 16], [b"{}"])
        book.record_receipt(sent, Receipt(state=RequestState.ACKNOWLEDGED))
"""


def test_processes_open_a_new_ledger_at_once_and_all_write(tmp_path):
    path = tmp_path / "ledger.db"
    command = [sys.executable, "-c", WORKER, str(path)]
    workers = [subprocess.Popen([*command, str(number)], stderr=subprocess.PIPE) for number in range(4)]
    errors = [worker.communicate()[1].decode() for worker in workers]
    assert errors == [""] * 4
    with Ledger.open(path) as ledger:
        book = ledger.book("sandbox", "cat-1")
        assert sum(len(part.product_ids) for part in book.known()) == 80


KILLED = """
import os, signal, sys
from smnotebook.ledger import Ledger
book = Ledger.open(sys.argv[1]).book("sandbox", "cat-1")
book.record_sent(book.start_run("upsert"), ["a"], [b"f" * 16], [b"{}"])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_run_is_found_lost_and_its_requests_unknown(tmp_path):
    path = tmp_path / "ledger.db"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    with Ledger.open(path) as ledger:
        book = ledger.book("sandbox", "cat-1")
        assert book.in_doubt() == {"a"}
        run = book.start_run("upsert")
        assert [record.state for record in book.runs()] == ["lost", "running"]
        assert [entry.state for entry in book.history("a")] == ["unknown"]
        sent = book.record_sent(run, ["a"], [b"f" * 16], [b"{}"])
        book.record_receipt(sent, ACKNOWLEDGED)
        assert book.in_doubt() == frozenset()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE manifests SET product_ids = '[\"a'",
        "UPDATE manifests SET product_ids = CAST(x'ff22' AS TEXT)",
        "UPDATE known SET product_id = CAST(x'ff22' AS TEXT)",
    ],
)
def test_overwritten_cells_are_damage_with_a_way_out(tmp_path, damage):
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        book = ledger.book("sandbox", "cat-1")
        book.record_receipt(book.record_sent(book.start_run("upsert"), ["a"], [b"f" * 16], [b"{}"]), ACKNOWLEDGED)
        book.count_known()
    with closing(sqlite3.connect(path)) as overwritten, overwritten:
        overwritten.execute(damage)

    def read():
        with Ledger.open(path) as ledger:
            book = ledger.book("sandbox", "cat-1")
            return list(book.known()), list(book.sent_products()), book.history("a")

    with pytest.raises(LedgerError, match=r"damaged.*move it away"):
        read()
