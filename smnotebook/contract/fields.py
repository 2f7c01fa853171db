"""The building blocks a field is declared with: what it holds, its limits, and the rules that follow.

A constraint is metadata in a model's annotation, ``Annotated[str, Text(max=255)]``. Pydantic asks it to read one
value (:meth:`Constraint.read`); the columnar preflight asks it for its rules by name and runs them over a column. The
wording of a finding lives in the rule, so both say the same.

Missing is one thing: None, NaN and the empty text. The assumption behind the last one: an analyst's empty cell is no
request to erase (a server may take "" as a value; the documentation is silent).
"""

from smnotebook.contract.constraint import Constraint
from smnotebook.contract.lists import Details, Items, Names, is_name
from smnotebook.contract.rules import MISSING, NULL, Broken, Fault, Rule, is_missing, plain_scalar, whole_number
from smnotebook.contract.scalars import Choice, Flag, Money, Whole
from smnotebook.contract.texts import Text, advice_rule

__all__ = [
    "MISSING",
    "NULL",
    "Broken",
    "Choice",
    "Constraint",
    "Details",
    "Fault",
    "Flag",
    "Items",
    "Money",
    "Names",
    "Rule",
    "Text",
    "Whole",
    "advice_rule",
    "is_missing",
    "is_name",
    "plain_scalar",
    "whole_number",
]
