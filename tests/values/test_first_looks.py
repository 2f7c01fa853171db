"""Quick looks at a column's bytes: they may only spare work, never a finding."""

from __future__ import annotations

import pyarrow as pa
import pytest

from smnotebook.values.byte_scan import byte_range, holds_pairs
from smnotebook.values.cells import one_array
from smnotebook.values.mojibake import still_broken, twice_encoded
from smnotebook.values.plain_text import CLEANED

#: More than is looked at in one go.
LONG = "x" * ((1 << 17) - 1)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["abc", None, "xyz"], (0x61, 0x7A)),
        (["a\tb"], (0x09, 0x62)),
        (["ż"], (0xBC, 0xC5)),
        ([LONG, "~"], (0x78, 0x7E)),
        ([None, ""], (255, 0)),
        ([], (255, 0)),
    ],
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_range_of_the_bytes(kind: pa.DataType, texts: list[str | None], expected: tuple[int, int]) -> None:
    assert byte_range(pa.array(texts, kind)) == expected
    assert byte_range(pa.array(["\x01", *texts, "\uffff"], kind).slice(1, len(texts))) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Łódź, ą, ó"], False),
        (["KsiÄ…Å¼ka"], True),
        ([LONG + "Ä…"], True),
        (["Ñ"], True),
        (["plain"], False),
        ([], False),
    ],
)
def test_first_bytes_of_text_encoded_twice(texts: list[str], expected: bool) -> None:
    pairs = [letter.encode() for letter in "ÄÅÑ"]
    assert holds_pairs(pa.array(texts, pa.large_string()), pairs) is expected


@pytest.mark.parametrize("broken", ["KsiÄ…Å¼ka", "Ã³", "â‚¬", "Ñ‡Ð°Ð¹", LONG + "Å‚"])
def test_text_encoded_twice_is_found_beside_letters_that_are_right(broken: str) -> None:
    assert twice_encoded(pa.array(["Łódź", broken], pa.large_string())).tolist() == [False, True]


@pytest.mark.parametrize("broken", ["K\ufffdbek", "Kï¿½bek"])
def test_lost_letters_are_found_beside_letters_that_are_right(broken: str) -> None:
    assert still_broken(pa.array(["Łódź", broken, "co\u00a0do"], pa.large_string())).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("2019", (False, False)),
        ("o'clock", (False, True)),
        ('="00123"', (False, True)),
        ("a\x02b", (True, True)),
        ("a\u200bb", (True, False)),
    ],
)
def test_which_cleaning_a_range_of_bytes_concerns(texts: str, expected: tuple[bool, bool]) -> None:
    lowest, highest = byte_range(pa.array([texts]))
    assert tuple(cleaning.concerns(lowest, highest) for cleaning in CLEANED) == expected


def test_text_in_one_piece_is_not_copied() -> None:
    texts = pa.array(["some text"] * 1000, pa.large_string())
    assert one_array(pa.chunked_array([texts])).buffers()[2].address == texts.buffers()[2].address


def test_a_small_part_is_copied_so_that_the_rest_can_go() -> None:
    part = pa.chunked_array([pa.array(["some text"] * 1000, pa.large_string()).slice(0, 10)])
    assert one_array(part).get_total_buffer_size() < 200
    assert one_array(part).to_pylist() == part.to_pylist()


def test_numbers_are_copied_as_they_may_be_those_of_a_frame() -> None:
    numbers = pa.array([1.5, 2.5])
    assert one_array(pa.chunked_array([numbers])).buffers()[1].address != numbers.buffers()[1].address
