"""What CatalogForm looks like."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from smnotebook.catalog import Catalog
from smnotebook.contract.standards import currencies
from smnotebook.forms.catalogs.state import CatalogState
from smnotebook.forms.connection import badge
from smnotebook.forms.filled import Filled
from smnotebook.forms.panel import Button, Code, Group, Node, Notice, Table, Tree, Words

__all__ = ["draw_catalogs"]

_DEFAULT_HINT = "Recommendation Frames read the default catalog. Leave it off for a catalog that only serves analytics."


def draw_catalogs(state: CatalogState) -> Tree:
    """The form as it should look now."""
    return Tree(
        name="catalogs",
        label="Catalogs",
        busy=bool(state.busy),
        children=[
            Group(name="where-now", title="Catalogs", children=[badge(state.client)], row=True),
            *_body(state),
            *state.said,
            *([Code(text=state.code)] if state.code else []),
        ],
    )


def _body(state: CatalogState) -> Iterator[Node]:
    if state.client is None:
        yield Words(text="Connect first, in the form above; then the catalogs appear here.")
        return
    yield from _list(state)
    yield _question(state, state.deleting) if state.deleting else _fields(state)


def _list(state: CatalogState) -> Iterator[Node]:
    if state.catalogs:
        columns = ["Name", "Currency", "Location", "Default", "Id", "Actions"]
        yield Table(caption=_caption(state), columns=columns, rows=[_row(state, entry) for entry in state.catalogs])
    elif state.busy:
        yield Words(text=f"{state.busy} ...")
    elif state.limits is not None:
        yield Words(text="The account has no catalog yet. Make the first one here.")
    again = Button(name="refresh", label="Look again", disabled="refresh" not in state.actions)
    yield Group(name="list-actions", row=True, children=[again])


def _caption(state: CatalogState) -> str:
    most = state.limits.catalogs_max if state.limits else None
    return f"{len(state.catalogs)} of {most} catalogs in use" if most else "Catalogs of the account"


def _row(state: CatalogState, catalog: Catalog) -> list[str | Node]:
    default = {True: "yes", False: "no", None: "not told"}[catalog.set_as_default]
    buttons = [
        Button(name=f"{verb} {catalog.id}", label=label, spoken=f"{label} {catalog.name}", disabled=not allowed)
        for verb, label in (("edit", "Change"), ("delete", "Delete"))
        for allowed in [f"{verb} {catalog.id}" in state.actions]
    ]
    actions = Group(name=f"actions {catalog.id}", row=True, children=buttons)
    return [catalog.name, catalog.currency, catalog.location, default, catalog.id, actions]


def _question(state: CatalogState, catalog: Catalog) -> Node:
    words = f"Delete the catalog {catalog.name!r} with all its products? There is no way back."
    is_open = "delete" in state.actions
    return Group(
        name="question",
        children=[
            Notice(name="sure", tone="warning", text=words),
            Group(
                name="answers",
                row=True,
                children=[
                    Button(name="keep", label="Keep it", disabled=not is_open),
                    Button(name="delete", label=f"Delete {catalog.name}", tone="danger", disabled=not is_open),
                ],
            ),
        ],
    )


def _fields(state: CatalogState) -> Node:
    verdicts = state.verdicts
    filled = Filled(state.entries, verdicts.errors)
    location = "Ties events to this catalog: letters, digits and underscores, beginning with a letter or underscore."
    return Group(
        name="one",
        title=f"Change {state.editing.name}" if state.editing else "New catalog",
        submits="update" if state.editing else "create",
        children=[
            filled.text("name", "Name", required=True, hint=verdicts.hints.get("name", "For your own eyes.")),
            filled.text(
                "currency",
                "Currency",
                required=True,
                hint=verdicts.hints.get("currency") or _currency_hint(state),
                suggestions=_currency_suggestions(),
            ),
            filled.text("location", "Location", required=True, hint=verdicts.hints.get("location") or location),
            filled.tick("default", "Default catalog", hint=_DEFAULT_HINT),
            _buttons(state),
        ],
    )


def _currency_hint(state: CatalogState) -> str:
    currency = state.currency
    return f"{currency.code}: {currency.name}" if currency else "Type a code or a name: PLN, zloty, euro."


@cache
def _currency_suggestions() -> tuple[tuple[str, str], ...]:
    return tuple(
        (currency.code, f"{currency.code}, {currency.name}")
        for currency in currencies().values()
        if currency.status == "active"
    )


def _buttons(state: CatalogState) -> Node:
    name, label = ("update", "Save the change") if state.editing else ("create", "Create the catalog")
    main = Button(
        name=name,
        label=f"{state.busy} ..." if state.busy else label,
        tone="primary",
        disabled=name not in state.actions,
    )
    cancel = [Button(name="cancel", label="Cancel", disabled="cancel" not in state.actions)] if state.editing else []
    return Group(name="go", row=True, children=[main, *cancel, *_needs(state)])


def _needs(state: CatalogState) -> Iterator[Node]:
    if state.is_full and not state.editing:
        yield Words(text="The account holds as many catalogs as it may. Delete one, or use one that is there.")
    elif state.verdicts.errors:
        yield Words(text="Mend what is marked above first.")
    elif state.missing:
        yield Words(text=f"Still needed: {', '.join(state.missing)}.")
