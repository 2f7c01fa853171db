"""Reason codes 10 to 19, and the message formats that travel with them, written and parsed.

Source of codes and formats: seed_product_api.txt, "General errors and warnings".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

__all__ = ["ParsedMessage", "ReasonCode", "Severity", "Violation", "format_message", "parse_message"]

Severity = Literal["error", "warning"]


class ReasonCode(IntEnum):
    """Why a request was refused, or what the server did to it (12).

    ``http_status`` is the status the documentation pairs with the code.
    """

    AUTHENTICATION = 10
    EXCEEDS_LIMIT = 11
    TRIMMED = 12
    MISSING = 13
    WRONG_TYPE = 14
    NOT_UNIQUE = 15
    UNKNOWN_IDENTIFIER = 16
    REQUIRED_IS_NULL = 17
    WRONG_STRUCTURE = 18
    ABOVE_QUOTA = 19

    @property
    def http_status(self) -> int:
        """The HTTP status: 200 for the one warning, 400 for every error."""
        return 200 if self is ReasonCode.TRIMMED else 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """A reason message taken apart; None where the format has no such part.

    ``limit`` is 19's number, ``minimum`` and ``maximum`` are those of 11 and 12, ``type_name`` is 14's.
    """

    text: str
    field: str | None = None
    type_name: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule broken by one value.

    Attributes
    ----------
    field : str or None
        Wire name, nested ones with a dot; None when the whole request is meant.
    item : int or None
        Position inside a list field, counted from 0.
    reason_code : int or None
        None for advice that the API has no code for. Not always a ReasonCode: a server may answer with a
        code that nobody documented.
    message : str
        In the API's own format, ready to be parsed by :func:`parse_message`.
    suggestion : str
        What to do about it; empty where a server sent the violation.
    """

    field: str | None
    reason_code: int | None
    message: str
    severity: Severity = "error"
    item: int | None = None
    suggestion: str = ""


def format_message(
    code: ReasonCode,
    text: str,
    *,
    field: str | None = None,
    type_name: str = "",
    minimum: int = 0,
    maximum: int | None = None,
    limit: int | None = None,
) -> str:
    """Write a message in the format documented for its code.

    Raises
    ------
    ValueError
        When a part that the format needs was not given.
    """
    match code:
        case ReasonCode.AUTHENTICATION:
            return text
        case ReasonCode.EXCEEDS_LIMIT:
            return f"{_given(field, 'field')}|min:{minimum}|max:{_given(maximum, 'maximum')}|{text}"
        case ReasonCode.TRIMMED:
            return f"{_given(field, 'field')}|max:{_given(maximum, 'maximum')}|{text}"
        case ReasonCode.WRONG_TYPE:
            return f"{_given(field, 'field')}:{_given(type_name or None, 'type_name')}|{text}"
        case ReasonCode.ABOVE_QUOTA:
            return f"{_given(field, 'field')}|limit:{_given(limit, 'limit')}|{text}"
        case _:
            return f"{_given(field, 'field')}|{text}"


def _given(value: Any, part: str) -> Any:
    if value is None:
        raise ValueError(f"this reason code's message needs a {part}")
    return value


# A field may hold anything but the bar; the numbered parts are optional so that a server which leaves one
# out is still understood. Linear time: no part can match what the next one starts with.
_MESSAGE = re.compile(
    r"(?P<field>[^|]*)\|(?:min:(?P<minimum>-?\d{1,20})\|)?(?:max:(?P<maximum>-?\d{1,20})\|)?"
    r"(?:limit:(?P<limit>-?\d{1,20})\|)?(?P<text>.*)",
    re.DOTALL,
)


def parse_message(code: int, message: str) -> ParsedMessage:
    """Take a message apart; text that is in no known format comes back whole as ``text``.

    Parameters
    ----------
    code : int
        The reason code the message came with: only 14 carries ``field:type``.
    """
    found = None if code == ReasonCode.AUTHENTICATION else _MESSAGE.fullmatch(message)
    if found is None:
        return ParsedMessage(text=message)
    field, type_name = found["field"].strip(), None
    if code == ReasonCode.WRONG_TYPE and ":" in field:
        field, type_name = (part.strip() for part in field.rsplit(":", 1))
    numbers = {name: int(found[name]) if found[name] else None for name in ("minimum", "maximum", "limit")}
    return ParsedMessage(text=found["text"], field=field or None, type_name=type_name, **numbers)
