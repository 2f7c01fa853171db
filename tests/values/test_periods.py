"""Sale periods: texts that name a moment, and whether a day or a moment lies between two of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest

from smnotebook.errors import UsageError
from smnotebook.values.periods import Orders, as_iso, moment_of, read_moment, running, split_period

WARSAW = timezone(timedelta(hours=1))
TODAY = date(2026, 11, 28)
NOON = datetime(2026, 11, 28, 12, tzinfo=WARSAW)


class TestMoments:
    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2026-01-31", (2026, 1, 31)),
            (" 2026-01-31 ", (2026, 1, 31)),
            ("20260131", (2026, 1, 31)),
            ("2026/1/31", (2026, 1, 31)),
            ("2026.01.31", (2026, 1, 31)),
            ("31.01.2026", (2026, 1, 31)),
            ("1.2.2026", (2026, 2, 1)),
            ("31-01-2026", (2026, 1, 31)),
            ("1/31/2026", (2026, 1, 31)),
            ("1/31/26", (2026, 1, 31)),
            ("31/1/26", (2026, 1, 31)),
            ("03/04/2026", (2026, 4, 3)),
        ],
    )
    def test_days(self, text, day):
        moment = read_moment(text)
        assert (moment.at, moment.whole_day) == (datetime(*day), True)

    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("2026-01-31 23:59", datetime(2026, 1, 31, 23, 59)),
            ("2026-01-31T23:59:58", datetime(2026, 1, 31, 23, 59, 58)),
            ("2026-01-31 00:00:00", datetime(2026, 1, 31)),
            ("2026-01-31T24:00", datetime(2026, 2, 1)),
            ("2026-01-31T23:59:58.120Z", datetime(2026, 1, 31, 23, 59, 58, tzinfo=UTC)),
            ("2026-01-31T23:59 UTC", datetime(2026, 1, 31, 23, 59, tzinfo=UTC)),
            ("2026-01-31T23:59+0100", datetime(2026, 1, 31, 23, 59, tzinfo=WARSAW)),
            ("2026-01-31T23:59+01", datetime(2026, 1, 31, 23, 59, tzinfo=WARSAW)),
            ("2026-01-31T23:59-05:30", datetime(2026, 1, 31, 23, 59, tzinfo=timezone(-timedelta(hours=5, minutes=30)))),
            ("1/31/26, 12:00 AM", datetime(2026, 1, 31)),
            ("1/31/26, 12:30 PM", datetime(2026, 1, 31, 12, 30)),
            ("31.01.2026 8:05 pm", datetime(2026, 1, 31, 20, 5)),
            ("1769817600", datetime(2026, 1, 31, tzinfo=UTC)),
            ("1769817600000", datetime(2026, 1, 31, tzinfo=UTC)),
        ],
    )
    def test_times(self, text, at):
        moment = read_moment(text)
        assert (moment.at, moment.whole_day) == (at, False)
        assert moment.at.utcoffset() == at.utcoffset()

    @pytest.mark.parametrize("text", [None, "", " ", "0", "0000-00-00", "0000-00-00 00:00:00", "-"])
    def test_none(self, text):
        assert read_moment(text) is None

    @pytest.mark.parametrize(
        "text",
        [
            "soon",
            "2026-02-30",
            "2026-13-01",
            "31.13.2026",
            "2026-01-31 25:00",
            "2026-01-31 12:61",
            "2026",
            "46000",
            "1.2",
        ],
    )
    def test_what_is_no_date_is_an_error(self, text):
        with pytest.raises(ValueError, match=r".*"):
            read_moment(text)

    def test_month_first_where_it_is_said_but_never_with_points_or_above_twelve(self):
        texts = ("03/04/2026", "03.04.2026", "13/04/2026", "03-04-2026", "04/13/2026")
        days = [read_moment(text, month_first=True).at for text in texts]
        assert [(day.month, day.day) for day in days] == [(3, 4), (4, 3), (4, 13), (3, 4), (4, 13)]

    def test_are_rewritten_to_be_read_one_way_only(self):
        texts = pa.array(["03/04/2026", "03/04/26 8:30 PM", "0000-00-00", "soon", None])
        assert as_iso(texts, month_first=True).to_pylist() == ["2026-03-04", "2026-03-04T20:30:00", None, "soon", None]
        assert as_iso(texts, month_first=False).to_pylist()[0] == "2026-04-03"


class TestToday:
    def test_is_now_in_a_zone_where_it_is_not_given(self):
        before = datetime.now(UTC)
        assert before <= moment_of(None) <= datetime.now(UTC)

    def test_is_a_date_or_a_zoned_datetime(self):
        assert moment_of(TODAY) is TODAY
        assert moment_of(NOON) is NOON
        with pytest.raises(UsageError, match="zone"):
            moment_of(datetime(2026, 11, 28))


class TestRunning:
    @pytest.mark.parametrize(
        ("start", "end", "on_the_day", "at_noon"),
        [
            (None, None, True, True),
            ("2026-11-28", None, True, True),
            ("2026-11-29", None, False, False),
            (None, "2026-11-28", True, True),
            (None, "2026-11-27", False, False),
            ("2026-11-01", "2026-11-30", True, True),
            # ends and begins by the clock
            (None, "2026-11-28 00:00", False, False),
            (None, "2026-11-28 00:00:01", True, False),
            (None, "2026-11-28 11:59", True, False),
            (None, "2026-11-28 12:00", True, False),
            (None, "2026-11-28 12:01", True, True),
            ("2026-11-28 12:00", None, True, True),
            ("2026-11-28 12:01", None, True, False),
            # zones count where today has one
            (None, "2026-11-28T11:30Z", True, True),
            (None, "2026-11-28T11:00Z", True, False),
            (None, "2026-11-28T12:30+03:00", True, False),
            ("2026-11-28T12:30+03:00", None, True, True),
            ("2026-11-28T08:00-05:00", None, True, False),
            (None, "2026-11-29 00:00", True, True),
            (None, "2026-11-27 23:59", False, False),
            ("2026-11-29 00:00", None, False, False),
            (None, "9999-12-31", True, True),
            ("0000-00-00", "0000-00-00", True, True),
        ],
    )
    def test_by_the_day_and_by_the_moment(self, start, end, on_the_day, at_noon):
        starts, ends = (pa.array([text], pa.string()) for text in (start, end))
        for today, expected in ((TODAY, on_the_day), (NOON, at_noon)):
            found = running(starts, ends, today, 1)
            assert (found.mask.tolist(), found.unread.tolist(), found.ambiguous.tolist()) == (
                [expected],
                [False],
                [False],
            )

    def test_columns_may_be_absent(self):
        assert running(None, None, TODAY, 2).mask.tolist() == [True, True]
        assert running(pa.array(["2026-12-01", None]), None, TODAY, 2).mask.tolist() == [False, True]
        assert running(None, pa.array([], pa.string()), TODAY, 0).mask.tolist() == []

    def test_what_can_not_be_read_is_said_and_does_not_last(self):
        found = running(pa.array(["soon", None]), None, TODAY, 2)
        assert (found.mask.tolist(), found.unread.tolist()) == ([False, True], [True, False])

    @pytest.mark.parametrize(
        ("starts", "mask", "ambiguous"),
        [
            # 12/11 is 12 November or December 11
            (["12/11/2026"], [False], [True]),
            (["12/11/2026", "13/11/2026"], [True, True], [False, False]),
            (["12/11/2026", "11/13/2026"], [False, True], [False, False]),
            # proofs for both: what is open stays open
            (["12/11/2026", "13/11/2026", "11/13/2026"], [False, True, True], [True, False, False]),
            # both readings agree
            (["02/03/2026"], [True], [False]),
            (["12.11.2026"], [True], [False]),
        ],
    )
    def test_the_order_of_day_and_month_is_proven_by_the_columns(self, starts, mask, ambiguous):
        found = running(pa.array(starts), None, TODAY, len(starts))
        assert (found.mask.tolist(), found.ambiguous.tolist()) == (mask, ambiguous)
        assert not found.unread.any()

    def test_the_end_proves_the_order_of_the_start(self):
        found = running(pa.array(["12/11/2026"]), pa.array(["31/12/2026"]), TODAY, 1)
        assert found.mask.tolist() == [True]

    def test_the_order_may_be_said(self):
        starts = pa.array(["12/11/2026"])
        assert running(starts, None, TODAY, 1, orders=Orders(month_first=True)).mask.tolist() == [False]
        assert running(starts, None, TODAY, 1, orders=Orders(day_first=True)).mask.tolist() == [True]

    def test_what_can_be_read_one_way_only_is_read_that_way(self):
        found = running(pa.array(["12/11/2026", "13/11/2026", "31/31/2026"]), None, TODAY, 3, orders=Orders())
        assert (found.mask.tolist(), found.ambiguous.tolist()) == ([False, True, False], [True, False, False])
        assert found.unread.tolist() == [False, False, True]

    def test_proofs_of_several_chunks_are_merged(self):
        parts = [Orders.of(pa.array(texts)) for texts in (["1/2/2026"], ["13/2/2026"], ["2-13-2026", None])]
        assert parts == [Orders(), Orders(day_first=True), Orders(month_first=True)]
        assert parts[0].merged(parts[1]).possible == (False,)
        assert parts[2].merged(parts[0]).possible == (True,)
        assert parts[1].merged(parts[2]).possible == parts[0].possible == (False, True)

    def test_typed_dates_are_days_and_typed_times_are_times(self):
        days = pa.array([datetime(2026, 11, 28), None])
        assert running(None, days, NOON, 2).mask.tolist() == [True, True]
        times = pa.array([datetime(2026, 11, 28), datetime(2026, 11, 28, 23)])
        assert running(None, times, NOON, 2).mask.tolist() == [False, True]
        zoned = pa.array([datetime(2026, 11, 28, 11, tzinfo=UTC)], pa.timestamp("s", "UTC"))
        assert running(None, zoned, NOON, 1).mask.tolist() == [False]


def test_a_period_in_one_cell_is_split():
    column = pa.array(["2026-11-01T00:00+01:00/2026-11-28", " 2026-11-01 / ", "/2026-11-28", "soon", None, "a/b/c"])
    starts, ends = split_period(column)
    assert starts.to_pylist() == ["2026-11-01T00:00+01:00", "2026-11-01", None, "soon", None, "a/b/c"]
    assert ends.to_pylist() == ["2026-11-28", None, "2026-11-28", None, None, None]
