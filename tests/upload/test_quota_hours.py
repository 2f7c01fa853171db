"""Hours of quota in seconds: client and sandbox count by one clock that is turned."""

import sqlite3
from contextlib import closing

import pytest

import smnotebook as sm
from smnotebook.ledger import AccountNames
from smnotebook.ledger.quota import Quota
from smnotebook.sandbox import Assumptions, Clock
from smnotebook.upload import plan_products, upload_products

UPSERT = "/v3/product/upsert"
LIMIT = 20


SANDBOX = AccountNames(names=("sandbox",))


class Hours:
    """A sandbox with a quota, and clients that keep to it; waiting turns the clock."""

    def __init__(self, path, window, limit=LIMIT):
        self.clock = Clock(lambda: 1_800_000_000.0)
        self.sandbox = sm.Sandbox(
            plan="custom", hourly_limit=limit, clock=self.clock, assumptions=Assumptions(quota_window=window)
        )
        self.path = path

    def wait(self, stop, seconds):
        """Time passes, but not for a request that is on its way: on this clock that would take it minutes."""
        for _ in range(5_000):
            if self.sandbox.requests.total >= self.granted():
                break
            stop.wait(0.001)
        self.clock.advance(5.0)

    def granted(self):
        with closing(sqlite3.connect(self.path)) as reader:
            return reader.execute("SELECT ifnull(max(number), 0) FROM quota_grants").fetchone()[0]

    def connect(self):
        now = self.clock.now
        quota = Quota(self.path, lambda: SANDBOX, limit=LIMIT, clock=now, steady=now, pause=self.wait)
        return sm.connect(base_url=self.sandbox.url, api_key=self.sandbox.api_key, quota=quota)


@pytest.fixture(params=["fixed", "sliding"])
def hours(request, tmp_path):
    hours = Hours(tmp_path / "quota.db", request.param)
    with hours.sandbox:
        yield hours


def test_an_upload_of_three_hours_is_never_turned_away(hours, make_frame):
    catalog = hours.connect().create_catalog("Shop", "EUR", "shop")
    plan = plan_products(make_frame(7_000), catalog)
    assert 3 * 3_600 < plan.seconds < 3.2 * 3_600
    began = hours.clock.now()
    report = plan.send(progress=False)
    assert (report.sent, report.requests) == (7_000, 70)
    assert {request.status for request in hours.sandbox.requests} == {200}
    assert hours.clock.now() - began == pytest.approx(plan.seconds, rel=0.05)


def test_what_repeats_itself_pays_like_everything_else(hours, make_frame):
    catalog = hours.connect().create_catalog("Shop", "EUR", "shop")
    hours.sandbox.faults.add("commit_then_cut", endpoint=UPSERT, requests=(3, 7))
    report = upload_products(make_frame(4_000), catalog, progress=False)
    assert report.sent == 4_000
    statuses = [request.status for request in hours.sandbox.requests if request.path == UPSERT]
    assert len(statuses) == 42
    assert 429 not in statuses


def test_two_clients_share_what_there_is(hours, make_frame):
    catalog = hours.connect().create_catalog("Shop", "EUR", "shop")
    for start in (0, 1_500):
        other = hours.connect().catalog("Shop")
        assert upload_products(make_frame(1_500, start), other, progress=False).sent == 1_500
    assert len(hours.sandbox.products(catalog.id)) == 3_000
    assert {request.status for request in hours.sandbox.requests} == {200}
