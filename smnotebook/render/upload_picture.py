"""A picture of an upload: requests over time, waits and repeated attempts."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from smnotebook.render.picture import Picture

__all__ = ["draw_upload"]

Attempt = tuple[float, float, int | None, int]
"""Seconds from the start to the attempt's end, its length, its HTTP status (None for no answer), its number."""


def draw_upload(attempts: Sequence[Attempt]) -> Figure:
    """Each attempt as a dot at its end, as high as it took long; below, how many requests were answered by then."""
    figure = Picture(figsize=(8, 4.5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    for name, colour, marker, chosen in (
        ("answered", "tab:blue", "o", [a for a in attempts if _is_answered(a) and a[3] == 1]),
        ("answered after repeats", "tab:green", "s", [a for a in attempts if _is_answered(a) and a[3] > 1]),
        ("busy (429, 503)", "tab:orange", "^", [a for a in attempts if a[2] in (429, 503)]),
        ("no answer, or none that can be read", "tab:red", "x", [a for a in attempts if _is_lost(a)]),
    ):
        if chosen:
            above.scatter([a[0] for a in chosen], [a[1] for a in chosen], c=colour, marker=marker, s=16, label=name)
    ends = sorted(a[0] for a in attempts if _is_answered(a))
    below.step([0.0, *ends], range(len(ends) + 1), where="post")
    above.set_ylabel("seconds an attempt took")
    below.set_ylabel("requests answered")
    below.set_xlabel("seconds since the upload began")
    if above.collections:
        above.legend(loc="best", fontsize="small")
    else:
        above.set_title("No request was made")
    return figure


def _is_answered(attempt: Attempt) -> bool:
    status = attempt[2]
    return status is not None and (200 <= status < 300 or status == 400)


def _is_lost(attempt: Attempt) -> bool:
    return not _is_answered(attempt) and attempt[2] not in (429, 503)
