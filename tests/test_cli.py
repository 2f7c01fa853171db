"""The command line: lab, sandbox, doctor, and how wrong command lines are answered."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys

import pytest
import requests
from urllib3.util import Retry

from smnotebook import lab
from smnotebook.bundled import bundled_files
from smnotebook.cli import main
from smnotebook.client import connect
from smnotebook.errors import UsageError
from smnotebook.lab import FIRST_NOTEBOOK, MANIFEST, fill_folder, jupyterlab_command, open_jupyterlab


def outcomes(folder) -> dict[str, str]:
    return {copy.path: copy.outcome for copy in fill_folder(folder)}


def test_the_bundle_has_the_first_notebook_and_the_sample_data():
    assert {FIRST_NOTEBOOK, "data/products.csv", "data/products_with_faults.csv"} <= set(bundled_files())


def test_lab_fills_a_new_folder(tmp_path):
    folder = tmp_path / "new" / "folder"
    assert set(outcomes(folder).values()) == {"new"}
    assert (folder / "data/products.csv").read_bytes() == bundled_files()["data/products.csv"]


def test_lab_copies_notebooks_without_outputs(tmp_path):
    fill_folder(tmp_path)
    cells = json.loads((tmp_path / FIRST_NOTEBOOK).read_bytes())["cells"]
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


def test_lab_leaves_current_files_alone_on_the_second_run(tmp_path):
    fill_folder(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*")}
    assert set(outcomes(tmp_path).values()) == {"current"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*")} == before


def test_lab_never_overwrites_what_the_analyst_changed(tmp_path):
    fill_folder(tmp_path)
    mine = tmp_path / FIRST_NOTEBOOK
    mine.write_text("my work", encoding="utf-8")
    assert outcomes(tmp_path)[FIRST_NOTEBOOK] == "kept"
    assert mine.read_text(encoding="utf-8") == "my work"


def test_lab_never_overwrites_a_file_that_was_there_before(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/products.csv").write_text("productId\n1\n", encoding="utf-8")
    assert outcomes(tmp_path)["data/products.csv"] == "kept"
    assert outcomes(tmp_path)["data/products.csv"] == "kept", "and not on a second run either"


@pytest.mark.parametrize("damage", ["", "no json", "[]", '{"sha256": 3}', None])
def test_lab_takes_every_file_for_the_analysts_own_when_its_record_is_damaged(tmp_path, monkeypatch, damage):
    fill_folder(tmp_path)
    (tmp_path / MANIFEST).unlink() if damage is None else (tmp_path / MANIFEST).write_text(damage)
    monkeypatch.setattr(lab, "bundled_files", lambda: {"data/products.csv": b"a newer version"})
    assert outcomes(tmp_path) == {"data/products.csv": "kept"}


def test_lab_renews_a_file_that_nobody_touched_when_a_newer_version_comes_along(tmp_path, monkeypatch):
    fill_folder(tmp_path)
    monkeypatch.setattr(lab, "bundled_files", lambda: {"data/products.csv": b"a newer version"})
    assert outcomes(tmp_path) == {"data/products.csv": "renewed"}
    assert (tmp_path / "data/products.csv").read_bytes() == b"a newer version"


def test_lab_brings_back_a_file_that_was_deleted(tmp_path):
    fill_folder(tmp_path)
    (tmp_path / FIRST_NOTEBOOK).unlink()
    assert outcomes(tmp_path)[FIRST_NOTEBOOK] == "new"


def test_lab_refuses_a_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert main(["lab", str(tmp_path / "file")]) == 1
    assert "is a file" in capsys.readouterr().err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_lab_opens_jupyterlab_in_the_folder_and_passes_options_on(tmp_path, monkeypatch, capsys):
    commands = []
    monkeypatch.setattr(lab, "find_spec", lambda name: name)
    monkeypatch.setattr(lab, "_execute", commands.append)
    main(["lab", str(tmp_path), "--no-browser", "--port", "8899", "--ServerApp.token=abc"])
    assert commands == [jupyterlab_command(tmp_path, ["--no-browser", "--port=8899", "--ServerApp.token=abc"])]
    assert commands[0][:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"new      {FIRST_NOTEBOOK}" in capsys.readouterr().out


def test_lab_says_which_file_it_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lab, "find_spec", lambda name: name)
    monkeypatch.setattr(lab, "_execute", lambda command: None)
    fill_folder(tmp_path)
    (tmp_path / FIRST_NOTEBOOK).write_text("my work", encoding="utf-8")
    main(["lab", str(tmp_path)])
    assert f"kept     {FIRST_NOTEBOOK}: you changed it" in capsys.readouterr().out


def test_lab_without_jupyterlab_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'smnotebook\[lab\]'"):
        open_jupyterlab(tmp_path, [])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "COMMAND"),
        (["upload"], "invalid choice"),
        (["demo", "one.csv", "two.csv"], "unrecognized arguments"),
        (["demo", "--jsno"], "unrecognized arguments: --jsno"),
        (["sandbox", "--port", "70000"], "no port"),
        (["sandbox", "--port", "-1"], "--port"),
        (["lab", "--port", "many"], "no port"),
    ],
)
def test_a_wrong_command_line_is_answered_with_a_word_and_status_2(arguments, word, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert word in capsys.readouterr().err


@pytest.fixture
def own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("SMNOTEBOOK_HOME", str(tmp_path))
    return tmp_path


def test_doctor_names_the_versions_and_tries_the_sandbox(own_settings, capsys):
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    for name in ("python", "smnotebook", "pandas", "pyarrow"):
        assert f"ok  {name}" in told
    for word in ("starts and answers", "none saved", str(own_settings / "ledger.sqlite3")):
        assert word in told


def test_doctor_changes_nothing(own_settings):
    main(["doctor"])
    assert list(own_settings.iterdir()) == []


def test_doctor_says_whether_a_profile_has_its_key_and_never_which(own_settings, monkeypatch, capsys):
    monkeypatch.setenv("SMNOTEBOOK_PROFILE", "live")
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "!!  profile live (default)" in told
    assert "SMNOTEBOOK_<PROFILE>_API_KEY" in told
    monkeypatch.setenv("SMNOTEBOOK_LIVE_API_KEY", "canary4711")
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "key set" in told
    assert "canary" not in told


def test_doctor_says_that_the_file_of_profiles_is_damaged(own_settings, capsys):
    (own_settings / "profiles.json").write_text("{", encoding="utf-8")
    assert main(["doctor"]) == 1
    assert "profiles.json" in capsys.readouterr().out


@pytest.fixture
def running_sandbox():
    """Starts ``smnotebook sandbox`` with options; gives the process and the first line it printed."""
    processes = []

    def start(*options):
        process = subprocess.Popen(
            [sys.executable, "-m", "smnotebook", "sandbox", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process, json.loads(process.stdout.readline())

    yield start
    for process in processes:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_sandbox_says_where_it_is_in_one_line_and_ends_cleanly(running_sandbox, number):
    process, told = running_sandbox("--api-key", "mine")
    assert told["api_key"] == "mine"
    answer = requests.get(f"{told['url']}/v3/product/catalogList", headers={"API-KEY": "mine"}, timeout=30)
    assert answer.json()["catalogs"] == []
    process.send_signal(number)
    rest, complaints = process.communicate(timeout=30)
    assert (process.returncode, rest, complaints) == (0, "", "")


def test_sandbox_keeps_its_state_in_the_file_it_is_given(running_sandbox, tmp_path):
    options = ["--api-key", "mine", "--db", str(tmp_path / "shop.sqlite3")]
    process, told = running_sandbox(*options)
    connect(base_url=told["url"], api_key="mine").create_catalog("Shop", "EUR", "shop")
    process.terminate()
    assert process.wait(timeout=30) == 0
    _, told = running_sandbox(*options)
    assert [catalog.name for catalog in connect(base_url=told["url"], api_key="mine").catalogs()] == ["Shop"]


def test_sandbox_takes_faults_and_a_quota(running_sandbox):
    _, told = running_sandbox("--hourly-limit", "1", "--fault", "unavailable:requests=1")
    ask = [
        requests.get(f"{told['url']}/v3/product/catalogList", headers={"API-KEY": told["api_key"]}, timeout=30)
        for _ in range(3)
    ]
    assert ask[0].status_code == 503
    assert ask[-1].status_code == 429


def test_sandbox_says_that_a_port_is_taken(capsys):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert main(["sandbox", "--port", str(port)]) == 1
    said = capsys.readouterr()
    assert str(port) in said.err
    assert said.out == ""


@pytest.fixture
def running_lab(tmp_path):
    """``smnotebook lab`` as a process, and the address that JupyterLab prints."""
    options = ["--no-browser", "--port", "0", "--ip=127.0.0.1", "--IdentityProvider.token=t", "--allow-root"]
    process = subprocess.Popen(
        [sys.executable, "-m", "smnotebook", "lab", str(tmp_path / "work"), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        found = (re.search(r"http://127\.0\.0\.1:\d+/", line) for line in process.stderr)
        yield process, next(match[0] for match in found if match)
    finally:
        process.kill()
        process.communicate(timeout=30)


@pytest.mark.extras
def test_lab_serves_the_folder_and_ends_cleanly_when_told_to(running_lab):
    process, url = running_lab
    with requests.Session() as session:
        session.headers["Authorization"] = "token t"
        # JupyterLab prints its address a moment before it listens
        session.mount(url, requests.adapters.HTTPAdapter(max_retries=Retry(connect=10, backoff_factor=0.05)))
        listed = session.get(f"{url}api/contents/notebooks", timeout=30).json()
        assert FIRST_NOTEBOOK.rpartition("/")[2] in [entry["name"] for entry in listed["content"]]
        assert session.post(f"{url}api/shutdown", timeout=30).ok
    assert process.wait(timeout=30) == 0
