"""UploadReport: every row has one outcome, on the analyst's own index; rejected rows come back as they were."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.contract import ReasonCode, Violation
from smnotebook.frame.outcome import Outcomes, UploadReport
from smnotebook.frame.preflight import preflight

LIMIT = Violation(field="name", reason_code=int(ReasonCode.EXCEEDS_LIMIT), message="name|min:0|max:255|too long",
                  suggestion="Shorten it.")  # fmt: skip
ADVICE = Violation(field=None, reason_code=None, message="no code for this")


def report_of(frame, outcomes, resend=None):
    return UploadReport(
        frame=frame, preflight=preflight(frame), outcomes=outcomes, requests=2, catalog_name="Shop", resend=resend
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "leave", "refuse", "doubt", "hold_back", "copy"]),
        st.sets(st.integers(0, 9), min_size=1),
    ),
    max_size=8,
)


@given(STEPS)
def test_every_row_has_one_outcome_whatever_happens(steps):
    outcomes = Outcomes(10)
    for step, chosen in steps:
        rows = np.array(sorted(chosen))
        match step:
            case "accept":
                outcomes.accept(rows, request_id="r")
            case "leave":
                outcomes.leave(rows)
            case "refuse":
                outcomes.refuse(rows, LIMIT, request_id="r")
            case "doubt":
                outcomes.doubt(rows, "no answer")
            case "hold_back":
                outcomes.hold_back(rows, "no connection")
            case "copy":
                outcomes.copy(rows, rows[::-1].copy())
    report = report_of(pd.DataFrame(index=range(10)), outcomes)
    assert report.sent + report.unchanged + report.refused + report.unknown + report.unsent == 10
    counts = report.rows["status"].value_counts().to_dict()
    names = ("sent", "unchanged", "refused", "unknown", "unsent")
    assert counts == {name: number for name in names if (number := getattr(report, name))}


@pytest.mark.parametrize("settle", ["accept", "leave"])
def test_a_row_that_ends_well_keeps_no_word_of_what_was_before(settle):
    outcomes = Outcomes(1)
    outcomes.refuse(np.array([0]), LIMIT, request_id="first")
    outcomes.doubt(np.array([0]), "no answer")
    outcomes.accept(np.array([0]), request_id="second") if settle == "accept" else outcomes.leave(np.array([0]))
    row = report_of(pd.DataFrame(index=[0]), outcomes).rows.iloc[0]
    assert pd.isna(row["reason_code"])
    assert row["message"] is None
    assert row["request_id"] == ("second" if settle == "accept" else None)


@pytest.mark.parametrize("settle", ["doubt", "hold_back"])
def test_a_row_in_doubt_or_unsent_keeps_no_code_of_an_earlier_refusal(settle):
    outcomes = Outcomes(1)
    outcomes.refuse(np.array([0]), LIMIT)
    getattr(outcomes, settle)(np.array([0]), "no answer")
    row = report_of(pd.DataFrame(index=[0]), outcomes).rows.iloc[0]
    assert pd.isna(row["reason_code"])
    assert row["message"] == "no answer"


INDEXES = {
    "range": pd.RangeIndex(5),
    "labels": pd.Index(list("abcde")),
    "repeated": pd.Index(["a", "a", "b", "b", "b"]),
    "dates": pd.date_range("2026-01-01", periods=5),
    "levels": pd.MultiIndex.from_tuples([("PL", 1), ("PL", 1), ("DE", 2), ("DE", 3), ("FR", 4)], names=["shop", "n"]),
    "missing": pd.Index(["a", None, "b", np.nan, "c"]),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_rows_stand_on_the_frames_own_index_in_its_order(frame_of, index):
    frame = frame_of(5).set_axis(index)
    outcomes = Outcomes(5)
    outcomes.accept(np.array([0, 4]), request_id="r-1")
    outcomes.refuse(np.array([2]), LIMIT, request_id="r-2")
    outcomes.refuse(np.array([3]), ADVICE)
    rows = report_of(frame, outcomes).rows
    pd.testing.assert_index_equal(rows.index, index)
    assert rows["status"].tolist() == ["sent", "unsent", "refused", "refused", "sent"]
    assert rows["reason_code"].dtype == "Int64"
    assert rows["reason_code"].fillna(0).tolist() == [0, 0, 11, 0, 0]
    assert rows["message"].tolist()[2:4] == [LIMIT.message, ADVICE.message]
    assert rows["request_id"].fillna("none").tolist() == ["r-1", "none", "r-2", "none", "r-1"]


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_rejected_are_the_analysts_own_rows_with_a_reason(index):
    cells = {
        "a": pd.Series([1, 2, 3, 4, 5], dtype="int8"),
        "b": pd.Series([1, None, 3, 4, 5], dtype="Int64"),
        "c": pd.Series(list("xyxyx"), dtype="category"),
        "d": pd.Series([Decimal("1.10")] * 5, dtype=object),
        "e": pd.Series([["x"], None, ["y"], [], ["z"]], dtype=object),
        "f": pd.Series(list("vwxyz"), dtype=pd.ArrowDtype(pa.string())),
        "g": pd.Series(pd.date_range("2026-01-01", periods=5, tz="Europe/Warsaw")),
        "h": pd.Series([True, False, None, True, None], dtype="boolean"),
    }
    frame = pd.DataFrame(cells).set_axis(index)
    outcomes = Outcomes(5)
    outcomes.refuse(np.array([1, 3]), LIMIT)
    rejected = report_of(frame, outcomes).rejected
    pd.testing.assert_frame_equal(rejected[list(cells)], frame.iloc[[1, 3]], check_freq=False)
    assert rejected["reason"].tolist() == [LIMIT.message] * 2
    assert rejected["suggestion"].tolist() == ["Shorten it."] * 2
    assert list(frame.columns) == list(cells)


def test_changing_the_rejected_rows_leaves_the_frame_alone(frame_of):
    frame = frame_of(2)
    outcomes = Outcomes(2)
    outcomes.refuse(np.array([0]), LIMIT)
    rejected = report_of(frame, outcomes).rejected
    rejected.loc[0, "name"] = "changed"
    assert frame.loc[0, "name"] != "changed"


def test_retry_sends_the_mended_rows_without_the_added_columns(frame_of):
    sent = []
    outcomes = Outcomes(2)
    outcomes.refuse(np.array([1]), LIMIT)
    frame = frame_of(2)
    report = report_of(frame, outcomes, resend=sent.append)
    report.retry(report.rejected)
    pd.testing.assert_frame_equal(sent[0], frame.iloc[[1]])


def test_a_column_of_the_analysts_called_reason_comes_back_unharmed(frame_of):
    sent = []
    frame = frame_of(2, reason=["season", "sale"], suggestion=["a", "b"])
    outcomes = Outcomes(2)
    outcomes.refuse(np.array([1]), LIMIT)
    report = report_of(frame, outcomes, resend=sent.append)
    assert LIMIT.message in report.rejected.iloc[0].tolist()
    report.retry(report.rejected)
    pd.testing.assert_frame_equal(sent[0], frame.iloc[[1]])


def test_rows_refused_by_preflight_name_their_first_error(frame_of):
    frame = frame_of(4, name=["ok", "x" * 300, "ok", None], price=[1.0, -1.0, 0.0, 1.0])
    outcomes = Outcomes(4)
    outcomes.refuse_by_preflight(preflight(frame))
    rows = report_of(frame, outcomes).rows
    assert rows["status"].tolist() == ["unsent", "refused", "unsent", "refused"]  # a warning refuses nothing
    assert rows["reason_code"].fillna(0).tolist() == [0, 11, 0, 13]
    assert rows["message"].iloc[1].startswith("name|")


def test_a_table_without_a_required_column_refuses_every_row(frame_of):
    frame = frame_of(3).drop(columns="price")
    outcomes = Outcomes(3)
    outcomes.refuse_by_preflight(preflight(frame))
    assert report_of(frame, outcomes).refused == 3


HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m",
    "a\nunknown 0",
    "\u202egnp.exe",
    "<img src=x onerror=a()>",
]
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_a_server_says_can_not_run_or_disguise_itself(frame_of, text):
    outcomes = Outcomes(2)
    outcomes.refuse(np.array([0]), Violation(field="name", reason_code=18, message=f"name|{text}"))
    outcomes.doubt(np.array([1]), text)
    report = report_of(frame_of(2), outcomes)
    assert "<script>alert" not in report._repr_html_()
    assert "<img" not in report._repr_html_()
    assert STEERING.search(repr(report)) is None
    assert STEERING.search(report._repr_html_()) is None
    assert "\nunknown 0" not in repr(report)


@pytest.mark.parametrize("levels", [1, 2])
def test_no_cell_of_the_exported_rows_is_a_formula(frame_of, tmp_path, levels):
    frame = frame_of(3, name=["=1+1", "+1", "a;=1"], description=["@SUM(1)", "-1", "\t=1"]).set_axis(["=1", "@2", "+3"])
    frame["=cmd()"] = "=1"
    if levels == 2:
        frame = frame.set_index("=cmd()", append=True)
    outcomes = Outcomes(3)
    outcomes.refuse(np.arange(3), Violation(field="name", reason_code=18, message="=HYPERLINK(1)", suggestion="@x"))
    report_of(frame, outcomes).to_csv(tmp_path / "rejected.csv")
    text = (tmp_path / "rejected.csv").read_text("utf-8-sig")
    for delimiter in ",;":
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            assert not [cell for cell in row if cell.startswith(tuple("=+-@\t\r"))]


def test_the_repr_says_the_figures(frame_of):
    outcomes = Outcomes(4)
    outcomes.accept(np.array([0, 1]), request_id="r")
    outcomes.refuse(np.array([2]), LIMIT)
    report = report_of(frame_of(4), outcomes)
    for shown in (repr(report), report._repr_html_()):
        assert "Shop" in shown
        assert "too long" in shown
    assert re.search(r"\b2 sent\b", repr(report))


def test_a_frame_without_rows_has_no_outcomes(frame_of):
    report = report_of(frame_of(2).iloc[:0], Outcomes(0))
    assert report.rows.empty
    assert report.rejected.empty
    assert repr(report)
