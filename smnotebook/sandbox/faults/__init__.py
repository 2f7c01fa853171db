"""Faults as data: what can go wrong on the wire, when, and what it looks like."""

from smnotebook.sandbox.faults.active import Faults
from smnotebook.sandbox.faults.kinds import Fault, FaultKind
from smnotebook.sandbox.faults.settings import fault_from_json, parse_fault

__all__ = ["Fault", "FaultKind", "Faults", "fault_from_json", "parse_fault"]
