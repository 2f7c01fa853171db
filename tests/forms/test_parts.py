"""A file from the browser in parts: whole, in order, and never anywhere but in its own folder."""

from __future__ import annotations

import pytest

from smnotebook.forms.parts import FileParts


class Told:
    """What the receiver said, in order."""

    def __init__(self):
        self.progress, self.arrived, self.failed = [], [], []
        self.parts = FileParts(
            on_progress=self.progress.append, on_arrival=self.arrived.append, on_failure=self.failed.append
        )

    def announce(self, name="p.csv", size=6, ticket=1.0):
        message = {"event": "file", "name": "file", "ticket": ticket, "file_name": name, "size": size}
        return self.parts.receive(message, ())

    def part(self, content, offset, ticket=1.0):
        return self.parts.receive({"event": "part", "name": "file", "ticket": ticket, "offset": offset}, [content])


@pytest.fixture
def told():
    return Told()


def test_each_part_is_asked_for_and_the_file_comes_whole(told):
    assert told.announce(size=6) == {"name": "file", "ticket": 1.0, "offset": 0}
    assert told.part(b"abcd", 0) == {"name": "file", "ticket": 1.0, "offset": 4}
    assert told.part(memoryview(b"ef"), 4) is None
    (arrived,) = told.arrived
    assert arrived.path.read_bytes() == b"abcdef"
    assert [transfer.received for transfer in told.progress] == [0, 4, 6]


def test_an_empty_file_is_there_at_once(told):
    assert told.announce(size=0) is None
    assert told.arrived[0].path.read_bytes() == b""


@pytest.mark.parametrize("offset", [0, 2, 5])
def test_a_part_that_comes_twice_or_out_of_order_is_passed_over(told, offset):
    told.announce(size=6)
    told.part(b"abcd", 0)
    assert told.part(b"zz", offset) is None
    told.part(b"ef", 4)
    assert told.arrived[0].path.read_bytes() == b"abcdef"


def test_a_newer_file_takes_the_place_of_the_one_under_way(told):
    told.announce(name="old.csv", ticket=1.0)
    told.announce(name="new.csv", size=2, ticket=2.0)
    assert told.part(b"abcdef", 0, ticket=1.0) is None
    told.part(b"ok", 0, ticket=2.0)
    assert [(arrived.file_name, arrived.path.read_bytes()) for arrived in told.arrived] == [("new.csv", b"ok")]


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/passwd", "..", "", "a\x00b.csv", "x" * 300 + ".csv", "ąę 1.csv"]
)
def test_a_name_leads_nowhere_but_into_the_folder(told, name):
    told.announce(name=name, size=2)
    told.part(b"ok", 0)
    path = told.arrived[0].path
    assert path.read_bytes() == b"ok"
    assert path.resolve().is_relative_to(told.parts._folder.resolve())
    assert told.arrived[0].file_name == name


def test_a_file_that_the_browser_lost_is_said(told):
    told.announce()
    told.parts.receive({"event": "unreadable", "name": "file", "ticket": 1.0}, ())
    assert "Pick it again" in told.failed[0]


def test_a_message_of_another_shape_is_passed_over(told):
    told.announce()
    assert told.parts.receive({"event": "part"}, ()) is None
    assert told.parts.receive({"event": "file", "size": "big"}, ()) is None


def test_nothing_is_left_behind(told):
    told.announce(size=2)
    folder = told.parts._folder
    assert folder.exists()
    told.parts = None
    assert not folder.exists()
