"""What a payload changes in a stored product is what laying one over the other shows."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.upload.differences import changes_by, list_changes, merge

VALUES = st.none() | st.sampled_from(["a", "b", 1, 2.5, True]) | st.lists(st.sampled_from("ab"), max_size=2)
FIELDS = st.dictionaries(st.sampled_from(["name", "price", "categories"]), VALUES)
DETAILS = st.dictionaries(st.sampled_from(["detail1", "brand"]), VALUES)
STORED = st.builds(lambda fields, details: {**fields, "customDetails": details}, FIELDS, DETAILS)
PATCH = st.builds(
    lambda fields, details, cleared: {**fields, **details, **cleared},
    FIELDS,
    st.just({}) | st.builds(lambda details: {"customDetails": details}, DETAILS),
    st.just({}) | st.builds(lambda names: {"setAsNull": names}, st.lists(st.sampled_from(["price", "detail1"]))),
)


@given(stored=st.just({}) | STORED, patch=PATCH)
def test_changes_are_those_of_the_whole_product(stored, patch):
    before, after = deepcopy(stored), deepcopy(stored)
    merge(after, patch)
    assert sorted(changes_by(patch, stored)) == sorted(list_changes(stored, after))
    assert stored == before


@pytest.mark.parametrize(
    ("patch", "changes"),
    [
        ({"name": "Lamp"}, []),
        ({"name": "Lantern"}, [("name", "Lamp", "Lantern")]),
        ({"brand": None}, []),
        ({"setAsNull": ["detail1"]}, [("customDetails.detail1", "linen", None)]),
        ({"customDetails": {"detail2": "wool"}}, [("customDetails.detail2", None, "wool")]),
    ],
)
def test_a_field_that_is_left_out_stays(patch, changes):
    assert changes_by(patch, {"name": "Lamp", "customDetails": {"detail1": "linen"}}) == changes
