"""Frames of events and contacts: checked to the cell, sent once, every row accounted for."""

import threading

import pandas as pd
import pytest
from pydantic import SecretStr

import smnotebook as sm
from smnotebook.contract import Operation
from smnotebook.errors import ConfirmationNeeded, PreflightFailed, UploadFailed, UsageError
from smnotebook.profiles import Profile
from smnotebook.sandbox.faults import Fault, FaultKind
from smnotebook.settings import home
from smnotebook.upload.event_answers import read_verdict
from smnotebook.upload.progress import STOP

BATCH = Operation.ADD_EVENTS.path
WARSAW = {"timezone": "Europe/Warsaw"}


def events(rows=3, **columns):
    base = {
        "type": ["PURCHASE"] * rows,
        "email": [f"canary{row}@example.com" for row in range(rows)],
        "date": pd.date_range("2026-11-01 10:00", periods=rows, freq="min"),
        "value": [10.5 + row for row in range(rows)],
        "externalId": [f"ORDER-{row}" for row in range(rows)],
    }
    return pd.DataFrame(base | columns)


def send(frame, client, **options):
    return frame.salesmanago.send_events(client, **({"progress": False} | WARSAW | options))


def report_of(frame, client, **options):
    """Of good rows alone, also where it comes inside an exception."""
    try:
        return send(frame, client, errors="skip", **options)
    except UploadFailed as failed:
        return failed.report


def accounted(report):
    ends = report.sent + report.unchanged + report.refused + report.unknown + report.unsent
    return ends == len(report.frame)


def orders(sandbox):
    return [event["event"].get("externalId") for event in sandbox.events()]


# --- preflight -------------------------------------------------------------------------------------------------


def findings(frame, client, **options):
    issues = frame.salesmanago.preflight_events(client, **(WARSAW | options)).issues
    return [tuple(row) for row in issues[["position", "field", "severity", "reason_code"]].itertuples(index=False)]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("type", "LOCATION_ENTRY", 18),
        ("type", "purchase", 18),
        ("email", "nobody", 18),
        ("email", None, 13),
        ("date", pd.Timestamp("2026-03-29 02:30"), 18),
        ("date", None, 13),
        ("value", -1.0, 11),
        ("externalId", "x" * 256, 11),
    ],
)
def test_a_fault_is_blamed_on_its_cell(client, column, cell, code):
    frame = events()
    frame.loc[1, column] = cell
    assert findings(frame, client) == [(1, column, "error", code)]


def test_nothing_is_sent_while_there_are_errors(client, sandbox):
    frame = events()
    frame.loc[1, "email"] = "nobody"
    with pytest.raises(PreflightFailed) as refused:
        send(frame, client)
    assert refused.value.report.errors == 1
    assert sandbox.events() == []


def test_good_rows_go_on_demand(client, sandbox):
    frame = events()
    frame.loc[1, "email"] = "nobody"
    report = send(frame, client, errors="skip")
    assert (report.sent, report.refused) == (2, 1)
    assert orders(sandbox) == ["ORDER-0", "ORDER-2"]
    assert list(report.rejected.index) == [1]


def test_dates_without_a_zone_ask_for_one(client):
    with pytest.raises(PreflightFailed, match="timezone='Europe/Warsaw'"):
        send(events(), client, timezone=None)
    with pytest.raises(UsageError, match="Mars"):
        send(events(), client, timezone="Mars")


def test_a_date_column_is_needed(client):
    """A row sent again must be known for the same."""
    with pytest.raises(PreflightFailed, match="date"):
        send(events().drop(columns="date"), client)


def test_the_location_must_be_a_catalogs(client):
    client.create_catalog("Shop", "EUR", "shop_eu")
    frame = events(location=["shop_eu", "shop-eu", None])
    issues = frame.salesmanago.preflight_events(client, **WARSAW).issues
    assert issues[["position", "reason_code", "suggestion"]].values.tolist() == [
        [1, 16, "Did you mean shop_eu? That of an XML feed, which the API does not list, is named in feed_locations."]
    ]


def test_products_that_were_never_uploaded_are_mentioned(client):
    catalog = client.create_catalog("Shop", "EUR", "shop_eu")
    product = {
        "productId": ["1"],
        "name": ["a"],
        "mainCategory": ["b"],
        "productUrl": ["https://example.com/1"],
        "available": [True],
        "price": [1.0],
    }
    pd.DataFrame(product).salesmanago.upsert_products(catalog, progress=False)
    frame = events(products=[["1"], ["1", "2"], None])
    assert [finding[:3] for finding in findings(frame, client)] == [(1, "products", "warning")]


