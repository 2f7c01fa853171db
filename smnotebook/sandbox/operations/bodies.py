"""Request bodies: JSON read strictly, money kept exact, hostile documents turned away with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = ["UnreadableBody", "read_body"]

_INFINITY = Decimal("Infinity")
# Beyond any amount or stock; a bound so that nobody makes the sandbox write out 1e999999999.
_MAX_EXPONENT = 400


class UnreadableBody(ValueError):
    """A body is no JSON object; the message says why without quoting it."""


def read_body(raw: bytes) -> dict[str, Any]:
    """Read a JSON object; fractions become Decimal, numbers beyond reason infinity (a violation of their field).

    Raises
    ------
    UnreadableBody
        For bytes that are not UTF-8, no JSON, nested too deeply, no object, or an object with a name twice.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableBody(f"The body is not UTF-8: byte {error.start}.") from None
    if not text.strip():
        raise UnreadableBody("The body is empty; a JSON object is needed.")
    body = _parse(text)
    if not isinstance(body, dict):
        raise UnreadableBody("The body must be a JSON object.")
    return body


def _parse(text: str) -> Any:
    try:
        return json.loads(
            text, parse_float=_read_fraction, parse_constant=_refuse_constant, object_pairs_hook=_read_object
        )
    except UnreadableBody:
        raise
    except json.JSONDecodeError as error:
        raise UnreadableBody(f"{error.msg}: line {error.lineno}, column {error.colno}.") from None
    except ValueError:  # an integer of more digits than Python is willing to read
        raise UnreadableBody("A number has too many digits.") from None
    except RecursionError:
        raise UnreadableBody("Objects and arrays are nested too deeply.") from None


def _read_fraction(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent that not even Decimal can hold
        return _INFINITY
    return number if abs(number.adjusted()) <= _MAX_EXPONENT else _INFINITY


def _refuse_constant(name: str) -> Any:
    raise UnreadableBody(f"{name} is no JSON number.")


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise UnreadableBody(f"An object holds a name twice: {next(_repeated(pairs))!a}.")
    return read


def _repeated(pairs: list[tuple[str, Any]]) -> Iterator[str]:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            yield name[:40]
        seen.add(name)
