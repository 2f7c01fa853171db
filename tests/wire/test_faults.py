"""Every fault of the sandbox against the real transport: what is tried again, what is not, and nothing done twice."""

from contextlib import closing

import pytest
from pydantic import SecretStr

from smnotebook.contract import Operation
from smnotebook.errors import ApiError, BadAnswer, Refused, ServerUnreachable
from smnotebook.sandbox import FaultKind, Sandbox
from smnotebook.wire import ApiKeyHeader, Connection, Timeout

QUICK = Timeout(connect=2.0, read=0.3, whole=5.0)

#: fault, what an upsert meets it with (attempts, error), what a creation does
EXPECTED = {
    FaultKind.UNAVAILABLE: ((2, None), (2, None)),
    FaultKind.THROTTLED: ((2, None), (2, None)),
    FaultKind.HTML: ((2, None), (2, None)),
    FaultKind.EMPTY: ((2, None), (1, BadAnswer)),
    FaultKind.FLAT_ERROR: ((1, Refused), (1, Refused)),
    FaultKind.WRONG_REASON: ((1, Refused), (1, Refused)),
    FaultKind.REFUSE_BATCH: ((1, Refused), (1, Refused)),
    # of one product, the second is not accepted
    FaultKind.ACCEPT_PARTLY: ((1, None), (1, None)),
    FaultKind.LATENCY: ((1, None), (1, None)),
    FaultKind.SLOW: ((1, None), (1, None)),
    FaultKind.TRUNCATED: ((2, None), (1, BadAnswer)),
    FaultKind.CUT_BEFORE: ((2, None), (1, ServerUnreachable)),
    FaultKind.CUT_ANSWER: ((2, None), (1, ServerUnreachable)),
    FaultKind.COMMIT_THEN_CUT: ((2, None), (1, ServerUnreachable)),
    FaultKind.COMMIT_THEN_SILENCE: ((2, None), (1, ServerUnreachable)),
}
SECONDS = {FaultKind.LATENCY: 0.01, FaultKind.SLOW: 0.0005, FaultKind.COMMIT_THEN_SILENCE: 0.5}


@pytest.fixture(scope="module")
def running():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    return running


def call(sandbox, operation, body) -> tuple[int, type[ApiError] | None]:
    """Attempts made, and what the call ended in."""
    told = []
    proof = ApiKeyHeader(api_key=SecretStr(sandbox.api_key))
    with closing(
        Connection(sandbox.url, proof, timeout=QUICK, sleep=lambda _: None, on_attempt=told.append)
    ) as connection:
        try:
            connection.call(operation, body)
        except ApiError as error:
            kind = next(kind for kind in (Refused, BadAnswer, ServerUnreachable, ApiError) if isinstance(error, kind))
            return len(told), kind
    return len(told), None


def test_every_fault_has_its_row():
    assert set(EXPECTED) == set(FaultKind)


@pytest.mark.parametrize("kind", FaultKind, ids=lambda kind: kind.wire_name)
def test_what_may_be_repeated_is_repeated_until_it_is_stored_once(sandbox, kind):
    attempts, error = EXPECTED[kind][0]
    assert call(sandbox, Operation.CREATE_CATALOG, {"name": "Shop", "currency": "EUR", "location": "shop"}) == (1, None)
    catalog_id = sandbox.catalogs()[0]["catalogId"]
    sandbox.faults.add(kind, times=1, **({"seconds": SECONDS[kind]} if kind in SECONDS else {}))
    product = {
        "productId": "1",
        "name": "Sweater",
        "mainCategory": "sweaters",
        "productUrl": "https://shop.example.com/1",
        "available": True,
        "price": 79.99,
    }
    assert call(sandbox, Operation.UPSERT_PRODUCTS, {"catalogId": catalog_id, "products": [product]}) == (
        attempts,
        error,
    )
    assert len(sandbox.products(catalog_id)) <= 1
    assert error is not None or [stored["productId"] for stored in sandbox.products(catalog_id)] == ["1"]


@pytest.mark.parametrize("kind", FaultKind, ids=lambda kind: kind.wire_name)
def test_what_must_not_be_repeated_happens_at_most_once(sandbox, kind):
    attempts, error = EXPECTED[kind][1]
    sandbox.faults.add(kind, times=1, **({"seconds": SECONDS[kind]} if kind in SECONDS else {}))
    body = {"name": "Shop", "currency": "EUR", "location": "shop"}
    assert call(sandbox, Operation.CREATE_CATALOG, body) == (attempts, error)
    assert len(sandbox.catalogs()) <= 1
    assert error is not None or len(sandbox.catalogs()) == 1


def test_a_retry_after_of_the_server_is_obeyed(sandbox):
    sandbox.faults.add("unavailable", times=2, retry_after=7)
    slept = []
    proof = ApiKeyHeader(api_key=SecretStr(sandbox.api_key))
    with closing(Connection(sandbox.url, proof, sleep=slept.append, rng=lambda: 0.0)) as connection:
        connection.call(Operation.LIST_CATALOGS)
    assert sum(slept) == pytest.approx(14)


def test_a_whole_hour_of_the_servers_own_quota_is_not_waited_for():
    with Sandbox(plan="custom", hourly_limit=1) as sandbox:
        assert call(sandbox, Operation.LIST_CATALOGS, None) == (1, None)
        attempts, error = call(sandbox, Operation.LIST_CATALOGS, None)
    assert error is ApiError
    assert attempts <= 6
