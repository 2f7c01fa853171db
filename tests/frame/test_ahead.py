"""Work done ahead comes in order, never far ahead, and its errors where the caller stands."""

from __future__ import annotations

import pytest

from smnotebook.frame.ahead import work_ahead


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_results_come_in_the_order_of_their_items(threads):
    assert list(work_ahead(lambda item: item * 2, range(20), threads=threads)) == [item * 2 for item in range(20)]


@pytest.mark.parametrize("threads", [1, 2])
def test_no_more_is_begun_than_there_are_threads_for(threads):
    begun = []
    for number, _ in enumerate(work_ahead(begun.append, range(50), threads=threads), start=1):
        assert len(begun) <= number + threads


def test_an_error_is_raised_in_its_turn():
    def refuse_the_third(item):
        if item == 2:
            raise ValueError("the third")
        return item

    results = work_ahead(refuse_the_third, range(10), threads=2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="the third"):
        next(results)
