"""Times and id lists: both interpreters say the same, whatever form a column has."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smnotebook.contract.event_fields import JoinedIds, When
from smnotebook.contract.events import Moment
from smnotebook.contract.fields import Broken, is_missing
from smnotebook.frame.arrow import plain_object
from smnotebook.frame.table import read_cells

WARSAW = "Europe/Warsaw"
NOON = 1_763_722_800_000  # 2025-11-21 12:00 in Warsaw


def by_row(cells, constraint):
    """Values and broken rules as the row-wise interpreter has them."""
    told = []
    for cell in cells:
        value = plain_object(cell)
        if is_missing(value):
            told.append((None, None))
            continue
        try:
            told.append((constraint.read(value), None))
        except Broken as broken:
            told.append((None, broken.faults[0][1].name))
    return told


def by_column(series, constraint):
    """The same from the column's interpreter; advice is left out."""
    values, faults = read_cells(series, constraint)
    rules = [None] * len(series)
    for fault in faults:
        if fault.rule.severity == "error":
            for position in fault.positions:
                assert rules[position] is None, "one error a cell"
                rules[position] = fault.rule.name
    return [(None if rule else value, rule) for value, rule in zip(values.to_pylist(), rules, strict=True)]


NAIVE = dt.datetime(2025, 11, 21, 12, 0)
FORMS = {
    "nanoseconds": pd.Series(pd.to_datetime([NAIVE]).as_unit("ns")),
    "microseconds": pd.Series(pd.to_datetime([NAIVE]).as_unit("us")),
    "seconds": pd.Series(pd.to_datetime([NAIVE]).as_unit("s")),
    "aware": pd.Series(pd.to_datetime([NAIVE]).tz_localize("Europe/London").tz_convert("Asia/Tokyo"))
    - pd.Timedelta("1h"),
    "arrow": pd.Series(pd.array([NAIVE], dtype=pd.ArrowDtype(pa.timestamp("ms")))),
    "python": pd.Series([NAIVE], dtype=object),
    "pandas": pd.Series([pd.Timestamp(NAIVE)], dtype=object),
    "numpy": pd.Series([np.datetime64(NAIVE, "ns")], dtype=object),
    "python, aware": pd.Series([NAIVE.replace(tzinfo=ZoneInfo(WARSAW))], dtype=object),
    "text": pd.Series(["2025-11-21 12:00"]),
    "text with T": pd.Series(["2025-11-21T12:00:00.000"]),
    "text with offset": pd.Series(["2025-11-21T12:00:00+01:00"]),
    "text in UTC": pd.Series(["2025-11-21T11:00:00Z"]),
    "text of the week": pd.Series(["2025-W47-5T12:00:00"]),
    "number": pd.Series([NOON]),
    "float": pd.Series([float(NOON)]),
    "nullable": pd.Series([NOON], dtype="Int64"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_one_moment_is_the_same_milliseconds(form):
    assert by_column(FORMS[form], When(zone=WARSAW)) == [(NOON, None)]


@pytest.mark.parametrize("form", FORMS)
def test_both_interpreters_agree_on_every_form(form):
    for zone in (WARSAW, "UTC", None):
        constraint = When(zone=zone)
        assert by_column(FORMS[form], constraint) == by_row(FORMS[form].array, constraint)


def test_a_date_is_its_midnight_in_the_zone():
    dates = pd.Series([dt.date(2025, 11, 21)], dtype=pd.ArrowDtype(pa.date32()))
    assert by_column(dates, When(zone=WARSAW)) == [(NOON - 12 * 3_600_000, None)]
    assert by_column(dates.astype(object), When(zone=WARSAW)) == [(NOON - 12 * 3_600_000, None)]


def test_a_time_without_a_zone_is_refused_unless_one_is_stated():
    assert by_column(FORMS["nanoseconds"], When()) == [(None, "zone")]
    assert by_column(FORMS["text"], When()) == [(None, "zone")]
    assert by_column(FORMS["aware"], When()) == [(NOON, None)]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ([1_763_722_800], "seconds"),
        ([1_763_722_800_000_000], "range"),
        ([-1], "range"),
        (["yesterday"], "type"),
        (["2025-02-30 12:00"], "type"),
        ([True], "type"),
        ([1.5], "type"),
        ([np.inf], "type"),
        ([2.0**60], "type"),
        ([2**64 - 1], "range"),
        (["2025-03-30 02:30"], "skipped"),
        ([pd.Timestamp("2025-03-30 02:30")], "skipped"),
        ([dt.date(1969, 1, 1)], "range"),
        ([pd.Timedelta("1h")], "type"),
    ],
)
def test_what_is_no_moment_has_its_reason(cells, rule):
    constraint = When(zone=WARSAW)
    assert by_column(pd.Series(cells), constraint) == [(None, rule)]
    assert by_row(pd.Series(cells, dtype=object).array, constraint) == [(None, rule)]


