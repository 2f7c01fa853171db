"""Events as a picture: types over time, value by type, and what was refused."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from smnotebook.render.picture import Picture

__all__ = ["draw_events"]

#: Types that have a colour of their own; the others are drawn together.
MOST_TYPES = 8
_OTHERS = "all others"
_BINS = 40
_MOST_REASONS = 8
_COLOURS = ("#1b6ca8", "#e08e0b", "#2f8f4e", "#9c4f96", "#b3261e", "#5b8c85", "#8a6d3b", "#4a4e69", "#9aa0a6")
_OUTCOME_COLOURS = {"sent": "#2f8f4e", "unchanged": "#9aa0a6", "refused": "#b3261e", "unknown": "#c77700"}


def draw_events(
    *,
    kinds: npt.NDArray[np.object_],
    moments: npt.NDArray[np.datetime64],
    values: npt.NDArray[np.float64],
    outcomes: npt.NDArray[np.object_],
    reasons: Sequence[tuple[str, int]],
    headline: str,
) -> Figure:
    """Draw a report; the figure belongs to no pyplot state, so it may be made in any thread.

    Parameters
    ----------
    kinds, moments, values, outcomes
        One entry an event; a type may be None, a moment NaT, a value NaN.
    reasons : sequence of (str, int)
        Messages of refused rows, each with its count.
    """
    names = _grouped(kinds)
    shown = list(dict.fromkeys([*sorted(set(names) - {_OTHERS}), *([_OTHERS] if _OTHERS in names else [])]))
    figure = Picture(figsize=(9, 6.6), layout="constrained")
    figure.suptitle(headline, fontsize=11, fontweight="bold", x=0.01, ha="left")
    grid = figure.add_gridspec(3, 2, height_ratios=[1.3, 1, 1])
    _draw_times(figure.add_subplot(grid[0, :]), names, moments, shown)
    _draw_values(figure.add_subplot(grid[1, 0]), names, values, shown)
    _draw_outcomes(figure.add_subplot(grid[1, 1]), outcomes)
    _draw_reasons(figure.add_subplot(grid[2, :]), reasons)
    return figure


def _grouped(kinds: npt.NDArray[np.object_]) -> npt.NDArray[Any]:
    """Each event's type as text, the rarer ones put together."""
    named = np.array(["no type" if kind is None else str(kind) for kind in kinds], dtype=object)
    found, counts = np.unique(named.astype(str), return_counts=True)
    rare = found[np.argsort(-counts, kind="stable")][MOST_TYPES:]
    named[np.isin(named.astype(str), rare)] = _OTHERS
    return named.astype(str)


def _draw_times(axes: Axes, names: npt.NDArray[Any], moments: npt.NDArray[np.datetime64], shown: Sequence[str]) -> None:
    axes.set_title("when, by type (UTC)", loc="left", fontsize=10)
    dated = ~np.isnat(moments)
    if not dated.any():
        _say(axes, "no event has a date")
        return
    numbers = date2num(moments[dated])  # type: ignore[no-untyped-call]
    parts = [numbers[names[dated] == name] for name in shown]
    axes.hist(parts, bins=_BINS, stacked=True, label=list(shown), color=_COLOURS[: len(shown)])
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.set_ylabel("events")
    axes.legend(fontsize=8, frameon=False, ncols=len(shown), loc="lower right", bbox_to_anchor=(1, 0.99))


def _draw_values(axes: Axes, names: npt.NDArray[Any], values: npt.NDArray[np.float64], shown: Sequence[str]) -> None:
    axes.set_title("value by type", loc="left", fontsize=10)
    sums = [float(np.nansum(values[names == name])) for name in shown]
    if not any(sums):
        _say(axes, "no event has a value")
        return
    axes.barh(list(shown), sums, color=_COLOURS[: len(shown)])
    axes.invert_yaxis()
    axes.tick_params(labelsize=8)


def _draw_outcomes(axes: Axes, outcomes: npt.NDArray[np.object_]) -> None:
    axes.set_title("what became of them", loc="left", fontsize=10)
    counts = [int(np.count_nonzero(outcomes == name)) for name in _OUTCOME_COLOURS]
    bars = axes.barh(list(_OUTCOME_COLOURS), counts, color=list(_OUTCOME_COLOURS.values()))
    axes.bar_label(bars, labels=[f"{count:,}" for count in counts], fontsize=8, padding=3)
    axes.margins(x=0.15)
    axes.invert_yaxis()
    axes.tick_params(labelsize=8)


def _draw_reasons(axes: Axes, reasons: Sequence[tuple[str, int]]) -> None:
    axes.set_title("refused, by reason", loc="left", fontsize=10)
    if not reasons:
        _say(axes, "nothing was refused")
        return
    # a text with a dollar sign would be read as a formula
    shown = reasons[:_MOST_REASONS]
    axes.barh(range(len(shown)), [count for _, count in shown], color="#f0c9c6")
    for place, (reason, count) in enumerate(shown):
        # a text with a dollar sign would be read as a formula
        words = textwrap.shorten(f"{count:,} x {reason}", 110).replace("$", r"\$")
        axes.text(0.01, place, words, transform=axes.get_yaxis_transform(), va="center", fontsize=8)
    axes.set_ylim(max(len(shown), 3) - 0.5, -0.5)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize=8)


def _say(axes: Axes, words: str) -> None:
    axes.text(0.5, 0.5, words, ha="center", va="center", transform=axes.transAxes, color="#6b6b6b")
    axes.set_axis_off()
    axes.set_title(axes.get_title(loc="left"), loc="left", fontsize=10)
