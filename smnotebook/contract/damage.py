"""Signs that a text was damaged on its way here: by a spreadsheet, an export, a page's markup or a wrong encoding.

The API takes such texts, so these are warnings. Each sign is one pattern, written so that Python's ``re`` and RE2,
which reads whole columns, agree on it: without dollar signs and without classes that depend on Unicode.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from smnotebook.contract.rules import Rule

__all__ = ["ID_DAMAGE", "NOT_A_VALUE", "NULL_AS_TEXT", "NULL_WORDS", "TEXT_DAMAGE", "Damage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    r"""One kind of damage.

    Attributes
    ----------
    name : str
        Of the rule.
    pattern : str
        Found in a damaged text; ``\z`` stands for its end.
    text, suggestion : str
        What is wrong, following the field's name, and what to do about it.
    """

    name: str
    pattern: str
    text: str
    suggestion: str

    @property
    def rule(self) -> Rule:
        """The warning."""
        return _rule(self.name, self.text, self.suggestion)

    def found_in(self, text: str) -> bool:
        """Whether the text shows it."""
        return _compiled(self.pattern).search(text) is not None


@cache
def _rule(name: str, text: str, suggestion: str) -> Rule:
    return Rule(name=name, reason_code=None, severity="warning", text=text, suggestion=suggestion)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(r"\z", r"\Z"))


#: What programs write where a value is missing: pandas, NumPy, Python, SQL and Excel. Compared as they stand.
NULL_WORDS = ("nan", "NaN", "NAN", "None", "<NA>", "NaT", "null", "NULL", "#N/A")

_NULL_TEXT = "is a program's word for a missing value, kept as text"
_NULL_SUGGESTION = "Find where missing cells were turned into text (often astype(str)), or empty them: fix() does."

#: One of these words where a value may be missing.
NULL_AS_TEXT = Rule(
    name="null_as_text", reason_code=None, severity="warning", text=_NULL_TEXT, suggestion=_NULL_SUGGESTION
)
#: One of these words where a value is required. The API would take it: no reason code stands for it.
NOT_A_VALUE = Rule(name="not_a_value", reason_code=None, text=_NULL_TEXT, suggestion=_NULL_SUGGESTION)

_TAGS = (
    "a|b|big|br|center|del|div|em|font|h[1-6]|hr|i|img|ins|li|mark|ol|p|s|script|small|span|strike|strong|style|sub|sup"
    "|table|tbody|td|th|thead|tr|u|ul"
)
_MONTHS = (
    "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mrz|Mär|Mai|Okt|Dez|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru"
    "|ene|abr|ago|dic|janv|févr|avr|juin|juil|août|déc"
)

#: For names, categories and brands.
TEXT_DAMAGE = (
    Damage(
        name="markup",
        pattern=(
            "&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
            f"|<(?i:/?(?:{_TAGS})(?:[ \t\r\n][^<>]*)?/?)>"
        ),
        text="holds HTML, which customers would read as it stands",
        suggestion="Decode it: fix() makes it plain text.",
    ),
    Damage(
        name="control",
        pattern="[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\x80-\x9f\u200b\u2060\ufeff]",
        text="holds control or zero-width characters, which nobody sees",
        suggestion="Take them out: fix() does.",
    ),
    Damage(
        name="replacement",
        pattern="\ufffd",
        text="holds the replacement character \ufffd: a letter was lost when the file was decoded",
        suggestion="Read the file again with its right encoding.",
    ),
    Damage(
        name="line_break",
        pattern="[\t\n\r\u2028\u2029]",
        text="holds a line break or a tab",
        suggestion="Make it one line: fix() does.",
    ),
)

#: For ids.
ID_DAMAGE = (
    Damage(
        name="guard",
        pattern='^\'|^=".*"\\z',
        text="begins with a spreadsheet's mark for text, which becomes a part of the id",
        suggestion="Take the mark off: fix() does.",
    ),
    Damage(
        name="invisible",
        pattern="[\\x00-\\x1f\x80-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]",
        text="holds characters that nobody sees, so that it equals no id that looks like it",
        suggestion="Take them out: fix() does.",
    ),
    Damage(
        name="replacement",
        pattern="\ufffd",
        text="holds the replacement character \ufffd: a letter was lost when the file was decoded",
        suggestion="Read the file again with its right encoding.",
    ),
    Damage(
        name="outer_blank",
        pattern="^[ \xa0]|[ \xa0]\\z",
        text="begins or ends with a blank, which is a part of the id",
        suggestion="Take the blank off: fix() does.",
    ),
    Damage(
        name="scientific",
        pattern="^[0-9](?:[.,][0-9]+)?[eE][+][0-9]{1,3}\\z",
        text="is a number that a spreadsheet or pandas shortened; its last digits are gone",
        suggestion="Read the ids as text from the source: the digits can't be brought back.",
    ),
    Damage(
        name="decimal",
        pattern="^[0-9]+[.]0{1,2}\\z",
        text="ends in .0, as an id does that was a number for a while",
        suggestion="Take the .0 off: fix() does, where the number can't have lost digits.",
    ),
    Damage(
        name="date",
        pattern=(
            "^[12][0-9]{3}-[01][0-9]-[0-3][0-9](?:[ T]00:00:00)?\\z|^[0-9]{1,2}[./][0-9]{1,2}[./][12][0-9]{3}\\z"
            f"|^(?:{_MONTHS})[.]?-[0-9]{{2}}\\z|^[0-9]{{1,2}}-(?:{_MONTHS})\\z"
        ),
        text="looks like a date, which spreadsheets make of ids such as 3-24",
        suggestion="Read the ids as text from the source, unless they are dates.",
    ),
)
