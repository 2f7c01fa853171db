"""Faults from outside Python: from JSON, and from a word on the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from smnotebook.errors import UsageError
from smnotebook.sandbox.faults.kinds import Fault, FaultKind, read_script

__all__ = ["fault_from_json", "parse_fault"]

_EXAMPLE = "unavailable:endpoint=/v3/product/upsert,requests=3-5,retry_after=2"


def parse_fault(text: str) -> Fault:
    """Read ``kind:setting=value,…``; requests are numbers and ranges joined by ``+``, product ids joined by ``+``.

    Raises
    ------
    UsageError
        When the text is in another form.

    Examples
    --------
    >>> parse_fault("unavailable:requests=1+3-5,retry_after=2").requests
    (1, 3, 4, 5)
    """
    kind, _, listed = text.partition(":")
    settings: dict[str, Any] = {}
    for pair in filter(None, listed.split(",")):
        name, equals, value = pair.partition("=")
        if name not in _READERS or not equals:
            raise UsageError(f"a fault is written like {_EXAMPLE}; the settings are {', '.join(_READERS)}")
        try:
            settings[name] = _READERS[name](value)
        except ValueError as error:
            raise UsageError(f"the fault's {name} can't be read; a fault is written like {_EXAMPLE}") from error
    return Fault(kind=FaultKind.named(kind), **settings)


def fault_from_json(given: Mapping[str, Any]) -> Fault:
    """Read what :meth:`Fault.to_json` writes, absent settings at their defaults.

    ``number``, which a listing adds, says nothing; ``requests`` may be the text that :func:`parse_fault` takes.

    Raises
    ------
    UsageError
        For an unknown setting, or one of the wrong type.
    """
    settings: dict[str, Any] = {}
    for name, value in given.items():
        if name in ("kind", "number") or (value is None and name in _NULLABLE):
            continue
        if name not in _TYPES or isinstance(value, bool) is not (name == "commits"):
            raise UsageError(
                f"a fault's settings are kind, {', '.join(_TYPES)}; one of those sent is none, or no {name}"
            )
        settings[name] = _typed(name, value)
    return Fault(kind=FaultKind.named(given.get("kind")), **settings)


def _typed(name: str, value: Any) -> Any:
    expected, item = _TYPES[name]
    if name == "requests" and isinstance(value, str):
        return read_script(value)
    if isinstance(value, Decimal):  # how a request's body gives fractions
        value = float(value)
    is_right = isinstance(value, expected) and (item is None or all(type(entry) is item for entry in value))
    if not is_right:
        raise UsageError(f"the fault's {name} has the wrong type; see Fault for what it holds")
    return tuple(value) if item is not None else value


def _read_flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


_READERS: dict[str, Callable[[str], Any]] = {
    "endpoint": str,
    "rate": float,
    "requests": read_script,
    "times": int,
    "seconds": float,
    "retry_after": float,
    "status": int,
    "reason_code": int,
    "field": str,
    "product_ids": lambda text: tuple(text.split("+")),
    "commits": _read_flag,
}
_NUMBER = (int, float)
_TYPES: dict[str, tuple[Any, type | None]] = {
    "endpoint": (str, None),
    "rate": (_NUMBER, None),
    "requests": (list, int),
    "times": (int, None),
    "seconds": (_NUMBER, None),
    "retry_after": (_NUMBER, None),
    "status": (int, None),
    "reason_code": (int, None),
    "field": (str, None),
    "product_ids": (list, str),
    "commits": (bool, None),
}
_NULLABLE = ("times", "retry_after", "status", "commits")
