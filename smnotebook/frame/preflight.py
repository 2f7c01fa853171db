"""The contract's rules over whole columns: the second interpreter of the declaration, beside ``contract.check``.

A column is read into canonical form, which finds what has the wrong type, and then held to the rules of its
constraint. Findings stay columnar: a rule and the positions that break it. A million of them cost two arrays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.fields import MISSING, Choice, Items, Text
from smnotebook.contract.products import Product
from smnotebook.contract.records import Record, Relation, declared_fields
from smnotebook.frame.arrow import Positions, in_blocks, positions_where
from smnotebook.frame.columns import Binding
from smnotebook.frame.duplicates import compare_ids, find_duplicates
from smnotebook.frame.findings import Finding, TableFinding
from smnotebook.frame.house_checks import check_columns, check_rows
from smnotebook.frame.house_rules import HouseRules
from smnotebook.frame.reading import WORKERS, Reading, begin_reading, bind_frame
from smnotebook.frame.report import PreflightReport
from smnotebook.frame.table import CanonicalTable, CellFaults, Column
from smnotebook.frame.text_rules import blanks, check_texts

__all__ = ["check_table", "preflight"]


def preflight(
    frame: pd.DataFrame, model: type[Record] = Product, *, rules: HouseRules | None = None
) -> PreflightReport:
    """Find everything in a frame that the API would refuse or ignore; nothing is sent, the frame is left alone.

    Parameters
    ----------
    frame : DataFrame
        Columns named as the API names them (DESIGN section 3), any index, any dtypes.
    model : type of Record
        What a row is; a product unless told otherwise.
    rules : HouseRules, optional
        The shop's own rules, checked besides.

    Returns
    -------
    PreflightReport

    Raises
    ------
    UsageError
        When ``frame`` is no DataFrame, or a house rule speaks of a field that no column holds.
    """
    bindings = bind_frame(frame, model)
    with ThreadPoolExecutor(WORKERS) as pool:
        return _report(frame, begin_reading(frame, bindings, model, pool), rules, pool)


def check_table(frame: pd.DataFrame, table: CanonicalTable, *, rules: HouseRules | None = None) -> PreflightReport:
    """Preflight of a frame that was read into ``table`` already."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return _report(frame, Reading.of(table), rules, pool)


def _report(frame: pd.DataFrame, reading: Reading, rules: HouseRules | None, pool: Executor) -> PreflightReport:
    repeats = pool.submit(_repeats, reading)
    by_cost = sorted(reading.columns, key=lambda pair: _cost(frame, pair[0]), reverse=True)
    checks = [pool.submit(_check_columns, read) for _, read in by_cost]
    duplicates = pool.submit(_duplicates, reading, repeats)
    against = [(relation, pool.submit(_rows_against, relation, reading)) for relation in reading.model.relations]
    in_cells = [pair for check in checks for pair in check.result()]
    findings = [pool.submit(Finding.in_frame, frame, *pair) for pair in in_cells]
    table = reading.finished()
    found = [*_check_counts(table), *duplicates.result()]
    for relation, rows in against:
        found += _check_relation(table, relation, rows.result(), in_cells)
    found += check_rows(table, rules) if rules else ()
    findings += [pool.submit(Finding.in_frame, frame, *pair) for pair in found]
    return PreflightReport(
        rows=table.rows,
        frame=frame,
        model=table.model,
        product_ids=table.find("productId"),
        findings=_in_order(table, [finding.result() for finding in findings]),
        table_findings=(*_table_findings(table), *_house_findings(table, rules)),
    )


Found = tuple[Binding, CellFaults]


def _cost(frame: pd.DataFrame, binding: Binding) -> int:
    """What takes long comes first, so that the last column doesn't run alone: a guess, since objects hide their size.

    Patterns cost several times what lengths do.
    """
    is_pattern = isinstance(binding.constraint, Text) and binding.constraint.grammar is not None
    return int(frame.iloc[:, binding.position].nbytes) * (4 if is_pattern else 1)


