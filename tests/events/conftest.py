"""What the tests of events share: a home of their own, a running sandbox, and clients that never wait."""

import pytest
from pydantic import SecretStr

from smnotebook.client import Client, connect
from smnotebook.events import Event
from smnotebook.profiles import Profile
from smnotebook.sandbox import Sandbox
from smnotebook.sandbox.faults import FaultKind
from smnotebook.wire import RetryPolicy

CANARY_ADDRESS = "canary.customer@example.com"
PATIENT = RetryPolicy(max_attempts=4, first_wait=0.0, max_wait=0.0)


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SMNOTEBOOK_PROFILE", raising=False)


@pytest.fixture(scope="module")
def running_sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox):
    running_sandbox.reset()
    return running_sandbox


#: Every fault, with the operation carried out or not as it usually is, never, and always. A refusal with a reason code
#: is the server's word that it declined, and taken as such: of a server that lies there nobody can be safe.
_REFUSALS = {FaultKind.FLAT_ERROR, FaultKind.WRONG_REASON, FaultKind.REFUSE_BATCH}
FAULT_MATRIX = [
    pytest.param(kind, commits, id=f"{kind.wire_name}, {word}")
    for kind in FaultKind
    for commits, word in ((None, "usual"), (False, "not carried out"), (True, "carried out"))
    if not (commits and kind in _REFUSALS)
]


def pytest_generate_tests(metafunc):
    """Tests that take ``fault_kind`` and ``commits`` meet the whole matrix."""
    if {"fault_kind", "commits"} <= set(metafunc.fixturenames):
        metafunc.parametrize(("fault_kind", "commits"), FAULT_MATRIX)


def profile_of(sandbox, **fields):
    account = sandbox.account
    own = {"name": "trial", "base_url": sandbox.url, "owner": account.owner, "client_id": account.client_id}
    return Profile(**(own | fields))


@pytest.fixture
def client(sandbox) -> Client:
    return connect(
        profile_of(sandbox),
        api_key=SecretStr(sandbox.api_key),
        api_secret=sandbox.account.api_secret,
        retry=PATIENT,
    )


PURCHASE = {
    "type": "PURCHASE",
    "email": CANARY_ADDRESS,
    "date": "2026-11-20T12:00:00+01:00",
    "value": 149.99,
    "externalId": "ORDER-1",
}


@pytest.fixture
def plain_purchase() -> Event:
    """Names neither a location nor products, so that nobody is asked about the account."""
    return Event(**PURCHASE)


@pytest.fixture
def purchase() -> Event:
    return Event(**PURCHASE, products=["1234", "5678"], location="shop_eu")
