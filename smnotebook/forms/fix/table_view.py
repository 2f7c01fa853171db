"""The table of FixForm: for each product its fields to be changed."""

from __future__ import annotations

from collections.abc import Container, Iterator

from smnotebook.forms.filled import Filled
from smnotebook.forms.fix.bulk import BULK_CHANGES
from smnotebook.forms.fix.cells import Row, entry_name
from smnotebook.forms.fix.editing import BULK, BULK_VALUE, REMOVE, ROWS
from smnotebook.forms.fix.paging import PAGE_ROWS, draw_pager
from smnotebook.forms.fix.products import LABELS, Stored
from smnotebook.forms.fix.state import FixState
from smnotebook.forms.panel import Button, Group, Node, Table, Words
from smnotebook.frame.display import show_value

__all__ = ["draw_table", "shown_stored", "title"]

_BULK_HINTS = {
    "percent": "10 adds a tenth, -10 takes it off; rounded to what the field holds.",
    "count": "To change the stock by: 10 adds ten, -3 takes three off, and never more than there are.",
}


def draw_table(state: FixState) -> Node:
    """The products picked, a row each, and what can be done to all of them."""
    actions = state.actions
    return Group(
        name="table",
        title="2. The changes",
        submits="compare",
        children=[
            *(_bulk(state, actions) if len(state.picks) > 1 else ()),
            Words(text="Write what shall be. An empty reduced price ends the reduction."),
            Table(
                name="grid",
                caption=_caption(state),
                columns=["Product", *LABELS.values(), "Row"],
                rows=[_cells(state, row, actions) for row in state.shown_rows],
            ),
            *draw_pager(state.table, ROWS, actions),
            Group(name="table-go", row=True, children=[*_buttons(state, actions)]),
        ],
    )


def _bulk(state: FixState, actions: Container[str]) -> Iterator[Node]:
    filled = Filled(state.entries, state.errors)
    options = [(name, change.label) for name, change in BULK_CHANGES.items()]
    count = len(state.picks)
    children: list[Node] = [filled.choice(BULK, f"All {count:,} rows", options=options)]
    if state.bulk.needs != "nothing":
        label = {"amount": "Amount", "percent": "Percent", "count": "Pieces"}[state.bulk.needs]
        children.append(filled.text(BULK_VALUE, label, hint=_BULK_HINTS.get(state.bulk.needs, "")))
    apply = Button(name="apply", label="Do it in the table", disabled="apply" not in actions)
    children.append(Group(name="bulk-go", row=True, children=[apply]))
    yield Group(name="bulk-fields", submits="apply", children=children)


def _caption(state: FixState) -> str:
    changed = sum(bool(row.changed) for row in state.rows)
    shown = f" (rows {state.table.words})" if state.table.total > PAGE_ROWS else ""
    return f"{len(state.picks):,} picked, {changed:,} changed{shown}"


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


def _buttons(state: FixState, actions: Container[str]) -> Iterator[Node]:
    yield Button(
        name="compare",
        label="Comparing ..." if state.busy == "Comparing" else "Show the difference",
        tone="primary" if state.difference is None else "plain",
        disabled="compare" not in actions,
    )
    yield Button(
        name="reset", label="As it is stored", spoken="Put back what is stored", disabled="reset" not in actions
    )
    yield Button(name="remove all", label="Leave all out", disabled="remove all" not in actions)
    if state.has_errors:
        marked = sum(bool(row.errors) for row in state.rows)
        rows = "row is" if marked == 1 else "rows are"
        yield Words(text=f"Mend what is marked above first: {marked:,} {rows}.")
        if state.table.total > PAGE_ROWS:
            yield Button(name="show marked", label="Show the first", spoken="Show the first marked row")
    elif not state.has_changes:
        yield Words(text="Nothing is changed yet.")
