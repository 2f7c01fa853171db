"""A diff as a picture: which fields change, and where the prices go."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from smnotebook.render.diff import DiffSummary, headline
from smnotebook.render.picture import Picture

__all__ = ["draw_diff"]

#: Fields drawn; the others are counted below them.
MOST_FIELDS = 12

_COLOUR = "#1f5fa8"


def draw_diff(summary: DiffSummary, before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> Figure:
    """Draw a diff; ``before`` and ``after`` are the prices that change, NaN where one is absent."""
    figure = Picture(figsize=(9, 4), layout="constrained")
    figure.suptitle(headline(summary).replace("$", r"\$"), fontsize=10, fontweight="bold", x=0.01, ha="left")
    fields, prices = figure.subplots(1, 2)
    _draw_fields(fields, summary)
    _draw_prices(prices, before, after)
    return figure


def _draw_fields(axes: Axes, summary: DiffSummary) -> None:
    shown = summary.fields[:MOST_FIELDS]
    if not shown:
        axes.text(0.5, 0.5, "nothing differs", ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    bars = axes.barh(range(len(shown)), [count for _, count in shown], color=_COLOUR)
    axes.bar_label(bars, labels=[f"{count:,}" for _, count in shown], padding=3, fontsize=8)
    axes.set_yticks(range(len(shown)), [name.replace("$", r"\$") for name, _ in shown], fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    hidden = len(summary.fields) - len(shown)
    axes.set_xlabel("values that differ" + (f"; {hidden} fields with fewer are not drawn" if hidden else ""))
    axes.spines[["top", "right"]].set_visible(False)


def _draw_prices(axes: Axes, before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> None:
    there = np.isfinite(before) & np.isfinite(after) & (before > 0) & (after > 0)
    if not there.any():
        axes.text(0.5, 0.5, "no price changes", ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    axes.scatter(before[there], after[there], s=9, alpha=0.5, color=_COLOUR, linewidths=0)
    ends = np.array([min(before[there].min(), after[there].min()), max(before[there].max(), after[there].max())])
    axes.plot(ends, ends, color="#888888", linewidth=1, label="unchanged")
    axes.plot(ends, ends * 2, color="#b3261e", linewidth=1, linestyle="--", label="twice, half")
    axes.plot(ends, ends / 2, color="#b3261e", linewidth=1, linestyle="--")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("price before")
    axes.set_ylabel("price after")
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
