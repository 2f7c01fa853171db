"""The API on your own machine: stateful, strict where the documentation is, and open about where it is silent."""

from smnotebook.sandbox.assumptions import Assumptions
from smnotebook.sandbox.clock import Clock
from smnotebook.sandbox.faults import Fault, FaultKind, Faults
from smnotebook.sandbox.foreground import serve
from smnotebook.sandbox.request_log import LoggedRequest, RequestLog
from smnotebook.sandbox.sandbox import Sandbox

__all__ = ["Assumptions", "Clock", "Fault", "FaultKind", "Faults", "LoggedRequest", "RequestLog", "Sandbox", "serve"]
