"""Reason codes and their messages, written and parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smnotebook.contract import ReasonCode, Violation, format_message, parse_message
from smnotebook.contract.reasons import ParsedMessage

# Typed by hand from seed_product_api.txt, "General errors and warnings": code, HTTP status, message
DOCUMENTED = [
    (10, 400, "Error message"),
    (11, 400, "fieldName|min:0|max:256|Error message"),
    (12, 200, "fieldName|max:256|Warning message"),
    (13, 400, "fieldName|Error message"),
    (14, 400, "fieldName:type|Error message"),
    (15, 400, "fieldName|Error message"),
    (16, 400, "fieldName|Error message"),
    (17, 400, "fieldName|Error message"),
    (18, 400, "fieldName|Error message"),
    (19, 400, "resourceName|limit:3|Error message"),
]

PARTS = {
    10: {},
    11: {"field": "fieldName", "minimum": 0, "maximum": 256},
    12: {"field": "fieldName", "maximum": 256},
    13: {"field": "fieldName"},
    14: {"field": "fieldName", "type_name": "type"},
    15: {"field": "fieldName"},
    16: {"field": "fieldName"},
    17: {"field": "fieldName"},
    18: {"field": "fieldName"},
    19: {"field": "resourceName", "limit": 3},
}


def test_the_codes_are_those_of_the_document():
    assert [int(code) for code in ReasonCode] == [code for code, _, _ in DOCUMENTED]


@pytest.mark.parametrize(("code", "status", "message"), DOCUMENTED)
def test_each_code_has_its_http_status(code, status, message):
    assert ReasonCode(code).http_status == status


@pytest.mark.parametrize(("code", "status", "message"), DOCUMENTED)
def test_each_message_is_written_in_the_documented_format(code, status, message):
    assert format_message(ReasonCode(code), message.rpartition("|")[2], **PARTS[code]) == message


@pytest.mark.parametrize(("code", "status", "message"), DOCUMENTED)
def test_each_documented_message_is_taken_apart(code, status, message):
    assert parse_message(code, message) == ParsedMessage(text=message.rpartition("|")[2], **PARTS[code])


FIELD = st.from_regex(r"[A-Za-z][A-Za-z0-9_.\[\]]{0,30}", fullmatch=True)
NUMBER = st.integers(0, 10**19)


@given(
    st.sampled_from(list(ReasonCode)),
    FIELD,
    st.text().filter(lambda text: "|" not in text),
    st.sampled_from(["string", "number", "integer", "boolean", "array", "object"]),
    NUMBER,
    NUMBER,
)
def test_what_is_written_is_read_back(code, field, text, type_name, minimum, maximum):
    written = format_message(
        code, text, field=field, type_name=type_name, minimum=minimum, maximum=maximum, limit=maximum
    )
    read = parse_message(code, written)
    assert read.text == text
    assert read.field == (None if code is ReasonCode.AUTHENTICATION else field)
    assert read.type_name == (type_name if code is ReasonCode.WRONG_TYPE else None)
    assert read.minimum == (minimum if code is ReasonCode.EXCEEDS_LIMIT else None)
    assert read.maximum == (maximum if code in {ReasonCode.EXCEEDS_LIMIT, ReasonCode.TRIMMED} else None)
    assert read.limit == (maximum if code is ReasonCode.ABOVE_QUOTA else None)


@given(st.integers(-5, 500), st.text())
def test_any_text_can_be_taken_apart(code, message):
    assert parse_message(code, message).text in message


@pytest.mark.parametrize(
    ("code", "message", "field", "text"),
    [
        (11, "name|max:255|too long", "name", "too long"),
        (11, "name|too long", "name", "too long"),
        (13, "no bar at all", None, "no bar at all"),
        (13, "|text", None, "text"),
        (13, "", None, ""),
        (13, "name|with|bars", "name", "with|bars"),
        (13, " name |text", "name", "text"),
        (13, "name|two\nlines", "name", "two\nlines"),
        (14, "price|no type given", "price", "no type given"),
        (14, "products[3].price:number|text", "products[3].price", "text"),
        (10, "user|is unknown", None, "user|is unknown"),
        (99, "field|a code of tomorrow", "field", "a code of tomorrow"),
    ],
)
def test_a_server_that_leaves_a_part_out_is_still_understood(code, message, field, text):
    read = parse_message(code, message)
    assert (read.field, read.text) == (field, text)


@pytest.mark.parametrize(
    ("code", "given"),
    [
        (ReasonCode.EXCEEDS_LIMIT, {"field": "name"}),
        (ReasonCode.TRIMMED, {"field": "name"}),
        (ReasonCode.WRONG_TYPE, {"field": "name"}),
        (ReasonCode.ABOVE_QUOTA, {"field": "catalogs"}),
        (ReasonCode.MISSING, {}),
    ],
)
def test_a_message_without_one_of_its_parts_is_not_written(code, given):
    with pytest.raises(ValueError, match="needs a"):
        format_message(code, "text", **given)


def test_a_violation_may_hold_a_code_that_nobody_documented():
    assert Violation(field="x", reason_code=4711, message="x|y").reason_code == 4711
