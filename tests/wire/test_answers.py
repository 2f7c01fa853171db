"""What each kind of answer is taken for."""

import json

import pytest

from smnotebook.contract import Operation
from smnotebook.errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    LimitReached,
    Refused,
    Throttled,
    UnknownIdentifier,
)
from smnotebook.wire import RawAnswer
from smnotebook.wire.answers import ANSWER_KEYS, read_answer

UPSERT = Operation.UPSERT_PRODUCTS


def read(status, body, operation=UPSERT, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    raw = RawAnswer(status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}, body=content)
    return read_answer(raw, operation, now=0.0)


SUCCESS = {"requestId": "r-1", "productIds": ["1"]}


def test_a_success_gives_the_request_id_and_the_data():
    answer = read(200, SUCCESS)
    assert (answer.request_id, answer.data, answer.warnings, answer.status) == ("r-1", SUCCESS, (), 200)


def test_trimmed_data_is_a_success_with_warnings():
    problem = {"reasonCode": 12, "message": "name|max:255|trimmed"}
    answer = read(200, SUCCESS | {"problems": [problem]})
    assert [(w.field, w.reason_code, w.severity) for w in answer.warnings] == [("name", 12, "warning")]


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"problems": [{"reasonCode": 18, "message": "location|must match"}]}, 18, "location"),
        ({"problems": [{"reasonCode": "18", "message": "location|must match"}]}, 18, "location"),
        ({"problems": [{"reasonCode": 14, "message": "price:number|must be a number"}]}, 14, "price"),
        ({"problems": [{"reasonCode": True, "message": "x|y"}]}, None, None),
        ({"problems": {"reasonCode": 13, "message": "name|is required"}}, 13, "name"),
        ({"problems": ["out of luck"]}, None, None),
        ({"messages": ["[Specified json is not valid]"], "reasonCode": 400}, 400, None),
        ({"messages": "no", "reasonCode": 77}, 77, None),
        ({"message": ["User cannot be empty"], "success": False}, None, None),
        ({"success": False}, None, None),
        ({"success": "false"}, None, None),
        ({"messages": ["something"]}, None, None),
    ],
)
def test_each_error_shape_is_refused_whatever_the_status(status, body, code, field):
    with pytest.raises(Refused) as caught:
        read(status, SUCCESS | body)
    assert [(v.reason_code, v.field) for v in caught.value.violations] == [(code, field)]
    assert (caught.value.status, caught.value.request_id) == (status, "r-1")


def test_a_warning_beside_an_error_makes_no_success():
    problems = [{"reasonCode": 12, "message": "name|max:255|cut"}, {"reasonCode": 14, "message": "price:number|no"}]
    with pytest.raises(Refused) as caught:
        read(200, SUCCESS | {"problems": problems})
    assert [v.reason_code for v in caught.value.violations] == [14]


def test_a_warning_on_a_refused_status_makes_no_success():
    with pytest.raises(Refused):
        read(400, SUCCESS | {"problems": [{"reasonCode": 12, "message": "name|max:255|cut"}]})


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ([10], AuthenticationFailed),
        ([13, 10], AuthenticationFailed),
        ([16], UnknownIdentifier),
        ([19], LimitReached),
        ([16, 13], Refused),
        ([4711], Refused),
    ],
)
def test_the_reason_code_chooses_the_exception(codes, kind):
    with pytest.raises(Refused) as caught:
        read(400, {"problems": [{"reasonCode": code, "message": "x|y"} for code in codes]})
    assert type(caught.value) is kind


def test_the_flat_shape_of_a_wrong_key_is_an_authentication_failure():
    with pytest.raises(AuthenticationFailed, match=r"Wrong key.*expired"):
        read(400, {"messages": ["Wrong key"], "reasonCode": 10})


def test_http_401_is_an_authentication_failure_even_as_a_page():
    with pytest.raises(AuthenticationFailed):
        read(401, b"<html>login</html>")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b'{"requestId": "1", "productIds": ["1"]}'])
def test_429_and_503_are_throttled_whatever_the_body(status, body):
    with pytest.raises(Throttled) as caught:
        read(status, body, retry_after="7")
    assert (caught.value.status, caught.value.retry_after) == (status, 7.0)


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        (204, b"", "empty body"),
        (200, b"", "empty body"),
        (200, b'{"requestId": "1", "produ', "cut off"),
        (200, b"<html><title>Maintenance &amp; co</title>", "web page titled 'Maintenance & co'"),
        (200, b"OK", "no JSON object"),
        (200, b"[1]", "no object"),
        (200, b"NaN", "no JSON object"),
        (200, b'{"a":' * 5000, "cut off"),
        (200, b"\xff\xfe{}", "no JSON object"),
        (200, b"{}", "neither a success nor"),
        (200, b'{"message": "Too many requests"}', "neither a success nor"),
        (403, b"error code: 1010", "error code: 1010"),
        (404, b"<html></html>", "no such path"),
        (413, b"", "fewer records"),
        (502, b"<html><title>502 Bad Gateway</title></html>", "502 Bad Gateway"),
        (301, b"", "redirect"),
        (500, b'{"detail": "oops"}', "neither a success nor"),
    ],
)
def test_what_no_client_can_read_is_a_bad_answer_with_a_clear_word(status, body, word):
    with pytest.raises(BadAnswer, match=word) as caught:
        read(status, body)
    assert caught.value.status == status


