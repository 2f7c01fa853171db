"""Cells and index labels of contacts, shortened for reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smnotebook.contract.event_drafts import PERSONAL_FIELDS
from smnotebook.frame.arrow import plain_object

__all__ = ["mask_cells", "mask_index", "names_a_contact", "shorten"]


def shorten(value: object) -> object:
    """``c…@example.com`` of an address, the first letter of anything else, nothing of what is missing."""
    plain = plain_object(value)
    if plain is None or plain == "" or plain != plain:
        return None
    local, at, domain = str(plain).rpartition("@")
    return f"{local[:1]}…@{domain}" if at else f"{str(plain)[:1]}…"


def names_a_contact(field: str) -> bool:
    """Whether a field of any record says who a contact is; a product has none of these."""
    return field.partition(".")[0] in PERSONAL_FIELDS - {"name"}


def mask_cells(cells: Iterable[Any]) -> npt.NDArray[np.object_]:
    """The cells shortened."""
    shortened = [shorten(cell) for cell in cells]
    masked = np.empty(len(shortened), dtype=object)
    masked[:] = shortened
    return masked


def mask_index(index: pd.Index[Any]) -> pd.Index[Any]:
    """The index with its texts shortened, if there is an address among them; otherwise as it is."""
    if isinstance(index, pd.MultiIndex):
        levels = [index.get_level_values(number) for number in range(index.nlevels)]
        masked = [mask_index(level) for level in levels]
        same = all(new is old for new, old in zip(masked, levels, strict=True))
        return index if same else pd.MultiIndex.from_arrays(masked, names=index.names)
    if not (pd.api.types.is_object_dtype(index.dtype) or pd.api.types.is_string_dtype(index.dtype)):
        return index
    if not any(isinstance(label, str) and "@" in label for label in index):
        return index
    return pd.Index([shorten(label) for label in index], dtype=object, name=index.name)
