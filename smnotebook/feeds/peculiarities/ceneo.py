"""Ceneo: days to dispatch and stock, which may be a count or a mere yes and no."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.feeds.draft import Draft
from smnotebook.feeds.peculiarities.asking import says, text_of
from smnotebook.values.amounts.reading import read_count
from smnotebook.values.cells import Cells, as_text
from smnotebook.values.findings import Journal
from smnotebook.values.words import read_words

__all__ = ["settle"]


#: Codes of ``avail``: days until the parcel leaves, on order, ask the shop, presale.
_AVAILABLE = {"1": True, "3": True, "7": True, "14": True, "90": True, "110": True, "99": False}


def _holds_counts(chunks: Iterable[pa.Array]) -> bool:
    """Whether any stock of the source is above 1."""
    counts = (read_count(as_text(chunk), Journal(), field="quantity").values for chunk in chunks)
    return any(pc.any(pc.greater(count, 1)).as_py() for count in counts)


def settle(draft: Draft) -> None:
    """Available by code, but never where the stock is 0; a stock of only 0 and 1 is no quantity."""
    stock = read_count(text_of(draft, "@stock"), draft.journal.quiet(), field="quantity", name="@stock").values
    codes = read_words(text_of(draft, "@avail"), _AVAILABLE, pa.bool_(), draft.journal, field="available", quiet=True)
    survey, name = draft.journal.amounts.survey, draft.columns.find("@stock")
    if survey is not None and name is not None and survey.shown(name, _holds_counts):
        draft.cells["quantity"] = Cells(values=stock)
    available = pc.coalesce(codes.values, pc.greater(stock, 0))
    draft.cells["available"] = Cells(values=pc.and_kleene(available, pc.fill_null(pc.greater(stock, 0), True)))  # noqa: FBT003
    asked = says(draft, ("@avail",), "99")
    if asked.any():
        message = "code 99 (ask the shop) is taken for not available"
        draft.journal.add("warned", message, count=asked.sum(), field="available", column="@avail")
