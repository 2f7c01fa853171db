"""What EventForm looks like."""

from __future__ import annotations

from collections.abc import Iterator

from smnotebook.contract import DETAIL_NAMES, EVENT_TYPES
from smnotebook.errors import ConfirmationNeeded
from smnotebook.forms.connection import badge
from smnotebook.forms.events.draft import LABELS
from smnotebook.forms.events.state import EventState
from smnotebook.forms.filled import Filled
from smnotebook.forms.panel import Button, Code, Fold, Group, Node, Notice, Table, Tree, Words
from smnotebook.forms.wording import question_words

__all__ = ["draw_event"]

#: What is asked as a line of text, with its hint.
_TEXTS = {
    "value": "The total as a number: 149.99",
    "description": "",
    "externalId": "Such as the order's number; the same event sent twice is then recognised.",
    "date": "Empty for now; or such as 2026-11-21 14:30.",
}


def draw_event(state: EventState) -> Tree:
    """The form as it should look now."""
    return Tree(
        name="event",
        label="Try out an event",
        busy=bool(state.busy),
        children=[
            Group(name="where-now", title="Try out an event", children=[badge(state.client)], row=True),
            *_body(state),
            *state.said,
            *_history(state),
            *([Code(text=state.code)] if state.code else []),
        ],
    )


def _body(state: EventState) -> Iterator[Node]:
    if state.client is None:
        yield Words(text="Connect first, in the form above.")
        return
    filled = Filled(state.entries, state.errors)
    yield Group(
        name="fields",
        submits="send",
        children=[
            filled.choice("type", LABELS["type"], options=[(kind, kind) for kind in EVENT_TYPES]),
            filled.private_text("email", LABELS["email"], required=True, hint="Whose event it is. Never kept."),
            *_products(state, filled),
            *(filled.text(name, LABELS[name], hint=hint) for name, hint in _TEXTS.items()),
            *_zone(state, filled),
            Fold(
                name="details",
                title="Details 1 to 20",
                children=[filled.text(name, LABELS[name]) for name in DETAIL_NAMES],
            ),
            _buttons(state) if state.question is None else _question(state, state.question),
        ],
    )
    if state.dry_run is not None:
        yield Code(name="json", label="The requests as JSON", text=state.dry_run.to_json())
        yield Code(name="curl", label="With curl", text=state.dry_run.to_curl())
        yield Code(name="python", label="With requests", text=state.dry_run.to_python())


def _products(state: EventState, filled: Filled) -> Iterator[Node]:
    places = [(catalog.location, f"{catalog.location} ({catalog.name})") for catalog in state.catalogs]
    hint = "Ties the event to the catalog of this location."
    yield filled.choice("location", LABELS["location"], options=[("", "(no catalog)"), *places], hint=hint)
    again = Button(name="look", label="Look for catalogs again", disabled="look" not in state.actions)
    yield Group(name="places-go", row=True, children=[again])
    yield filled.text("products", LABELS["products"], hint="Product ids with commas between them.")
    ids = [(product_id, product_id) for product_id in state.proposed_products]
    picker = filled.text("product", "Add one", suggestions=ids, hint="Type to search what was sent to the catalog.")
    add = Button(name="add", label="Add", spoken="Add the product", disabled="add" not in state.actions)
    yield Group(name="picker", children=[picker, Group(name="picker-go", row=True, children=[add])])


def _zone(state: EventState, filled: Filled) -> Iterator[Node]:
    if state.entries.text("date"):
        yield filled.text("timezone", LABELS["timezone"], hint="Of a date that names none, such as Europe/Warsaw.")


def _buttons(state: EventState) -> Node:
    send = Button(
        name="send",
        label="Sending ..." if state.busy == "Sending" else "Send the event",
        tone="primary",
        disabled="send" not in state.actions,
    )
    show = Button(name="show", label="Show the requests", disabled="show" not in state.actions)
    needs = f"Still needed: {', '.join(state.missing)}." if state.missing else ""
    if state.errors:
        needs = "Mend what is marked above first."
    return Group(name="go", row=True, children=[send, show, *([Words(text=needs)] if needs else [])])


def _question(state: EventState, question: ConfirmationNeeded) -> Node:
    words = question_words(question)
    answers = [
        Button(name="decline", label="Don't send", disabled="decline" not in state.actions),
        Button(name="agree", label="Send it even so", tone="danger", disabled="agree" not in state.actions),
    ]
    return Group(
        name="question",
        children=[
            Notice(name="sure", tone="warning", text=words),
            Group(name="answers", row=True, children=answers),
        ],
    )


def _history(state: EventState) -> Iterator[Node]:
    if state.history:
        rows = [[str(past.number), past.type, past.outcome] for past in state.history]
        yield Table(name="history", caption="Sent from this form", columns=["No.", "Type", "What came back"], rows=rows)
