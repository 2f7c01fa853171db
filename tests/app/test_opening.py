"""Which notebook ``smnotebook app`` opens, and what it says when it can't."""

from __future__ import annotations

from queue import Queue

import pytest

from smnotebook.app import find_notebook, opening
from smnotebook.cli import main
from smnotebook.errors import UsageError
from smnotebook.lab import fill_folder


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "work"
    fill_folder(folder)
    (folder / "mine.ipynb").write_text("{}", encoding="utf-8")
    (tmp_path / "outside.ipynb").write_text("{}", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("03_test_events", "notebooks/03_test_events.ipynb"),
        ("03_test_events.ipynb", "notebooks/03_test_events.ipynb"),
        ("notebooks/03_test_events.ipynb", "notebooks/03_test_events.ipynb"),
        ("mine.ipynb", "mine.ipynb"),
        ("mine", "mine.ipynb"),
    ],
)
def test_a_notebook_is_found_by_its_path_or_its_name(folder, name, path):
    assert find_notebook(folder, name) == folder / path


@pytest.mark.parametrize("name", ["none", "../outside.ipynb", "../outside", "data/products.csv", "notebooks", ""])
def test_what_is_no_notebook_of_the_folder_is_refused_with_those_there_are(folder, name):
    with pytest.raises(UsageError, match=r"notebooks/00_start_here\.ipynb, .*04_fix_data\.ipynb"):
        find_notebook(folder, name)


def test_the_command_opens_the_guided_notebook_unless_told_otherwise(tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr(
        "smnotebook.app.open_app", lambda notebook, announce, **options: opened.append((notebook, options))
    )
    assert main(["app", str(tmp_path), "--no-browser"]) == 0
    assert main(["app", str(tmp_path), "--no-browser", "--port=8123", "--notebook=00_start_here", "--theme=dark"]) == 0
    assert opened == [
        (tmp_path / "notebooks/02_create_catalog_and_upload.ipynb", {"port": 0, "theme": "light", "browse": None}),
        (tmp_path / "notebooks/00_start_here.ipynb", {"port": 8123, "theme": "dark", "browse": None}),
    ]
    assert "new      notebooks/00_start_here.ipynb" in capsys.readouterr().out


def test_without_voila_the_command_says_how_to_install_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    assert main(["app", str(tmp_path), "--no-browser"]) == 1
    assert "-m pip install 'smnotebook[app]'" in capsys.readouterr().err


def test_the_browser_is_led_by_a_file_that_only_its_owner_may_read_and_that_goes(tmp_path):
    opened = Queue()
    with opening._browsing("http://127.0.0.1:1/login?token=a&b", tmp_path, opened.put):
        (signpost,) = tmp_path.iterdir()
        assert opened.get(timeout=60) == signpost.as_uri()
        assert signpost.stat().st_mode & 0o077 == 0
        assert "token=a&amp;b" in signpost.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == []


def test_without_a_browser_no_file_is_written(tmp_path):
    with opening._browsing("http://127.0.0.1:1/login?token=a", tmp_path, None):
        assert list(tmp_path.iterdir()) == []
