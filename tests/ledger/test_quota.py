"""The hourly quota, on a clock that is turned by hand and with real processes."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from smnotebook.ledger import AccountNames, Ledger, QuotaStopped
from smnotebook.ledger.quota import Quota, steady_clock
from smnotebook.ledger.window import MARGIN_SECONDS, WINDOW_SECONDS

HELD = WINDOW_SECONDS + MARGIN_SECONDS


class TurnedClock:
    """Time that passes only when somebody waits, or when it is set."""

    def __init__(self):
        self.wall = 1_800_000_000.0
        self.steady = 5_000.0

    def pass_by(self, seconds):
        self.wall += seconds
        self.steady += seconds

    def pause(self, stop, seconds):
        self.pass_by(10 * seconds)  # a sleeper may wake late; here it saves looking in 18,000 times an hour


@pytest.fixture
def clock():
    return TurnedClock()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    return path


def open_quota(path, clock, limit, account="sandbox"):
    return Quota(
        path,
        lambda: AccountNames(names=(account,)),
        limit=limit,
        clock=lambda: clock.wall,
        steady=lambda: clock.steady,
        pause=clock.pause,
    )


def most_in_any_window(times, window=WINDOW_SECONDS):
    return max(sum(start <= at < start + window for at in times) for start in times)


def test_the_limit_may_be_used_at_once_and_then_the_window_is_waited_for(path, clock):
    with open_quota(path, clock, 5) as quota:
        start = clock.wall
        for _ in range(5):
            quota.take()
        assert clock.wall == start
        assert quota.left == 0
        quota.take()
        assert HELD <= clock.wall - start < HELD + 1


def test_no_window_ever_holds_more_than_the_limit_and_nearly_all_of_it_is_used(path, clock):
    limit, times, random_seconds = 50, [], random.Random(7)  # noqa: S311
    with open_quota(path, clock, limit) as quota:
        start = clock.steady
        while clock.steady - start < 10 * WINDOW_SECONDS:
            quota.take()
            times.append(clock.steady)
            clock.pass_by(random_seconds.choice([0.0, 0.1, 5.0]))
    assert most_in_any_window(times) == limit
    assert len(times) >= 0.99 * 10 * limit


def delete_ledger(path):
    for file in path.parent.glob(f"{path.name}*"):
        if file.is_file():
            file.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file can't be deleted there")
def test_a_new_file_after_a_deletion_counts_the_requests_of_the_last_hour(path, clock):
    with open_quota(path, clock, 5) as mine, open_quota(path, clock, 5) as theirs:
        mine.take()
        clock.pass_by(HELD - 100)
        for quota in (mine, theirs, mine):
            quota.take()
        delete_ledger(path)
        with open_quota(path, clock, 5) as later:
            later.take()  # it can't know of the others, nor of the deletion
            clock.pass_by(101)  # the first is out of the window now
            assert later.left == 4
            assert [mine.left, theirs.left, later.left] == [1, 1, 1]
            start = clock.wall
            mine.take()
            theirs.take()
            assert HELD - 101 <= clock.wall - start < HELD


def test_a_file_that_stays_is_not_opened_again(path, clock):
    with open_quota(path, clock, 5) as quota:
        quota.take()
        before = quota._database
        quota.take()
        assert quota._database is before


def test_a_restart_forgets_nothing(path, clock):
    start = clock.wall
    for _ in range(6):
        with open_quota(path, clock, 5) as quota:
            quota.take()
    assert clock.wall - start >= HELD


@pytest.mark.parametrize("jump", [-7_200.0, -30.0, 30.0, 3_600.0, 86_400.0])
def test_a_clock_that_is_set_changes_nothing(path, clock, jump):
    with open_quota(path, clock, 3) as quota:
        times = []
        for number in range(7):
            quota.take()
            times.append(clock.steady)
            if number == 1:
                clock.wall += jump
    assert most_in_any_window(times) == 3
    assert times[-1] - times[0] < 2 * HELD + 1


def test_a_clock_set_back_over_a_restart_of_the_machine_is_safe_and_costs_an_hour_at_most(path, clock):
    with open_quota(path, clock, 2) as quota:
        quota.take()
        quota.take()
    clock.pass_by(600)
    passed = clock.steady
    clock.wall -= 86_400
    clock.steady = 10.0
    with open_quota(path, clock, 2) as quota:
        quota.take()
    waited = clock.steady - 10.0
    assert waited + passed - 5_000 >= HELD
    assert waited < HELD + 1


def test_accounts_have_a_quota_each(path, clock):
    with open_quota(path, clock, 1) as one, open_quota(path, clock, 1, account="live") as other:
        start = clock.wall
        one.take()
        other.take()
        assert clock.wall == start


def test_without_a_limit_nothing_is_waited_for(path, clock):
    with open_quota(path, clock, None) as quota:
        for _ in range(3):
            quota.take()
        assert (quota.left, quota.seconds_until(1_000_000)) == (None, 0.0)


def test_a_limit_below_one_is_a_mistake(path, clock):
    with pytest.raises(ValueError, match="positive"):
        open_quota(path, clock, 0)


def test_the_forecast_is_what_comes_true(path, clock):
    with open_quota(path, clock, 10) as quota:
        for _ in range(4):
            quota.take()
        clock.pass_by(100)
        promised = clock.wall + quota.seconds_until(25)
        for _ in range(25):
            quota.take()
        assert clock.wall == pytest.approx(promised, abs=1.0)


def test_who_waits_is_told_how_long(path, clock):
    told = []
    with open_quota(path, clock, 1) as quota:
        quota.take()
        quota.take(on_wait=told.append)
    assert told[0] == pytest.approx(HELD)
    assert told == sorted(told, reverse=True)


def test_a_stopped_wait_takes_nothing(path, clock):
    stop = threading.Event()
    with open_quota(path, clock, 1) as quota:
        quota.take()
        with pytest.raises(QuotaStopped):
            quota.take(stop=stop, on_wait=lambda seconds: stop.set())
        clock.pass_by(HELD)
        before = clock.wall
        quota.take()
        assert clock.wall == before


def test_a_dead_waiter_holds_nobody_up(path, clock):
    with open_quota(path, clock, 1) as dead, open_quota(path, clock, 1) as alive:
        dead.take()
        dead._ask(None)  # draws a ticket and is never heard of again
        alive.take()
        assert clock.steady - 5_000 < HELD + 1


class TestTheQueue:
    """Who of several owners is next, look by look: no thread, no sleep, and a clock that is turned by hand."""

    @pytest.fixture
    def three(self, path, clock):
        """One who took the only request of the hour, and two who come when it is nearly over."""
        with open_quota(path, clock, 1) as holder, open_quota(path, clock, 1) as one, open_quota(path, clock, 1) as two:
            holder.take()
            clock.pass_by(HELD - 2)
            yield holder, one, two

    def test_who_drew_first_is_served_first(self, three, clock):
        _, one, two = three
        first, second = one._ask(None), two._ask(None)
        assert first.ticket < second.ticket
        assert (first.free_in_seconds, second.free_in_seconds) == (2, 2 + HELD)
        clock.pass_by(2)
        behind = two._ask(second.ticket)
        assert (behind.wait_seconds > 0, behind.ticket, behind.free_in_seconds) == (True, second.ticket, HELD)
        assert one._ask(first.ticket).wait_seconds == 0

    def test_who_comes_late_stands_behind_who_has_a_ticket(self, three, clock):
        _, one, two = three
        waiting = one._ask(None)
        clock.pass_by(2)
        assert two._ask(None).wait_seconds > 0
        assert one._ask(waiting.ticket).wait_seconds == 0

    def test_who_got_least_of_the_hour_goes_before_an_older_ticket(self, path, clock):
        with open_quota(path, clock, 2) as early, open_quota(path, clock, 2) as late:
            early.take()
            clock.pass_by(100)
            early.take()
            clock.pass_by(HELD - 101)
            old = early._ask(None)
            new = late._ask(None)
            clock.pass_by(1)
            assert early._ask(old.ticket).wait_seconds > 0
            assert late._ask(new.ticket).wait_seconds == 0

    def test_a_ticket_is_kept_by_asking_again_and_lost_by_three_seconds_of_silence(self, three, clock):
        _, one, two = three
        two._ask(None)
        asking = one._ask(None)
        clock.pass_by(1.5)
        assert one._ask(asking.ticket).ticket == asking.ticket
        clock.pass_by(2)  # now the silent one is 3.5 s old, the other 2
        assert two._ask(None).wait_seconds > 0  # it stands behind who asked again
        assert one._ask(asking.ticket).wait_seconds == 0

    def test_a_ticket_of_three_seconds_still_counts(self, three, clock):
        _, one, two = three
        one._ask(None)
        clock.pass_by(3)
        assert two._ask(None).wait_seconds > 0
        clock.pass_by(0.01)
        assert two._ask(None).wait_seconds == 0

    def test_who_was_served_has_no_ticket_left(self, path, clock):
        with open_quota(path, clock, 2) as one, open_quota(path, clock, 2) as two:
            one.take()
            one.take()
            clock.pass_by(HELD - 1)
            served = one._ask(None)
            clock.pass_by(1)
            assert one._ask(served.ticket).wait_seconds == 0
            assert two._ask(None).wait_seconds == 0  # at once: nobody stands before it

    def test_who_gives_up_leaves_the_queue_at_once(self, three, clock):
        _, one, two = three
        stop = threading.Event()
        with pytest.raises(QuotaStopped):
            one.take(stop=stop, on_wait=lambda seconds: stop.set())
        # it paused for two seconds, no longer than its ticket would have counted
        assert two._ask(None).wait_seconds == 0

    def test_a_queue_of_another_account_is_none_of_ours(self, three, path, clock):
        _, one, _ = three
        one._ask(None)
        with open_quota(path, clock, 1, account="live") as other:
            assert other._ask(None).wait_seconds == 0

    def test_a_look_waits_no_longer_than_needed_and_never_long(self, three, clock):
        _, one, _ = three
        assert one._ask(None).wait_seconds == 0.2
        clock.pass_by(1.9)
        assert one._ask(None).wait_seconds == pytest.approx(0.1)
        clock.pass_by(0.0995)
        assert 0.0005 < one._ask(None).wait_seconds <= 0.002

    def test_the_turn_of_a_clock_keeps_the_queue_in_order(self, three, clock):
        _, one, two = three
        first, second = one._ask(None), two._ask(None)
        clock.wall += 86_400
        clock.pass_by(2)
        assert two._ask(second.ticket).ticket == second.ticket
        assert one._ask(first.ticket).wait_seconds == 0


def test_grants_long_out_of_the_window_are_tidied_away_now_and_then(path, clock):
    with open_quota(path, clock, 5) as quota:
        for _ in range(3):
            quota.take()
        with sqlite3.connect(path) as ledger:
            ledger.execute("UPDATE quota_grants SET number = number + 996")
            ledger.execute("UPDATE quota_grants SET at = at - ? WHERE number = 997", (3 * HELD,))
            ledger.execute("UPDATE quota_grants SET at = at - ? WHERE number = 998", (1.5 * HELD,))
        quota.take()
    with sqlite3.connect(path) as ledger:
        assert ledger.execute("SELECT number FROM quota_grants ORDER BY number").fetchall() == [(998,), (999,), (1000,)]


class Behind:
    """A place at the head of the process's threads that is taken for so many looks."""

    def __init__(self, looks):
        self.looks = looks

    def acquire(self, timeout):
        self.looks -= 1
        return self.looks < 0

    def release(self):
        pass


