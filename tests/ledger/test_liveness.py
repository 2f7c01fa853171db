"""Two processes and one catalog: who is alive, who waits, and what a stopped run may still do."""

import os
import signal
import subprocess
import sys

import pytest

from smnotebook.ledger import Contested, Ledger, Receipt, RequestState

ACKNOWLEDGED = Receipt(state=RequestState.ACKNOWLEDGED, status=200)
PRODUCT = (["a"], [b"f" * 16], [b'{"productId":"a","price":1}'])

RUNNING = """
import sys
from smnotebook.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
book = ledger.book("server", "cat-1")
sent = book.record_sent(book.start_run("upsert"), ["a"], [b"f" * 16], [b'{"productId":"a","price":1}'])
print("sent", flush=True)
sys.stdin.readline()
print(book.is_still_own(sent), flush=True)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
def running(path):
    """Another process with a request in hand."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUNNING, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "sent\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")
def test_a_stopped_process_is_not_taken_for_dead_whatever_the_clock_says(path, running):
    running.send_signal(signal.SIGSTOP)
    with Ledger.open(path, clock=lambda: 9e9) as ledger:
        book = ledger.book("server", "cat-1")
        answer = book.record_sent(book.start_run("upsert"), *PRODUCT)
        assert isinstance(answer, Contested)
        assert [holder.process for holder in answer.holders] == [running.pid]
        assert [record.state for record in book.runs()] == ["running", "running"]
        running.send_signal(signal.SIGCONT)
        assert running.communicate("\n")[0] == "True\n"


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")
def test_a_stopped_process_that_was_overrun_sees_it_when_it_wakes_up(path, running):
    running.send_signal(signal.SIGSTOP)
    with Ledger.open(path) as ledger:
        book = ledger.book("server", "cat-1")
        (sent,) = book.record_sent_all(book.start_run("upsert"), [Outgoing()], over_running=True)
        book.record_receipt(sent, ACKNOWLEDGED)
        running.send_signal(signal.SIGCONT)
        assert running.communicate("\n")[0] == "False\n"


class Outgoing:
    product_ids, fingerprints, payloads = PRODUCT


def test_a_killed_process_is_lost_at_once(path, running):
    running.kill()
    running.wait()
    with Ledger.open(path) as ledger:
        book = ledger.book("server", "cat-1")
        book.record_receipt(book.record_sent(book.start_run("upsert"), *PRODUCT), ACKNOWLEDGED)
        assert [record.state for record in book.runs()] == ["lost", "running"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_neither_ends_nor_keeps_its_parents_run(path):
    with Ledger.open(path) as ledger, Ledger.open(path) as other:
        book = ledger.book("server", "cat-1")
        run = book.start_run("upsert")
        child = os.fork()
        if child == 0:
            ledger.close()
            os._exit(0)
        os.waitpid(child, 0)
        other.book("server", "cat-1").start_run("upsert")
        assert book.runs()[0].state == "running"
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.read(reading, 1)
            os._exit(0)
        ledger.close()
        other.book("server", "cat-1").start_run("upsert")
        states = {record.run: record.state for record in other.book("server", "cat-1").runs()}
        os.write(writing, b"x")
        os.waitpid(child, 0)
        assert states[run] == "lost"
        for end in (reading, writing):
            os.close(end)


@pytest.mark.skipif(sys.platform == "win32", reason="rights are the POSIX ones")
def test_a_lock_is_its_owners_alone_and_gone_with_the_ledger(path):
    with Ledger.open(path) as ledger:
        ledger.book("server", "cat-1").start_run("upsert")
        (lock,) = path.parent.rglob("*.lock")
        assert (lock.stat().st_mode & 0o777, lock.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(path.parent.rglob("*.lock")) == []
