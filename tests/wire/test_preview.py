"""A request to look at: complete, runnable, and without its secrets."""

import ast
import json
import shlex
import subprocess
import warnings

import pytest
from pydantic import SecretStr

from smnotebook.contract import Operation
from smnotebook.wire import ApiKeyHeader, Connection, SecretBody, SecretInBodyWarning, SignedBody

KEY = "canaryKEY7f3a9b2c"
SECRET = "canarySECRETe81d"
AWKWARD = {"contact": {"email": "anna@example.com", "name": 'O\'Żółw "x" $HOME `id`\n'}, "flag": True, "none": None}


def previews():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecretInBodyWarning)
        in_body = SecretBody(api_key=SecretStr(KEY), api_secret=SecretStr(SECRET), owner="o@example.com")
    signed = SignedBody(client_id="client-1", api_secret=SecretStr(SECRET), owner="o@example.com", now=lambda: 1.5)
    proofs = [
        (ApiKeyHeader(api_key=SecretStr(KEY)), Operation.UPSERT_PRODUCTS),
        (signed, Operation.ADD_EVENT),
        (in_body, Operation.SEED_ADD_EVENT),
    ]
    return [Connection("https://api.example.com", proof).preview(operation, AWKWARD) for proof, operation in proofs]


@pytest.mark.parametrize("preview", previews(), ids=["header", "signed", "body"])
def test_no_form_of_it_shows_a_secret(preview):
    shown = "\n".join([repr(preview), preview.as_json(), preview.as_curl(), preview.as_python(), str(preview.body)])
    assert KEY not in shown
    assert SECRET not in shown
    assert "***" in shown


@pytest.mark.parametrize("preview", previews(), ids=["header", "signed", "body"])
def test_the_records_are_whole_in_every_form(preview):
    whole = json.loads(preview.body)
    assert {name: whole[name] for name in AWKWARD} == AWKWARD
    assert json.loads(preview.as_json()) == whole
    command = shlex.split(preview.as_curl())
    assert json.loads(command[command.index("--data-raw") + 1]) == whole
    call = ast.parse(preview.as_python()).body[1].value
    assert ast.literal_eval(next(word.value for word in call.keywords if word.arg == "json")) == whole


def test_the_signed_body_shows_what_is_no_secret():
    shown = json.loads(previews()[1].body)
    assert (shown["clientId"], shown["requestTime"], shown["sha"], shown["owner"]) == (
        "client-1",
        1500,
        "***",
        "o@example.com",
    )


def test_a_shell_takes_the_command_as_one(tmp_path):
    command = previews()[0].as_curl().replace("curl", "printf '%s\\0'", 1)
    words = subprocess.run(["sh", "-c", command], capture_output=True, check=True, cwd=tmp_path).stdout.split(b"\0")
    assert json.loads(words[words.index(b"--data-raw") + 1]) == AWKWARD


def test_a_request_without_a_body_has_none_to_show():
    preview = Connection("https://api.example.com", ApiKeyHeader(api_key=SecretStr(KEY))).preview(
        Operation.LIST_CATALOGS
    )
    assert (preview.method, preview.body, preview.as_json()) == ("GET", None, "")
    assert "json=" not in preview.as_python()
    assert "--data-raw" not in preview.as_curl()


def test_the_repr_keeps_the_records_to_itself():
    assert "anna" not in repr(previews()[1])
