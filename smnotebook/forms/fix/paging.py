"""Long lists in pages: where one stands, and the buttons that lead to its neighbours."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from smnotebook.forms.panel import Button, Group, Node

__all__ = ["PAGE_ROWS", "Page", "draw_pager"]

_T = TypeVar("_T")

#: Rows of a page: with more of them an answer to a keystroke takes longer than a person should notice.
PAGE_ROWS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list; ``first`` is the place of its first entry."""

    first: int = 0
    total: int = 0

    @property
    def last(self) -> int:
        """The place behind its last entry."""
        return min(self.first + PAGE_ROWS, self.total)

    @property
    def words(self) -> str:
        """Which entries it shows, for people."""
        if self.total <= PAGE_ROWS:
            return f"{self.total:,}"
        return f"{self.first + 1:,} to {self.last:,} of {self.total:,}"

    def of(self, entries: Sequence[_T]) -> Sequence[_T]:
        """Its part of the list."""
        return entries[self.first : self.last]

    def at(self, place: int, total: int) -> Page:
        """The page on which an entry is; the last one where there is no such entry any more."""
        wanted = max(min(place, total - 1), 0)
        return Page(first=wanted - wanted % PAGE_ROWS, total=total)

    @property
    def ways(self) -> Iterator[tuple[str, int]]:
        """``earlier`` and ``later``, as far as there are such pages, and where they begin."""
        if self.first > 0:
            yield "earlier", self.first - PAGE_ROWS
        if self.last < self.total:
            yield "later", self.last


def draw_pager(page: Page, what: str, actions: Container[str]) -> list[Node]:
    """Its two buttons, called after ``what`` they turn over; none where there is one page only."""
    if page.total <= PAGE_ROWS:
        return []
    labels = {"earlier": f"Previous {PAGE_ROWS}", "later": f"Next {PAGE_ROWS}"}
    buttons = [
        Button(name=f"{way} {what}", label=label, spoken=f"{label} {what}", disabled=f"{way} {what}" not in actions)
        for way, label in labels.items()
    ]
    return [Group(name=f"{what}-pager", row=True, children=buttons)]
