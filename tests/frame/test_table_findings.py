"""Findings about the table as a whole are said once, not once a row."""

from __future__ import annotations

import pandas as pd
import pytest

import smnotebook as sm
from smnotebook.errors import UsageError
from smnotebook.frame.preflight import preflight

REQUIRED = ["productId", "name", "mainCategory", "productUrl", "available", "price"]


@pytest.mark.parametrize("field", REQUIRED)
def test_an_absent_required_column_is_said_once(frame_of, field):
    report = preflight(frame_of(500).drop(columns=field))
    assert report.issues[["field", "reason_code", "severity"]].to_numpy().tolist() == [[field, 13, "error"]]
    assert report.errors == 1
    assert pd.isna(report.issues["position"].iloc[0])
    assert report.ready == 0
    assert not report.ok


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("productId", "product_id"), ("productId", "ProductID"), ("name", "Name"), ("mainCategory", "main category"),
     ("productUrl", "url"), ("price", "Price"), ("available", "avaliable")],
)  # fmt: skip
def test_the_nearest_column_is_named(frame_of, field, wrong):
    report = preflight(frame_of(5, other=[1] * 5).rename(columns={field: wrong}))
    absent = report.issues[report.issues["field"] == field]
    assert len(absent) == 1
    assert wrong in absent["suggestion"].iloc[0]


def test_no_column_is_named_where_none_comes_near(frame_of):
    report = preflight(frame_of(5).drop(columns="price"))
    assert "seems to hold" not in report.issues["suggestion"].iloc[0]


def test_the_column_that_a_mapping_would_take_is_named_in_any_language(frame_of):
    report = preflight(frame_of(5).rename(columns={"name": "Nazwa towaru", "price": "Cena zakupu"}))
    suggestions = report.issues.set_index("field")["suggestion"]
    assert "Nazwa towaru seems to hold it: df.salesmanago.suggest_mapping()" in suggestions["name"]
    assert "Cena zakupu" not in suggestions["price"]


def test_a_column_that_maps_to_nothing_is_a_warning(frame_of):
    report = preflight(frame_of(300, colour=["red"] * 300))
    assert report.issues[["column", "severity"]].to_numpy().tolist() == [["colour", "warning"]]
    assert report.ok
    assert report.ready == 300


def test_two_columns_for_one_field_are_an_error(frame_of):
    frame = frame_of(4, **{"systemDetails.brand": ["a"] * 4, "brand": ["b"] * 4})
    issues = preflight(frame).issues
    assert issues[["field", "column", "severity"]].to_numpy().tolist() == [["systemDetails.brand", "brand", "error"]]


def test_a_label_that_occurs_twice_is_an_error(frame_of):
    frame = frame_of(4)
    frame = pd.concat([frame, frame[["name"]]], axis=1)
    issues = preflight(frame).issues
    assert issues[["field", "severity"]].to_numpy().tolist() == [["name", "error"]]


@pytest.mark.parametrize("frame_makes", ["typed", "bare"])
def test_an_empty_frame_is_said_once_and_nothing_else_breaks(frame_of, frame_makes):
    frame = frame_of(3).iloc[:0] if frame_makes == "typed" else frame_of(3).iloc[:0].astype(object)
    report = preflight(frame)
    assert len(report.issues) == 1
    assert "no rows" in report.issues["message"].iloc[0]
    assert not report.ok
    assert report.ready == report.rows == 0
    assert "no rows" in repr(report)
    assert report._repr_html_()


def test_a_frame_without_columns_lacks_them_all():
    report = preflight(pd.DataFrame(index=range(3)))
    assert sorted(report.issues["field"].dropna()) == sorted(REQUIRED)
    assert report.ready == 0


def test_an_entirely_empty_frame():
    report = preflight(pd.DataFrame())
    assert not report.ok
    assert "no rows" in repr(report)


@pytest.mark.parametrize(
    "wrong", [None, [{"productId": "1"}], {"productId": ["1"]}, "products.csv", pd.Series([1])], ids=repr
)
def test_what_is_no_frame_is_refused_with_what_to_do(wrong):
    with pytest.raises(UsageError, match="DataFrame") as refused:
        preflight(wrong)
    assert type(wrong).__name__ in str(refused.value)


