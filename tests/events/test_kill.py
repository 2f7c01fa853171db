"""A kernel killed while it sends events: nothing is sent twice, and what is in doubt is known to be."""

import os
import runpy
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from smnotebook.contract import Operation
from smnotebook.errors import UploadFailed
from smnotebook.sandbox.faults import Fault
from smnotebook.settings import home

SCRIPT = Path(__file__).with_name("killed_sending.py")
make_frame = runpy.run_path(str(SCRIPT))["make_frame"]
ROWS = 2_500
BATCH = Operation.ADD_EVENTS.path


def start(sandbox):
    account = sandbox.account
    secret = account.api_secret.get_secret_value()
    arguments = [sandbox.url, sandbox.api_key, secret, account.owner, account.client_id, str(ROWS)]
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *arguments], env=os.environ | {"SMNOTEBOOK_HOME": str(home())}
    )


def wait_for_batches(sandbox, count):
    """Blocks until so many requests of events have been carried out; the sandbox logs them as they end."""
    pause = threading.Event()
    while sum(request.path == BATCH for request in sandbox.requests) < count:
        pause.wait(0.01)


@pytest.mark.parametrize("carried_out", [True, False], ids=["arrived", "never arrived"])
def test_a_request_whose_sender_was_killed_is_in_doubt(client, sandbox, carried_out):
    """The second request is under way when the kernel dies."""
    sandbox.faults.put(
        Fault(kind="commit_then_silence", endpoint=BATCH, requests=(2,), seconds=30.0, commits=carried_out)
    )
    sender = start(sandbox)
    wait_for_batches(sandbox, 2)
    sender.kill()
    sender.wait()
    sandbox.faults.clear()
    made = len(sandbox.events())
    assert made == (2_000 if carried_out else 1_000)
    with pytest.raises(UploadFailed) as failed:
        make_frame(ROWS).salesmanago.send_events(client, progress=False, errors="skip")
    report = failed.value.report
    assert (report.unchanged, report.unknown, report.sent) == (1_000, 1_000, 500)
    orders = [event["event"]["externalId"] for event in sandbox.events()]
    assert len(orders) == len(set(orders)) == made + 500
    assert set(report.rows["status"][1_000:2_000]) == {"unknown"}
