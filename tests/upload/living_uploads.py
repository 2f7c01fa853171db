"""Run by test_processes.py: forks children that call the library at the same time, and hands signals on to them.

The parent has everything imported and no thread, so a child costs milliseconds. Each line of the input is a command in
JSON and is answered by one line; at its end all children are killed. A child writes into ``results/<number>.json``. The
clocks of all of them are real ones plus the seconds that stand in ``clocks.json``.
"""

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

import smnotebook as sm
import smnotebook.ledger.ledger
import smnotebook.upload.carrying
import smnotebook.upload.doubtful
import smnotebook.upload.events
import smnotebook.upload.history
import smnotebook.upload.repairs
from smnotebook.errors import SmnotebookError, UploadFailed
from smnotebook.ledger import Book
from smnotebook.ledger.quota import steady_clock
from smnotebook.upload.batch import cut_batches
from smnotebook.wire import RetryPolicy

PLACE = Path(sys.argv[1])
ALLOWED = {"progress": False, "errors": "skip", "allow_overwrite": True}
REPAIR = ALLOWED | {"allow_outliers": True}


def turned(name):
    return json.loads((PLACE / "clocks.json").read_text())[name]


def turn_clocks():
    smnotebook.ledger.ledger.steady_clock = lambda: steady_clock() + turned("steady")
    smnotebook.ledger.ledger.time = SimpleNamespace(time=lambda: time.time() + turned("wall"))


def note_runs(number):
    """Which run is whose is known of a killed process, too."""
    honest = Book.start_run

    def start_run(book, *arguments, **options):
        run = honest(book, *arguments, **options)
        (PLACE / "runs" / f"{number}").write_text(str(run))
        return run

    Book.start_run = start_run


def upload(frame, client, order):
    catalog, sending = client.catalog("Shop"), frame.salesmanago
    match order["act"]:
        case "upsert":
            return sending.upsert_products(catalog, over_running=order["over_running"], **ALLOWED)
        case "prices":
            return sending.update_prices(catalog, over_running=order["over_running"], **REPAIR)
        case "patch":
            return sending.patch_products(catalog, over_running=order["over_running"], **REPAIR)
        case "events":
            return sending.send_events(client, progress=False, errors="skip", resend_unknown=order["resend"])


def claims(client):
    catalog = client.catalog("Shop")
    known, doubtful = catalog.products(), catalog.doubtful()
    return {
        "known": json.loads(known.to_json(orient="records")) if len(known) else [],
        "doubtful": doubtful[["productId", "field"]].values.tolist(),
    }


def carry_out(order):
    turn_clocks()
    note_runs(order["number"])
    smnotebook.upload.carrying.cut_batches = lambda stretches, size: cut_batches(stretches, size=4)
    client = sm.connect(**order["connect"], retry=RetryPolicy(max_attempts=2, first_wait=0.01, max_wait=0.02))
    if order["act"] == "claims":
        return claims(client)
    frame = pd.DataFrame(order["rows"])
    if "date" in frame:
        frame["date"] = pd.to_datetime(frame["date"])
    try:
        report = upload(frame, client, order)
    except UploadFailed as failed:
        report = failed.report
    counts = {name: getattr(report, name) for name in ("sent", "unchanged", "refused", "unknown", "unsent")}
    return {"counts": counts, "status": report.rows["status"].tolist()}


def run_child(order):
    for stream in (0, 1):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    try:
        result = carry_out(order)
    except SmnotebookError as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    except Exception:  # noqa: BLE001 - the driver fails with it
        result = {"fault": traceback.format_exc()}
    written = PLACE / "results" / f"{order['number']}.part"
    written.write_text(json.dumps(result))
    written.rename(written.with_suffix(".json"))
    os._exit(0)


def main():
    living = set()
    for line in sys.stdin:
        command = json.loads(line)
        living -= {child for child in living if os.waitpid(child, os.WNOHANG)[0]}
        if command["do"] == "start":
            answer = os.fork()
            if answer == 0:
                run_child(command)
            living.add(answer)
        elif command["do"] == "signal":
            answer = command["child"] in living
            if answer:
                os.kill(command["child"], command["signal"])
        else:
            answer = sorted(living)
        print(json.dumps(answer), flush=True)
    for child in living:
        os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
