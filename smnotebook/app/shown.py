"""What of a notebook stands on its page: all but what speaks of cells and code."""

from __future__ import annotations

from typing import Any

__all__ = ["FOR_NOTEBOOKS_ONLY", "shown_on_the_page"]

#: The tag of a cell that makes sense only where cells are seen.
FOR_NOTEBOOKS_ONLY = "notebook-only"


def shown_on_the_page(_request: Any, notebook: Any, cwd: str) -> Any:  # noqa: ARG001 - Voila calls it so
    """The notebook without the cells tagged ``notebook-only``, and with its first heading as title."""
    notebook.cells = [cell for cell in notebook.cells if FOR_NOTEBOOKS_ONLY not in cell.metadata.get("tags", [])]
    titles = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    title = next((line[2:] for line in titles if line.startswith("# ")), None)
    if title is not None:
        notebook.metadata["title"] = title
    return notebook