def test_who_waits_behind_another_thread_is_told_how_long_where_it_asks(path, clock):
    with open_quota(path, clock, 2) as quota:
        told = []
        quota._first = Behind(3)
        quota.take(on_wait=told.append)
        assert told == []  # one is free: it only has to be its turn
        quota._first = Behind(0)
        quota.take()
        quota._first = Behind(3)
        quota.take(on_wait=told.append)
        assert told[:3] == [HELD] * 3
        quota._first = Behind(3)
        quota.take()  # it told nobody, and got its own
        assert quota.left == 0


@pytest.mark.parametrize(("jump", "is_set"), [(0.9, False), (1.1, True), (-0.9, False), (-1.1, True)])
def test_a_clock_was_set_where_it_moved_by_more_than_a_second(path, clock, jump, is_set):
    with open_quota(path, clock, 1) as quota:
        quota.take()
        clock.pass_by(600)
        clock.wall += jump
        left = quota._ask(None).free_in_seconds
    assert left == pytest.approx(HELD - 600 - (0 if is_set else jump), abs=1e-3)


class Waits:
    """Every wait that a quota begins, in the queue and behind it, as long as it asks for, and whether it was too late.

    What a loaded machine adds is not the quota's doing, so no clock is read: an answer within 300 ms means that no wait
    is longer, and that at most one more begins in a thread that had looked just before it was told to stop.
    """

    def __init__(self, stop, threads):
        self.all_begun = threading.Event()
        self.lengths, self.late = [], Counter()
        self._stop, self._threads, self._begun = stop, threads, set()
        self._lock = threading.Lock()

    def note(self, seconds):
        self.lengths.append(seconds)
        if self._stop.is_set():
            self.late[threading.get_ident()] += 1
        self._begun.add(threading.get_ident())
        if len(self._begun) == self._threads:
            self.all_begun.set()

    def pause(self, stop, seconds):
        self.note(seconds)
        stop.wait(seconds)

    def acquire(self, timeout):
        if self._lock.acquire(blocking=False):
            return True
        self.note(timeout)
        return self._lock.acquire(timeout=timeout)

    def release(self):
        self._lock.release()


