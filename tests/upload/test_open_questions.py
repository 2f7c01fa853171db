"""An upload stops where a price can be read in two ways, before anything is sent."""

from __future__ import annotations

import pytest

import smnotebook  # noqa: F401 - registers the accessor
from smnotebook.errors import OpenQuestions
from smnotebook.feeds import read_feed


@pytest.fixture
def asked():
    """Two products whose prices may be 1500 and 2000, or 1.5 and 2."""
    rows = (f"{n};P;c;https://shop.example.com/{n};{n}.500\n" for n in (1, 2))
    mapping = {"productId": "sku", "name": "name", "mainCategory": "cat", "productUrl": "url", "price": "Preis"}
    return read_feed(("sku;name;cat;url;Preis\n" + "".join(rows)).encode(), mapping=mapping)


@pytest.mark.parametrize("dry_run", [True, False])
def test_nothing_is_sent_while_a_price_is_asked_about(catalog, sandbox, asked, dry_run):
    before = len(sandbox.requests)
    with pytest.raises(OpenQuestions) as raised:
        asked.salesmanago.upsert_products(catalog, dry_run=dry_run)
    assert [question.field for question in raised.value.questions] == ["price"]
    assert len(sandbox.requests) == before


def test_preflight_names_the_question_and_the_argument_that_answers_it(asked):
    assert "1.500 may be 1.500 or 1500. Answer with decimal='.' or decimal=','." in repr(asked.salesmanago.preflight())


def test_rows_are_left_out_where_that_was_asked_for(catalog, asked):
    asked.loc[0, "price"] = 1500.0
    report = asked.salesmanago.upsert_products(catalog, errors="skip", progress=False)
    assert (report.sent, report.refused) == (1, 1)


def test_corrected_cells_are_sent(catalog, asked):
    asked["price"] = [1500.0, 2500.0]
    assert asked.salesmanago.upsert_products(catalog, progress=False).sent == 2