def test_currency_needs_a_detail(client, sandbox):
    frame = events(currency=["EUR", None, "PLN"])
    with pytest.raises(PreflightFailed, match=r"carry=.'currency': 'detail9'"):
        send(frame, client)
    send(frame, client, carry={"currency": "detail9"})
    assert [event["event"].get("detail9") for event in sandbox.events()] == ["EUR", None, "PLN"]


def test_types_that_api_v2_does_not_know_can_go_as_other(client, sandbox):
    frame = events(type=["LOCATION_ENTRY", "CART", "PURCHASE"])
    send(frame, client, carry={"type": "detail10"})
    told = [(event["event"]["contactExtEventType"], event["event"].get("detail10")) for event in sandbox.events()]
    assert told == [("OTHER", "LOCATION_ENTRY"), ("CART", None), ("PURCHASE", None)]


def test_a_detail_carries_one_thing_only(client):
    frame = events(currency="EUR", detail9=["mine", None, None])
    assert findings(frame, client, carry={"currency": "detail9"}) == [(0, "detail9", "error", 15)]
    with pytest.raises(UsageError, match="detail21"):
        send(frame, client, carry={"currency": "detail21"})
    with pytest.raises(UsageError, match="lat"):
        send(frame, client, carry={"lat": "detail1"})


def test_the_same_order_twice_is_found_before_sending(client, sandbox):
    frame = events()
    frame.loc[2, "externalId"] = "ORDER-0"
    assert findings(frame, client) == [(0, "externalId", "error", 15), (2, "externalId", "error", 15)]
    frame.loc[2, "type"] = "CART"
    assert findings(frame, client) == []


@pytest.mark.parametrize(
    "copied",
    [
        events(),
        events().drop(columns="externalId"),
        events(externalId=["", " ", None]),
        events().assign(email=lambda frame: frame["email"].str.upper()),
        events().assign(externalId=lambda frame: " " + frame["externalId"] + "\u00a0"),
    ],
    ids=["ids", "no ids", "blank ids", "another case", "blanks around ids"],
)
def test_identical_rows_are_announced_sent_once_and_counted_so(client, sandbox, copied):
    original = events(externalId=copied["externalId"].str.strip()) if "externalId" in copied else copied
    frame = pd.concat([original, copied], ignore_index=True)
    announced = client_preflight(frame, client).warnings
    report = send(frame, client)
    assert (announced, report.sent, report.unchanged, len(sandbox.events())) == (3, 3, 3, 3)


def client_preflight(frame, client):
    return frame.salesmanago.preflight_events(client, **WARSAW)


def test_copies_of_a_refused_row_are_refused_with_it(client, sandbox):
    sandbox.faults.put(Fault(kind=FaultKind.FLAT_ERROR, endpoint=BATCH, times=1))
    report = send(pd.concat([events(1), events(1)]), client, errors="skip")
    assert (report.refused, report.sent, report.unchanged) == (2, 0, 0)


def test_a_time_that_came_twice_is_a_question_with_both_readings(client, sandbox):
    frame = events(date=["2026-10-25 02:30", "2026-10-25 02:59:59", "2026-10-25 03:00"])
    asked = client_preflight(frame, client).questions
    assert [(one.code, one.field, one.column, one.count) for one in asked] == [("ambiguous_time", "date", "date", 2)]
    assert asked[0].readings == ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")
    assert asked[0].examples == ("2026-10-25 02:30", "2026-10-25 02:59:59")
    with pytest.raises(PreflightFailed):
        send(frame, client)
    assert client_preflight(frame, client).questions != ()
    for ambiguous, hour in (("earlier", 0), ("later", 1)):
        assert frame.salesmanago.preflight_events(client, ambiguous=ambiguous, **WARSAW).questions == ()
        send(frame.head(1).assign(externalId=ambiguous), client, ambiguous=ambiguous)
        assert pd.Timestamp(sandbox.events()[-1]["event"]["date"], unit="ms") == pd.Timestamp(f"2026-10-25 0{hour}:30")
    with pytest.raises(UsageError, match="'earlier' or 'later'"):
        send(frame, client, ambiguous="first")


def test_a_single_event_asks_in_the_same_way():
    twice = {"type": "VISIT", "email": "ola@example.com", "date": "2026-10-25 02:30", "timezone": "Europe/Warsaw"}
    with pytest.raises(sm.errors.DataError, match="ambiguous='earlier' or 'later'"):
        sm.Event(**twice)
    assert sm.Event(**twice, ambiguous="later").date - sm.Event(**twice, ambiguous="earlier").date == 3_600_000