EARLIER, LATER = 1_761_438_600_000, 1_761_442_200_000


@pytest.mark.parametrize(
    ("cell", "ambiguous", "wanted"),
    [
        ("2025-10-26 02:30", None, (None, "ambiguous")),
        ("2025-10-26 02:30", "earlier", (EARLIER, None)),
        ("2025-10-26 02:30", "later", (LATER, None)),
        ("2025-10-26 01:59:59", None, (EARLIER - 1_801_000, None)),
        ("2025-10-26 03:00", None, (LATER + 1_800_000, None)),
        ("2025-10-26 02:30+02:00", "later", (EARLIER, None)),
        ("2025-10-26 02:30+01:00", None, (LATER, None)),
        ("2025-03-30 02:30", "later", (None, "skipped")),
    ],
)
@pytest.mark.parametrize("read", [str, dt.datetime.fromisoformat, pd.Timestamp], ids=["text", "datetime", "timestamp"])
def test_an_hour_that_came_twice_is_asked_about(read, cell, ambiguous, wanted):
    constraint = When(zone=WARSAW, ambiguous=ambiguous)
    series = pd.Series([read(cell)])
    assert by_column(series, constraint) == [wanted]
    assert by_row(series.astype(object).array, constraint) == [wanted]


def test_a_datetime_may_say_itself_that_it_is_the_later():
    later = dt.datetime(2025, 10, 26, 2, 30, fold=1)
    cells = pd.Series([later], dtype=object)
    for ambiguous, wanted in ((None, LATER), ("earlier", EARLIER), ("later", LATER)):
        constraint = When(zone=WARSAW, ambiguous=ambiguous)
        assert by_row(cells.array, constraint) == by_column(cells, constraint) == [(wanted, None)]


#: Hours around changes of the clock: of summer time, of a zone's offset for good, and by half an hour.
CHANGES = [
    (WARSAW, dt.datetime(2025, 10, 26)),
    (WARSAW, dt.datetime(2025, 3, 30)),
    ("Europe/Moscow", dt.datetime(2014, 10, 26)),
    ("Europe/Dublin", dt.datetime(2025, 10, 26)),
    ("Australia/Lord_Howe", dt.datetime(2025, 4, 6)),
    ("America/New_York", dt.datetime(2045, 11, 5)),
]


@given(
    st.sampled_from(CHANGES),
    st.lists(st.integers(0, 24 * 60).map(lambda minutes: dt.timedelta(minutes=minutes)), min_size=1, max_size=20),
    st.sampled_from([None, "earlier", "later"]),
)
def test_both_interpreters_agree_around_a_change_of_the_clock(change, minutes, ambiguous):
    zone, day = change
    moments = [day + minute for minute in minutes]
    constraint = When(zone=zone, ambiguous=ambiguous)
    series = pd.Series(pd.to_datetime(moments).as_unit("us"))
    assert by_column(series, constraint) == by_row(moments, constraint)
    assert by_column(series.astype(str), constraint) == by_row(moments, constraint)


@given(
    st.lists(
        st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)).map(lambda moment: moment.isoformat(sep=" "))
        | st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1), timezones=st.timezones()).map(str)
        | st.dates().map(str)
        | st.sampled_from(["", "x", "2025-02-29", "2024-02-29 24:00", "20251121", "2025-11-21T12", "0001-01-01"])
        | st.text("0123456789-:+TZ. ", max_size=20),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([WARSAW, "America/New_York", "UTC", None]),
)
@example(["2025-11-21 12:00:00.1234567", "2025-11-21T12:00:00.123456+01:00"], WARSAW)
def test_both_interpreters_agree_on_texts(texts, zone):
    constraint = When(zone=zone)
    assert by_column(pd.Series(texts, dtype=object), constraint) == by_row(texts, constraint)


