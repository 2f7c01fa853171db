"""A key that is typed into a form is in no file that Jupyter writes."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import expect
from steps import fill_in_a_key
from traces import files_with, traces

from smnotebook import Sandbox

pytestmark = pytest.mark.browser

CELLS = ("import smnotebook as sm", "connect = sm.forms.ConnectForm()\nconnect")


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
        fill_in_a_key(form, sandbox.url, key)
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
