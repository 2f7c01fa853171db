"""Category paths: one main category and the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import mask_of
from smnotebook.values.entries import Entries, split_entries

__all__ = ["MainCategory", "SplitCategories", "level_mark", "split_paths"]

MainCategory = Literal["deepest", "first"]

_MARKS = (" > ", ">", " / ", " | ", "|", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitCategories:
    """The main category of each row, and the other level names of its paths in the order they came."""

    main: pa.Array
    others: Entries


def level_mark(texts: pa.Array) -> str | None:
    """What stands between the levels of the paths: the first usual mark that a fair share of them holds."""
    sample = texts.drop_null().slice(0, 1000)
    for mark in _MARKS:
        if len(sample) and mask_of(pc.match_substring(sample, mark)).mean() >= 0.05:
            return mark.strip()
    return None


def split_paths(paths: Entries, *, mark: str | None, main: MainCategory = "deepest") -> SplitCategories:
    """Take paths apart.

    Parameters
    ----------
    mark : str or None
        What stands between the levels; None for names without levels.
    main : {"deepest", "first"}
        The main category: the last level of the row's deepest path, or the first level of its first path.
    """
    levels = split_entries(paths.texts, mark)
    rows = paths.rows[levels.rows]
    if main == "first":
        chosen = np.zeros(len(rows), dtype=bool)
        chosen[np.unique(rows, return_index=True)[1]] = True
    else:
        chosen = _ends_of_deepest(rows, levels)
    everything = Entries(rows=rows, texts=levels.texts, size=paths.size)
    main_names = everything.one_a_row(chosen)
    return SplitCategories(main=main_names, others=everything.distinct().without(main_names))


def _ends_of_deepest(rows: np.ndarray, levels: Entries) -> np.ndarray:
    """A mask of the last levels of each row's deepest path; the first path wins among equals."""
    depth = levels.places
    order = np.lexsort((np.arange(len(rows)), -depth, rows))
    chosen = np.zeros(len(rows), dtype=bool)
    if len(rows):
        chosen[order[np.unique(rows[order], return_index=True)[1]]] = True
    return chosen
