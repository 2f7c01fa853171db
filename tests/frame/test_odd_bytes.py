"""Odd bytes are found wherever they stand; against a plain reading of the declaration, byte by byte."""

from __future__ import annotations

import string

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smnotebook.contract.grammars import EMAIL, URL, Ordinary
from smnotebook.frame.odd_bytes import filled_up, find_odd_bytes, joints, odd_places, plain_bytes

BYTES = st.text(alphabet="ab09/.@%#:?=&_ ż\x00<~-Ff", max_size=80).map(str.encode)
SHAPES = [URL.ordinary, EMAIL.ordinary]


def is_within(byte: int, ranges) -> bool:
    return any(ord(first) <= byte <= ord(last) for first, last in ranges)


def plainly_odd(text: bytes, shape: Ordinary) -> list[int]:
    digits = string.hexdigits.encode()

    def is_odd(at: int) -> bool:
        if shape.escape and text[at] == ord(shape.escape) and len(text[at + 1 : at + 3]) == 2:
            return not all(byte in digits for byte in text[at + 1 : at + 3])
        before_joint = at + 1 < len(text) and is_within(text[at + 1], shape.joints)
        return not is_within(text[at], shape.plain) or (text[at] == ord(shape.before) and before_joint)

    return [at for at in range(len(text)) if is_odd(at)]


def found(text: bytes, shape: Ordinary, lead: int, known=()) -> list[int]:
    """At an even address, or at an odd one."""
    room = 8
    filled = filled_up(np.frombuffer(b"x" * lead + text, dtype=np.uint8), room)
    assert filled.ctypes.data % 2 == 0
    return (find_odd_bytes(filled, shape, [places + room + lead for places in known]) - room - lead).tolist()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("lead", [0, 1])
@given(text=BYTES)
@example(text=b"//")
@example(text=b"a//a//aaaa")
@example(text=b"aa%C5%BCa%4aa%%41aaaa")
@example(text=b"%4%41%%4g%g4%44%4")
@example(text=b"a%4%41%%4g%g4%44%4")
@example(text=b"a..b./c/.d/./e//f.@@.a")
@example(text=b"a a a  aaaa")
def test_every_odd_byte_is_found_and_no_other(shape, lead, text):
    assert found(text, shape, lead) == plainly_odd(text, shape)


@pytest.mark.parametrize("lead", [0, 1])
def test_known_places_are_left_out_and_nothing_beside_their_pair(lead):
    text = b"https://a.pl/x y//z-and-more"
    assert found(text, URL.ordinary, lead) == [6, 14, 16]
    assert found(text, URL.ordinary, lead, known=[np.array([6])]) == [14, 16]


def test_places_in_an_anchor_are_those_whose_neighbours_are_in_it_too():
    assert odd_places(b"https://a.pl/", URL.ordinary) == (6,)
    assert odd_places(b"//a.pl/", URL.ordinary) == ()  # the pair might hold a byte before it
    assert odd_places(b"@a.pl", EMAIL.ordinary) == ()
    assert odd_places(b"https://a.pl./", URL.ordinary) == (6,)  # the rest may begin with what makes the last one odd
    assert odd_places(b"https://a.pl//", URL.ordinary) == (6,)


def test_plain_bytes_are_odd_before_no_other():
    plain = plain_bytes(URL.ordinary)
    assert [chr(byte) for byte in range(32, 127) if not plain[byte]] == list(' !"#$%/<>[\\]^`{|}~')


def test_joints_are_told_by_value():
    assert [chr(byte) for byte in np.flatnonzero(joints(URL.ordinary))] == [".", "/"]
    assert [chr(byte) for byte in np.flatnonzero(joints(EMAIL.ordinary))] == [".", "@"]
