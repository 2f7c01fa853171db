"""A contact is forgotten: nothing in the ledger can be linked to it, and all else stays recognised."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from smnotebook.contract import Operation
from smnotebook.errors import ConfirmationNeeded, UploadFailed
from smnotebook.events import Contact, Event
from smnotebook.events.personal import Pseudonyms
from smnotebook.sandbox.faults import Fault
from smnotebook.settings import personal_key_path

OLA, JAN = "ola@example.com", "jan@example.com"


def visits(**columns) -> pd.DataFrame:
    usual = {
        "type": "VISIT",
        "email": [OLA, JAN, "OLA@Example.com"],
        "date": [1_795_168_800_000 + number for number in range(3)],
        "externalId": ["1", "2", None],
    }
    return pd.DataFrame(usual | columns)


def send(frame, client, **options):
    return frame.salesmanago.send_events(client, progress=False, **options)


def all_bytes_of(client) -> bytes:
    """Everything that the ledger says of events, and of nothing else."""
    with closing(sqlite3.connect(client.ledger_path)) as ledger:
        rows = ledger.execute(
            "SELECT product_ids, fingerprints, digests, request_id FROM manifests JOIN event_contacts USING (request)"
            " JOIN requests USING (request) UNION ALL SELECT product_id, fingerprint, NULL, NULL FROM known"
            " UNION ALL SELECT product_id, message, NULL, NULL FROM refusals"
        ).fetchall()
    return b"\n".join(cell.encode() if isinstance(cell, str) else cell for row in rows for cell in row if cell)


def test_a_contacts_events_are_forgotten_and_only_those(client, sandbox):
    send(visits(), client)
    assert client.forget_contact("Ola@example.com") == 2
    again = send(visits(), client)
    assert (again.sent, again.unchanged) == (2, 1)
    assert len(sandbox.events()) == 5


def test_nothing_that_is_left_can_be_linked(client):
    pseudonyms = Pseudonyms.open(personal_key_path(client.ledger_path))
    send(visits(), client)
    before = all_bytes_of(client)
    linked = [pseudonyms.contact(OLA), pseudonyms.name("external", "VISIT", "1").encode()]
    others = [pseudonyms.contact(JAN), pseudonyms.name("external", "VISIT", "2").encode()]
    assert all(digest in before for digest in linked + others)
    client.forget_contact(OLA)
    after = all_bytes_of(client)
    assert [digest for digest in linked if digest in after] == []
    assert all(digest in after for digest in others)


def test_a_contact_is_forgotten_by_its_id_too(client):
    ids = [client.upsert_contact(Contact(email=email)).contact_id for email in (OLA, JAN)]
    send(visits(email=None, contactId=[ids[0], ids[1], ids[0]]), client)
    assert client.forget_contact(OLA) == 0
    assert client.forget_contact(ids[0]) == 2
    assert client.forget_contact(ids[0]) == 0


def test_a_single_event_is_forgotten_with_the_servers_id_of_it(client, sandbox):
    event = Event(type="VISIT", email=OLA, date=1_795_168_800_000, externalId="7")
    event_id = client.send_event(event).event_id
    assert event_id.encode() in all_bytes_of(client)
    with pytest.raises(ConfirmationNeeded):
        client.send_event(event)
    assert client.forget_contact(OLA) == 1
    assert event_id.encode() not in all_bytes_of(client)
    client.send_event(event)
    assert len(sandbox.events()) == 2


def test_an_event_in_doubt_is_forgotten_with_its_doubt(client, sandbox):
    sandbox.faults.put(Fault(kind="commit_then_cut", endpoint=Operation.ADD_EVENTS.path, times=1))
    with pytest.raises(UploadFailed) as caught:
        send(visits(), client)
    assert caught.value.report.unknown == 3
    assert client.forget_contact(OLA) == 2
    with pytest.raises(UploadFailed) as caught:
        send(visits(), client)
    assert (caught.value.report.sent, caught.value.report.unknown) == (2, 1)
