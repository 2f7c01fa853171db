"""A power failure in the middle of a sending: the same call again ends as if there had been none."""

import random
import runpy
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from pydantic import SecretStr

import smnotebook as sm
from smnotebook.contract import Operation
from smnotebook.errors import SmnotebookError, UploadFailed
from smnotebook.profiles import Profile
from smnotebook.settings import sandbox_ledger_path
from smnotebook.wire import RetryPolicy

power = runpy.run_path(str(Path(__file__).with_name("power.py")))
ROWS, BATCH, CONNECTIONS = 2_000, 100, 4
ONCE = RetryPolicy(max_attempts=1)
UPSERT, ADD_EVENTS = Operation.UPSERT_PRODUCTS.path, Operation.ADD_EVENTS.path


@pytest.fixture
def disk(monkeypatch):
    return power["Disk"](monkeypatch)


@pytest.fixture
def restart(tmp_path, monkeypatch):
    """The machine comes up again, with the files as the failure left them."""

    def restart(home):
        monkeypatch.setenv("SMNOTEBOOK_HOME", str(home))
        assert power["is_sound"](sandbox_ledger_path())

    return restart


def products(version):
    numbers = pd.Series(range(ROWS))
    return pd.DataFrame(
        {
            "productId": "SKU-" + numbers.astype(str).str.zfill(5),
            "name": [f"Product {number}, version {version if number % 3 == 0 else 0}" for number in numbers],
            "mainCategory": "shoes",
            "productUrl": "https://shop.example.com/p/" + numbers.astype(str),
            "available": True,
            "price": numbers % 100 + 0.99,
        }
    )


@pytest.mark.parametrize("seed", range(24))
def test_an_upload_goes_on_after_a_power_failure(sandbox, disk, restart, later, tmp_path, seed):
    """The same final state, nothing older over newer, and at most the requests in flight sent twice."""
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    after = tmp_path / "after"

    def fail():
        disk.fail(sandbox_ledger_path(), after, draw)

    transport = power["FailingTransport"](
        UPSERT, nth=draw.randrange(1, ROWS // BATCH + 1), is_answered=draw.random() < 0.5, fail=fail
    )
    options = {"base_url": sandbox.url, "api_key": sandbox.api_key, "hourly_limit": 10_000}
    client = sm.connect(**options, transport=transport, retry=ONCE)
    catalog = client.create_catalog("Shop", "EUR", "shop")
    with pytest.raises(SmnotebookError):
        products(1).salesmanago.upsert_products(catalog, progress=False)
    client.close()
    restart(after)
    again = sm.connect(**options)
    renewed = products(2).sample(frac=1, random_state=seed)
    report = renewed.salesmanago.upsert_products(again.catalog("Shop"), progress=False, allow_overwrite=True)
    assert report.sent + report.unchanged == ROWS
    stored = {product["productId"]: product["name"] for product in sandbox.products(catalog.id)}
    assert stored == dict(zip(renewed["productId"], renewed["name"], strict=True))
    twice = [number for number, times in untouched(sandbox).items() if times > 1]
    assert len(twice) <= CONNECTIONS * (BATCH * 2 // 3 + 1)
    later(301)  # what was under way can't be carried out any more
    renewed.salesmanago.upsert_products(again.catalog("Shop"), progress=False, allow_overwrite=True)
    total = sandbox.requests.total
    assert renewed.salesmanago.plan_products(again.catalog("Shop")).requests == 0
    assert sandbox.requests.total == total + 1  # the list of catalogs
    again.close()


@pytest.mark.parametrize("seed", range(8))
def test_what_was_under_way_is_not_taken_for_what_was_there_before(sandbox, disk, restart, tmp_path, seed):
    """The analyst turns back after the failure: the mark of the lost sending tells that the old is to be sent again."""
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    after = tmp_path / "after"
    options = {"base_url": sandbox.url, "api_key": sandbox.api_key, "hourly_limit": 10_000}
    client = sm.connect(**options)
    catalog = client.create_catalog("Shop", "EUR", "shop")
    old = products(0)
    old.salesmanago.upsert_products(catalog, progress=False)
    client.connection.transport = power["FailingTransport"](
        UPSERT,
        nth=1,  # no receipt has been written yet, which would have synced the marks along
        is_answered=True,
        fail=lambda: disk.fail(sandbox_ledger_path(), after, draw),
    )
    client.connection.retry = ONCE
    with pytest.raises(SmnotebookError):
        products(1).salesmanago.upsert_products(catalog, progress=False, allow_overwrite=True)
    client.close()
    restart(after)
    again = sm.connect(**options)
    old.salesmanago.upsert_products(again.catalog("Shop"), progress=False, allow_overwrite=True)
    stored = {product["productId"]: product["name"] for product in sandbox.products(catalog.id)}
    assert stored == dict(zip(old["productId"], old["name"], strict=True))
    again.close()


def untouched(sandbox):
    """How often each product was sent that is the same in both versions."""
    sent = (
        product["productId"] for request in sandbox.requests if request.path == UPSERT for product in goods(request)
    )
    return Counter(product_id for product_id in sent if int(product_id[4:]) % 3)


def goods(request):
    return request.json["products"]


@pytest.mark.parametrize("is_answered", [False, True], ids=["before it left", "once it was answered"])
@pytest.mark.parametrize("seed", range(4))
def test_no_event_goes_twice_after_a_power_failure(sandbox, disk, restart, tmp_path, seed, is_answered):
    """What may have left is in doubt: the claim was on the disk before."""
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    after = tmp_path / "after"

    def fail():
        disk.fail(sandbox_ledger_path(), after, draw)
        key = sandbox_ledger_path().with_name("personal.key")
        (after / key.name).write_bytes(key.read_bytes())

    transport = power["FailingTransport"](ADD_EVENTS, nth=2, is_answered=is_answered, fail=fail)
    account = sandbox.account
    profile = Profile(name="trial", base_url=sandbox.url, owner=account.owner, client_id=account.client_id)
    secrets = {"api_key": SecretStr(sandbox.api_key), "api_secret": account.api_secret}
    events = pd.DataFrame(
        {
            "type": "PURCHASE",
            "email": [f"canary{row}@example.com" for row in range(2_500)],
            "date": pd.date_range("2026-11-01 10:00", periods=2_500, freq="min", tz="UTC"),
            "externalId": [f"ORDER-{row}" for row in range(2_500)],
        }
    )
    client = sm.connect(profile, **secrets, transport=transport, retry=ONCE, hourly_limit=10_000)
    with pytest.raises(UploadFailed):
        events.salesmanago.send_events(client, errors="skip", progress=False)
    client.close()
    restart(after)
    again = sm.connect(profile, **secrets)
    with pytest.raises(UploadFailed) as failed:
        events.salesmanago.send_events(again, errors="skip", progress=False)
    report = failed.value.report
    assert (report.unchanged, report.unknown, report.sent) == (1_000, 1_000, 500)
    orders = [event["event"]["externalId"] for event in sandbox.events()]
    assert len(orders) == len(set(orders)) == (2_500 if is_answered else 1_500)