def test_a_redirect_names_the_host_it_wanted_and_not_what_follows():
    with pytest.raises(BadAnswer, match=r"https://evil\.example;") as caught:
        read(302, b"", location="https://evil.example/steal?key=1")
    assert "steal" not in str(caught.value)


def test_every_operation_says_what_its_answer_owes():
    assert set(ANSWER_KEYS) == set(Operation)


@pytest.mark.parametrize(
    "body", [{"success": True, "message": [], "eventId": "e-1"}, {"success": True, "message": "OK"}]
)
def test_a_v2_success_is_one(body):
    assert read(200, body, Operation.ADD_EVENT).data == body


@pytest.mark.parametrize("body", [{"catalogs": None}, {"catalogs": {}}, {"catalogs": "none"}])
def test_a_list_must_be_a_list(body):
    with pytest.raises(BadAnswer):
        read(200, body, Operation.LIST_CATALOGS)


@pytest.mark.parametrize("operation", ANSWER_KEYS)
def test_a_success_without_what_its_operation_owes_is_none(operation):
    with pytest.raises(BadAnswer):
        read(200, {"unrelated": 1}, operation)


def test_an_empty_list_of_catalogs_is_a_success():
    assert read(200, {"catalogs": [], "limits": {"max": 3}}, Operation.LIST_CATALOGS).data["catalogs"] == []


def test_a_server_text_reaches_the_message_as_one_harmless_line():
    with pytest.raises(Refused) as caught:
        read(400, {"problems": [{"reasonCode": 13, "message": "na\x1b[31mme|\u202eevil\n" + "x" * 5000}]})
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 700


def test_many_problems_are_all_kept_and_a_few_are_shown():
    problems = [{"reasonCode": 13, "message": f"field{n}|is required"} for n in range(20)]
    with pytest.raises(Refused, match="and 15 more") as caught:
        read(400, {"problems": problems})
    assert len(caught.value.violations) == 20


def test_a_byte_order_mark_is_no_obstacle():
    assert read(200, b"\xef\xbb\xbf" + json.dumps(SUCCESS).encode()).request_id == "r-1"


def test_the_repr_of_an_answer_keeps_its_data_to_itself():
    assert "secret" not in repr(read(200, SUCCESS | {"apiKey": "secret"}))


def test_every_failure_is_an_api_error():
    with pytest.raises(ApiError):
        read(418, b"teapot")


PRODUCTS = {"productIds": ["1"]}, {"requestId": "r"}
CATALOG = {"catalogId": "c"}, {"requestId": "r"}
V2 = ({"success": True},)
#: Every answer that is a success, by the documentation; the security seed shows none, so any id will do there.
SUCCESSES = {
    Operation.LIST_CATALOGS: ({"catalogs": []},),
    Operation.CREATE_CATALOG: ({"catalogId": "c"},),
    Operation.UPDATE_CATALOG: CATALOG,
    Operation.DELETE_CATALOG: CATALOG,
    Operation.UPSERT_PRODUCTS: PRODUCTS,
    Operation.UPDATE_QUANTITY: PRODUCTS,
    Operation.UPDATE_PRICE: PRODUCTS,
    Operation.LIST_COLLECTIONS: ({"collections": []},),
    Operation.CREATE_COLLECTION: ({"collectionUUID": "u"},),
    Operation.DELETE_COLLECTION: V2,
    Operation.ADD_TO_COLLECTION: V2,
    Operation.REMOVE_FROM_COLLECTION: V2,
    Operation.LIST_CONTACT_PRODUCTS: ({"products": []},),
    Operation.REVOKE_KEY: ({"apiKeyName": "k"}, {"requestId": "r"}),
    Operation.LIST_USERS: ({"users": []},),
    Operation.UPSERT_CONTACT: V2,
    Operation.UPSERT_CONTACTS: V2,
    Operation.ADD_EVENT: V2,
    Operation.UPDATE_EVENT: V2,
    Operation.ADD_EVENTS: V2,
    Operation.ADD_EVENTS_V1: V2,
    Operation.DELETE_EVENT: V2,
    Operation.UPSERT_CONTACT_WITH_EVENT: ({"contactId": "p"}, {"eventId": "e"}),
    Operation.SEED_UPSERT_CONTACT: ({"contactId": "p"}, {"requestId": "r"}, {"success": True}),
    Operation.SEED_ADD_EVENT: ({"eventId": "e"}, {"contactId": "p"}, {"requestId": "r"}, {"success": True}),
}