@given(
    st.lists(
        st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)).map(
            lambda moment: f"{moment:%Y-%m-%d %H:%M:%S}"
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([WARSAW, "UTC", None]),
    st.sampled_from(
        [
            "",
            "2025-02-30 12:00:00",
            "2025-11-21 24:00:00",
            "2025-11-21 12:00:60",
            "0999-11-21 12:00:00",
            "2025-11-21x12:00:00",
            "2025/11/21 12:00:00",
            "20２5-11-21 12:00",
            "2025-11-21T12:00:00",
        ]
    ),
)
def test_both_interpreters_agree_where_all_texts_look_alike(texts, zone, odd):
    """The fast road is taken by the first of the two, and left by most of the second."""
    constraint = When(zone=zone)
    for cells in (texts, [*texts, odd]):
        assert by_column(pd.Series(cells, dtype=object), constraint) == by_row(cells, constraint)


@given(st.lists(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2200, 1, 1)), min_size=1, max_size=30))
def test_both_interpreters_agree_on_local_times(moments):
    series = pd.Series(pd.to_datetime(moments).as_unit("us"))
    assert by_column(series, When(zone=WARSAW)) == by_row(moments, When(zone=WARSAW))


def test_milliseconds_of_api_v2_take_numbers_and_only_advise_on_seconds():
    values, faults = read_cells(pd.Series([NOON, 1_763_722_800]), Moment())
    assert values.to_pylist() == [NOON, 1_763_722_800]
    assert [(fault.rule.name, fault.rule.severity) for fault in faults] == [("seconds", "warning")]
    assert by_column(FORMS["aware"], Moment()) == [(None, "type")]


# --- ids in one text -------------------------------------------------------------------------------------------

IDS = JoinedIds(max=20)


@pytest.mark.parametrize(
    ("cell", "joined"),
    [
        (["1", "2"], "1,2"),
        ([1, 2], "1,2"),
        ((" p01", "p02 "), "p01,p02"),
        ("p01, p02", "p01,p02"),
        ("p01", "p01"),
        (1234, "1234"),
        (["1", None, ""], "1"),
        ([], None),
        (" , ", None),
        (np.array(["a", "b"]), "a,b"),
    ],
)
def test_ids_become_one_text(cell, joined):
    series = pd.Series([cell], dtype=object)
    assert by_column(series, IDS) == [(joined, None)] == by_row([cell], IDS)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (["1", "a,b"], "comma"),
        (["a" * 10, "b" * 10], "length"),
        ("a" * 21, "length"),
        ([["1"]], "type"),
        ([1.5], "type"),
        (1.5, "type"),
        ({"1": "2"}, "type"),
        (["\ud800"], "unicode"),
    ],
)
def test_ids_that_cannot_be_joined_have_their_reason(cell, rule):
    series = pd.Series([cell], dtype=object)
    assert by_column(series, IDS) == [(None, rule)] == by_row([cell], IDS)


def test_the_id_at_fault_is_named():
    _, (fault,) = read_cells(pd.Series([["1"], ["2", "3", "4,5"]]), IDS)
    assert (fault.positions.tolist(), fault.items.tolist()) == ([1], [2])


ID_CELLS = (
    st.none()
    | st.text("ab,1 ż\xa0", max_size=12)
    | st.integers(0, 10**6)
    | st.lists(st.text("ab, 1\t", max_size=6) | st.none() | st.integers(0, 99), max_size=5)
)


@given(st.lists(ID_CELLS, min_size=1, max_size=20))
def test_both_interpreters_agree_on_ids(cells):
    assert by_column(pd.Series(cells, dtype=object), IDS) == by_row(cells, IDS)


@given(st.lists(st.lists(st.text("ab, 1", max_size=6), max_size=5), min_size=1, max_size=20))
def test_arrow_lists_read_like_python_lists(cells):
    arrow = pd.Series(pd.array(cells, dtype=pd.ArrowDtype(pa.list_(pa.string()))))
    assert by_column(arrow, IDS) == by_row(cells, IDS)


def test_blocks_are_put_together_in_order():
    cells = [[str(row % 99)] * (row % 4) for row in range(70_000)]
    cells[69_999] = ["1,2"]
    values, (fault,) = read_cells(pd.Series(cells), IDS)
    assert len(values) == 70_000
    assert values[69_998].as_py() == (",".join(cells[69_998]) or None)
    assert fault.positions.tolist() == [69_999]
