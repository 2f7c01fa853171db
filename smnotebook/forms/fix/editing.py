"""The second part of FixForm without its looks: the table of products picked, changed cell by cell or all at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial

from smnotebook.client import Client
from smnotebook.forms.connection import Connected
from smnotebook.forms.fix.bulk import BULK_CHANGES, BulkChange, change_all, read_number
from smnotebook.forms.fix.cells import Row, entries_of, entry_name, read_row, written
from smnotebook.forms.fix.paging import Page
from smnotebook.forms.fix.picking import PickingState
from smnotebook.forms.fix.products import LABELS, Stored
from smnotebook.forms.state import Run, Secrets

__all__ = ["BULK", "BULK_VALUE", "REMOVE", "ROWS", "EditingState"]

#: What the names of the buttons of rows begin with, and what the pages of the table are called.
REMOVE, ROWS = "remove ", "rows"
#: The fields that change all rows: what is to be done, and the number it needs.
BULK, BULK_VALUE = "bulk", "bulk value"
_CELLS = tuple(entry_name(field, "") for field in LABELS)


class EditingState(PickingState):
    """Rows that are read again only where something was typed into them.

    Attributes
    ----------
    table : Page
        The part of the table that is shown.
    """

    def __init__(self, source: Client | Connected, entries: Mapping[str, str | bool], *, run: Run) -> None:
        self.table = Page()
        self._rows: dict[str, Row] = {}
        super().__init__(source, {BULK: next(iter(BULK_CHANGES)), BULK_VALUE: "", **entries}, run=run)

    @abstractmethod
    def table_changed(self) -> None:
        """Called when a product came or went, or something was typed into the table."""

    # --- what the fields say -----------------------------------------------------------------------------------

    @property
    def rows(self) -> list[Row]:
        """The whole table."""
        return list(self._rows.values())

    @property
    def has_errors(self) -> bool:
        """Whether something in the table would be refused."""
        return any(row.errors for row in self._rows.values())

    @property
    def has_changes(self) -> bool:
        """Whether something in the table differs from what is stored."""
        return any(row.changed for row in self._rows.values())

    @property
    def bulk(self) -> BulkChange:
        """What is to be done to all rows."""
        return BULK_CHANGES.get(self.entries.text(BULK)) or next(iter(BULK_CHANGES.values()))

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong with the number for all rows."""
        text = self.entries.text(BULK_VALUE)
        number = read_number(self.bulk, text)
        return {BULK_VALUE: number} if text and isinstance(number, str) else {}

    def react(self, name: str) -> None:
        """What is typed into a cell concerns its own row."""
        super().react(name)
        if name.startswith(_CELLS):
            self._read_again([name.partition(" ")[2]])

    @property
    def ways_to_edit(self) -> dict[str, Callable[[Secrets], None]]:
        """What may be done to the table."""
        actions: dict[str, Callable[[Secrets], None]] = {
            REMOVE + row.product.product_id: partial(self._remove, row.product.product_id) for row in self.shown_rows
        }
        actions |= {f"{way} {ROWS}": partial(self._turn_table, first) for way, first in self.table.ways}
        if self.picks:
            actions["remove all"] = self._remove_all
            if isinstance(read_number(self.bulk, self.entries.text(BULK_VALUE)), Decimal):
                actions["apply"] = self._apply
        if self.has_changes:
            actions["reset"] = self._reset
        if self.has_errors:
            actions["show marked"] = self._show_marked
        return actions

    @property
    def shown_rows(self) -> Sequence[Row]:
        """The rows of the page."""
        return self.table.of(self.rows)

    # --- rows come and go --------------------------------------------------------------------------------------

    def picks_changed(self, products: Sequence[Stored]) -> None:
        """Rows for what was picked, none for what was left out."""
        for product in products:
            if product.product_id in self.picks:
                self._fill(product)
            else:
                self._rows.pop(product.product_id, None)
        if not self.picks:
            for group in _CELLS:
                self.entries.replace_group(group, {})
        self.table = self.table.at(self.table.first, len(self._rows))
        if products:
            self.table_changed()

    def _fill(self, product: Stored, kept: Iterable[str] = ()) -> None:
        """What is stored, but for the fields that are kept as they were typed."""
        named = {entry_name(field, product.product_id) for field in kept}
        for name, value in entries_of(product).items():
            if name not in named:
                self.entries.put(name, value)
        self._rows[product.product_id] = read_row(product, self.entries)

    def _read_again(self, product_ids: Iterable[str]) -> None:
        for product_id in product_ids:
            if product_id in self.picks:
                self._rows[product_id] = read_row(self.picks[product_id], self.entries)
        self.table_changed()

    def renew(self, fresh: Mapping[str, Stored]) -> None:
        """Take over what is stored now; what somebody typed and is not stored yet stays."""
        self.hits = [fresh.get(hit.product_id, hit) for hit in self.hits]
        for row in self.rows:
            product = fresh.get(row.product.product_id, row.product)
            self.picks[product.product_id] = product
            self._fill(product, kept=row.changed)

    # --- what the buttons do -----------------------------------------------------------------------------------

    def _remove(self, product_id: str, _secrets: Secrets) -> None:
        self.leave_out([product_id])

    def _remove_all(self, _secrets: Secrets) -> None:
        self.leave_out(self.picks)

    def _turn_table(self, first: int, _secrets: Secrets) -> None:
        self.table = self.table.at(first, len(self._rows))

    def _show_marked(self, _secrets: Secrets) -> None:
        place = next(place for place, row in enumerate(self.rows) if row.errors)
        self._turn_table(place, {})

    def _reset(self, _secrets: Secrets) -> None:
        for row in self.rows:
            if row.changed:
                self._fill(row.product)
        self.table_changed()

    def _apply(self, _secrets: Secrets) -> None:
        change, number = self.bulk, read_number(self.bulk, self.entries.text(BULK_VALUE))
        if isinstance(number, str):
            return
        values = change_all(change, self.rows, number)
        for product_id, value in values.items():
            entry = value is True if change.field == "available" else written(value)
            self.entries.put(entry_name(change.field, product_id), entry)
        self._read_again(values)
        left = len(self.rows) - len(values)
        words = f"{change.label}: done for {len(values):,} {'row' if len(values) == 1 else 'rows'} of the table."
        self.say(words + (f" {left:,} had nothing to change there." if left else ""))
