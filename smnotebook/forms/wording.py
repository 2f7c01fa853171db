"""Findings as sentences for people."""

from __future__ import annotations

from smnotebook.contract import Violation, parse_message

__all__ = ["sentence"]


def sentence(violation: Violation, label: str) -> str:
    """What is wrong with the field called ``label``, and what to do; without the API's own format."""
    text = parse_message(violation.reason_code or 0, violation.message).text
    return f"{label} {text}. {violation.suggestion}".strip()
