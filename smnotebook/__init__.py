"""Product tables from pandas into SALESmanago Product Catalogs.

The names below are the public door (``import smnotebook as sm``). Importing it registers ``df.salesmanago`` and costs
about what importing pandas does: everything else loads when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import smnotebook.accessor
import smnotebook.process  # notes the working directory

if TYPE_CHECKING:
    from smnotebook import errors, forms
    from smnotebook.client import Client, connect
    from smnotebook.events import Contact, Event
    from smnotebook.feeds import Limits, read_feed, reading_report
    from smnotebook.frame.house_rules import load_rules, rules
    from smnotebook.mapping import Mapping, forget_mapping, remembered_mappings
    from smnotebook.sandbox import Sandbox

__version__ = smnotebook.process.LOADED_VERSION

__all__ = [
    "Client",
    "Contact",
    "Event",
    "Limits",
    "Mapping",
    "Sandbox",
    "connect",
    "errors",
    "forget_mapping",
    "forms",
    "load_rules",
    "read_feed",
    "reading_report",
    "remembered_mappings",
    "rules",
]

_HOMES = {
    "Client": "smnotebook.client",
    "Contact": "smnotebook.events",
    "Event": "smnotebook.events",
    "Limits": "smnotebook.feeds",
    "Mapping": "smnotebook.mapping",
    "Sandbox": "smnotebook.sandbox",
    "connect": "smnotebook.client",
    "forget_mapping": "smnotebook.mapping",
    "load_rules": "smnotebook.frame.house_rules",
    "read_feed": "smnotebook.feeds",
    "reading_report": "smnotebook.feeds",
    "remembered_mappings": "smnotebook.mapping",
    "rules": "smnotebook.frame.house_rules",
}


def __getattr__(name: str) -> Any:
    if name in ("errors", "forms"):
        return import_module(f"smnotebook.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'smnotebook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
