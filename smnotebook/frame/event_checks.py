"""Preflight of events: the contract's rules, and what only the whole frame, the account and the ledger can tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract.event_drafts import PERSONAL_FIELDS
from smnotebook.contract.event_fields import Ambiguous, When
from smnotebook.contract.event_surroundings import UNKNOWN_PRODUCTS, Surroundings, strange_location, uncompared
from smnotebook.contract.fields import Rule
from smnotebook.contract.reasons import ReasonCode, Violation
from smnotebook.frame.arrow import Positions, positions_where, take_rows
from smnotebook.frame.columns import Binding
from smnotebook.frame.duplicates import IDENTICAL, differing_groups, repeated_rows
from smnotebook.frame.event_identity import as_compared, repeats_without_id
from smnotebook.frame.event_table import EventColumns
from smnotebook.frame.findings import Finding, TableFinding
from smnotebook.frame.masking import mask_cells, mask_index
from smnotebook.frame.preflight import check_table
from smnotebook.frame.reading import WORKERS
from smnotebook.frame.report import PreflightReport
from smnotebook.frame.table import CanonicalTable, CellFaults
from smnotebook.values import Question

__all__ = ["check_contacts", "check_events", "find_copies", "product_ids_of"]

_TEXT = pa.large_string()

NOBODY = Rule(
    name="nobody",
    reason_code=ReasonCode.MISSING,
    text="is required where there is no contactId",
    suggestion="Fill the cell: say whose event it is.",
)
CONFLICT = Rule(
    name="duplicate_conflict",
    reason_code=ReasonCode.NOT_UNIQUE,
    text="stands in several rows of one type that differ",
    suggestion="Keep one of the rows: each would start its automations.",
)
IDENTICAL_EVENT = Rule(
    name="duplicate_identical",
    reason_code=None,
    severity="warning",
    text="is of an event that stands in several rows, alike in every field; one is sent",
    suggestion="Drop the copies; where all of them happened, give each an externalId of its own.",
)
CONTACT_CONFLICT = Rule(
    name="duplicate_conflict",
    reason_code=ReasonCode.NOT_UNIQUE,
    text="stands in several rows that differ",
    suggestion="Keep one row for each contact.",
)
TAKEN = Rule(
    name="taken",
    reason_code=ReasonCode.NOT_UNIQUE,
    text="is filled, and was chosen to carry another column too",
    suggestion="Choose a free detail in carry.",
)


def check_events(frame: pd.DataFrame, events: EventColumns, surroundings: Surroundings) -> PreflightReport:
    """Everything that API v2 would refuse or ignore; addresses in the report are shortened."""
    table = events.rows_as_given
    with ThreadPoolExecutor(WORKERS) as pool:  # the kernels leave the interpreter lock
        rules, repeats = pool.submit(check_table, frame, table), pool.submit(_find_repeats, table)
        elsewhere = [*_find_strange_locations(table, surroundings), *_find_unknown_products(table, surroundings)]
        found = [*_find_nobodies(table), *_find_taken(events), *repeats.result(), *elsewhere]
        report = rules.result()
    return _masked(
        frame,
        replace(
            report,
            findings=(*report.findings, *(Finding.in_frame(frame, binding, faults) for binding, faults in found)),
            table_findings=(*report.table_findings, *_table_findings(events, surroundings)),
            questions=tuple(_questions(report.findings)),
        ),
    )


def _questions(findings: Sequence[Finding]) -> Iterator[Question]:
    """What is asked about times that came twice when clocks went back."""
    for found in findings:
        constraint = found.binding.constraint
        if found.faults.rule.name != "ambiguous" or not isinstance(constraint, When) or constraint.zone is None:
            continue
        zone = ZoneInfo(constraint.zone)
        first = found.value_at(0)
        moments = (replace(constraint, ambiguous=which).coerce(first) for which in get_args(Ambiguous))
        yield Question(
            code="ambiguous_time",
            field=found.binding.path,
            column=str(found.binding.label),
            readings=tuple(datetime.fromtimestamp(moment / 1000, zone).isoformat() for moment in moments),
            examples=tuple(str(found.value_at(number)) for number in range(min(3, len(found.faults.positions)))),
            count=len(found.faults.positions),
            argument="ambiguous='earlier' or ambiguous='later'",
            reason=f"Clocks in {constraint.zone} went back over this hour, so it came twice.",
        )


def check_contacts(frame: pd.DataFrame, table: CanonicalTable) -> PreflightReport:
    """Everything that the API would refuse or ignore about contacts; what is personal is shortened in the report."""
    report = check_table(frame, table)
    email = next((column for column in table.columns if column.binding.path == "email"), None)
    repeats: Sequence[Found] = []
    if email is not None:
        rows, groups = repeated_rows(pc.utf8_lower(email.values))
        repeats = _repeats(table, email.binding, rows, groups, conflict=CONTACT_CONFLICT)
    findings = [Finding.in_frame(frame, binding, faults) for binding, faults in repeats]
    return _masked(frame, replace(report, findings=(*report.findings, *findings)))


def find_copies(table: CanonicalTable) -> tuple[Positions, Positions]:
    """Rows of contacts that repeat an earlier address, and the rows they repeat."""
    emails = table.find("email")
    if emails is None:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    rows, groups = repeated_rows(pc.utf8_lower(emails))
    first = np.unique(groups, return_index=True)[1]
    is_copy = np.ones(len(rows), dtype=bool)
    is_copy[first] = False
    return rows[is_copy], rows[first[groups[is_copy]]]


Found = tuple[Binding, CellFaults]


def _masked(frame: pd.DataFrame, report: PreflightReport) -> PreflightReport:
    """The report without a value that says who a contact is."""
    findings = tuple(
        replace(found, cells=mask_cells(found.cells))
        if found.binding.field.partition(".")[0] in PERSONAL_FIELDS
        else found
        for found in report.findings
    )
    index = mask_index(frame.index)
    shown = frame if index is frame.index else frame.set_axis(index)
    return replace(report, frame=shown, findings=findings)


def _binding(table: CanonicalTable, path: str) -> Binding | None:
    return next((column.binding for column in table.columns if column.binding.path == path), None)


def _find_nobodies(table: CanonicalTable) -> Iterator[Found]:
    """Rows that name no contact; a faulty address has its finding already."""
    held = {column.binding.path: column for column in table.columns if column.binding.path in ("email", "contactId")}
    if not held:
        return
    named = np.zeros(table.rows, dtype=bool)
    for column in held.values():
        named |= column.values.is_valid().to_numpy()
        for fault in column.faults:
            named[fault.positions] = True
    if not named.all():
        binding = held.get("email", next(iter(held.values()))).binding
        yield binding, CellFaults(rule=NOBODY, positions=np.flatnonzero(~named))


def _find_taken(events: EventColumns) -> Iterator[Found]:
    """Details that are filled although something else is to travel in them."""
    table = events.rows_as_given
    for name, place in events.carry.items():
        carried, held, binding = table.find(name), table.find(place), _binding(table, place)
        if carried is None or held is None or binding is None:
            continue
        both = pc.and_(carried.is_valid(), held.is_valid())
        if len(at := positions_where(both)):
            yield binding, CellFaults(rule=TAKEN, positions=at)


def _find_repeats(table: CanonicalTable) -> Sequence[Found]:
    """Rows of one type that share an externalId, and rows without one that are alike."""
    compared = as_compared(table)
    return [*_find_repeated_ids(compared), *_find_alike(compared)]


def _find_alike(table: CanonicalTable) -> Iterator[Found]:
    binding = _binding(table, "date") or _binding(table, "type")
    if binding is not None and len(rows := repeats_without_id(table)):
        yield binding, CellFaults(rule=IDENTICAL_EVENT, positions=rows)


def _find_repeated_ids(table: CanonicalTable) -> Sequence[Found]:
    binding = _binding(table, "externalId")
    kinds, ids = table.find("type"), table.find("externalId")
    if binding is None or kinds is None or ids is None:
        return []
    suspects, _ = repeated_rows(ids)  # most ids occur once, so few are compared together with their type
    pairs = pc.binary_join_element_wise(take_rows(kinds, suspects), take_rows(ids, suspects), pa.scalar("\x1f", _TEXT))
    rows, groups = repeated_rows(pa.chunked_array([pairs]))
    return _repeats(table, binding, suspects[rows], groups, identical=IDENTICAL_EVENT)


def _repeats(
    table: CanonicalTable,
    binding: Binding,
    rows: Positions,
    groups: Positions,
    *,
    conflict: Rule = CONFLICT,
    identical: Rule = IDENTICAL,
) -> Sequence[Found]:
    """Every row of a group that differs, and every copy after the first of one that agrees."""
    if len(rows) == 0:
        return []
    differs = differing_groups(table.columns, rows, groups)[groups]
    is_later = np.ones(len(rows), dtype=bool)
    is_later[np.unique(groups, return_index=True)[1]] = False
    chosen = ((conflict, differs), (identical, ~differs & is_later))
    return [(binding, CellFaults(rule=rule, positions=rows[mask])) for rule, mask in chosen if mask.any()]


def _find_strange_locations(table: CanonicalTable, surroundings: Surroundings) -> Iterator[Found]:
    """Locations that no catalog has; they must be equal to the letter."""
    binding, values = _binding(table, "location"), table.find("location")
    if binding is None or values is None or surroundings.locations is None:
        return
    for strange in sorted(set(pc.unique(values).drop_null().to_pylist()) - surroundings.locations):
        rule = strange_location(strange, surroundings.locations)
        yield binding, CellFaults(rule=rule, positions=positions_where(pc.equal(values, strange)))


def product_ids_of(events: EventColumns) -> frozenset[str]:
    """Every product id that the events name."""
    values = events.rows_as_given.find("products")
    if values is None:
        return frozenset()
    return frozenset(pc.unique(pc.list_flatten(pc.split_pattern(pc.unique(values).drop_null(), ","))).to_pylist())


def _find_unknown_products(table: CanonicalTable, surroundings: Surroundings) -> Iterator[Found]:
    binding, values = _binding(table, "products"), table.find("products")
    if binding is None or values is None or surroundings.products is None:
        return
    # orders repeat each other: each distinct text is taken apart once
    texts = values.combine_chunks().dictionary_encode()
    lists = pc.split_pattern(texts.dictionary, ",")
    known = pc.is_in(pc.list_flatten(lists), value_set=pa.array(sorted(surroundings.products), _TEXT))
    is_strange = np.zeros(len(texts.dictionary), dtype=bool)
    is_strange[pc.list_parent_indices(lists).to_numpy()[positions_where(pc.invert(known))]] = True
    filled = positions_where(texts.is_valid())
    rows = filled[is_strange[texts.indices.drop_null().to_numpy()]]
    if len(rows):
        yield binding, CellFaults(rule=UNKNOWN_PRODUCTS, positions=rows)


def _table_findings(events: EventColumns, surroundings: Surroundings) -> Iterator[TableFinding]:
    table = events.rows_as_given
    for name, known in (("location", surroundings.locations), ("products", surroundings.products)):
        if known is None and _binding(table, name) is not None:
            yield _of_the_table(uncompared(name))
    if not {"email", "contactId"} & {column.binding.path for column in table.columns}:
        yield _no_column("email", "Add a column email, or contactId: each event belongs to a contact.")
    currency = _binding(table, "currency")
    if currency is not None and "currency" not in events.carry:
        yield TableFinding(
            field="currency",
            column=str(currency.label),
            reason_code=None,
            severity="error",
            message="currency|has no field in API v2",
            suggestion="Choose a free detail for it, carry={'currency': 'detail9'}, or drop the column.",
        )


def _of_the_table(found: Violation) -> TableFinding:
    return TableFinding(
        field=found.field or "",
        column=None,
        reason_code=found.reason_code,
        severity=found.severity,
        message=found.message,
        suggestion=found.suggestion,
    )


def _no_column(name: str, suggestion: str) -> TableFinding:
    return TableFinding(
        field=name,
        column=None,
        reason_code=int(ReasonCode.MISSING),
        severity="error",
        message=f"{name}|no column holds this required field",
        suggestion=suggestion,
    )
