"""A dry run: what would be sent, in four forms, and nothing sent."""

import ast
import json
import shlex
import shutil
import subprocess

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.contract import Operation


@pytest.fixture
def trial(client, purchase):
    return client.send_event(purchase, dry_run=True)


def test_nothing_is_sent(trial, sandbox):
    assert len(sandbox.requests) == 0
    assert "nothing was sent" in repr(trial)


def test_it_shows_method_url_headers_and_body(trial, sandbox):
    contact, event = trial.steps
    assert (event.method, event.url) == ("POST", sandbox.url + Operation.ADD_EVENT.path)
    assert contact.url == sandbox.url + Operation.UPSERT_CONTACT.path
    assert event.headers["Content-Type"] == "application/json"
    assert event.body["contactEvent"]["value"] == 149.99
    for step in trial.steps:
        assert f"{step.method} {step.url}" in repr(trial)


def test_it_shows_what_is_sent_then(client, sandbox, purchase):
    client.create_catalog("Shop", "EUR", "shop_eu")
    trial = client.dry_run(purchase)
    client.send_event(purchase)
    for step, request in zip(trial.steps, list(sandbox.requests)[2:], strict=True):  # without those about catalogs
        assert (step.method, step.url) == (request.method, sandbox.url + request.path)
        sent = {name: value for name, value in request.json.items() if name not in ("apiKey", "sha", "requestTime")}
        shown = {name: value for name, value in step.body.items() if name not in ("apiKey", "sha", "requestTime")}
        assert shown == sent
        assert step.body.keys() == request.json.keys()


@pytest.mark.parametrize("encoding", ["v2", "seed"])
def test_no_form_shows_a_secret_or_the_contact(client, sandbox, encoding):
    event = sm.Event(type="CART", email="canary@example.com")
    trial = client.dry_run(event, encoding=encoding)
    for form in (repr(trial), trial._repr_html_(), trial.to_json(), trial.to_curl(), trial.to_python()):
        assert "***" in form
        for hidden in (sandbox.api_key, sandbox.account.api_secret.get_secret_value(), "canary@"):
            assert hidden not in form
        assert "c…@example.com" in form


def test_the_contact_is_shown_on_demand(trial):
    for form in (trial.to_json(reveal=True), trial.to_curl(reveal=True), trial.to_python(reveal=True)):
        assert "canary.customer@example.com" in form


def test_the_json_is_json(trial):
    first, second = json.loads(trial.to_json())
    assert set(first) == {"method", "url", "headers", "body"}
    assert second["body"]["contactEvent"]["contactExtEventType"] == "PURCHASE"


def test_the_python_is_python(trial):
    tree = ast.parse(trial.to_python())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    bodies = [ast.literal_eval(next(k.value for k in call.keywords if k.arg == "json")) for call in calls]
    assert bodies[1]["contactEvent"]["products"] == "1234,5678"


def test_the_curl_command_is_one_command_for_the_shell(client, sandbox):
    event = sm.Event(type="CART", email="o'neil@example.com", description='it\'s "so" $HOME `x`\n2')
    command = client.dry_run(event, ensure_contact=False).to_curl(reveal=True)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:4] == ["curl", "-X", "POST", sandbox.url + Operation.ADD_EVENT.path]
    body = json.loads(words[words.index("-d") + 1])
    assert body["email"] == "o'neil@example.com"
    assert body["contactEvent"]["description"] == 'it\'s "so" $HOME `x`\n2'


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_curl_command_arrives_once_its_secrets_are_filled_in(client, sandbox, purchase):
    account = sandbox.account
    command = client.dry_run(purchase, ensure_contact=False).to_curl(reveal=True)
    command = command.replace('"apiKey": "***"', '"apiKey": "abc"').replace(
        '"sha": "***"', f'"sha": "{account.sign("abc")}"'
    )
    answer = subprocess.run(["bash", "-c", f"{command} -s"], capture_output=True, check=True)
    assert json.loads(answer.stdout)["success"] is True
    assert len(sandbox.events()) == 1


def test_a_frame_shows_its_first_rows(client, sandbox):
    rows = 12
    frame = pd.DataFrame(
        {
            "type": "CART",
            "email": [f"canary{row}@example.com" for row in range(rows)],
            "date": pd.date_range("2026-11-01", periods=rows, tz="UTC"),
            "value": 1.5,
        }
    )
    frame.loc[0, "type"] = "cart"
    trial = frame.salesmanago.dry_run_events(client)
    contacts, events = trial.steps
    assert contacts.url.endswith(Operation.UPSERT_CONTACTS.path)
    assert events.url.endswith(Operation.ADD_EVENTS.path)
    assert [entry["email"] for entry in events.body["events"]] == [f"canary{row}@example.com" for row in range(1, 6)]
    assert "5 of 11 events" in repr(trial)
    assert "canary" not in repr(trial) + trial._repr_html_() + trial.to_curl() + trial.to_json() + trial.to_python()
    assert "canary5@example.com" in trial.to_json(reveal=True)
    assert sandbox.events() == []