@pytest.mark.parametrize("threads", [1, 4])
def test_a_wait_is_answered_within_300_ms(path, threads):
    """Every thread of a process that waits for the quota stops when told to."""
    stop = threading.Event()
    waits = Waits(stop, threads)
    account = AccountNames(names=("sandbox",))
    with Quota(path, lambda: account, limit=1, pause=waits.pause) as quota, ThreadPoolExecutor(threads) as pool:
        quota.take()
        quota._first = waits
        waiters = [pool.submit(quota.take, stop=stop) for _ in range(threads)]
        assert waits.all_begun.wait(60)
        stop.set()
        assert [type(waiter.exception(timeout=60)) for waiter in waiters] == [QuotaStopped] * threads
    assert max(waits.lengths) <= 0.3
    assert max(waits.late.values(), default=0) <= 1


INTERRUPTED = """
import signal, sys
from pathlib import Path
from smnotebook.ledger import AccountNames
from smnotebook.ledger.quota import Quota

waits, waits_before = [], []

def pause(stop, seconds):
    waits.append(seconds)
    print("waiting", flush=True)
    stop.wait(seconds)

def interrupt(number, frame):
    waits_before.append(len(waits))
    raise KeyboardInterrupt

signal.signal(signal.SIGINT, interrupt)
quota = Quota(Path(sys.argv[1]), lambda: AccountNames(names=("sandbox",)), limit=1, pause=pause)
quota.take()
try:
    quota.take()
except KeyboardInterrupt:
    print("answered", len(waits) - waits_before[0], max(waits))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")
def test_a_keyboard_interrupt_is_answered_within_300_ms(path):
    """It ends the wait that it meets, which is shorter than that, and no other begins."""
    waiter = subprocess.Popen([sys.executable, "-c", INTERRUPTED, str(path)], stdout=subprocess.PIPE, text=True)
    assert waiter.stdout.readline() == "waiting\n"
    waiter.send_signal(signal.SIGINT)
    try:
        word, more, longest = waiter.communicate(timeout=60)[0].split()[-3:]
    finally:
        waiter.kill()
    assert (word, more, float(longest) <= 0.3) == ("answered", "0", True)


TAKER = """
import sys, threading, time
from pathlib import Path
from smnotebook.ledger import QuotaStopped
from smnotebook.ledger import AccountNames
from smnotebook.ledger.quota import Quota
stop = threading.Event()
account = AccountNames(names=("sandbox",))
limit, held_seconds = int(sys.argv[2]), float(sys.argv[3])
with Quota(Path(sys.argv[1]), lambda: account, limit=limit, held_seconds=held_seconds) as quota:
    print("ready", flush=True)
    sys.stdin.readline()
    threading.Timer(float(sys.argv[4]), stop.set).start()
    try:
        while True:
            quota.take(stop=stop)
            print(time.time(), flush=True)
    except QuotaStopped:
        pass
