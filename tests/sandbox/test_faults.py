"""Faults: each kind as a client sees it, when they strike, and how they are written down."""

from __future__ import annotations

import http.client
import time
from pathlib import Path

import pytest

from smnotebook.errors import UsageError
from smnotebook.sandbox import Fault, FaultKind, Faults, Sandbox
from smnotebook.sandbox.faults import fault_from_json, parse_fault

LIST = "/v3/product/catalogList"
UPSERT = "/v3/product/upsert"

BREAKS = (http.client.RemoteDisconnected, ConnectionResetError)


@pytest.fixture
def catalog(client):
    return client.make_catalog()


def ids(sandbox, catalog):
    return [product["productId"] for product in sandbox.products(catalog)]


@pytest.mark.parametrize(("kind", "status"), [("unavailable", 503), ("throttled", 429), ("html", 503)])
def test_a_refusal_names_the_seconds_to_wait(client, sandbox, kind, status):
    sandbox.faults.add(kind, retry_after=2)
    reply = client.get(LIST)
    assert (reply.status, reply.headers["retry-after"]) == (status, "2")
    assert ("text/html" in reply.headers["content-type"]) is (kind == "html")


def test_a_status_may_be_chosen(client, sandbox):
    sandbox.faults.add("html", status=403)
    reply = client.get(LIST)
    assert (reply.status, b"<h1>403" in reply.body, "retry-after" in reply.headers) == (403, True, False)


def test_an_empty_answer_is_204_without_a_body(client, sandbox):
    sandbox.faults.add("empty")
    assert (client.get(LIST).status, client.get(LIST).body) == (204, b"")


def test_a_flat_error_carries_any_code(client, sandbox):
    sandbox.faults.add("flat_error", reason_code=99)
    reply = client.get(LIST)
    assert (reply.status, reply.json["reasonCode"], bool(reply.json["messages"])) == (400, 99, True)


@pytest.mark.parametrize(
    ("code", "start"),
    [
        (10, "refused"),
        (11, "productUrl|min:0|max:255|"),
        (12, "productUrl|max:255|"),
        (14, "productUrl:string|"),
        (15, "productUrl|"),
        (19, "productUrl|limit:3|"),
        (42, "productUrl|"),
    ],
)
def test_a_wrong_reason_keeps_the_format_of_its_code(client, sandbox, catalog, product, code, start):
    sandbox.faults.add("wrong_reason", reason_code=code)
    reply = client.upsert(catalog, product())
    assert reply.codes == [code]
    assert reply.json["problems"][0]["message"].startswith(start)
    assert ids(sandbox, catalog) == []


def test_truncated_json_is_well_framed_and_no_json(client, sandbox, catalog, product):
    sandbox.faults.add("truncated")
    reply = client.upsert(catalog, product())
    assert (reply.status, len(reply.body)) == (200, int(reply.headers["content-length"]))
    with pytest.raises(ValueError, match="Unterminated"):
        _ = reply.json
    assert ids(sandbox, catalog) == ["p1"]


def test_a_connection_cut_before_leaves_nothing_done(client, sandbox, catalog, product):
    sandbox.faults.add("cut_before")
    with pytest.raises(BREAKS):
        client.upsert(catalog, product())
    assert ids(sandbox, catalog) == []


@pytest.mark.parametrize("kind", ["commit_then_cut", "commit_then_silence"])
def test_a_connection_cut_after_leaves_all_done(client, sandbox, catalog, product, kind):
    sandbox.faults.add(kind, seconds=0.01)
    with pytest.raises(BREAKS):
        client.upsert(catalog, product())
    assert ids(sandbox, catalog) == ["p1"]
    assert sandbox.requests[-1].status is None


def test_a_client_gives_up_on_silence(sandbox, client_of, catalog, product):
    sandbox.faults.add("commit_then_silence", seconds=60)
    with pytest.raises(TimeoutError):
        client_of(sandbox, timeout=0.05).upsert(catalog, product())
    assert ids(sandbox, catalog) == ["p1"]


def test_a_cut_answer_is_shorter_than_it_says(client, sandbox):
    sandbox.faults.add("cut_answer")
    with pytest.raises(http.client.IncompleteRead):
        client.get(LIST)


