"""The same event has one key and one fingerprint however it is written, and another event has others."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.contract.event_identity import BLANKS, compared_address, compared_id
from smnotebook.events import Event
from smnotebook.events.encodings import encode
from smnotebook.events.journal import key_of
from smnotebook.events.personal import Pseudonyms
from smnotebook.frame.event_identity import as_compared, repeats_without_id
from smnotebook.frame.event_table import read_events
from smnotebook.upload.event_rows import keyed_rows

PSEUDONYMS = Pseudonyms(bytes(range(32)))
WARSAW = "Europe/Warsaw"


# --- how one field may be written ------------------------------------------------------------------------------


def as_text(moment: dt.datetime) -> list[object]:
    return [f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"]


DATES = {
    "milliseconds": lambda moment: [int(moment.timestamp() * 1000)],
    "utc text": as_text,
    "zoned text": lambda moment: [moment.astimezone(ZoneInfo("America/New_York")).isoformat()],
    "utc timestamps": lambda moment: pd.to_datetime([moment]).as_unit("ns"),
    "zoned timestamps": lambda moment: pd.to_datetime([moment]).as_unit("s").tz_convert("Asia/Tokyo"),
    "local timestamps": lambda moment: pd.to_datetime([moment]).tz_convert(WARSAW).tz_localize(None),
    "local text": lambda moment: [f"{moment.astimezone(ZoneInfo(WARSAW)):%Y-%m-%d %H:%M:%S}"],
    "datetimes": lambda moment: pd.Series([moment.astimezone(ZoneInfo("Europe/London"))], dtype=object),
    "float": lambda moment: [float(moment.timestamp() * 1000)],
    "arrow": lambda moment: pd.array([moment], dtype=pd.ArrowDtype(pa.timestamp("us", "Europe/Paris"))),
}
VALUES = {
    "decimal": lambda cents: [Decimal(cents).scaleb(-2)],
    "longer decimal": lambda cents: [Decimal(cents * 100).scaleb(-4)],
    "float": lambda cents: [cents / 100],
    "nullable": lambda cents: pd.array([cents / 100], dtype="Float64"),
    "arrow": lambda cents: pd.array([Decimal(cents).scaleb(-2)], dtype=pd.ArrowDtype(pa.decimal128(12, 2))),
    "object": lambda cents: np.array([cents / 100], dtype=object),
}
TEXTS = {
    "object": lambda text: np.array([text], dtype=object),
    "string": lambda text: pd.array([text], dtype="string"),
    "category": lambda text: pd.Categorical([text]),
    "arrow": lambda text: pd.array([text], dtype=pd.ArrowDtype(pa.large_string())),
}
CASES = [str.lower, str.upper, str.swapcase, str.title]
PADS = ["", " ", "\t", "\u00a0", "\u3000 ", "\ufeff"]
MISSING = [None, np.nan, pd.NA, "", " ", "\u2003"]

MOMENTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2036, 1, 1), timezones=st.just(dt.UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
EVENTS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["PURCHASE", "CART", "VISIT"]),
        "email": st.sampled_from(["ola@example.com", "jan@example.com", "zażółć@example.com", "a.b+c@shop.pl"]),
        "date": MOMENTS.filter(lambda moment: not _came_twice(moment)),
        "value": st.none() | st.integers(0, 10**9),
        "products": st.none() | st.lists(st.sampled_from(["p1", "p2", "P2", "00123"]), min_size=1, max_size=3),
        "detail1": st.none() | st.sampled_from(["card", "Card", "x y", 'say "x"', "ż\u2028"]),
        "externalId": st.none() | st.sampled_from(["1", "77", "ORDER 1", "order 1", "ż"]),
    }
)


def _came_twice(moment: dt.datetime) -> bool:
    local = moment.astimezone(ZoneInfo(WARSAW))
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


@st.composite
def written(draw, event) -> pd.DataFrame:
    """A frame of one row that says this event, in some dtypes, zones and cases."""
    columns = {
        "type": draw(st.sampled_from(list(TEXTS.values())))(event["type"]),
        "email": draw(st.sampled_from(list(TEXTS.values())))(draw(st.sampled_from(CASES))(event["email"])),
        "date": draw(st.sampled_from(list(DATES.values())))(event["date"]),
    }
    if event["value"] is not None:
        columns["value"] = draw(st.sampled_from(list(VALUES.values())))(event["value"])
    if event["products"] is not None:
        joined = draw(st.sampled_from([",", " , "])).join(event["products"])
        columns["products"] = draw(st.sampled_from([[joined], pd.Series([event["products"]], dtype=object)]))
    if event["detail1"] is not None:
        columns["detail1"] = draw(st.sampled_from(list(TEXTS.values())))(event["detail1"])
    if event["externalId"] is not None:
        pad = st.sampled_from(PADS)
        columns["externalId"] = draw(st.sampled_from(list(TEXTS.values())))(draw(pad) + event["externalId"] + draw(pad))
    elif draw(st.booleans()):
        columns["externalId"] = np.array([draw(st.sampled_from(MISSING))], dtype=object)
    names = draw(st.permutations(list(columns)))
    return pd.DataFrame({name: columns[name] for name in names})


def known_as(frame: pd.DataFrame) -> tuple[str, bytes]:
    """Key and fingerprint of the only row."""
    events = read_events(frame, zone=WARSAW)
    faults = [
        (column.binding.path, fault.rule.name) for column in events.rows_as_given.columns for fault in column.faults
    ]
    assert faults == []
    (rows,) = keyed_rows(events, np.array([0]), PSEUDONYMS)
    return rows.keys[0], rows.fingerprints[0]


@given(EVENTS.flatmap(lambda event: st.tuples(written(event), written(event))))
def test_one_event_written_twice_has_one_key_and_one_fingerprint(frames):
    assert known_as(frames[0]) == known_as(frames[1])


@given(EVENTS.flatmap(lambda event: st.tuples(st.just(event), written(event))))
def test_a_single_event_is_known_as_its_row(pair):
    event, frame = pair
    amount = None if event["value"] is None else Decimal(event["value"]).scaleb(-2)
    single = Event(**(event | {"value": amount, "email": event["email"].upper()}))
    fields = encode(single, encoding="v2", carry={}, now=0.0)
    key = key_of(single, fields, PSEUDONYMS)
    assert (key.name, key.fingerprint) == known_as(frame)


@given(EVENTS.flatmap(lambda event: st.tuples(st.just(event), written(event))), st.data())
def test_another_event_has_another_fingerprint(pair, data):
    event, frame = pair
    other = data.draw(EVENTS.filter(lambda other: other != event))
    changed = data.draw(st.sampled_from([name for name in event if other[name] != event[name]]))
    mixed = event | {changed: other[changed]}
    key, fingerprint = known_as(frame)
    other_key, other_fingerprint = known_as(data.draw(written(mixed)))
    assert other_fingerprint != fingerprint
    shares_id = mixed["externalId"] == event["externalId"] is not None and mixed["type"] == event["type"]
    assert (other_key == key) == shares_id


# --- the parts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1", "1"), (" 1", "1"), ("1\u00a0", "1"), ("a b", "a b"), ("\u200b1\ufeff", "1"), ("", None), (" \t", None)],
)
def test_ids_are_compared_without_the_blanks_around_them(text, wanted):
    assert compared_id(text) == wanted
    column = as_compared(read_events(pd.DataFrame({"externalId": [text, "x"]})).rows_as_given).find("externalId")
    assert column.to_pylist() == [wanted, "x"]


def test_blanks_are_all_that_python_calls_white_space_and_two_more():
    assert {chr(code) for code in range(0x110000) if chr(code).isspace()} == set(BLANKS) - {"\u200b", "\ufeff"}


@given(st.lists(st.text(max_size=8), min_size=1, max_size=5))
def test_addresses_are_lowered_alike_in_both_places(texts):
    frame = pd.DataFrame({"email": [f"{text}@example.com" for text in texts]})
    table = as_compared(read_events(frame).rows_as_given)
    read = read_events(frame).rows_as_given.find("email").to_pylist()
    wanted = [None if email is None else compared_address(email) for email in read]
    assert table.find("email").to_pylist() == wanted


@pytest.mark.parametrize("address", ["\u0130@example.com", "\u039f\u0394\u039f\u03a3@example.com"])
def test_letters_that_arrow_lowers_in_its_own_way_are_lowered_as_a_single_event_is(address):
    table = as_compared(read_events(pd.DataFrame({"email": [address, "A@b.co"]})).rows_as_given)
    assert table.find("email").to_pylist() == [compared_address(address), "a@b.co"]


def test_of_an_address_and_an_id_the_id_counts():
    frame = pd.DataFrame({"email": ["A@b.co", "a@b.co", "A@B.co"], "contactId": ["c", None, "c"]})
    assert as_compared(read_events(frame).rows_as_given).find("email").to_pylist() == [None, "a@b.co", None]


def test_a_table_as_it_is_compared_already_is_not_copied():
    table = read_events(pd.DataFrame({"email": ["a@b.co"], "externalId": ["1"], "type": ["VISIT"]})).rows_as_given
    assert as_compared(table) is table


def visits(**columns) -> pd.DataFrame:
    usual = {"type": "VISIT", "date": 1_795_168_800_000, "email": ["a@b.co"] * 4}
    return pd.DataFrame(usual | columns)


@pytest.mark.parametrize(
    ("columns", "repeats"),
    [
        ({}, [1, 2, 3]),
        ({"email": ["a@b.co", "A@b.co", "c@b.co", "a@B.CO"]}, [1, 3]),
        ({"detail1": ["x", None, "x", None]}, [2, 3]),
        ({"detail1": ["x", "X", None, "y"]}, []),
        ({"value": [1, 1.0, Decimal("1.00"), 2]}, [1, 2]),
        ({"externalId": ["1", "1", None, " "]}, [3]),
        ({"externalId": ["1", "2", "3", None]}, []),
        ({"value": ["x", "x", 1, 1]}, [3]),
        ({"email": None, "contactId": ["c", "c", "d", "C"]}, [1]),
        ({"products": ["p1,p2", ["p1", "p2"], "p2,p1", "p1 , p2"]}, [1, 3]),
    ],
)
def test_rows_without_an_id_that_repeat_an_earlier_one(columns, repeats):
    table = as_compared(read_events(visits(**columns)).rows_as_given)
    assert repeats_without_id(table).tolist() == repeats


def test_an_empty_frame_repeats_nothing():
    table = read_events(visits().head(0)).rows_as_given
    assert repeats_without_id(as_compared(table)).tolist() == []