def test_table_findings_come_first_and_the_cells_after_them(frame_of):
    frame = frame_of(3, price=[1.0, -1.0, 2.0], colour=["x"] * 3).drop(columns="name")
    issues = preflight(frame).issues
    assert issues["position"].isna().tolist() == [True, True, False]
    assert issues["position"].iloc[2] == 1


def test_numbers_and_odd_objects_as_column_labels_map_to_nothing(frame_of):
    frame = frame_of(2)
    for label in (0, None, 1.5, ("a", "b"), pd.Timestamp("2026-01-01"), "", " "):
        frame[label] = 1
    report = preflight(frame)
    assert report.ok
    assert (report.issues["severity"] == "warning").all()
    assert repr(report)
    assert report._repr_html_()


@pytest.mark.parametrize("label", ["categories.1", "categories_1", "categories[1]", "imageUrls.0", "imageUrls_12"])
def test_a_numbered_column_is_an_entry_of_its_list(frame_of, label):
    report = preflight(frame_of(2, **{label: ["x" * 3000, None]}))
    assert report.issues["field"].tolist() == [label[: label.index("s") + 1] if "cat" in label else "imageUrls"]


def test_a_list_column_beside_numbered_ones_is_not_taken_in_silence(frame_of):
    """Two sources for one field: one would be lost without a word."""
    frame = frame_of(2, **{"categories": [["a"], ["b"]], "categories.1": ["c", "d"]})
    report = preflight(frame)
    assert (report.issues["severity"] == "error").any()


def test_a_dict_column_beside_dotted_ones_is_not_taken_in_silence(frame_of):
    frame = frame_of(2, **{"systemDetails": [{"brand": "a"}] * 2, "systemDetails.brand": ["b", "c"]})
    report = preflight(frame)
    assert (report.issues["severity"] == "error").any()


def test_a_details_column_beside_dotted_ones_is_not_taken_in_silence(frame_of):
    frame = frame_of(2, **{"customDetails": [{"a": "a"}] * 2, "customDetails.a": ["b", "c"]})
    report = preflight(frame)
    assert (report.issues["severity"] == "error").any()


def test_an_empty_column_beside_its_parts_is_none(frame_of):
    """As json_normalize leaves it where one record has null for the whole object."""
    records = [{"systemDetails": None}, {"systemDetails": {"brand": "x" * 300}}]
    frame = pd.concat([frame_of(2), pd.json_normalize(records)], axis=1)
    assert {"systemDetails", "systemDetails.brand"} <= set(frame)
    issues = preflight(frame).issues
    assert issues[["position", "field", "reason_code"]].to_numpy().tolist() == [[1, "systemDetails.brand", 11]]


def test_unknown_names_in_a_dict_are_said(frame_of):
    """A column systemDetails.colour is said to map to nothing; the same name inside a dict is no less lost."""
    report = preflight(frame_of(2, systemDetails=[{"colour": "red", "brand": "a"}, {"brand": "b"}]))
    assert report.ok
    assert "colour" in repr(report)


def test_what_the_reading_of_the_file_warns_of_is_part_of_the_report(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text(
        "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;URL rewritten\n1;1;a;b;9.99;c\n"
    )
    frame = sm.read_feed(path, preset="prestashop", url_template="https://shop.pl/{URL rewritten}")
    report = frame.salesmanago.preflight()
    assert "reading price: 1 x net prices taken as they are" in repr(report)
    assert "Reading: price: 1 x net prices taken as they are" in report._repr_html_()
    frame.attrs = {}
    assert "reading" not in repr(frame.salesmanago.preflight())


def test_texts_among_amounts_are_found_where_they_stand(frame_of):
    amounts = [12.5, "cheap", None, 1.234, -1.0, "9.99", "", 5.0]
    issues = preflight(frame_of(8).assign(price=pd.Series(amounts, dtype=object))).issues
    found = {(row.position, row.reason_code) for row in issues.itertuples()}
    alone = {
        (at, row.reason_code)
        for at, amount in enumerate(amounts)
        for row in preflight(frame_of(1).assign(price=pd.Series([amount], dtype=object))).issues.itertuples()
    }
    assert found == alone
    assert {position for position, _ in found} == {1, 2, 3, 4, 5, 6}