@pytest.mark.parametrize(("kind", "seconds"), [("latency", 0.05), ("slow", 0.0005)])
def test_a_late_answer_is_whole(client, sandbox, kind, seconds):
    sandbox.faults.add(kind, seconds=seconds)
    started = time.perf_counter()
    assert client.get(LIST).json["catalogs"] == []
    assert time.perf_counter() - started >= 0.04


def test_latency_goes_with_another_fault(client, sandbox):
    sandbox.faults.add("latency", seconds=0.05)
    sandbox.faults.add("unavailable")
    started = time.perf_counter()
    assert client.get(LIST).status == 503
    assert time.perf_counter() - started >= 0.05


def test_a_batch_is_refused_whole_for_one_product_without_naming_it(client, sandbox, catalog, product):
    sandbox.faults.add("refuse_batch", product_ids=["p7"], reason_code=18)
    assert client.upsert(catalog, product("p1"), product("p2")).status == 200
    reply = client.upsert(catalog, product("p3"), product("p7"))
    assert (reply.status, reply.codes, reply.fields) == (400, [18], ["productUrl"])
    assert b"p7" not in reply.body
    assert ids(sandbox, catalog) == ["p1", "p2"]


def test_a_batch_is_refused_whole_for_no_product(client, sandbox, catalog, product):
    sandbox.faults.add("refuse_batch")
    assert client.upsert(catalog, product()).codes == [18]
    assert ids(sandbox, catalog) == []


@pytest.mark.parametrize(("named", "kept"), [([], ["p1", "p3"]), (["p1"], ["p2", "p3"])])
def test_a_batch_is_accepted_partly(client, sandbox, catalog, product, named, kept):
    sandbox.faults.add("accept_partly", product_ids=named)
    assert client.upsert(catalog, product("p1"), product("p2"), product("p3")).status == 400
    assert ids(sandbox, catalog) == kept


@pytest.mark.parametrize(
    ("kind", "status"), [("unavailable", 503), ("throttled", 429), ("flat_error", 400), ("refuse_batch", 400)]
)
def test_what_was_done_can_be_denied(client, sandbox, catalog, product, kind, status):
    """A front that answers busy although the server behind it has done the work."""
    sandbox.faults.add(kind, commits=True, times=1)
    assert client.upsert(catalog, product()).status == status
    assert ids(sandbox, catalog) == ["p1"]


@pytest.mark.parametrize("commits", [True, False])
def test_whether_a_fault_commits_can_be_said(client, sandbox, catalog, product, commits):
    sandbox.faults.add("html", commits=commits)
    assert client.upsert(catalog, product()).status == 503
    assert ids(sandbox, catalog) == (["p1"] if commits else [])


def test_every_kind_has_a_test_here():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [kind.wire_name for kind in FaultKind if f'"{kind.wire_name}"' not in text] == []


def test_a_script_strikes_the_requests_it_names(client, sandbox):
    sandbox.faults.add("unavailable", endpoint=LIST, requests=range(3, 6), retry_after=2)
    assert [client.get(LIST).status for _ in range(6)] == [200, 200, 503, 503, 503, 200]
    assert [entry.fault for entry in sandbox.requests] == [None, None, *["unavailable"] * 3, None]


@pytest.mark.parametrize("script", ["3-5", "3+4+5", [3, 4, 5], range(3, 6), {5, 4, 3}])
def test_a_script_may_be_written_in_several_ways(script):
    faults = Faults(0, [Fault(kind="html", requests=script)])
    assert [faults.draw(LIST)[1] is not None for _ in range(6)] == [False, False, True, True, True, False]


@pytest.mark.parametrize(("endpoint", "status"), [("*", 503), ("/v3/product/*", 503), (UPSERT, 200)])
def test_a_fault_strikes_its_endpoint_only(client, sandbox, endpoint, status):
    sandbox.faults.add("unavailable", endpoint=endpoint)
    assert client.get(LIST).status == status


def test_a_fault_strikes_no_more_often_than_it_may(client, sandbox):
    sandbox.faults.add("unavailable", times=2)
    assert [client.get(LIST).status for _ in range(3)] == [503, 503, 200]


def test_the_same_seed_gives_the_same_outcome():
    def strikes(seed):
        faults = Faults(seed, [Fault(kind="unavailable", rate=0.3), Fault(kind="html", rate=0.5)])
        return [fault.kind if fault else None for _, fault in (faults.draw(LIST) for _ in range(200))]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 30 < strikes(1).count(FaultKind.UNAVAILABLE) < 90