@pytest.mark.parametrize(("operation", "body"), [(name, body) for name, all_of in SUCCESSES.items() for body in all_of])
def test_each_key_that_an_operation_owes_is_enough(operation, body):
    assert read(200, body, operation).data == body


@pytest.mark.parametrize("status", [404, 405, 407, 413])
def test_an_address_or_a_size_blames_no_row_whatever_the_body_adds(status):
    for body in ({"messages": ["gone"], "success": False}, {"problems": ["out of luck"]}, {"reasonCode": 4711}):
        with pytest.raises(BadAnswer) as caught:
            read(status, body)
        assert caught.value.status == status


@pytest.mark.parametrize("status", [404, 405, 407, 406])
def test_a_documented_code_is_the_apis_own_word_whatever_the_status(status):
    problems = [{"reasonCode": 4711, "message": "x"}, {"reasonCode": 16, "message": "categoryExternalId|unknown"}]
    with pytest.raises(Refused) as caught:
        read(status, {"problems": problems})
    assert [v.reason_code for v in caught.value.violations] == [4711, 16]


def test_a_body_too_large_is_never_a_matter_of_rows():
    with pytest.raises(BadAnswer):
        read(413, {"problems": [{"reasonCode": 16, "message": "categoryExternalId|unknown"}]})


@pytest.mark.parametrize(
    ("given", "code"),
    [(18, 18), (18.0, 18), (18.5, None), (" 18 ", 18), ("-1", -1), ("18x", None), ("1234567890", None), (None, None)],
)
def test_a_reason_code_is_a_whole_number_also_as_text(given, code):
    with pytest.raises(Refused) as caught:
        read(200, {"problems": [{"reasonCode": given, "message": "name|x"}]})
    assert caught.value.violations[0].reason_code == code


@pytest.mark.parametrize("text", ["User not authenticated", "not authenticated.", " User Not Authenticated. "])
def test_v2_tells_a_wrong_key_by_its_words_alone(text):
    for texts in ([text], ["Something else", text], [text, "Something else"]):
        with pytest.raises(AuthenticationFailed) as caught:
            read(200, {"success": False, "message": texts})
        assert len(caught.value.violations) == len(texts)
    with pytest.raises(Refused) as caught:
        read(200, {"success": False, "message": ["the user is not authenticated here"]})
    assert type(caught.value) is Refused


def test_a_thousand_problems_are_kept_and_five_need_no_more():
    for shape in ({"problems": ["x"] * 1_001}, {"success": False, "message": ["x"] * 1_001}):
        with pytest.raises(Refused, match="and 995 more") as caught:
            read(400, shape)
        assert len(caught.value.violations) == 1_000
    with pytest.raises(Refused) as caught:
        read(400, {"problems": [f"problem {n}" for n in range(5)]})
    assert all(f"problem {n}" in str(caught.value) for n in range(5))
    assert "more" not in str(caught.value).split("problem 4")[1][:10]


@pytest.mark.parametrize("given", [None, "", 7, ["r"]])
def test_a_request_id_is_a_text_or_none(given):
    assert read(200, {"requestId": given, "productIds": ["1"]}).request_id is None


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (429, {"retry_after": "7"}, ["too often (HTTP 429)", "asks for 7 s"]),
        (503, {"retry_after": "7"}, ["not available at the moment (HTTP 503)", "asks for 7 s"]),
        (429, {}, ["too often (HTTP 429). Try"]),
    ],
)
def test_a_throttled_call_says_why_and_for_how_long(status, headers, words):
    with pytest.raises(Throttled) as caught:
        read(status, b"", **headers)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(("status", "word"), [(401, "not authenticated"), (403, "not allowed")])
def test_a_refusal_by_its_status_alone_says_what_it_means(status, word):
    with pytest.raises(AuthenticationFailed, match=word) as caught:
        read(status, {"requestId": "r-9"})
    assert (caught.value.violations, caught.value.request_id) == ((), "r-9")


@pytest.mark.parametrize(("status", "is_success"), [(199, False), (200, True), (299, True), (300, False)])
def test_a_success_needs_a_status_of_200_to_299(status, is_success):
    if is_success:
        assert read(status, SUCCESS).status == status
    else:
        with pytest.raises(BadAnswer):
            read(status, SUCCESS)


def test_messages_beside_success_true_are_no_problem():
    assert read(200, {"success": True, "messages": ["noted"]}, Operation.ADD_EVENT).warnings == ()
