"""The mapping table of UploadForm."""

from __future__ import annotations

from smnotebook.forms.filled import Filled
from smnotebook.forms.panel import Button, Fold, Group, Node, Notice, Table, Words
from smnotebook.forms.upload.columns import EMPTY, FieldRow, choices_of
from smnotebook.forms.upload.state import UploadState
from smnotebook.forms.upload.table_state import ANSWER, COLUMN

__all__ = ["draw_mapping"]


def draw_mapping(state: UploadState, filled: Filled) -> Node:
    """For each product field the column that fills it."""
    shown = [row for row in state.rows if row.required or row.chosen != EMPTY]
    hidden = [row for row in state.rows if row not in shown]
    open_fields = [row.field for row in state.rows if row.required and row.chosen == EMPTY]
    needs = f"No column for: {', '.join(open_fields)}. These rows would be refused." if open_fields else ""
    return Group(
        name="mapping",
        title="Which column is what",
        children=[
            Words(text="No preset knows these columns. This is what they look like; change what is wrong."),
            *_remembered(state),
            *_questions(state, filled),
            _table("mapping-table", "Product fields", shown, filled),
            Fold(
                name="more-fields",
                title=f"{len(hidden)} more fields",
                children=[_table("more-table", "More product fields", hidden, filled)],
            ),
            *_left_out(state),
            *([Notice(name="open-fields", tone="warning", text=needs)] if needs else []),
            Button(name="map", label="Use this mapping", tone="primary", disabled="map" not in state.actions),
        ],
    )


def _remembered(state: UploadState) -> list[Node]:
    if "forget mapping" not in state.actions:
        return []
    return [
        Words(text="You mapped a file with the same columns before; this is what you chose."),
        Button(name="forget mapping", label="Forget that choice"),
    ]


def _questions(state: UploadState, filled: Filled) -> list[Node]:
    """Each question of the mapping as a choice."""
    asked = [] if state.mapping is None else choices_of(state.mapping)
    if not asked:
        return []
    rows: list[list[str | Node]] = [
        [
            choice.field,
            choice.reason,
            filled.choice(ANSWER + choice.name, f"Answer for {choice.field}", options=choice.options),
        ]
        for choice in asked
    ]
    open_fields = dict.fromkeys(choice.field for choice in asked if choice.chosen == EMPTY)
    needs = f"Answer first: {', '.join(open_fields)}." if open_fields else ""
    return [
        Table(name="questions-table", caption="Questions", columns=["Field", "Question", "Answer"], rows=rows),
        *([Notice(name="open-questions", tone="warning", text=needs)] if needs else []),
    ]


def _table(name: str, caption: str, rows: list[FieldRow], filled: Filled) -> Node:
    columns = ["Field", "Column", "Example", "Why"]
    return Table(name=name, caption=caption, columns=columns, rows=[_cells(row, filled) for row in rows])


def _cells(row: FieldRow, filled: Filled) -> list[str | Node]:
    label = f"{row.field} (required)" if row.required else row.field
    choice = filled.choice(COLUMN + row.field, f"Column for {row.field}", options=row.options)
    return [label, choice, row.example, row.reason]


def _left_out(state: UploadState) -> list[Node]:
    mapping = state.mapping
    if mapping is None:
        return []
    words = [f"Not sent: {column} ({reason})." for column, reason in mapping.refused.items()]
    if mapping.unmapped:
        words.append(f"Not used: {', '.join(mapping.unmapped)}.")
    return [Words(text=" ".join(words))] if words else []
