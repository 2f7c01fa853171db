"""What belongs to a process: a forked child makes its own of all that two processes must not share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.accounts import embedded_home
from smnotebook.errors import SandboxError
from smnotebook.ledger import AccountNames, Ledger
from smnotebook.process import _HOLDERS, renew_in_children
from smnotebook.profiles import Profile
from smnotebook.wire import RetryPolicy

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    # from Python 3.12 on, fork itself warns of threads; that children work all the same is what is tested
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def in_a_child(act: Callable[[], Any], *, seconds: float = 30.0) -> Any:
    """What ``act`` returns in a forked child, as JSON; fails when the child hangs."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            said = act()
        except BaseException as error:  # noqa: BLE001 - the parent shall see it
            said = f"{type(error).__name__}: {error}"
        os.write(writing, json.dumps(said).encode())
        os._exit(0)
    os.close(writing)
    hung = threading.Timer(seconds, os.kill, (child, 9))
    hung.start()
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    hung.cancel()
    os.waitpid(child, 0)
    assert said, "the child hung"
    return json.loads(said)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))


@pytest.fixture
def sandbox():
    with sm.Sandbox() as running:
        yield running


def products(first: int, count: int = 3) -> pd.DataFrame:
    ids = [f"p{first + number}" for number in range(count)]
    return pd.DataFrame(
        {
            "productId": ids,
            "name": "Lamp",
            "mainCategory": "Lamps",
            "productUrl": [f"https://shop.example.com/{product_id}" for product_id in ids],
            "available": True,
            "price": 10.0,
        }
    )


def test_a_child_uploads_by_its_own_connections_and_both_ledgers_agree(sandbox):
    client = sm.connect(
        Profile(name="live", base_url=sandbox.url, plan="custom", hourly_limit=100), api_key=sandbox.api_key
    )
    catalog = client.create_catalog(name="Shop EU", currency="EUR", location="shop_eu")
    products(0).salesmanago.upsert_products(catalog, progress=False)
    sent = in_a_child(lambda: products(10).salesmanago.upsert_products(catalog, progress=False).sent)
    after = products(20).salesmanago.upsert_products(catalog, progress=False).sent
    assert (sent, after) == (3, 3)
    assert len(sandbox.products(catalog.id)) == 9
    assert len(catalog.products()) == 9
    assert client.connection.quota.left == 100 - 4
    client.close()


def test_a_lock_held_at_the_fork_stops_no_child(tmp_path):
    with Ledger.open(tmp_path / "ledger.sqlite3") as ledger:
        quota = ledger.quota(AccountNames(names=("shop",)), limit=10)
        quota.take()
        held, free = threading.Event(), threading.Event()

        def hold() -> None:
            with ledger._database._lock, quota._opening, quota._first:
                held.set()
                free.wait()

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait()
        found = in_a_child(lambda: [quota.take(), quota.left, len(ledger.book("shop", "catalog").runs())])
        free.set()
        holder.join()
        assert found == [None, 8, 0]
        assert quota.left == 8
        quota.close()


def test_a_child_looks_at_its_own_sandbox_and_keeps_the_parents_ledger():
    client = sm.connect("sandbox")
    parents = (client.connection.base_url, str(client.ledger_path))
    embedded_home()

    def look() -> list[Any]:
        seen = client.sandbox is None, str(client.ledger_path) == parents[1]
        own = sm.connect("sandbox")
        return [*seen, own.connection.base_url != parents[0], str(own.ledger_path) != parents[1]]

    assert in_a_child(look) == [True, True, True, True]
    assert client.sandbox.url == parents[0]


