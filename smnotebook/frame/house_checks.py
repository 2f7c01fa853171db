"""House rules over whole columns: the same findings, in the same report, as the contract's own."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.exact import EXACT
from smnotebook.contract.fields import Rule
from smnotebook.errors import UsageError
from smnotebook.frame.arrow import positions_where
from smnotebook.frame.columns import Binding
from smnotebook.frame.house_rules import HouseRule, HouseRules, field_name, kernel_name
from smnotebook.frame.table import CanonicalTable, CellFaults, Column

__all__ = ["check_columns", "check_rows"]

Columns = Mapping[str, Column]

# Room for a product of two amounts; Arrow's wider decimals hold 76 digits.
_NUMBER = pa.decimal256(30, 2)


def check_rows(table: CanonicalTable, house: HouseRules) -> Iterator[tuple[Binding, CellFaults]]:
    """The rules that speak of single rows, and the rows that break them."""
    columns = _named(table)
    for rule in house:
        subject, *_ = [_find(columns, name, rule) for name in rule.fields]
        if rule.is_about_column:
            continue
        against = positions_where(pc.invert(_holds(rule, columns)))
        if len(against):
            yield subject.binding, CellFaults(rule=_as_rule(rule), positions=against)


def check_columns(table: CanonicalTable, house: HouseRules) -> Iterator[tuple[HouseRule, str, str]]:
    """The rules that speak of a column's missing cells: each broken one, its field, and the share that was found."""
    columns = _named(table)
    for rule in house:
        if not rule.is_about_column:
            continue
        if not _compare(rule.tree, columns, rule).as_py():
            share = float(_missing_share(_find(columns, rule.fields[0], rule)).as_py())
            yield rule, rule.fields[0], f"{share:.1%} are missing"


def _as_rule(rule: HouseRule) -> Rule:
    return Rule(
        name=f"house: {rule.text}",
        reason_code=None,
        severity=rule.severity,
        text=f"breaks the house rule {rule.text}",
        suggestion="Mend the value, or change the rule.",
    )


def _named(table: CanonicalTable) -> Columns:
    """Columns by their full path and by its last part, so that ``brand`` will do."""
    columns = {
        c.binding.path: c for c in table.columns if c.binding.number is None and c.binding.constraint is not None
    }
    return {**{path.rpartition(".")[2]: column for path, column in columns.items()}, **columns}


def _find(columns: Columns, name: str, rule: HouseRule) -> Column:
    if name in columns:
        return columns[name]
    near = difflib.get_close_matches(name, list(columns), n=3)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    raise UsageError(f"The rule {rule.text!r} speaks of {name}, which no column here holds.{hint}")


def _holds(rule: HouseRule, columns: Columns) -> pa.ChunkedArray:
    try:
        return _compare(rule.tree, columns, rule)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as unlike:
        raise UsageError(
            f"The rule {rule.text!r} compares things of different kinds, such as text and numbers."
        ) from unlike


def _compare(tree: ast.expr, columns: Columns, rule: HouseRule) -> Any:
    if isinstance(tree, ast.BinOp):  # matches: the whole text
        pattern = str(ast.literal_eval(tree.right))
        return pc.match_substring_regex(_term(tree.left, columns, rule), f"^(?:{pattern})$")
    if not isinstance(tree, ast.Compare):
        raise TypeError("rules are comparisons")
    left, kernel = _term(tree.left, columns, rule), kernel_name(tree.ops[0])
    if kernel in ("in", "not in"):
        return _among(left, ast.literal_eval(tree.comparators[0]), negate=kernel == "not in")
    return getattr(pc, kernel)(left, _term(tree.comparators[0], columns, rule))


def _among(values: pa.ChunkedArray, options: Any, *, negate: bool) -> pa.ChunkedArray:
    kind = values.type
    entries = [Decimal(str(entry)) for entry in options] if pa.types.is_decimal(kind) else [*options]
    found = pc.is_in(values, value_set=pa.array(entries).cast(kind))
    found = pc.invert(found) if negate else found
    return pc.if_else(values.is_valid(), found, pa.scalar(None, pa.bool_()))


def _term(node: ast.expr, columns: Columns, rule: HouseRule) -> Any:
    match node:
        case ast.Constant(value=bool() | str() as value):
            return pa.scalar(value, pa.large_string() if isinstance(value, str) else pa.bool_())
        case ast.Constant(value=int() | float() as number):
            return pa.scalar(Decimal(str(number)))
        case ast.UnaryOp(operand=operand):
            return pc.negate(_term(operand, columns, rule))
        case ast.BinOp(left=left, op=op, right=right):
            return _calculate(kernel_name(op), _term(left, columns, rule), _term(right, columns, rule))
        case ast.Call(func=ast.Name(id="len"), args=[name]):
            return pc.utf8_length(_find(columns, field_name(name), rule).values).cast(_NUMBER)
        case ast.Call(args=[name]):
            return _missing_share(_find(columns, field_name(name), rule))
    return _numbers(_find(columns, field_name(node), rule).values)


def _calculate(kernel: str, left: Any, right: Any) -> Any:
    if kernel == "divide":  # a decimal quotient would need more digits than Arrow has
        left, right = left.cast(pa.float64()), right.cast(pa.float64())
    return getattr(pc, kernel)(left, right)


def _numbers(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values.cast(_NUMBER) if pa.types.is_integer(values.type) or pa.types.is_decimal(values.type) else values


def _missing_share(column: Column) -> pa.Scalar:
    """The share of cells that hold nothing, neither a value nor a faulty one."""
    missing = column.values.null_count - sum(len(np.unique(fault.positions)) for fault in column.faults)
    return pa.scalar(EXACT.divide(missing, max(len(column.values), 1))).cast(pa.decimal256(30, 6), safe=False)
