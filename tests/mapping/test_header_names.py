"""What real column names mean: a table from vendors' documentation, in ten languages and more."""

from __future__ import annotations

from pathlib import Path

import pytest

from smnotebook.mapping.names import likeness, meaning_of, named_fields, withheld_as

TABLE = Path(__file__).with_name("headers.txt").read_text(encoding="utf-8")
HEADERS = [tuple(line.rsplit(" = ", 1)) for line in TABLE.splitlines() if line and not line.startswith("# ")]


def meant(name: str) -> str:
    meaning = meaning_of(name)
    if withheld_as(meaning) is not None:
        return "withheld"
    best = max(named_fields(), key=lambda field: likeness(meaning, field))
    if likeness(meaning, best) < 0.5:
        return "nothing"
    kinds = [kind for kind in ("net", "sale", "former", "rrp") if best == "price" and meaning.has(kind)]
    turned = ["turned"] if best == "available" and meaning.has("sold_out") else []
    return " ".join([best, *kinds, *turned])


def test_the_table_is_as_large_as_it_should_be():
    assert len({name for name, _ in HEADERS}) >= 250
    assert TABLE.count("\n# ") >= 25


@pytest.mark.parametrize(("name", "expected"), HEADERS)
def test_a_name_means_what_its_vendor_documents(name, expected):
    assert meant(name) == expected