def _in_order(table: CanonicalTable, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By column, as they stand in the frame."""
    by_path = {column.binding.path: column.binding for column in reversed(table.columns)}
    order = {path: rank for rank, path in enumerate(reversed(by_path))}
    return tuple(sorted(findings, key=lambda it: (order.get(it.binding.path, 0), it.binding.number or 0)))


def _repeats(reading: Reading) -> tuple[Positions, Positions, Positions]:
    ids = reading.find("productId")
    nothing = np.empty(0, dtype=np.int64)
    return (nothing, nothing, nothing) if ids is None else compare_ids(ids)


def _duplicates(reading: Reading, repeats: Future[tuple[Positions, Positions, Positions]]) -> Sequence[Found]:
    return find_duplicates(reading.finished(), *repeats.result())


def _check_columns(read: Callable[[], Sequence[Column]]) -> list[Found]:
    return [pair for column in read() for pair in _check_column(column)]


def _check_column(column: Column) -> list[Found]:
    is_needed_text = column.binding.required and isinstance(column.binding.constraint, Text)
    blank = blanks(column.values) if is_needed_text else None
    faults = [*column.faults, *_missing(column, blank), *_rules(column, blank)]
    return [(column.binding, fault) for fault in faults if len(fault.positions)]


def _missing(column: Column, blank: Positions | None) -> Iterator[CellFaults]:
    """Required cells that hold nothing: neither a value nor a faulty one."""
    if not column.binding.required:
        return
    nothing = positions_where(column.values.is_null()) if column.values.null_count else np.empty(0, dtype=np.int64)
    for fault in column.faults:
        nothing = np.setdiff1d(nothing, fault.positions, assume_unique=True)
    if blank is not None:
        nothing = np.union1d(nothing, blank)
    yield CellFaults(rule=MISSING, positions=nothing)


def _rules(column: Column, blank: Positions | None) -> Iterator[CellFaults]:
    constraint = column.binding.constraint
    if isinstance(constraint, Text):
        yield from check_texts(column.values, constraint, skip=blank, required=column.binding.required)
    elif isinstance(constraint, Choice):
        options = pa.array(sorted(constraint.options), pa.int64())
        outside = pc.and_(column.values.is_valid(), pc.invert(pc.is_in(column.values, value_set=options)))
        yield CellFaults(rule=constraint.rules["choice"], positions=positions_where(outside))
    elif isinstance(constraint, Items):
        yield from _check_lists(column, constraint)


def _check_lists(column: Column, constraint: Items) -> Iterator[CellFaults]:
    lists = column.values.combine_chunks()
    parents = pc.list_parent_indices(lists).to_numpy().astype(np.int64)
    entries = pc.list_flatten(lists)
    there = entries.is_valid().to_numpy(zero_copy_only=False)
    filled = np.bincount(parents[there], minlength=len(lists))
    for fault in column.faults:
        if fault.items is not None:
            np.add.at(filled, fault.positions, 1)  # entries that are there, though not as text
    over = np.flatnonzero(filled > constraint.max)
    if len(over):
        yield CellFaults(rule=constraint.rules["count"], positions=over)
    starts = np.searchsorted(parents, np.arange(len(lists)))
    for fault in check_texts(pa.chunked_array(in_blocks(entries)), constraint.of):
        rows = parents[fault.positions]
        yield CellFaults(rule=fault.rule, positions=rows, items=fault.positions - starts[rows])


def _check_counts(table: CanonicalTable) -> Iterator[Found]:
    """Lists and details that are spread over columns: more of them filled in a row than the field takes."""
    groups: dict[str, list[Column]] = defaultdict(list)
    for column in table.columns:
        if column.binding.number is not None or column.binding.detail is not None:
            groups[column.binding.field].append(column)
    declared = {field.name: field.constraint for field in declared_fields(table.model)}
    for field, columns in groups.items():
        constraint = declared[field]
        most: int = getattr(constraint, "max", len(columns))
        if len(columns) <= most:
            continue
        filled = np.zeros(table.rows, dtype=np.int64)
        for column in columns:
            filled += _is_filled(column)
        faults = CellFaults(rule=constraint.rules["count"], positions=np.flatnonzero(filled > most))
        if len(faults.positions):
            yield replace(columns[most].binding, number=None, detail=None), faults


def _is_filled(column: Column) -> npt.NDArray[np.bool_]:
    filled: npt.NDArray[np.bool_] = column.values.is_valid().to_numpy().copy()
    for fault in column.faults:
        filled[fault.positions] = True
    return filled


def _rows_against(relation: Relation, reading: Reading) -> Positions:
    """Rows that hold both sides of a relation, and break it."""
    values = reading.find(relation.field)
    if values is None:
        return np.empty(0, dtype=np.int64)
    if isinstance(relation.bound, str):
        bound = reading.find(relation.bound)
    else:
        bound = pa.scalar(int(relation.bound)).cast(values.type)
    if bound is None:
        return np.empty(0, dtype=np.int64)
    return positions_where(pc.invert(getattr(pc, _KERNELS[relation.relation])(values, bound)))


_KERNELS = {"gt": "greater", "ge": "greater_equal", "lt": "less", "le": "less_equal", "ne": "not_equal"}


def _check_relation(
    table: CanonicalTable, relation: Relation, against: Positions, in_cells: Sequence[Found]
) -> Iterator[Found]:
    """Rows whose cells are good each by itself."""
    for binding, faults in in_cells:
        if faults.rule.severity == "error" and binding.path in (relation.field, relation.bound):
            against = np.setdiff1d(against, faults.positions, assume_unique=True)
    if len(against):
        binding = next(column.binding for column in table.columns if column.binding.path == relation.field)
        yield binding, CellFaults(rule=relation.rule, positions=against)


def _table_findings(table: CanonicalTable) -> Iterator[TableFinding]:
    """What is wrong with the frame as a whole, each said once."""
    if table.rows == 0:
        yield TableFinding(
            field=None,
            column=None,
            reason_code=None,
            severity="error",
            message="The frame has no rows.",
            suggestion="Check the filter or the file it came from.",
        )
    for missing in table.bindings.missing:
        likely = " or ".join(missing.nearest)
        advice = f" {likely} seems to hold it: df.salesmanago.suggest_mapping()." if likely else ""
        yield TableFinding(
            field=missing.field,
            column=None,
            reason_code=int(MISSING.reason_code or 0),
            severity="error",
            message=f"{missing.field}|no column holds this required field",
            suggestion=f"Rename a column to {missing.field}, or add it.{advice}",
        )
    for binding in table.bindings.repeated:
        yield TableFinding(
            field=binding.path,
            column=str(binding.label),
            reason_code=None,
            severity="error",
            message=f"{binding.path}|more than one column holds this field",
            suggestion="Drop or rename all but one of them.",
        )
    for _, label in table.bindings.unmapped:
        yield TableFinding(
            field=None,
            column=str(label),
            reason_code=None,
            severity="warning",
            message="This column maps to no field and is not sent.",
            suggestion="Rename it to the field it holds, or drop it to silence this.",
        )


def _house_findings(table: CanonicalTable, rules: HouseRules | None) -> Iterator[TableFinding]:
    for rule, name, found in check_columns(table, rules) if rules else ():
        yield TableFinding(
            field=name,
            column=name,
            reason_code=None,
            severity=rule.severity,
            message=f"breaks the house rule {rule.text}: {found}",
            suggestion="Fill the column, or change the rule.",
            refuses_rows=False,
        )
