"""Category paths: which mark stands between their levels, one main category and the others.

A mark is taken for one only where the column proves it: names hold slashes and commas, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smnotebook.values.cells import as_text, is_list, one_array
from smnotebook.values.entries import Entries, split_entries
from smnotebook.values.plain_text import decode_markup

__all__ = ["MainCategory", "PathEvidence", "SplitCategories", "split_at_roots", "split_paths"]

MainCategory = Literal["deepest", "first"]

#: Marks that names hardly ever hold, and the share of the texts that must hold one.
_SURE = (">", "»", "|")
_SHARE = 0.05
#: Marks that names hold as well; the wider one first, since the narrow one is a part of it.
_DOUBTFUL = (" / ", "/")

#: Distinct texts that are remembered; a shop has few categories, and more prove no more.
_MOST_TEXTS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitCategories:
    """The main category of each row, and the other level names of its paths in the order they came."""

    main: pa.Array
    others: Entries


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEvidence:
    """The distinct texts of a column of categories, gathered over all of its chunks."""

    texts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, column: pa.Array | pa.ChunkedArray) -> PathEvidence:
        """What one chunk shows; lists show their entries."""
        flat = one_array(column)
        texts = split_entries(flat).texts if is_list(flat.type) else as_text(flat).drop_null()
        return cls(texts=frozenset(map(decode_markup, pc.unique(texts).slice(0, _MOST_TEXTS).to_pylist())))

    @classmethod
    def of_chunks(cls, columns: Iterable[pa.Array]) -> PathEvidence:
        """What all chunks show together."""
        return reduce(cls.merged, map(cls.of, columns), cls())

    def merged(self, other: PathEvidence) -> PathEvidence:
        """What both show together."""
        if len(self.texts) >= _MOST_TEXTS:
            return self
        return PathEvidence(texts=self.texts | other.texts)

    def parted(self, separator: str, roots: Collection[str] = ()) -> PathEvidence:
        """The evidence of the single paths, where a cell holds several."""
        texts = pa.array(sorted(self.texts), pa.large_string())
        paths = split_at_roots(texts, separator, roots) if roots else split_entries(texts, separator)
        return PathEvidence(texts=frozenset(paths.texts.to_pylist()))

    def roots(self, mark: str, known: Iterable[str]) -> tuple[str, ...]:
        """The levels that paths begin with, where one of them is a shop's known root; none where it isn't."""
        first = {text.partition(mark)[0].strip() for text in self.texts if mark in text}
        return tuple(sorted(name for name in first if "," not in name)) if first & set(known) else ()

    def mark(self, declared: str = "", *, roots: Collection[str] = ()) -> str | None:
        """What stands between the levels; None where the column proves no mark.

        Parameters
        ----------
        declared : str
            What the shop's declaration says; a slash must be proven all the same.
        roots : collection of str
            Levels that every path begins with: they prove the declared mark.
        """
        if declared and (declared in _SURE or roots):
            return declared
        for mark in _SURE:
            if any(mark in text for text in self.texts) and self._share(mark) >= _SHARE:
                return mark
        wanted = [mark for mark in _DOUBTFUL if not declared or mark.strip() == declared]
        return next((mark for mark in wanted if self._is_proven(mark)), None)

    def _share(self, mark: str) -> float:
        return sum(mark in text for text in self.texts) / max(len(self.texts), 1)

    def _is_proven(self, mark: str) -> bool:
        """Whether the texts make a tree: most have levels, and most of these share their first with another text."""
        held = [_levels(text, mark) for text in self.texts]
        paths = [levels for levels in held if len(levels) > 1]
        firsts = Counter(levels[0] for levels in paths)
        tops = firsts.keys() & {levels[0] for levels in held if len(levels) == 1}
        shared = sum(firsts[levels[0]] > 1 or levels[0] in tops for levels in paths)
        return shared > 0 and 2 * shared >= len(paths) and 2 * (len(paths) + len(tops)) >= len(held)


def _levels(text: str, mark: str) -> list[str]:
    return [level.strip() for level in re.split(rf"(?<!\\){re.escape(mark)}", text) if level.strip()]


# Stands between paths that were parted at a root.
_PARTED = "\x1d"


def split_at_roots(column: pa.Array, separator: str, roots: Collection[str]) -> Entries:
    """The paths of cells that hold several: the separator counts only before a root, as names may hold it, too."""
    names = "|".join(map(re.escape, sorted(roots, key=len, reverse=True)))
    pattern = rf"{re.escape(separator)}\s*((?:{names})(?:[/{re.escape(separator)}]|$))"
    texts = as_text(column)
    for _ in range(2):  # a root that stands alone ends where the next one begins
        texts = pc.replace_substring_regex(texts, pattern, _PARTED + r"\1")
    return split_entries(texts, _PARTED)


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
    if mark != "/":  # an escaped slash is a slash, whatever stands between the levels
        levels = replace(levels, texts=pc.replace_substring(levels.texts, r"\/", "/"))
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
