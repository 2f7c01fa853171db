"""A survey goes through the source as seldom as it can, and decides the same for every chunk."""

from __future__ import annotations

import pyarrow as pa
import pytest

from smnotebook.values.amounts.context import AmountContext, Survey
from smnotebook.values.amounts.reading import read_money
from smnotebook.values.cells import coalesce
from smnotebook.values.findings import Journal


class Chunk(dict[str, pa.Array]):
    """A chunk that knows its columns' names."""

    @property
    def names(self) -> list[str]:
        return list(self)

    def typed(self, name: str) -> pa.Array:
        return self[name]


class Source:
    """Chunks that count how often they are gone through."""

    def __init__(self, *chunks: dict[str, list[str | None]]) -> None:
        self.chunks = [Chunk({name: pa.array(cells, pa.large_string()) for name, cells in c.items()}) for c in chunks]
        self.passes = 0

    def __call__(self) -> list[Chunk]:
        self.passes += 1
        return self.chunks


def read(source: Source, name: str, column: pa.Array, survey: Survey | None = None) -> list[object]:
    amounts = AmountContext(survey=survey or Survey(tables=source))
    return read_money(column, Journal(amounts=amounts), field="price", name=name).to_series().tolist()


def test_columns_that_are_looked_at_together_cost_one_pass():
    source = Source({"a": ["1.500"], "b": ["1,500"]}, {"a": ["2,50"], "b": ["1.5"]})
    survey = Survey(tables=source)
    survey.look_at(["a", "b"])
    assert read(source, "a", source.chunks[0]["a"], survey) == ["1.500"]
    assert source.passes == 1


def test_a_column_that_was_not_foreseen_costs_another_one():
    source = Source({"a": ["150,00"]}, {"b": ["1.500"]}, {"b": ["250,50"]})
    survey = Survey(tables=source)
    survey.look_at(["a"])
    assert read(source, "b", source.chunks[1]["b"], survey) == [1500]
    assert source.passes == 2
    assert read(source, "b", source.chunks[1]["b"], survey) == [1500]
    assert source.passes == 2


def test_columns_that_fill_one_field_are_decided_together():
    source = Source({"sale": ["1.500", None], "usual": [None, "250,50"]})
    column = coalesce([source.chunks[0]["sale"], source.chunks[0]["usual"]])
    assert read(source, "sale, usual", column) == [1500, 250.5]


def test_a_name_with_a_comma_is_one_column():
    source = Source(
        {"Preis, brutto": ["1.500"], "Preis": ["250.5"], "brutto": ["250.5"]}, {"Preis, brutto": ["250,50"]}
    )
    assert read(source, "Preis, brutto", source.chunks[0]["Preis, brutto"]) == [1500]


def test_a_column_that_was_made_of_others_decides_for_itself():
    assert read(Source({"a": ["1.500"]}), "made", pa.array(["1.500", "250,50"])) == [1500, 250.5]


@pytest.mark.parametrize(
    ("codes", "price"),
    [(["HUF", None], 1500), (["huf", "HUF"], 1500), (["HUF", "EUR"], "1.500"), (["HUF", "gross"], "1.500"),
     ([None, "KWD"], 1.5), (["EUR", "EUR"], "1.500")],
)  # fmt: skip
def test_a_currency_column_tells_the_currency_of_all_chunks(codes, price):
    source = Source(*({"p": ["1.500"], "currency": [code]} for code in codes))
    assert read(source, "p", source.chunks[0]["p"]) == [price]


def test_a_nested_currency_does_not_speak_of_another_price():
    source = Source({"cost": ["1.500"], "price.currency": ["HUF"]})
    assert read(source, "cost", source.chunks[0]["cost"]) == ["1.500"]


def test_a_fresh_context_keeps_the_answers_and_forgets_the_decisions():
    amounts = AmountContext(decimal=",", currency="eur")
    read_money(pa.array(["1.500"]), Journal(amounts=amounts), field="price", name="p")
    anew = amounts.anew()
    assert (anew.decimal, anew.currency, anew.decisions) == (",", "EUR", {})
    assert len(amounts.decisions) == 1
