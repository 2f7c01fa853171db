"""EventReport: what became of every event, drawn by type, value and reason; saved without an address in clear."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smnotebook.contract.event_drafts import PERSONAL_FIELDS
from smnotebook.frame.display import harmless_in_a_spreadsheet
from smnotebook.frame.event_table import EventColumns
from smnotebook.frame.masking import mask_cells, mask_index
from smnotebook.frame.outcome import Status, UploadReport
from smnotebook.frame.table import CanonicalTable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ContactReport", "EventReport", "save_masked"]


@dataclass(frozen=True, kw_only=True, repr=False)
class EventReport(UploadReport):
    """What became of every event; *unchanged* are those that were not sent again: accepted before, or copies.

    Attributes
    ----------
    events : EventColumns
        The events as they were read.
    """

    events: EventColumns = field(repr=False)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the rejected rows as CSV in UTF-8, all that says who a contact is shortened."""
        save_masked(self.rejected, self.events.rows_as_given, path)

    def plot(self) -> Figure:
        """Draw the events' types over time, their value by type, and the reasons of those refused.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from smnotebook.render.events_picture import draw_events  # matplotlib loads when first used

        table = self.events.rows_as_given
        summary = self._summary()
        return draw_events(
            kinds=_cells(table, "type"),
            moments=_cells(table, "date").astype("datetime64[ms]"),
            values=_cells(table, "value").astype(float),
            outcomes=np.array([status.name.lower() for status in Status], dtype=object)[self.outcomes.status],
            reasons=summary.reasons,
            headline=f"{summary.rows:,} events to {summary.catalog}",
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class ContactReport(UploadReport):
    """What became of every contact."""

    contacts: CanonicalTable = field(repr=False)

    def to_csv(self, path: str | PathLike[str]) -> None:
        """Write the rejected rows as CSV in UTF-8, all that says who a contact is shortened."""
        save_masked(self.rejected, self.contacts, path)


def _cells(table: CanonicalTable, path: str) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    values = table.find(path)
    cells = np.empty(table.rows, dtype=object)
    cells[:] = None if values is None else values.to_pylist()
    return cells


def save_masked(rows: pd.DataFrame, table: CanonicalTable, path: str | PathLike[str]) -> None:
    """Write rows as CSV with personal columns shortened; what a spreadsheet would run gets an apostrophe."""
    masked = rows.set_axis(mask_index(rows.index))
    for column in table.columns:
        binding = column.binding
        if binding.field.partition(".")[0] in PERSONAL_FIELDS:
            masked.isetitem(binding.position, mask_cells(masked.iloc[:, binding.position]))
    masked.map(harmless_in_a_spreadsheet).to_csv(path, encoding="utf-8-sig")
