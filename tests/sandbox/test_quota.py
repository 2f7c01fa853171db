"""The hourly quota on a clock that is turned by hand. Source: security document (figures); the rest is assumed."""

from __future__ import annotations

import math
import time

import pytest

from smnotebook.contract import HOURLY_LIMITS
from smnotebook.errors import UsageError
from smnotebook.sandbox import Assumptions, Clock, Sandbox
from smnotebook.sandbox.operations.quota import Window

LIST = "/v3/product/catalogList"
NOON = 1_700_000_000.0 - 1_700_000_000.0 % 3600


def statuses(client, count):
    return [client.get(LIST).status for _ in range(count)]


def limited(**options):
    assumptions = Assumptions(**options.pop("assumptions", {}))
    return Sandbox(plan="custom", hourly_limit=3, clock=Clock(lambda: NOON + 1800), assumptions=assumptions, **options)


def test_two_fixed_hours_pass_in_under_a_second(client_of):
    started = time.perf_counter()
    with limited() as sandbox:
        client = client_of(sandbox)
        for _ in range(2):
            assert statuses(client, 4) == [200, 200, 200, 429]
            sandbox.clock.advance(3600)
    assert time.perf_counter() - started < 1


def test_a_fixed_window_opens_at_the_full_hour(client_of):
    with limited() as sandbox:
        client = client_of(sandbox)
        statuses(client, 3)
        assert client.get(LIST).headers["retry-after"] == "1800"
        sandbox.clock.advance(1799)
        assert client.get(LIST).status == 429
        sandbox.clock.advance(1)
        assert client.get(LIST).status == 200


def test_a_sliding_window_opens_an_hour_after_its_first_request(client_of):
    with limited(assumptions={"quota_window": "sliding"}) as sandbox:
        client = client_of(sandbox)
        client.get(LIST)
        sandbox.clock.advance(600)
        statuses(client, 2)
        refused = client.get(LIST)
        assert (refused.status, refused.headers["retry-after"]) == (429, "3000")
        sandbox.clock.advance(2999)
        assert client.get(LIST).status == 429
        sandbox.clock.advance(1)
        assert statuses(client, 2) == [200, 429]


def test_status_and_header_of_a_refusal_can_be_assumed_otherwise(client_of):
    with limited(assumptions={"quota_status": 503, "quota_retry_after": False}) as sandbox:
        client = client_of(sandbox)
        statuses(client, 3)
        refused = client.get(LIST)
        assert (refused.status, "retry-after" in refused.headers) == (503, False)


def test_strangers_and_faults_do_not_use_up_the_quota(client_of):
    with limited() as sandbox:
        client = client_of(sandbox)
        client.get(LIST, headers={"API-KEY": "wrong"})
        sandbox.faults.add("unavailable", times=1)
        assert statuses(client, 5) == [503, 200, 200, 200, 429]


def test_all_calls_share_one_quota(client_of):
    with limited() as sandbox:
        client = client_of(sandbox)
        client.signed("/api/user/listByClient")
        client.post("/v3/product/upsert", {})
        client.post("/v3/product/upsert", b"{")
        assert client.signed("/api/user/listByClient").status == 429


def test_two_sandboxes_on_one_file_share_one_quota(tmp_path, client_of):
    with limited(db=tmp_path / "s.db") as first, limited(db=tmp_path / "s.db") as second:
        assert statuses(client_of(first), 2) + statuses(client_of(second), 2) == [200, 200, 200, 429]


@pytest.mark.parametrize(("plan", "limit"), [("professional", 1000), ("enterprise", 10_000), ("none", None)])
def test_the_plans_have_the_documented_limits(plan, limit):
    assert HOURLY_LIMITS[plan] == limit


def test_no_quota_without_a_plan(client):
    assert set(statuses(client, 20)) == {200}


@pytest.mark.parametrize("options", [{"plan": "gold"}, {"plan": "custom"}])
def test_a_plan_that_gives_no_limit_is_refused(options):
    with pytest.raises(UsageError, match="plan"):
        Sandbox(**options)


@pytest.mark.parametrize("now", [0.0, 3600.0, 3599.999, NOON, NOON + 0.1])
def test_a_window_holds_now_and_not_the_moment_an_hour_ago(now):
    assert Window.at("fixed", now).start <= now
    assert now - 3600 < Window.at("sliding", now).start <= math.nextafter(now - 3600, now)
