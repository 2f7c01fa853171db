"""House rules: what a shop asks of its own data beyond what the API asks, each stated in a line.

A rule is a comparison over fields: ``price >= 1``, ``discountPrice <= 0.9 * price``, ``brand in {"Acme", "Nord"}``,
``name matches "[A-Z].*"``, ``len(name) <= 60``, ``missing(description) < 5 %``. It is asked of every row that has the
values it speaks of; a missing value breaks no rule but ``missing(...)``, which speaks of the whole column. ``warn:`` in
front makes a warning of it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from os import PathLike
from pathlib import Path

from smnotebook.contract.exact import EXACT
from smnotebook.contract.reasons import Severity
from smnotebook.errors import UsageError

__all__ = ["HouseRule", "HouseRules", "load_rules", "rules"]

_FILE_FORMAT = 1

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.In: "in",
    ast.NotIn: "not in",
}
_SUMS: Mapping[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseRule:
    """One rule, as it was stated and as it was understood.

    Attributes
    ----------
    text : str
        The line without its ``warn:``.
    tree : ast.expr
        The parsed comparison; only the forms that the module's docstring lists.
    fields : tuple of str
        Names it speaks of, in the order of their first mention.
    """

    text: str
    severity: Severity
    tree: ast.expr
    fields: tuple[str, ...]

    @property
    def is_about_column(self) -> bool:
        """Whether it speaks of a column's share of missing cells and not of single rows."""
        return any(isinstance(node, ast.Call) and _called(node) == "missing" for node in ast.walk(self.tree))


@dataclass(frozen=True, slots=True)
class HouseRules:
    """Rules in the order they were stated; hand them to ``preflight(rules=...)``."""

    rules: tuple[HouseRule, ...]

    def __iter__(self) -> Iterator[HouseRule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def lines(self) -> list[str]:
        """The rules as they were stated."""
        return [f"warn: {rule.text}" if rule.severity == "warning" else rule.text for rule in self.rules]

    def save(self, path: str | PathLike[str]) -> None:
        """Write them as JSON, for instance beside the mapping; :func:`load_rules` reads them again."""
        document = {"smnotebook_rules": _FILE_FORMAT, "rules": self.lines()}
        Path(path).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def __repr__(self) -> str:
        return "\n".join(
            [f"{len(self)} house rule{'' if len(self) == 1 else 's'}", *(f"  {line}" for line in self.lines())]
        )


def rules(*lines: str) -> HouseRules:
    """State house rules, one a line.

    Raises
    ------
    UsageError
        Naming the line that can't be understood, and the forms there are.
    """
    return HouseRules(tuple(map(_parse, lines)))


def load_rules(path: str | PathLike[str]) -> HouseRules:
    """The rules that :meth:`HouseRules.save` wrote.

    Raises
    ------
    UsageError
        When the file holds no rules.
    """
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        lines = document["rules"] if document["smnotebook_rules"] == _FILE_FORMAT else None
    except (ValueError, KeyError, TypeError) as broken:
        raise UsageError(f"{path} holds no house rules. Write them with rules(...).save(path).") from broken
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise UsageError(f"{path} was written by another version of smnotebook. State the rules again and save them.")
    return rules(*lines)


def _parse(line: str) -> HouseRule:
    text = line.strip()
    severity: Severity = "error"
    if text.lower().startswith("warn:"):
        severity, text = "warning", text[5:].strip()
    try:
        tree = ast.parse(_as_python(text), mode="eval").body
    except (SyntaxError, ValueError) as broken:
        raise _misunderstood(line, "it is no comparison") from broken
    _hold_to_forms(tree, line)
    fields = tuple(dict.fromkeys(field_name(node) for node in _outermost_names(tree)))
    if not fields:
        raise _misunderstood(line, "it speaks of no field")
    return HouseRule(text=text, severity=severity, tree=tree, fields=fields)


def _as_python(text: str) -> str:
    """The line in Python's grammar: ``matches`` becomes an operator it has, ``5 %`` a share. Quoted texts stay."""
    parts = re.split(r"(\"[^\"]*\"|'[^']*')", text)
    for number in range(0, len(parts), 2):
        parts[number] = re.sub(r"\bmatches\b", "@", parts[number])
        parts[number] = re.sub(
            r"(\d+(?:\.\d+)?)\s*%", lambda share: str(EXACT.divide(Decimal(share[1]), 100)), parts[number]
        )
    return "".join(parts)


def _hold_to_forms(tree: ast.expr, line: str) -> None:
    is_match = isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.MatMult)
    is_comparison = isinstance(tree, ast.Compare) and len(tree.ops) == 1 and type(tree.ops[0]) in _COMPARISONS
    if not (is_match or is_comparison):
        raise _misunderstood(line, "it must be one comparison")
    for side in _sides(tree):
        _hold_to_terms(side, line)


def _sides(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.Compare):
        return [tree.left, *tree.comparators]
    return [tree.left, tree.right] if isinstance(tree, ast.BinOp) else []


def _hold_to_terms(node: ast.expr, line: str) -> None:
    """Fields, constants, sets of constants, sums, len(...) and missing(...), and nothing else."""
    match node:
        case ast.Name() | ast.Constant(value=str() | int() | float()):
            return
        case ast.Attribute(value=ast.Name()):
            return
        case ast.Set(elts=entries) | ast.List(elts=entries) | ast.Tuple(elts=entries):
            if all(isinstance(entry, ast.Constant) for entry in entries):
                return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SUMS:
            _hold_to_terms(left, line)
            _hold_to_terms(right, line)
            return
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _hold_to_terms(operand, line)
            return
        case ast.Call(args=[ast.Name() | ast.Attribute()], keywords=[]) if _called(node) in {"len", "missing"}:
            return
    raise _misunderstood(line, f"{ast.unparse(node)} is none of the terms a rule may hold")


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _outermost_names(tree: ast.expr) -> Iterator[ast.expr]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and id(node) not in called | inner:
            yield node


def field_name(node: ast.expr) -> str:
    """The field that a name or a dotted name in a rule stands for."""
    return ast.unparse(node)


def kernel_name(node: ast.cmpop | ast.operator) -> str:
    """The name of the Arrow function that an operator stands for; ``in`` and ``not in`` have none."""
    return _COMPARISONS[type(node)] if isinstance(node, ast.cmpop) else _SUMS[type(node)]


def _misunderstood(line: str, why: str) -> UsageError:
    forms = 'price >= 1, discountPrice <= 0.9 * price, brand in {"Acme", "Nord"}, name matches "[A-Z].*"'
    more = "len(name) <= 60, missing(description) < 5 %"
    return UsageError(f"The rule {line!r} is not understood: {why}. Rules look like: {forms}, {more}.")