def test_an_event_is_found_again_whatever_case_and_blanks(client, sandbox):
    send(events(), client)
    again = events(
        email=[f"CANARY{row}@Example.COM" for row in range(3)], externalId=[f"\tORDER-{n} " for n in range(3)]
    )
    assert send(again, client).unchanged == 3
    one = sm.Event(
        type="PURCHASE", email="Canary1@example.com", date="2026-11-01T10:01+01:00", value=11.5, externalId="ORDER-1 "
    )
    with pytest.raises(ConfirmationNeeded):
        client.send_event(one)
    assert len(sandbox.events()) == 3


def test_the_apis_own_name_of_the_type_is_understood(client, sandbox):
    send(events().rename(columns={"type": "contactExtEventType"}), client)
    assert len(sandbox.events()) == 3


# --- sending ---------------------------------------------------------------------------------------------------


def test_a_frame_arrives_as_it_is(client, sandbox):
    frame = events(products=[["1", 2], "3, 4", None], detail1=["ż", None, "x\ty"], description=['"', "\\", "a\nb"])
    report = send(frame, client)
    assert (report.sent, report.requests) == (3, 2)
    assert [(mark.status, mark.number, mark.wait_seconds) for mark in report.attempts] == [(200, 1, None)] * 2
    stored = [event["event"] for event in sandbox.events()]
    assert [event.get("products") for event in stored] == ["1,2", "3,4", None]
    assert [event.get("detail1") for event in stored] == ["ż", None, "x\ty"]
    assert [event["description"] for event in stored] == ['"', "\\", "a\nb"]
    assert [float(event["value"]) for event in stored] == [10.5, 11.5, 12.5]
    assert stored[0]["date"] == 1_793_523_600_000
    assert [event["state"] for event in sandbox.events()] == ["assigned"] * 3


def test_more_than_a_thousand_go_in_several_requests(client, sandbox):
    report = send(events(2_300), client)
    assert report.sent == 2_300
    assert [r.records for r in sandbox.requests if r.path == BATCH] == [1000, 1000, 300]
    assert len(set(orders(sandbox))) == 2_300


def test_the_same_call_again_sends_nothing(client, sandbox):
    send(events(), client)
    report = send(events(), client)
    assert (report.sent, report.unchanged, len(sandbox.events())) == (0, 3, 3)
    report = send(events(4), client)
    assert (report.sent, report.unchanged, len(sandbox.events())) == (1, 3, 4)
    report = send(events(), client, send_again=True)
    assert (report.sent, len(sandbox.events())) == (3, 7)


def test_an_order_accepted_with_other_content_is_refused(client, sandbox):
    send(events(), client)
    with pytest.raises(UploadFailed, match="accepted before, with other content") as failed:
        send(events(value=[99, 11.5, 12.5]), client)
    assert (failed.value.report.refused, failed.value.report.unchanged) == (1, 2)
    assert "update_event" in failed.value.report.rejected["suggestion"].iloc[0]


def test_a_single_event_and_a_row_know_of_each_other(client, sandbox):
    client.send_event(
        sm.Event(type="PURCHASE", email="canary0@example.com", date="2026-11-01T10:00:00+01:00", value=10.5)
    )
    report = send(events(1).drop(columns="externalId"), client)
    assert (report.sent, report.unchanged, len(sandbox.events())) == (0, 1, 1)


def test_contacts_named_by_id_need_no_telling(client, sandbox):
    contact = client.upsert_contact(sm.Contact(email="a@example.com"))
    frame = events(1, contactId=[contact.contact_id])
    assert send(frame, client).requests == 1
    assert sandbox.events()[0]["contactId"] == contact.contact_id


def test_events_whose_contact_the_server_does_not_know_are_refused_by_row(client, sandbox):
    """The server counts and names; the others of the request are accepted."""
    contact = client.upsert_contact(sm.Contact(email="a@example.com"))
    frame = events(3).drop(columns="email").assign(contactId=[contact.contact_id, "stranger", contact.contact_id])
    report = send(frame, client, errors="skip")
    assert list(report.rows["status"]) == ["sent", "refused", "sent"]
    frame["contactId"] = contact.contact_id
    assert list(send(frame, client).rows["status"]) == ["unchanged", "sent", "unchanged"]


