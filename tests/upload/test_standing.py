"""What the ledger knows is the same whether a table is joined with all of it or its products are looked up."""

from __future__ import annotations

from itertools import count

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smnotebook.contract import Product
from smnotebook.fingerprints import fingerprint
from smnotebook.frame.reading import read_table
from smnotebook.ledger import Ledger, Receipt, RequestState
from smnotebook.upload import standing
from smnotebook.upload.standing import UNKNOWN, Standing, as_words

ODD_IDS = ["1,5", "żółw", "a\x00b", "👢", "\x00", '"', "'", "ab", "a", "b", "A", "ａ", "x" * 255]
NUMBERS = count()
IDS = st.sampled_from(ODD_IDS) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    with Ledger.open(tmp_path_factory.mktemp("ledger") / "ledger.db") as opened:
        yield opened


def known_book(ledger, ids):
    book = ledger.book("api.example.com", f"catalog {next(NUMBERS)}")
    run = book.start_run("upsert")
    prints = [fingerprint(product_id.encode()) for product_id in ids]
    sent = book.record_sent(run, ids, prints, [b"{}"] * len(ids))
    book.record_receipt(sent, Receipt(state=RequestState.ACKNOWLEDGED, status=200))
    return book


def table_of(ids):
    return read_table(pd.DataFrame({"productId": pd.Series(ids, dtype="str")}), Product)


def told(book, table):
    ids = table.find("productId")
    rows = np.flatnonzero(ids.is_valid().to_numpy())
    with Standing(book, ids) as found:
        return found.of(rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(known=st.lists(IDS, unique=True, max_size=30), asked=st.lists(IDS | st.none(), min_size=1, max_size=30))
def test_both_roads_tell_the_same(ledger, known, asked):
    book, table = known_book(ledger, known), table_of(asked)
    looked_up = told(book, table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standing, "_FEW_ROWS", 0)
        patch.setattr(standing, "_SHARE", 0.0)
        joined = told(book, table)
    wanted = [as_words(fingerprint(one.encode())) if one in known else UNKNOWN for one in asked if one]
    assert np.array_equal(looked_up, np.concatenate([np.empty((0, 2), np.uint64), *wanted]))
    assert np.array_equal(joined, looked_up)


def test_all_that_is_known_is_told_in_stretches(ledger):
    book = known_book(ledger, ODD_IDS)
    stretches = list(book.known_stretches(chunk=4))
    assert [len(one.fingerprints) // 16 for one in stretches] == [4, 4, 4, 1]
    found = {}
    for stretch in stretches:
        for number, product_id in enumerate(stretch.ids.split(b"\xff")):
            found[product_id.decode()] = stretch.fingerprints[16 * number : 16 * number + 16]
    assert found == {one: fingerprint(one.encode()) for one in ODD_IDS}


def test_a_table_without_ids_and_a_catalog_of_which_nothing_is_known(ledger):
    with Standing(known_book(ledger, ["a"]), None) as found:
        assert found.known == 1
    with Standing(ledger.book("nobody", "nothing"), pa.chunked_array([pa.array(["a"] * 30_000)])) as found:
        assert found.known == 0
