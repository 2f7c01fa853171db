"""The table of FixForm: for each product its fields to be changed."""

from __future__ import annotations

from collections.abc import Container, Iterator

from smnotebook.forms.filled import Filled
from smnotebook.forms.fix.cells import Row, entry_name
from smnotebook.forms.fix.picking import REMOVE
from smnotebook.forms.fix.products import LABELS, Stored
from smnotebook.forms.fix.state import FixState
from smnotebook.forms.panel import Button, Group, Node, Table, Words
from smnotebook.frame.display import show_value

__all__ = ["draw_table", "shown_stored", "title"]


def draw_table(state: FixState) -> Node:
    """The products picked, a row each."""
    rows, actions = state.rows, state.actions
    changed = sum(bool(row.changed) for row in rows)
    return Group(
        name="table",
        title="2. The changes",
        submits=True,
        children=[
            Words(text="Write what shall be. An empty reduced price ends the reduction."),
            Table(
                name="grid",
                caption=f"{len(rows):,} picked, {changed:,} changed",
                columns=["Product", *LABELS.values(), "Row"],
                rows=[_cells(state, row, actions) for row in rows],
            ),
            Group(name="table-go", row=True, children=[*_buttons(state, rows, actions)]),
        ],
    )


def _cells(state: FixState, row: Row, actions: Container[str]) -> list[str | Node]:
    product = row.product
    named = {entry_name(field, product.product_id): words for field, words in row.errors.items()}
    filled = Filled(state.entries, named)
    remove = Button(
        name=REMOVE + product.product_id,
        label="Leave out",
        spoken=f"Leave out {title(product)}",
        disabled=REMOVE + product.product_id not in actions,
    )
    return [title(product), *(_field(row, field, filled) for field in LABELS), remove]


def _field(row: Row, field: str, filled: Filled) -> Node:
    product = row.product
    name, label = entry_name(field, product.product_id), f"{LABELS[field]} of {title(product)}"
    hint = " ".join([*_before(row, field), *([row.hints[field]] if field in row.hints else [])])
    if field == "available":
        return filled.tick(name, label, hint=hint)
    return filled.text(name, label, hint=hint)


def _before(row: Row, field: str) -> Iterator[str]:
    if field in row.changed:
        yield f"Was {shown_stored(row.product, field)}."


def shown_stored(product: Stored, field: str) -> str:
    """A stored value to be read."""
    value = product.values[field]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "(none)" if value is None else str(value)


def title(product: Stored) -> str:
    """A product's name and id, to be read."""
    return f"{product.name} ({show_value(product.product_id)})"


def _buttons(state: FixState, rows: list[Row], actions: Container[str]) -> Iterator[Node]:
    yield Button(
        name="compare",
        label="Comparing ..." if state.busy == "Comparing" else "Show the difference",
        tone="primary" if state.difference is None else "plain",
        disabled="compare" not in actions,
    )
    if any(row.errors for row in rows):
        yield Words(text="Mend what is marked above first.")
    elif not any(row.changed for row in rows):
        yield Words(text="Nothing is changed yet.")
