"""Percentages of a discount: with or without their sign, or as shares of 1, by what the whole column shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.amounts.evidence import AmountEvidence
from smnotebook.values.amounts.parsing import parse
from smnotebook.values.amounts.reading import read_money
from smnotebook.values.cells import TEXTS, Cells, as_text, is_list
from smnotebook.values.findings import Journal
from smnotebook.values.questions import Question

__all__ = ["PercentEvidence", "read_percents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentEvidence:
    """What a column of percentages shows; it adds up over chunks.

    Attributes
    ----------
    is_signed : bool
        Whether a cell names its unit, ``20 %``.
    largest : float
        The largest size, with a mark whose meaning is open taken for a decimal one; 0 where there is none.
    amounts : AmountEvidence
        What the cells show about their marks, without the signs.
    """

    is_signed: bool = False
    largest: float = 0.0
    amounts: AmountEvidence = field(default_factory=AmountEvidence)

    @classmethod
    def of_chunks(cls, chunks: Iterable[pa.Array]) -> PercentEvidence:
        """The evidence of a column's chunks together."""
        return reduce(cls.merged, map(cls._of, chunks), cls())

    @classmethod
    def _of(cls, column: pa.Array) -> PercentEvidence:
        column = pc.list_flatten(column.cast(TEXTS)) if is_list(column.type) else column
        parsed = parse(_bare(column))
        texts = parsed.written(decimal=np.ones(len(parsed.texts), dtype=bool)).cast(pa.float64())
        largest = max(pc.max(pc.abs(numbers)).as_py() or 0.0 for numbers in (texts, parsed.plain))
        return cls(is_signed=_is_signed(column), largest=largest, amounts=AmountEvidence.of(parsed))

    def merged(self, other: PercentEvidence) -> PercentEvidence:
        """The evidence of both."""
        return PercentEvidence(
            is_signed=self.is_signed or other.is_signed,
            largest=max(self.largest, other.largest),
            amounts=self.amounts.merged(other.amounts),
        )

    @property
    def may_be_shares(self) -> bool:
        """Whether 0.2 may stand for 20 %: no cell has a sign, and none is 1 or more."""
        return not self.is_signed and 0 < self.largest < 1


def _is_signed(column: pa.Array) -> bool:
    return bool(pc.any(pc.match_substring(as_text(column), "%")).as_py())


def _bare(column: pa.Array) -> pa.Array:
    """The column without its signs, if it has any."""
    if not _is_signed(column):
        return column
    return pc.replace_substring_regex(as_text(column), r"[\s\x{a0}]*%[\s\x{a0}]*", "")


def read_percents(
    column: pa.Array, journal: Journal, *, field: str, name: str | None = None, sure: bool = False
) -> Cells:
    """Percentages as numbers above 0: ``-20 %`` takes off as much as ``20 %``.

    A column with nothing above 1 and no sign in the whole source may hold shares, 0.2 for 20 %: it is asked about, and
    read as nothing, unless ``sure`` says that it holds percentages.
    """
    survey, seen = journal.amounts.survey, PercentEvidence()
    if survey is not None and name is not None:
        seen = reduce(
            PercentEvidence.merged, (survey.shown(part, PercentEvidence.of_chunks) for part in name.split(", "))
        )
        if seen.is_signed:
            # with their signs on, the cells showed nothing
            survey.evidence[name] = seen.amounts
    if not seen.amounts.by_currency:  # nobody surveyed it, or it was made of others
        seen = PercentEvidence.of_chunks([column])
    read = read_money(_bare(column), journal, field=field, name=name)
    values = pc.abs(read.values.cast(pa.float64(), safe=False))
    if sure or not seen.may_be_shares:
        return Cells(values=values, unread=read.unread)
    shown = values.filter(pc.greater(values, 0))
    if len(shown):
        first = shown[0].as_py()
        journal.ask(
            Question(
                code="percent_or_fraction",
                field="discountPrice",
                column=name,
                readings=(f"{first:g} %", f"{first * 100:g} %"),
                examples=(f"{first:g}",),
                count=len(shown),
                argument="the transform fraction, or percent:sure, for discountPercentage in a mapping",
                reason="no cell is above 1, so that the column may hold shares of 1",
            )
        )
    return Cells(values=pa.nulls(len(values), pa.float64()))
