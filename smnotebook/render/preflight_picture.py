"""The preflight report as a picture: where in the file, which fields, which reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from smnotebook.render.picture import Picture
from smnotebook.render.preflight import PreflightSummary, SummaryLine, headline

__all__ = ["draw_preflight"]

#: Strips the file is cut into along its length.
STRIPS = 80

#: Bars drawn for errors, and for warnings; what is left over is counted below them.
MOST_BARS = {"error": 12, "warning": 6}

_COLOURS = {"error": "#b3261e", "warning": "#c77700"}


def draw_preflight(summary: PreflightSummary, places: Mapping[SummaryLine, npt.NDArray[np.int64]]) -> Figure:
    """Draw a report; the figure belongs to no pyplot state, so it may be made in any thread.

    Parameters
    ----------
    places : mapping of SummaryLine to ndarray of int64
        Row positions of each line's findings.
    """
    bars, hidden = _bars(summary.lines)
    height = 0.27 * max(len(bars), 2)
    figure = Picture(figsize=(9, 3.1 + height), layout="constrained")
    figure.suptitle(headline(summary), fontsize=11, fontweight="bold", x=0.01, ha="left")
    errors, warnings, reasons = figure.subplots(3, 1, height_ratios=[0.8, 0.8, height])
    _draw_places(errors, "error", summary.rows, places)
    _draw_places(warnings, "warning", summary.rows, places)
    warnings.set_xlabel("row position in the table")
    _draw_reasons(reasons, bars, hidden)
    return figure


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    label: str
    severity: str
    count: int


def _bars(lines: Sequence[SummaryLine]) -> tuple[Sequence[_Bar], int]:
    """The longest bars of each severity, errors first, and how many are left out."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in lines:  # several columns may hold one field
        counts[line.severity, _label(line)] += line.count
    shown = []
    for severity, most in MOST_BARS.items():
        of_severity = [(label, count) for (kind, label), count in counts.most_common() if kind == severity]
        shown += [_Bar(label=label, severity=severity, count=count) for label, count in of_severity[:most]]
    return shown, len(counts) - len(shown)


def _label(line: SummaryLine) -> str:
    code = "" if line.reason_code is None else f" [{line.reason_code}]"
    text = f"{line.field or line.column}{code}: {line.message}"
    shortened = text if len(text) <= 64 else text[:63] + "…"
    return shortened.replace("$", r"\$")  # a dollar sign would begin a formula


def _draw_places(axes: Axes, severity: str, rows: int, places: Mapping[SummaryLine, npt.NDArray[np.int64]]) -> None:
    edges = np.linspace(0, max(rows, 1), min(STRIPS, max(rows, 1)) + 1)
    parts = [positions for line, positions in places.items() if line.severity == severity]
    counts = np.histogram(np.concatenate([np.empty(0), *parts]), bins=edges)[0]
    axes.bar(edges[:-1], counts, width=np.diff(edges), align="edge", color=_COLOURS[severity])
    axes.set_xlim(0, max(rows, 1))
    axes.set_ylim(0, max(int(counts.max()), 1))
    axes.set_ylabel(f"{severity}s", rotation=0, ha="right", va="center")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
    axes.spines[["top", "right"]].set_visible(False)


def _draw_reasons(axes: Axes, bars: Sequence[_Bar], hidden: int) -> None:
    if not bars:
        axes.text(0.5, 0.5, "nothing to mend", ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
        return
    counts = [bar.count for bar in bars]
    drawn = axes.barh(range(len(bars)), counts, color=[_COLOURS[bar.severity] for bar in bars])
    axes.bar_label(drawn, labels=[f"{count:,}" for count in counts], padding=3, fontsize=8)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars], fontsize=8)
    axes.invert_yaxis()
    if max(counts) > 100 * min(counts):
        axes.set_xscale("log")
    axes.margins(x=0.12)
    more = f"; {hidden} smaller kinds are not drawn" if hidden else ""
    axes.set_xlabel(f"findings{more}")
    axes.spines[["top", "right"]].set_visible(False)
