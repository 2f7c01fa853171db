"""Answers that nobody would write by hand: never taken for a success by mistake, never an exception of another kind."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smnotebook.contract import Operation
from smnotebook.errors import ApiError, Refused
from smnotebook.wire import Answer, RawAnswer
from smnotebook.wire.answers import ANSWER_KEYS, read_answer

STATUS = st.integers(100, 599)
OPERATION = st.sampled_from(list(Operation))
HEADERS = st.dictionaries(st.sampled_from(["retry-after", "date", "location", "content-type"]), st.text(max_size=40))
SCALAR = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
# objects made of the words that the API's answers are made of, with values of any kind
WORDS = [
    "requestId", "problems", "reasonCode", "message", "messages", "success", "catalogId", "catalogs", "productIds",
]  # fmt: skip
LIKE_THE_API = st.recursive(
    SCALAR | st.sampled_from([10, 12, 13, "12", 12.0, True]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=15,
).flatmap(lambda inner: st.dictionaries(st.sampled_from(WORDS), st.just(inner) | SCALAR | st.just([{}]), max_size=6))


def outcome(status: int, headers: dict[str, str], body: bytes, operation: Operation) -> Answer | ApiError:
    try:
        return read_answer(RawAnswer(status=status, headers=headers, body=body), operation, now=1e9)
    except ApiError as refusal:
        result = refusal
    assert str(result).isprintable()
    assert len(str(result)) < 4000
    return result


@given(STATUS, HEADERS, st.binary(max_size=200), OPERATION)
@example(200, {"location": "http://["}, b"", Operation.LIST_CATALOGS)
@example(302, {"location": "http://["}, b"", Operation.LIST_CATALOGS)
@example(429, {"retry-after": "Thu, 01 Jan 1970 00:00:00 -9999"}, b"", Operation.LIST_CATALOGS)
@example(503, {"retry-after": "Sat, 31 Dec 9999 23:59:59 -2359"}, b"", Operation.LIST_CATALOGS)
def test_arbitrary_bytes_are_no_success_and_no_crash(status, headers, body, operation):
    assert isinstance(outcome(status, headers, body, operation), ApiError)


@given(STATUS, HEADERS, JSON, OPERATION)
def test_arbitrary_json_is_no_crash(status, headers, document, operation):
    result = outcome(status, headers, json.dumps(document).encode(), operation)
    if isinstance(result, Answer):
        assert 200 <= status < 300
        assert isinstance(document, dict)


@given(STATUS, LIKE_THE_API, OPERATION)
@example(200, {"catalogId": "c", "problems": [{"reasonCode": True}]}, Operation.CREATE_CATALOG)
@example(200, {"catalogId": "c", "problems": {}}, Operation.CREATE_CATALOG)
@example(200, {"catalogId": "c", "reasonCode": 12, "messages": ["x|max:1|y"]}, Operation.CREATE_CATALOG)
@example(200, {"requestId": "r", "productIds": [], "success": None}, Operation.UPSERT_PRODUCTS)
def test_a_success_holds_what_it_owes_and_no_problem_beside_trimming(status, document, operation):
    result = outcome(status, {}, json.dumps(document).encode(), operation)
    if not isinstance(result, Answer):
        return
    assert 200 <= status < 300
    assert any(key in document for key in ANSWER_KEYS[operation])
    assert document.get("success", True) is True
    assert str(document.get("reasonCode") or 12).removesuffix(".0").strip() == "12"
    assert all(warning.reason_code == 12 for warning in result.warnings)
    problems = document.get("problems") or []
    listed = problems if isinstance(problems, list) else [problems]
    assert [p for p in listed if not isinstance(p, dict) or str(p.get("reasonCode")).removesuffix(".0") != "12"] == []


CODES = st.lists(st.sampled_from([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 4711]), min_size=1, max_size=5)


@given(st.integers(200, 299), CODES, OPERATION)
def test_any_code_but_12_in_the_list_is_a_refusal_that_keeps_each_error(status, codes, operation):
    body = {"requestId": "r", "catalogId": "c", "catalogs": [], "productIds": ["1"]}
    body |= {"success": True, "collections": [], "collectionUUID": "u", "products": [], "users": [], "contactId": "c"}
    body["problems"] = [{"reasonCode": code, "message": f"field{code}|text"} for code in codes]
    result = outcome(status, {}, json.dumps(body).encode(), operation)
    errors = [code for code in codes if code != 12]
    if errors:
        assert isinstance(result, Refused)
        assert [violation.reason_code for violation in result.violations] == errors
    else:
        assert isinstance(result, Answer)
        assert len(result.warnings) == len(codes)


@given(st.data())
def test_an_answer_cut_anywhere_is_no_success(data):
    whole = json.dumps({"requestId": "381d-12e7", "productIds": ["1234", "żółw"]}, ensure_ascii=False).encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert isinstance(outcome(200, {}, whole[:cut], Operation.UPSERT_PRODUCTS), ApiError)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"requestId": ' + b"9" * 5000 + b"}",
        b'{"requestId": "\\ud800", "productIds": ["1"]}',
        b'{"requestId": NaN, "productIds": ["1"]}',
        b'{"success": true, "success": false, "productIds": ["1"]}',
        b"<" + b"title>" * 100_000,
        b"<title" + b" " * 1_000_000,
        b" " * 1_000_000,
        b"\x00" * 1000,
    ],
    ids=["lists", "objects", "digits", "surrogate", "NaN", "twice", "tags", "open tag", "blanks", "nulls"],
)
def test_hostile_bodies_are_no_success(body):
    assert isinstance(outcome(200, {}, body, Operation.UPSERT_PRODUCTS), ApiError)
