"""The page's templates, and the filters they use; every value is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from smnotebook.sandbox.faults import Fault
from smnotebook.sandbox.faults.kinds import read_script

__all__ = ["moment", "render"]

_NAVIGATION = (
    ("/", "Overview"),
    ("/contacts", "Contacts"),
    ("/events", "Events"),
    ("/requests", "Requests"),
    ("/claims", "What to believe"),
)
_AMOUNTS = ("price", "discountPrice", "value")
_SHOWN_CHARACTERS = 20_000


def render(template: str, *, here: str, **values: Any) -> str:
    """A whole page; ``here`` is the path that the navigation marks."""
    return _environment().get_template(template).render(here=here, **values)


@cache
def _environment() -> Environment:
    loader = PackageLoader("smnotebook.sandbox.page")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters |= {
        "json": json.loads,
        "moment": moment,
        "pretty": _pretty,
        "repr": repr,
        "schedule": _schedule,
        "shortened": _shortened,
    }
    style = files("smnotebook.sandbox.page").joinpath("templates/style.css").read_text(encoding="utf-8")
    environment.globals |= {"navigation": _NAVIGATION, "style": Markup(style)}  # noqa: S704 - our own file
    return environment


def moment(seconds: float) -> str:
    """A time of the sandbox's clock in UTC, to the second."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):  # a clock that a test set beyond the calendar
        return f"{seconds:g} s"


def _pretty(payload: str) -> str:
    """Stored JSON over several lines, amounts as numbers where a float is exact."""
    stored = json.loads(payload)
    if isinstance(stored, Mapping):
        stored = {name: _number(entry) if name in _AMOUNTS else entry for name, entry in stored.items()}
    return json.dumps(stored, indent=2, ensure_ascii=False)


def _number(text: Any) -> Any:
    try:
        exact = Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        return text
    return float(exact) if Decimal(repr(float(exact))) == exact else text


def _schedule(fault: Fault) -> str:
    """When a fault strikes, in words."""
    parts = [f"{fault.rate:.0%} of requests" if fault.rate < 1 else "every request"]
    if script := read_script(fault.requests):
        parts = ["requests " + ", ".join(map(str, script[:20])) + (" …" if len(script) > 20 else "")]
    if fault.times is not None:
        parts.append(f"at most {fault.times} times")
    return ", ".join(parts)


def _shortened(text: str) -> str:
    more = len(text) - _SHOWN_CHARACTERS
    return text if more <= 0 else f"{text[:_SHOWN_CHARACTERS]}\n… {more} more characters"