@pytest.mark.parametrize(
    ("answer", "declined", "doubtful"),
    [
        ({"createdAmount": 3, "failedAmount": 0, "failedContacts": []}, [], []),
        ({}, [], []),
        ({"createdAmount": 2, "failedAmount": 1, "failedContacts": ["B"]}, [1], []),
        ({"createdAmount": 2, "failedAmount": 1, "failedContacts": ["a"]}, [], [0, 2]),
        ({"createdAmount": 1, "failedAmount": 2, "failedContacts": ["a", "a"]}, [0, 2], []),
        ({"createdAmount": 2, "failedAmount": 1, "failedContacts": []}, [], [0, 1, 2]),
        ({"createdAmount": 2, "failedAmount": 1, "failedContacts": ["z"]}, [], [0, 1, 2]),
        ({"createdAmount": 2}, [], [0, 1, 2]),
        ({"createdAmount": 0, "failedAmount": 3}, [0, 1, 2], []),
        ({"failedAmount": 1, "failedContacts": ["b"]}, [1], []),
    ],
)
def test_what_an_answer_leaves_open_is_in_doubt(answer, declined, doubtful):
    verdict = read_verdict(answer, ["a", "b", "a"])
    assert (sorted(verdict.refused), sorted(verdict.doubtful)) == (declined, doubtful)


# --- the fault matrix ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", [BATCH, Operation.UPSERT_CONTACTS.path], ids=["events", "contacts"])
def test_no_fault_sends_a_row_twice_or_loses_one(client, sandbox, fault_kind, commits, endpoint):
    """One fault, then the same call until nothing changes: each order at most once, each row accounted for."""
    fault = Fault(kind=fault_kind, endpoint=endpoint, times=1, seconds=0.002, retry_after=0, commits=commits)
    sandbox.faults.put(fault)
    reports = [report_of(events(), client) for _ in range(3)]
    assert all(map(accounted, reports))
    stored = orders(sandbox)
    assert len(stored) == len(set(stored))
    final = reports[-1].rows["status"]
    for order, status in zip(events()["externalId"], final, strict=True):
        assert status != "unchanged" or order in stored
        assert status == "unknown" or order in stored


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.COMMIT_THEN_CUT,
        FaultKind.CUT_BEFORE,
        FaultKind.TRUNCATED,
        FaultKind.UNAVAILABLE,
        FaultKind.THROTTLED,
    ],
)
def test_rows_in_doubt_stay_so_until_the_analyst_says_otherwise(client, sandbox, kind):
    sandbox.faults.put(Fault(kind=kind, endpoint=BATCH, times=1))
    with pytest.raises(UploadFailed) as failed:
        send(events(), client)
    assert failed.value.report.unknown == 3
    made = len(sandbox.events())
    report = report_of(events(), client)
    assert (report.unknown, len(sandbox.events())) == (3, made)
    assert "resend_unknown=True" in repr(report)
    report = send(events(), client, resend_unknown=True)
    assert (report.sent, len(sandbox.events())) == (3, made + 3)
    assert send(events(), client).unchanged == 3


def test_a_server_that_stays_silent_is_left_alone(client, sandbox):
    sandbox.faults.put(Fault(kind="commit_then_cut", endpoint=BATCH))
    report = report_of(events(5_000), client)
    assert (report.unknown, report.unsent) == (2_000, 3_000)
    assert len([r for r in sandbox.requests if r.path == BATCH]) == 2
    sandbox.faults.clear()
    report = report_of(events(5_000), client)
    assert (report.sent, report.unknown) == (3_000, 2_000)
    assert len(orders(sandbox)) == len(set(orders(sandbox))) == 5_000


def test_a_stop_leaves_the_rest_for_the_next_call(client, sandbox):
    report = send(events(2_500), client, ensure_contacts=False, progress=lambda progress: STOP)
    assert (report.sent, report.unsent, report.is_interrupted) == (1_000, 1_500, True)
    report = send(events(2_500), client)
    assert (report.sent, report.unchanged) == (1_500, 1_000)
    assert len(orders(sandbox)) == len(set(orders(sandbox))) == 2_500


def test_two_notebooks_at_once_send_each_row_once(client, sandbox):
    reports = []

    def run():
        reports.append(report_of(events(3_000), client))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.sent for report in reports) == 3_000
    assert len(orders(sandbox)) == len(set(orders(sandbox))) == 3_000


# --- to whom, and what is written down -------------------------------------------------------------------------


