"""A matplotlib figure that a notebook shows by itself."""

from __future__ import annotations

from io import BytesIO

from matplotlib.figure import Figure

__all__ = ["Picture"]


class Picture(Figure):
    """A figure of no pyplot state: it may be made in any thread, and keeps no memory once it is let go.

    IPython draws figures only after pyplot was imported; this one brings its own PNG.
    """

    def _repr_png_(self) -> bytes:
        file = BytesIO()
        self.savefig(file, format="png", dpi=100)
        return file.getvalue()