def test_a_child_that_exits_leaves_the_parents_sandbox_and_ledger_alone(tmp_path):
    code = """
import os, sys, smnotebook as sm
client = sm.connect("sandbox")
catalog = client.create_catalog(name="Shop EU", currency="EUR", location="shop_eu")
if os.fork() == 0:
    sys.exit(0)
os.wait()
print(client.ledger_path.parent.exists(), len(client.catalogs()), client.ledger_path.parent)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    alive, catalogs, folder = done.stdout.split(maxsplit=2)
    assert (alive, catalogs) == ("True", "1"), done.stderr
    assert not Path(folder.strip()).exists()


def test_the_sandbox_object_of_a_child_says_where_it_runs(sandbox):
    assert in_a_child(lambda: sandbox.catalogs()).startswith(
        f"{SandboxError.__name__}: the sandbox runs in the process"
    )
    assert in_a_child(sandbox.stop) is None
    assert sandbox.catalogs() == []


def test_a_child_gives_up_the_port():
    with sm.Sandbox() as running:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(writing)
            os.read(reading, 1)  # until the parent is done
            os._exit(0)
        url = running.url
    os.close(reading)
    try:
        started = time.monotonic()
        with pytest.raises(sm.errors.ServerUnreachable):
            sm.connect(base_url=url, api_key="k" * 32, retry=RetryPolicy(max_attempts=1)).catalogs()
        assert time.monotonic() - started < 5
    finally:
        os.close(writing)
        os.waitpid(child, 0)


def test_holders_are_renewed_only_while_they_live():
    class Holder:
        renewed = 0

        def renew(self) -> None:
            self.renewed += 1

    kept = Holder()
    renew_in_children(kept, Holder.renew)
    renew_in_children(Holder(), Holder.renew)
    assert len([holder for holder in _HOLDERS if isinstance(holder, Holder)]) == 1
    assert in_a_child(lambda: kept.renewed) == 1
    assert kept.renewed == 0


def test_a_relative_home_counts_from_the_working_directory_at_import(tmp_path):
    code = """
import os, smnotebook as sm
os.environ["SMNOTEBOOK_HOME"] = "state"
os.chdir("elsewhere")
from smnotebook.settings import ledger_path
print(ledger_path())
"""
    (tmp_path / "elsewhere").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=with_checkout(), capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == str(tmp_path / "state" / "ledger.sqlite3"), done.stderr


def with_checkout() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(sm.__file__).parents[1])}


def test_a_checkout_without_metadata_has_a_version():
    """As with a checkout on ``sys.path``: no distribution of this name is installed."""
    code = """
import importlib.metadata as metadata
found = metadata.version
def without(name):
    if name == "smnotebook":
        raise metadata.PackageNotFoundError(name)
    return found(name)
metadata.version = without
import smnotebook
from smnotebook.wire.transport import user_agent
print(smnotebook.__version__, user_agent())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=with_checkout(), capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["0+checkout", "smnotebook/0+checkout"], done.stderr


def test_after_a_reload_an_old_client_says_to_connect_again_and_a_new_one_works():
    code = """
import importlib, sys, warnings
import smnotebook as sm
from smnotebook.errors import UsageError
warnings.simplefilter("ignore")
client = sm.connect("sandbox")
catalog = client.create_catalog(name="Shop EU", currency="EUR", location="shop_eu")
frame = sm_frame()
frame.salesmanago.upsert_products(catalog, progress=False)
for name in [name for name in sys.modules if name.startswith("smnotebook")]:
    importlib.reload(sys.modules[name])
more = frame.assign(price=11.0)
for call in (lambda: more.salesmanago.upsert_products(catalog, progress=False), client.catalogs, catalog.delete):
    try:
        print("went on", call())
    except Exception as error:
        print("connect() again" in str(error))
client.close()
again = sm.connect("sandbox").catalog("Shop EU")
report = frame.salesmanago.upsert_products(again, progress=False)
stored = again.client.sandbox.products(again.id)
print(report.unchanged + report.sent, report.unknown, [str(product["price"]) for product in stored])
"""
    code = code.replace("sm_frame()", f"__import__('pandas').DataFrame({products(0).to_dict('list')!r})")
    done = subprocess.run(
        [sys.executable, "-c", code], env=with_checkout(), capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["True", "True", "True", "3 0 ['10.00', '10.00', '10.00']"], done.stderr


def test_another_version_installed_meanwhile_is_mentioned(monkeypatch, sandbox):
    monkeypatch.setattr("smnotebook.process.package_version", lambda: "99.0")
    with pytest.warns(UserWarning, match=r"smnotebook 99\.0 was installed while .* Restart the kernel"):
        sm.connect(base_url=sandbox.url, api_key=sandbox.api_key)
