"""What of a notebook stands on its page: all but what speaks of cells and code."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_markdown_cell

__all__ = ["FOR_NOTEBOOKS_ONLY", "shown_on_the_page"]

#: The tag of a cell that makes sense only where cells are seen.
FOR_NOTEBOOKS_ONLY = "notebook-only"

_REMINDER = "*Keep this page open while you work: when it is closed or loaded anew, it begins from the start.*"


def shown_on_the_page(_request: Any, notebook: Any, cwd: str) -> Any:  # noqa: ARG001 - Voila calls it so
    """The notebook without the cells tagged ``notebook-only``, with its first heading as title, and a reminder."""
    notebook.cells = [cell for cell in notebook.cells if FOR_NOTEBOOKS_ONLY not in cell.metadata.get("tags", [])]
    notebook.cells.insert(1, new_markdown_cell(_REMINDER))  # type: ignore[no-untyped-call]
    titles = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    title = next((line[2:] for line in titles if line.startswith("# ")), None)
    if title is not None:
        notebook.metadata["title"] = title
    return notebook
