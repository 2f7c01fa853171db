"""What FixForm looks like: its steps from top to bottom, each as far as it has come."""

from __future__ import annotations

from collections.abc import Iterator

from smnotebook.forms.connection import badge
from smnotebook.forms.filled import Filled
from smnotebook.forms.fix.paging import PAGE_ROWS, Page, draw_pager
from smnotebook.forms.fix.picking import FOUND, MOST_PICKS, PICK, READING
from smnotebook.forms.fix.products import LABELS, KnownProducts, Stored
from smnotebook.forms.fix.send_view import draw_difference, draw_result
from smnotebook.forms.fix.state import FixState
from smnotebook.forms.fix.table_view import draw_table, shown_stored, title
from smnotebook.forms.panel import Button, Code, Group, Node, Table, Tree, Words
from smnotebook.frame.display import show_value

__all__ = ["draw_fix"]

_NOTHING_KNOWN = (
    "This machine has sent no products to this catalog, and the API can't list them. Upload the products first; or, if "
    "another tool has filled the catalog, tell what is stored with catalog.adopt(df)."
)


def draw_fix(state: FixState) -> Tree:
    """The form as it should look now."""
    return Tree(
        name="fix",
        label="Fix products",
        busy=bool(state.busy),
        children=[
            Group(name="where-now", title="Fix products", children=[badge(state.client)], row=True),
            *_steps(state),
            *state.said,
            *([Code(text=state.code)] if state.code else []),
        ],
    )


def _steps(state: FixState) -> Iterator[Node]:
    if state.client is None:
        yield Words(text="Connect first, in the form above.")
        return
    filled = Filled(state.entries, {})
    yield Group(name="products", title="1. The products", submits="search", children=[*_products(state, filled)])
    if state.picks:
        yield draw_table(state)
    if state.difference is not None or state.valve is not None:
        yield draw_difference(state, filled)
    if state.report is not None:
        yield draw_result(state, state.report, filled)


def _products(state: FixState, filled: Filled) -> Iterator[Node]:
    yield from _catalog_choice(state, filled)
    if state.known is not None and len(state.known) == 0:
        yield Words(text=_NOTHING_KNOWN)
    elif state.known is not None:
        yield from _search(state, state.known, filled)
    elif state.busy == READING:
        yield Words(text=f"{READING} ...")


def _catalog_choice(state: FixState, filled: Filled) -> Iterator[Node]:
    if state.catalogs is None:
        yield Words(text=f"{state.busy} ..." if state.busy else "The catalogs are not known yet.")
    elif not state.catalogs:
        yield Words(text="The account has no catalog yet. Make one and upload products, then look again.")
    else:
        options = [(catalog.id, f"{catalog.name} ({catalog.currency})") for catalog in state.catalogs]
        if state.catalog is None:
            options = [("", "(choose)"), *options]
        yield filled.choice("catalog", "Catalog", options=options)
    again = Button(name="look", label="Look again", disabled="look" not in state.actions)
    yield Group(name="products-go", row=True, children=[again])


def _search(state: FixState, known: KnownProducts, filled: Filled) -> Iterator[Node]:
    hint = "Words of the id, name, category or brand; empty for all."
    yield filled.text("search", "Search", hint=hint)
    button = Button(
        name="search",
        label="Searching ..." if state.busy == "Searching" else "Search",
        tone="plain" if state.picks else "primary",
        disabled="search" not in state.actions,
    )
    yield Group(name="search-go", row=True, children=[button])
    if not state.hits:
        if not state.busy:
            yield Words(text=f"None of the {len(known):,} products has all these words.")
        return
    yield Table(
        name="hits",
        caption=_caption(state.page, known),
        columns=["Change it", "Id", "Name", *LABELS.values()],
        rows=[_hit(hit, filled) for hit in state.hits],
    )
    yield from draw_pager(state.page, FOUND, state.actions)
    if state.page.total > 1:
        label = f"Pick all {state.page.total:,}" if state.page.total <= MOST_PICKS else f"Pick the first {MOST_PICKS:,}"
        label = "Picking ..." if state.busy == "Picking" else label
        everything = Button(name="pick all", label=label, disabled="pick all" not in state.actions)
        yield Group(name="pick-go", row=True, children=[everything])


def _caption(page: Page, known: KnownProducts) -> str:
    if page.total > PAGE_ROWS:
        return f"{page.words} products found ({len(known):,} in the catalog)"
    return f"{page.total:,} of {len(known):,} products"


def _hit(hit: Stored, filled: Filled) -> list[str | Node]:
    tick = filled.tick(PICK + hit.product_id, f"Change {title(hit)}")
    return [tick, show_value(hit.product_id) or "", hit.name, *(shown_stored(hit, field) for field in LABELS)]
