"""A key that is typed into a form is in no file that Jupyter writes."""

from __future__ import annotations

import base64
import secrets
import string

import pytest
from playwright.sync_api import expect

from smnotebook import Sandbox

pytestmark = pytest.mark.browser

CELLS = ("import smnotebook as sm", "connect = sm.forms.ConnectForm()\nconnect")
RUN = 8


@pytest.fixture
def key():
    """Letters and digits: eight of them in a row are nowhere by chance."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))


def traces(key):
    """The key as it might be written: any eight characters in a row, or any of its base64."""
    plain = key.encode()
    encoded = [base64.b64encode(b" " * shift + plain)[4:-4] for shift in range(3)]
    return [text[at : at + RUN] for text in (plain, *encoded) for at in range(len(text) - RUN + 1)]


def files_with(home, needles):
    """Names of the files below ``home`` that hold any of the needles."""
    contents = ((path, path.read_bytes()) for path in home.rglob("*") if path.is_file())
    return sorted(path.relative_to(home).as_posix() for path, text in contents if any(n in text for n in needles))


def test_the_search_would_find_a_key(tmp_path, key):
    (tmp_path / "plain").write_text(f"a {key} b")
    (tmp_path / "half").write_text(key[10:20])
    for shift in range(3):
        (tmp_path / f"base64-{shift}").write_bytes(base64.b64encode(b"x" * shift + key.encode() + b"yz"))
    assert files_with(tmp_path, traces(key)) == ["base64-0", "base64-1", "base64-2", "half", "plain"]


def test_a_key_is_in_no_file_before_and_after_it_was_sent(open_notebook, key):
    with Sandbox(api_key=key) as sandbox:
        notebook = open_notebook(*CELLS)
        form = notebook.form("connect")
        form.get_by_label("Account", exact=True).select_option(label="A new account")
        form.get_by_label("Name", exact=True).fill("canary-account")
        form.get_by_label("Server", exact=True).fill(sandbox.url)
        form.get_by_label("API key", exact=True).fill(key)
        form.get_by_label("Keep the key").select_option(label="Only in this notebook's kernel; forgotten when it stops")
        connect = form.get_by_role("button", name="Connect", exact=True)
        expect(connect).to_have_attribute("aria-disabled", "false")
        notebook.save()  # typed, and not sent

        form.get_by_label("API key", exact=True).press("Enter")
        expect(form).to_contain_text("Connected to canary-account")
        notebook.save()  # sent, and in use

        assert notebook.ask("len(connect.client.connection.authentication.confidential)") == 1
        home = notebook.server.home
        folder = notebook.path.parent.relative_to(home).as_posix()
        # the proof that widget state was saved, and that the search looks in the right place
        kept = [f"{folder}/.ipynb_checkpoints/forms-checkpoint.ipynb", f"{folder}/forms.ipynb"]
        assert files_with(home, [b"canary-account"]) == kept
        assert files_with(home, traces(key)) == []


def test_a_wrong_key_is_refused_in_a_sentence_and_left_nowhere(open_notebook, key):
    with Sandbox() as sandbox:
        notebook = open_notebook(*CELLS)
        form = notebook.form("connect")
        form.get_by_label("Account", exact=True).select_option(label="A new account")
        form.get_by_label("Server", exact=True).fill(sandbox.url)
        form.get_by_label("API key", exact=True).fill(key)
        form.get_by_role("button", name="Connect", exact=True).click()
        expect(form.get_by_role("alert")).to_contain_text("key")
        expect(form.get_by_label("API key", exact=True)).to_have_value("")
        notebook.save()
        assert files_with(notebook.server.home, traces(key)) == []