def test_a_fault_ends_when_it_is_removed_or_cleared(client, sandbox):
    number = sandbox.faults.add("unavailable")
    assert sandbox.faults.remove(number)
    assert not sandbox.faults.remove(number)
    sandbox.faults.add("unavailable")
    sandbox.faults.clear()
    assert client.get(LIST).status == 200


@pytest.mark.parametrize(
    ("kind", "settings", "word"),
    [
        ("explosion", {}, "the kinds are"),
        ("html", {"colour": "red"}, "the settings are"),
        ("html", {"rate": 2}, "between 0 and 1"),
        ("html", {"seconds": -1}, "negative"),
        ("html", {"seconds": float("nan")}, "negative"),
        ("html", {"status": 99}, "200 to 599"),
        ("html", {"requests": "x"}, "as in 1"),
        ("html", {"requests": [0]}, "counted from 1"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_word(kind, settings, word):
    with pytest.raises(UsageError, match=word):
        Faults().add(kind, **settings)


# --- written down ----------------------------------------------------------------------------------------------


def test_a_fault_is_read_from_a_word_on_the_command_line():
    fault = parse_fault("unavailable:endpoint=/v3/product/upsert,requests=1+3-5,retry_after=2,commits=true,rate=0.5")
    assert fault == Fault(
        kind=FaultKind.UNAVAILABLE, endpoint=UPSERT, requests=(1, 3, 4, 5), retry_after=2.0, commits=True, rate=0.5
    )
    assert parse_fault("html") == Fault(kind="html")
    assert parse_fault("refuse_batch:product_ids=a+b").product_ids == ("a", "b")


@pytest.mark.parametrize(
    "text", ["", "boom", "html:rate", "html:rate=x", "html:x=1", "html:requests=1-", "html:commits=1"]
)
def test_a_word_that_is_no_fault_is_refused(text):
    with pytest.raises(UsageError):
        parse_fault(text)


@pytest.mark.parametrize("kind", FaultKind)
def test_a_fault_survives_json(kind):
    fault = Fault(kind=kind, requests=(1, 2), product_ids=("a",), retry_after=1.5, commits=False, times=3, status=500)
    read = {name: list(value) if isinstance(value, tuple) else value for name, value in fault.to_json().items()}
    assert fault_from_json(read) == fault


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "boom"},
        {"kind": "html", "x": 1},
        {"kind": "html", "rate": "1"},
        {"kind": "html", "requests": [1.5]},
        {"kind": "html", "times": True},
        {"kind": "html", "commits": 1},
        {"kind": "html", "endpoint": None},
    ],
)
def test_faults_over_http_are_held_to_their_types(client, body):
    reply = client.post("/_sandbox/faults", body)
    assert (reply.status, "message" in reply.json) == (400, True)


def test_faults_are_added_listed_and_removed_over_http(client):
    number = client.post("/_sandbox/faults", {"kind": "unavailable", "requests": [2]}).json["number"]
    listed = client.get("/_sandbox/faults").json["faults"]
    assert [(fault["number"], fault["kind"], fault["requests"]) for fault in listed] == [(number, "unavailable", [2])]
    assert [client.get(LIST).status for _ in range(2)] == [200, 503]
    assert client.send("DELETE", f"/_sandbox/faults/{number}").json == {"removed": True}
    assert client.send("DELETE", f"/_sandbox/faults/{number}").status == 404
    client.post("/_sandbox/faults", {"kind": "html"})
    assert client.send("DELETE", "/_sandbox/faults").json == {"faults": []}
    assert client.get(LIST).status == 200


def test_what_is_listed_can_be_added_again(client, sandbox):
    client.post("/_sandbox/faults", {"kind": "unavailable", "rate": 0.05, "seconds": 0.5, "requests": "1+3-5"})
    [listed] = client.get("/_sandbox/faults").json["faults"]
    assert (listed["rate"], listed["seconds"], listed["requests"]) == (0.05, 0.5, [1, 3, 4, 5])
    assert client.post("/_sandbox/faults", listed).status == 200
    first, second = (fault for _, fault in sandbox.faults)
    assert first == second


def test_faults_may_be_there_from_the_start(client_of):
    with Sandbox(faults=[Fault(kind="unavailable", times=1)]) as sandbox:
        client = client_of(sandbox)
        assert [client.get(LIST).status for _ in range(2)] == [503, 200]
