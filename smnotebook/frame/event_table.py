"""A frame of events or contacts read, checked, and encoded as API v2 takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.contract import EVENT_TYPES, Contact, ContactEvent
from smnotebook.contract.event_drafts import ContactRow, EventEntry, EventRow
from smnotebook.contract.event_fields import Ambiguous, When
from smnotebook.contract.fields import Text
from smnotebook.contract.records import declared_fields
from smnotebook.frame.arrow import Positions
from smnotebook.frame.columns import Binding, Bindings, bind_columns
from smnotebook.frame.encoding import encode_rows
from smnotebook.frame.reading import WORKERS, begin_reading, require_frame
from smnotebook.frame.table import CanonicalTable, Column

__all__ = ["EventColumns", "encode_contacts", "encode_events", "read_events"]

_TEXT = pa.large_string()
_NOTHING = pa.scalar("", _TEXT)
_OTHER = "OTHER"
# The API's own name of the column, which means the same.
_ALIASES = {"contactExtEventType": "type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventColumns:
    """A frame of events behind the dtype zoo.

    Attributes
    ----------
    rows_as_given : CanonicalTable
        The analyst's columns as fields of ``EventRow``.
    carry : mapping of str to str
        Where ``type`` and ``currency`` travel, which API v2 has no fields for.
    """

    rows_as_given: CanonicalTable
    carry: Mapping[str, str]


def read_events(
    frame: pd.DataFrame,
    *,
    zone: str | None = None,
    ambiguous: Ambiguous | None = None,
    carry: Mapping[str, str] | None = None,
) -> EventColumns:
    """Read a frame of events; the frame itself is left alone.

    Parameters
    ----------
    zone : str, optional
        IANA name of the zone that dates without one are in.
    ambiguous : {"earlier", "later"}, optional
        Which one a time in that zone is that came twice, when clocks went back; without it such a time is refused.
    carry : mapping of str to str, optional
        ``{"currency": "detail9"}`` sends the currency in that detail; ``{"type": "detail10"}`` sends types that API v2
        does not know as OTHER, with their own name in that detail.

    Raises
    ------
    UsageError
        It is no DataFrame.
    """
    require_frame(frame)
    carried = dict(carry or {})
    bindings = _bind(frame, When(zone=zone, ambiguous=ambiguous), any_type="type" in carried)
    with ThreadPoolExecutor(WORKERS) as pool:
        table = begin_reading(frame, bindings, EventRow, pool).finished()
    return EventColumns(rows_as_given=table, carry=carried)


def _bind(frame: pd.DataFrame, when: When, *, any_type: bool) -> Bindings:
    labels = list(frame.columns)
    aliases = {label: name for label, name in _ALIASES.items() if name not in labels}
    found = bind_columns([aliases.get(label, label) for label in labels], EventRow)

    def settle(binding: Binding) -> Binding:
        constraint = binding.constraint
        if binding.field == "date":
            constraint = when
        elif binding.field == "type" and any_type:
            constraint = Text(max=255)
        return replace(binding, label=labels[binding.position], constraint=constraint)

    return replace(found, bound=tuple(map(settle, found.bound)))


def encode_events(events: EventColumns, positions: Positions) -> pa.LargeStringArray:
    """The rows at ascending positions as entries of ``addBatchContactExtEvent``, one JSON object a row."""
    table = events.rows_as_given
    by_path = {column.binding.path: column for column in table.columns}
    columns = [
        _renamed(column, f"contactEvent.{path}")
        for path, column in by_path.items()
        if path in ContactEvent.model_fields
    ]
    columns += _keys(by_path) + _types(by_path, events.carry)
    if "currency" in by_path and "currency" in events.carry:
        columns.append(_renamed(by_path["currency"], f"contactEvent.{events.carry['currency']}"))
    return encode_rows(replace(table, model=EventEntry, columns=tuple(columns)), positions)


def _renamed(column: Column, field: str, values: pa.ChunkedArray | None = None) -> Column:
    binding = replace(column.binding, field=field, detail=None, number=None)
    return Column(binding=binding, values=column.values if values is None else values)


def _keys(by_path: Mapping[str, Column]) -> list[Column]:
    """Address or id of each contact; the id wins where both are there, as with the official client."""
    email, contact_id = by_path.get("email"), by_path.get("contactId")
    if email is None or contact_id is None:
        return [column for column in (email, contact_id) if column is not None]
    nobody = pa.scalar(None, _TEXT)
    alone = pc.if_else(contact_id.values.combine_chunks().is_valid(), nobody, email.values.combine_chunks())
    return [_renamed(email, "email", pa.chunked_array([alone])), contact_id]


def _types(by_path: Mapping[str, Column], carry: Mapping[str, str]) -> list[Column]:
    column = by_path.get("type")
    if column is None:
        return []
    field = "contactEvent.contactExtEventType"
    if "type" not in carry:
        return [_renamed(column, field)]
    names = column.values
    is_known = pc.is_in(names, value_set=pa.array(EVENT_TYPES, _TEXT))
    return [
        _renamed(column, field, pc.if_else(is_known, names, pa.scalar(_OTHER, _TEXT))),
        _renamed(column, f"contactEvent.{carry['type']}", pc.if_else(is_known, pa.scalar(None, _TEXT), names)),
    ]


def encode_contacts(table: CanonicalTable, positions: Positions) -> pa.LargeStringArray:
    """The rows at ascending positions of a table of ``ContactRow`` as entries of ``batchupsertv2``."""
    own = {field.name for field in declared_fields(Contact)}
    person = encode_rows(_part(table, [c for c in table.columns if c.binding.field in own]), positions)
    others = [column for column in table.columns if column.binding.field not in own]
    if not others:
        return pc.binary_join_element_wise(pa.scalar('{"contact":', _TEXT), person, pa.scalar("}", _TEXT), _NOTHING)
    along = encode_rows(_part(table, others), positions)
    rest = pc.utf8_slice_codeunits(along, 1)  # without its opening brace
    comma = pc.if_else(pc.equal(along, "{}"), _NOTHING, pa.scalar(",", _TEXT))
    return pc.binary_join_element_wise(pa.scalar('{"contact":', _TEXT), person, comma, rest, _NOTHING)


def _part(table: CanonicalTable, columns: Sequence[Column]) -> CanonicalTable:
    return replace(table, model=ContactRow, columns=tuple(columns))