def test_a_live_profile_asks_about_strangers(client):
    live = Profile(
        name="shop",
        base_url="https://api.example.com",
        events_url="https://app2.example.com",
        owner="boss@example.com",
        client_id="c",
        test_addresses=("canary0@example.com",),
    )
    live_client = sm.connect(live, api_key=SecretStr("k" * 32), api_secret=SecretStr("s" * 32))
    with pytest.raises(ConfirmationNeeded, match="2 contacts"):
        send(events(), live_client)


@pytest.fixture
def failed(client):
    frame = events(4)
    frame.loc[1, "email"] = "canary nobody"
    frame.loc[2, "value"] = -1
    return send(frame.set_index("email", drop=False), client, errors="skip")


def test_reports_show_no_address_unless_asked_for(failed):
    for shown in (repr(failed), failed._repr_html_(), repr(failed.preflight), failed.preflight._repr_html_()):
        assert "canary" not in shown
    assert "canary" not in failed.preflight.issues.to_string()
    assert "canary" in failed.rejected.to_string()


def test_proposed_fixes_show_no_address_and_keep_none(client):
    frame = events().assign(email=[" canary0@example.com", "canary1@example.com", "canary2@example.com"])
    fixes = frame.salesmanago.preflight_events(client, **WARSAW).fixes()
    assert len(fixes) == 1
    assert "canary" not in repr(fixes) + fixes._repr_html_()
    mended = fixes.apply()
    assert mended["email"][0] == "canary0@example.com"
    assert "canary" not in str(mended.attrs)


def test_mended_rows_go_by_retry(client, sandbox, failed):
    mended = failed.rejected.assign(email="canary9@example.com", value=1.0)
    assert failed.retry(mended).sent == len(mended)
    assert len(sandbox.events()) == 4


def test_a_dry_run_of_a_frame_sends_nothing(client, sandbox):
    trial = send(events(), client, dry_run=True)
    assert "3 of 3 events" in repr(trial)
    assert sandbox.events() == []


def test_nothing_saved_has_an_address_in_clear(failed, tmp_path):
    failed.to_csv(tmp_path / "rejected.csv")
    failed.preflight.to_csv(tmp_path / "issues.csv")
    files = [path for folder in (tmp_path, home()) for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        assert b"canary" not in path.read_bytes(), path.name


def test_the_picture_has_its_four_parts(failed):
    figure = failed.plot()
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["when, by type (UTC)", "value by type", "what became of them", "refused, by reason"]
    texts = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert "canary" not in texts


def test_an_empty_picture_says_so(client):
    frame = events(2, type=["X", "Y"], value=None, date=None)
    figure = send(frame, client, errors="skip").plot()
    figure.canvas.draw()
    assert "no event has a date" in " ".join(text.get_text() for axes in figure.axes for text in axes.texts)


# --- contacts --------------------------------------------------------------------------------------------------


def test_contacts_arrive_with_their_nested_columns(client, sandbox):
    frame = pd.DataFrame(
        {
            "email": ["a@example.com", "b@example.com"],
            "name": ["Anna", None],
            "address.city": ["Kraków", None],
            "tags": [["x", "y"], None],
            "properties.size": ["M", None],
            "forceOptIn": [True, None],
        }
    )
    assert frame.salesmanago.upsert_contacts(client).sent == 2
    first, second = sandbox.contacts()
    assert (first["name"], first["address"], first["tags"]) == ("Anna", {"city": "Kraków"}, ["x", "y"])
    assert (first["properties"], first["forceOptIn"]) == ({"size": "M"}, True)
    assert set(second) == {"contactId", "email"}


def test_a_contact_in_two_rows_that_differ_is_refused(client, sandbox):
    frame = pd.DataFrame({"email": ["a@example.com", "a@example.com"], "name": ["A", "B"]})
    with pytest.raises(PreflightFailed, match="one row for each contact"):
        frame.salesmanago.upsert_contacts(client)
    frame["name"] = "A"
    assert frame.salesmanago.upsert_contacts(client).sent == 2
    assert len(sandbox.contacts()) == 1


def test_contacts_may_be_sent_again(client, sandbox):
    frame = pd.DataFrame({"email": ["canary@example.com"]})
    sandbox.faults.put(Fault(kind="commit_then_cut", endpoint=Operation.UPSERT_CONTACTS.path, times=1))
    report = frame.salesmanago.upsert_contacts(client)
    assert report.sent == 1
    assert [(mark.status, mark.number) for mark in report.attempts] == [(None, 1), (200, 2)]
    assert len(sandbox.contacts()) == 1
    assert not list(home().rglob("ledger*"))
