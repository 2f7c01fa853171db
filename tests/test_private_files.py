"""Files that only their owner can read."""

from __future__ import annotations

import os
from stat import S_IMODE

import pytest

from smnotebook.ledger import Ledger
from smnotebook.private_files import make_private_file, restrict

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")


@pytest.fixture(autouse=True)
def open_to_all():
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path) -> str:
    return oct(S_IMODE(path.stat().st_mode))


def test_a_new_file_and_its_folder_are_the_owners_alone(tmp_path):
    path = tmp_path / "home" / "key"
    assert make_private_file(path, b"first")
    assert (rights(path.parent), rights(path), path.read_bytes()) == ("0o700", "0o600", b"first")


def test_a_file_that_is_there_stays_and_no_draft_is_left(tmp_path):
    path = tmp_path / "key"
    make_private_file(path, b"first")
    assert not make_private_file(path, b"second")
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"first"]


def test_of_two_that_make_it_at_once_one_does(tmp_path, monkeypatch):
    path = tmp_path / "key"
    made = os.link

    def beaten(draft, wanted):
        path.write_bytes(b"the other's")
        made(draft, wanted)

    monkeypatch.setattr(os, "link", beaten)
    assert not make_private_file(path, b"mine")
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"the other's"]


def test_restrict_takes_the_rights_of_others(tmp_path):
    path = tmp_path / "file"
    path.touch(0o664)
    restrict(path)
    assert rights(path) == "0o600"
    restrict(tmp_path / "missing")


def test_a_ledger_and_the_files_beside_it_are_the_owners_alone(tmp_path):
    path = tmp_path / "home" / "ledger.sqlite3"
    with Ledger.open(path) as ledger:
        ledger.book("shop", "catalog").start_run("upsert")
        entries = list(path.parent.rglob("*"))
        seen = {entry.name: rights(entry) for entry in entries if entry.is_file()}
        folders = {rights(entry) for entry in (path.parent, *entries) if entry.is_dir()}
    assert folders == {"0o700"}
    assert set(seen) >= {"ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm"}
    assert set(seen.values()) == {"0o600"}


def test_a_ledger_of_an_earlier_version_is_closed_to_others(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    Ledger.open(path).close()
    path.chmod(0o644)
    with Ledger.open(path) as ledger:
        ledger.book("shop", "catalog")
        assert {rights(entry) for entry in tmp_path.iterdir()} == {"0o600"}
