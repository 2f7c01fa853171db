"""The ledgers by command, and where each account's is kept."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pydantic import SecretStr

import smnotebook as sm
from smnotebook.cli import main
from smnotebook.errors import UsageError
from smnotebook.profiles import Profile
from smnotebook.settings import home, ledger_path, sandbox_ledger_path


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SMNOTEBOOK_PROFILE", raising=False)


def table(price):
    columns = {"productId": ["a"], "name": "n", "mainCategory": "m", "available": True, "price": [price]}
    return pd.DataFrame(columns | {"productUrl": "https://example.com/a"})


def upload(catalog, price):
    return table(price).salesmanago.upsert_products(catalog, progress=False, allow_overwrite=True).run


def test_a_live_account_and_a_sandbox_have_ledgers_apart():
    live = Profile(name="shop", base_url="https://api.example.com")
    assert sm.connect(live, api_key=SecretStr("k" * 32)).ledger_path == ledger_path()
    with sm.Sandbox() as sandbox:
        client = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key)
        upload(client.create_catalog("Shop", "EUR", "shop"), 1.0)
        assert client.ledger_path == sandbox_ledger_path()
    assert sandbox_ledger_path().exists()
    assert not ledger_path().exists()


EMBEDDED = """
import pandas as pd, smnotebook as sm
client = sm.connect("sandbox")
catalog = client.create_catalog("Shop", "EUR", "shop")
frame = pd.DataFrame({"productId": ["a"], "name": "n", "mainCategory": "m", "available": True, "price": [1.0],
                      "productUrl": "https://example.com/a"})
frame.salesmanago.upsert_products(catalog, progress=False)
assert frame.salesmanago.plan_products(catalog).requests == 0
client.send_event(sm.Event(type="CART", email="a@example.com"))
assert client.ledger_path.exists()
print(client.ledger_path.parent)
"""


def test_the_embedded_sandbox_leaves_nothing_behind():
    """Its state is in memory, so its record ends with the process, too."""
    done = subprocess.run([sys.executable, "-c", EMBEDDED], capture_output=True, text=True, check=True)
    assert not Path(done.stdout.strip()).exists()
    assert not home().exists() or list(home().iterdir()) == []


def test_a_sandbox_in_a_file_resumes_after_a_restart(tmp_path):
    file, key = tmp_path / "sandbox.db", "k" * 32
    for expected in (1, 0):
        with sm.Sandbox(db=file, api_key=key) as sandbox:
            client = sm.connect(base_url=sandbox.url, api_key=key)
            catalogs = client.catalogs() or [client.create_catalog("Shop", "EUR", "shop")]
            report = table(1.0).salesmanago.upsert_products(catalogs[0], progress=False)
        assert report.requests == expected


def test_the_command_says_how_large_and_gives_old_history_back(capsys):
    with sm.Sandbox() as sandbox:
        catalog = sm.connect(base_url=sandbox.url, api_key=sandbox.api_key).create_catalog("Shop", "EUR", "shop")
        first, *_, last = [upload(catalog, price) for price in (1.0, 2.0, 3.0)]
        assert main(["ledger"]) == 0
        told = capsys.readouterr().out.splitlines()
        assert [line.partition(": ")[0] for line in told] == [str(ledger_path()), str(sandbox_ledger_path())]
        assert main(["ledger", "--prune"]) == 0
        assert "0 overwritten requests" in capsys.readouterr().out
        assert main(["ledger", "--prune", "--keep-days", "0"]) == 0
        assert "2 overwritten requests" in capsys.readouterr().out
        assert float(catalog.products()["price"].iloc[0]) == 3.0
        assert float(catalog.as_of(last)["price"].iloc[0]) == 3.0
        with pytest.raises(UsageError, match="pruned"):
            catalog.as_of(first)
        with pytest.raises(UsageError, match="pruned"):
            catalog.restore(last)
        assert len(catalog.runs()) == 3
        assert table(3.0).salesmanago.plan_products(catalog).requests == 0


@pytest.mark.parametrize("days", ["-1", "x", "1.5"])
def test_days_are_a_number(days):
    with pytest.raises(SystemExit):
        main(["ledger", "--prune", f"--keep-days={days}"])
