"""Which column of a frame holds which field, told by the column names alone."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from smnotebook.contract.fields import Constraint, Details, Items, Names, is_missing
from smnotebook.contract.records import DeclaredField, Record, declared_fields
from smnotebook.mapping.names import columns_for

__all__ = ["Binding", "Bindings", "MissingField", "bind_columns"]

# categories.1, categories_1, categories[1]: how flattening tools write the entries of a list
_NUMBERED = re.compile(r"(?P<field>.+?)(?:[._]|\[)(?P<number>\d{1,3})\]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One column and the field that it holds, or a part of it.

    Attributes
    ----------
    position : int
        Of the column in the frame; labels need not be unique.
    label : hashable
        The analyst's own column label.
    field : str
        Wire name, nested ones dotted; for a column of dicts the name of the nested record itself.
    constraint : Constraint or None
        What the column's cells must obey. None for a column of dicts that stand for a nested record.
    required : bool
        Whether a missing cell is refused.
    number : int or None
        For a column that holds one entry of a list field.
    detail : str or None
        For a column that holds one of the free details.
    """

    position: int
    label: Hashable
    field: str
    constraint: Constraint | None
    required: bool = False
    number: int | None = None
    detail: str | None = None

    @property
    def path(self) -> str:
        """The field as a finding names it: details with their own name."""
        return self.field if self.detail is None else f"{self.field}.{self.detail}"

    @property
    def place(self) -> tuple[str, ...]:
        """Where in the record the column's cells go: what begins with another's place is a part of it."""
        part = self.detail if self.number is None else str(self.number)
        return (*self.field.split("."), *(() if part is None else (part,)))


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingField:
    """A required field that no column holds, and the columns that a mapping would take for it."""

    field: str
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindings:
    """What became of every column.

    Attributes
    ----------
    bound : tuple of Binding
        Columns that hold a field, in the frame's order.
    unmapped : tuple of (int, hashable)
        Position and label of columns that hold none.
    repeated : tuple of Binding
        Columns that hold a field, or a part of one, which an earlier column holds already, as a whole or in part;
        they are not read.
    missing : tuple of MissingField
        Required fields without a column.
    """

    bound: tuple[Binding, ...]
    unmapped: tuple[tuple[int, Hashable], ...]
    repeated: tuple[Binding, ...]
    missing: tuple[MissingField, ...]


def bind_columns(labels: Sequence[Hashable], model: type[Record]) -> Bindings:
    """Find the field for each column label of a frame.

    A label is a wire name (``price``, ``systemDetails.brand``), the last part of a nested one (``brand``), a free
    detail (``customDetails.material``), or one entry of a list (``categories.1``, ``imageUrls_2``). Labels that are
    tuples count as their parts joined by dots.
    """
    by_name = {field.name: field for field in declared_fields(model) if not isinstance(field.constraint, Names)}
    bound: list[Binding] = []
    taken: set[tuple[str, ...]] = set()
    within: set[tuple[str, ...]] = set()  # what some part is taken of
    unmapped, repeated = [], []
    for position, label in enumerate(labels):
        binding = _bind(position, label, by_name)
        if binding is None:
            unmapped.append((position, label))
            continue
        wholes = {binding.place[:size] for size in range(1, len(binding.place) + 1)}
        if wholes & taken or binding.place in within:
            repeated.append(binding)
        else:
            bound.append(binding)
            taken.add(binding.place)
            within |= wholes
    held = {binding.field for binding in bound}
    free = [str(label) for _, label in unmapped]
    missing = tuple(
        MissingField(field=name, nearest=tuple(columns_for(name, free)))
        for name, field in by_name.items()
        if field.required and name not in held
    )
    return Bindings(bound=tuple(bound), unmapped=tuple(unmapped), repeated=tuple(repeated), missing=missing)


def _bind(position: int, label: Hashable, by_name: dict[str, DeclaredField]) -> Binding | None:
    # levels that a MultiIndex needs only for its other columns are empty
    name = ".".join(str(part) for part in label if not is_missing(part)) if isinstance(label, tuple) else str(label)
    declared = by_name.get(name) or _by_last_part(name, by_name)
    if declared is not None:
        return Binding(
            position=position,
            label=label,
            field=declared.name,
            constraint=declared.constraint,
            required=declared.required,
        )
    if any(other.startswith(f"{name}.") for other in by_name):
        return Binding(position=position, label=label, field=name, constraint=None)
    return _bind_part(position, label, name, by_name)


def _by_last_part(name: str, by_name: dict[str, DeclaredField]) -> DeclaredField | None:
    """``brand`` for ``systemDetails.brand``: no two nested fields share a last part, and none is a field itself."""
    ends = [field for path, field in by_name.items() if path.partition(".")[2] == name]
    return ends[0] if len(ends) == 1 else None


def _bind_part(position: int, label: Hashable, name: str, by_name: dict[str, DeclaredField]) -> Binding | None:
    """A column that holds one entry of a list, or one free detail."""
    head, _, detail = name.partition(".")
    declared = by_name.get(head)
    if declared is not None and isinstance(declared.constraint, Details) and detail:
        return Binding(position=position, label=label, field=head, constraint=declared.constraint.of, detail=detail)
    numbered = _NUMBERED.fullmatch(name)
    declared = by_name.get(numbered["field"]) if numbered else None
    if numbered and declared is not None and isinstance(declared.constraint, Items):
        return Binding(
            position=position,
            label=label,
            field=declared.name,
            constraint=declared.constraint.of,
            number=int(numbered["number"]),
        )
    return None
