"""What preflight found, in columnar form: a rule and the cells that break it, or a fault of the whole table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from smnotebook.contract.reasons import Severity
from smnotebook.frame.arrow import plain_object, raw_cells
from smnotebook.frame.columns import Binding
from smnotebook.frame.table import CellFaults

__all__ = ["Finding", "TableFinding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule broken by some cells of one column.

    Attributes
    ----------
    binding : Binding
        The column and the field it holds.
    faults : CellFaults
        The rule and the row positions.
    cells : sequence
        The analyst's own values at those positions, as they were when the report was made.
    """

    binding: Binding
    faults: CellFaults
    cells: Any

    @classmethod
    def in_frame(cls, frame: pd.DataFrame, binding: Binding, faults: CellFaults) -> Self:
        """With the cells as they stand in the frame now."""
        return cls(binding=binding, faults=faults, cells=raw_cells(frame.iloc[:, binding.position], faults.positions))

    @property
    def severity(self) -> Severity:
        """Of the rule."""
        return self.faults.rule.severity

    def value_at(self, number: int) -> object:
        """The value that the ``number``-th fault is about: for list and dict cells the entry, not the cell."""
        cell = plain_object(self.cells[number])
        try:
            if self.faults.items is not None and self.binding.number is None:
                return cell[int(self.faults.items[number])]
            if isinstance(cell, dict):
                return cell.get(self.binding.detail or self.binding.field.rpartition(".")[2], cell)
        except (IndexError, KeyError, TypeError):
            return cell
        return cell


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFinding:
    """Something wrong with the frame as a whole.

    Attributes
    ----------
    refuses_rows : bool
        Whether no row can be sent while it stands; otherwise an error keeps only ``ok`` from being true.
    """

    field: str | None
    column: str | None
    reason_code: int | None
    severity: Severity
    message: str
    suggestion: str
    refuses_rows: bool = True