"""


def test_eight_processes_share_one_quota(path):
    """Real processes and real time, on an hour of two seconds; each asks as fast as it can."""
    # the margin is for what happens between the grant and the note of the time, on a machine that is busy elsewhere
    limit, window, margin, seconds = 200, 2.0, 0.25, 8.0
    command = [sys.executable, "-c", TAKER, *map(str, (path, limit, window + margin, seconds))]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    taken = [[float(line) for line in worker.communicate()[0].splitlines()] for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    times = sorted(at for each in taken for at in each)
    # as the ledger gave them; a busy machine may wake each worker late once, between the leave and its note of the time
    with sqlite3.connect(path) as ledger:
        granted = [at for (at,) in ledger.execute("SELECT at FROM quota_grants ORDER BY at")]
    assert len(granted) >= len(times) > limit
    assert most_in_any_window(granted, window + margin) <= limit
    assert most_in_any_window(times, window) <= limit + len(workers)
    # the first hour goes to whoever is there first; from then on all eight wait
    waited_for = [sum(at > times[0] + window for at in each) for each in taken]
    fair = sum(waited_for) / 8
    assert [share for share in waited_for if not fair / 1.5 <= share <= fair * 1.5] == []


def test_the_steady_clock_goes_forward():
    assert steady_clock() <= steady_clock()
