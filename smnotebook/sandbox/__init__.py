"""The API on your own machine: stateful, strict where the documentation is, and open about where it is silent.

The names load when they are first used, so that a test suite which only imports the fixtures pays nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smnotebook.sandbox.assumptions import Assumptions
    from smnotebook.sandbox.clock import Clock
    from smnotebook.sandbox.faults import Fault, FaultKind, Faults
    from smnotebook.sandbox.foreground import serve
    from smnotebook.sandbox.honesty import CLAIMS, Claim
    from smnotebook.sandbox.request_log import LoggedRequest, RequestLog
    from smnotebook.sandbox.sandbox import Sandbox

__all__ = [
    "CLAIMS",
    "Assumptions",
    "Claim",
    "Clock",
    "Fault",
    "FaultKind",
    "Faults",
    "LoggedRequest",
    "RequestLog",
    "Sandbox",
    "serve",
]

_HOMES = {
    "CLAIMS": "honesty",
    "Assumptions": "assumptions",
    "Claim": "honesty",
    "Clock": "clock",
    "Fault": "faults",
    "FaultKind": "faults",
    "Faults": "faults",
    "LoggedRequest": "request_log",
    "RequestLog": "request_log",
    "Sandbox": "sandbox",
    "serve": "foreground",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'smnotebook.sandbox' has no attribute {name!r}")
    return getattr(import_module(f"smnotebook.sandbox.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
