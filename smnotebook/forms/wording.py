"""Findings and questions as sentences for people who press buttons."""

from __future__ import annotations

import re

from smnotebook.contract import Violation, parse_message
from smnotebook.errors import ConfirmationNeeded

__all__ = ["counted", "question_words", "sentence"]

# what an analyst is told to call, a form has a button for
_CALL = re.compile(r"\w\(")


def counted(number: int, what: str) -> str:
    """A number and what it counts, in the plural where that is due."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def sentence(violation: Violation, label: str) -> str:
    """What is wrong with the field called ``label``, and what to do; without the API's own format."""
    text = parse_message(violation.reason_code or 0, violation.message).text
    return f"{label} {text}. {violation.suggestion}".strip()


def question_words(question: ConfirmationNeeded) -> str:
    """Why something has to be agreed to, without the sentences about code."""
    text = str(question).partition(" If that is what you want")[0]
    return " ".join(part for part in re.split(r"(?<=\.) ", text) if not _CALL.search(part))
